//! Every record of a file in the order in which it stands there: framing, tables and events alike, of both formats.
//!
//! Nothing is put in order and no size of a batch is followed; so it is also the way to look at a file that no reader
//! makes sense of. Only where something is wrong the size helps: behind a record that cannot be read, or that reaches
//! beyond its batch, the walk goes on where the batch should end, if another one or the end of the file is there;
//! otherwise where a batch plausibly begins.

use crate::unknown::Stretch;
use crate::varint::Cursor;
use crate::{
    Batches, EventType, Guesses, HEADER_LEN, HeaderError, MAX_FRAMES, RawFrame, Version, WireError, WireErrorKind,
    parse_header, v1,
};

/// The most ticks between a batch of the v1 format behind damage and the last one before: half an hour of the finest
/// clock there is, which counts the cycles of a processor.
const REACH: u64 = 1 << 43;

/// What a record is told to, piece by piece. After an error the record was told in part.
pub(crate) trait Visitor {
    /// A record of this number and name begins.
    fn record(&mut self, number: u8, name: &'static str);
    /// It has this argument.
    fn argument(&mut self, name: &'static str, value: u64);
    /// It is a stack that has this frame.
    fn frame(&mut self, frame: RawFrame);
    /// It has these bytes.
    fn bytes(&mut self, bytes: &[u8]);
    /// A record of a number that is not known is all of these bytes.
    fn unknown(&mut self, number: u8, bytes: &[u8]);
}

/// A place in a file.
#[derive(Clone, Debug)]
pub(crate) struct Walk<'a> {
    file: &'a [u8],
    version: Version,
    cursor: Cursor<'a>,
    /// Where the batch ends whose records are read.
    batch_end: u64,
    /// Frames of a stack of the v1 format.
    frames: Vec<RawFrame>,
    /// The time of the last batch of the v1 format.
    ticks: u64,
    /// Records of unknown numbers that are still to come, the next one last.
    unknown: Vec<Stretch>,
}

impl<'a> Walk<'a> {
    /// Behind the header.
    pub(crate) fn new(file: &'a [u8]) -> Result<Self, HeaderError> {
        Ok(Self::as_version(file, parse_header(file)?))
    }

    /// Behind the header, whatever version it names. If that is not `version`, records of unknown numbers are told too.
    pub(crate) fn as_version(file: &'a [u8], version: Version) -> Self {
        let records = file.get(HEADER_LEN..).unwrap_or_default();
        let cursor = Cursor::new(records, HEADER_LEN as u64);
        let mut unknown = Vec::new();
        if !version.is_v1() && parse_header(file) != Ok(version) {
            unknown = Guesses::learn(version, file).stretches(file);
            unknown.reverse();
        }
        Self { file, version, cursor, batch_end: 0, frames: Vec::new(), ticks: 0, unknown }
    }

    pub(crate) fn version(&self) -> Version {
        self.version
    }

    /// Where the next record begins, in bytes from the start of the file.
    pub(crate) fn offset(&self) -> u64 {
        self.cursor.offset()
    }

    /// Tells the next record; `None` at the end of the file.
    pub(crate) fn next(&mut self, to: &mut impl Visitor) -> Option<Result<(), WireError>> {
        if self.cursor.is_empty() {
            return None;
        }
        let start = self.cursor;
        let told = if self.version.is_v1() {
            self.old_record(to)
        } else if let Some(unknown) = self.unknown_here() {
            self.unknown_record(unknown, to)
        } else {
            self.record(to)
        };
        let told = told.and_then(|()| self.stays_in_its_batch(start.offset()));
        if told.is_err() {
            self.cursor = start;
            self.resume();
        }
        Some(told)
    }

    /// The record of an unknown number that begins here.
    fn unknown_here(&mut self) -> Option<Stretch> {
        let here = self.offset();
        while self.unknown.last().is_some_and(|stretch| stretch.offset < here) {
            self.unknown.pop();
        }
        self.unknown.last().copied().filter(|stretch| stretch.offset == here)
    }

    fn unknown_record(&mut self, unknown: Stretch, to: &mut impl Visitor) -> Result<(), WireError> {
        let len = usize::try_from(unknown.bytes).unwrap_or(usize::MAX);
        to.unknown(unknown.number, self.cursor.bytes(len)?);
        Ok(())
    }

    fn record(&mut self, to: &mut impl Visitor) -> Result<(), WireError> {
        let start = self.cursor;
        let cursor = &mut self.cursor;
        let byte = cursor.byte()?;
        let event = match EventType::from_byte(byte) {
            Some(event) if event.spec().since <= self.version => event,
            Some(event) => return Err(start.error(WireErrorKind::EventNotInVersion, u64::from(event.byte()))),
            None => return Err(start.error(WireErrorKind::UnknownEvent, u64::from(byte))),
        };
        let spec = event.spec();
        to.record(byte, spec.name);
        if spec.has_delta() {
            to.argument("dt", cursor.varint()?);
        }
        let mut last = 0;
        for &(name, _) in spec.args {
            let is_experiment = event == EventType::ExperimentalBatch;
            if is_experiment && name == "size" {
                break; // The bytes tell it.
            }
            let at = *cursor;
            last = if is_experiment && name == "exp" { u64::from(cursor.byte()?) } else { cursor.varint()? };
            to.argument(name, last);
            if event == EventType::Stack && name == "nframes" && last > MAX_FRAMES as u64 {
                return Err(at.error(WireErrorKind::TooManyFrames, last));
            }
        }
        match event {
            EventType::EventBatch => self.batch_end = cursor.offset().saturating_add(last),
            EventType::Stack => {
                for _ in 0..last {
                    to.frame(read_frame(cursor)?);
                }
            }
            EventType::String | EventType::ExperimentalBatch => {
                let len = usize::try_from(cursor.varint()?).unwrap_or(usize::MAX);
                to.bytes(cursor.bytes(len)?);
            }
            _ => {}
        }
        Ok(())
    }

    fn old_record(&mut self, to: &mut impl Visitor) -> Result<(), WireError> {
        let mut records = v1::Records::new(self.version, self.cursor.rest(), self.offset());
        let Some(record) = records.next() else { return Ok(()) };
        let record = record?;
        let kind = record.kind();
        to.record(kind.byte(), kind.name());
        match record {
            v1::Record::Batch { proc, ticks } => {
                to.argument("p", proc.map_or(u64::MAX, u64::from));
                to.argument("ticks", ticks);
                self.ticks = ticks;
            }
            v1::Record::Frequency(frequency) => to.argument("freq", frequency),
            v1::Record::TimerGoroutine(go) => to.argument("g", go),
            v1::Record::String { id, bytes } => {
                to.argument("id", id);
                to.bytes(bytes);
            }
            v1::Record::Stack(stack) => {
                stack.read(&mut self.frames)?;
                to.argument("id", stack.id);
                to.argument("nframes", self.frames.len() as u64);
                for &frame in &self.frames {
                    to.frame(frame);
                }
            }
            v1::Record::Event(event) => {
                to.argument("dt", event.dt);
                let has_stack = kind.has_stack();
                let plain = kind.spec().args.len().saturating_sub(usize::from(has_stack));
                for (&name, &value) in kind.spec().args.iter().zip(&event.args).take(plain) {
                    to.argument(name, value);
                }
                if has_stack {
                    to.argument("stack", event.stack);
                }
                to.bytes(event.text);
            }
        }
        self.skip_to(records.offset());
        Ok(())
    }

    /// Refuses a record from `start` to here that goes on where another batch begins.
    fn stays_in_its_batch(&self, start: u64) -> Result<(), WireError> {
        let is_across = start < self.batch_end && self.batch_end < self.offset();
        if is_across && self.is_boundary(self.batch_end) {
            return Err(WireError { kind: WireErrorKind::UnexpectedEnd, offset: self.batch_end, value: 0 });
        }
        Ok(())
    }

    /// Whether a batch or the end of a generation begins there, or the file ends.
    fn is_boundary(&self, offset: u64) -> bool {
        let item = Batches::new(self.version, self.file, offset).next();
        let is_cut = |error: WireError| error.kind == WireErrorKind::BatchCut;
        offset == self.file.len() as u64 || item.is_some_and(|item| item.map_or_else(is_cut, |_| true))
    }

    /// From the beginning of a record that cannot be read to the next one that may be.
    fn resume(&mut self) {
        let at = self.offset();
        if self.version.is_v1() {
            let mut records = v1::Records::new(self.version, self.cursor.rest(), at);
            records.resume(self.ticks, REACH);
            self.skip_to(records.offset());
            return;
        }
        if self.batch_end > at && self.is_boundary(self.batch_end) {
            self.skip_to(self.batch_end);
            return;
        }
        let mut batches = Batches::new(self.version, self.file, at.saturating_add(1));
        let found = batches.resync(None);
        self.skip_to(found.unwrap_or(self.file.len() as u64));
    }

    /// Goes on to a place further on.
    fn skip_to(&mut self, offset: u64) {
        // The end of the file, if there is no such place.
        let skipped = usize::try_from(offset.saturating_sub(self.offset())).unwrap_or(usize::MAX);
        if self.cursor.bytes(skipped).is_err() {
            self.cursor.finish();
        }
    }
}

fn read_frame(cursor: &mut Cursor<'_>) -> Result<RawFrame, WireError> {
    Ok(RawFrame { pc: cursor.varint()?, function: cursor.varint()?, file: cursor.varint()?, line: cursor.varint()? })
}
