//! What breaks each rule, and what does not.

use super::*;
use crate::{GoId, ProcId};

const NOBODY: Event = Event {
    ts: Ts(0),
    thread: ThreadId::NONE,
    proc: ProcId::NONE,
    go: GoId::NONE,
    stack: StackIdx(0),
    kind: EventKind::Sync { sync: 1 },
};

fn sync(sync: u32) -> Event {
    Event { kind: EventKind::Sync { sync }, ..NOBODY }
}

fn on(thread: u64, kind: EventKind) -> Event {
    Event { thread: ThreadId(thread), kind, ..NOBODY }
}

fn go(thread: u64, go: u64, from: GoState, to: GoState) -> Event {
    on(thread, EventKind::Go { go: GoId(go), from, to, reason: StringIdx(0), stack: StackIdx(0) })
}

fn proc(thread: u64, proc: u64, from: ProcState, to: ProcState) -> Event {
    on(thread, EventKind::Proc { proc: ProcId(proc), from, to })
}

/// What the validator says of these events between two syncs.
fn check(events: &[Event], expected: &[&str]) {
    let mut validator = Validator::default();
    let mut syncs = 1;
    validator.push(&sync(1));
    for event in events {
        syncs += u32::from(matches!(event.kind, EventKind::Sync { .. }));
        validator.push(event);
    }
    validator.push(&sync(syncs + 1));
    let reader = crate::Reader::new(b"go 1.26 trace\0\0\0").expect("a header");
    let verdict = validator.finish(&reader.finish());
    let found: Vec<String> = verdict.violations.iter().map(ToString::to_string).collect();
    assert_eq!(found, expected);
}

#[test]
fn states_follow_each_other() {
    use GoState::{NotExist, Runnable, Running, Undetermined, Waiting};
    check(
        &[
            go(7, 1, Undetermined, Running),
            go(7, 2, NotExist, Runnable),
            go(7, 1, Running, NotExist),
            go(7, 2, Runnable, Running),
            go(7, 2, Running, Running),
        ],
        &[],
    );
    check(
        &[go(7, 1, Undetermined, Waiting), go(7, 1, Runnable, Running), go(7, 3, Waiting, Runnable)],
        &[
            "event 3, thread 7, 0 ns: goroutine 1 leaves Runnable, but was Waiting (state)",
            "event 4, thread 7, 0 ns: goroutine 3 leaves Waiting, but was never seen (state)",
        ],
    );
    check(
        &[proc(7, 0, ProcState::Undetermined, ProcState::Idle), proc(7, 0, ProcState::Running, ProcState::Idle)],
        &["event 3, thread 7, 0 ns: proc 0 leaves Running, but was Idle (state)"],
    );
}

/// The end of a call without a thread: the trace is of Go 1.21 or older, which does not tell that a proc changes hands.
#[test]
fn threads_of_old_traces_are_guesses() {
    use GoState::{Runnable, Running, Syscall, Undetermined};
    let end = Event { thread: ThreadId::NONE, ..go(7, 2, Syscall, Runnable) };
    let taken = [go(7, 1, Undetermined, Running), go(7, 1, Running, Syscall), go(8, 2, Undetermined, Syscall)];
    let goes_on =
        [go(7, 2, Runnable, Running), go(7, 2, Running, Runnable), proc(7, 0, ProcState::Idle, ProcState::Idle)];
    check(
        &[&taken[..], &[end], &goes_on].concat(),
        &["event 8, thread 7, 0 ns: proc 0 leaves Idle, but was never seen (state)"],
    );
    check(
        &[&taken[..], &[go(8, 2, Syscall, Runnable)], &goes_on[..2]].concat(),
        &["event 6, thread 7, 0 ns: goroutine 2 runs on a thread that has goroutine 1 (thread)"],
    );
}

#[test]
fn a_thread_has_one_of_each() {
    use GoState::{Running, Undetermined, Waiting};
    check(
        &[go(7, 1, Undetermined, Running), go(7, 2, Undetermined, Running), go(7, 1, Running, Waiting)],
        &[
            "event 3, thread 7, 0 ns: goroutine 2 runs on a thread that has goroutine 1 (thread)",
            "event 4, thread 7, 0 ns: goroutine 1 stops on thread 7, which does not have it (thread)",
        ],
    );
    check(
        &[go(7, 1, Undetermined, Running), go(8, 1, Running, Running)],
        &["event 3, thread 8, 0 ns: goroutine 1 goes on, but was on thread 7 (thread)"],
    );
    let (running, unknown) = (ProcState::Running, ProcState::Undetermined);
    check(
        &[proc(7, 0, unknown, running), proc(7, 1, unknown, running), proc(8, 0, running, ProcState::Idle)],
        &[
            "event 3, thread 7, 0 ns: proc 1 runs on a thread that has proc 0 (thread)",
            "event 4, thread 8, 0 ns: proc 0 stops on thread 7, which does not have it (thread)",
        ],
    );
    // A proc is stolen: the thread that says so never had it.
    check(&[proc(7, 0, unknown, running), proc(8, 0, running, ProcState::Idle), proc(7, 1, unknown, running)], &[]);
}

#[test]
fn nobody_comes_or_goes_unseen() {
    use GoState::{Runnable, Undetermined};
    check(
        &[
            go(7, 1, Undetermined, Runnable),
            sync(2),
            go(7, 2, Undetermined, Runnable),
            go(7, 1, Runnable, Undetermined),
        ],
        &[
            "event 4, thread 7, 0 ns: goroutine 2 is seen for the first time (known)",
            "event 5, thread 7, 0 ns: what became of goroutine 1 is lost (known)",
        ],
    );
    // Behind a gap everything is seen for the first time.
    check(
        &[sync(2), on(7, EventKind::Lost), sync(3), go(7, 2, Undetermined, Runnable)],
        &["event 3, thread 7, 0 ns: whole generations are missing (known)"],
    );
}

#[test]
fn ranges_begin_and_end_once() {
    let name = StringIdx(3);
    let scope = Scope::Go(GoId(1));
    let begin = on(7, EventKind::RangeBegin { scope, name });
    let active = on(7, EventKind::RangeActive { scope, name });
    let end = on(7, EventKind::RangeEnd { scope, name, sweep: None });
    check(&[begin, active, end, begin, end], &[]);
    check(
        &[active, begin, end, end],
        &[
            "event 3, thread 7, 0 ns: a range of goroutine 1 begins again (range)",
            "event 5, thread 7, 0 ns: a range of goroutine 1 ends that was not open (range)",
        ],
    );
    check(
        &[go(7, 1, GoState::Undetermined, GoState::Running), begin, go(7, 1, GoState::Running, GoState::NotExist)],
        &["event 4, thread 7, 0 ns: goroutine 1 ends inside of a range (range)"],
    );
}

#[test]
fn tasks_have_numbers_and_keep_their_names() {
    let begin = |task, parent, name| on(7, EventKind::TaskBegin { task, parent, name: StringIdx(name) });
    let end = |task, name| on(7, EventKind::TaskEnd { task, parent: TaskId::NONE, name: StringIdx(name) });
    let (none, one) = (TaskId::NONE, TaskId(1));
    check(&[begin(one, none, 1), end(one, 1), end(one, 0), end(TaskId(9), 2)], &[]);
    check(
        &[begin(TaskId(0), none, 1), begin(one, TaskId(0), 1), end(one, 2)],
        &[
            "event 2, thread 7, 0 ns: a task without a number begins (task)",
            "event 3, thread 7, 0 ns: task 1 has the background as its parent (task)",
            "event 4, thread 7, 0 ns: task 1 ends as another than it began as (task)",
        ],
    );
}

#[test]
fn who_stops_has_the_stack_of_the_event() {
    let mut stop = go(7, 1, GoState::Running, GoState::Waiting);
    stop.stack = StackIdx(4);
    // No symbols come with these events, so that the frames of the stack are none.
    check(
        &[go(7, 1, GoState::Undetermined, GoState::Running), stop],
        &["event 3, thread 7, 0 ns: goroutine 1 stops with another stack than the event's (stack)"],
    );
}

#[test]
fn syncs_are_numbered() {
    check(&[sync(3)], &["event 2, 0 ns: sync 3 follows 1 (sync)", "event 3, 0 ns: sync 3 follows 3 (sync)"]);
    let mut validator = Validator::default();
    validator.push(&on(7, EventKind::Sample));
    let reader = crate::Reader::new(b"go 1.26 trace\0\0\0").expect("a header");
    let verdict = validator.finish(&reader.finish());
    let found: Vec<String> = verdict.violations.iter().map(ToString::to_string).collect();
    assert_eq!(
        found,
        ["0 ns: the last event is no sync (sync)", "event 1, thread 7, 0 ns: the first event is no sync (sync)"]
    );
}

#[test]
fn clocks_that_contradict_the_order_are_counted() {
    let mut validator = Validator::default();
    for ts in [0, 50, 20, 49, 60] {
        validator.push(&Event { ts: Ts(ts), ..on(7, EventKind::Sample) });
    }
    let reader = crate::Reader::new(b"go 1.26 trace\0\0\0").expect("a header");
    let verdict = validator.finish(&reader.finish());
    assert_eq!(verdict.clocks, ClockSteps { count: 2, worst: 30, event: 3 });
}

#[test]
fn generations_are_numbered_from_one() {
    for (number, expected) in [(0, vec!["0 ns: a generation has the number 0 (sync)"]), (1, vec![])] {
        let text = format!("Trace Go1.23\nGeneration {number}\nEventBatch m=1 time=100\n");
        let file = goroscope_wire::text::parse(&text).expect("the text is right");
        let mut reader = crate::Reader::new(&file).expect("a header");
        let mut validator = Validator::default();
        while let Some(event) = reader.next() {
            validator.push(&event);
        }
        let verdict = validator.finish(&reader.finish());
        assert_eq!(verdict.violations.iter().map(ToString::to_string).collect::<Vec<_>>(), expected, "{number}");
    }
}

#[test]
fn regions_that_do_not_nest_break_no_rule_and_are_counted() {
    let region = |begins, name| {
        let (task, name) = (TaskId(0), StringIdx(name));
        let kind = if begins { EventKind::RegionBegin { task, name } } else { EventKind::RegionEnd { task, name } };
        Event { go: GoId(1), ..on(7, kind) }
    };
    let mut validator = Validator::default();
    // 1 and 2 nest; 3 ends while 4 is open; 5 began before the trace.
    for event in [
        sync(1),
        region(false, 5),
        region(true, 1),
        region(true, 2),
        region(false, 2),
        region(false, 1),
        region(true, 3),
        region(true, 4),
        region(false, 3),
        sync(2),
    ] {
        validator.push(&event);
    }
    let reader = crate::Reader::new(b"go 1.26 trace\0\0\0").expect("a header");
    let verdict = validator.finish(&reader.finish());
    assert_eq!((verdict.is_valid(), verdict.misused_regions), (true, 1));
}
