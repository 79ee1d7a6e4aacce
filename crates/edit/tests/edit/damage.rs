//! Damaged traces: whatever is left of them is written as a trace without damage.

use goroscope_edit::{Edited, OpenError, Pseudonyms, anonymize, repair};
use goroscope_reader::{Event, EventKind, GoState, ProcId, Reader, Validator, Version};
use goroscope_wire::{text, v1};

use crate::lanes::Lanes;
use crate::recorded::{KNOWN, Random, quietly, trace};

/// Damages a file at one to three places, each in one of seven ways. The header stays.
fn damaged(file: &[u8], other: &[u8], random: &mut Random) -> Vec<u8> {
    let mut file = file.to_vec();
    for _ in 0..=random.below(3) {
        if file.len() < 200 {
            break;
        }
        let at = 16 + random.below(file.len() - 16);
        let length = 1 + [1, 16, 300, 5_000, 70_000].map(|most| random.below(most))[random.below(5)];
        let end = (at + length).min(file.len());
        match random.below(7) {
            0 => file.truncate(at),
            1 => file[at..end.min(at + 8)].iter_mut().for_each(|byte| *byte ^= 1 + random.below(255) as u8),
            2 => drop(file.drain(at..end)),
            3 => {
                let copy = file[at..end].to_vec();
                let to = 16 + random.below(file.len() - 16);
                drop(file.splice(to..to, copy));
            }
            4 => file[at..end].fill(0),
            5 => file.extend_from_slice(other),
            _ => {
                let noise: Vec<u8> = (0..length.min(2000)).map(|_| random.next() as u8).collect();
                drop(file.splice(at..at, noise));
            }
        }
    }
    file
}

#[test]
fn a_state_that_is_first_told_late_has_a_stack_of_then() {
    let file = trace("flight-1.25");
    let mut broken = file.clone();
    // Statuses at the end of the first generation are lost with its last batches, and so are its tables.
    let second = Reader::new(&file).expect("a trace").finish().generations[1].offset as usize;
    drop(broken.drain(second / 2..second));
    let edited = quietly(|progress| repair(&broken, KNOWN, progress)).expect("a trace");
    assert_eq!(Lanes::of(&edited.bytes).losses, []);
    assert!(edited.counts.kept > 1000, "{:?}", edited.counts);
}

/// A goroutine that is found running on a thread without a proc: with that, Go's viewer ends with a panic.
fn running_without_proc(file: &[u8]) -> Option<Event> {
    let mut reader = Reader::new(file).expect("a trace");
    std::iter::from_fn(|| reader.next()).find(|event| {
        let is_found = matches!(event.kind, EventKind::Go { from: GoState::Undetermined, to: GoState::Running, .. });
        is_found && event.proc == ProcId::NONE
    })
}

/// What of the trace breaks a rule.
pub fn violations(file: &[u8]) -> Vec<String> {
    let mut reader = Reader::new(file).expect("a trace");
    let mut validator = Validator::default();
    while let Some(event) = reader.next() {
        validator.push(&event);
    }
    validator.finish(&reader.finish()).violations.iter().map(ToString::to_string).collect()
}

fn check(name: &str, times: u64) {
    let (file, other) = (trace(name), trace("mix-1.27"));
    let mut kept = 0;
    for seed in 0..times {
        let broken = damaged(&file, &other, &mut Random(seed));
        let edited = match quietly(|progress| repair(&broken, KNOWN, progress)) {
            Ok(edited) => edited,
            Err(error @ (OpenError::NotATrace | OpenError::OldVersion(_) | OpenError::NewVersion(_))) => {
                panic!("{name}, seed {seed}: the header is not damaged: {error:?}")
            }
        };
        kept += edited.counts.kept;
        let lanes = Lanes::of(&edited.bytes);
        assert_eq!(lanes.losses, [], "{name}, seed {seed}");
        assert_eq!(running_without_proc(&edited.bytes), None, "{name}, seed {seed}");
        assert_eq!(violations(&edited.bytes), [""; 0], "{name}, seed {seed}");
    }
    assert!(kept > 0, "{name}");
}

#[test]
fn what_is_left_is_consistent() {
    for name in ["mix-1.22", "mix-1.23", "mix-1.25", "mix-1.27", "mix-1.21"] {
        check(name, 30);
    }
}

#[test]
fn also_with_callbacks_coroutines_experiments_and_gaps() {
    for name in ["callback-1.22", "callback-1.27", "coro-1.27", "allocfree-1.27", "flight-1.25", "flight-1.27"] {
        check(name, 60);
    }
}

#[test]
fn many_generations_of_many_goroutines_stay_small() {
    use goroscope_reader::EventType;
    use goroscope_wire::{RawClock, RawEvent, TraceWriter};

    let mut writer = TraceWriter::new(Version::Go126);
    let clock = RawClock { time: 0, mono: 0, sec: 0, nsec: 0 };
    for generation in 1..=2_000 {
        let time = 1_000_000 * generation;
        // The first one has thousands of goroutines, the others have nothing.
        for part in 0..if generation == 1 { 10 } else { 0 } {
            writer.batch(generation, u64::MAX, time, |batch| {
                for go in 0..2_000 {
                    let args = [1 + part * 2_000 + go, u64::MAX, 4, 0];
                    batch.event(RawEvent { kind: EventType::GoStatus, dt: 1, args });
                }
            });
        }
        writer.sync(generation, time, 15_625_000, RawClock { time, ..clock });
        writer.end_of_generation();
    }
    let file = writer.into_bytes();
    let edited = quietly(|progress| repair(&file, KNOWN, progress)).expect("a trace");
    assert!(edited.bytes.len() < 40 * file.len() + 30_000_000, "{} of {}", edited.bytes.len(), file.len());
    let lanes = Lanes::of(&edited.bytes);
    assert_eq!((lanes.losses, lanes.states.len()), (vec![], 20_000));
}

/// A trace in text form with damage that concerns nothing of it: a thread whose events make no sense.
fn damaged_text(generation: &str) -> Vec<u8> {
    let text = format!("Trace Go1.26\n{generation}\nEventBatch m=9 time=100\nBytes data=\"\\xff\\xff\"\n");
    text::parse(&text).expect("the text is right")
}

/// Repairs a file; what comes out breaks no rule.
fn repaired(file: &[u8]) -> Edited {
    let edited = quietly(|progress| repair(file, KNOWN, progress)).expect("a trace");
    assert_eq!(violations(&edited.bytes), [""; 0]);
    assert_eq!(Lanes::of(&edited.bytes).losses, []);
    edited
}

fn check_dying(events: &str) {
    let start = "Generation 1\nEventBatch m=1 time=100\nProcStatus p=0 pstatus=Running\n\
        GoStatus g=1 m=1 gstatus=Running\nGoStatus g=2 m=- gstatus=Waiting\n";
    let file = damaged_text(&format!("{start}{events}"));
    assert!(violations(&file).iter().any(|it| it.contains("ends inside of a range")), "{:?}", violations(&file));
    let edited = repaired(&file);
    assert_eq!(edited.counts.left_out, 0, "{:?}", edited.counts);
    assert!(edited.counts.put_in > 0, "{:?}", edited.counts);
}

#[test]
fn ranges_of_goroutines_end_before_they_do() {
    check_dying("GCMarkAssistBegin\nGoDestroy");
    check_dying("GCMarkAssistBegin\nGoSwitchDestroy g=2 g_seq=1");
    check_dying("STWBegin kind_string=\"GC\"\nGoSwitchDestroy g=2 g_seq=1");
    check_dying("GCMarkAssistBegin\nGoSyscallBegin p_seq=1\nGoDestroySyscall");
}

/// A goroutine that ended is in a system call after all, on a thread whose proc was seen to run something else: the proc
/// is not in the call, and so the call cannot end with it.
#[test]
fn a_call_that_is_told_late_does_not_have_the_proc() {
    let file = damaged_text(
        "Generation 1\nEventBatch m=1 time=100\nProcStatus p=0 pstatus=Running\nGoStatus g=1 m=1 gstatus=Running\n\
         GoDestroy\nHeapAlloc heapalloc_value=30\nGoStatus g=1 m=1 gstatus=Syscall\nGoSyscallEnd\n\
         GoStop reason_string=\"preempted\"",
    );
    let edited = repaired(&file);
    assert_eq!(edited.counts.left_out, 0, "{:?}", edited.counts);
}

/// Stacks of the output that samples or events have: `pc:line` of each frame.
fn stacks(file: &[u8]) -> Vec<String> {
    let mut reader = Reader::new(file).expect("a trace");
    let mut found = Vec::new();
    while let Some(event) = reader.next() {
        let symbols = reader.symbols();
        let frames = symbols.stack(event.stack).iter().map(|&frame| symbols.frame(frame));
        let frames: Vec<String> = frames.map(|frame| format!("{}:{}", frame.pc, frame.line)).collect();
        if !frames.is_empty() {
            found.push(frames.join(" "));
        }
    }
    found
}

#[test]
fn frames_without_a_place_are_left_out() {
    let frame = |pc, line| format!("pc={pc} func=1 file=2 line={line}\n");
    let file = damaged_text(&format!(
        "Generation 1\nEventBatch m=1 time=100\nProcStatus p=0 pstatus=Running\nGoStatus g=1 m=1 gstatus=Running\n\
         GoStop reason_string=\"preempted\" stack=1\nGoStart g=1 g_seq=1\nGoStop reason_string=\"preempted\" stack=2\n\
         EventBatch\nStacks\nStack id=1\n{}{}{}Stack id=2\n{}EventBatch\nStrings\nString id=1 data=\"main.work\"\n\
         String id=2 data=\"main.go\"",
        frame(7, 1),
        frame(8, 0),
        frame(0, 3),
        frame(9, 0),
    ));
    let edited = repaired(&file);
    assert_eq!(stacks(&edited.bytes), ["7:1"]);
    assert_eq!(edited.counts.frames_left_out, 3);
}

#[test]
fn clocks_go_on() {
    let generation = |number, mono| {
        format!(
            "Generation {number} time={number}00 mono={mono} sec=5 nsec={mono}\nEventBatch m=1 time={number}00\n\
             ProcStatus p=0 pstatus=Running\nGoStatus g=1 m=1 gstatus=Running\nProcsChange procs_value={number}\n"
        )
    };
    // The second clock goes back.
    let file = damaged_text(&(generation(1, 5000) + &generation(2, 4000) + &generation(3, 6000)));
    let edited = repaired(&file);
    let finished = Reader::new(&edited.bytes).expect("a trace").finish();
    let clocks = finished.generations.iter().filter_map(|it| it.clock).map(|it| (it.mono, it.wall_nsec));
    assert_eq!(clocks.collect::<Vec<_>>(), [(5000, 5000), (5100, 5100), (6000, 6000)]);
}

#[test]
fn a_trace_without_events_has_a_generation() {
    for version in Version::ALL {
        let header = version.header();
        for behind in [&b""[..], b"\x07\x07garbage that is no record at all"] {
            let file = [&header[..], behind].concat();
            let edited = repaired(&file);
            assert_eq!(edited.counts.kept, 0, "{version:?}");
            let numbers = Reader::new(&edited.bytes).expect("a trace").finish().generations;
            assert_eq!(numbers.iter().map(|it| it.number).collect::<Vec<_>>(), [1], "{version:?}");
            let anonymous = quietly(|progress| anonymize(&file, KNOWN, Pseudonyms::Counted, progress));
            assert!(anonymous.expect("a trace").bytes == edited.bytes, "{version:?}");
        }
    }
}

/// A trace of the old format without the first start of each proc.
fn without_starts(file: &[u8]) -> Vec<u8> {
    use goroscope_wire::HEADER_LEN;

    let mut records = v1::Records::new(Version::Go121, &file[HEADER_LEN..], HEADER_LEN as u64);
    let (mut kept, mut proc, mut started) = (file[..HEADER_LEN].to_vec(), None, Vec::new());
    loop {
        let start = records.offset() as usize;
        let Some(record) = records.next() else { return kept };
        let is_lost = match record.expect("the trace is whole") {
            v1::Record::Batch { proc: of, .. } => {
                proc = of;
                false
            }
            v1::Record::Event(event) => event.kind == v1::EventType::ProcStart && !started.contains(&proc),
            _ => false,
        };
        if is_lost {
            started.push(proc);
        } else {
            kept.extend_from_slice(&file[start..records.offset() as usize]);
        }
    }
}

#[test]
fn procs_of_the_old_format_whose_start_was_lost_get_a_thread() {
    let whole = trace("mix-1.21");
    let file = without_starts(&whole);
    assert!(file.len() < whole.len());
    let edited = repaired(&file);
    let counts = edited.counts;
    assert!(counts.left_out < 20 && counts.put_in < counts.kept / 10, "{counts:?}");
    let mut reader = Reader::new(&edited.bytes).expect("a trace");
    let made_up = std::iter::from_fn(|| reader.next()).filter(|it| it.thread.get().is_some_and(|id| id > 1 << 32));
    assert!(made_up.count() > 0);
}
