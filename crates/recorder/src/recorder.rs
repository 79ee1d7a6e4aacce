//! Begin and end of a recording.

use std::io::{self, Write};
use std::path::Path;
use std::str::FromStr;
use std::sync::mpsc;
use std::thread::JoinHandle;
use std::time::Duration;

use goroscope_wire::Version;

use crate::assemble::{Assembler, Files, Limits, Output, Rotation, Window};
use crate::clock::Clock;
use crate::hold::Holds;
use crate::local::Shared;
use crate::numbered;
#[cfg(feature = "perf")]
use crate::perf::{Perf, Switches, Wanted};
use crate::pool::Pool;
use crate::snapshot::{Request, Requests, Ring, Snapshot, Snapshots};
use crate::switch;
use crate::trigger::Trigger;
use crate::walk::Walker;

/// Where a recording is set up.
///
/// ```
/// use goroscope_recorder::Recorder;
///
/// let folder = tempfile::tempdir()?;
/// let recording = Recorder::builder().start(&folder.path().join("trace.out"))?;
/// // … the program …
/// let summary = recording.stop()?;
/// assert_eq!(summary.dropped, 0);
/// # Ok::<(), Box<dyn std::error::Error>>(())
/// ```
#[derive(Clone, Copy, Debug)]
pub struct Recorder;

impl Recorder {
    /// The settings that are good for most programs.
    ///
    /// ```
    /// use goroscope_recorder::Recorder;
    ///
    /// let recording = Recorder::builder().start_writer(std::io::sink())?;
    /// assert!(Recorder::is_on());
    /// drop(recording);
    /// assert!(!Recorder::is_on());
    /// # Ok::<(), Box<dyn std::error::Error>>(())
    /// ```
    pub fn builder() -> Builder {
        Builder {
            memory: 64 << 20,
            limits: Limits {
                version: Version::Go125,
                period: Duration::from_secs(1),
                bytes: 16 << 20,
                symbols: Symbols::Resolved,
            },
            stacks: Stacks::Recorded,
            holds: Holds::Ignored,
            #[cfg(feature = "perf")]
            perf: Wanted::default(),
        }
    }

    /// Whether the process is being recorded: for what is only worth while then, such as the text of a message.
    ///
    /// ```
    /// assert!(!goroscope_recorder::Recorder::is_on());
    /// ```
    pub fn is_on() -> bool {
        switch::session().is_some()
    }
}

/// Settings of a recording.
///
/// ```
/// use std::time::Duration;
/// use goroscope_recorder::{Builder, Recorder};
///
/// let builder: Builder = Recorder::builder().memory(16 << 20).generation_period(Duration::from_secs(10));
/// // They are good for more than one recording.
/// for _ in 0..2 {
///     assert_eq!(builder.start_writer(std::io::sink())?.stop()?.generations, 1);
/// }
/// # Ok::<(), Box<dyn std::error::Error>>(())
/// ```
#[derive(Clone, Copy, Debug)]
pub struct Builder {
    memory: usize,
    limits: Limits,
    stacks: Stacks,
    holds: Holds,
    #[cfg(feature = "perf")]
    perf: Wanted,
}

/// The oldest tools that should read the file.
///
/// ```
/// use goroscope_recorder::{Compat, Recorder, Ring};
///
/// for (compat, header) in [(Compat::Go122, "go 1.22"), (Compat::Go125, "go 1.25"), (Compat::Go126, "go 1.26")] {
///     let mut trace = Vec::new();
///     Recorder::builder().compat(compat).start_ring(Ring::default())?.snapshot_writer(&mut trace)?;
///     assert!(trace.starts_with(header.as_bytes()));
/// }
/// # Ok::<(), Box<dyn std::error::Error>>(())
/// ```
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Compat {
    /// The tools of Go 1.22 to 1.24; the file has no wall clock.
    Go122,
    /// Go 1.25's tools. A file that was cut short can be read up to the last generation.
    Go125,
    /// Go 1.26's tools. Generations say where they end, and one without an end is lost.
    Go126,
}

impl FromStr for Compat {
    type Err = UnknownVersion;

    /// From the version of Go's tools: `1.22`, `1.25` or `1.26`.
    ///
    /// ```
    /// use goroscope_recorder::Compat;
    ///
    /// assert_eq!("1.26".parse(), Ok(Compat::Go126));
    /// assert!("1.21".parse::<Compat>().is_err());
    /// ```
    fn from_str(version: &str) -> Result<Self, UnknownVersion> {
        match version {
            "1.22" => Ok(Self::Go122),
            "1.25" => Ok(Self::Go125),
            "1.26" => Ok(Self::Go126),
            _ => Err(UnknownVersion),
        }
    }
}

/// Traces are not written for this version of Go's tools.
///
/// ```
/// use goroscope_recorder::{Compat, UnknownVersion};
///
/// assert_eq!("1.21".parse::<Compat>(), Err(UnknownVersion));
/// assert_eq!(UnknownVersion.to_string(), "traces are written for Go 1.22, 1.25 or 1.26");
/// ```
#[derive(Clone, Copy, Debug, PartialEq, Eq, thiserror::Error)]
#[error("traces are written for Go 1.22, 1.25 or 1.26")]
pub struct UnknownVersion;

/// Whether stacks are recorded.
///
/// ```
/// use goroscope_recorder::{FutureExt, Recorder, RecordError, Stacks};
///
/// let runtime = tokio::runtime::Builder::new_current_thread().build()?;
/// let bytes = |stacks| {
///     let recording = Recorder::builder().stacks(stacks).start_writer(std::io::sink())?;
///     runtime.block_on(async { tokio::task::yield_now().await }.traced());
///     Ok::<_, RecordError>(recording.stop()?.bytes)
/// };
/// assert!(bytes(Stacks::None)? < bytes(Stacks::Recorded)?);
/// # Ok::<(), Box<dyn std::error::Error>>(())
/// ```
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Stacks {
    /// Where tasks wait, and from where they are woken and created.
    Recorded,
    /// Only where tasks are created, which costs nothing. No reasons for waiting then, either.
    None,
}

/// Whether stacks name their functions.
///
/// ```
/// use goroscope_recorder::{FutureExt, Recorder, RecordError, Ring, Symbols};
///
/// async fn serve() {
///     tokio::task::yield_now().await;
/// }
///
/// let runtime = tokio::runtime::Builder::new_current_thread().build()?;
/// let names_it = |symbols| {
///     let recording = Recorder::builder().symbols(symbols).start_ring(Ring::default())?;
///     runtime.block_on(serve().traced_as("server"));
///     let mut trace = Vec::new();
///     recording.snapshot_writer(&mut trace)?;
///     Ok::<_, RecordError>(String::from_utf8_lossy(&trace).contains("yield_now"))
/// };
/// assert_eq!((names_it(Symbols::Resolved)?, names_it(Symbols::Later)?), (true, false));
/// # Ok::<(), Box<dyn std::error::Error>>(())
/// ```
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq)]
pub enum Symbols {
    /// The recorder looks them up in its own process.
    #[default]
    Resolved,
    /// They have addresses only, and `goroscope symbolize` looks them up: the process neither reads its debug information
    /// nor keeps it in memory, which may be a hundred megabytes. Only on Linux does the file say which code was where.
    Later,
}

/// What was recorded, and what was not.
///
/// ```
/// use goroscope_recorder::{FutureExt, Recorder};
///
/// let recording = Recorder::builder().start_writer(std::io::sink())?;
/// let runtime = tokio::runtime::Builder::new_current_thread().build()?;
/// let (sender, receiver) = tokio::sync::oneshot::channel();
/// let sending = async { sender.send(42) }.traced();
/// let receiving = async move {
///     tokio::spawn(sending);
///     receiver.await
/// };
/// assert_eq!(runtime.block_on(receiving.traced())?, 42);
/// let summary = recording.stop()?;
/// // One was polled once, the other one before it was woken and afterwards.
/// assert_eq!((summary.tasks, summary.polls, summary.wakes), (2, 3, 1));
/// assert_eq!((summary.threads, summary.dropped), (1, 0));
/// # Ok::<(), Box<dyn std::error::Error>>(())
/// ```
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq)]
#[non_exhaustive]
pub struct Summary {
    /// Bytes of the file, of all files there were, or of all generations that were made for a ring.
    pub bytes: u64,
    /// Generations of the file, of all files there were, or all that were made for a ring.
    pub generations: u64,
    /// Generations of files that were deleted, or that a ring had no room for any more or that were too old for it.
    pub forgotten: u64,
    /// Threads that recorded something.
    pub threads: u64,
    /// Tasks, threads and jobs.
    pub tasks: u64,
    /// Times that one of them began to run.
    pub polls: u64,
    /// Wakes that made a task runnable.
    pub wakes: u64,
    /// Polls of a waiting task without such a wake: it came by a way that is not traced. A thread whose time to wait is over
    /// needs none.
    pub unheard_wakes: u64,
    /// Polls of a waiting task that was not woken, by a traced one around it that polls all that it waits for.
    pub repeated_polls: u64,
    /// Wakes of tasks that had been woken already.
    pub superfluous_wakes: u64,
    /// Tasks of tokio's runtimes that were not traced: the most that were alive at once, at least, or how many there were
    /// if tokio's unstable hooks tell. `None` if no runtime is known.
    pub untraced_tasks: Option<u64>,
    /// Regions, messages and user tasks outside of everything traced, which are not in the file. Only the end of a user task
    /// is there also if it began in what is traced.
    pub outside_annotations: u64,
    /// Samples that the kernel took of where threads are.
    pub cpu_samples: u64,
    /// Samples and switches of the kernel that there was no room for.
    pub kernel_lost: u64,
    /// Slots that threads wrote, of 32 bytes.
    pub records: u64,
    /// Records that there was no memory for.
    pub dropped: u64,
    /// Places where dropped records had to be made up for.
    pub repaired: u64,
}

/// Why nothing is recorded.
///
/// ```
/// use goroscope_recorder::{RecordError, Recorder};
///
/// let recording = Recorder::builder().start_writer(std::io::sink())?;
/// let second = Recorder::builder().start_writer(std::io::sink());
/// assert!(matches!(second, Err(RecordError::AlreadyOn)));
/// assert!(matches!(recording.snapshots(), Err(RecordError::NoRing)));
/// # Ok::<(), Box<dyn std::error::Error>>(())
/// ```
#[derive(Debug, thiserror::Error)]
#[non_exhaustive]
pub enum RecordError {
    /// One recording at a time.
    #[error("this process is being recorded already: stop that recording first")]
    AlreadyOn,
    /// The file or what stands for it.
    #[error("the trace cannot be written: {0}")]
    Output(#[source] io::Error),
    /// The operating system.
    #[error("there is no thread to assemble the trace: {0}")]
    Thread(#[source] io::Error),
    /// A snapshot is of what a ring keeps.
    #[error("the recording keeps nothing in memory: begin it with `start_ring`")]
    NoRing,
    /// A snapshot was asked for too late.
    #[error("the recording is over")]
    Over,
    /// The operating system, or a signal that cannot be handled.
    #[error("the signal cannot be handled: {0}")]
    Signal(#[source] io::Error),
    /// A hook for panics cannot be set while one is going on.
    #[error("this thread is panicking: set the hook before")]
    Panicking,
    /// A client takes a trace more slowly than it is made.
    #[error("the trace is taken more slowly than it is made, and there is no room for what waits")]
    Behind,
    /// A mistake of this crate.
    #[error("the assembler of the trace broke down; the file is good up to its last generation")]
    Assembler,
}

impl Builder {
    /// Bytes that records may take before they are assembled, 64 MiB if nothing is said. What does not fit is dropped.
    ///
    /// ```
    /// use goroscope_recorder::{Recorder, log, thread};
    ///
    /// let recording = Recorder::builder().memory(128 << 20).start_writer(std::io::sink())?;
    /// let talking = thread::spawn(|| (0..100_000).for_each(|_| log("weather", "fine")));
    /// talking.join().expect("no panic");
    /// assert_eq!(recording.stop()?.dropped, 0);
    /// # Ok::<(), Box<dyn std::error::Error>>(())
    /// ```
    #[must_use]
    pub fn memory(mut self, bytes: usize) -> Self {
        self.memory = bytes;
        self
    }

    /// How long a generation may be, a second if nothing is said. What a process that is killed loses is about that.
    ///
    /// ```
    /// use std::time::Duration;
    /// use goroscope_recorder::Recorder;
    ///
    /// let builder = Recorder::builder().generation_period(Duration::from_mins(1));
    /// assert_eq!(builder.start_writer(std::io::sink())?.stop()?.generations, 1);
    /// # Ok::<(), Box<dyn std::error::Error>>(())
    /// ```
    #[must_use]
    pub fn generation_period(mut self, period: Duration) -> Self {
        self.limits.period = period;
        self
    }

    /// Bytes of events after which a generation ends before its time, 16 MiB if nothing is said.
    ///
    /// ```
    /// use goroscope_recorder::{Recorder, log, thread};
    ///
    /// let recording = Recorder::builder().generation_bytes(64 << 10).start_writer(std::io::sink())?;
    /// let talking = thread::spawn(|| (0..100_000).for_each(|_| log("weather", "fine")));
    /// talking.join().expect("no panic");
    /// assert!(recording.stop()?.generations > 1);
    /// # Ok::<(), Box<dyn std::error::Error>>(())
    /// ```
    #[must_use]
    pub fn generation_bytes(mut self, bytes: usize) -> Self {
        self.limits.bytes = bytes.max(1);
        self
    }

    /// The oldest tools that should read the file, Go 1.25's if nothing is said.
    ///
    /// ```
    /// use goroscope_recorder::{Compat, Recorder};
    ///
    /// let folder = tempfile::tempdir()?;
    /// let path = folder.path().join("trace.out");
    /// Recorder::builder().compat(Compat::Go122).start(&path)?.stop()?;
    /// assert!(std::fs::read(&path)?.starts_with(b"go 1.22 trace"));
    /// # Ok::<(), Box<dyn std::error::Error>>(())
    /// ```
    #[must_use]
    pub fn compat(mut self, compat: Compat) -> Self {
        self.limits.version = match compat {
            Compat::Go122 => Version::Go122,
            Compat::Go125 => Version::Go125,
            Compat::Go126 => Version::Go126,
        };
        self
    }

    /// Whether stacks are recorded.
    ///
    /// ```
    /// use goroscope_recorder::{Recorder, Ring, Stacks, log, thread};
    ///
    /// fn talk() {
    ///     log("weather", "fine");
    /// }
    ///
    /// let recording = Recorder::builder().stacks(Stacks::None).start_ring(Ring::default())?;
    /// thread::spawn(talk).join().expect("no panic");
    /// let mut trace = Vec::new();
    /// recording.snapshot_writer(&mut trace)?;
    /// let texts = String::from_utf8_lossy(&trace);
    /// // What was said is there, but not from where.
    /// assert!(texts.contains("weather") && !texts.contains("call_once"));
    /// # Ok::<(), Box<dyn std::error::Error>>(())
    /// ```
    #[must_use]
    pub fn stacks(mut self, stacks: Stacks) -> Self {
        self.stacks = stacks;
        self
    }

    /// Whether stacks name their functions, which they do if nothing is said.
    ///
    /// ```
    /// use goroscope_recorder::{Recorder, Ring, Symbols, log, thread};
    ///
    /// fn talk() {
    ///     log("weather", "fine");
    /// }
    ///
    /// let recording = Recorder::builder().symbols(Symbols::Later).start_ring(Ring::default())?;
    /// thread::spawn(talk).join().expect("no panic");
    /// let mut trace = Vec::new();
    /// recording.snapshot_writer(&mut trace)?;
    /// // There is a stack, of addresses.
    /// let texts = String::from_utf8_lossy(&trace);
    /// assert!(texts.contains("0x") && !texts.contains("call_once"));
    /// # Ok::<(), Box<dyn std::error::Error>>(())
    /// ```
    #[must_use]
    pub fn symbols(mut self, symbols: Symbols) -> Self {
        self.limits.symbols = symbols;
        self
    }

    /// Whether it is recorded how long the locks of [`sync`](crate::sync) are held; it is not if nothing is said.
    ///
    /// ```
    /// use goroscope_recorder::sync::Mutex;
    /// use goroscope_recorder::{Holds, Recorder, Ring, thread};
    ///
    /// let counter = Mutex::named("counter", 41);
    /// let recording = Recorder::builder().lock_holds(Holds::Recorded).start_ring(Ring::default())?;
    /// thread::scope(|scope| drop(scope.spawn(|| *counter.lock().unwrap() += 1)));
    /// let mut trace = Vec::new();
    /// recording.snapshot_writer(&mut trace)?;
    /// assert!(String::from_utf8_lossy(&trace).contains("counter held"));
    /// # Ok::<(), Box<dyn std::error::Error>>(())
    /// ```
    #[must_use]
    pub fn lock_holds(mut self, holds: Holds) -> Self {
        self.holds = holds;
        self
    }

    /// So many samples in each second of a thread's processor time, of where it is; none if nothing is said.
    ///
    /// They come from the kernel, and so only where it allows that: see [`Switches`] for how it goes where not. Prime
    /// numbers such as 97 do not go in step with what a program does each hundredth of a second.
    ///
    /// ```
    /// use goroscope_recorder::{Recorder, Ring, thread};
    ///
    /// let recording = Recorder::builder().cpu_samples(97).start_ring(Ring::default())?;
    /// thread::spawn(|| (0..1_000_000_u64).fold(0, |a, b| a ^ b)).join().expect("no panic");
    /// let mut trace = Vec::new();
    /// recording.snapshot_writer(&mut trace)?;
    /// // How often samples were to be taken, or why there are none.
    /// assert!(!String::from_utf8_lossy(&trace).contains("perf=off"));
    /// # Ok::<(), Box<dyn std::error::Error>>(())
    /// ```
    #[cfg(feature = "perf")]
    #[must_use]
    pub fn cpu_samples(mut self, hertz: u32) -> Self {
        self.perf = self.perf.with_samples(hertz);
        self
    }

    /// Whether it is recorded when threads lose the processor and get it back; it is not if nothing is said.
    ///
    /// ```
    /// use goroscope_recorder::{Recorder, Ring, Switches, thread};
    ///
    /// let recording = Recorder::builder().kernel_switches(Switches::Recorded).start_ring(Ring::default())?;
    /// thread::spawn(thread::yield_now).join().expect("no panic");
    /// let mut trace = Vec::new();
    /// recording.snapshot_writer(&mut trace)?;
    /// // That they are there, or why not.
    /// assert!(!String::from_utf8_lossy(&trace).contains("perf=off"));
    /// # Ok::<(), Box<dyn std::error::Error>>(())
    /// ```
    #[cfg(feature = "perf")]
    #[must_use]
    pub fn kernel_switches(mut self, switches: Switches) -> Self {
        self.perf.switches = switches;
        self
    }

    /// Records to a file, which is created or emptied.
    ///
    /// ```
    /// use goroscope_recorder::{RecordError, Recorder};
    ///
    /// let folder = tempfile::tempdir()?;
    /// let path = folder.path().join("trace.out");
    /// let summary = Recorder::builder().start(&path)?.stop()?;
    /// assert_eq!(path.metadata()?.len(), summary.bytes);
    /// let nowhere = Recorder::builder().start(&folder.path().join("none/trace.out"));
    /// assert!(matches!(nowhere, Err(RecordError::Output(_))));
    /// # Ok::<(), Box<dyn std::error::Error>>(())
    /// ```
    pub fn start(self, path: &Path) -> Result<Recording, RecordError> {
        self.begin(self.limits, || Ok(Output::Writer(Box::new(numbered::create(path)?))))
            .map(|(recording, _)| recording)
    }

    /// Records to whatever takes bytes, a generation at a time.
    ///
    /// ```
    /// use std::io::Read;
    /// use goroscope_recorder::Recorder;
    ///
    /// let (mut reader, writer) = std::io::pipe()?;
    /// Recorder::builder().start_writer(writer)?.stop()?;
    /// let mut trace = Vec::new();
    /// reader.read_to_end(&mut trace)?;
    /// assert!(trace.starts_with(b"go 1.25 trace"));
    /// # Ok::<(), Box<dyn std::error::Error>>(())
    /// ```
    pub fn start_writer(self, output: impl Write + Send + 'static) -> Result<Recording, RecordError> {
        self.begin(self.limits, || Ok(Output::Writer(Box::new(output)))).map(|(recording, _)| recording)
    }

    /// Records to files that follow each other; `trace.out` stands for `trace-000001.out` and so on.
    ///
    /// Each is complete in itself. Files of these names that are there already count as older ones of the same recording.
    ///
    /// ```
    /// use goroscope_recorder::{Recorder, Rotation};
    ///
    /// let folder = tempfile::tempdir()?;
    /// std::fs::write(folder.path().join("trace-000041.out"), "of an earlier run")?;
    /// Recorder::builder().start_rotating(&folder.path().join("trace.out"), Rotation::default())?.stop()?;
    /// assert!(folder.path().join("trace-000042.out").exists());
    /// # Ok::<(), Box<dyn std::error::Error>>(())
    /// ```
    pub fn start_rotating(self, path: &Path, rotation: Rotation) -> Result<Recording, RecordError> {
        let files = || Files::new(path, rotation, self.limits.version).map(Output::Files);
        self.begin(self.limits, files).map(|(recording, _)| recording)
    }

    /// Keeps the last part of the recording in memory, of which `Recording::snapshot` makes files.
    ///
    /// Generations are so short that the ring holds several of them, whatever else was said about them.
    ///
    /// ```
    /// use goroscope_recorder::{Recorder, Ring, thread};
    ///
    /// let recording = Recorder::builder().start_ring(Ring::default())?;
    /// for file in 0..2 {
    ///     thread::spawn(|| ()).join().expect("no panic");
    ///     // Each has everything that is kept, up to now.
    ///     assert_eq!(recording.snapshot_writer(std::io::sink())?.generations, file + 1);
    /// }
    /// # Ok::<(), Box<dyn std::error::Error>>(())
    /// ```
    pub fn start_ring(self, ring: Ring) -> Result<Recording, RecordError> {
        let limits = Limits {
            period: self.limits.period.min(ring.part_period()),
            bytes: self.limits.bytes.min(ring.part_bytes()),
            ..self.limits
        };
        let window = Window::new(ring.period(), ring.kept_bytes());
        let (mut recording, snapshots) = self.begin(limits, || Ok(Output::Ring(window)))?;
        recording.snapshots = Some(snapshots);
        Ok(recording)
    }

    /// Begins to record to what `open` opens, unless that is on: nothing is created or emptied then.
    fn begin(
        self,
        limits: Limits,
        open: impl FnOnce() -> io::Result<Output>,
    ) -> Result<(Recording, Snapshots), RecordError> {
        let walker = match self.stacks {
            Stacks::Recorded => Walker::working(),
            Stacks::None => Walker::Off,
        };
        #[cfg(feature = "perf")]
        let perf = Perf::new(self.perf, &walker);
        let make = |session| {
            let shared = Shared::new(session, Clock::best(), Pool::new(self.memory), walker, self.holds);
            #[cfg(feature = "perf")]
            let shared = shared.with_perf(perf);
            shared
        };
        let shared = switch::turn_on(make).ok_or(RecordError::AlreadyOn)?;
        let (requests, received) = mpsc::channel();
        let output = open().map_err(|error| {
            switch::let_go();
            RecordError::Output(error)
        })?;
        #[cfg(feature = "http")]
        let has_ring = matches!(output, Output::Ring(_));
        let work = move || Assembler::new(shared, limits, output).run(&received);
        let thread = std::thread::Builder::new().name("goroscope-recorder".to_owned()).spawn(work);
        match thread {
            Ok(thread) => {
                let assembler = thread.thread().id();
                let requests = Requests::new(requests);
                let snapshots = Snapshots { requests: requests.clone(), version: limits.version, assembler };
                #[cfg(feature = "http")]
                switch::open_to_all(crate::snapshot::Access { snapshots: snapshots.clone(), has_ring });
                Ok((Recording { requests, snapshots: None, triggers: Vec::new(), thread: Some(thread) }, snapshots))
            }
            Err(error) => {
                switch::let_go();
                Err(RecordError::Thread(error))
            }
        }
    }
}

/// A recording that is on, until this is dropped or stopped.
///
/// ```
/// use goroscope_recorder::{Recorder, Recording};
///
/// fn record() -> Result<Recording, goroscope_recorder::RecordError> {
///     Recorder::builder().start_writer(std::io::sink())
/// }
///
/// let recording = record()?;
/// assert!(Recorder::is_on());
/// drop(recording);
/// // The next one may begin.
/// record()?.stop()?;
/// # Ok::<(), Box<dyn std::error::Error>>(())
/// ```
#[derive(Debug)]
#[must_use = "a recording ends where it is dropped"]
pub struct Recording {
    requests: Requests,
    snapshots: Option<Snapshots>,
    /// What takes snapshots by itself.
    pub(crate) triggers: Vec<Trigger>,
    thread: Option<JoinHandle<io::Result<Summary>>>,
}

impl Recording {
    /// Ends the recording: everything up to now is written.
    ///
    /// ```
    /// use goroscope_recorder::{Recorder, thread};
    ///
    /// let folder = tempfile::tempdir()?;
    /// let path = folder.path().join("trace.out");
    /// let recording = Recorder::builder().start(&path)?;
    /// thread::spawn(|| ()).join().expect("no panic");
    /// let summary = recording.stop()?;
    /// assert_eq!((summary.tasks, summary.bytes), (1, path.metadata()?.len()));
    /// # Ok::<(), Box<dyn std::error::Error>>(())
    /// ```
    pub fn stop(mut self) -> Result<Summary, RecordError> {
        self.end()
    }

    /// Writes what a ring keeps, up to now, to a file, which is created or emptied; see `Snapshots::take`.
    ///
    /// ```
    /// use goroscope_recorder::{Recorder, Ring};
    ///
    /// let folder = tempfile::tempdir()?;
    /// let recording = Recorder::builder().start_ring(Ring::default())?;
    /// // … something takes too long …
    /// recording.snapshot(&folder.path().join("slow.out"))?;
    /// # Ok::<(), Box<dyn std::error::Error>>(())
    /// ```
    pub fn snapshot(&self, path: &Path) -> Result<Snapshot, RecordError> {
        self.ring()?.take(path)
    }

    /// As `snapshot`, to whatever takes bytes.
    ///
    /// ```
    /// use goroscope_recorder::{Recorder, Ring, log, thread};
    ///
    /// let recording = Recorder::builder().start_ring(Ring::default())?;
    /// thread::spawn(|| log("weather", "thunder")).join().expect("no panic");
    /// let mut trace = Vec::new();
    /// let snapshot = recording.snapshot_writer(&mut trace)?;
    /// assert_eq!(snapshot.bytes, trace.len() as u64);
    /// assert!(String::from_utf8_lossy(&trace).contains("thunder"));
    /// # Ok::<(), Box<dyn std::error::Error>>(())
    /// ```
    pub fn snapshot_writer(&self, output: impl Write) -> Result<Snapshot, RecordError> {
        self.ring()?.take_writer(output)
    }

    /// What takes snapshots where the recording is not at hand: in a handler of requests, a watchdog, a panic hook.
    ///
    /// ```
    /// use goroscope_recorder::{Recorder, Ring, thread};
    ///
    /// let recording = Recorder::builder().start_ring(Ring::default())?;
    /// let snapshots = recording.snapshots()?;
    /// // The watchdog does not need the recording.
    /// let watchdog = thread::spawn(move || snapshots.take_writer(std::io::sink()));
    /// assert!(watchdog.join().expect("no panic")?.bytes > 0);
    /// recording.stop()?;
    /// # Ok::<(), Box<dyn std::error::Error>>(())
    /// ```
    pub fn snapshots(&self) -> Result<Snapshots, RecordError> {
        self.ring().cloned()
    }

    fn ring(&self) -> Result<&Snapshots, RecordError> {
        self.snapshots.as_ref().ok_or(RecordError::NoRing)
    }

    fn end(&mut self) -> Result<Summary, RecordError> {
        let (triggers, thread) = (std::mem::take(&mut self.triggers), self.thread.take());
        if self.requests.is_in_child() {
            // What they would end is the parent's, and their handles may be those of other threads by now.
            std::mem::forget((triggers, thread));
            return Err(RecordError::Over);
        }
        drop(triggers);
        let Some(thread) = thread else { return Err(RecordError::Assembler) };
        // Without the other end the thread is over already.
        let _ = self.requests.send(Request::Stop);
        let result = thread.join();
        switch::let_go();
        result.map_err(|_| RecordError::Assembler)?.map_err(RecordError::Output)
    }
}

impl Drop for Recording {
    fn drop(&mut self) {
        // Whoever wants to know how it ended calls `stop`.
        let _ = self.end();
    }
}
