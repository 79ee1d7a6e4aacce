//! The format of Go 1.11 to 1.21, of which nothing but the numbers on the wire is like the one after it.
//!
//! A trace is one long row of records. A batch record says which proc wrote what follows; how long a batch is stands
//! nowhere, so it ends where the next one begins. Strings and stacks may stand in any batch.
//!
//! The authority is Go's `internal/trace/internal/tracev1`.

mod event;
mod records;

pub use event::{EVENTS, EventSpec, EventType, RecordClass};
pub use records::{Event, Record, Records, StackRecord};
