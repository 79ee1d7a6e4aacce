//! The folder of indexes: finds the one of a trace, makes a new one, and throws out old ones.

use super::fingerprint::{Fingerprint, Stamp, hash};
use super::footer::{Footer, is_whole};
use super::storage::{IndexStorage, Outcome, part};
use crate::cli::Reading;
use crate::mapped::Mapped;
use anyhow::{Context, Result};
use etcetera::BaseStrategy;
use goroscope_model::{Memory, Storage, Trace};
use std::fs::{self, File};
use std::path::{Path, PathBuf};
use std::sync::Arc;
use std::time::SystemTime;

/// Traces below this are read so quickly that an index of theirs is only made where one is asked for.
const WORTH_IT: u64 = 4 << 20;
/// What all indexes in the cache folder may take, except for the newest.
const MOST_BYTES: u64 = 20 << 30;
const ENDING: &str = ".goroscope-index";

/// Where indexes are.
#[derive(Clone, Debug)]
pub struct Cache {
    folder: PathBuf,
    least: u64,
    most: Option<u64>,
}

/// The index of a trace.
#[derive(Debug)]
pub enum Found {
    /// The trace from its index.
    Trace(Box<Trace>),
    /// There is none that can be used; if there is one, why not.
    Nothing(Option<String>),
}

impl Cache {
    /// Where the user wants indexes, if anywhere.
    pub fn of(reading: &Reading) -> Result<Option<Self>> {
        match &reading.index_dir {
            _ if reading.no_index => Ok(None),
            Some(folder) => Self::in_folder(folder).map(Some),
            None => Ok(Self::of_user()),
        }
    }

    /// Indexes in a folder of the user's choice: of all traces, and none is thrown out.
    fn in_folder(folder: &Path) -> Result<Self> {
        fs::create_dir_all(folder).with_context(|| format!("--index-dir {}", folder.display()))?;
        Ok(Self { folder: folder.to_owned(), least: 0, most: None })
    }

    /// Indexes in the user's cache folder, if there is one.
    fn of_user() -> Option<Self> {
        let folder = etcetera::choose_base_strategy().ok()?.cache_dir().join("goroscope");
        fs::create_dir_all(&folder).ok()?;
        Some(Self { folder, least: WORTH_IT, most: Some(MOST_BYTES) })
    }

    /// The trace with this content from its index, if that can be used.
    pub fn find(&self, content: &[u8], stamp: Stamp) -> Found {
        let fingerprint = Fingerprint::new(content, stamp);
        let path = self.folder.join(fingerprint.name());
        let unusable = |why| Found::Nothing(Some(format!("the index {} is not used: {why}", path.display())));
        // Asked first, because opening a pipe waits for somebody who writes into it.
        match fs::metadata(&path) {
            Ok(about) if !about.is_file() => return unusable("it is no file"),
            Ok(_) => {}
            Err(_) => return Found::Nothing(None),
        }
        let Ok(index) = File::open(&path) else { return Found::Nothing(None) };
        match open(&index, &fingerprint, content) {
            Ok(trace) => {
                // So that it is not the first to be thrown out.
                let _ = index.set_modified(SystemTime::now());
                Found::Trace(Box::new(trace))
            }
            Err(why) => unusable(why),
        }
    }

    /// A storage whose content becomes the index of the trace with this content.
    pub fn storage(&self, content: &[u8], stamp: Stamp) -> (Box<dyn Storage>, Outcome) {
        if (content.len() as u64) < self.least {
            return (Box::new(Memory::default()), Outcome::default());
        }
        self.make_room();
        let fingerprint = Fingerprint::new(content, stamp);
        match IndexStorage::create(&self.folder.join(fingerprint.name()), fingerprint, hash(content)) {
            Ok(storage) => {
                let outcome = storage.outcome();
                (Box::new(storage), outcome)
            }
            Err(error) => (Box::new(Memory::default()), Arc::new(Some(Err(error)).into())),
        }
    }

    /// Throws out what was not used for longest, and what a program left that was stopped.
    fn make_room(&self) {
        let Ok(entries) = fs::read_dir(&self.folder) else { return };
        let mut indexes = Vec::new();
        for entry in entries.flatten() {
            let Ok(about) = entry.metadata() else { continue };
            let Ok(used) = about.modified() else { continue };
            let name = entry.file_name().to_string_lossy().into_owned();
            let is_old = used.elapsed().is_ok_and(|age| age.as_secs() > 24 * 3600);
            if name.ends_with(ENDING) {
                indexes.push((used, about.len(), entry.path()));
            } else if name.ends_with(".partial") && is_old {
                let _ = fs::remove_file(entry.path());
            }
        }
        let Some(most) = self.most else { return };
        indexes.sort();
        let mut total: u64 = indexes.iter().map(|&(_, len, _)| len).sum();
        for (_, len, path) in indexes {
            if total <= most {
                break;
            }
            if fs::remove_file(path).is_ok() {
                total -= len;
            }
        }
    }
}

/// The trace that an index holds, or why it cannot be used.
fn open(index: &File, trace: &Fingerprint, content: &[u8]) -> Result<Trace, &'static str> {
    let map = Arc::new(Mapped::new(index).map_err(|_| "it cannot be mapped")?);
    let (footer, checksums) = Footer::of(&map)?;
    if footer.trace_len != trace.len {
        return Err("it is of another trace");
    }
    if !footer.trace_stamp.is_same(trace.stamp) && footer.trace_hash != hash(content) {
        return Err("it is of another trace");
    }
    let (blocks, tables) = footer.parts();
    if !is_whole(map.get(..tables.end).unwrap_or_default(), &checksums) {
        return Err("it is damaged");
    }
    Trace::of_bytes(&part(&map, blocks), &part(&map, tables)).ok_or("it is not whole")
}
