//! Files of several traces: each is read as if it were alone, and stands behind the one before.

mod packed;
mod support;

use goroscope_reader::listing::Parsed;
use goroscope_reader::{Finished, LostTime, Reader, Severity};

/// One of every release that wrote the old format, and of some that write the new one; all of other programs.
const TRACES: [&str; 7] = ["mix-1.19", "mix-1.21", "tasks-1.21", "names-1.21", "mix-1.22", "late-1.25", "mix-1.27"];

/// The events of each trace, without syncs: when they are, since the trace began, and what they say.
type Events = Vec<Vec<(i64, String)>>;

/// What a reader makes of a file, trace by trace.
fn read(file: &[u8]) -> (Events, Finished) {
    let support::Dump { events, finished } = support::dump_with(Reader::new(file).expect("a header"));
    let mut traces: Events = vec![Vec::new()];
    let mut base = 0;
    for line in events.lines().map(str::trim_start).filter(|line| !line.contains(" sync ")) {
        let (ts, rest) = line.split_once(' ').expect("a time first");
        let ts: i64 = ts.parse().expect("a number");
        if rest.ends_with("ANOTHER TRACE") {
            base = ts;
            traces.push(Vec::new());
        } else {
            traces.last_mut().expect("one at least").push((ts - base, rest.to_owned()));
        }
    }
    (traces, finished)
}

fn check(traces: &[&[u8]], what: &str) -> Finished {
    let (found, finished) = read(&traces.concat());
    assert_eq!(found.len(), traces.len(), "{what}: {:#?}", finished.diagnostics);
    let mut offset = 0;
    let mut generations = finished.generations.iter();
    for (number, (file, found)) in traces.iter().zip(&found).enumerate() {
        let (alone, own) = read(file);
        for (at, (found, expected)) in found.iter().zip(&alone[0]).enumerate() {
            assert_eq!(found, expected, "{what}: event {at} of trace {number}");
        }
        assert_eq!(found.len(), alone[0].len(), "{what}: events of trace {number}");
        assert_eq!(finished.traces[number].offset, offset, "{what}: trace {number}");
        for expected in &own.generations {
            let found = generations.next().expect("as many generations");
            let [found, expected] = [found, expected].map(|it| (it.number, it.bytes, it.events, it.complete));
            assert_eq!(found, expected, "{what}: trace {number}");
        }
        let said = finished.diagnostics.iter().find(|it| it.offset == offset && it.message.contains("another trace"));
        assert_eq!(said.is_some(), number > 0, "{what}: trace {number}");
        if let Some(said) = said {
            assert_eq!((said.severity, said.lost_bytes), (Severity::Loss, 0), "{what}");
            assert!(
                matches!(said.lost_time, LostTime::Between(from, to) if to.0 - from.0 >= 1_000_000),
                "{what}: {said:?}"
            );
            assert!(said.message.contains(&format!("tail -c +{}`", offset + 1)), "{what}: {said}");
        }
        offset += file.len() as u64;
    }
    finished
}

#[test]
fn two_of_any_version() {
    for first in TRACES {
        for second in TRACES {
            // The same trace of the new format is the same trace; the old one has nothing that says so.
            if first != second || first.ends_with("1.19") || first.ends_with("1.21") {
                let files = [packed::recorded(first), packed::recorded(second)];
                let finished = check(&[&files[0], &files[1]], &format!("{second} behind {first}"));
                let own: usize = files.iter().map(|file| read(file).1.diagnostics.len()).sum();
                assert_eq!(finished.diagnostics.len(), own + 1, "{second} behind {first}");
            }
        }
    }
}

#[test]
fn three_and_more() {
    let files = TRACES.map(packed::recorded);
    let files: Vec<&[u8]> = files.iter().map(Vec::as_slice).collect();
    check(&files, "all");
    check(&[files[0]; 3], "three times the same");
    check(&[files[1], files[5], files[0], files[4], files[1]], "one format and the other");
}

/// The end of the first is missing, so that the header of the second stands inside of anything.
#[test]
fn behind_one_that_was_cut() {
    for first in ["mix-1.19", "mix-1.21", "tasks-1.21", "names-1.21"] {
        let first = packed::recorded(first);
        let ends = (1..40).chain((40..first.len() - 16).step_by(first.len() / 40));
        let second = packed::recorded("mix-1.21");
        let third = packed::recorded("late-1.25");
        let alone = [&second, &third].map(|file| read(file).0.remove(0));
        for cut in ends {
            let end = first.len() - cut;
            let what = format!("without {cut} bytes");
            let (found, finished) = read(&[&first[..end], &second, &third].concat());
            assert_eq!(found.len(), 3, "{what}: {:#?}", finished.diagnostics);
            assert_eq!(finished.traces[1].offset, end as u64, "{what}");
            assert_eq!(found[1], alone[0], "{what}");
            assert_eq!(found[2], alone[1], "{what}");
            assert!(found[0] == read(&first[..end]).0[0], "{what}: the first");
        }
    }
}

/// Of a trace of the new format that was cut, what follows it is all there.
#[test]
fn the_old_format_behind_a_cut_new_one() {
    let first = packed::recorded("mix-1.22");
    let second = packed::recorded("mix-1.19");
    let alone = read(&second).0.remove(0);
    for cut in (1..first.len() - 16).step_by(first.len() / 80) {
        let (found, finished) = read(&[&first[..first.len() - cut], &second].concat());
        assert_eq!(found.last(), Some(&alone), "without {cut} bytes: {:#?}", finished.diagnostics);
    }
}

/// Nothing but headers: no trace has an event, and each is told of.
#[test]
fn headers_without_anything() {
    let header = b"go 1.21 trace\0\0\0";
    let unknown = b"go 1.10 trace\0\0\0";
    let (found, finished) = read(&[&header[..], header, unknown, header].concat());
    assert_eq!(found, [Vec::new()]);
    assert_eq!(finished.traces.len(), 3);
    let said = |text: &str| finished.diagnostics.iter().filter(|it| it.message.contains(text)).count();
    assert_eq!((said("is shown behind a gap"), said("of a version that is not known")), (2, 1));
}

/// What Go's tool prints of each, one behind the other, but for the end of the first and the numbers of syncs.
#[test]
fn the_listing_is_that_of_each() {
    let listed = |file: &[u8]| {
        let mut listing = Parsed::new(Reader::new(file).expect("a header"), |_| 0);
        let mut text = Vec::new();
        while listing.next(&mut text) {}
        let text = String::from_utf8(text).expect("UTF-8");
        let lines = text.lines().filter(|line| !line.contains(" AnotherTrace "));
        lines.map(|line| line.replace(|it: char| line.contains(" Sync ") && it.is_ascii_digit(), "")).collect()
    };
    for (first, second) in [("mix-1.19", "mix-1.21"), ("mix-1.27", "tasks-1.21"), ("mix-1.21", "late-1.25")] {
        let files = [packed::recorded(first), packed::recorded(second)];
        let [mut expected, others]: [Vec<String>; 2] = [listed(&files[0]), listed(&files[1])];
        assert!(expected.pop().is_some_and(|line| line.contains(" Sync ")), "{first} ends with a sync");
        expected.extend(others);
        let found: Vec<String> = listed(&files.concat());
        for (at, (found, expected)) in found.iter().zip(&expected).enumerate() {
            assert_eq!(found, expected, "line {at} of {second} behind {first}");
        }
        assert_eq!(found.len(), expected.len(), "{second} behind {first}");
    }
}

/// Each trace costs what it takes, however many there are: of nothing, of one event, and those that a text quotes.
#[test]
fn very_many_traces() {
    let old = b"go 1.21 trace\0\0\0";
    let new = b"go 1.26 trace\0\0\0";
    // A batch of proc 0 in which there may be two procs.
    let one = [&old[..], &[1 | 1 << 6, 0, 100, 4 | 2 << 6, 0, 2, 0]].concat();
    let quoted = [&old[..], &[1 | 1 << 6, 0, 100, 0x30 | 3 << 6, 4, 0, 0, 0, 0, 40]].concat();
    let batch = [&new[..], &[1, 1, 1, 100, 0]].concat();
    let cases =
        [("nothing", &old[..], 100_000), ("one", &one, 50_000), ("quoted", &quoted, 50_000), ("new", &batch, 20_000)];
    for (what, part, times) in cases {
        let finished = Reader::new(&part.repeat(times)).expect("a header").finish();
        assert!((times / 3..=times).contains(&finished.traces.len()), "{what}: {}", finished.traces.len());
    }
}
