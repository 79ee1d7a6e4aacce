//! Raw events of a Go execution trace to ordered, checked events.
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
//! the clock proposes, the rules of the scheduler decide. Times are handed out as recorded, so they may run backwards.
//!
//! That is the format of Go 1.22 and later. Traces of Go 1.11 to 1.21 go another way, which ends in the same events:
//! the module `v1`.
//!
//! A damaged file is read as far as it goes: only a wrong header is an error, everything else a [`Diagnostic`]. After
//! damage, a resource whose state was lost gets a transition to `Undetermined`, and one that is seen again a transition
//! from it.
//!
//! Pure functions of the file's bytes: no IO, no clock. [`read_ahead`] decodes on a thread of its own what the order is
//! about to need; the events are the same.

mod clock;
mod cursor;
mod decode;
mod diagnostic;
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
mod names;
mod options;
mod order;
mod reader;
mod state;
mod supply;
mod symbols;
mod tail;
mod tally;
mod unknown;
mod v1;
mod validate;
mod waiters;

pub use diagnostic::{Diagnostic, LostTime, Severity};
pub use event::{Event, EventKind, GoState, Metric, ProcState, Scope};
pub use goroscope_wire::{EventType, Version};
pub use ids::{FrameIdx, GoId, ProcId, StackIdx, StringIdx, TaskId, ThreadId, Ts};
pub use options::{ReadOptions, UnknownVersion};
pub use reader::{Finished, Generation, OpenError, Reader, read_ahead};
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
