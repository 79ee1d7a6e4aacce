//! A thread's records that are not in order yet, in the slots that it wrote.
//!
//! ```text
//!  …  [ used up ] [ With ] [ Create ] [ Start ] [ Stack … ] [ Block ]
//!                 ▲        ▲
//!                 at       next, with its head
//! ```
//!
//! They are not copied into anything larger: what belongs to a record is put together when it is its turn.

use super::decode::{Event, Part, extra};
use crate::chunk::Slot;
use crate::record::{Head, Kind};

/// Records of a thread.
#[derive(Debug)]
pub struct Stream {
    pub thread: u64,
    slots: Vec<Slot>,
    /// Slots before this one are used up.
    at: usize,
    /// Where the next record's own slot is.
    next: Option<usize>,
    /// That record.
    event: Event,
    /// What the kernel told of the thread, which goes in between.
    #[cfg(feature = "perf")]
    samples: std::collections::VecDeque<Event>,
    /// For how many calls it has been waiting.
    pub waited: u32,
}

impl Stream {
    /// Without records.
    pub fn new(thread: u64) -> Self {
        let event = Event { head: Head::new(Kind::Dismiss, 0), extra: None };
        Self {
            thread,
            slots: Vec::new(),
            at: 0,
            next: None,
            event,
            #[cfg(feature = "perf")]
            samples: std::collections::VecDeque::new(),
            waited: 0,
        }
    }

    /// Lets `fill` add slots, which begin and end with records, and gives them.
    pub fn fill(&mut self, fill: impl FnOnce(&mut Vec<Slot>)) -> &[Slot] {
        // Moving what is left costs no more than what was used up did.
        if self.at * 2 >= self.slots.len() {
            self.slots.drain(..self.at);
            self.next = self.next.map(|next| next - self.at);
            self.at = 0;
        }
        let before = self.slots.len();
        fill(&mut self.slots);
        if self.next.is_none() {
            self.find();
        }
        self.slots.get(before..).unwrap_or(&[])
    }

    /// Adds an event where it belongs in time, behind the records of the same.
    #[cfg(feature = "perf")]
    pub fn insert(&mut self, event: Event) {
        let behind = self.samples.iter().rev().take_while(|other| other.head.time > event.head.time).count();
        self.samples.insert(self.samples.len() - behind, event);
    }

    /// The sample that comes before the next record.
    #[cfg(feature = "perf")]
    #[inline]
    fn sample(&self) -> Option<&Event> {
        self.samples.front().filter(|sample| self.next.is_none() || sample.head.time < self.event.head.time)
    }

    /// The next record.
    #[inline]
    pub fn event(&self) -> Option<&Event> {
        #[cfg(feature = "perf")]
        if let Some(sample) = self.sample() {
            return Some(sample);
        }
        self.next.map(|_| &self.event)
    }

    /// What the next record says without what belongs to it.
    #[inline]
    pub fn head(&self) -> Option<&Head> {
        self.event().map(|event| &event.head)
    }

    /// See `head`. Its time stays as it is.
    #[inline]
    pub fn head_mut(&mut self) -> Option<&mut Head> {
        #[cfg(feature = "perf")]
        if self.sample().is_some() {
            return self.samples.front_mut().map(|sample| &mut sample.head);
        }
        self.next.map(|_| &mut self.event.head)
    }

    /// Goes on to the record after the next one.
    #[inline]
    pub fn advance(&mut self) {
        self.waited = 0;
        #[cfg(feature = "perf")]
        if self.sample().is_some() {
            self.samples.pop_front();
            return;
        }
        if let Some(next) = self.next {
            self.at = next + 1;
            self.find();
        }
    }

    /// Looks for the next record.
    #[inline]
    fn find(&mut self) {
        let mut at = self.at;
        loop {
            let Some(slot) = self.slots.get(at) else {
                self.next = None;
                return;
            };
            match Part::of(*slot) {
                Part::Record(head) => {
                    self.event.head = head;
                    if at > self.at || self.event.extra.is_some() {
                        self.event.extra = self.slots.get(self.at..at).and_then(extra);
                    }
                    self.next = Some(at);
                    return;
                }
                Part::Extra(len) => at += len,
                Part::Other(len) => {
                    // Definitions were taken out before; they do not stand between a record and what belongs to it.
                    at += len;
                    if self.at + len == at {
                        self.at = at.min(self.slots.len());
                    }
                }
            }
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::record::Long;

    fn head(kind: Kind, a: u64) -> Head {
        Head { a, ..Head::new(kind, 1) }
    }

    /// Slots that come in together, and the records that are there then: kind, stacks and text.
    fn check(stream: &mut Stream, slots: &[Slot], expected: &[(Kind, [u64; 4], &str)]) {
        assert_eq!(stream.fill(|all| all.extend(slots)), slots);
        for (kind, waits, text) in expected {
            assert_eq!(stream.head().map(|head| head.kind), Some(*kind));
            let event = stream.event().unwrap();
            assert_eq!((event.head.kind, event.waits(), event.text()), (*kind, *waits, *text));
            stream.advance();
        }
        assert_eq!(stream.head(), None);
        assert!(stream.event().is_none());
    }

    #[test]
    fn records_come_out_with_what_belongs_to_them() {
        let mut stream = Stream::new(1);
        let text = Long::texts(head(Kind::Text, 1), &["definitions may look like records, and are none of them"]);
        let inline = Long::texts(head(Kind::Inline, 0), &["a message"]);
        let also = [3, 0, 4].map(|stack| head(Kind::Also, stack).slot());
        let block = Head { b: 2, ..head(Kind::Block, 7) };
        let [one, other, third] = also;
        for _ in 0..3 {
            check(&mut stream, &[head(Kind::Park, 0).slot()], &[(Kind::Park, [0; 4], "")]);
            check(&mut stream, text.slots(), &[]);
            check(&mut stream, &[one, other, third, block.slot()], &[(Kind::Block, [2, 3, 4, 0], "")]);
            let log = [text.slots(), inline.slots(), &[head(Kind::Log, 0).slot()], &[head(Kind::Park, 0).slot()]];
            check(&mut stream, &log.concat(), &[(Kind::Log, [0; 4], "a message"), (Kind::Park, [0; 4], "")]);
            check(&mut stream, &[[1, 0xff, 0, 0], block.slot()], &[(Kind::Block, [2, 0, 0, 0], "")]);
        }
    }
}
