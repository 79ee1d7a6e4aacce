//! Decodes one record after another, and finds the next batch behind damage.

use super::{EventType, RecordClass};
use crate::varint::{Cursor, MAX_LEN};
use crate::{RawFrame, Version, WireError, WireErrorKind};

/// The most bytes of a record's arguments; Go 1.19 writes at most 1,000 frames of four numbers.
const MAX_ARGS_LEN: u64 = 64 << 10;

/// The most bytes of a string.
const MAX_STRING_LEN: u64 = 1_000_000;

/// The most frames of a stack.
const MAX_FRAMES: u64 = 1000;

/// The bytes that a buffer of the runtime has for records, on machines of 64 and of 32 bits. A batch is one such buffer.
const BUFFERS: [u64; 2] = [64_488, 65_008];

/// The most bytes of a batch before a text that fills the rest of it: the batch's header, and the record up to the text.
const MOST_BEFORE_TEXT: u64 = 80;

/// Bytes of the length of such a text. The runtime forgets that they take some of the room, so it says that it wrote as
/// many bytes more of the text.
const LENGTH_LEN: u64 = 3;

/// The greatest number of a proc that is believed where a text seems to end too early.
const MOST_PROC: u32 = 1 << 14;

/// A batch header's first byte: its number, and one argument more than it says.
const BATCH_BYTE: u8 = EventType::Batch.byte() | 1 << 6;

/// How many records behind a batch header must decode before it is taken for one.
const PROBED: usize = 8;

/// What stands at one place of the file.
#[derive(Clone, Copy, Debug)]
pub enum Record<'a> {
    /// The records that follow were written by this proc, or by none.
    Batch {
        /// The proc.
        proc: Option<u32>,
        /// The time that the first delta counts from.
        ticks: u64,
    },
    /// Ticks per second.
    Frequency(u64),
    /// A goroutine that runs timers.
    TimerGoroutine(u64),
    /// An entry of the string table.
    String {
        /// Its id.
        id: u64,
        /// Its text.
        bytes: &'a [u8],
    },
    /// An entry of the stack table.
    Stack(StackRecord<'a>),
    /// Something that happened.
    Event(Event<'a>),
}

impl Record<'_> {
    /// Which record it is.
    pub fn kind(&self) -> EventType {
        match self {
            Self::Batch { .. } => EventType::Batch,
            Self::Frequency(_) => EventType::Frequency,
            Self::TimerGoroutine(_) => EventType::TimerGoroutine,
            Self::String { .. } => EventType::String,
            Self::Stack(_) => EventType::Stack,
            Self::Event(event) => event.kind,
        }
    }
}

/// Something that happened.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct Event<'a> {
    /// What.
    pub kind: EventType,
    /// Ticks since the event before it in the batch, or since the time of the batch.
    pub dt: u64,
    /// Its arguments without the stack, in wire order; those it does not have are zero.
    pub args: [u64; 3],
    /// Stack id of the executor, or zero.
    pub stack: u64,
    /// The message of a log record.
    pub text: &'a [u8],
}

/// An entry of the stack table.
#[derive(Clone, Copy, Debug)]
pub struct StackRecord<'a> {
    /// Its id.
    pub id: u64,
    count: u64,
    frames: Cursor<'a>,
}

impl StackRecord<'_> {
    /// Whether its bytes are neither too few nor too many for its frames.
    pub fn can_be(&self) -> bool {
        let (frames, bytes) = (self.count, self.frames.rest().len() as u64);
        let numbers = frames.saturating_mul(4);
        frames > 0 && (numbers..=numbers.saturating_mul(MAX_LEN as u64)).contains(&bytes)
    }

    /// Puts its frames into `frames`, leaf first.
    pub fn read(&self, frames: &mut Vec<RawFrame>) -> Result<(), WireError> {
        frames.clear();
        let mut cursor = self.frames;
        for _ in 0..self.count {
            let [pc, function, file, line] = [cursor.varint()?, cursor.varint()?, cursor.varint()?, cursor.varint()?];
            frames.push(RawFrame { pc, function, file, line });
        }
        if cursor.is_empty() {
            Ok(())
        } else {
            Err(cursor.error(WireErrorKind::WrongArguments, u64::from(EventType::Stack.byte())))
        }
    }
}

/// The records of a stretch of the file, in order. After an error it stays where the broken record begins.
#[derive(Clone, Debug)]
pub struct Records<'a> {
    cursor: Cursor<'a>,
    version: Version,
}

impl<'a> Records<'a> {
    /// The records in `data`, which stands `data_offset` bytes into the file.
    #[inline]
    pub fn new(version: Version, data: &'a [u8], data_offset: u64) -> Self {
        Self { cursor: Cursor::new(data, data_offset), version }
    }

    /// Where the next record begins, in bytes from the start of the file.
    #[inline]
    pub fn offset(&self) -> u64 {
        self.cursor.offset()
    }

    /// The next record; `None` at the end.
    #[inline]
    #[expect(clippy::should_implement_trait, reason = "an iterator would have to end after an error")]
    pub fn next(&mut self) -> Option<Result<Record<'a>, WireError>> {
        if self.cursor.is_empty() {
            return None;
        }
        let mut cursor = self.cursor;
        let record = read(self.version, &mut cursor);
        if record.is_ok() {
            self.cursor = cursor;
        }
        Some(record)
    }

    /// Goes to the next place behind the next record's first byte that looks like a batch whose time is at most
    /// `reach` ticks from `near`, or to the end.
    pub fn resume(&mut self, near: u64, reach: u64) {
        loop {
            let _ = self.cursor.byte();
            let Some(skip) = self.cursor.rest().iter().position(|&byte| byte == BATCH_BYTE) else {
                self.cursor.finish();
                return;
            };
            if self.cursor.bytes(skip).is_err() || self.is_batch(near, reach) {
                return;
            }
        }
    }

    fn is_batch(&self, near: u64, reach: u64) -> bool {
        let mut probe = self.clone();
        let is_near = match probe.next() {
            Some(Ok(Record::Batch { ticks, .. })) => ticks.abs_diff(near) <= reach,
            Some(Ok(_) | Err(_)) | None => false,
        };
        is_near && (0..PROBED).all(|_| probe.next().is_none_or(|record| record.is_ok()))
    }
}

fn read<'a>(version: Version, cursor: &mut Cursor<'a>) -> Result<Record<'a>, WireError> {
    let start = *cursor;
    let first = cursor.byte()?;
    let number = first & 0x3f;
    let kind = match EventType::from_byte(number) {
        Some(kind) if kind.spec().since <= version => kind,
        Some(_) | None => return Err(start.error(WireErrorKind::UnknownEvent, u64::from(number))),
    };
    let wrong = || start.error(WireErrorKind::WrongArguments, u64::from(number));
    // The delta is not counted. Three means that the bytes are.
    let counted = first >> 6;
    match kind.spec().class {
        RecordClass::String => {
            if counted != 0 {
                return Err(wrong());
            }
            let id = cursor.varint()?;
            Ok(Record::String { id, bytes: text(version, cursor)? })
        }
        RecordClass::Batch => {
            let proc = match cursor.varint()? {
                u64::MAX => None,
                proc => Some(i32::try_from(proc).map_err(|_| wrong())?.cast_unsigned()),
            };
            if counted != 1 {
                return Err(wrong());
            }
            Ok(Record::Batch { proc, ticks: cursor.varint()? })
        }
        RecordClass::Number => {
            if counted != 0 {
                return Err(wrong());
            }
            let value = cursor.varint()?;
            Ok(if kind == EventType::Frequency { Record::Frequency(value) } else { Record::TimerGoroutine(value) })
        }
        RecordClass::Stack => {
            if counted != 3 {
                return Err(wrong());
            }
            let mut frames = args(cursor, start)?;
            let id = frames.varint()?;
            let count = frames.varint()?;
            if count > MAX_FRAMES {
                return Err(wrong());
            }
            Ok(Record::Stack(StackRecord { id, count, frames }))
        }
        RecordClass::Event => event(version, kind, counted, start, cursor).map(Record::Event),
    }
}

/// The event whose first byte was read.
#[inline]
fn event<'a>(
    version: Version,
    kind: EventType,
    counted: u8,
    start: Cursor<'a>,
    cursor: &mut Cursor<'a>,
) -> Result<Event<'a>, WireError> {
    let spec = kind.spec();
    let wrong = || start.error(WireErrorKind::WrongArguments, u64::from(kind.byte()));
    let is_delimited = counted == 3;
    if !is_delimited && spec.args.len() != usize::from(counted) {
        return Err(wrong());
    }
    let mut inside = if is_delimited { args(cursor, start)? } else { *cursor };
    let dt = inside.varint()?;
    let has_stack = kind.has_stack();
    let plain = spec.args.len().saturating_sub(usize::from(has_stack));
    let mut args = [0; 3];
    for arg in args.iter_mut().take(plain) {
        *arg = inside.varint()?;
    }
    let stack = if has_stack { inside.varint()? } else { 0 };
    if !is_delimited {
        *cursor = inside;
    } else if !inside.is_empty() {
        return Err(wrong());
    }
    let text = if kind == EventType::UserLog { text(version, cursor)? } else { &[] };
    Ok(Event { kind, dt, args, stack, text })
}

/// The arguments of a record that says how many bytes they are.
fn args<'a>(cursor: &mut Cursor<'a>, start: Cursor<'a>) -> Result<Cursor<'a>, WireError> {
    let len = cursor.varint()?;
    if len > MAX_ARGS_LEN {
        return Err(start.error(WireErrorKind::RecordTooLong, len));
    }
    let offset = cursor.offset();
    Ok(Cursor::new(cursor.bytes(len as usize)?, offset))
}

/// A text behind its length.
fn text<'a>(version: Version, cursor: &mut Cursor<'a>) -> Result<&'a [u8], WireError> {
    let start = *cursor;
    let len = cursor.varint()?;
    if len > MAX_STRING_LEN {
        return Err(start.error(WireErrorKind::RecordTooLong, len));
    }
    let is_short = fills_buffer(len) && ends_early(version, cursor.rest(), len);
    cursor.bytes(if is_short { len.saturating_sub(LENGTH_LEN) } else { len } as usize)
}

/// Whether a text of which that length is said may be one that was cut to what room there was in a whole buffer.
fn fills_buffer(len: u64) -> bool {
    BUFFERS.iter().any(|&buffer| (buffer.saturating_sub(MOST_BEFORE_TEXT)..buffer).contains(&len))
}

/// Whether what stands behind a buffer begins, in `rest`, before the end that is said of a text, and goes on behind it.
///
/// In a text that is whole these bytes would be no UTF-8, or its last characters be a control character and another one.
fn ends_early(version: Version, rest: &[u8], len: u64) -> bool {
    let Some(next) = rest.get(len.saturating_sub(LENGTH_LEN) as usize..) else { return false };
    let is_behind = match next.first() {
        None => return true, // Nothing else is in this batch, or the program was killed.
        Some(&first) => first == BATCH_BYTE || first == EventType::Frequency.byte(),
    };
    let mut cursor = Cursor::new(next, 0);
    let can_be = is_behind
        && match read(version, &mut cursor) {
            Ok(Record::Batch { proc, .. }) => proc.is_none_or(|proc| proc <= MOST_PROC),
            Ok(_) => true,
            Err(_) => false,
        };
    can_be && cursor.offset() > LENGTH_LEN
}

#[cfg(test)]
mod tests;
