//! Bytes of Go execution traces to raw events and back, and their text form.
//!
//! This crate knows where bytes stand and nothing of what they mean: it does not order events, resolve ids or convert
//! clocks. It reads slices and allocates nothing on the way; every number it gives is as recorded.
//!
//! * `parse_header` names the version; `Batches` cuts the rest of the file into batches, and finds its way back into a
//!   damaged file.
//! * `TimedEvents` decodes the events of a thread's batch; `strings`, `Stacks`, `cpu_samples` and `sync` decode the
//!   others. `EVENTS` is the table that all of them follow.
//! * `Guesses` finds out how long events of unknown numbers are, for traces of a newer Go.
//! * `TraceWriter` writes what these read.
//! * `text` is the same file as text: what people look at, and the language in which the tests of this project write
//!   traces.
//! * `Points` and `Slices` are what goroscope-recorder puts into texts, for which the format has no place; `SeriesTexts`
//!   writes them.
//! * `RecordSizes` tells what each record of a file takes.
//!
//! Bytes come from outside: no input panics, and an error says what is wrong, where, and with which value. Numbers are
//! therefore added and shifted with explicit overflow and slices are never indexed, which lints check.
//!
//! The format is that of Go 1.22 and later, called v2; the authority is Go's `internal/trace/tracev2`. The one before it
//! has a module of its own, `v1`, which shares nothing with the rest but the header, the numbers and the errors.

#![cfg_attr(not(test), deny(clippy::indexing_slicing, clippy::arithmetic_side_effects))]

mod batch;
mod error;
mod event;
mod header;
mod series;
mod sizes;
mod tables;
pub mod text;
mod timed;
mod unknown;
pub mod v1;
mod varint;
mod walk;
mod writer;

pub use batch::{Batch, BatchKind, Batches, Item, MAX_BATCH_LEN, NO_THREAD};
pub use error::{WireError, WireErrorKind};
pub use event::{ArgKind, EVENTS, EventClass, EventSpec, EventType};
pub use header::{HEADER_LEN, HeaderError, Version, find_header, parse_header};
pub use series::{NOTE_PREFIX, Points, SeriesError, SeriesPoint, SeriesTexts, Slice, Slices};
pub use sizes::{RecordSize, RecordSizes};
pub use tables::{
    CpuSamples, MAX_FRAMES, MAX_STRING_LEN, RawClock, RawFrame, RawSample, RawSync, Stacks, StringEntry, Strings,
    cpu_samples, strings, sync,
};
pub use timed::{RawEvent, TimedEvents};
pub use unknown::{Guesses, MAX_UNKNOWN_ARGS, Part, UnknownEvent};
pub use varint::push_varint;
pub use writer::{BatchWriter, SizeStyle, TraceWriter};
