//! What to make of an event that cannot be, because something before it was lost or damaged.

use super::{Order, Output, Record};

/// What became of a forced event.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Forced {
    /// It is in the output.
    Kept,
    /// It is not.
    Dropped,
}

impl Order {
    /// Lets `record` happen as far as it makes sense.
    pub fn force(&mut self, thread: u32, record: &Record, out: &mut Output<'_>) -> Forced {
        let _ = (thread, record, out);
        Forced::Dropped
    }

    /// The thread's state is not known any longer, because events of it were lost.
    pub fn lose_thread(&mut self, thread: u32, time: i64, out: &mut Output<'_>) {
        let _ = (thread, time, out);
    }
}
