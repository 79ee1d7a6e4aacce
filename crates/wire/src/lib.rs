//! Bytes of Go execution traces to raw events and back, and their text form.

mod event;
mod header;

pub use event::{ArgKind, EVENTS, EventClass, EventSpec, EventType};
pub use header::{HEADER_LEN, Version};
