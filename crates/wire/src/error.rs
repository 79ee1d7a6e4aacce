//! What can be wrong with bytes, where, and with which value.

use std::fmt;

use crate::EventType;

/// A place in the file that does not follow the format.
///
/// `Display` gives a lower-case fragment without the position: the caller knows the generation and the thread, and
/// says all three together.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct WireError {
    /// What is wrong.
    pub kind: WireErrorKind,
    /// Where: bytes from the start of the file.
    pub offset: u64,
    /// The value that is wrong; its meaning is given with each kind.
    pub value: u64,
}

/// What is wrong at a place in the file.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Hash)]
pub enum WireErrorKind {
    /// The file does not begin with the header of a known version; `value` is zero. `parse_header` tells more.
    BadHeader,
    /// The file or the batch ends inside a header, an event or a table entry; `value` is zero.
    UnexpectedEnd,
    /// The file ends before the batch that begins here does; `value` is the size the batch claims, in bytes.
    BatchCut,
    /// A number does not fit 64 bits or takes more than ten bytes; `value` is its tenth byte.
    VarintOverflow,
    /// A batch should begin here but does not; `value` is the byte found.
    BadBatchByte,
    /// What looks like a batch has a generation and time that do not go with those before it, or a size that is not
    /// written as theirs; `value` is its generation.
    StrayBatch,
    /// A batch claims more than 65,536 bytes; `value` is its size.
    BatchTooLarge,
    /// The event number is not in the table; `value` is the number.
    UnknownEvent,
    /// The event came with a later version of the format; `value` is its number.
    EventNotInVersion,
    /// The event may not stand in a batch of this kind; `value` is its number.
    WrongClass,
    /// A stack has more than 128 frames; `value` is their number.
    TooManyFrames,
    /// A string has more than 1,024 bytes; `value` is their number.
    StringTooLong,
    /// A sync batch has a second frequency or clock snapshot; `value` is its event number.
    DuplicateSync,
    /// A v1 record does not have the arguments that it should; `value` is its number.
    WrongArguments,
    /// A v1 record is longer than any can be; `value` is its size in bytes.
    RecordTooLong,
}

impl fmt::Display for WireError {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        let value = self.value;
        let event = || u8::try_from(value).ok().and_then(EventType::from_byte).map_or("event", EventType::name);
        match self.kind {
            WireErrorKind::BadHeader => write!(f, "no header of a known version"),
            WireErrorKind::UnexpectedEnd => write!(f, "unexpected end of data"),
            WireErrorKind::BatchCut => {
                write!(f, "batch of {value} bytes goes past the end of the file")
            }
            WireErrorKind::VarintOverflow => write!(f, "number does not fit 64 bits"),
            WireErrorKind::BadBatchByte => write!(f, "expected a batch, found byte {value}"),
            WireErrorKind::StrayBatch => {
                write!(f, "stray batch of generation {value}, unlike those around it")
            }
            WireErrorKind::BatchTooLarge => {
                write!(f, "batch of {value} bytes is larger than 65536")
            }
            WireErrorKind::UnknownEvent => write!(f, "unknown event number {value}"),
            WireErrorKind::EventNotInVersion => {
                write!(f, "{} ({value}) is newer than the version of the trace", event())
            }
            WireErrorKind::WrongClass => {
                write!(f, "{} ({value}) in a batch of another kind", event())
            }
            WireErrorKind::TooManyFrames => write!(f, "stack of {value} frames has more than 128"),
            WireErrorKind::StringTooLong => write!(f, "string of {value} bytes has more than 1024"),
            WireErrorKind::WrongArguments => write!(f, "record of number {value} has other arguments than it should"),
            WireErrorKind::RecordTooLong => write!(f, "record of {value} bytes is longer than any"),
            WireErrorKind::DuplicateSync => write!(f, "second {} in a sync batch", event()),
        }
    }
}

impl std::error::Error for WireError {}
