//! What `go tool trace` prints of a trace when it is asked to debug: the same bytes, of the tool of Go 1.27.
//!
//! * [`GoEvents`] are the ordered events as all of Go's tools see them. They have two peculiarities that nothing else here
//!   has: times are moved so that each is above the one before, and traces of Go 1.11 to 1.21 are told in other words.
//! * [`Parsed`] lists them, as `-d=parsed` does.
//! * [`Footprint`] is the table of what kinds of records take, as `-d=footprint` prints it.
//!
//! The third, [`Wire`] for `-d=wire`, is the text form of the crate `goroscope_wire`; [`RecordSizes`] counts what is in a
//! footprint.
//!
//! Strings are printed as recorded, UTF-8 or not, so that text is bytes here.

mod footprint;
mod go_events;
mod old_words;
mod parsed;
mod record;
mod stacks;
mod wall;

pub use footprint::Footprint;
pub use go_events::GoEvents;
pub use goroscope_wire::RecordSizes;
pub use goroscope_wire::text::Printer as Wire;
pub use parsed::Parsed;
pub use wall::date;
