//! The ordered events one after another, with Go's times.

use super::old_words::OldWords;
use super::record::{Around, push_record};
use super::stacks::StackTexts;
use crate::{EventKind, Finished, Reader};

/// The ordered events of a trace as `go tool trace -d=parsed` prints them, record by record.
///
/// What Go's reader gives up on is listed to its end; what was lost is told by [`Parsed::finish`].
pub struct Parsed<'a> {
    reader: Reader<'a>,
    zone: Box<dyn Fn(i64) -> i32 + 'a>,
    /// Of a trace of the format before.
    old: Option<OldWords>,
    stacks: StackTexts,
    /// The last time that was printed.
    last: i64,
}

impl<'a> Parsed<'a> {
    /// Lists what a reader delivers that has delivered nothing yet. Go prints wall clocks in the local time: `zone` says
    /// how many seconds east of UTC that is at a second since 1970.
    pub fn new(mut reader: Reader<'a>, zone: impl Fn(i64) -> i32 + 'a) -> Self {
        reader.break_ties_as_go();
        let old = reader.version().is_v1().then(OldWords::default);
        // Where Go begins.
        let last = if old.is_some() { i64::MIN } else { 0 };
        Self { reader, zone: Box::new(zone), old, stacks: StackTexts::default(), last }
    }

    /// Appends the next record, which may be many lines, with the end of its last line; `false` at the end.
    pub fn next(&mut self, text: &mut Vec<u8>) -> bool {
        while let Some(mut event) = self.reader.next() {
            if let Some(old) = &mut self.old
                && !old.translate(&mut event, &self.reader)
            {
                continue;
            }
            let zero = self.reader.clock_zero();
            let time = event.ts.0.wrapping_add(zero).max(self.last.saturating_add(1));
            self.last = time;
            let clock = match event.kind {
                EventKind::Sync { sync } => {
                    let begun = self.reader.generations();
                    begun.get(sync as usize - 1).and_then(|generation| generation.clock)
                }
                _ => None,
            };
            let around = Around { symbols: self.reader.symbols(), time, zero, clock, zone: &*self.zone };
            push_record(text, &event, &around, &mut self.stacks);
            text.push(b'\n');
            return true;
        }
        false
    }

    /// What is left when all records were printed; see [`Reader::finish`].
    pub fn finish(self) -> Finished {
        self.reader.finish()
    }
}
