//! An index that is being written: the model's storage in a file. Should the disk be full, it goes on in memory.

use super::fingerprint::{Fingerprint, hash};
use super::footer::{CHUNK, Footer};
use crate::mapped::Mapped;
use goroscope_model::{SharedBytes, Storage};
use std::fs::File;
use std::io::{self, Read, Seek, SeekFrom, Write};
use std::ops::Range;
use std::path::{Path, PathBuf};
use std::sync::{Arc, Mutex};
use tempfile::NamedTempFile;

/// Bytes that are written at a time.
const PIECE: usize = 1 << 20;

/// Writes an index.
#[derive(Debug)]
pub struct IndexStorage {
    file: Option<NamedTempFile>,
    /// Bytes that are not in the file: all, if there is none.
    recent: Vec<u8>,
    /// How many are in the file.
    written: u64,
    sums: Checksums,
    /// Bytes of blocks, once they are all there.
    blocks: u64,
    path: PathBuf,
    fingerprint: Fingerprint,
    trace_hash: u64,
    outcome: Outcome,
}

/// What became of the index, told when the trace is read.
pub type Outcome = Arc<Mutex<Option<io::Result<()>>>>;

/// Checksums of chunks, as their bytes come.
#[derive(Debug, Default)]
struct Checksums {
    done: Vec<u64>,
    chunk: Vec<u8>,
}

impl Checksums {
    fn add(&mut self, bytes: &[u8]) {
        let mut rest = bytes;
        while !rest.is_empty() {
            let (now, later) = rest.split_at(rest.len().min(CHUNK - self.chunk.len()));
            self.chunk.extend_from_slice(now);
            rest = later;
            if self.chunk.len() == CHUNK {
                self.end_chunk();
            }
        }
    }

    fn end_chunk(&mut self) {
        if !self.chunk.is_empty() {
            self.done.push(hash(&self.chunk));
            self.chunk.clear();
        }
    }
}

/// Part of a mapped file.
struct Part {
    map: Arc<Mapped>,
    range: Range<usize>,
}

impl AsRef<[u8]> for Part {
    fn as_ref(&self) -> &[u8] {
        self.map.get(self.range.clone()).unwrap_or_default()
    }
}

/// A part of a mapped file as shared bytes.
pub fn part(map: &Arc<Mapped>, range: Range<usize>) -> SharedBytes {
    Arc::new(Part { map: Arc::clone(map), range })
}

impl IndexStorage {
    /// An index that will be at `path`, of a trace with this content.
    pub fn create(path: &Path, fingerprint: Fingerprint, trace_hash: u64) -> io::Result<Self> {
        let folder = path.parent().unwrap_or(Path::new("."));
        let file = tempfile::Builder::new().prefix(".").suffix(".partial").tempfile_in(folder)?;
        Ok(Self {
            file: Some(file),
            recent: Vec::with_capacity(PIECE * 2),
            written: 0,
            sums: Checksums::default(),
            blocks: 0,
            path: path.to_owned(),
            fingerprint,
            trace_hash,
            outcome: Outcome::default(),
        })
    }

    /// What becomes of it.
    pub fn outcome(&self) -> Outcome {
        Arc::clone(&self.outcome)
    }

    fn write_out(&mut self) {
        let Some(file) = &mut self.file else { return };
        match file.write_all(&self.recent) {
            Ok(()) => {
                self.sums.add(&self.recent);
                self.written += self.recent.len() as u64;
                self.recent.clear();
            }
            Err(error) => self.give_up(error),
        }
    }

    /// Takes everything into memory and goes on without the file.
    fn give_up(&mut self, error: io::Error) {
        let Some(file) = self.file.take() else { return };
        let mut all = Vec::new();
        let read = |file: &mut File, all: &mut Vec<u8>| {
            file.seek(SeekFrom::Start(0))?;
            file.take(self.written).read_to_end(all)
        };
        let mut handle = file.into_file();
        // What was written can be read: it is still in the system's memory, as a rule. If not, blocks are missing, which
        // the trace says itself.
        let _ = read(&mut handle, &mut all);
        all.resize(self.written as usize, 0);
        all.append(&mut self.recent);
        self.recent = all;
        self.written = 0;
        self.tell(Err(error));
    }

    fn tell(&self, outcome: io::Result<()>) {
        if let Ok(mut told) = self.outcome.lock() {
            *told = Some(outcome);
        }
    }

    /// Writes the rest; the tables in the file, unless the system has no room for another map of it.
    fn complete(&mut self, file: NamedTempFile, tables: &[u8]) -> io::Result<Option<SharedBytes>> {
        let mut file = file;
        file.write_all(tables)?;
        self.sums.add(tables);
        self.sums.end_chunk();
        let footer = Footer {
            blocks: self.blocks,
            tables: tables.len() as u64,
            trace_len: self.fingerprint.len,
            trace_hash: self.trace_hash,
            trace_stamp: self.fingerprint.stamp,
        };
        file.write_all(&footer.to_bytes(&self.sums.done))?;
        file.flush()?;
        let file = file.persist(&self.path).map_err(|error| error.error)?;
        Ok(Mapped::new(&file).ok().map(|map| part(&Arc::new(map), footer.parts().1)))
    }
}

impl Storage for IndexStorage {
    fn append(&mut self, bytes: &[u8]) {
        self.recent.extend_from_slice(bytes);
        if self.recent.len() >= PIECE {
            self.write_out();
        }
    }

    fn read_back(&mut self, range: Range<u64>) -> Vec<u8> {
        self.write_out();
        let len = range.end.saturating_sub(range.start);
        match &mut self.file {
            None => {
                let range = range.start as usize..(range.end as usize).min(self.recent.len());
                self.recent.get(range).unwrap_or_default().to_vec()
            }
            Some(file) => {
                let mut bytes = Vec::with_capacity(len as usize);
                let mut read = || {
                    file.seek(SeekFrom::Start(range.start))?;
                    file.as_file_mut().take(len).read_to_end(&mut bytes)?;
                    file.seek(SeekFrom::End(0)).map(drop)
                };
                if let Err(error) = read() {
                    self.give_up(error);
                    return self.read_back(range);
                }
                bytes
            }
        }
    }

    fn blocks(&mut self) -> SharedBytes {
        self.write_out();
        self.blocks = self.written + self.recent.len() as u64;
        let mapped = self.file.as_ref().filter(|_| self.blocks > 0).map(|file| Mapped::new(file.as_file()));
        match mapped {
            Some(Ok(map)) => part(&Arc::new(map), 0..self.blocks as usize),
            Some(Err(error)) => {
                self.give_up(error);
                Arc::new(std::mem::take(&mut self.recent))
            }
            None => Arc::new(std::mem::take(&mut self.recent)),
        }
    }

    fn finish(&mut self, tables: Vec<u8>) -> SharedBytes {
        let Some(file) = self.file.take() else { return Arc::new(tables) };
        match self.complete(file, &tables) {
            Ok(mapped) => {
                self.tell(Ok(()));
                mapped.unwrap_or_else(|| Arc::new(tables))
            }
            Err(error) => {
                self.tell(Err(error));
                Arc::new(tables)
            }
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    /// A storage whose file takes no bytes, or all of them.
    fn storage(writable: bool) -> (tempfile::TempDir, IndexStorage) {
        let folder = tempfile::tempdir().expect("a folder");
        let fingerprint = Fingerprint::new(b"a trace", super::super::fingerprint::Stamp::default());
        let mut storage = IndexStorage::create(&folder.path().join("index"), fingerprint, 7).expect("a file");
        if !writable && let Some(file) = storage.file.take() {
            let (_, path) = file.into_parts();
            let unwritable = File::open(&path).expect("the file");
            storage.file = Some(NamedTempFile::from_parts(unwritable, path));
        }
        (folder, storage)
    }

    #[test]
    fn what_cannot_be_written_is_kept() {
        for writable in [true, false] {
            let (folder, mut storage) = storage(writable);
            let block: Vec<u8> = (0..=255).cycle().take(PIECE / 2 + 77).collect();
            for _ in 0..5 {
                storage.append(&block);
            }
            let at = block.len() as u64 * 3 + 10;
            assert_eq!(storage.read_back(at..at + 100), block[10..110]);
            storage.append(b"the last block");
            let blocks = storage.blocks();
            let bytes: &[u8] = (*blocks).as_ref();
            assert_eq!(bytes.len(), block.len() * 5 + 14);
            assert!(bytes.starts_with(&block) && bytes.ends_with(b"the last block"));
            let tables = storage.finish(b"tables".to_vec());
            assert_eq!((*tables).as_ref(), b"tables");
            let outcome = storage.outcome().lock().expect("nobody panicked").take().expect("it is told");
            assert_eq!(outcome.is_ok(), writable);
            let index = std::fs::read(folder.path().join("index")).unwrap_or_default();
            if writable {
                let (footer, checksums) = Footer::of(&index).expect("a footer");
                assert_eq!((footer.blocks, footer.tables, footer.trace_hash), (bytes.len() as u64, 6, 7));
                assert!(super::super::footer::is_whole(&index[..footer.parts().1.end], &checksums));
            } else {
                assert!(index.is_empty());
            }
        }
    }
}
