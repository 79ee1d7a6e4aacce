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

    #[inline]
    fn read(&mut self) -> Result<RawEvent, WireError> {
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
        let mut args = [0; 4];
        for arg in args.iter_mut().take(usize::from(shape.args)) {
            *arg = self.cursor.varint()?;
        }
        Ok(RawEvent { kind: shape.kind, dt, args })
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
        if self.cursor.is_empty() {
            return None;
        }
        let event = self.read();
        if event.is_err() {
            self.cursor.finish();
        }
        Some(event)
    }
}

#[cfg(test)]
mod tests;
