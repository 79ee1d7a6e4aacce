//! What goroscope-recorder says of its recording, in texts that no event refers to.
//!
//! The numbers that it counts are sums from the begin of the recording on, told anew by each generation: so the last one
//! holds, also where files are joined. Of a window nobody knows what share is its own. It has those of the whole
//! recording and says that.
//!
//! Values over time are taken apart, cut and written anew; the rest is kept text by text.

use std::collections::{BTreeMap, BTreeSet};

use goroscope_reader::{Points, SeriesPoint, Slice, Slices};
use goroscope_wire::{MAX_STRING_LEN, NOTE_PREFIX, SeriesTexts};

use crate::survey::Window;

/// The fact without which a text is not the recorder's.
const RECORDER: &str = "recorder";

/// What numbers are of that say nothing of the window at hand.
const NUMBERS: (&str, &str) = ("numbers", "of the whole recording");

/// How many generations are not in the file any more.
const FORGOTTEN: &str = "forgotten_generations";

/// What is said of a recording.
#[derive(Clone, Debug, Default)]
pub struct Recording {
    /// Plain facts by key.
    pub facts: BTreeMap<String, String>,
    /// Names of threads by number.
    pub threads: BTreeMap<u64, String>,
    /// Keys and values of which there may be several: where code is in memory, why snapshots were taken.
    pub several: Vec<(String, String)>,
    /// Points by counter.
    pub counters: BTreeMap<String, Curve<SeriesPoint>>,
    /// Slices off the processor by thread.
    pub off_cpu: BTreeMap<u64, Curve<Slice>>,
    /// Series of kinds that are not known, as they are.
    unknown: Vec<(String, String)>,
}

/// Something over time, in order.
#[derive(Clone, Debug)]
pub struct Curve<T> {
    all: Vec<T>,
    /// Those of them that are written.
    written: usize,
}

/// The numbers of a generation as an output has them.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Part {
    /// There was none before it.
    First,
    /// There was one.
    Later,
}

impl<T> Default for Curve<T> {
    fn default() -> Self {
        Self { all: Vec::new(), written: 0 }
    }
}

impl Recording {
    /// What these texts say, as a reader found them in a file; `None` if no recorder wrote them.
    pub fn of(texts: &[Box<str>]) -> Option<Self> {
        let mut recording = Self::default();
        // Snapshots may have been joined without care.
        let mut known = BTreeSet::new();
        for text in texts {
            let is_new = !text.starts_with("series.") || known.insert(&**text);
            if let Some((key, value)) = text.split_once('=').filter(|_| is_new) {
                recording.take(key, value);
            }
        }
        for curve in recording.counters.values_mut() {
            curve.all.sort_by_key(|point| point.time);
        }
        for curve in recording.off_cpu.values_mut() {
            curve.all.sort_by_key(|slice| slice.time);
            curve.all = apart(&curve.all);
        }
        recording.facts.contains_key(RECORDER).then_some(recording)
    }

    /// What makes no sense is left out.
    fn take(&mut self, key: &str, value: &str) {
        if let Some(name) = key.strip_prefix("series.counter.") {
            let points = Points::new(value).into_iter().flatten().map_while(Result::ok);
            self.counters.entry(name.to_owned()).or_default().all.extend(points);
        } else if let Some(thread) = key.strip_prefix("series.off_cpu.") {
            let Ok(thread) = thread.parse() else { return };
            let slices = Slices::new(value).into_iter().flatten().map_while(Result::ok);
            self.off_cpu.entry(thread).or_default().all.extend(slices);
        } else if key.starts_with("series.") {
            self.unknown.push((key.to_owned(), value.to_owned()));
        } else if let Some(thread) = key.strip_prefix("thread.") {
            let Ok(thread) = thread.parse() else { return };
            self.threads.insert(thread, value.to_owned());
        } else if key.starts_with("map.") || key == "snapshot" {
            let entry = (key.to_owned(), value.to_owned());
            if !self.several.contains(&entry) {
                self.several.push(entry);
            }
        } else {
            self.facts.insert(key.to_owned(), value.to_owned());
        }
    }

    /// Leaves what is within the window, whose times are on the clock of the file's events. A counter has at its begin
    /// the value that it had then.
    pub fn cut(&mut self, window: Window) {
        let (from, to) = (window.from.max(0) as u64, window.to.max(0) as u64);
        for curve in self.counters.values_mut() {
            let points = &mut curve.all;
            points.truncate(points.partition_point(|point| point.time <= to));
            let before = points.partition_point(|point| point.time < from);
            let has_value = points.get(before).is_some_and(|point| point.time == from);
            if before > 0 && !has_value {
                points[before - 1].time = from;
                points.drain(..before - 1);
            } else {
                points.drain(..before);
            }
        }
        for curve in self.off_cpu.values_mut() {
            let within = curve.all.iter().filter_map(|slice| {
                let (start, end) = (slice.time.max(from), slice.time.saturating_add(slice.dur).min(to));
                (start < end).then(|| Slice { time: start, dur: end - start, kind: slice.kind })
            });
            curve.all = within.collect();
        }
        self.counters.retain(|_, curve| !curve.all.is_empty());
        self.off_cpu.retain(|_, curve| !curve.all.is_empty());
        self.unknown.clear();
        self.facts.insert(NUMBERS.0.to_owned(), NUMBERS.1.to_owned());
    }

    /// Says how many of the recording's generations are not there.
    pub fn forget(&mut self, generations: u64) {
        if let Some(forgotten) = self.facts.get_mut(FORGOTTEN) {
            *forgotten = generations.to_string();
        }
    }

    /// Takes away what could not be told without its name.
    pub fn forget_unknown(&mut self) {
        self.unknown.clear();
    }

    /// The texts of a generation that ends before `end`, on the clock of the file's events. Names and places are told
    /// once: whoever makes files of parts of this one has them from the first.
    pub fn texts(&mut self, part: Part, end: u64) -> Vec<String> {
        let line = |key: &str, value: &str| {
            let mut text = format!("{NOTE_PREFIX}{key}={value}");
            text.truncate(text.floor_char_boundary(MAX_STRING_LEN));
            text
        };
        let mut texts: Vec<String> = self.facts.iter().map(|(key, value)| line(key, value)).collect();
        if part == Part::First {
            let threads = self.threads.iter().map(|(thread, name)| line(&format!("thread.{thread}"), name));
            texts.extend(threads);
            let several = self.several.iter().chain(&self.unknown);
            texts.extend(several.map(|(key, value)| line(key, value)));
        }
        for (name, curve) in &mut self.counters {
            let points = curve.next(|point| point.time < end);
            texts.extend(series(&format!("series.counter.{name}"), points, SeriesTexts::point));
        }
        for (thread, curve) in &mut self.off_cpu {
            let slices = curve.next(|slice| slice.time < end);
            texts.extend(series(&format!("series.off_cpu.{thread}"), slices, SeriesTexts::slice));
        }
        texts
    }
}

impl<T: Copy> Curve<T> {
    /// Those that are not written and for which this holds, which it does for all before one for which it holds.
    fn next(&mut self, is_before: impl Fn(&T) -> bool) -> &[T] {
        let rest = self.all.get(self.written..).unwrap_or_default();
        let count = rest.partition_point(is_before);
        self.written += count;
        rest.get(..count).unwrap_or_default()
    }
}

fn series<T: Copy>(key: &str, points: &[T], mut add: impl FnMut(&mut SeriesTexts, T) -> usize) -> Vec<String> {
    let Some(mut texts) = SeriesTexts::new(key) else { return Vec::new() };
    for &point in points {
        add(&mut texts, point);
    }
    texts.take()
}

/// Slices none of which begins before the one before it ended.
fn apart(slices: &[Slice]) -> Vec<Slice> {
    let mut free = 0;
    let mut kept = Vec::with_capacity(slices.len());
    for slice in slices {
        let (start, end) = (slice.time.max(free), slice.time.saturating_add(slice.dur));
        if start < end {
            kept.push(Slice { time: start, dur: end - start, kind: slice.kind });
            free = end;
        }
    }
    kept
}

#[cfg(test)]
mod tests {
    use super::*;

    /// What the texts of `recording` say, cut if there is a window, in two generations of which the first ends at 100.
    fn check(texts: &[&str], window: Option<(i64, i64)>, expected: &[&str]) {
        let texts: Vec<Box<str>> = texts.iter().map(|&text| text.into()).collect();
        let Some(mut recording) = Recording::of(&texts) else {
            assert!(expected.is_empty());
            return;
        };
        if let Some((from, to)) = window {
            recording.cut(Window { from, to });
        }
        let mut written = recording.texts(Part::First, 100);
        written.extend(recording.texts(Part::Later, u64::MAX));
        let written: Vec<&str> = written.iter().map(|text| text.strip_prefix(NOTE_PREFIX).expect("a note")).collect();
        assert_eq!(written, expected);
    }

    fn counter(points: &[(u64, i64)]) -> String {
        let mut texts = SeriesTexts::new("series.counter.depth").expect("room");
        for &(time, value) in points {
            texts.point(SeriesPoint { time, value });
        }
        texts.take()[0][NOTE_PREFIX.len()..].to_owned()
    }

    fn off_cpu(slices: &[(u64, u64)]) -> String {
        let mut texts = SeriesTexts::new("series.off_cpu.1").expect("room");
        for &(time, dur) in slices {
            texts.slice(Slice { time, dur, kind: 1 });
        }
        texts.take()[0][NOTE_PREFIX.len()..].to_owned()
    }

    #[test]
    fn the_last_of_each_fact_holds() {
        check(&["dropped=1"], None, &[]);
        check(
            &["recorder=1", "thread.1=main", "dropped=1", "map.0=a", "dropped=2", "map.0=a", "map.0=b", "thread.1=old"],
            None,
            &["dropped=2", "recorder=1", "thread.1=old", "map.0=a", "map.0=b", "dropped=2", "recorder=1"],
        );
        check(
            &["nonsense", "recorder=1", "thread.x=a", "series.off_cpu.x=", "series.counter.a=?"],
            None,
            &["recorder=1", "recorder=1"],
        );
    }

    #[test]
    fn series_are_written_where_they_belong() {
        let both = counter(&[(10, 1), (99, 2), (100, 3)]);
        let slices = off_cpu(&[(10, 20), (99, 5), (110, 1)]);
        check(
            &["recorder=1", &both, &both, &slices, "series.new=1"],
            None,
            &[
                "recorder=1",
                "series.new=1",
                &counter(&[(10, 1), (99, 2)]),
                &off_cpu(&[(10, 20), (99, 5)]),
                "recorder=1",
                &counter(&[(100, 3)]),
                &off_cpu(&[(110, 1)]),
            ],
        );
    }

    #[test]
    fn a_window_begins_with_the_values_of_then() {
        let numbers = "numbers=of the whole recording";
        let check = |(from, to), points: &[(u64, i64)], slices: &[(u64, u64)]| {
            let input = [
                "recorder=1",
                "series.new=1",
                &counter(&[(10, 1), (20, 2), (20, 3), (30, 4)]),
                &off_cpu(&[(10, 10), (30, 10)]),
            ];
            let mut expected = vec![numbers.to_owned(), "recorder=1".to_owned()];
            expected.extend((!points.is_empty()).then(|| counter(points)));
            expected.extend((!slices.is_empty()).then(|| off_cpu(slices)));
            expected.extend([numbers.to_owned(), "recorder=1".to_owned()]);
            let expected: Vec<&str> = expected.iter().map(String::as_str).collect();
            check(&input, Some((from, to)), &expected);
        };
        check((15, 25), &[(15, 1), (20, 2), (20, 3)], &[(15, 5)]);
        check((20, 30), &[(20, 2), (20, 3), (30, 4)], &[]);
        check((21, 35), &[(21, 3), (30, 4)], &[(30, 5)]);
        check((40, 90), &[(40, 4)], &[]);
        check((0, 9), &[], &[]);
        check((i64::MIN, 10), &[(10, 1)], &[]);
    }
}
