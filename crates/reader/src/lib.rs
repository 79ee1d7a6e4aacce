//! Raw events of a Go execution trace to ordered, checked events.

mod diagnostic;
mod event;
mod ids;
mod symbols;

pub use diagnostic::{Diagnostic, Severity};
pub use event::{Event, EventKind, GoState, Metric, ProcState, Scope};
pub use goroscope_wire::{EventType, Version};
pub use ids::{FrameIdx, GoId, ProcId, StackIdx, StringIdx, TaskId, ThreadId, Ts};
pub use symbols::{Frame, Symbols};

/// A trace being read: an iterator of events in logical order.
///
/// H2 replaces this stub; the signatures below are the contract.
pub struct Reader<'a> {
    bytes: &'a [u8],
}

/// Why a file cannot be opened as a trace.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum OpenError {
    /// The first bytes are not a trace header.
    NotATrace,
    /// A v1 trace: Go 1.11 to 1.21.
    OldVersion(u16),
    /// A trace of a Go newer than this program knows.
    NewVersion(u16),
}

/// One generation of the file.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct Generation {
    /// Its number in the file.
    pub number: u64,
    /// Byte offset of its first batch.
    pub offset: u64,
    /// Bytes of its batches.
    pub bytes: u64,
    /// Events in thread batches.
    pub events: u64,
    /// Its smallest batch time.
    pub start: Ts,
    /// Wall clock at a known trace time, if recorded.
    pub clock: Option<ClockSnapshot>,
    /// Whether all of it was read.
    pub complete: bool,
}

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

/// What is left when all events were taken.
pub struct Finished {
    /// Strings, frames, stacks.
    pub symbols: Symbols,
    /// The generations.
    pub generations: Vec<Generation>,
    /// Problems of the file.
    pub diagnostics: Vec<Diagnostic>,
    /// Experimental batches.
    pub experimental: Vec<ExperimentalBatch>,
    /// Raw records of each event number: how many.
    pub counts: Box<[u64; 256]>,
    /// Raw records of each event number: their bytes.
    pub bytes: Box<[u64; 256]>,
    /// The clock's zero: trace start in the file's own nanoseconds.
    pub clock_zero: i64,
}

impl<'a> Reader<'a> {
    /// Reads the header.
    pub fn new(bytes: &'a [u8]) -> Result<Self, OpenError> {
        Ok(Self { bytes })
    }

    /// The format version.
    pub fn version(&self) -> Version {
        Version::Go126
    }

    /// Strings, frames and stacks known so far: at least those of every event delivered.
    pub fn symbols(&self) -> &Symbols {
        unimplemented!()
    }

    /// Bytes of the file consumed so far, for a progress bar.
    pub fn position(&self) -> u64 {
        self.bytes.len() as u64
    }

    /// The next event in logical order.
    #[expect(clippy::should_implement_trait, reason = "stub")]
    pub fn next(&mut self) -> Option<Event> {
        None
    }

    /// What is left when all events were taken.
    pub fn finish(self) -> Finished {
        unimplemented!()
    }
}
