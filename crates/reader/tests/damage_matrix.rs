//! Every kind of damage at many places of recorded traces: it is told, it costs no more than it hit, and the events of the
//! generations around it are those of the undamaged file.

mod packed;
mod random;
mod support;

use std::ops::Range;

use goroscope_reader::{Finished, LostTime, Reader};
use goroscope_wire::{Batch, BatchKind, Batches, HEADER_LEN, Item, Version};
use random::Random;

/// Traces of every version of the format, those of many generations first.
const TRACES: [(&str, Version); 8] = [
    ("steps-1.27", Version::Go126),
    ("steps-1.23", Version::Go123),
    ("crowd-1.27", Version::Go126),
    ("flight-1.25", Version::Go125),
    ("flight-1.27", Version::Go126),
    ("mix-1.22", Version::Go122),
    ("callback-1.27", Version::Go126),
    ("allocfree-1.27", Version::Go126),
];

/// How often each kind of damage is done to each trace.
const TIMES: usize = 12;

/// A trace, and what is to be expected of it.
struct Whole {
    name: &'static str,
    file: Vec<u8>,
    /// Where each batch and end mark is, and the generation that it is of.
    items: Vec<(Range<usize>, u64)>,
    /// Which of them are batches of threads.
    of_threads: Vec<usize>,
    /// The events of each generation as text.
    generations: Vec<(u64, Vec<String>)>,
}

impl Whole {
    fn new(name: &'static str, version: Version) -> Self {
        let file = packed::recorded(name);
        let (mut items, mut of_threads) = (Vec::new(), Vec::new());
        let mut generation = 0;
        for item in Batches::new(version, &file, HEADER_LEN as u64) {
            match item.expect("whole") {
                Item::Batch(Batch { kind, generation: number, offset, data_offset, data, .. }) => {
                    generation = number;
                    if kind == BatchKind::Events {
                        of_threads.push(items.len());
                    }
                    items.push((offset as usize..data_offset as usize + data.len(), number));
                }
                Item::EndOfGeneration { offset } => items.push((offset as usize..offset as usize + 1, generation)),
            }
        }
        let (generations, _) = read(&file);
        Self { name, file, items, of_threads, generations }
    }

    /// The item at a byte.
    fn item_at(&self, at: usize) -> usize {
        self.items.partition_point(|(bytes, _)| bytes.end <= at)
    }

    /// Checks a damaged file whose damage begins at `bytes` of this one and belongs to the generation of these.
    fn check(&self, damaged: &[u8], hit: &Range<usize>, most_lost: usize, what: &str) -> Finished {
        let what = format!("{}: {what} at {hit:?}", self.name);
        let first = self.items.get(self.item_at(hit.start)).map_or(u64::MAX, |item| item.1);
        let until = self.items.get(self.item_at(hit.end.max(1) - 1)).map_or(u64::MAX, |item| item.1);
        let (found, finished) = read(damaged);
        let lost: u64 = finished.diagnostics.iter().map(|it| it.lost_bytes).sum();
        assert!(lost <= most_lost as u64, "{what}: {lost} bytes lost of {most_lost}: {:#?}", finished.diagnostics);
        for (number, expected) in &self.generations {
            let events = found.iter().find(|(it, _)| it == number).map(|(_, events)| events);
            if *number < first || *number > until + 1 {
                let events = events.unwrap_or_else(|| panic!("{what}: generation {number} is missing"));
                let named = |lines: &[String]| lines.iter().map(|line| without_name(line)).collect::<Vec<_>>();
                assert_same(&named(events), &named(expected), &format!("{what}: generation {number}"));
            } else if *number == until + 1 {
                // What was lost is not known before it is seen again, and who never is is told to be lost.
                let events = events.unwrap_or_else(|| panic!("{what}: generation {number} is missing"));
                let by_itself = |lines: &[String]| {
                    let seen = lines.iter().filter(|line| !line.contains("-> ?") && !line.contains("LOST"));
                    // A proc in a system call is shown where its thread is, if that is known.
                    let seen =
                        seen.filter(|line| !line.split_whitespace().nth(4).is_some_and(|word| word.starts_with('p')));
                    let mut told: Vec<_> = seen.map(|line| told(line)).collect();
                    told.sort_unstable();
                    told
                };
                assert_same(&by_itself(events), &by_itself(expected), &format!("{what}: the next generation"));
            }
        }
        for (from, to) in &finished.lost {
            assert!(from < to, "{what}: {from:?} {to:?}");
        }
        finished
    }

    fn said(finished: &Finished) -> bool {
        !finished.diagnostics.is_empty()
    }
}

/// What an event says by itself: without its context, the state that is left, and what is remembered of a task's begin.
fn told(line: &str) -> String {
    let line = without_name(line);
    let mut words: Vec<&str> = line.split_whitespace().collect();
    if let Some(arrow) = words.iter().position(|word| *word == "->") {
        words[arrow - 1] = "";
    }
    words.drain(1..4);
    words.join(" ")
}

/// The end of a task without what is remembered of its begin.
fn without_name(line: &str) -> String {
    match line.split_once(" ends: ").filter(|(task, _)| task.contains(" task ")) {
        Some((task, after)) => format!("{task} {}", after.split_once(" at ").map_or("", |(_, stack)| stack)),
        None => line.to_owned(),
    }
}

fn assert_same(found: &[String], expected: &[String], what: &str) {
    if let Some(at) = (0..found.len().max(expected.len())).find(|&at| found.get(at) != expected.get(at)) {
        panic!("{what}, line {at}: {:?} is not {:?}", found.get(at), expected.get(at));
    }
}

/// The events of each generation as text, without the numbers of syncs.
fn read(file: &[u8]) -> (Vec<(u64, Vec<String>)>, Finished) {
    let support::Dump { events, finished } = support::dump_with(Reader::new(file).expect("a trace"));
    let mut lines = events.lines().peekable();
    let mut generations = Vec::new();
    let mut pending: Vec<String> = Vec::new();
    for generation in &finished.generations {
        let mut own = std::mem::take(&mut pending);
        let mut begun = false;
        while let Some(line) = lines.peek() {
            let is_sync = line.contains(" sync ");
            if is_sync && begun {
                break;
            }
            begun |= is_sync;
            if !is_sync {
                own.push(on_own_clock(line, finished.clock_zero));
            }
            lines.next();
        }
        if own.last().is_some_and(|line| line.contains("LOST")) {
            pending.extend(own.pop());
        }
        // The next generation says that it is of another trace; here that matters to nobody.
        own.pop_if(|line| line.contains("ANOTHER TRACE"));
        generations.push((generation.number, own));
    }
    (generations, finished)
}

/// The line with the time of the file: where the trace begins may be lost, and with it what times count from.
fn on_own_clock(line: &str, zero: i64) -> String {
    let line = line.trim_start();
    let (ts, rest) = line.split_once(' ').expect("a time first");
    format!("{} {rest}", ts.parse::<i64>().expect("a number") + zero)
}

fn every_trace(seed: u64, mut damage: impl FnMut(&Whole, &mut Random)) {
    for (number, (name, version)) in TRACES.into_iter().enumerate() {
        let whole = Whole::new(name, version);
        let mut random = Random(seed * 100 + number as u64);
        for _ in 0..TIMES {
            damage(&whole, &mut random);
        }
    }
}

#[test]
fn cut() {
    every_trace(1, |whole, random| {
        let at = HEADER_LEN + 1 + random.below(whole.file.len() - HEADER_LEN - 1);
        let finished = whole.check(&whole.file[..at], &(at..whole.file.len()), at, "cut");
        let is_between = whole.items.windows(2).any(|it| it[0].0.end == at && it[0].1 != it[1].1);
        assert!(Whole::said(&finished) || is_between, "{}: cut at {at}: nothing said", whole.name);
    });
}

#[test]
fn a_batch_is_lost() {
    every_trace(2, |whole, random| {
        let (bytes, _) = whole.items[random.below(whole.items.len())].clone();
        let damaged = [&whole.file[..bytes.start], &whole.file[bytes.end..]].concat();
        whole.check(&damaged, &bytes, whole.file.len() / 2, "without the batch");
    });
}

/// A batch that is cut out cleanly: the time of its thread is lost from the batch before on, or an unknown one, but never
/// none.
#[test]
fn a_lost_batch_costs_time() {
    every_trace(9, |whole, random| {
        let number = whole.of_threads[random.below(whole.of_threads.len())];
        let (bytes, generation) = whole.items[number].clone();
        let damaged = [&whole.file[..bytes.start], &whole.file[bytes.end..]].concat();
        let (_, finished) = read(&damaged);
        let is_told = finished.diagnostics.iter().any(|it| it.lost_time != LostTime::None);
        let is_seen = finished.diagnostics.iter().any(|it| it.message.contains("events that belong before"));
        assert!(is_told || !is_seen, "{}: generation {generation} without {bytes:?}: {finished:#?}", whole.name);
    });
}

#[test]
fn a_batch_is_there_twice() {
    every_trace(3, |whole, random| {
        let (bytes, _) = whole.items[whole.of_threads[random.below(whole.of_threads.len())]].clone();
        // Behind itself, or behind a later one, near or far.
        let number = whole.item_at(bytes.start);
        let most = [6, whole.items.len() - number][random.below(2)];
        let behind = (number + random.below(most)).min(whole.items.len() - 1);
        let at = whole.items[behind].0.end;
        let damaged = [&whole.file[..at], &whole.file[bytes.clone()], &whole.file[at..]].concat();
        let (found, finished) = read(&damaged);
        for ((number, found), (_, expected)) in found.iter().zip(&whole.generations) {
            assert_same(found, expected, &format!("{}: batch {bytes:?} twice: generation {number}", whole.name));
        }
        let notes: Vec<_> = finished.diagnostics.iter().filter(|it| it.message.contains("a second time")).collect();
        assert_eq!(notes.len(), 1, "{}: batch {bytes:?} twice at {at}: {:?}", whole.name, finished.diagnostics);
    });
}

#[test]
fn a_byte_is_another() {
    every_trace(4, |whole, random| {
        let at = HEADER_LEN + random.below(whole.file.len() - HEADER_LEN);
        let mut damaged = whole.file.clone();
        damaged[at] ^= 1 + random.below(255) as u8;
        let item = whole.item_at(at);
        // Its batch, and if its size is what was hit, the one behind it.
        let until = whole.items.get(item + 1).map_or(whole.file.len(), |next| next.0.end);
        let begin = whole.items[item].0.start;
        let finished = whole.check(&damaged, &(begin..until), until - begin, "a byte");
        let same = finished.generations.iter().map(|it| it.events).eq(read(&whole.file)
            .1
            .generations
            .iter()
            .map(|it| it.events));
        assert!(Whole::said(&finished) || same, "{}: byte {at}: nothing said", whole.name);
    });
}

#[test]
fn foreign_bytes_between_batches() {
    every_trace(5, |whole, random| {
        let number = random.below(whole.items.len() - 1);
        let at = whole.items[number].0.end;
        let foreign = foreign(whole, random);
        let damaged = [&whole.file[..at], &foreign, &whole.file[at..]].concat();
        let finished =
            whole.check(&damaged, &(at - 1..at + 1), foreign.len() + 65_536, "foreign bytes between batches");
        assert!(Whole::said(&finished), "{}: foreign bytes at {at}: nothing said", whole.name);
        // They are no batch: none of the trace's own events is lost to them.
        let (found, _) = read(&damaged);
        let lost =
            found.iter().map(|it| it.1.len()).sum::<usize>() < whole.generations.iter().map(|it| it.1.len()).sum();
        assert!(!lost, "{}: {} foreign bytes at {at}: {:#?}", whole.name, foreign.len(), finished.diagnostics);
    });
}

#[test]
fn foreign_bytes_inside_a_batch() {
    every_trace(6, |whole, random| {
        let (bytes, _) = whole.items[whole.of_threads[random.below(whole.of_threads.len())]].clone();
        let at = bytes.start + random.below(bytes.len());
        let foreign = foreign(whole, random);
        let damaged = [&whole.file[..at], &foreign, &whole.file[at..]].concat();
        let until = whole.items.get(whole.item_at(at) + 1).map_or(whole.file.len(), |next| next.0.end);
        let most = until - bytes.start + foreign.len();
        let finished = whole.check(&damaged, &(bytes.start..until), most, "foreign bytes inside a batch");
        assert!(Whole::said(&finished), "{}: foreign bytes at {at}: nothing said", whole.name);
    });
}

/// Few or many bytes: text, noise, or zeros.
fn foreign(whole: &Whole, random: &mut Random) -> Vec<u8> {
    let len = [1, 7, 40, 500, 20_000][random.below(5)];
    match random.below(3) {
        0 => format!("panic: runtime error at {} ", whole.name).bytes().cycle().take(len).collect(),
        1 => (0..len).map(|_| random.below(256) as u8).collect(),
        _ => vec![0; len],
    }
}

#[test]
fn a_stretch_is_zero() {
    every_trace(7, |whole, random| {
        let at = HEADER_LEN + random.below(whole.file.len() - HEADER_LEN);
        let end = (at + [16, 512, 4096][random.below(3)]).min(whole.file.len());
        let mut damaged = whole.file.clone();
        damaged[at..end].fill(0);
        let (first, last) = (whole.item_at(at), whole.item_at(end - 1));
        let begin = whole.items[first].0.start;
        let until = whole.items.get(last + 1).map_or(whole.file.len(), |next| next.0.end);
        let finished = whole.check(&damaged, &(begin..until), until - begin, "zeros");
        // Text may be zero without being wrong.
        let events = |finished: &Finished| finished.generations.iter().map(|it| it.events).sum::<u64>();
        let same = events(&finished) == events(&read(&whole.file).1);
        assert!(Whole::said(&finished) || same, "{}: zeros at {at}: nothing said", whole.name);
    });
}

/// Nothing was read before it, so all that is known of the trace stands behind it.
#[test]
fn the_beginning_is_another() {
    every_trace(8, |whole, random| {
        let end = (HEADER_LEN + [40, 1100, 1500, 5000][random.below(4)]).min(whole.file.len());
        let instead = match random.below(3) {
            0 => vec![0; end - HEADER_LEN],
            1 => (HEADER_LEN..end).map(|_| random.below(256) as u8).collect(),
            _ => Vec::new(),
        };
        let damaged = [&whole.file[..HEADER_LEN], &instead, &whole.file[end..]].concat();
        let until = whole.items[whole.item_at(end - 1)].0.end;
        // And some events that say nothing without those before them.
        let most = until - HEADER_LEN + 300;
        let finished = whole.check(&damaged, &(HEADER_LEN..until), most, "another beginning");
        for generation in &finished.generations {
            let is_known = whole.generations.iter().any(|it| it.0 == generation.number);
            assert!(is_known, "{}: {instead:?} instead of {end} bytes: {generation:?}", whole.name);
        }
    });
}

#[test]
fn an_end_mark_is_missing() {
    for (name, version) in TRACES.into_iter().filter(|(_, version)| *version == Version::Go126) {
        let whole = Whole::new(name, version);
        for (bytes, _) in whole.items.iter().filter(|(bytes, _)| bytes.len() == 1) {
            let damaged = [&whole.file[..bytes.start], &whole.file[bytes.end..]].concat();
            let (found, finished) = read(&damaged);
            assert!(Whole::said(&finished), "{name}: {bytes:?}");
            for ((number, found), (_, expected)) in found.iter().zip(&whole.generations) {
                assert_same(found, expected, &format!("{name}: without the mark at {bytes:?}: generation {number}"));
            }
        }
    }
}

/// The trace is whole although another one stands behind it, and where that begins is told.
#[test]
fn another_trace_behind_it() {
    for (name, version) in TRACES {
        let whole = Whole::new(name, version);
        for behind in ["mix-1.19", "mix-1.21", "mix-1.22", "mix-1.27", "flight-1.25", name] {
            for cut in [0, 1, 700] {
                let first = &whole.file[..whole.file.len() - cut];
                let joined = [first, &packed::recorded(behind)].concat();
                let what = format!("{behind} behind {name} without its last {cut} bytes");
                let (found, finished) = read(&joined);
                let place = format!("tail -c +{}", first.len() + 1);
                let is_told = finished.diagnostics.iter().any(|it| it.message.contains(&place));
                assert!(is_told, "{what}: {:#?}", finished.diagnostics);
                if cut == 0 {
                    for ((number, found), (_, expected)) in found.iter().zip(&whole.generations) {
                        assert_same(found, expected, &format!("{what}: generation {number}"));
                    }
                }
            }
        }
    }
}

/// Two parts of one trace as two files, one behind the other: both are shown, with a gap between.
#[test]
fn two_traces_of_one_program() {
    for (name, version) in [TRACES[0], TRACES[1]] {
        let whole = Whole::new(name, version);
        let number = whole.generations[3].0;
        let begin = whole.items.iter().find(|item| item.1 == number).expect("a generation").0.start;
        let resumed = whole.items.iter().find(|item| item.1 == number + 2).expect("a generation").0.start;
        let joined = [&whole.file[..begin], &version.header(), &whole.file[resumed..]].concat();
        let (found, finished) = read(&joined);
        assert_eq!(found.len(), whole.generations.len() - 2, "{name}");
        for (number, expected) in &whole.generations[6..] {
            let (_, events) = found.iter().find(|(it, _)| it == number).expect("it is shown");
            assert_same(events, expected, &format!("{name}: generation {number}"));
        }
        let gap = finished.diagnostics.iter().find_map(|it| match it.lost_time {
            LostTime::Between(from, to) => Some(to.0 - from.0),
            LostTime::None | LostTime::Unknown => None,
        });
        assert!(gap.is_some_and(|gap| gap > 10_000_000), "{name}: {gap:?} ns between the two");
    }
}
