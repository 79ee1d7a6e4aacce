//! One event of the old format to the events that the new one has for it.
//!
//! * Before the first `Gomaxprocs`, goroutines that are created are those that exist already. What each does is said by
//!   what is written of it until then; all others are runnable.
//! * A system call is a point in time. If its proc was taken away it lasts until its end is written, otherwise it gets the
//!   shortest time there is.
//! * A thread is known only as the one that runs a proc, from the proc's start to its stop.
//!
//! The context of an event is what it was before the event, as in the new format.

use std::collections::BTreeSet;

use goroscope_wire::Version;
use goroscope_wire::v1::{Event as Record, EventType};
use rustc_hash::{FxHashMap, FxHashSet};

use super::Part;
use super::merge::{Call, Row, event_at};
use super::scan::loss;
use crate::diagnostic::Log;
use crate::names::Names;
use crate::regions::{self, Regions};
use crate::state::UNKNOWN_GO;
use crate::{
    Diagnostic, Event, EventKind, GoId, GoState, Metric, ProcId, ProcState, Scope, Severity, StackIdx, StringIdx,
    TaskId, ThreadId, Ts,
};

/// Why the world was stopped, by the numbers of Go 1.21.
const STOPS: [&str; 17] = [
    "",
    "GC mark termination",
    "GC sweep termination",
    "write heap dump",
    "goroutine profile",
    "goroutine profile cleanup",
    "all goroutine stack trace",
    "read mem stats",
    "AllThreadsSyscall",
    "GOMAXPROCS",
    "start trace",
    "stop trace",
    "CountPagesInUse (test)",
    "ReadMetricsSlow (test)",
    "ReadMemStatsSlow (test)",
    "PageCachePagesLeaked (test)",
    "ResetDebugLog (test)",
];

/// What a proc does.
#[derive(Clone, Copy, Debug)]
struct Proc {
    id: ProcId,
    thread: ThreadId,
    state: ProcState,
}

/// What has to be known of the events before one to convert it.
#[derive(Debug)]
pub struct Converter<'a> {
    version: Version,
    file: &'a [u8],
    /// Where its records begin.
    begin: u64,
    /// The time of the first event, in ticks and in that of the timeline.
    first: i64,
    base: i64,
    nanoseconds_per_tick: f64,
    /// By stream.
    procs: Vec<Proc>,
    gos: FxHashMap<u64, GoState>,
    /// Goroutines that exist and of which nothing more was said, until the first `Gomaxprocs`.
    unsaid: Option<BTreeSet<u64>>,
    tasks: FxHashMap<u64, (TaskId, StringIdx)>,
    /// Open regions of goroutines, and how many ended in the wrong order.
    regions: FxHashMap<GoId, Regions>,
    misused_regions: u64,
    /// Tasks that begin although they are open, and the first of these events.
    doubled_tasks: u64,
    doubled_task: u64,
    stop: StringIdx,
    /// System calls that block, of whose goroutines a sample was taken before.
    pub sampled_calls: FxHashSet<(Ts, GoId)>,
    /// Events that do not fit the state of their goroutine or proc, and the first of them.
    misfits: u64,
    first_misfit: u64,
}

/// Where and when an event happened.
#[derive(Clone, Copy)]
struct Context {
    ts: i64,
    thread: ThreadId,
    proc: ProcId,
    go: GoId,
}

impl Context {
    fn event(self, stack: StackIdx, kind: EventKind) -> Event {
        Event { ts: Ts(self.ts), thread: self.thread, proc: self.proc, go: self.go, stack, kind }
    }
}

impl<'a> Converter<'a> {
    /// The clock is the first event's time and the ticks per second.
    pub fn new(part: &Part<'a>, procs: Vec<Option<u32>>, clock: (i64, u64)) -> Self {
        let idle = |id: Option<u32>| Proc {
            id: id.map_or(ProcId::NONE, |id| ProcId(u64::from(id))),
            thread: ThreadId::NONE,
            state: ProcState::Undetermined,
        };
        Self {
            version: part.version,
            file: part.file,
            begin: part.begin,
            first: clock.0,
            base: part.base,
            // In this order, so that the rounding is that of Go's reader.
            nanoseconds_per_tick: 1e9 / clock.1 as f64,
            procs: procs.into_iter().map(idle).collect(),
            gos: FxHashMap::default(),
            unsaid: Some(BTreeSet::new()),
            tasks: FxHashMap::default(),
            regions: FxHashMap::default(),
            misused_regions: 0,
            doubled_tasks: 0,
            doubled_task: 0,
            stop: StringIdx(0),
            sampled_calls: FxHashSet::default(),
            misfits: 0,
            first_misfit: 0,
        }
    }

    /// Tells what did not fit.
    pub fn report(&self, log: &mut Log) {
        if self.misfits > 0 {
            let message = format!("events that do not fit the state of their goroutine or proc: {}", self.misfits);
            log.push(Diagnostic { severity: Severity::Loss, ..loss(self.first_misfit, 0, &message) });
        }
        if self.doubled_tasks > 0 {
            let message = format!("tasks that begin again while they go on: {}", self.doubled_tasks);
            log.push(Diagnostic { severity: Severity::Loss, ..loss(self.doubled_task, 0, &message) });
        }
        if self.misused_regions > 0 {
            log.push(Diagnostic::note(self.begin, regions::misuse(self.misused_regions)));
        }
    }

    /// Appends what an event becomes: none, one or more.
    pub fn convert(&mut self, row: Row, names: &mut Names, out: &mut Vec<Event>) {
        let Some(record) = event_at(self.version, self.file, row.offset) else { return };
        let ticks = row.ticks.wrapping_sub(self.first);
        let ts = ((ticks as f64 * self.nanoseconds_per_tick) as i64).wrapping_add(self.base);
        if goroutine_of(&record) >= UNKNOWN_GO.0 {
            // No goroutine has such a number; that of a thread without one is 0 here.
            self.misfit(row);
            return;
        }
        let go = go_id(row.go);
        let proc = self.procs.get(row.stream as usize);
        let (proc, thread) = proc.map_or((ProcId::NONE, ThreadId::NONE), |proc| (proc.id, proc.thread));
        let cx = Context { ts, thread, proc, go };
        self.convert_in(cx, row, &record, names, out);
    }

    #[expect(clippy::too_many_lines, reason = "a table: an arm of a few lines for each kind of record")]
    fn convert_in(&mut self, cx: Context, row: Row, record: &Record<'_>, names: &mut Names, out: &mut Vec<Event>) {
        let args = record.args;
        let stack = names.stack(record.stack);
        let nothing = StackIdx(0);
        match record.kind {
            EventType::Gomaxprocs => {
                self.end_of_start(cx, out);
                out.push(cx.event(stack, EventKind::Metric { metric: Metric::Gomaxprocs, value: args[0] }));
            }
            EventType::HeapAlloc => {
                out.push(cx.event(nothing, EventKind::Metric { metric: Metric::HeapLive, value: args[0] }));
            }
            EventType::HeapGoal => {
                out.push(cx.event(nothing, EventKind::Metric { metric: Metric::HeapGoal, value: args[0] }));
            }
            EventType::ProcStart => self.proc_start(cx, row, ThreadId(args[0]), out),
            EventType::ProcStop => self.proc_stop(cx, row, out),
            EventType::GCStart => {
                let kind = EventKind::RangeBegin { scope: Scope::Global, name: names.fixed.mark };
                out.push(cx.event(stack, kind));
            }
            EventType::GCDone => out.push(cx.event(nothing, range_end(Scope::Global, names.fixed.mark))),
            EventType::STWStart => {
                let why = names.text(self.why_stopped(args[0]));
                self.stop = names.stop(why);
                out.push(cx.event(nothing, EventKind::RangeBegin { scope: Scope::Go(cx.go), name: self.stop }));
            }
            EventType::STWDone => out.push(cx.event(nothing, range_end(Scope::Go(cx.go), self.stop))),
            EventType::GCSweepStart => {
                let kind = EventKind::RangeBegin { scope: Scope::Proc(cx.proc), name: names.fixed.sweep };
                out.push(cx.event(stack, kind));
            }
            EventType::GCSweepDone => {
                let (scope, name) = (Scope::Proc(cx.proc), names.fixed.sweep);
                out.push(cx.event(nothing, EventKind::RangeEnd { scope, name, sweep: Some((args[0], args[1])) }));
            }
            EventType::GCMarkAssistStart => {
                let kind = EventKind::RangeBegin { scope: Scope::Go(cx.go), name: names.fixed.assist };
                out.push(cx.event(stack, kind));
            }
            EventType::GCMarkAssistDone => {
                out.push(cx.event(nothing, range_end(Scope::Go(cx.go), names.fixed.assist)));
            }
            EventType::GoCreate => self.go_create(cx, record, names, out),
            EventType::GoStart | EventType::GoStartLocal | EventType::GoStartLabel => {
                let before = Context { go: GoId::NONE, ..cx };
                if self.says(row.go) {
                    self.go_status(before, row.go, GoState::Running, out);
                } else {
                    self.go(before, row, (GoState::Runnable, GoState::Running), (StringIdx(0), nothing, nothing), out);
                }
                if record.kind == EventType::GoStartLabel {
                    let kind = EventKind::Label { go: cx.go, label: names.string(args[2]) };
                    out.push(cx.event(nothing, kind));
                }
            }
            EventType::GoWaiting | EventType::GoInSyscall => {
                self.says(row.go);
                let in_call = record.kind == EventType::GoInSyscall;
                let state = if in_call { GoState::Syscall } else { GoState::Waiting };
                let cx = Context { go: GoId::NONE, ..cx };
                // On which thread the call is was not written.
                let cx = if in_call { Context { thread: ThreadId::NONE, ..cx } } else { cx };
                self.go_status(cx, row.go, state, out);
            }
            EventType::GoEnd => {
                let states = (GoState::Running, GoState::NotExist);
                self.go(cx, row, states, (StringIdx(0), nothing, nothing), out);
            }
            EventType::GoSched | EventType::GoPreempt => {
                let reason = if record.kind == EventType::GoSched { "runtime.Gosched" } else { "preempted" };
                let states = (GoState::Running, GoState::Runnable);
                self.go(cx, row, states, (names.text(reason), stack, stack), out);
            }
            EventType::GoStop
            | EventType::GoSleep
            | EventType::GoBlock
            | EventType::GoBlockSend
            | EventType::GoBlockRecv
            | EventType::GoBlockSelect
            | EventType::GoBlockSync
            | EventType::GoBlockCond
            | EventType::GoBlockNet
            | EventType::GoBlockGC => {
                let reason = names.text(why_blocked(record.kind));
                let states = (GoState::Running, GoState::Waiting);
                self.go(cx, row, states, (reason, stack, stack), out);
            }
            EventType::GoUnblock | EventType::GoUnblockLocal => {
                let about = Row { go: args[0], ..row };
                let states = (GoState::Waiting, GoState::Runnable);
                self.go(cx, about, states, (StringIdx(0), nothing, stack), out);
            }
            EventType::GoSysCall => {
                let states = (GoState::Running, GoState::Syscall);
                self.go(cx, row, states, (StringIdx(0), stack, stack), out);
                if row.call == Call::SampledAndBlocks {
                    self.sampled_calls.insert((Ts(cx.ts), cx.go));
                }
                if matches!(row.call, Call::Returns | Call::Sampled) {
                    let end = Context { ts: cx.ts.saturating_add(1), ..cx };
                    let states = (GoState::Syscall, GoState::Running);
                    self.go(end, row, states, (StringIdx(0), nothing, nothing), out);
                }
            }
            EventType::GoSysBlock => {
                // The call said so already; only in a damaged trace it is lost.
                if self.gos.get(&row.go) != Some(&GoState::Syscall) {
                    let states = (GoState::Syscall, GoState::Syscall);
                    self.go(cx, row, states, (StringIdx(0), nothing, nothing), out);
                }
            }
            EventType::GoSysExit | EventType::GoSysExitLocal => {
                // It is written when the goroutine has a proc again, which it had not then.
                let cx = Context { thread: ThreadId::NONE, proc: ProcId::NONE, ..cx };
                let states = (GoState::Syscall, GoState::Runnable);
                self.go(cx, row, states, (StringIdx(0), nothing, nothing), out);
            }
            EventType::UserTaskCreate => {
                let parent = if args[1] == 0 { TaskId::NONE } else { TaskId(args[1]) };
                let name = names.string(args[2]);
                if self.tasks.insert(args[0], (parent, name)).is_some() {
                    if self.doubled_tasks == 0 {
                        self.doubled_task = row.offset;
                    }
                    self.doubled_tasks += 1;
                }
                out.push(cx.event(stack, EventKind::TaskBegin { task: TaskId(args[0]), parent, name }));
            }
            EventType::UserTaskEnd => {
                let (parent, name) = self.tasks.remove(&args[0]).unwrap_or((TaskId::NONE, StringIdx(0)));
                out.push(cx.event(stack, EventKind::TaskEnd { task: TaskId(args[0]), parent, name }));
            }
            EventType::UserRegion => {
                let (task, name) = (TaskId(args[0]), names.string(args[2]));
                match args[1] {
                    0 => {
                        self.regions.entry(cx.go).or_default().begin(task, name);
                        out.push(cx.event(stack, EventKind::RegionBegin { task, name }));
                    }
                    1 => {
                        let is_innermost = self.regions.entry(cx.go).or_default().end(task, name);
                        self.misused_regions += u64::from(!is_innermost);
                        out.push(cx.event(stack, EventKind::RegionEnd { task, name }));
                    }
                    _ => self.misfit(row),
                }
            }
            EventType::UserLog => {
                let category = names.string(args[1]);
                let message = names.message(record.text);
                out.push(cx.event(stack, EventKind::Log { task: TaskId(args[0]), category, message }));
            }
            EventType::CPUSample => {
                // As a signed number of 32 bits, -1 is none.
                let proc = u32::try_from(args[1]).ok().map_or(ProcId::NONE, |proc| ProcId(u64::from(proc)));
                out.push(Context { proc, ..cx }.event(stack, EventKind::Sample));
            }
            EventType::Batch
            | EventType::Frequency
            | EventType::Stack
            | EventType::TimerGoroutine
            | EventType::FutileWakeup
            | EventType::String => {}
        }
    }

    /// The first `Gomaxprocs`: whatever exists was mentioned.
    fn end_of_start(&mut self, cx: Context, out: &mut Vec<Event>) {
        let nowhere = Context { thread: ThreadId::NONE, proc: ProcId::NONE, go: GoId::NONE, ..cx };
        for go in self.unsaid.take().into_iter().flatten() {
            self.go_status(nowhere, go, GoState::Runnable, out);
        }
    }

    /// Something is said of a goroutine; whether it is the first thing and the trace has not begun yet.
    fn says(&mut self, go: u64) -> bool {
        self.unsaid.as_mut().map(|unsaid| unsaid.remove(&go)).is_some()
    }

    fn go_status(&mut self, cx: Context, go: u64, to: GoState, out: &mut Vec<Event>) {
        self.gos.insert(go, to);
        let kind =
            EventKind::Go { go: GoId(go), from: GoState::Undetermined, to, reason: StringIdx(0), stack: StackIdx(0) };
        out.push(cx.event(StackIdx(0), kind));
    }

    fn go_create(&mut self, cx: Context, record: &Record<'_>, names: &mut Names, out: &mut Vec<Event>) {
        let go = record.args[0];
        if let Some(unsaid) = &mut self.unsaid {
            unsaid.insert(go);
            return;
        }
        self.gos.insert(go, GoState::Runnable);
        let kind = EventKind::Go {
            go: GoId(go),
            from: GoState::NotExist,
            to: GoState::Runnable,
            reason: StringIdx(0),
            stack: names.stack(record.args[1]),
        };
        out.push(cx.event(names.stack(record.stack), kind));
    }

    /// The goroutine of the row goes from a state to another; `why` is the reason, its own stack and the executor's.
    fn go(
        &mut self,
        cx: Context,
        row: Row,
        (expected, to): (GoState, GoState),
        (reason, own, stack): (StringIdx, StackIdx, StackIdx),
        out: &mut Vec<Event>,
    ) {
        let known = match to {
            GoState::NotExist => self.gos.remove(&row.go),
            GoState::Undetermined | GoState::Runnable | GoState::Running | GoState::Waiting | GoState::Syscall => {
                self.gos.insert(row.go, to)
            }
        };
        let from = if known == Some(expected) {
            expected
        } else {
            self.misfit(row);
            GoState::Undetermined
        };
        let Some(go) = go_id(row.go).get() else { return };
        out.push(cx.event(stack, EventKind::Go { go: GoId(go), from, to, reason, stack: own }));
    }

    fn proc_start(&mut self, cx: Context, row: Row, thread: ThreadId, out: &mut Vec<Event>) {
        let cx = Context { thread, proc: ProcId::NONE, ..cx };
        self.proc(cx, row, ProcState::Idle, ProcState::Running, out);
        if let Some(proc) = self.procs.get_mut(row.stream as usize) {
            proc.thread = thread;
        }
    }

    fn proc_stop(&mut self, cx: Context, row: Row, out: &mut Vec<Event>) {
        self.proc(cx, row, ProcState::Running, ProcState::Idle, out);
        if let Some(proc) = self.procs.get_mut(row.stream as usize) {
            proc.thread = ThreadId::NONE;
        }
    }

    fn proc(&mut self, cx: Context, row: Row, expected: ProcState, to: ProcState, out: &mut Vec<Event>) {
        let Some(proc) = self.procs.get_mut(row.stream as usize).filter(|proc| proc.id != ProcId::NONE) else {
            self.misfit(row);
            return;
        };
        let known = std::mem::replace(&mut proc.state, to);
        let id = proc.id;
        // The first that is heard of it says only what it was.
        let from = if known == expected { expected } else { ProcState::Undetermined };
        out.push(cx.event(StackIdx(0), EventKind::Proc { proc: id, from, to }));
        if known != expected && known != ProcState::Undetermined {
            self.misfit(row);
        }
    }

    fn misfit(&mut self, row: Row) {
        if self.misfits == 0 {
            self.first_misfit = row.offset;
        }
        self.misfits += 1;
    }

    fn why_stopped(&self, kind: u64) -> &'static str {
        let number = match self.version {
            Version::Go121 => usize::try_from(kind).unwrap_or_default(),
            // There were two, and their numbers are one less.
            Version::Go111 | Version::Go119 if kind < 2 => kind as usize + 1,
            Version::Go111 | Version::Go119 | Version::Go122 | Version::Go123 | Version::Go125 | Version::Go126 => 0,
        };
        STOPS.get(number).copied().unwrap_or_default()
    }
}

fn go_id(go: u64) -> GoId {
    if go == 0 || go >= UNKNOWN_GO.0 { GoId::NONE } else { GoId(go) }
}

/// The goroutine that the event is about by its own words, or 0.
fn goroutine_of(record: &Record<'_>) -> u64 {
    let is_of_go = matches!(
        record.kind,
        EventType::GoCreate
            | EventType::GoStart
            | EventType::GoStartLocal
            | EventType::GoStartLabel
            | EventType::GoWaiting
            | EventType::GoInSyscall
            | EventType::GoUnblock
            | EventType::GoUnblockLocal
            | EventType::GoSysExit
            | EventType::GoSysExitLocal
    );
    if is_of_go { record.args[0] } else { 0 }
}

fn range_end(scope: Scope, name: StringIdx) -> EventKind {
    EventKind::RangeEnd { scope, name, sweep: None }
}

/// The words that newer releases have for the reasons to wait. `GoBlock` has none.
const REASONS: [(EventType, &str); 9] = [
    (EventType::GoStop, "forever"),
    (EventType::GoSleep, "sleep"),
    (EventType::GoBlockSend, "chan send"),
    (EventType::GoBlockRecv, "chan receive"),
    (EventType::GoBlockSelect, "select"),
    (EventType::GoBlockSync, "sync"),
    (EventType::GoBlockCond, "sync.(*Cond).Wait"),
    (EventType::GoBlockNet, "network"),
    (EventType::GoBlockGC, "GC mark assist wait for work"),
];

fn why_blocked(kind: EventType) -> &'static str {
    REASONS.iter().find(|reason| reason.0 == kind).map_or("", |reason| reason.1)
}
