//! Bytes of Go execution traces to raw events and back, and their text form.

#![cfg_attr(not(test), deny(clippy::indexing_slicing, clippy::arithmetic_side_effects))]

mod batch;
mod error;
mod event;
mod header;
mod tables;
pub mod text;
mod timed;
mod varint;
mod writer;

pub use batch::{Batch, BatchKind, Batches, Item, MAX_BATCH_LEN, NO_THREAD};
pub use error::{WireError, WireErrorKind};
pub use event::{ArgKind, EVENTS, EventClass, EventSpec, EventType};
pub use header::{HEADER_LEN, HeaderError, Version, parse_header};
pub use tables::{
    CpuSamples, MAX_FRAMES, MAX_STRING_LEN, RawClock, RawFrame, RawSample, RawSync, Stacks, StringEntry, Strings,
    cpu_samples, strings, sync,
};
pub use timed::{RawEvent, TimedEvents};
pub use writer::{BatchWriter, SizeStyle, TraceWriter};
