//! Snapshots of a process: made here of the generations of one trace, as the flight recorder would have written them.

use goroscope_edit::{Gap, MergeError, Mismatch, merge, repair};
use goroscope_reader::{Reader, Version};
use goroscope_wire::text;

use crate::lanes::Lanes;
use crate::recorded::{KNOWN, quietly, trace};

/// The generations of a trace, from their first batch to the next one's.
fn generations(file: &[u8]) -> Vec<&[u8]> {
    let finished = Reader::new(file).expect("a trace").finish();
    let mut offsets: Vec<usize> = finished.generations.iter().map(|generation| generation.offset as usize).collect();
    offsets.push(file.len());
    offsets.windows(2).map(|pair| &file[pair[0]..pair[1]]).collect()
}

/// A file with some of them.
fn snapshot(file: &[u8], generations: &[&[u8]]) -> Vec<u8> {
    [&[&file[..16]], generations].concat().concat()
}

fn merged(files: &[&[u8]]) -> goroscope_edit::Merged {
    quietly(|progress| merge(files, KNOWN, progress)).expect("one process")
}

fn refused(files: &[&[u8]]) -> MergeError {
    quietly(|progress| merge(files, KNOWN, progress)).expect_err("not of one process")
}

#[test]
fn snapshots_that_overlap_or_follow_each_other_are_the_whole() {
    for name in ["flight-1.25", "flight-1.27", "crowd-1.27", "pubsub-serial"] {
        let file = trace(name);
        let parts = generations(&file);
        assert_eq!(parts.len(), 2, "{name}");
        let whole = quietly(|progress| repair(&file, KNOWN, progress)).expect("a trace").bytes;
        let (first, second) = (snapshot(&file, &parts[..1]), snapshot(&file, &parts[1..]));
        let orders: [&[&[u8]]; 4] =
            [&[&first, &second], &[&second, &first], &[&first, &file], &[&file, &second, &first]];
        for files in orders {
            let merged = merged(files);
            assert!(merged.edited.bytes == whole, "{name}");
            assert_eq!(merged.taken.iter().sum::<usize>(), 2, "{name}");
            assert_eq!(merged.doubled, files.iter().map(|file| generations(file).len()).sum::<usize>() - 2, "{name}");
            assert_eq!(merged.gaps, [], "{name}");
        }
    }
}

#[test]
fn of_two_copies_the_complete_one_is_taken() {
    let file = trace("flight-1.27");
    let parts = generations(&file);
    let cut = &file[..file.len() - parts[1].len() / 2];
    let whole = quietly(|progress| repair(&file, KNOWN, progress)).expect("a trace").bytes;
    for files in [[cut, &file], [&file, cut]] {
        assert!(merged(&files).edited.bytes == whole);
    }
}

#[test]
fn a_gap_stays_visible() {
    // Three generations: the two of the trace and, twenty numbers later, the second one again.
    let file = trace("flight-1.27");
    let parts = generations(&file);
    let mut late = parts[1].to_vec();
    let number = parts[1][1];
    // Each batch begins with 1, the generation and the thread; the mark at the end has no number.
    let batches = goroscope_wire::Batches::new(Version::Go126, &file, (file.len() - parts[1].len()) as u64);
    for item in batches {
        if let goroscope_wire::Item::Batch(batch) = item.expect("a batch") {
            let at = batch.offset as usize - (file.len() - parts[1].len());
            assert_eq!(late[at + 1], number);
            late[at + 1] = number + 20;
        }
    }
    let first = snapshot(&file, &parts[..1]);
    let second = snapshot(&file, &[&late]);
    let merged = merged(&[&first, &second]);
    let number = u64::from(number);
    assert_eq!(merged.gaps, [Gap { before: number - 1, behind: number + 20 }]);
    assert_eq!(merged.edited.holes.len(), 1);
    let lanes = Lanes::of(&merged.edited.bytes);
    assert_eq!(lanes.losses, []);
    let lost = lanes.events.values().flatten().filter(|event| event.what.contains("lost in the damaged trace")).count();
    assert!(lost > 0, "nothing says that something is missing");
    // Behind the gap everything is as it was.
    let behind = Lanes::of(&second);
    for lane in behind.states.keys() {
        assert_eq!(lanes.state_at(lane, behind.last), behind.state_at(lane, behind.last), "{lane}");
    }
}

/// Numbers of generations go on from one recording of a process to the next.
#[test]
fn what_was_not_recorded_between_two_recordings_is_a_gap() {
    let first = "Trace Go1.26
Generation 1
EventBatch m=1 time=100
ProcStatus p=0 pstatus=Running
GoStatus g=1 m=1 gstatus=Running
STWBegin kind_string=\"start trace\"
STWEnd
GoCreate new_g=2
GoCreate new_g=3
EventBatch m=2 time=120
ProcStatus p=1 pstatus=Running
GoStart g=2 g_seq=1
";
    // Another thread has the proc, the first one is seen late, and goroutine 2 has been created no more.
    let second = "Trace Go1.26
Generation 2
EventBatch m=2 time=1000
ProcStatus p=1 pstatus=Running
GoStatus g=3 m=2 gstatus=Running
STWBegin kind_string=\"start trace\"
STWEnd
ProcStatus p=0 pstatus=Idle
GoStatus g=1 m=18446744073709551615 gstatus=Waiting
GoUnblock g=1 g_seq=1
EventBatch m=1 time=1900
ProcStart p=0 p_seq=1
GoStart g=1 g_seq=2
";
    let parse = |text: &str| text::parse(text).expect("the text is right");
    let (first, second) = (parse(first), parse(second));
    for files in [[&first[..], &second], [&second, &first]] {
        let merged = merged(&files);
        assert_eq!(merged.gaps, [Gap { before: 1, behind: 2 }]);
        assert_eq!(merged.edited.holes.len(), 1);
        let lanes = Lanes::of(&merged.edited.bytes);
        assert_eq!(lanes.losses, []);
        let behind = Lanes::of(&second);
        for lane in behind.states.keys() {
            assert_eq!(lanes.state_at(lane, lanes.last), behind.state_at(lane, behind.last), "{lane}");
        }
        // Thread 1 kept nothing from the first recording.
        let mut reader = Reader::new(&merged.edited.bytes).expect("a trace");
        let mut times = Vec::new();
        while let Some(event) = reader.next() {
            times.push(event.ts);
        }
        assert!(times.is_sorted(), "{times:?}");
    }
    // What follows without a pause is no gap.
    let without = text::parse(&PAUSELESS.replace("BEGIN", "GOMAXPROCS")).expect("the text is right");
    assert_eq!(merged(&[&first, &without]).gaps, []);
    let paused = text::parse(&PAUSELESS.replace("BEGIN", "start trace")).expect("the text is right");
    assert_eq!(merged(&[&first, &paused]).gaps, [Gap { before: 1, behind: 2 }]);
}

/// A generation that may follow the first recording above.
const PAUSELESS: &str = "Trace Go1.26
Generation 2
EventBatch m=1 time=140
ProcStatus p=0 pstatus=Running
GoStatus g=1 m=1 gstatus=Running
GoStatus g=3 m=18446744073709551615 gstatus=Runnable
STWBegin kind_string=\"BEGIN\"
STWEnd
EventBatch m=2 time=140
ProcStatus p=1 pstatus=Running
GoStatus g=2 m=2 gstatus=Running
";

#[test]
fn files_of_other_processes_are_refused() {
    let flight = trace("flight-1.27");
    let foreign = |name: &str| refused(&[&flight, &trace(name)]);
    assert_eq!(foreign("mix-1.25"), MergeError::Foreign(0, 1, Mismatch::Version(26, 25)));
    assert_eq!(foreign("mix-1.21"), MergeError::Old(1, Version::Go121));
    assert_eq!(foreign("mix-1.27"), MergeError::Foreign(0, 1, Mismatch::Order(3, 1)));
    let header = Version::Go126.header();
    assert_eq!(refused(&[&flight, &header]), MergeError::Empty(1));
    assert_eq!(refused(&[&trace("mix-1.27"), &trace("late-1.27")]), MergeError::Foreign(0, 1, Mismatch::Threads));
    let same_number = refused(&[&trace("mix-1.27"), &trace("crowd-1.27")]);
    assert_eq!(same_number, MergeError::Foreign(0, 1, Mismatch::Generation(1)));
    assert!(matches!(refused(&[&flight, b"no trace"]), MergeError::Open(1, _)));
}
