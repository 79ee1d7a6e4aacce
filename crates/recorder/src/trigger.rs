//! Snapshots that nobody asks for by a call: when a signal comes, the program panics, a task is polled for too long.
//!
//! Each is written to a file of its own, with a running number. What may not wait only says that there is a cause; a
//! thread takes the snapshot. A panic is the exception: after it there may be no program any more.

mod panic;
#[cfg(all(unix, feature = "signal"))]
mod signal;
mod slow;

use std::fmt;
use std::fs::File;
use std::io;
use std::path::{Path, PathBuf};
use std::sync::{Arc, Mutex, PoisonError};
use std::thread::JoinHandle;
use std::time::{Duration, Instant};

pub use self::slow::Notice;
use crate::numbered::{Numbered, delete};
use crate::recorder::{RecordError, Recording};
use crate::snapshot::{Snapshot, Snapshots};

/// How long a snapshot that a trigger takes may be waited for.
const PATIENCE: Duration = Duration::from_secs(10);

/// Where the snapshots go that triggers take: `slow.out` stands for `slow-000001.out`, `slow-000002.out` and so on.
///
/// Numbers go on behind files that are there. If nothing is said, the last twenty are kept, those of the program's earlier
/// runs included, and after one there is none for ten seconds.
///
/// ```
/// use std::time::Duration;
/// use goroscope_recorder::{Recorder, Ring, SnapshotFiles};
///
/// let folder = tempfile::tempdir()?;
/// let mut recording = Recorder::builder().start_ring(Ring::default())?;
/// let files = SnapshotFiles::new(&folder.path().join("slow.out")).keep(5).at_most_every(Duration::from_secs(60));
/// let files = files.on_taken(|taken| assert!(taken.result.is_ok(), "{}: {taken:?}", taken.cause));
/// recording.snapshot_on_slow_poll(Duration::from_millis(100), files)?;
/// # Ok::<(), Box<dyn std::error::Error>>(())
/// ```
#[derive(Clone)]
pub struct SnapshotFiles {
    files: Numbered,
    kept: usize,
    pause: Duration,
    listener: Option<Listener>,
}

type Listener = Arc<dyn Fn(&Taken) + Send + Sync>;

impl fmt::Debug for SnapshotFiles {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        let Self { files, kept, pause, listener: _ } = self;
        f.debug_struct("SnapshotFiles")
            .field("files", files)
            .field("kept", kept)
            .field("pause", pause)
            .finish_non_exhaustive()
    }
}

/// What a trigger did.
///
/// ```
/// use std::sync::mpsc;
/// use goroscope_recorder::{Recorder, Ring, SnapshotFiles, Taken};
///
/// let folder = tempfile::tempdir()?;
/// let (sender, receiver) = mpsc::channel();
/// let files = SnapshotFiles::new(&folder.path().join("panic.out"));
/// let files = files.on_taken(move |Taken { path, cause, .. }| drop(sender.send((path.clone(), cause.clone()))));
/// let mut recording = Recorder::builder().start_ring(Ring::default())?;
/// recording.snapshot_on_panic(files)?;
/// std::thread::spawn(|| panic!("of all things")).join().unwrap_err();
/// let (path, cause) = receiver.recv()?;
/// assert!(path.ends_with("panic-000001.out") && cause.ends_with("of all things"));
/// # Ok::<(), Box<dyn std::error::Error>>(())
/// ```
#[derive(Debug)]
#[non_exhaustive]
pub struct Taken {
    /// The file, or what it would have been.
    pub path: PathBuf,
    /// Why, in words. The file says so, too.
    pub cause: String,
    /// What was written.
    pub result: Result<Snapshot, RecordError>,
}

impl SnapshotFiles {
    /// Files called after this one, in its folder.
    ///
    /// ```
    /// use goroscope_recorder::{Recorder, Ring, SnapshotFiles};
    ///
    /// let folder = tempfile::tempdir()?;
    /// std::fs::write(folder.path().join("panic-000041.out"), "of an earlier run")?;
    /// let mut recording = Recorder::builder().start_ring(Ring::default())?;
    /// recording.snapshot_on_panic(SnapshotFiles::new(&folder.path().join("panic.out")))?;
    /// std::thread::spawn(|| panic!("of all things")).join().unwrap_err();
    /// assert!(folder.path().join("panic-000042.out").exists());
    /// # Ok::<(), Box<dyn std::error::Error>>(())
    /// ```
    pub fn new(path: &Path) -> Self {
        Self { files: Numbered::new(path), kept: 20, pause: Duration::from_secs(10), listener: None }
    }

    /// How many files there may be. The oldest are deleted.
    ///
    /// ```
    /// use std::time::Duration;
    /// use goroscope_recorder::{Recorder, Ring, SnapshotFiles};
    ///
    /// let folder = tempfile::tempdir()?;
    /// let mut recording = Recorder::builder().start_ring(Ring::default())?;
    /// let files = SnapshotFiles::new(&folder.path().join("panic.out")).keep(2).at_most_every(Duration::ZERO);
    /// recording.snapshot_on_panic(files)?;
    /// for _ in 0..3 {
    ///     std::thread::spawn(|| panic!("of all things")).join().unwrap_err();
    /// }
    /// assert!(!folder.path().join("panic-000001.out").exists());
    /// assert_eq!(folder.path().read_dir()?.count(), 2);
    /// # Ok::<(), Box<dyn std::error::Error>>(())
    /// ```
    #[must_use]
    pub fn keep(mut self, files: usize) -> Self {
        self.kept = files.max(1);
        self
    }

    /// For how long after a snapshot there is no other one by the same trigger.
    ///
    /// ```
    /// use std::time::Duration;
    /// use goroscope_recorder::{Recorder, Ring, SnapshotFiles};
    ///
    /// let folder = tempfile::tempdir()?;
    /// let mut recording = Recorder::builder().start_ring(Ring::default())?;
    /// let files = SnapshotFiles::new(&folder.path().join("panic.out")).at_most_every(Duration::from_mins(1));
    /// recording.snapshot_on_panic(files)?;
    /// for _ in 0..3 {
    ///     std::thread::spawn(|| panic!("of all things")).join().unwrap_err();
    /// }
    /// assert_eq!(folder.path().read_dir()?.count(), 1);
    /// # Ok::<(), Box<dyn std::error::Error>>(())
    /// ```
    #[must_use]
    pub fn at_most_every(mut self, pause: Duration) -> Self {
        self.pause = pause;
        self
    }

    /// Calls this with every snapshot that was taken or could not be, on the thread that took it.
    ///
    /// ```
    /// use std::sync::mpsc;
    /// use goroscope_recorder::{Recorder, Ring, SnapshotFiles};
    ///
    /// let (sender, receiver) = mpsc::channel();
    /// let files = SnapshotFiles::new("/nowhere/panic.out".as_ref());
    /// let files = files.on_taken(move |taken| drop(sender.send(taken.result.is_err())));
    /// let mut recording = Recorder::builder().start_ring(Ring::default())?;
    /// recording.snapshot_on_panic(files)?;
    /// std::thread::spawn(|| panic!("of all things")).join().unwrap_err();
    /// // Whoever listens hears of failures, too.
    /// assert!(receiver.recv()?);
    /// # Ok::<(), Box<dyn std::error::Error>>(())
    /// ```
    #[must_use]
    pub fn on_taken(mut self, listener: impl Fn(&Taken) + Send + Sync + 'static) -> Self {
        self.listener = Some(Arc::new(listener));
        self
    }
}

/// Takes the snapshots of one trigger.
#[derive(Debug)]
struct Taker {
    snapshots: Snapshots,
    files: SnapshotFiles,
    /// When the last one began.
    last: Mutex<Option<Instant>>,
}

impl Taker {
    fn new(snapshots: Snapshots, files: SnapshotFiles) -> Self {
        Self { snapshots, files, last: Mutex::new(None) }
    }

    /// Takes a snapshot, unless there was one lately, or this is a child of the process that is recorded.
    fn take(&self, cause: &str) {
        if self.snapshots.requests.is_in_child() || !self.is_due() {
            return;
        }
        let (path, result) = self.write(cause);
        if let Some(listener) = &self.files.listener {
            listener(&Taken { path, cause: cause.to_owned(), result });
        }
    }

    fn is_due(&self) -> bool {
        let mut last = self.last.lock().unwrap_or_else(PoisonError::into_inner);
        let is_due = last.is_none_or(|last| last.elapsed() >= self.files.pause);
        if is_due {
            *last = Some(Instant::now());
        }
        is_due
    }

    fn write(&self, cause: &str) -> (PathBuf, Result<Snapshot, RecordError>) {
        let mut path = self.files.files.path_of(1);
        let generations = match self.snapshots.generations_within(PATIENCE, cause) {
            Ok(generations) => generations,
            Err(error) => return (path, Err(error)),
        };
        let file = self.create(&mut path).map_err(RecordError::Output);
        let written = file.and_then(|file| self.snapshots.write(&generations, file));
        (path, written)
    }

    /// The next file, after the oldest have made room for it.
    fn create(&self, path: &mut PathBuf) -> io::Result<File> {
        let SnapshotFiles { files, kept, .. } = &self.files;
        let found = files.found()?;
        let mut number = found.last().map_or(0, |found| found.number);
        for old in found.iter().take((found.len() + 1).saturating_sub(*kept)) {
            delete(&old.path)?;
        }
        let file;
        (file, *path) = files.create_behind(&mut number)?;
        Ok(file)
    }
}

/// A trigger that is on until this is dropped.
pub struct Trigger {
    stop: Option<Box<dyn FnOnce() + Send + Sync>>,
    thread: Option<JoinHandle<()>>,
}

impl fmt::Debug for Trigger {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.debug_struct("Trigger").finish_non_exhaustive()
    }
}

impl Trigger {
    /// With a thread that ends when `stop` is called.
    fn with_thread(
        work: impl FnOnce() + Send + 'static,
        stop: impl FnOnce() + Send + Sync + 'static,
    ) -> Result<Self, RecordError> {
        let thread = std::thread::Builder::new().name("goroscope-trigger".to_owned()).spawn(work);
        Ok(Self { stop: Some(Box::new(stop)), thread: Some(thread.map_err(RecordError::Thread)?) })
    }
}

impl Drop for Trigger {
    fn drop(&mut self) {
        if let Some(stop) = self.stop.take() {
            stop();
        }
        if let Some(thread) = self.thread.take().filter(|thread| thread.thread().id() != std::thread::current().id()) {
            // A listener that panicked has said so.
            let _ = thread.join();
        }
    }
}

impl Recording {
    /// Takes a snapshot whenever the process gets the signal, until the recording ends. Needs the feature `signal`.
    ///
    /// Whoever handled the signal before still does; but that it ends the process, if nobody did, is over for good.
    ///
    /// ```
    /// use goroscope_recorder::{Recorder, Ring, SnapshotFiles};
    ///
    /// let folder = tempfile::tempdir()?;
    /// let mut recording = Recorder::builder().start_ring(Ring::default())?;
    /// let files = SnapshotFiles::new(&folder.path().join("asked.out"));
    /// recording.snapshot_on_signal(libc::SIGUSR1, files)?;
    /// // From now on: kill -USR1 …
    /// # Ok::<(), Box<dyn std::error::Error>>(())
    /// ```
    #[cfg(all(unix, feature = "signal"))]
    pub fn snapshot_on_signal(&mut self, signal: i32, files: SnapshotFiles) -> Result<(), RecordError> {
        let trigger = signal::trigger(Taker::new(self.snapshots()?, files), signal)?;
        self.triggers.push(trigger);
        Ok(())
    }

    /// Takes a snapshot when a thread panics, until the recording ends: before anything is unwound, and before a program
    /// with `panic = "abort"` ends.
    ///
    /// The hook that was there before is called afterwards.
    ///
    /// ```
    /// use goroscope_recorder::{Recorder, Ring, SnapshotFiles};
    ///
    /// let folder = tempfile::tempdir()?;
    /// let mut recording = Recorder::builder().start_ring(Ring::default())?;
    /// recording.snapshot_on_panic(SnapshotFiles::new(&folder.path().join("panic.out")))?;
    /// std::thread::spawn(|| panic!("of all things")).join().unwrap_err();
    /// assert!(folder.path().join("panic-000001.out").exists());
    /// # Ok::<(), Box<dyn std::error::Error>>(())
    /// ```
    pub fn snapshot_on_panic(&mut self, files: SnapshotFiles) -> Result<(), RecordError> {
        let trigger = panic::trigger(Taker::new(self.snapshots()?, files))?;
        self.triggers.push(trigger);
        Ok(())
    }

    /// Takes a snapshot when a task was polled for longer than `limit`, or still is, until the recording ends.
    ///
    /// The file has a message about it in the task, of the category `slow poll`. What blocks its thread by
    /// `block_in_place`, in a thread of its own or as a blocking job is not polled. One limit counts, the last one.
    ///
    /// ```
    /// use std::time::Duration;
    /// use goroscope_recorder::{Recorder, Ring, SnapshotFiles};
    ///
    /// let folder = tempfile::tempdir()?;
    /// let mut recording = Recorder::builder().start_ring(Ring::default())?;
    /// let files = SnapshotFiles::new(&folder.path().join("slow.out"));
    /// recording.snapshot_on_slow_poll(Duration::from_millis(50), files)?;
    /// # Ok::<(), Box<dyn std::error::Error>>(())
    /// ```
    pub fn snapshot_on_slow_poll(&mut self, limit: Duration, files: SnapshotFiles) -> Result<(), RecordError> {
        let snapshots = self.snapshots()?;
        let trigger = slow::trigger(Taker::new(snapshots, files), limit)?;
        self.triggers.push(trigger);
        Ok(())
    }
}
