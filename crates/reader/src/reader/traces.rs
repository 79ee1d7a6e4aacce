//! Files that hold several traces, of several programs as far as anybody can tell.
//!
//! Each is read as if it were alone. On the timeline it stands behind the one before, at a distance that is made up,
//! because nothing says what is the right one; an event between the two says that ids, states and clocks are others now.

use goroscope_wire::{HEADER_LEN, find_header, parse_header};

use super::{Reader, TraceStart, outside};
use crate::diagnostic::Place;
use crate::framing::{Framing, UNKNOWN, how_to_cut, left_out, name};
use crate::holes::Holes;
use crate::order::Order;
use crate::tally::Tally;
use crate::v1::{Conversion, Extents, Part};
use crate::{Diagnostic, EventKind, LostTime, Ts, Version};

/// The shortest distance between two traces, ns, and what part of the time before it is otherwise: it can be seen then.
const SHORTEST_GAP: i64 = 1_000_000;
const GAP: i64 = 100;
/// The latest end of a trace that the next one begins behind: what is later would not fit into an `i64` with it.
const LATEST_END: i64 = i64::MAX / 8;

/// The traces of a file so far.
#[derive(Debug)]
pub struct Traces<'a> {
    pub starts: Vec<TraceStart>,
    /// The time at which the current one begins on the timeline.
    pub base: i64,
    /// Bytes of the file that those before it are done with.
    pub passed: u64,
    extents: Extents<'a>,
    /// What was said of the begin of the current one, if it has no event so far.
    joint: Option<Place>,
    /// The clock's zero of the first one that has events, if that is over.
    first_zero: Option<i64>,
    /// Records in the v1 format, and in the v2 format.
    counted: [Tally; 2],
}

impl<'a> Traces<'a> {
    /// Of a file of which nothing was read.
    pub fn of(file: &'a [u8]) -> Self {
        Self {
            starts: Vec::new(),
            base: 0,
            passed: 0,
            extents: Extents::of(file),
            joint: None,
            first_zero: None,
            counted: [Tally::default(), Tally::default()],
        }
    }

    /// A trace with its header at `offset` begins; how it is read, if it is of the old format.
    pub fn conversion(&mut self, version: Version, offset: u64, base: i64) -> Option<Box<Conversion<'a>>> {
        self.starts.push(TraceStart { offset, version });
        self.base = base;
        version.is_v1().then(|| {
            let begin = offset + HEADER_LEN as u64;
            let file = self.extents.until_end(version, begin);
            Box::new(Conversion::new(Part { version, file, begin, base }))
        })
    }

    /// Where the header of the current one stands.
    pub fn begin(&self) -> u64 {
        self.starts.last().map_or(0, |start| start.offset)
    }

    /// Takes over what was counted of the current one.
    pub fn count(&mut self, tally: &mut Tally) {
        let tally = std::mem::take(tally);
        if let Some(start) = self.starts.last() {
            self.counted[usize::from(!start.version.is_v1())].add_all(&tally);
        }
    }

    /// What was counted in the format of a version.
    pub fn counted(&mut self, version: Version) -> Tally {
        std::mem::take(&mut self.counted[usize::from(!version.is_v1())])
    }
}

impl Reader<'_> {
    /// The traces in the file that were begun so far: one, unless others were appended to it.
    pub fn traces(&self) -> &[TraceStart] {
        &self.traces.starts
    }

    /// The format version of the trace that events come from now.
    pub fn current_version(&self) -> Version {
        self.traces.starts.last().map_or(self.version, |start| start.version)
    }

    /// The clock's zero of the first trace.
    pub(super) fn first_zero(&self) -> i64 {
        self.traces.first_zero.unwrap_or(self.order.zero)
    }

    /// A trace of the old format is read to its end.
    pub(super) fn end_old_trace(&mut self) {
        let end = self.old.as_ref().map(|old| old.end()).filter(|&end| end < self.file.len() as u64);
        self.end_trace(end);
    }

    /// A trace is read to its end, and behind it is a header, or nothing.
    pub(super) fn end_trace(&mut self, next: Option<u64>) {
        let Some((header, version)) = next.and_then(|header| self.known_trace(header)) else {
            self.end();
            return;
        };
        self.log.close(self.latest);
        self.traces.passed = self.position();
        self.traces.count(&mut self.tally);
        let mut base = 0;
        if self.syncs > 0 {
            self.traces.first_zero.get_or_insert(self.order.zero);
            let end = self.latest.0.clamp(0, LATEST_END);
            base = end.saturating_add((end / GAP).max(SHORTEST_GAP));
        }
        let message = format!(
            "another trace begins here ({}), of another program as far as can be told: it is shown behind a gap of unknown \
             length, and its goroutines as others; {}",
            name(self.file, header),
            how_to_cut(header)
        );
        self.traces.joint = Some(self.log.push(Diagnostic::loss(header, message)));
        self.old = self.traces.conversion(version, header, base);
        self.framing = Framing::new(version, self.file, header);
        self.order = Order::default();
        if let Some(ahead) = &mut self.ahead {
            ahead.forget();
        }
        self.names.end_generation();
        self.frequency = None;
        self.holes = Holes::default();
        self.missing = None;
        self.tail = None;
        self.is_unsure = false;
    }

    /// The header at a place, or the next one, if it is of a known version. Those of others are told of.
    fn known_trace(&mut self, header: u64) -> Option<(u64, Version)> {
        let mut header = header as usize;
        loop {
            if let Some(Ok(version)) = self.file.get(header..).map(parse_header) {
                return Some((header as u64, version));
            }
            let next = find_header(self.file, header + HEADER_LEN, self.file.len());
            let lost_bytes = (next.unwrap_or(self.file.len()) - header) as u64;
            let message = left_out(self.file, header as u64, UNKNOWN);
            self.log.push(Diagnostic { lost_bytes, ..Diagnostic::loss(header as u64, message) });
            header = next?;
        }
    }

    /// The first events of a trace are there; if it is not the first one, they are of others than all before.
    pub(super) fn tell_of_trace(&mut self, ts: Ts) {
        let Some(joint) = self.traces.joint.take().filter(|_| self.syncs > 0) else { return };
        if self.latest < ts {
            self.log.set_lost_time(joint, LostTime::Between(self.latest, ts));
        }
        self.ready.push(outside(ts, EventKind::AnotherTrace));
    }
}
