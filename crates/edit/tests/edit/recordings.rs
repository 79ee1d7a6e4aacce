//! What goroscope-recorder says of its recording stays, as far as it is still true of what is written.

use std::collections::BTreeMap;
use std::sync::LazyLock;

use goroscope_edit::{Pseudonyms, Window, anonymize, cut, merge, repair};
use goroscope_reader::{Points, Reader};
use goroscope_recorder::{FutureExt, Recorder, Ring, counter, region, thread};

use crate::lanes::Lanes;
use crate::recorded::{KNOWN, Random, quietly};

/// A program that ran: tasks, a thread with a name, a counter that changes and one that does not, some generations.
static RECORDING: LazyLock<Vec<u8>> = LazyLock::new(|| {
    let recording = Recorder::builder().generation_bytes(1).start_ring(Ring::default()).expect("a recording");
    counter!("constant", -7);
    let named = thread::Builder::new().name("counting".to_owned());
    let steps = named.spawn(|| {
        for at in 0..500 {
            let _region = region("step");
            counter!("steps_bytes", at * at);
        }
    });
    let runtime = tokio::runtime::Builder::new_current_thread().build().expect("a runtime");
    let tasks = async {
        for _ in 0..200 {
            let waits = goroscope_recorder::spawn(async { tokio::task::yield_now().await });
            waits.await.expect("a task");
        }
    };
    runtime.block_on(tasks.traced());
    steps.expect("a thread").join().expect("no panic");
    let mut bytes = Vec::new();
    recording.snapshot_writer(&mut bytes).expect("a snapshot");
    bytes
});

/// What a file says.
#[derive(Clone, Debug, PartialEq, Eq)]
struct Told {
    /// By key, but for the series.
    facts: BTreeMap<String, String>,
    /// By counter: times on the clock of the machine, and values.
    counters: BTreeMap<String, Vec<(u64, i64)>>,
}

impl Told {
    fn of(file: &[u8]) -> Self {
        let mut told = Self { facts: BTreeMap::new(), counters: BTreeMap::new() };
        for note in Reader::new(file).expect("a trace").finish().notes {
            assert!(note.len() <= 1004, "{note}");
            let (key, value) = note.split_once('=').expect("a key");
            match key.strip_prefix("series.counter.") {
                Some(name) => {
                    let points = Points::new(value).expect("base64").map(|point| point.expect("a point"));
                    let all = told.counters.entry(name.to_owned()).or_default();
                    all.extend(points.map(|point| (point.time, point.value)));
                }
                None => drop(told.facts.insert(key.to_owned(), value.to_owned())),
            }
        }
        told
    }

    /// The values that a counter has at a time, which may be several, the last of which holds.
    fn value_at(&self, counter: &str, time: u64) -> Option<i64> {
        let points = self.counters.get(counter)?;
        points.iter().rev().find(|point| point.0 <= time).map(|point| point.1)
    }
}

/// The trace again, after it was seen that nothing is wrong with it.
fn sound(bytes: Vec<u8>) -> Vec<u8> {
    assert_eq!(Lanes::of(&bytes).losses, []);
    bytes
}

fn part(file: &[u8], from: i64, to: i64) -> Vec<u8> {
    sound(quietly(|progress| cut(file, KNOWN, Window { from, to }, progress)).expect("a window").bytes)
}

#[test]
fn everything_has_all_of_it() {
    let told = Told::of(&RECORDING);

    assert!(told.facts.values().any(|value| value == "counting"), "{:?}", told.facts);
    assert_eq!(told.value_at("steps_bytes", u64::MAX), Some(499 * 499));
    let repaired = quietly(|progress| repair(&RECORDING, KNOWN, progress)).expect("a trace").bytes;
    assert_eq!(Told::of(&sound(repaired)), told);
    for (from, to) in [(i64::MIN, i64::MAX), (0, i64::MAX), (i64::MIN, 1 << 50)] {
        assert_eq!(Told::of(&part(&RECORDING, from, to)), told, "{from} to {to}");
    }
}

#[test]
fn a_window_has_what_is_in_it() {
    let whole = Told::of(&RECORDING);
    let lanes = Lanes::of(&RECORDING);
    let length = lanes.last - lanes.zero;
    let random = &mut Random(7);
    for _ in 0..20 {
        let from = random.below(length as usize - 2000) as i64;
        let to = from + 1000 + random.below((length - from) as usize) as i64;
        let what = format!("{from} to {to} of {length}");
        let cut = part(&RECORDING, from, to);
        let told = Told::of(&cut);
        for counter in ["constant", "steps_bytes"] {
            for _ in 0..20 {
                let time = (lanes.zero + from) as u64 + random.below((to.min(length) - from) as usize) as u64;
                assert_eq!(told.value_at(counter, time), whole.value_at(counter, time), "{what}, {counter} at {time}");
            }
            let points = told.counters.get(counter).map(Vec::as_slice).unwrap_or_default();
            let range = (lanes.zero + from - 64) as u64..=(lanes.zero + to + 64) as u64;
            assert!(points.iter().all(|point| range.contains(&point.0)), "{what}");
            let inside = |points: &[(u64, i64)]| -> Vec<(u64, i64)> {
                let inner = (lanes.zero + from + 64) as u64..(lanes.zero + to - 64) as u64;
                points.iter().copied().filter(|point| inner.contains(&point.0)).collect()
            };
            assert_eq!(inside(points), inside(&whole.counters[counter]), "{what}, {counter}");
        }
        let mut facts = whole.facts.clone();
        if to < length {
            facts.insert("numbers".to_owned(), "of the whole recording".to_owned());
            assert_eq!(told.facts, facts, "{what}");
        }
        // A window of a window is one of the whole; times are counted from the begin of the file.
        let lanes_of_cut = Lanes::of(&cut);
        let moved = lanes_of_cut.zero - lanes.zero;
        let (inner_from, inner_to) = (from + (to - from) / 4, to - (to - from) / 4);
        if inner_from > moved && inner_to + lanes.zero < lanes_of_cut.last {
            let twice = part(&cut, inner_from - moved, inner_to - moved);
            assert_eq!(Told::of(&twice), Told::of(&part(&RECORDING, inner_from, inner_to)), "{what}");
        }
    }
}

#[test]
fn joined_it_is_as_it_was() {
    let generations = Reader::new(&RECORDING).expect("a trace").finish().generations;
    assert!(generations.len() > 3, "{generations:?}");
    let whole = Told::of(&RECORDING);
    let file = |from: usize, to: usize| {
        let end = generations.get(to).map_or(RECORDING.len(), |next| next.offset as usize);
        [&RECORDING[..16], &RECORDING[generations[from].offset as usize..end]].concat()
    };
    let joined = |files: &[&[u8]]| {
        let merged = quietly(|progress| merge(files, KNOWN, progress)).expect("one process");
        Told::of(&sound(merged.edited.bytes))
    };
    let half = generations.len() / 2;
    let (first, second) = (file(0, half), file(half, generations.len()));
    for files in [[&first, &second], [&second, &first], [&*RECORDING, &first], [&second, &*RECORDING]] {
        assert_eq!(joined(&files.map(Vec::as_slice)), whole);
    }
    let without_one = joined(&[&file(0, half - 1), &second]);
    let forgotten = |told: &Told| told.facts["forgotten_generations"].clone();
    assert_eq!((forgotten(&whole), forgotten(&without_one)), ("0".to_owned(), "1".to_owned()));
}

#[test]
fn names_are_taken_from_it() {
    let whole = Told::of(&RECORDING);
    let program = whole.facts["program"].clone();
    for names in [Pseudonyms::Counted, Pseudonyms::Keyed("key".into())] {
        let edited = quietly(|progress| anonymize(&RECORDING, KNOWN, names, progress)).expect("a trace");
        let bytes = sound(edited.bytes);
        for text in [program.as_bytes(), b"counting", b"steps", b"constant", b"pid=", b"map."] {
            assert!(!bytes.windows(text.len()).any(|window| window == text), "{}", text.escape_ascii());
        }
        let told = Told::of(&bytes);
        for (fact, value) in &told.facts {
            let is_name = fact == "program" || fact.starts_with("thread.");
            assert!(is_name || whole.facts.get(fact) == Some(value), "{fact}");
        }
        assert!(told.facts.contains_key("recorder") && told.facts.contains_key("tasks"));
        let curves = |told: &Told| {
            let mut curves: Vec<_> = told.counters.values().cloned().collect();
            curves.sort();
            curves
        };
        assert_eq!(curves(&told), curves(&whole));
        assert!(told.counters.keys().any(|name| name.ends_with("_bytes")));
    }
}
