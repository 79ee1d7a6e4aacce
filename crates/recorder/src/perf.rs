//! What the kernel tells of the threads that are recorded: which code has the processor, and when they lose it.
//!
//! ```text
//!  a thread's first record ──► event of the kernel ──► ring ══► assembler: samples among the thread's records,
//!                              (its own, disabled by            slices off the processor beside them
//!                               nobody, needs no file)
//! ```
//!
//! Each thread opens an event for itself and maps a ring of memory, into which the kernel writes; from then on the thread
//! has nothing to do with it. The assembler reads the rings. If the kernel allows none of that, the recording goes on
//! without and says why.
//!
//! The file that an event is opened as is closed at once: the mapping keeps the event alive. So no descriptors are used
//! up, and a child that was forked or another program that was executed has none of it.

#[cfg(not(all(target_os = "linux", target_endian = "little")))]
mod elsewhere;
#[cfg(all(target_os = "linux", target_endian = "little"))]
mod linux;
mod records;
#[cfg(all(target_os = "linux", target_endian = "little"))]
mod refusal;
#[cfg(all(target_os = "linux", target_endian = "little"))]
mod ring;

use std::fmt::Write as _;
use std::sync::atomic::{AtomicU64, Ordering};
use std::sync::{Mutex, PoisonError};

#[cfg(not(all(target_os = "linux", target_endian = "little")))]
use self::elsewhere as system;
#[cfg(all(target_os = "linux", target_endian = "little"))]
use self::linux as system;
pub use self::records::{Item, Left, read};
pub use self::system::Ring;
use self::system::{Attributes, Room};
use crate::walk::{Copies, Walker};

/// Samples a second of processor time, at most: more often the kernel does not come to anything else.
const MOST_SAMPLES: u32 = 10_000;

/// Whether it is recorded when the kernel takes the processor from threads and gives it back.
///
/// ```
/// use goroscope_recorder::{Recorder, Switches};
///
/// let folder = tempfile::tempdir()?;
/// let builder = Recorder::builder().cpu_samples(99).kernel_switches(Switches::Recorded);
/// let recording = builder.start(&folder.path().join("trace.out"))?;
/// // Where the kernel refuses, this is recorded without.
/// goroscope_recorder::thread::spawn(|| (0..1_000_000_u64).fold(0, |a, b| a ^ b)).join().expect("no panic");
/// let summary = recording.stop()?;
/// assert_eq!(summary.tasks, 1);
/// # Ok::<(), Box<dyn std::error::Error>>(())
/// ```
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq)]
pub enum Switches {
    /// No.
    #[default]
    Ignored,
    /// As slices without a processor, of each thread that is recorded.
    Recorded,
}

/// What is asked of the kernel.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq)]
pub struct Wanted {
    /// A second of processor time.
    pub samples: u32,
    pub switches: Switches,
}

impl Wanted {
    fn is_nothing(self) -> bool {
        self == Self::default()
    }

    /// As many samples as make sense.
    pub fn with_samples(self, samples: u32) -> Self {
        Self { samples: samples.min(MOST_SAMPLES), ..self }
    }
}

/// How the callers of what was sampled are known.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq)]
pub enum Callers {
    /// They are not.
    #[default]
    Unknown,
    /// The kernel follows frame pointers, which is cheap.
    Chain,
    /// The kernel copies registers and the top of the stack, and the assembler walks that by unwind tables.
    Copied,
}

/// The part of the kernel in a recording.
#[derive(Debug, Default)]
pub struct Perf {
    wanted: Wanted,
    pub callers: Callers,
    /// For the assembler.
    copies: Mutex<Option<Copies>>,
    state: State,
    room: Room,
    /// Threads that have no ring, and why the last one of them has none.
    without: AtomicU64,
    trouble: Mutex<Option<String>>,
}

#[derive(Debug, Default)]
enum State {
    #[default]
    Off,
    On(Attributes),
    /// Why.
    Refused(String),
}

/// What came of it.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq)]
pub struct Heard {
    pub samples: u64,
    /// Samples and switches that a ring had no room for.
    pub lost: u64,
    /// Times that the kernel left samples out because there were too many.
    pub throttled: u64,
}

impl Perf {
    /// Tries what the kernel allows; tasks' stacks are walked so.
    pub fn new(wanted: Wanted, walker: &Walker) -> Self {
        if wanted.is_nothing() {
            return Self::default();
        }
        let copies = if wanted.samples > 0 { Copies::of(walker) } else { None };
        let callers = match copies {
            Some(_) => Callers::Copied,
            None if walker.has_frame_pointers() => Callers::Chain,
            None => Callers::Unknown,
        };
        let state = system::allowed(wanted, callers).map_or_else(State::Refused, State::On);
        let room = Room::of_process(wanted, callers);
        Self { wanted, callers, copies: Mutex::new(copies), state, room, ..Self::default() }
    }

    /// What copies are walked with, for the one who does that.
    pub fn take_copies(&self) -> Option<Copies> {
        self.copies.lock().unwrap_or_else(PoisonError::into_inner).take()
    }

    /// A ring for this thread, if it is to have one and can.
    pub fn ring(&self) -> Option<Ring> {
        let State::On(attributes) = &self.state else { return None };
        match system::open(attributes, &self.room) {
            Ok(ring) => Some(ring),
            Err(trouble) => {
                self.without.fetch_add(1, Ordering::Relaxed);
                *self.trouble.lock().unwrap_or_else(PoisonError::into_inner) = Some(trouble);
                None
            }
        }
    }

    /// What the file says of it.
    pub fn text(&self, heard: Heard) -> String {
        let attributes = match &self.state {
            State::Off => return "off".to_owned(),
            State::Refused(why) => return format!("refused: {why}"),
            State::On(attributes) => attributes,
        };
        let mut text = "on".to_owned();
        // Writing to a string cannot go wrong.
        if self.wanted.samples > 0 {
            let (times, of) = (self.wanted.samples, attributes.sampled());
            let callers = match self.callers {
                Callers::Unknown => "without callers",
                Callers::Chain => "callers by frame pointers",
                Callers::Copied => "callers by unwind tables",
            };
            let _ = write!(text, ", samples at {times} Hz of {of} ({} taken, {callers})", heard.samples);
        }
        if self.wanted.switches == Switches::Recorded {
            text.push_str(", switches");
        }
        let _ = write!(text, ", {} lost", heard.lost);
        if heard.throttled > 0 {
            let _ = write!(text, ", throttled {} times", heard.throttled);
        }
        let without = self.without.load(Ordering::Relaxed);
        if without > 0 {
            let trouble = self.trouble.lock().unwrap_or_else(PoisonError::into_inner);
            let _ = write!(text, ", {without} threads without: {}", trouble.as_deref().unwrap_or_default());
        }
        text
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn what_is_not_wanted_is_off() {
        let perf = Perf::new(Wanted::default(), &Walker::working());
        assert_eq!(perf.text(Heard::default()), "off");
        assert!(perf.ring().is_none());
    }

    #[test]
    fn as_many_samples_as_make_sense() {
        assert_eq!(Wanted::default().with_samples(u32::MAX).samples, MOST_SAMPLES);
        assert_eq!(Wanted::default().with_samples(0), Wanted::default());
    }
}
