//! Traces made of traces: a window of one, snapshots joined, names replaced, what is left of a damaged one.
//!
//! ```text
//!  file ──► survey ──► rewrite ──► encode ──► bytes
//!           states     events      a valid trace
//!           at the start           of these events
//! ```
//!
//! Everything is read twice, but by [`symbolize`], which gives addresses on stacks their names and touches nothing else. `survey` finds out what was so from the start on and which events belong to the window;
//! `rewrite` goes through the events again and hands those to `encode`, which writes whatever it is given as a trace
//! that Go's own reader accepts. [`merge`] puts whole generations of several files into one before that. What
//! goroscope-recorder says of its recording goes by the side of the events (`recording`).
//!
//! A file of a version that is not known is read as [`ReadOptions`] say, and the output is of the version that it was
//! read as: events that no known version has cannot be in it.
//!
//! The files are in memory, and so is the output; there is no IO here.

mod anonymize;
mod cut;
mod encode;
mod ids;
mod merge;
mod recording;
mod repair;
mod rewrite;
mod several;
mod survey;
pub mod symbolize;

pub use anonymize::{Pseudonyms, anonymize};
pub use cut::{CutError, cut};
pub use encode::Counts;
use goroscope_reader::EventType;
pub use goroscope_reader::{Diagnostic, OpenError, ReadOptions, Severity, UnknownVersion, Version};

pub use merge::{Gap, MergeError, Merged, Mismatch, merge};
pub use repair::repair;
pub use rewrite::{Edited, Forced};
pub use survey::Window;

/// Tells how far the work is.
pub struct Progress<'a> {
    tell: &'a mut dyn FnMut(u64, u64),
    before: u64,
    total: u64,
}

impl<'a> Progress<'a> {
    /// `tell` is told the bytes that are done and those of the whole work, now and then.
    pub fn new(tell: &'a mut dyn FnMut(u64, u64)) -> Self {
        Self { tell, before: 0, total: 0 }
    }

    /// The work is so many bytes; those of a file that is read twice count twice.
    pub(crate) fn expect(&mut self, total: u64) {
        self.total = total;
    }

    /// So many bytes of the current file are done.
    pub(crate) fn report(&mut self, position: u64) {
        (self.tell)(self.before + position, self.total);
    }

    /// A file of so many bytes is done.
    pub(crate) fn next(&mut self, file: u64) {
        self.before += file;
    }
}
