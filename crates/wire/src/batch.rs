//! The framing of a file: batches and ends of generations, as slices of its bytes.

mod resync;
mod survey;

use crate::varint::{Cursor, MAX_LEN as MAX_VARINT_LEN};
use crate::{EventType, Version, WireError, WireErrorKind};

/// The thread of a batch that no thread wrote: tables, sync, CPU samples; also "no proc" in a CPU sample.
pub const NO_THREAD: u64 = u64::MAX;

/// The most bytes of data in a batch.
pub const MAX_BATCH_LEN: usize = 65_536;

/// A batch: who wrote it when, and its bytes.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct Batch<'a> {
    /// Generation number, from 1.
    pub generation: u64,
    /// Thread that wrote it; `NO_THREAD` for none.
    pub thread: u64,
    /// Clock of the batch in ticks.
    pub time: u64,
    /// What is in it.
    pub kind: BatchKind,
    /// Its bytes, the header not counted.
    pub data: &'a [u8],
    /// Where its header begins, in bytes from the start of the file.
    pub offset: u64,
    /// Where its data begins, in bytes from the start of the file.
    pub data_offset: u64,
}

impl Batch<'_> {
    /// Where its data ends, in bytes from the start of the file.
    fn end(&self) -> u64 {
        self.data_offset.saturating_add(self.data.len() as u64)
    }

    /// Whether a batch behind this one is of the same generation or the next one.
    fn leads_to(&self, next: &Batch<'_>) -> bool {
        [self.generation, self.generation.wrapping_add(1)].contains(&next.generation)
    }
}

/// What is in a batch.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Hash)]
pub enum BatchKind {
    /// Timed events of a thread; also a batch without data.
    Events,
    /// Part of the generation's string table.
    Strings,
    /// Part of the generation's stack table.
    Stacks,
    /// CPU profile samples.
    CpuSamples,
    /// The clock of the generation.
    Sync,
    /// Bytes of the experiment with this number, in its own format.
    Experimental(u8),
}

/// One piece of a file.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Item<'a> {
    /// A batch.
    Batch(Batch<'a>),
    /// The current generation ends here (from version 1.26).
    EndOfGeneration {
        /// Where, in bytes from the start of the file.
        offset: u64,
    },
}

/// The pieces of a file, in file order.
///
/// After an error there are no more items until `resync` finds a place to go on.
#[derive(Clone, Debug)]
pub struct Batches<'a> {
    version: Version,
    file: &'a [u8],
    position: usize,
    failed: bool,
    seen: Option<Seen>,
}

/// What the batches read so far tell about those to come, or all of the file where none was read.
#[derive(Clone, Copy, Debug)]
struct Seen {
    /// Whether any was read.
    any: bool,
    /// Time of the first one; 0 where none was read.
    first_time: u64,
    /// Generation of the last one. Where none was read, the first one is not of a later generation.
    generation: u64,
    /// Whether the sizes of all of them are padded to ten bytes, as Go's runtime writes them: hardly anything else is.
    is_padded: bool,
}

impl Seen {
    /// Clocks count from the start of the machine or from farther back, while numbers that are no times are mostly
    /// small: no batch is this many times nearer to the clock's zero than the first one.
    const TIME_SLACK: u64 = 4;

    /// Nothing was read, and what comes is of no later generation than this.
    fn nothing(generation: u64) -> Self {
        Self { any: false, first_time: 0, generation, is_padded: true }
    }

    /// Whether a batch can have this time.
    fn allows_time(self, time: u64) -> bool {
        time >= self.first_time / Self::TIME_SLACK
    }

    /// Whether a batch of this generation and time can be next. One of both is wrong in traces made by hand; both are
    /// where a wrong size led into the data of a batch.
    fn allows(self, batch: &Batch<'_>) -> bool {
        if self.any {
            let goes_on = [self.generation, self.generation.wrapping_add(1)].contains(&batch.generation);
            return goes_on || self.allows_time(batch.time);
        }
        !self.is_padded || batch.generation <= self.generation
    }
}

impl<'a> Batches<'a> {
    /// The pieces of `file` from byte `start_offset` on, normally `HEADER_LEN`.
    pub fn new(version: Version, file: &'a [u8], start_offset: u64) -> Self {
        let position = usize::try_from(start_offset).map_or(file.len(), |start| start.min(file.len()));
        Self { version, file, position, failed: false, seen: None }
    }

    /// The pieces of the same file from byte `start_offset` on, with what is known of those read so far.
    #[must_use]
    pub fn again(&self, start_offset: u64) -> Self {
        Self { seen: self.seen, ..Self::new(self.version, self.file, start_offset) }
    }

    /// Where the next item begins or, after an error, where the broken one does; bytes from the start of the file.
    pub fn position(&self) -> u64 {
        self.position as u64
    }

    /// After `WireErrorKind::BatchCut`, the part of the batch that is there; otherwise `None`.
    ///
    /// Its `data` is shorter than its header says and probably ends inside an event.
    pub fn cut_batch(&self) -> Option<Batch<'a>> {
        let cursor = self.cursor_at(self.position).filter(|_| self.failed)?;
        let (batch, _) = self.read_header(cursor).ok().filter(|&(batch, size)| size > batch.data.len())?;
        let is_like_others = self.seen.is_none_or(|seen| !seen.is_padded || self.has_padded_size(&batch));
        is_like_others.then_some(batch)
    }

    fn cursor_at(&self, at: usize) -> Option<Cursor<'a>> {
        Some(Cursor::new(self.file.get(at..)?, at as u64))
    }

    /// The batch that begins at `cursor` and the size it claims; its data is shorter where the file ends before.
    fn read_header(&self, mut cursor: Cursor<'a>) -> Result<(Batch<'a>, usize), WireError> {
        let start = cursor;
        let byte = cursor.byte()?;
        let experiment = match EventType::from_byte(byte) {
            Some(EventType::EventBatch) => None,
            Some(EventType::ExperimentalBatch) if self.version >= Version::Go123 => Some(cursor.byte()?),
            Some(EventType::ExperimentalBatch) => {
                return Err(start.error(WireErrorKind::EventNotInVersion, u64::from(byte)));
            }
            Some(_) | None => return Err(start.error(WireErrorKind::BadBatchByte, u64::from(byte))),
        };
        let generation = cursor.varint()?;
        let thread = cursor.varint()?;
        let time = cursor.varint()?;
        let at_size = cursor;
        let claimed = cursor.varint()?;
        let size = usize::try_from(claimed)
            .ok()
            .filter(|&size| size <= MAX_BATCH_LEN)
            .ok_or_else(|| at_size.error(WireErrorKind::BatchTooLarge, claimed))?;
        let rest = cursor.rest();
        let data = rest.get(..size).unwrap_or(rest);
        let kind = match experiment {
            Some(number) => BatchKind::Experimental(number),
            None => BatchKind::of(self.version, data),
        };
        let offset = start.offset();
        Ok((Batch { generation, thread, time, kind, data, offset, data_offset: cursor.offset() }, size))
    }

    /// Whether the size in a batch's header takes all the bytes that a number can.
    fn has_padded_size(&self, batch: &Batch<'_>) -> bool {
        let end = batch.data_offset as usize;
        let size = self.file.get(end.saturating_sub(MAX_VARINT_LEN)..end).unwrap_or_default();
        size.len() == MAX_VARINT_LEN && size.iter().rev().skip(1).all(|&byte| byte >= 0x80)
    }

    fn read_item(&self, cursor: Cursor<'a>) -> Result<(Item<'a>, u64), WireError> {
        let offset = cursor.offset();
        if cursor.rest().first() == Some(&EventType::EndOfGeneration.byte()) {
            if self.version < Version::Go126 {
                let number = u64::from(EventType::EndOfGeneration.byte());
                return Err(cursor.error(WireErrorKind::EventNotInVersion, number));
            }
            return Ok((Item::EndOfGeneration { offset }, offset.saturating_add(1)));
        }
        let (batch, size) = self.read_header(cursor)?;
        // Traces that were joined have sizes of both styles, but not one batch alone.
        let is_unlike = |seen: Seen| {
            let is_odd = seen.is_padded && !self.has_padded_size(&batch);
            !seen.allows(&batch) || (is_odd && !self.follow_each_other(offset as usize))
        };
        if self.seen.is_some_and(is_unlike) {
            return Err(cursor.error(WireErrorKind::StrayBatch, batch.generation));
        }
        if batch.data.len() < size {
            return Err(cursor.error(WireErrorKind::BatchCut, size as u64));
        }
        Ok((Item::Batch(batch), batch.data_offset.saturating_add(size as u64)))
    }
}

impl<'a> Iterator for Batches<'a> {
    type Item = Result<Item<'a>, WireError>;

    fn next(&mut self) -> Option<Self::Item> {
        let cursor = self.cursor_at(self.position).filter(|cursor| !self.failed && !cursor.is_empty())?;
        match self.read_item(cursor) {
            Ok((item, end)) => {
                self.position = end as usize;
                if let Item::Batch(batch) = item {
                    let first_time = self.seen.filter(|seen| seen.any).map_or(batch.time, |seen| seen.first_time);
                    let is_padded = self.seen.is_none_or(|seen| seen.is_padded) && self.has_padded_size(&batch);
                    self.seen = Some(Seen { any: true, first_time, generation: batch.generation, is_padded });
                }
                Some(Ok(item))
            }
            Err(error) => {
                self.failed = true;
                Some(Err(error))
            }
        }
    }
}

impl BatchKind {
    /// What a batch with this data holds, by its first byte.
    fn of(version: Version, data: &[u8]) -> Self {
        match data.first().copied().and_then(EventType::from_byte) {
            Some(EventType::Strings) => Self::Strings,
            Some(EventType::Stacks) => Self::Stacks,
            Some(EventType::CPUSamples) => Self::CpuSamples,
            Some(EventType::Frequency) if version < Version::Go125 => Self::Sync,
            Some(EventType::Sync) if version >= Version::Go125 => Self::Sync,
            Some(_) | None => Self::Events,
        }
    }
}

#[cfg(test)]
mod tests;
