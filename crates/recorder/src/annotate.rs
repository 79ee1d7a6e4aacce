//! What a program says of itself: tasks, regions and messages, as in Go's `runtime/trace`.
//!
//! A trace shows who said it, so only what is said inside of something traced is recorded. How often that was not so is
//! counted in the [`Summary`](crate::Summary).

use std::sync::atomic::{AtomicU64, Ordering};

use crate::local;
use crate::record::{Head, Kind, Long, MAX_TEXT};
use crate::state::Session;
use crate::switch;
use crate::text::shortened;

/// The number of no task.
const BACKGROUND: u64 = 0;

/// Something that the program does for one purpose, such as answering a request, until this is dropped.
///
/// It may go from one traced task or thread to another, and have parts.
///
/// ```
/// let request = goroscope_recorder::task("request");
/// let parsing = request.region("parse");
/// drop(parsing);
/// let answer = request.part("answer");
/// answer.log("status", "200");
/// ```
#[derive(Debug)]
pub struct UserTask {
    id: u64,
}

/// A stretch of time in which something runs, until this is dropped.
///
/// Regions of one traced task lie inside each other: one that ends while inner ones are open ends those, too. One that is
/// dropped in another traced task ends with the one in which it began.
///
/// ```
/// use goroscope_recorder::{Recorder, Ring, region, thread};
///
/// let recording = Recorder::builder().start_ring(Ring::default())?;
/// thread::spawn(|| {
///     let loading = region("load");
///     let parsing = region("parse");
///     // The inner one ends with it.
///     drop(loading);
///     drop(parsing);
/// })
/// .join()
/// .expect("no panic");
/// let mut trace = Vec::new();
/// recording.snapshot_writer(&mut trace)?;
/// assert!(["load", "parse"].iter().all(|name| String::from_utf8_lossy(&trace).contains(name)));
/// # Ok::<(), Box<dyn std::error::Error>>(())
/// ```
#[derive(Debug)]
#[must_use = "a region ends where it is dropped"]
pub struct Region {
    task: u64,
    name: &'static str,
    began: Began,
}

/// Where a region began. It ends in the trace only if it began there.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
enum Began {
    /// In something traced, in this recording.
    Inside(Session),
    /// In this recording, but outside of everything traced.
    Outside(Session),
    Unrecorded,
}

/// Begins a task of the program.
///
/// ```
/// use goroscope_recorder::{Recorder, task, thread};
///
/// let recording = Recorder::builder().start_writer(std::io::sink())?;
/// let request = task("request");
/// // It goes on in a thread, and ends there.
/// thread::spawn(|| drop(request)).join().expect("no panic");
/// let summary = recording.stop()?;
/// // Only its beginning was in nothing traced.
/// assert_eq!((summary.tasks, summary.outside_annotations), (1, 1));
/// # Ok::<(), Box<dyn std::error::Error>>(())
/// ```
#[must_use]
pub fn task(name: &'static str) -> UserTask {
    UserTask::begin(name, BACKGROUND)
}

/// Begins a region that is part of no task of the program.
///
/// ```
/// let _region = goroscope_recorder::region("load the configuration");
/// ```
pub fn region(name: &'static str) -> Region {
    Region::begin(name, BACKGROUND)
}

/// Records a message that is part of no task of the program; of a long one the beginning.
///
/// ```
/// goroscope_recorder::log("cache", "miss");
/// ```
pub fn log(category: &str, message: &str) {
    record_log(BACKGROUND, category, message);
}

/// The number of a task of the program that nothing else has.
pub fn next_id() -> u64 {
    static IDS: AtomicU64 = AtomicU64::new(1);
    IDS.fetch_add(1, Ordering::Relaxed)
}

/// Records a message as [`log()`] does, which is formatted only if the process is being recorded.
///
/// ```
/// let (key, hits) = ("user 7", 42);
/// goroscope_recorder::log!("cache", "{key} was hit {hits} times");
/// ```
#[macro_export]
macro_rules! log {
    ($category:expr, $($message:tt)+) => {
        if $crate::Recorder::is_on() {
            $crate::log($category, &::std::format!($($message)+));
        }
    };
}

impl UserTask {
    fn begin(name: &'static str, parent: u64) -> Self {
        let id = next_id();
        if let Some(session) = switch::session() {
            local::with(session, |local| {
                let (stack, name) = (local.stack(), local.text(name));
                let head = Head { a: id, b: name, ..Head::new(Kind::TaskBegin, local.now()) };
                local.record_with([parent, stack], head);
            });
        }
        Self { id }
    }

    /// Begins a task that is part of this one.
    ///
    /// ```
    /// use goroscope_recorder::{Recorder, Ring, task, thread};
    ///
    /// let recording = Recorder::builder().start_ring(Ring::default())?;
    /// thread::spawn(|| {
    ///     let request = task("request");
    ///     let answer = request.part("answer");
    ///     // A part may go on for longer.
    ///     drop(request);
    ///     drop(answer);
    /// })
    /// .join()
    /// .expect("no panic");
    /// let mut trace = Vec::new();
    /// recording.snapshot_writer(&mut trace)?;
    /// assert!(String::from_utf8_lossy(&trace).contains("answer"));
    /// # Ok::<(), Box<dyn std::error::Error>>(())
    /// ```
    #[must_use]
    pub fn part(&self, name: &'static str) -> Self {
        Self::begin(name, self.id)
    }

    /// Begins a region that is part of the task.
    ///
    /// ```
    /// use goroscope_recorder::{Recorder, Ring, task, thread};
    ///
    /// let recording = Recorder::builder().start_ring(Ring::default())?;
    /// let digits = thread::spawn(|| {
    ///     let request = task("request");
    ///     let _region = request.region("count digits");
    ///     42_u32.to_string().len()
    /// });
    /// assert_eq!(digits.join().expect("no panic"), 2);
    /// let mut trace = Vec::new();
    /// recording.snapshot_writer(&mut trace)?;
    /// assert!(String::from_utf8_lossy(&trace).contains("count digits"));
    /// # Ok::<(), Box<dyn std::error::Error>>(())
    /// ```
    pub fn region(&self, name: &'static str) -> Region {
        Region::begin(name, self.id)
    }

    /// Records a message that is part of the task; of a long one the beginning.
    ///
    /// ```
    /// use goroscope_recorder::{Recorder, Ring, task, thread};
    ///
    /// let recording = Recorder::builder().start_ring(Ring::default())?;
    /// thread::spawn(|| task("request").log("status", "404 Not Found")).join().expect("no panic");
    /// let mut trace = Vec::new();
    /// recording.snapshot_writer(&mut trace)?;
    /// assert!(String::from_utf8_lossy(&trace).contains("404 Not Found"));
    /// # Ok::<(), Box<dyn std::error::Error>>(())
    /// ```
    pub fn log(&self, category: &str, message: &str) {
        record_log(self.id, category, message);
    }
}

impl Drop for UserTask {
    fn drop(&mut self) {
        if let Some(session) = switch::session() {
            local::with(session, |local| {
                let stack = local.stack();
                local.record(Head { a: self.id, b: stack, ..Head::new(Kind::TaskEnd, local.now()) });
            });
        }
    }
}

impl Region {
    fn begin(name: &'static str, task: u64) -> Self {
        let began = switch::session().and_then(|session| {
            local::with(session, |local| {
                let (stack, name) = (local.stack(), local.text(name));
                let head = Head { a: task, b: name, ..Head::new(Kind::RegionBegin, local.now()) };
                local.record_with([stack, 0], head);
                if local.running.is_empty() { Began::Outside(session) } else { Began::Inside(session) }
            })
        });
        Self { task, name, began: began.unwrap_or(Began::Unrecorded) }
    }
}

impl Drop for Region {
    fn drop(&mut self) {
        if let Some(session) = switch::session() {
            local::with(session, |local| {
                let is_told = match self.began {
                    Began::Inside(began) => began == session,
                    // That both ends are outside is counted by whoever reads them.
                    Began::Outside(began) => began == session && local.running.is_empty(),
                    Began::Unrecorded => false,
                };
                if !is_told {
                    return;
                }
                let name = local.text(self.name);
                local.record(Head { a: self.task, b: name, ..Head::new(Kind::RegionEnd, local.now()) });
            });
        }
    }
}

/// Records a message of what runs on the thread.
pub fn record_log(task: u64, category: &str, message: &str) {
    let Some(session) = switch::session() else { return };
    local::with(session, |local| {
        let (stack, category) = (local.stack(), local.text(category));
        let now = local.now();
        let message = Long::texts(Head::new(Kind::Inline, now), &[shortened(message, MAX_TEXT)]);
        let with = Head { a: stack, ..Head::new(Kind::With, now) };
        let head = Head { a: task, b: category, ..Head::new(Kind::Log, now) };
        // The message and what it is the message of belong together, wherever chunks end.
        let mut slots = [[0; 4]; crate::record::LONGEST + 2];
        let ends = [with.slot(), head.slot()];
        let parts = message.slots().iter().chain(&ends);
        let mut len = 0;
        for (to, from) in slots.iter_mut().zip(parts) {
            *to = *from;
            len += 1;
        }
        local.write(slots.get(..len).unwrap_or(&slots));
    });
}
