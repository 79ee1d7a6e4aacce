//! Reads the execution traces of Go programs (`runtime/trace`, Go 1.11 to 1.27): bytes to ordered, checked events.
//!
//! ```
//! use goroscope_reader::{EventKind, GoState, OpenError, Reader};
//!
//! /// How often goroutines blocked, and for which reason last.
//! fn blockings(file: &[u8]) -> Result<(usize, String), OpenError> {
//!     let mut reader = Reader::new(file)?;
//!     let (mut count, mut last) = (0, String::new());
//!     while let Some(event) = reader.next() {
//!         if let EventKind::Go { from: GoState::Running, to: GoState::Waiting, reason, .. } = event.kind {
//!             count += 1;
//!             last = reader.symbols().string(reason).to_owned();
//!         }
//!     }
//!     for problem in reader.finish().diagnostics {
//!         eprintln!("{problem}"); // generation 3, thread 7, byte 81234: …
//!     }
//!     Ok((count, last))
//! }
//!
//! // A trace in text form; normally it is the contents of a file.
//! let file = goroscope_wire::text::parse(
//!     "Trace Go1.26
//!     Generation 1
//!     EventBatch m=7 time=100
//!     ProcStatus p=0 pstatus=Running
//!     GoStatus g=1 m=7 gstatus=Running
//!     GoBlock at=150 reason_string=\"chan receive\"",
//! )?;
//! assert_eq!(blockings(&file)?, (1, "chan receive".to_owned()));
//! # Ok::<(), Box<dyn std::error::Error>>(())
//! ```
//!
//! The examples `count_events` and `who_blocked_longest` are whole programs.
//!
//! # What it does
//!
//! ```text
//!  file ──► framing ──► generation ──► merge ──► events
//!           batches     clock, tables,  │  ▲
//!           grouped     cursors         ▼  │ happened, must wait, cannot be
//!                                      order
//! ```
//!
//! [`Reader`] takes the file generation by generation. The events of a generation lie in batches by thread; a cursor
//! goes through those of each thread, and the merge picks the thread whose next event is the earliest *that can happen*:
//! the clock proposes, the rules of the scheduler decide. Times are handed out as recorded, so they may run backwards
//! between threads.
//!
//! That is the format of Go 1.22 and later. Traces of Go 1.11 to 1.21 go another way, which ends in the same events.
//!
//! A damaged file is read as far as it goes: only a wrong header is an error, everything else a [`Diagnostic`]. After
//! damage, a resource whose state was lost gets a transition to `Undetermined`, and one that is seen again a transition
//! from it. No input panics, and memory is bounded by a multiple of the file's size; both are fuzzed.
//!
//! A file can hold several traces, one behind the other. Each is read as if it were alone; an [`EventKind::AnotherTrace`]
//! before its first event says that ids and states are others from there on.
//!
//! Pure functions of the file's bytes: no IO, no clock. [`read_ahead`] decodes on a thread of its own what the order is
//! about to need, and orders the next generations on others; the events are the same.
//! A packed file is to be unpacked first.
//!
//! # What a new version may change
//!
//! The format grows with Go, and so does this crate. Before 1.0, what breaks a program comes with a new minor version.
//!
//! * Enums are exhaustive, on purpose: a new [`EventKind`], [`GoState`] or [`OpenError`] is a breaking change, and the
//!   compiler shows where a program must decide what to make of it. Whoever does not care writes `_`.
//! * So are structs: whoever takes one apart learns of a new field.
//! * Rows ([`StringIdx`], [`FrameIdx`], [`StackIdx`]), the texts of diagnostics and the order of events without any
//!   order of their own may change with any version.
//! * [`EventType`] and [`Version`] are those of `goroscope-wire`, whose versions go with this crate's.

mod ahead;
mod clock;
mod cursor;
mod decode;
mod diagnostic;
mod entries;
mod event;
mod framing;
mod frontier;
mod generation;
mod go_sort;
mod holes;
mod ids;
mod intern;
pub mod listing;
mod merge;
mod missing;
mod names;
mod options;
mod order;
mod reader;
mod regions;
mod sense;
mod side_by_side;
mod state;
mod supply;
mod symbols;
mod tail;
mod tally;
mod unknown;
mod v1;
mod validate;
mod waiters;

pub use ahead::{ReadAhead, read_ahead};
pub use diagnostic::{Diagnostic, LostTime, Severity};
pub use event::{Event, EventKind, GoState, Metric, ProcState, Scope};
pub use goroscope_wire::{
    EventType, NOTE_PREFIX, Points, SeriesError, SeriesPoint, Slice, Slices, Version, find_header,
};
pub use ids::{FrameIdx, GoId, ProcId, StackIdx, StringIdx, TaskId, ThreadId, Ts};
pub use options::{OpenError, ReadOptions, UnknownVersion};
pub use reader::{Finished, Generation, Reader, TraceStart};
pub use symbols::{Frame, Symbols};
pub use validate::{ClockSteps, Rule, Validator, Verdict, Violation};

/// Trace, monotonic and wall clock read back to back.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct ClockSnapshot {
    /// Trace time.
    pub ts: Ts,
    /// Monotonic clock, ns.
    pub mono: u64,
    /// Wall clock, seconds since 1970.
    pub wall_sec: u64,
    /// Nanoseconds into that second.
    pub wall_nsec: u32,
}

/// An experimental batch, kept as found.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct ExperimentalBatch {
    /// Number of the experiment.
    pub experiment: u8,
    /// Generation.
    pub generation: u64,
    /// Thread, or none.
    pub thread: ThreadId,
    /// Byte offset of its data in the file.
    pub offset: u64,
    /// Bytes of its data.
    pub bytes: u32,
}
