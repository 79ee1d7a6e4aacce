//! Values over time: counters of the program, queue depths of runtimes.
//!
//! The format has no place for them, so they are texts as `note` writes them: a line is base64 of pairs of time and value,
//! the first pair as it is and each other one as what it differs by, so that most take three or four bytes. A line has what
//! fits into a text, and each can be read without those before it.
//!
//! A generation begins with the value that each counter had, because those before it may be gone.

use goroscope_wire::{NOTE_PREFIX, SeriesPoint, SeriesTexts};
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
    texts: SeriesTexts,
    /// The last value there was.
    last: Option<i64>,
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
                self.bytes += curve.texts.point(SeriesPoint { time: start, value });
            }
        }
    }

    /// The counter with the name that the text `id` is, which `name` looks up, has a value; `false` without a name.
    pub fn count(&mut self, id: u64, time: u64, value: i64, name: impl FnOnce() -> Option<String>) -> bool {
        let row = if let Some(&row) = self.of_text.get(&id) {
            row
        } else {
            let Some(row) = name().and_then(|name| self.curve(&name)) else { return false };
            self.of_text.insert(id, row);
            row
        };
        self.add(row, time, value);
        true
    }

    /// The curve of a name has a value.
    #[cfg(any(test, feature = "tokio"))]
    pub fn sample(&mut self, name: &str, time: u64, value: i64) {
        if let Some(row) = self.curve(name) {
            self.add(row, time, value);
        }
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
            take(&mut curve.texts, note);
        }
        self.bytes = 0;
    }

    fn curve(&mut self, name: &str) -> Option<usize> {
        if let Some(&row) = self.of_name.get(name) {
            return Some(row);
        }
        let row = self.curves.len();
        let shown = name.replace(|letter: char| letter == '=' || letter.is_control(), "_");
        let texts = SeriesTexts::new(&format!("series.counter.{}", fitting(&shown, MAX_NAME)))?;
        self.curves.push(Curve { texts, last: None });
        self.of_name.insert(name.to_owned(), row);
        Some(row)
    }

    fn add(&mut self, row: usize, time: u64, value: i64) {
        if let Some(curve) = self.curves.get_mut(row) {
            curve.last = Some(value);
            self.bytes += curve.texts.point(SeriesPoint { time, value });
        }
    }
}

/// Moves all texts of a series to the notes.
pub fn take(texts: &mut SeriesTexts, note: &mut String) {
    for text in texts.take() {
        note.push_str(text.strip_prefix(NOTE_PREFIX).unwrap_or(&text));
        note.push('\n');
    }
}

#[cfg(test)]
mod tests {
    use goroscope_wire::{MAX_STRING_LEN, Points};

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
