//! Timed events: the bulk of every trace, and the loop that reading it fast depends on.

use crate::varint::Cursor;
use crate::{EventClass, EventType, Version, WireError, WireErrorKind};

/// An event of a thread as it stands on the wire.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct RawEvent {
    /// Which event.
    pub kind: EventType,
    /// Ticks since the event before it in the batch, or since the time of the batch.
    pub dt: u64,
    /// Its arguments in the order of `EventSpec::args`; those it does not have are zero.
    pub args: [u64; 4],
}

/// An event that may stand in a batch of timed events, and the number of its arguments.
#[derive(Clone, Copy)]
struct Shape {
    kind: EventType,
    args: u8,
}

/// Shapes by event number.
type Shapes = [Option<Shape>; 256];

/// None: the v1 format has other events.
static V1: Shapes = shapes(Version::Go121);
static GO122: Shapes = shapes(Version::Go122);
static GO123: Shapes = shapes(Version::Go123);
static GO125: Shapes = shapes(Version::Go125);
static GO126: Shapes = shapes(Version::Go126);

#[expect(clippy::indexing_slicing, clippy::arithmetic_side_effects, reason = "runs in the compiler, which checks both")]
const fn shapes(version: Version) -> Shapes {
    let mut shapes = [None; 256];
    let mut byte = 0;
    while byte < shapes.len() {
        if let Some(kind) = EventType::from_byte(byte as u8) {
            let spec = kind.spec();
            let timed = matches!(spec.class, EventClass::Timed | EventClass::Experiment);
            if timed && spec.since.minor() <= version.minor() {
                shapes[byte] = Some(Shape { kind, args: spec.args.len() as u8 });
            }
        }
        byte += 1;
    }
    shapes
}

/// The events of a batch, in order; nothing follows an error.
#[derive(Clone, Debug)]
pub struct TimedEvents<'a> {
    cursor: Cursor<'a>,
    version: Version,
}

impl<'a> TimedEvents<'a> {
    /// The events in `data`, which stands `data_offset` bytes into the file.
    #[inline]
    pub fn new(version: Version, data: &'a [u8], data_offset: u64) -> Self {
        Self { cursor: Cursor::new(data, data_offset), version }
    }

    /// Where the next event begins or, after an error, the end of the batch; bytes from the start of the file.
    #[inline]
    pub fn offset(&self) -> u64 {
        self.cursor.offset()
    }

    /// The next event's kind and ticks, its arguments put in place of what `args` holds: for a caller that keeps them at
    /// a place of its own, to which they go without a stop on the way. `None` at the end; nothing follows an error.
    #[inline]
    pub fn next_into(&mut self, args: &mut [u64; 4]) -> Result<Option<(EventType, u64)>, WireError> {
        if self.cursor.is_empty() {
            return Ok(None);
        }
        let event = self.read(args);
        if event.is_err() {
            self.cursor.finish();
        }
        event.map(Some)
    }

    #[inline]
    fn read(&mut self, args: &mut [u64; 4]) -> Result<(EventType, u64), WireError> {
        let shapes = match self.version {
            Version::Go111 | Version::Go119 | Version::Go121 => &V1,
            Version::Go122 => &GO122,
            Version::Go123 => &GO123,
            Version::Go125 => &GO125,
            Version::Go126 => &GO126,
        };
        let start = self.cursor;
        let byte = self.cursor.byte()?;
        let Some(shape) = shapes.get(usize::from(byte)).copied().flatten() else {
            return Err(refused(start, byte));
        };
        let dt = self.cursor.varint()?;
        // Each length for itself: the numbers stay in registers until all are known.
        *args = match shape.args {
            0 => [0; 4],
            1 => [self.cursor.varint()?, 0, 0, 0],
            2 => [self.cursor.varint()?, self.cursor.varint()?, 0, 0],
            3 => [self.cursor.varint()?, self.cursor.varint()?, self.cursor.varint()?, 0],
            _ => [self.cursor.varint()?, self.cursor.varint()?, self.cursor.varint()?, self.cursor.varint()?],
        };
        Ok((shape.kind, dt))
    }
}

/// Why the event with this number has no shape.
#[cold]
fn refused(start: Cursor<'_>, byte: u8) -> WireError {
    let kind = match EventType::from_byte(byte).map(|event| event.spec().class) {
        None => WireErrorKind::UnknownEvent,
        Some(EventClass::Framing | EventClass::Table) => WireErrorKind::WrongClass,
        Some(EventClass::Timed | EventClass::Experiment) => WireErrorKind::EventNotInVersion,
    };
    start.error(kind, u64::from(byte))
}

impl Iterator for TimedEvents<'_> {
    type Item = Result<RawEvent, WireError>;

    #[inline]
    fn next(&mut self) -> Option<Self::Item> {
        let mut args = [0; 4];
        self.next_into(&mut args).transpose().map(|event| event.map(|(kind, dt)| RawEvent { kind, dt, args }))
    }
}

#[cfg(test)]
mod tests;
