//! The flight recorder: the last part of a recording in memory, and files of it whenever somebody asks.

use std::io::{self, Write};
use std::path::Path;
use std::sync::Arc;
use std::sync::mpsc::{self, Sender, SyncSender};
use std::thread::ThreadId;
use std::time::Duration;

use goroscope_wire::Version;

use crate::numbered;
use crate::recorder::RecordError;
use crate::trigger::Notice;

/// How much of a recording is kept in memory: the last ten seconds and at most 64 MiB, if nothing is said.
///
/// It is kept in generations: the oldest one that is not older than that is there as a whole.
///
/// ```
/// use std::time::Duration;
/// use goroscope_recorder::{Recorder, Ring};
///
/// let recording = Recorder::builder().start_ring(Ring::default().last(Duration::from_secs(30)).bytes(16 << 20))?;
/// // … the program …
/// let mut file = Vec::new();
/// let snapshot = recording.snapshot_writer(&mut file)?;
/// assert_eq!(snapshot.bytes, file.len() as u64);
/// # Ok::<(), Box<dyn std::error::Error>>(())
/// ```
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct Ring {
    period: Duration,
    bytes: usize,
}

/// In how many parts what is kept should be, so that what makes room for new things is not much at a time.
const PARTS: u32 = 8;

/// Events that a generation may have in any case.
const SMALLEST_PART: usize = 16 << 10;

impl Default for Ring {
    fn default() -> Self {
        Self { period: Duration::from_secs(10), bytes: 64 << 20 }
    }
}

impl Ring {
    /// How far back it goes; with `Duration::MAX` as far as there is room.
    ///
    /// ```
    /// use std::time::Duration;
    /// use goroscope_recorder::Ring;
    ///
    /// let ring = Ring::default().last(Duration::from_mins(5));
    /// assert_ne!(ring, Ring::default());
    /// // Ten seconds is what it is if nothing is said.
    /// assert_eq!(ring.last(Duration::from_secs(10)), Ring::default());
    /// ```
    #[must_use]
    pub fn last(mut self, period: Duration) -> Self {
        self.period = period;
        self
    }

    /// Bytes that it may take: what is kept, and the events of the generation that is going on. Only a single generation
    /// that is larger is kept nevertheless.
    ///
    /// ```
    /// use std::time::Duration;
    /// use goroscope_recorder::{Recorder, Ring, log, thread};
    ///
    /// let ring = Ring::default().last(Duration::MAX).bytes(256 << 10);
    /// let recording = Recorder::builder().start_ring(ring)?;
    /// let talking = thread::spawn(|| (0..100_000).for_each(|_| log("weather", "fine")));
    /// talking.join().expect("no panic");
    /// assert!(recording.snapshot_writer(std::io::sink())?.bytes < 256 << 10);
    /// // There was no room for all of it.
    /// assert!(recording.stop()?.forgotten > 0);
    /// # Ok::<(), Box<dyn std::error::Error>>(())
    /// ```
    #[must_use]
    pub fn bytes(mut self, bytes: usize) -> Self {
        self.bytes = bytes;
        self
    }

    /// How far back it goes.
    pub(crate) fn period(self) -> Duration {
        self.period
    }

    /// Bytes of all generations that are over.
    pub(crate) fn kept_bytes(self) -> usize {
        self.bytes - self.bytes / PARTS as usize
    }

    /// Bytes of events after which a generation ends.
    pub(crate) fn part_bytes(self) -> usize {
        (self.bytes / PARTS as usize).max(SMALLEST_PART)
    }

    /// Time after which a generation ends.
    pub(crate) fn part_period(self) -> Duration {
        (self.period / PARTS).max(Duration::from_millis(1))
    }
}

/// What a snapshot has written.
///
/// ```
/// use goroscope_recorder::{Recorder, Ring, Snapshot};
///
/// let folder = tempfile::tempdir()?;
/// let path = folder.path().join("trace.out");
/// let recording = Recorder::builder().start_ring(Ring::default())?;
/// let snapshot: Snapshot = recording.snapshot(&path)?;
/// assert_eq!((snapshot.bytes, snapshot.generations), (path.metadata()?.len(), 1));
/// # Ok::<(), Box<dyn std::error::Error>>(())
/// ```
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
#[non_exhaustive]
pub struct Snapshot {
    /// Bytes of the file.
    pub bytes: u64,
    /// Generations of the file.
    pub generations: u64,
}

/// What the assembler's thread is asked for.
#[derive(Debug)]
pub enum Request {
    /// To write everything and be over.
    Stop,
    /// To end the running generation, and send all that are kept.
    Snapshot(Asked),
    /// To tell of polls that take too long.
    Watch(Watch),
    /// To give everything from now on to somebody else, too.
    #[cfg(feature = "http")]
    Follow(Follower),
    /// To do so no more for the one with this number.
    #[cfg(feature = "http")]
    Unfollow(u64),
}

/// What can be asked of the recording of the process.
#[cfg(feature = "http")]
#[derive(Clone, Debug)]
pub struct Access {
    pub snapshots: Snapshots,
    /// Whether there is something in memory.
    pub has_ring: bool,
}

/// Somebody who gets generations.
#[cfg(feature = "http")]
#[derive(Debug)]
pub struct Follower {
    pub number: u64,
    pub parts: Sender<Part>,
    /// Bytes that nobody has taken yet.
    pub pending: Arc<std::sync::atomic::AtomicUsize>,
}

/// What a follower gets.
#[cfg(feature = "http")]
#[derive(Debug)]
pub enum Part {
    Generation(Arc<[u8]>),
    /// There is no more, and nothing is missing.
    End,
    /// It takes what it gets too slowly, and gets no more.
    Behind,
    /// Nobody wants more.
    Gone,
}

/// A snapshot that somebody waits for.
#[derive(Debug)]
pub struct Asked {
    pub sender: SyncSender<Vec<Arc<[u8]>>>,
    /// What the file says of why it was taken; empty if the program knows.
    pub cause: String,
}

/// Polls of this time or more are told of.
#[derive(Debug)]
pub struct Watch {
    /// In ns.
    pub limit: u64,
    pub notices: Sender<Notice>,
}

/// The end of the channel to the assembler's thread at which it is asked.
///
/// A child that was forked has it, too, but not the thread. There it is not even dropped: the thread may have been about
/// to wait for a request, with a lock that nobody gives up any more.
#[derive(Clone, Debug)]
pub struct Requests {
    sender: Option<Sender<Request>>,
    process: u32,
}

impl Requests {
    /// Asks by this channel.
    pub fn new(sender: Sender<Request>) -> Self {
        Self { sender: Some(sender), process: std::process::id() }
    }

    /// Whether this is a child of the process that is recorded.
    pub fn is_in_child(&self) -> bool {
        self.process != std::process::id()
    }

    /// Asks, if there is somebody to answer.
    pub fn send(&self, request: Request) -> Result<(), RecordError> {
        let sender = self.sender.as_ref().filter(|_| !self.is_in_child()).ok_or(RecordError::Over)?;
        sender.send(request).map_err(|_| RecordError::Over)
    }
}

impl Drop for Requests {
    fn drop(&mut self) {
        if self.is_in_child() {
            std::mem::forget(self.sender.take());
        }
    }
}

/// Takes snapshots of a recording, wherever in the program that is needed. Clones take them of the same one.
///
/// ```
/// use goroscope_recorder::{RecordError, Recorder, Ring};
///
/// let folder = tempfile::tempdir()?;
/// let recording = Recorder::builder().start_ring(Ring::default())?;
/// let snapshots = recording.snapshots()?;
/// let path = folder.path().join("trace.out");
/// let taken = std::thread::spawn(move || (snapshots.take(&path), snapshots));
/// let (taken, snapshots) = taken.join().expect("no panic");
/// assert_eq!(taken?.generations, 1);
///
/// recording.stop()?;
/// let late = snapshots.take(&folder.path().join("late.out"));
/// assert!(matches!(late, Err(RecordError::Over)));
/// # Ok::<(), Box<dyn std::error::Error>>(())
/// ```
#[derive(Clone, Debug)]
pub struct Snapshots {
    pub(crate) requests: Requests,
    pub(crate) version: Version,
    /// The thread that must not wait for itself.
    pub(crate) assembler: ThreadId,
}

impl Snapshots {
    /// Writes what is kept of the recording up to now to a file, which is created or emptied.
    ///
    /// The recording goes on meanwhile. This waits for some milliseconds until the file's content is known, and for the
    /// file; it must not be called by the handler of a signal.
    ///
    /// ```
    /// use goroscope_recorder::{Recorder, Ring};
    ///
    /// let folder = tempfile::tempdir()?;
    /// let recording = Recorder::builder().start_ring(Ring::default())?;
    /// let snapshots = recording.snapshots()?;
    /// for name in ["one.out", "two.out"] {
    ///     snapshots.take(&folder.path().join(name))?;
    /// }
    /// assert_eq!(folder.path().read_dir()?.count(), 2);
    /// # Ok::<(), Box<dyn std::error::Error>>(())
    /// ```
    pub fn take(&self, path: &Path) -> Result<Snapshot, RecordError> {
        let generations = self.generations()?;
        self.write(&generations, numbered::create(path).map_err(RecordError::Output)?)
    }

    /// As `take`, to whatever takes bytes.
    ///
    /// ```
    /// use goroscope_recorder::{Recorder, Ring};
    ///
    /// let recording = Recorder::builder().start_ring(Ring::default())?;
    /// let mut trace = Vec::new();
    /// recording.snapshots()?.take_writer(&mut trace)?;
    /// assert!(trace.starts_with(b"go 1.25 trace"));
    /// # Ok::<(), Box<dyn std::error::Error>>(())
    /// ```
    pub fn take_writer(&self, output: impl Write) -> Result<Snapshot, RecordError> {
        self.write(&self.generations()?, output)
    }

    /// A generation each. They stay in memory as long as these are.
    pub(crate) fn generations(&self) -> Result<Vec<Arc<[u8]>>, RecordError> {
        self.generations_within(Duration::MAX, "")
    }

    /// As `generations`, for somebody who does not wait forever, and for this cause.
    pub(crate) fn generations_within(&self, patience: Duration, cause: &str) -> Result<Vec<Arc<[u8]>>, RecordError> {
        if self.assembler == std::thread::current().id() {
            return Err(RecordError::Over);
        }
        let (sender, receiver) = mpsc::sync_channel(1);
        let asked = Asked { sender, cause: cause.to_owned() };
        self.requests.send(Request::Snapshot(asked))?;
        receiver.recv_timeout(patience).map_err(|_| RecordError::Over)
    }

    pub(crate) fn write(&self, generations: &[Arc<[u8]>], output: impl Write) -> Result<Snapshot, RecordError> {
        let bytes = write_file(self.version, generations, output).map_err(RecordError::Output)?;
        Ok(Snapshot { bytes, generations: generations.len() as u64 })
    }
}

fn write_file(version: Version, generations: &[Arc<[u8]>], mut output: impl Write) -> io::Result<u64> {
    let header = version.header();
    output.write_all(&header)?;
    let mut bytes = header.len();
    for generation in generations {
        output.write_all(generation)?;
        bytes += generation.len();
    }
    output.flush()?;
    Ok(bytes as u64)
}
