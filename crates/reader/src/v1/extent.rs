//! Where a trace of the old format ends in a file in which another one may follow.
//!
//! Nothing in this format says how long a trace is, so that the one behind it is found by its header:
//!
//! 1. Without a second header the trace is all of the file, and no record is looked at.
//! 2. A header where a record would begin is one, and so is one inside of a record that is no text: the trace was cut
//!    there, in the middle of that record.
//! 3. A header inside of a text may be something that a program logged. If no trace follows it in the text, it is. If one
//!    does, the trace was cut inside of the text, unless all of the file makes sense as one trace: every record can be
//!    read, no id of the tables is there twice, and nothing happens behind the frequency, which ends the events.
//! 4. Behind damage nobody knows where records begin: a header is one if a trace follows it.
//!
//! Step 3 may look at all of the file for each of many traces. How much that can be in all is bounded; past it, steps 2
//! and 3 are left out.

use goroscope_wire::v1::{Event, Record, Records};
use goroscope_wire::{Batches, HEADER_LEN, Item, Version, find_header, parse_header};
use rustc_hash::FxHashSet;

/// How often, on average, a byte of the file may be looked at.
const MOST_LOOKS: usize = 4;

/// Finds the ends of the traces of a file.
#[derive(Debug)]
pub struct Extents<'a> {
    file: &'a [u8],
    /// Bytes that may still be looked at.
    left: usize,
}

/// What tells that records make sense as one trace.
#[derive(Default)]
struct Sense {
    strings: FxHashSet<u64>,
    stacks: FxHashSet<u64>,
    has_frequency: bool,
}

impl<'a> Extents<'a> {
    /// Of a file.
    pub fn of(file: &'a [u8]) -> Self {
        Self { file, left: file.len().saturating_mul(MOST_LOOKS) }
    }

    /// The file up to the end of the trace whose records begin at `begin`.
    pub fn until_end(&mut self, version: Version, begin: u64) -> &'a [u8] {
        let end = self.end(version, begin as usize);
        self.file.get(..end).unwrap_or(self.file)
    }

    fn end(&mut self, version: Version, begin: usize) -> usize {
        let Some(mut header) = self.header_from(begin) else { return self.file.len() };
        let mut records = Records::new(version, self.file.get(begin..).unwrap_or_default(), begin as u64);
        let mut sense = Sense::default();
        // The first header inside of a text behind which a trace follows.
        let mut quoted = None;
        loop {
            let start = records.offset() as usize;
            if start == header {
                return header;
            }
            let record = match records.next() {
                Some(Ok(record)) if self.left > 0 && sense.allows(&record) => record,
                Some(_) => return quoted.unwrap_or_else(|| self.header_of_trace(header.max(start))),
                // All of it makes sense, and what texts say is theirs.
                None => return self.file.len(),
            };
            let end = records.offset() as usize;
            self.left = self.left.saturating_sub(end - start);
            let text = end - text_of(&record).len();
            while header < end {
                if header < text || header + HEADER_LEN > end {
                    return quoted.unwrap_or(header);
                }
                if quoted.is_none() && self.begins_trace(header) {
                    quoted = Some(header);
                }
                match self.header_from(header + 1) {
                    Some(next) => header = next,
                    None if quoted.is_none() => return self.file.len(),
                    None => header = self.file.len(),
                }
            }
        }
    }

    fn header_from(&self, at: usize) -> Option<usize> {
        find_header(self.file, at, self.file.len())
    }

    /// The first header from `at` on that a trace follows, or the end of the file.
    fn header_of_trace(&self, at: usize) -> usize {
        let mut at = at;
        while let Some(header) = self.header_from(at) {
            if self.begins_trace(header) {
                return header;
            }
            at = header + 1;
        }
        self.file.len()
    }

    /// Whether a trace of a known version follows the header at a place: all begin with a batch.
    fn begins_trace(&self, header: usize) -> bool {
        let Some(Ok(version)) = self.file.get(header..).map(parse_header) else { return false };
        let data = header + HEADER_LEN;
        if !version.is_v1() {
            let first = Batches::new(version, self.file, data as u64).next();
            return matches!(first, Some(Ok(Item::Batch(_))));
        }
        let first = Records::new(version, self.file.get(data..).unwrap_or_default(), data as u64).next();
        matches!(first, Some(Ok(Record::Batch { .. })))
    }
}

impl Sense {
    /// Whether a record can stand behind those before it.
    fn allows(&mut self, record: &Record<'_>) -> bool {
        match record {
            Record::String { id, .. } => self.strings.insert(*id),
            Record::Stack(stack) => self.stacks.insert(stack.id),
            Record::Frequency(_) => !std::mem::replace(&mut self.has_frequency, true),
            Record::Event(_) => !self.has_frequency,
            Record::Batch { .. } | Record::TimerGoroutine(_) => true,
        }
    }
}

/// The text that a record ends with.
fn text_of<'a>(record: &Record<'a>) -> &'a [u8] {
    match record {
        Record::String { bytes, .. } => bytes,
        Record::Event(Event { text, .. }) => text,
        Record::Batch { .. } | Record::Frequency(_) | Record::TimerGoroutine(_) | Record::Stack(_) => &[],
    }
}
