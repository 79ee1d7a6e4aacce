//! A thread's records that are not in order yet, in the slots that it wrote.
//!
//! ```text
//!  …  [ used up ] [ With ] [ Create ] [ Start ] [ Stack … ] [ Block ]
//!                 ▲        ▲
//!                 at       next, with its head
//! ```
//!
//! They are not copied into anything larger: what belongs to a record is put together when it is its turn.

use super::decode::{Event, Part, define, extra};
use super::names::Names;
use crate::chunk::Slot;
use crate::record::{Head, Kind};

/// Records of a thread.
#[derive(Debug)]
pub struct Stream {
    pub thread: u64,
    slots: Vec<Slot>,
    /// Slots before this one are used up.
    at: usize,
    /// The time of the last record that came in.
    pub newest: u64,
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
            newest: 0,
            next: None,
            event,
            #[cfg(feature = "perf")]
            samples: std::collections::VecDeque::new(),
            waited: 0,
        }
    }

    /// Lets `fill` add slots, which begin and end with records, and says how many they were. Definitions go to `names`, and
    /// the records to `listen`.
    pub fn fill(
        &mut self,
        fill: impl FnOnce(&mut Vec<Slot>),
        names: &mut Names,
        mut listen: impl FnMut(Head),
    ) -> usize {
        // Moving what is left costs no more than what was used up did.
        if self.at * 2 >= self.slots.len() {
            self.slots.drain(..self.at);
            self.next = self.next.map(|next| next - self.at);
            self.at = 0;
        }
        let before = self.slots.len();
        fill(&mut self.slots);
        let added = self.slots.get(before..).unwrap_or(&[]);
        let newest = &mut self.newest;
        let told = |head: Head| {
            *newest = head.time;
            listen(head);
        };
        let (taken, behind) = (added.len(), define(added, names, told));
        // What no record follows belongs to none, and must not take what is added later for its own.
        self.slots.truncate(before + taken - behind);
        if self.next.is_none() {
            self.find();
        }
        taken
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
        assert_eq!(stream.fill(|all| all.extend(slots), &mut Names::default(), |_| {}), slots.len());
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

    #[test]
    fn what_is_cut_off_takes_nothing_else_along() {
        let inline =
            Long::texts(head(Kind::Inline, 0), &["a message that is longer than a slot, and is cut off within"]);
        let text = Long::texts(head(Kind::Text, 1), &["a name that is longer than a slot, and is cut off within"]);
        let park = head(Kind::Park, 0).slot();
        let mut stream = Stream::new(1);
        for cut in [&inline.slots()[..2], &text.slots()[..2], &[head(Kind::Also, 3).slot()]] {
            // Whether a record before it is there still or not.
            check(&mut stream, cut, &[]);
            check(&mut stream, &[park, park], &[(Kind::Park, [0; 4], ""), (Kind::Park, [0; 4], "")]);
            let add = |all: &mut Vec<Slot>| all.extend([&[park], cut].concat());
            assert_eq!(stream.fill(add, &mut Names::default(), |_| {}), 1 + cut.len());
            check(&mut stream, &[park, park], &[(Kind::Park, [0; 4], ""); 3]);
        }
    }

    #[cfg(feature = "perf")]
    #[test]
    fn samples_come_between_records_and_behind_those_of_their_time() {
        let at = |kind, time| Head::new(kind, time);
        let mut stream = Stream::new(1);
        let records = |stream: &mut Stream, times: &[u64]| {
            let add = |all: &mut Vec<Slot>| all.extend(times.iter().map(|&time| at(Kind::Park, time).slot()));
            stream.fill(add, &mut Names::default(), |_| {});
        };
        records(&mut stream, &[2, 4]);
        for time in [4, 1, 3, 6, 2] {
            stream.insert(Event { head: at(Kind::Sample, time), extra: None });
        }
        records(&mut stream, &[5, 6]);
        let mut told = Vec::new();
        while let Some(event) = stream.event() {
            told.push((event.head.time, event.head.kind));
            stream.advance();
        }
        let (park, sample) = (Kind::Park, Kind::Sample);
        let expected = [(1, sample), (2, park), (2, sample), (3, sample), (4, park), (4, sample), (5, park)];
        assert_eq!(told, [&expected[..], &[(6, park), (6, sample)]].concat());
    }
}
