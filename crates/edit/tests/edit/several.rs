//! Files of several traces become one trace, in which the ids of each are others.

use std::collections::BTreeSet;

use goroscope_edit::{MergeError, Pseudonyms, Window, anonymize, cut, merge, repair};
use goroscope_reader::{EventKind, GoId, Reader, Version};

use crate::damage::violations;
use crate::lanes::Lanes;
use crate::recorded::{KNOWN, quietly, trace};

/// What ids of the second trace get more.
const APART: u64 = 1 << 40;

/// How often something began to run in a trace, and on behalf of which ids: goroutines, tasks.
fn ids(file: &[u8]) -> (usize, BTreeSet<u64>, BTreeSet<u64>) {
    let mut reader = Reader::new(file).expect("a trace");
    let (mut starts, mut gos, mut tasks) = (0, BTreeSet::new(), BTreeSet::new());
    while let Some(event) = reader.next() {
        match event.kind {
            EventKind::Go { go: GoId(go), from, to, .. } => {
                gos.insert(go);
                starts += usize::from(to == goroscope_reader::GoState::Running && from != to);
            }
            EventKind::TaskBegin { task, .. } => drop(tasks.insert(task.0)),
            _ => {}
        }
    }
    (starts, gos, tasks)
}

fn check_output(bytes: &[u8], what: &str) {
    assert_eq!(Lanes::of(bytes).losses, [], "{what}");
    assert_eq!(violations(bytes), [""; 0], "{what}");
}

#[test]
fn repaired_they_are_one() {
    let pairs = [
        ("mix-1.19", "mix-1.21", Version::Go123),
        ("tasks-1.21", "tasks-1.21", Version::Go123),
        ("tasks-1.21", "mix-1.22", Version::Go123),
        ("names-1.21", "tasks-1.27", Version::Go126),
        ("tasks-1.27", "tasks-1.21", Version::Go126),
        ("mix-1.22", "late-1.25", Version::Go125),
    ];
    for (first, second, version) in pairs {
        let what = format!("{second} behind {first}");
        let files = [trace(first), trace(second)];
        let edited = quietly(|progress| repair(&files.concat(), KNOWN, progress)).expect("a trace");
        check_output(&edited.bytes, &what);
        let found = ids(&edited.bytes);
        let [a, b] = [ids(&files[0]), ids(&files[1])];
        let both =
            |a: &BTreeSet<u64>, b: &BTreeSet<u64>| a.iter().copied().chain(b.iter().map(|id| id + APART)).collect();
        assert_eq!(found.1, both(&a.1, &b.1), "{what}");
        assert_eq!(found.2, both(&a.2, &b.2), "{what}");
        assert!(found.0 * 100 >= (a.0 + b.0) * 95, "{what}: {} starts of {} and {}", found.0, a.0, b.0);
        assert_eq!(Reader::new(&edited.bytes).expect("a trace").version(), version, "{what}");
        assert_eq!(edited.holes.len(), 1, "{what}");
    }
}

#[test]
fn a_window_may_reach_over_the_joint() {
    let file = [trace("tasks-1.21"), trace("mix-1.21")].concat();
    let start = Reader::new(&file).expect("a trace").finish().generations[1].start.0;
    for (from, to) in [(start - 10_000_000, start + 10_000_000), (start + 5_000_000, start + 20_000_000), (0, start)] {
        let edited = quietly(|progress| cut(&file, KNOWN, Window { from, to }, progress)).expect("a part");
        check_output(&edited.bytes, &format!("{from} to {to}"));
        let (_, gos, _) = ids(&edited.bytes);
        assert_eq!(gos.iter().any(|&go| go < APART), from < start, "{from} to {to}");
        assert_eq!(gos.iter().any(|&go| go > APART), to > start, "{from} to {to}");
    }
}

#[test]
fn names_are_replaced_in_all() {
    let file = [trace("names-1.21"), trace("mix-1.22"), trace("names-1.21")].concat();
    let edited = quietly(|progress| anonymize(&file, KNOWN, Pseudonyms::Counted, progress)).expect("a trace");
    check_output(&edited.bytes, "anonymized");
    assert!(!edited.bytes.windows(5).any(|bytes| bytes == b"main."), "names of the program are gone");
}

#[test]
fn snapshots_are_of_one_process() {
    let file = [trace("mix-1.22"), trace("mix-1.21")].concat();
    let error = quietly(|progress| merge(&[&trace("mix-1.22"), &file], KNOWN, progress)).expect_err("two processes");
    assert_eq!(error, MergeError::Several(1, trace("mix-1.22").len() as u64));
}
