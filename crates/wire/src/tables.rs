//! The tables of a generation: strings, stacks, CPU samples, and the clock.

use crate::varint::Cursor;
use crate::{Batch, EventType, Version, WireError, WireErrorKind};

/// The most bytes of a string.
pub const MAX_STRING_LEN: usize = 1024;

/// The most frames of a stack.
pub const MAX_FRAMES: usize = 128;

/// A string and its id in the generation.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct StringEntry<'a> {
    /// Its id; 0 is the empty string without an entry.
    pub id: u64,
    /// Its bytes, normally UTF-8.
    pub bytes: &'a [u8],
}

/// A frame of a stack.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Hash)]
pub struct RawFrame {
    /// Program counter.
    pub pc: u64,
    /// String id of the function's name.
    pub function: u64,
    /// String id of the file's name.
    pub file: u64,
    /// Line in the file.
    pub line: u64,
}

/// A CPU profile sample.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct RawSample {
    /// Clock in ticks, absolute.
    pub time: u64,
    /// Thread id; `NO_THREAD` for none.
    pub thread: u64,
    /// Proc id; 2^64 − 1 for none.
    pub proc: u64,
    /// Goroutine id; 0 for none.
    pub go: u64,
    /// Stack id.
    pub stack: u64,
}

/// What a sync batch says about the clock; what it does not say is `None`.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq)]
pub struct RawSync {
    /// Ticks per second.
    pub frequency: Option<u64>,
    /// The trace's clock beside two others (from version 1.25).
    pub clock: Option<RawClock>,
}

/// Three clocks at one moment.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct RawClock {
    /// The trace's clock in ticks, absolute.
    pub time: u64,
    /// The monotonic clock in nanoseconds.
    pub mono: u64,
    /// The wall clock in seconds since 1970.
    pub sec: u64,
    /// Nanoseconds after `sec`.
    pub nsec: u64,
}

/// The entries of a string batch; nothing follows an error.
pub fn strings<'a>(batch: &Batch<'a>) -> Strings<'a> {
    Strings(Entries::new(batch, EventType::Strings))
}

/// The samples of a CPU sample batch; nothing follows an error.
pub fn cpu_samples<'a>(batch: &Batch<'a>) -> CpuSamples<'a> {
    CpuSamples(Entries::new(batch, EventType::CPUSamples))
}

/// What a sync batch says.
pub fn sync(version: Version, batch: &Batch<'_>) -> Result<RawSync, WireError> {
    let mut cursor = Cursor::new(batch.data, batch.data_offset);
    if version >= Version::Go125 {
        expect(&mut cursor, EventType::Sync)?;
    }
    let mut sync = RawSync::default();
    let mut time = batch.time;
    while !cursor.is_empty() {
        let start = cursor;
        let byte = cursor.byte()?;
        let duplicate = match EventType::from_byte(byte) {
            Some(EventType::Frequency) => sync.frequency.replace(cursor.varint()?).is_some(),
            Some(EventType::ClockSnapshot) if version >= Version::Go125 => {
                time = time.wrapping_add(cursor.varint()?);
                let (mono, sec, nsec) = (cursor.varint()?, cursor.varint()?, cursor.varint()?);
                sync.clock.replace(RawClock { time, mono, sec, nsec }).is_some()
            }
            Some(_) => return Err(start.error(WireErrorKind::WrongClass, u64::from(byte))),
            None => return Err(start.error(WireErrorKind::UnknownEvent, u64::from(byte))),
        };
        if duplicate {
            return Err(start.error(WireErrorKind::DuplicateSync, u64::from(byte)));
        }
    }
    Ok(sync)
}

/// The entries of a string batch; see `strings`.
#[derive(Clone, Debug)]
pub struct Strings<'a>(Entries<'a>);

impl<'a> Strings<'a> {
    /// The entries in `data`, the rest of a batch that stands `data_offset` bytes into the file.
    pub fn behind(data: &'a [u8], data_offset: u64) -> Self {
        Self(Entries::behind(data, data_offset))
    }

    /// Where the next entry begins, in bytes from the start of the file.
    pub fn offset(&self) -> u64 {
        self.0.cursor.offset()
    }
}

impl<'a> Iterator for Strings<'a> {
    type Item = Result<StringEntry<'a>, WireError>;

    fn next(&mut self) -> Option<Self::Item> {
        self.0.next(EventType::String, |cursor| {
            let id = cursor.varint()?;
            let start = *cursor;
            let claimed = cursor.varint()?;
            let len = limited(start, claimed, MAX_STRING_LEN, WireErrorKind::StringTooLong)?;
            Ok(StringEntry { id, bytes: cursor.bytes(len)? })
        })
    }
}

/// The samples of a CPU sample batch; see `cpu_samples`.
#[derive(Clone, Debug)]
pub struct CpuSamples<'a>(Entries<'a>);

impl<'a> CpuSamples<'a> {
    /// The samples in `data`, the rest of a batch that stands `data_offset` bytes into the file.
    pub fn behind(data: &'a [u8], data_offset: u64) -> Self {
        Self(Entries::behind(data, data_offset))
    }

    /// Where the next sample begins, in bytes from the start of the file.
    pub fn offset(&self) -> u64 {
        self.0.cursor.offset()
    }
}

impl Iterator for CpuSamples<'_> {
    type Item = Result<RawSample, WireError>;

    fn next(&mut self) -> Option<Self::Item> {
        self.0.next(EventType::CPUSample, |cursor| {
            Ok(RawSample {
                time: cursor.varint()?,
                thread: cursor.varint()?,
                proc: cursor.varint()?,
                go: cursor.varint()?,
                stack: cursor.varint()?,
            })
        })
    }
}

/// The entries of a stack batch; nothing follows an error.
#[derive(Clone, Debug)]
pub struct Stacks<'a>(Entries<'a>);

impl<'a> Stacks<'a> {
    /// The stacks in a stack batch.
    pub fn new(batch: &Batch<'a>) -> Self {
        Self(Entries::new(batch, EventType::Stacks))
    }

    /// The stacks in `data`, the rest of a batch that stands `data_offset` bytes into the file.
    pub fn behind(data: &'a [u8], data_offset: u64) -> Self {
        Self(Entries::behind(data, data_offset))
    }

    /// Where the next stack begins, in bytes from the start of the file.
    pub fn offset(&self) -> u64 {
        self.0.cursor.offset()
    }

    /// Puts the frames of the next stack, leaf first, in place of what `frames` holds, and returns the stack's id.
    ///
    /// After an error `frames` holds the frames before it.
    pub fn next(&mut self, frames: &mut Vec<RawFrame>) -> Option<Result<u64, WireError>> {
        self.0.next(EventType::Stack, |cursor| {
            frames.clear();
            let id = cursor.varint()?;
            let start = *cursor;
            let claimed = cursor.varint()?;
            let count = limited(start, claimed, MAX_FRAMES, WireErrorKind::TooManyFrames)?;
            for _ in 0..count {
                frames.push(RawFrame {
                    pc: cursor.varint()?,
                    function: cursor.varint()?,
                    file: cursor.varint()?,
                    line: cursor.varint()?,
                });
            }
            Ok(id)
        })
    }
}

/// Entries of one kind behind the byte that begins their batch.
#[derive(Clone, Debug)]
struct Entries<'a> {
    cursor: Cursor<'a>,
    header: Option<EventType>,
}

impl<'a> Entries<'a> {
    fn new(batch: &Batch<'a>, header: EventType) -> Self {
        Self { cursor: Cursor::new(batch.data, batch.data_offset), header: Some(header) }
    }

    fn behind(data: &'a [u8], data_offset: u64) -> Self {
        Self { cursor: Cursor::new(data, data_offset), header: None }
    }

    fn next<T>(
        &mut self,
        event: EventType,
        read: impl FnOnce(&mut Cursor<'a>) -> Result<T, WireError>,
    ) -> Option<Result<T, WireError>> {
        let header = match self.header.take() {
            Some(header) => expect(&mut self.cursor, header),
            None => Ok(()),
        };
        if header.is_ok() && self.cursor.is_empty() {
            return None;
        }
        let entry = header.and_then(|()| expect(&mut self.cursor, event)).and_then(|()| read(&mut self.cursor));
        if entry.is_err() {
            self.cursor.finish();
        }
        Some(entry)
    }
}

/// Reads the number of `event`.
fn expect(cursor: &mut Cursor<'_>, event: EventType) -> Result<(), WireError> {
    let start = *cursor;
    let byte = cursor.byte()?;
    match EventType::from_byte(byte) {
        Some(found) if found == event => Ok(()),
        Some(_) => Err(start.error(WireErrorKind::WrongClass, u64::from(byte))),
        None => Err(start.error(WireErrorKind::UnknownEvent, u64::from(byte))),
    }
}

/// A length that may not be above `limit`.
fn limited(start: Cursor<'_>, claimed: u64, limit: usize, kind: WireErrorKind) -> Result<usize, WireError> {
    usize::try_from(claimed).ok().filter(|&len| len <= limit).ok_or_else(|| start.error(kind, claimed))
}

#[cfg(test)]
mod tests;
