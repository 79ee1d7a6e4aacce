//! Values over time and slices of time as goroscope-recorder writes them into texts, for the format has no place for them.
//!
//! A text is standard base64 without padding of unsigned LEB128 numbers. What a line holds begins with a time of its own, so
//! that each can be read without those before it.

use std::{fmt, mem};

use data_encoding::BASE64_NOPAD;

use crate::{MAX_STRING_LEN, push_varint};

/// How the texts begin that are about the recording.
///
/// Nothing in the file refers to them: tools of others carry them along and show them nowhere. Batches of an experiment
/// would be the place for such things, but Go's tools break down at those of an experiment that they do not know.
pub const NOTE_PREFIX: &str = "goroscope-recorder: ";

/// A text that is not a series, or not one up to its end.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum SeriesError {
    /// Not base64.
    Base64,
    /// A number is longer than 64 bits, or what belongs together is not complete.
    Cut,
    /// A sum is beyond 64 bits.
    Overflow,
}

impl fmt::Display for SeriesError {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str(match self {
            Self::Base64 => "not base64",
            Self::Cut => "cut in the middle of a number or of what belongs together",
            Self::Overflow => "a number beyond 64 bits",
        })
    }
}

impl std::error::Error for SeriesError {}

/// A value at a time, which is on the clock of the file's events, ns.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct SeriesPoint {
    /// When.
    pub time: u64,
    /// How much.
    pub value: i64,
}

/// A stretch of time on the clock of the file's events, ns.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct Slice {
    /// When it began.
    pub time: u64,
    /// How long it took.
    pub dur: u64,
    /// What the recorder says of it: 1 if a thread was preempted.
    pub kind: u64,
}

/// The points of a line: pairs of a time and a value in zigzag, each but the first as the difference to the one before.
#[derive(Debug)]
pub struct Points {
    numbers: Numbers,
    before: Option<SeriesPoint>,
}

/// The slices of a line: triples of begin, duration and kind; begins but the first as the difference to the end before.
#[derive(Debug)]
pub struct Slices {
    numbers: Numbers,
    /// Where the slice before ended.
    end: u64,
}

impl Points {
    /// Those that are in the text.
    pub fn new(text: &str) -> Result<Self, SeriesError> {
        Ok(Self { numbers: Numbers::new(text)?, before: None })
    }

    fn read(&mut self) -> Result<SeriesPoint, SeriesError> {
        let (time, value) = (self.numbers.take()?, zigzag(self.numbers.take()?));
        let point = match self.before {
            None => SeriesPoint { time, value },
            Some(before) => SeriesPoint {
                time: before.time.checked_add(time).ok_or(SeriesError::Overflow)?,
                // Around the end of the numbers, too: the step between two of them may be larger than they are.
                value: before.value.wrapping_add(value),
            },
        };
        self.before = Some(point);
        Ok(point)
    }
}

impl Iterator for Points {
    type Item = Result<SeriesPoint, SeriesError>;

    fn next(&mut self) -> Option<Self::Item> {
        if self.numbers.is_empty() {
            return None;
        }
        let point = self.read();
        if point.is_err() {
            self.numbers.finish();
        }
        Some(point)
    }
}

impl Slices {
    /// Those that are in the text.
    pub fn new(text: &str) -> Result<Self, SeriesError> {
        Ok(Self { numbers: Numbers::new(text)?, end: 0 })
    }

    fn read(&mut self) -> Result<Slice, SeriesError> {
        let (gap, dur, kind) = (self.numbers.take()?, self.numbers.take()?, self.numbers.take()?);
        let time = self.end.checked_add(gap).ok_or(SeriesError::Overflow)?;
        self.end = time.checked_add(dur).ok_or(SeriesError::Overflow)?;
        Ok(Slice { time, dur, kind })
    }
}

impl Iterator for Slices {
    type Item = Result<Slice, SeriesError>;

    fn next(&mut self) -> Option<Self::Item> {
        if self.numbers.is_empty() {
            return None;
        }
        let slice = self.read();
        if slice.is_err() {
            self.numbers.finish();
        }
        Some(slice)
    }
}

/// The texts of a series, each of which has what fits into a text.
#[derive(Debug)]
pub struct SeriesTexts {
    /// What each begins with.
    head: String,
    /// Bytes whose base64 fits behind it.
    room: usize,
    done: Vec<String>,
    /// The numbers of the text that is not full.
    bytes: Vec<u8>,
    /// When what was added last is over, and its value.
    before: SeriesPoint,
}

impl SeriesTexts {
    /// Without points; `None` for a key that leaves no room for any.
    pub fn new(key: &str) -> Option<Self> {
        let head = format!("{NOTE_PREFIX}{key}=");
        let room = MAX_STRING_LEN.checked_sub(head.len())?.checked_div(4)?.checked_mul(3)?;
        let before = SeriesPoint { time: 0, value: 0 };
        (room >= LONGEST).then_some(Self { head, room, done: Vec::new(), bytes: Vec::new(), before })
    }

    /// Adds a point, which counts as not earlier than the one before, and says how many bytes it takes.
    pub fn point(&mut self, point: SeriesPoint) -> usize {
        let point = SeriesPoint { time: point.time.max(self.before.time), ..point };
        let taken = self.add(|bytes, before| {
            push_varint(bytes, point.time.saturating_sub(before.time));
            push_varint(bytes, to_zigzag(point.value.wrapping_sub(before.value)));
        });
        self.before = point;
        taken
    }

    /// Adds a slice, of which nothing counts that is earlier than the end of the one before, and says how many bytes it
    /// takes.
    pub fn slice(&mut self, slice: Slice) -> usize {
        let start = slice.time.max(self.before.time);
        let dur = slice.time.saturating_add(slice.dur).saturating_sub(start);
        let taken = self.add(|bytes, before| {
            push_varint(bytes, start.saturating_sub(before.time));
            push_varint(bytes, dur);
            push_varint(bytes, slice.kind);
        });
        self.before.time = start.saturating_add(dur);
        taken
    }

    /// The texts so far, as they stand in a table; what is added later is in others.
    pub fn take(&mut self) -> Vec<String> {
        self.end_text();
        mem::take(&mut self.done)
    }

    /// Adds numbers, which differ where they begin a text.
    fn add(&mut self, numbers: impl Fn(&mut Vec<u8>, SeriesPoint)) -> usize {
        let mut from = self.bytes.len();
        let start = SeriesPoint { time: 0, value: 0 };
        numbers(&mut self.bytes, if from == 0 { start } else { self.before });
        if self.bytes.len() > self.room {
            self.bytes.truncate(from);
            self.end_text();
            from = 0;
            numbers(&mut self.bytes, start);
        }
        self.bytes.len().saturating_sub(from)
    }

    fn end_text(&mut self) {
        if !self.bytes.is_empty() {
            let mut text = self.head.clone();
            BASE64_NOPAD.encode_append(&self.bytes, &mut text);
            self.done.push(text);
            self.bytes.clear();
        }
    }
}

/// Three numbers of 64 bits.
const LONGEST: usize = 30;

/// Numbers one after another.
#[derive(Debug)]
struct Numbers {
    bytes: Vec<u8>,
    at: usize,
}

impl Numbers {
    fn new(text: &str) -> Result<Self, SeriesError> {
        let bytes = BASE64_NOPAD.decode(text.as_bytes()).map_err(|_| SeriesError::Base64)?;
        Ok(Self { bytes, at: 0 })
    }

    fn is_empty(&self) -> bool {
        self.at >= self.bytes.len()
    }

    fn finish(&mut self) {
        self.at = self.bytes.len();
    }

    fn take(&mut self) -> Result<u64, SeriesError> {
        let mut number = 0_u64;
        for shift in (0..u64::BITS).step_by(7) {
            let byte = *self.bytes.get(self.at).ok_or(SeriesError::Cut)?;
            self.at = self.at.saturating_add(1);
            let bits = u64::from(byte & 0x7f);
            let shifted = bits.checked_shl(shift).unwrap_or(0);
            if shifted.checked_shr(shift) != Some(bits) {
                return Err(SeriesError::Cut);
            }
            number |= shifted;
            if byte & 0x80 == 0 {
                return Ok(number);
            }
        }
        Err(SeriesError::Cut)
    }
}

fn zigzag(number: u64) -> i64 {
    (number >> 1) as i64 ^ ((number & 1) as i64).wrapping_neg()
}

fn to_zigzag(number: i64) -> u64 {
    (number << 1 ^ number >> 63) as u64
}

#[cfg(test)]
mod tests {
    use super::*;

    fn text(numbers: &[u64]) -> String {
        let mut bytes = Vec::new();
        for &number in numbers {
            let mut rest = number;
            while rest >= 0x80 {
                bytes.push(rest as u8 | 0x80);
                rest >>= 7;
            }
            bytes.push(rest as u8);
        }
        BASE64_NOPAD.encode(&bytes)
    }

    fn points(text: &str) -> Result<Vec<(u64, i64)>, SeriesError> {
        Points::new(text)?.map(|point| point.map(|point| (point.time, point.value))).collect()
    }

    #[test]
    fn points_are_differences() {
        assert_eq!(
            points(&text(&[1_000_000, 10, 5, 1, 0, 4])),
            Ok(vec![(1_000_000, 5), (1_000_005, 4), (1_000_005, 6)])
        );
        assert_eq!(points(&text(&[u64::MAX, u64::MAX])), Ok(vec![(u64::MAX, i64::MIN)]));
        assert_eq!(points(&text(&[0, u64::MAX - 1, 1, 2])), Ok(vec![(0, i64::MAX), (1, i64::MIN)]));
        assert_eq!(points(""), Ok(vec![]));
    }

    #[test]
    fn slices_begin_where_the_one_before_ended() {
        let slices: Vec<_> = Slices::new(&text(&[100, 20, 1, 3, 4, 0])).unwrap().map(Result::unwrap).collect();
        assert_eq!(slices, [Slice { time: 100, dur: 20, kind: 1 }, Slice { time: 123, dur: 4, kind: 0 }]);
    }

    #[test]
    fn what_is_wrong_is_said() {
        for (bad, error) in [
            ("=".to_owned(), SeriesError::Base64),
            ("\u{e9}".to_owned(), SeriesError::Base64),
            (text(&[1]), SeriesError::Cut),
            (BASE64_NOPAD.encode(&[0xff; 11]), SeriesError::Cut),
            (text(&[u64::MAX, 0, 1, 0]), SeriesError::Overflow),
        ] {
            assert_eq!(points(&bad), Err(error), "{bad}");
        }
        let found: Vec<_> = Slices::new(&text(&[1, u64::MAX, 0, 1, 1, 1])).unwrap().collect();
        assert_eq!(found, [Err(SeriesError::Overflow)]);
    }

    #[test]
    fn what_is_written_is_read() {
        let written = [(5, -3), (5, i64::MAX), (9, i64::MIN), (1 << 50, 0), (u64::MAX, 1)];
        let points = |count: u64| {
            let many = (0..count).map(|at| (1_000_000_000 + at * 100_000, at as i64 * 1000));
            written.into_iter().cycle().take(if count > 0 { 0 } else { 5 }).chain(many).collect::<Vec<_>>()
        };
        for points in [points(0), points(1), points(5000)] {
            let mut texts = SeriesTexts::new("series.counter.a").unwrap();
            for &(time, value) in &points {
                texts.point(SeriesPoint { time, value });
            }
            assert_eq!(read_back(texts, |text| self::points(text).unwrap()), points);
        }
        let mut texts = SeriesTexts::new("series.off_cpu.1").unwrap();
        let slices: Vec<Slice> = (0..999).map(|at| Slice { time: at * 1000, dur: at, kind: at & 1 }).collect();
        for &slice in &slices {
            texts.slice(slice);
        }
        let read = read_back(texts, |text| Slices::new(text).unwrap().map(Result::unwrap).collect());
        assert_eq!(read, slices);
    }

    fn read_back<T>(mut texts: SeriesTexts, read: impl Fn(&str) -> Vec<T>) -> Vec<T> {
        let texts = texts.take();
        let short = texts.iter().rev().skip(1).find(|text| text.len() < MAX_STRING_LEN - 44);
        assert_eq!(short, None);
        assert!(texts.iter().all(|text| text.len() <= MAX_STRING_LEN && text.starts_with(NOTE_PREFIX)));
        texts.iter().flat_map(|text| read(text.split_once('=').unwrap().1)).collect()
    }

    #[test]
    fn times_go_on() {
        let mut texts = SeriesTexts::new("a").unwrap();
        texts.point(SeriesPoint { time: 5, value: 1 });
        texts.point(SeriesPoint { time: 4, value: 2 });
        assert_eq!(read_back(texts, |text| points(text).unwrap()), [(5, 1), (5, 2)]);
        assert!(SeriesTexts::new(&"a".repeat(MAX_STRING_LEN - 60)).is_none());
    }
}
