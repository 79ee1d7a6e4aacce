//! The ordered events as Go's reader gives them to Go's tools: with its times, and for old traces in its words.

use super::old_words::OldWords;
use crate::{Event, EventKind, Finished, Reader};

/// The ordered events of a trace with the times of Go's reader, which moves each that is not above the one before it. If
/// the file holds several, each has the times of its own clock.
///
/// What Go's reader gives up on is delivered to its end; what was lost is told by [`GoEvents::finish`].
pub struct GoEvents<'a> {
    reader: Reader<'a>,
    /// Of a trace of the format before.
    old: Option<OldWords>,
    /// What Go's reader puts in next.
    put_in: Option<Event>,
    /// The last time that was given.
    last: i64,
}

impl<'a> GoEvents<'a> {
    /// The events that a reader delivers which has delivered nothing yet.
    pub fn new(mut reader: Reader<'a>) -> Self {
        reader.break_ties_as_go();
        let mut events = Self { reader, old: None, put_in: None, last: 0 };
        events.begin();
        events
    }

    /// A trace begins.
    fn begin(&mut self) {
        self.old = self.reader.current_version().is_v1().then(OldWords::default);
        // Where Go begins.
        self.last = if self.old.is_some() { i64::MIN } else { 0 };
    }

    /// The next event and its time by the clock of the file, ns; `None` at the end.
    #[expect(
        clippy::should_implement_trait,
        reason = "the strings of an event are asked of the reader between two calls"
    )]
    pub fn next(&mut self) -> Option<(i64, Event)> {
        loop {
            if let Some(event) = self.put_in.take() {
                return Some((self.time(&event), event));
            }
            let mut event = self.reader.next()?;
            if event.kind == EventKind::AnotherTrace {
                self.begin();
                return Some((event.ts.0.wrapping_add(self.reader.clock_zero()), event));
            }
            if let Some(old) = &mut self.old {
                if !old.translate(&mut event, &self.reader) {
                    continue;
                }
                self.put_in = OldWords::put_in(&event, &self.reader);
            }
            return Some((self.time(&event), event));
        }
    }

    /// The time of the next event by the clock of the file.
    fn time(&mut self, event: &Event) -> i64 {
        self.last = event.ts.0.wrapping_add(self.reader.clock_zero()).max(self.last.saturating_add(1));
        self.last
    }

    /// Where the strings and stacks of the events so far are.
    pub fn reader(&self) -> &Reader<'a> {
        &self.reader
    }

    /// What is left when all events were delivered; see [`Reader::finish`].
    pub fn finish(self) -> Finished {
        self.reader.finish()
    }
}
