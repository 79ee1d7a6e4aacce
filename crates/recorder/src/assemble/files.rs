//! Files that follow each other: the next begins when one is large or old enough, and the oldest are deleted.
//!
//! `trace.out` stands for `trace-000001.out`, `trace-000002.out` and so on. The numbers go on behind files that are there
//! already, which are the first to be deleted: a program that is started again and again has one set of files.

use std::collections::VecDeque;
use std::fs::File;
use std::io::{self, Write};
use std::path::{Path, PathBuf};
use std::time::Duration;

use goroscope_wire::Version;

use crate::numbered::{Found, Numbered, delete};

/// When a file is followed by another one, and how many bytes are kept: an hour, 256 MiB and 4 GiB, if nothing is said.
///
/// ```
/// use std::time::Duration;
/// use goroscope_recorder::{Recorder, Rotation};
///
/// let folder = tempfile::tempdir()?;
/// let rotation = Rotation::default().every(Duration::from_secs(600)).at_bytes(64 << 20).keep_bytes(1 << 30);
/// let recording = Recorder::builder().start_rotating(&folder.path().join("trace.out"), rotation)?;
/// // … the program …
/// recording.stop()?;
/// assert!(folder.path().join("trace-000001.out").exists());
/// # Ok::<(), Box<dyn std::error::Error>>(())
/// ```
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct Rotation {
    period: Duration,
    bytes: u64,
    kept: u64,
}

impl Default for Rotation {
    fn default() -> Self {
        Self { period: Duration::from_hours(1), bytes: 256 << 20, kept: 4 << 30 }
    }
}

impl Rotation {
    /// The time that a file is about.
    ///
    /// ```
    /// use std::time::Duration;
    /// use goroscope_recorder::Rotation;
    ///
    /// let rotation = Rotation::default().every(Duration::from_mins(10));
    /// assert_ne!(rotation, Rotation::default());
    /// // An hour is what it is if nothing is said.
    /// assert_eq!(rotation.every(Duration::from_hours(1)), Rotation::default());
    /// ```
    #[must_use]
    pub fn every(mut self, period: Duration) -> Self {
        self.period = period;
        self
    }

    /// Bytes of a file, unless a single generation has more.
    ///
    /// ```
    /// use goroscope_recorder::{Recorder, Rotation, log, thread};
    ///
    /// let folder = tempfile::tempdir()?;
    /// // Each generation gets a file of its own.
    /// let rotation = Rotation::default().at_bytes(0);
    /// let builder = Recorder::builder().generation_bytes(64 << 10);
    /// let recording = builder.start_rotating(&folder.path().join("trace.out"), rotation)?;
    /// let talking = thread::spawn(|| (0..100_000).for_each(|_| log("weather", "fine")));
    /// talking.join().expect("no panic");
    /// let summary = recording.stop()?;
    /// assert!(summary.generations > 1);
    /// assert_eq!(folder.path().read_dir()?.count() as u64, summary.generations);
    /// # Ok::<(), Box<dyn std::error::Error>>(())
    /// ```
    #[must_use]
    pub fn at_bytes(mut self, bytes: u64) -> Self {
        self.bytes = bytes;
        self
    }

    /// Bytes of all files together. The one that is being written is there in any case.
    ///
    /// ```
    /// use goroscope_recorder::{Recorder, Rotation};
    ///
    /// let folder = tempfile::tempdir()?;
    /// let rotation = Rotation::default().keep_bytes(1);
    /// for _ in 0..2 {
    ///     // As by a program that is started again.
    ///     Recorder::builder().start_rotating(&folder.path().join("trace.out"), rotation)?.stop()?;
    /// }
    /// assert!(!folder.path().join("trace-000001.out").exists());
    /// assert!(folder.path().join("trace-000002.out").exists());
    /// # Ok::<(), Box<dyn std::error::Error>>(())
    /// ```
    #[must_use]
    pub fn keep_bytes(mut self, bytes: u64) -> Self {
        self.kept = bytes;
        self
    }
}

/// The files of a recording.
#[derive(Debug)]
pub struct Files {
    paths: Numbered,
    rotation: Rotation,
    version: Version,
    /// Those that are complete, oldest first.
    old: VecDeque<Old>,
    current: Option<Current>,
    /// Of the last file.
    number: u64,
    /// Bytes of all files.
    bytes: u64,
    /// Generations of files that were deleted.
    pub forgotten: u64,
}

#[derive(Debug)]
struct Old {
    path: PathBuf,
    bytes: u64,
    /// Those that this recording has written.
    generations: u64,
}

#[derive(Debug)]
struct Current {
    file: File,
    as_old: Old,
    /// Since when, ns.
    start: u64,
}

impl Files {
    /// The files that are there already, and the first new one.
    pub fn new(path: &Path, rotation: Rotation, version: Version) -> io::Result<Self> {
        let paths = Numbered::new(path);
        let found = paths.found()?;
        Ok(Self {
            paths,
            rotation,
            version,
            number: found.last().map_or(0, |found| found.number),
            bytes: found.iter().map(|found| found.bytes).sum(),
            old: found.into_iter().map(|Found { path, bytes, .. }| Old { path, bytes, generations: 0 }).collect(),
            current: None,
            forgotten: 0,
        })
    }

    /// Takes a generation from `start` to `end`, ns, and says how many bytes that took.
    pub fn push(&mut self, generation: &[u8], start: u64, end: u64) -> io::Result<u64> {
        let size = generation.len() as u64;
        let period = u64::try_from(self.rotation.period.as_nanos()).unwrap_or(u64::MAX);
        let is_full = |current: &mut Current| {
            let has_room = current.as_old.bytes.saturating_add(size) <= self.rotation.bytes;
            current.as_old.generations > 0 && !(has_room && end.saturating_sub(current.start) <= period)
        };
        self.old.extend(self.current.take_if(is_full).map(|current| current.as_old));
        let header = self.version.header();
        let beginning = if self.current.is_none() { header.as_slice() } else { &[] };
        let added = size + beginning.len() as u64;
        self.make_room(added)?;
        let current = if let Some(current) = &mut self.current {
            current
        } else {
            let (file, path) = self.paths.create_behind(&mut self.number)?;
            self.current.insert(Current { file, as_old: Old { path, bytes: 0, generations: 0 }, start })
        };
        current.file.write_all(beginning)?;
        current.file.write_all(generation)?;
        current.as_old.bytes += added;
        current.as_old.generations += 1;
        self.bytes += added;
        Ok(added)
    }

    /// Deletes the oldest files until so much more fits.
    fn make_room(&mut self, added: u64) -> io::Result<()> {
        while self.bytes.saturating_add(added) > self.rotation.kept
            && let Some(old) = self.old.pop_front()
        {
            delete(&old.path)?;
            self.bytes -= old.bytes;
            self.forgotten += old.generations;
        }
        Ok(())
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn two_that_have_the_same_files_take_turns() {
        let folder = tempfile::tempdir().unwrap();
        let rotation = Rotation::default().at_bytes(0);
        let mut both = [(); 2].map(|()| Files::new(&folder.path().join("t.out"), rotation, Version::Go125).unwrap());
        for _ in 0..3 {
            for files in &mut both {
                files.push(&[1, 2, 3], 0, 1).unwrap();
            }
        }
        assert_eq!(folder.path().read_dir().unwrap().count(), 6);
    }
}
