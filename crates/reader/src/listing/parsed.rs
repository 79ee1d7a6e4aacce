//! The ordered events one after another as text.

use super::go_events::GoEvents;
use super::record::{Around, push_record};
use super::stacks::StackTexts;
use crate::{EventKind, Finished, Reader};

/// The ordered events of a trace as `go tool trace -d=parsed` prints them, record by record.
///
/// What Go's reader gives up on is listed to its end; what was lost is told by [`Parsed::finish`].
pub struct Parsed<'a> {
    events: GoEvents<'a>,
    zone: Box<dyn Fn(i64) -> i32 + 'a>,
    stacks: StackTexts,
}

impl<'a> Parsed<'a> {
    /// Lists what a reader delivers that has delivered nothing yet. Go prints wall clocks in the local time: `zone` says
    /// how many seconds east of UTC that is at a second since 1970.
    pub fn new(reader: Reader<'a>, zone: impl Fn(i64) -> i32 + 'a) -> Self {
        Self { events: GoEvents::new(reader), zone: Box::new(zone), stacks: StackTexts::default() }
    }

    /// Appends the next record, which may be many lines, with the end of its last line; `false` at the end.
    pub fn next(&mut self, text: &mut Vec<u8>) -> bool {
        let Some((time, event)) = self.events.next() else { return false };
        let reader = self.events.reader();
        let clock = match event.kind {
            EventKind::Sync { sync } => {
                let begun = reader.generations();
                begun.get(sync as usize - 1).and_then(|generation| generation.clock)
            }
            _ => None,
        };
        let around = Around { symbols: reader.symbols(), time, zero: reader.clock_zero(), clock, zone: &*self.zone };
        push_record(text, &event, &around, &mut self.stacks);
        text.push(b'\n');
        true
    }

    /// What is left when all records were printed; see [`Reader::finish`].
    pub fn finish(self) -> Finished {
        self.events.finish()
    }
}
