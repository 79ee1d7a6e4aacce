//! Timed events: the bulk of every trace, and the loop that reading it fast depends on.

use crate::varint::{Cursor, Window, window_varint};
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
#[derive(Clone, Copy, Debug)]
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
    shapes: &'static Shapes,
}

impl<'a> TimedEvents<'a> {
    /// The events in `data`, which stands `data_offset` bytes into the file.
    #[inline]
    pub fn new(version: Version, data: &'a [u8], data_offset: u64) -> Self {
        let shapes = match version {
            Version::Go111 | Version::Go119 | Version::Go121 => &V1,
            Version::Go122 => &GO122,
            Version::Go123 => &GO123,
            Version::Go125 => &GO125,
            Version::Go126 => &GO126,
        };
        Self { cursor: Cursor::new(data, data_offset), shapes }
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
        if let Some(window) = self.cursor.rest().first_chunk()
            && let Some((kind, dt, len)) = read_window(self.shapes, window, args)
        {
            self.cursor.skip(len);
            return Ok(Some((kind, dt)));
        }
        self.next_slowly(args)
    }

    /// As `next_into`, near the end of the batch, with very long numbers, or where there is an error.
    #[inline(never)]
    fn next_slowly(&mut self, args: &mut [u64; 4]) -> Result<Option<(EventType, u64)>, WireError> {
        if self.cursor.is_empty() {
            return Ok(None);
        }
        let event = self.read(args);
        if event.is_err() {
            self.cursor.finish();
        }
        event.map(Some)
    }

    fn read(&mut self, args: &mut [u64; 4]) -> Result<(EventType, u64), WireError> {
        let start = self.cursor;
        let byte = self.cursor.byte()?;
        let Some(shape) = self.shapes.get(usize::from(byte)).copied().flatten() else {
            return Err(refused(start, byte));
        };
        let dt = self.cursor.varint()?;
        *args = [0; 4];
        for arg in args.iter_mut().take(usize::from(shape.args)) {
            *arg = self.cursor.varint()?;
        }
        Ok((shape.kind, dt))
    }
}

/// The event at the start of `window`, and its length; `None` where it is not one, or has very long numbers.
#[inline]
fn read_window(shapes: &Shapes, window: &Window, args: &mut [u64; 4]) -> Option<(EventType, u64, usize)> {
    let [byte, ..] = *window;
    let shape = shapes.get(usize::from(byte)).copied().flatten()?;
    let (dt, at) = window_varint(window, 1)?;
    // Each count for itself: the numbers stay in registers until all are known.
    let at = match shape.args {
        0 => {
            *args = [0; 4];
            at
        }
        1 => {
            let (a, at) = window_varint(window, at)?;
            *args = [a, 0, 0, 0];
            at
        }
        2 => {
            let (a, at) = window_varint(window, at)?;
            let (b, at) = window_varint(window, at)?;
            *args = [a, b, 0, 0];
            at
        }
        3 => {
            let (a, at) = window_varint(window, at)?;
            let (b, at) = window_varint(window, at)?;
            let (c, at) = window_varint(window, at)?;
            *args = [a, b, c, 0];
            at
        }
        _ => {
            let (a, at) = window_varint(window, at)?;
            let (b, at) = window_varint(window, at)?;
            let (c, at) = window_varint(window, at)?;
            let (d, at) = window_varint(window, at)?;
            *args = [a, b, c, d];
            at
        }
    };
    Some((shape.kind, dt, at))
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
