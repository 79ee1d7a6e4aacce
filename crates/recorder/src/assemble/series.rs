//! Values over time: counters of the program, queue depths of runtimes.
//!
//! The format has no place for them, so they are texts as `note` writes them: a line is base64 of pairs of time and value,
//! the first pair as it is and each other one as what it differs by, so that most take three or four bytes. A line has what
//! fits into a text, and each can be read without those before it.
//!
//! A generation begins with the value that each counter had, because those before it may be gone.

use data_encoding::BASE64_NOPAD;
use goroscope_wire::{MAX_STRING_LEN, NOTE_PREFIX, push_varint};
use rustc_hash::FxHashMap;

use crate::text::fitting;

/// Bytes of a name; longer ones are cut.
const MAX_NAME: usize = 200;

/// All curves of the recording, and what is to be written of them.
#[derive(Debug, Default)]
pub struct Series {
    curves: Vec<Curve>,
    of_name: FxHashMap<String, usize>,
    of_text: FxHashMap<u64, usize>,
    /// The one that the curves are prepared for.
    generation: u64,
    bytes: usize,
}

#[derive(Debug)]
struct Curve {
    lines: Lines,
    /// The last value there was.
    last: Option<i64>,
}

/// A place in a curve.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Point {
    /// A counter has a value since a time, ns.
    Value { time: u64, value: i64 },
    /// Something lasts from a time on, ns, and is of a kind.
    #[cfg(feature = "perf")]
    Slice { time: u64, dur: u64, kind: u64 },
}

/// The lines of one key, each as long as a text may be.
#[derive(Debug)]
pub struct Lines {
    /// With the `=`.
    key: String,
    done: Vec<String>,
    /// Of the line that is not full.
    bytes: Vec<u8>,
    /// Of the last point.
    time: u64,
    value: i64,
}

impl Series {
    /// A generation of this number is open since `start`, ns.
    pub fn open(&mut self, number: u64, start: u64) {
        if self.generation == number {
            return;
        }
        self.generation = number;
        for curve in &mut self.curves {
            if let Some(value) = curve.last {
                self.bytes += curve.lines.push(Point::Value { time: start, value });
            }
        }
    }

    /// The counter with the name that the text `id` is, which `name` looks up, has a value; `false` without a name.
    pub fn count(&mut self, id: u64, time: u64, value: i64, name: impl FnOnce() -> Option<String>) -> bool {
        let row = match self.of_text.get(&id) {
            Some(&row) => row,
            None => match name() {
                Some(name) => {
                    let row = self.curve(&name);
                    self.of_text.insert(id, row);
                    row
                }
                None => return false,
            },
        };
        self.add(row, time, value);
        true
    }

    /// The curve of a name has a value.
    #[cfg(any(test, feature = "tokio"))]
    pub fn sample(&mut self, name: &str, time: u64, value: i64) {
        let row = self.curve(name);
        self.add(row, time, value);
    }

    /// The last value of a curve.
    #[cfg(any(test, feature = "tokio"))]
    pub fn last(&self, name: &str) -> Option<i64> {
        self.curves.get(*self.of_name.get(name)?)?.last
    }

    /// Bytes of what is to be written.
    pub fn len(&self) -> usize {
        self.bytes
    }

    /// Writes the lines of the generation to its notes.
    pub fn take(&mut self, note: &mut String) {
        for curve in &mut self.curves {
            curve.lines.take(note);
        }
        self.bytes = 0;
    }

    fn curve(&mut self, name: &str) -> usize {
        if let Some(&row) = self.of_name.get(name) {
            return row;
        }
        let row = self.curves.len();
        let shown = name.replace(|letter: char| letter == '=' || letter.is_control(), "_");
        let lines = Lines::new(&format!("series.counter.{}", fitting(&shown, MAX_NAME)));
        self.curves.push(Curve { lines, last: None });
        self.of_name.insert(name.to_owned(), row);
        row
    }

    fn add(&mut self, row: usize, time: u64, value: i64) {
        if let Some(curve) = self.curves.get_mut(row) {
            curve.last = Some(value);
            self.bytes += curve.lines.push(Point::Value { time, value });
        }
    }
}

impl Lines {
    /// No points yet.
    pub fn new(key: &str) -> Self {
        Self { key: format!("{key}="), done: Vec::new(), bytes: Vec::new(), time: 0, value: 0 }
    }

    /// Adds a point, which counts as not earlier than the last one, and says how many bytes it takes.
    pub fn push(&mut self, point: Point) -> usize {
        let before = self.bytes.len();
        self.write(point);
        if self.bytes.len() > self.room() {
            self.bytes.truncate(before);
            self.finish_line();
            self.write(point);
        }
        match point {
            Point::Value { time, value } => (self.time, self.value) = (self.time.max(time), value),
            #[cfg(feature = "perf")]
            Point::Slice { time, dur, .. } => self.time = self.time.max(time + dur),
        }
        self.bytes.len().abs_diff(before)
    }

    fn write(&mut self, point: Point) {
        let (time_before, value_before) = if self.bytes.is_empty() { (0, 0) } else { (self.time, self.value) };
        match point {
            Point::Value { time, value } => {
                push_varint(&mut self.bytes, time.max(self.time) - time_before);
                let step = value.wrapping_sub(value_before);
                push_varint(&mut self.bytes, (step << 1 ^ step >> 63) as u64);
            }
            #[cfg(feature = "perf")]
            Point::Slice { time, dur, kind } => {
                // Slices lie behind each other.
                let start = time.max(self.time);
                push_varint(&mut self.bytes, start - time_before);
                push_varint(&mut self.bytes, (time + dur).saturating_sub(start));
                push_varint(&mut self.bytes, kind);
            }
        }
    }

    /// Moves all lines to the notes.
    pub fn take(&mut self, note: &mut String) {
        self.finish_line();
        for line in self.done.drain(..) {
            note.push_str(&line);
            note.push('\n');
        }
    }

    /// Bytes whose base64 fits behind the key.
    fn room(&self) -> usize {
        (MAX_STRING_LEN - NOTE_PREFIX.len()).saturating_sub(self.key.len()) / 4 * 3
    }

    fn finish_line(&mut self) {
        if !self.bytes.is_empty() {
            let mut line = self.key.clone();
            BASE64_NOPAD.encode_append(&self.bytes, &mut line);
            self.done.push(line);
            self.bytes.clear();
        }
    }
}

#[cfg(test)]
mod tests {
    use goroscope_wire::Points;

    use super::*;

    /// The points that the lines of a counter say, with an empty place between lines.
    fn read(note: &str, key: &str) -> Vec<Option<(u64, i64)>> {
        let mut points = Vec::new();
        for line in note.lines() {
            assert!(NOTE_PREFIX.len() + line.len() <= MAX_STRING_LEN, "{}", line.len());
            let Some(text) = line.strip_prefix(key) else { continue };
            points.push(None);
            let of_line = Points::new(text).unwrap().map(|point| point.unwrap());
            points.extend(of_line.map(|point| Some((point.time, point.value))));
        }
        points
    }

    fn check(values: &[(u64, i64)], expected: &[(u64, i64)]) -> String {
        let mut series = Series::default();
        series.open(1, 0);
        for &(time, value) in values {
            assert!(series.count(7, time, value, || Some("a=b\n".into())));
        }
        let mut note = String::new();
        series.take(&mut note);
        let points = read(&note, "series.counter.a_b_=");
        assert_eq!(points.into_iter().flatten().collect::<Vec<_>>(), expected);
        note
    }

    #[test]
    fn lines_say_what_was_counted() {
        check(&[], &[]);
        let odd = [(5, -3), (5, i64::MAX), (9, i64::MIN), (1 << 50, 0), (u64::MAX, 1)];
        check(&odd, &odd);
        check(&[(5, 1), (4, 2), (6, 3)], &[(5, 1), (5, 2), (6, 3)]);
    }

    #[test]
    fn a_line_has_what_fits() {
        let many: Vec<_> = (0..2000).map(|at| (1_000_000_000 + at * 100_000, at as i64 * 1000)).collect();
        let note = check(&many, &many);
        assert!(note.lines().rev().skip(1).all(|line| line.len() > 980), "{note}");
    }

    #[test]
    fn a_generation_begins_with_the_last_values() {
        let mut series = Series::default();
        series.open(1, 10);
        series.sample("one", 20, 1);
        series.sample("one", 30, 2);
        series.take(&mut String::new());
        series.open(2, 40);
        series.open(2, 41);
        series.sample("one", 50, 3);
        let mut note = String::new();
        series.take(&mut note);
        assert_eq!(read(&note, "series.counter.one="), [None, Some((40, 2)), Some((50, 3))]);
        assert_eq!((series.last("one"), series.last("two")), (Some(3), None));
    }

    #[test]
    fn a_name_that_is_lost() {
        let mut series = Series::default();
        assert!(!series.count(7, 1, 1, || None));
    }
}
