//! Whether a trace tells a story that can be: the rules that ordered events must keep.
//!
//! The reader orders events by what each may wait for; what it hands out of an undamaged trace keeps all of these rules.
//! A [`Validator`] checks them from outside, as a consumer that believes nothing:
//!
//! | rule | what holds |
//! | --- | --- |
//! | sync | syncs and generations are numbered from 1, a sync is first and one last; the clocks of generations go on |
//! | known | nobody is seen for the first time after the second sync without having been created, and no state gets lost |
//! | state | a goroutine or proc leaves the state that it entered |
//! | thread | a thread runs one goroutine and holds one proc at a time; what stops was bound to one |
//! | range | a range begins once and ends only if it was open; nobody ends inside of one |
//! | stack | a goroutine that stops has the stack of the event; frames are complete, but for one empty leaf |
//! | task | tasks that begin have a number, and end as what they began as |
//!
//! Traces of Go 1.11 to 1.21 do not tell all of what threads do: from their first end of a blocked system call on, nothing
//! is said of the rule `thread`.
//!
//! That time goes on is no rule here: each thread has a clock of its own, and where clocks contradict the order the order
//! holds. How often and how far they do is counted.

mod bindings;

use std::fmt;

use rustc_hash::{FxHashMap, FxHashSet};

use self::bindings::Bindings;
use crate::regions::Regions;
use crate::{
    Event, EventKind, Finished, GoId, GoState, ProcState, Scope, StackIdx, StringIdx, Symbols, TaskId, ThreadId, Ts,
};

/// The most violations that are kept one by one.
const MOST: usize = 1000;

/// Checks events one by one.
#[derive(Debug)]
pub struct Validator {
    events: u64,
    syncs: u32,
    /// The sync with which everyone is seen for the first time.
    first_sync: u32,
    ends_with_sync: bool,
    bindings: Bindings,
    /// Open ranges.
    ranges: FxHashMap<Scope, FxHashSet<StringIdx>>,
    tasks: FxHashMap<TaskId, StringIdx>,
    regions: FxHashMap<GoId, Regions>,
    misused_regions: u64,
    /// The first event with each stack.
    stacks: FxHashMap<StackIdx, (u64, Ts, ThreadId)>,
    latest: Option<Ts>,
    clocks: ClockSteps,
    found: Vec<Violation>,
    more: u64,
}

/// A rule that is broken.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Violation {
    /// The event, counted from 1 in the order of the reader; 0 for what concerns none.
    pub event: u64,
    /// Its time.
    pub ts: Ts,
    /// Its thread, or [`ThreadId::NONE`].
    pub thread: ThreadId,
    /// Which rule.
    pub rule: Rule,
    /// How: a lower-case fragment without position.
    pub message: String,
}

/// The rules.
#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord)]
pub enum Rule {
    /// Syncs and clocks go on.
    Sync,
    /// Nobody comes from nowhere or gets lost.
    Known,
    /// States follow each other.
    State,
    /// One goroutine and one proc per thread.
    Thread,
    /// Ranges begin and end.
    Range,
    /// Stacks are complete and where they belong.
    Stack,
    /// Tasks begin and end.
    Task,
}

/// How often the clock contradicts the order.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq)]
pub struct ClockSteps {
    /// Events that are earlier than one before them.
    pub count: u64,
    /// By how much at most, ns.
    pub worst: u64,
    /// The event of which that is true.
    pub event: u64,
}

/// What was found.
#[derive(Clone, Debug, Default)]
pub struct Verdict {
    /// Events that were checked.
    pub events: u64,
    /// Broken rules in the order of the events.
    pub violations: Vec<Violation>,
    /// How many there are beyond those.
    pub more: u64,
    /// How often the clock contradicts the order, which breaks no rule.
    pub clocks: ClockSteps,
    /// Regions that end while another one is open inside them. That is a mistake of the program and breaks no rule, but
    /// Go's tools refuse the trace.
    pub misused_regions: u64,
}

impl Verdict {
    /// Whether no rule is broken.
    pub fn is_valid(&self) -> bool {
        self.violations.is_empty()
    }
}

impl Rule {
    /// Its name.
    pub fn name(self) -> &'static str {
        match self {
            Self::Sync => "sync",
            Self::Known => "known",
            Self::State => "state",
            Self::Thread => "thread",
            Self::Range => "range",
            Self::Stack => "stack",
            Self::Task => "task",
        }
    }
}

impl fmt::Display for Violation {
    /// `event 812, thread 7, 81234 ns: message (state)`
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        if self.event > 0 {
            write!(f, "event {}, ", self.event)?;
        }
        if let Some(thread) = self.thread.get() {
            write!(f, "thread {thread}, ")?;
        }
        write!(f, "{} ns: {} ({})", self.ts.0, self.message, self.rule.name())
    }
}

impl Default for Validator {
    fn default() -> Self {
        Self {
            events: 0,
            syncs: 0,
            first_sync: 1,
            ends_with_sync: false,
            bindings: Bindings::default(),
            ranges: FxHashMap::default(),
            tasks: FxHashMap::default(),
            regions: FxHashMap::default(),
            misused_regions: 0,
            stacks: FxHashMap::default(),
            latest: None,
            clocks: ClockSteps::default(),
            found: Vec::new(),
            more: 0,
        }
    }
}

impl Validator {
    /// Checks the next event.
    pub fn push(&mut self, event: &Event) {
        self.events += 1;
        self.check_clock(event);
        self.see_stack(event, event.stack);
        let is_sync = matches!(event.kind, EventKind::Sync { .. });
        if self.events == 1 && !is_sync {
            self.tell(event, Rule::Sync, "the first event is no sync".into());
        }
        self.ends_with_sync = is_sync;
        match event.kind {
            EventKind::Sync { sync } => {
                if sync != self.syncs.wrapping_add(1) {
                    self.tell(event, Rule::Sync, format!("sync {sync} follows {}", self.syncs));
                }
                self.syncs = sync;
            }
            EventKind::Lost => self.lose(event, "whole generations are missing"),
            EventKind::AnotherTrace => {
                self.lose(event, "another trace begins");
                self.latest = None;
            }
            EventKind::RangeBegin { scope, name } => {
                if !self.ranges.entry(scope).or_default().insert(name) {
                    self.tell(event, Rule::Range, format!("a range of {} begins again", named(scope)));
                }
            }
            EventKind::RangeActive { scope, name } => {
                self.ranges.entry(scope).or_default().insert(name);
            }
            EventKind::RangeEnd { scope, name, .. } => {
                if !self.ranges.entry(scope).or_default().remove(&name) {
                    self.tell(event, Rule::Range, format!("a range of {} ends that was not open", named(scope)));
                }
            }
            EventKind::TaskBegin { task, parent, name } => {
                if task == TaskId(0) || task == TaskId::NONE {
                    self.tell(event, Rule::Task, "a task without a number begins".into());
                }
                if parent == TaskId(0) {
                    self.tell(event, Rule::Task, format!("task {} has the background as its parent", task.0));
                }
                self.tasks.insert(task, name);
            }
            EventKind::TaskEnd { task, name, .. } => {
                if self.tasks.remove(&task).is_some_and(|begun| begun != name) {
                    self.tell(event, Rule::Task, format!("task {} ends as another than it began as", task.0));
                }
            }
            EventKind::Go { go, from, to, stack, .. } => {
                self.see_stack(event, stack);
                if to == GoState::Undetermined {
                    self.tell(event, Rule::Known, format!("what became of goroutine {} is lost", go.0));
                } else if from == GoState::Undetermined && self.syncs > self.first_sync {
                    self.tell(event, Rule::Known, format!("goroutine {} is seen for the first time", go.0));
                }
                if to == GoState::NotExist && self.ranges.remove(&Scope::Go(go)).is_some_and(|open| !open.is_empty()) {
                    self.tell(event, Rule::Range, format!("goroutine {} ends inside of a range", go.0));
                }
                if to == GoState::NotExist {
                    self.regions.remove(&go);
                }
                let executes = |state| matches!(state, GoState::Running | GoState::Syscall);
                if executes(from) && !executes(to) && to != GoState::Undetermined && stack != event.stack {
                    let message = format!("goroutine {} stops with another stack than the event's", go.0);
                    self.tell(event, Rule::Stack, message);
                }
                for (rule, message) in self.bindings.go(event.thread, go, from, to) {
                    self.tell(event, rule, message);
                }
            }
            EventKind::Proc { proc, from, to } => {
                if to == ProcState::Undetermined {
                    self.tell(event, Rule::Known, format!("what became of proc {} is lost", proc.0));
                } else if from == ProcState::Undetermined && self.syncs > self.first_sync {
                    self.tell(event, Rule::Known, format!("proc {} is seen for the first time", proc.0));
                }
                let is_sweeping = |open: FxHashSet<StringIdx>| !open.is_empty();
                if to == ProcState::NotExist && self.ranges.remove(&Scope::Proc(proc)).is_some_and(is_sweeping) {
                    self.tell(event, Rule::Range, format!("proc {} ends inside of a range", proc.0));
                }
                for (rule, message) in self.bindings.proc(event.thread, proc, from, to) {
                    self.tell(event, rule, message);
                }
            }
            EventKind::RegionBegin { task, name } => self.regions.entry(event.go).or_default().begin(task, name),
            EventKind::RegionEnd { task, name } => {
                let is_innermost = self.regions.entry(event.go).or_default().end(task, name);
                self.misused_regions += u64::from(!is_innermost);
            }
            EventKind::Metric { .. }
            | EventKind::Label { .. }
            | EventKind::Sample
            | EventKind::Log { .. }
            | EventKind::Experimental { .. }
            | EventKind::Unknown { .. } => {}
        }
    }

    /// What was found, now that all events were checked.
    pub fn finish(mut self, finished: &Finished) -> Verdict {
        if !self.ends_with_sync {
            self.tell_of_none("the last event is no sync".into());
        }
        if finished.generations.iter().any(|generation| generation.number == 0) {
            self.tell_of_none("a generation has the number 0".into());
        }
        self.check_clocks(finished);
        let mut broken: Vec<_> =
            self.stacks.iter().filter(|(stack, _)| !is_complete(**stack, &finished.symbols)).collect();
        broken.sort_unstable_by_key(|(_, (event, ..))| *event);
        let broken: Vec<Violation> = broken
            .into_iter()
            .map(|(_, &(event, ts, thread))| {
                let message = "a frame of the stack has no function, address or line".into();
                Violation { event, ts, thread, rule: Rule::Stack, message }
            })
            .collect();
        for violation in broken {
            self.add(violation);
        }
        self.found.sort_by_key(|violation| violation.event);
        Verdict {
            events: self.events,
            violations: self.found,
            more: self.more,
            clocks: self.clocks,
            misused_regions: self.misused_regions,
        }
    }

    fn check_clock(&mut self, event: &Event) {
        let latest = self.latest.unwrap_or(event.ts);
        if event.ts < latest {
            let step = latest.0.abs_diff(event.ts.0);
            self.clocks.count += 1;
            if step > self.clocks.worst {
                self.clocks.worst = step;
                self.clocks.event = self.events;
            }
        }
        self.latest = Some(latest.max(event.ts));
    }

    /// The clocks that generations give must go on from one to the next.
    fn check_clocks(&mut self, finished: &Finished) {
        let trace_of = |offset: u64| finished.traces.partition_point(|trace| trace.offset <= offset);
        let mut clocks = finished
            .generations
            .iter()
            .filter_map(|generation| Some((trace_of(generation.offset), generation.number, generation.clock?)));
        let Some(mut before) = clocks.next() else { return };
        for (trace, number, clock) in clocks {
            let (last_trace, last, old) = before;
            let goes_on = clock.ts > old.ts
                && clock.mono > old.mono
                && (clock.wall_sec, clock.wall_nsec) > (old.wall_sec, old.wall_nsec);
            if !goes_on && trace == last_trace {
                self.tell_of_none(format!("a clock of generation {number} does not go on from generation {last}"));
            }
            before = (trace, number, clock);
        }
    }

    /// What was before does not count any longer.
    fn lose(&mut self, event: &Event, why: &str) {
        self.tell(event, Rule::Known, why.into());
        self.bindings = Bindings::default();
        self.ranges.clear();
        self.tasks.clear();
        self.regions.clear();
        self.first_sync = self.syncs.wrapping_add(1);
    }

    fn see_stack(&mut self, event: &Event, stack: StackIdx) {
        if stack != StackIdx(0) {
            self.stacks.entry(stack).or_insert((self.events, event.ts, event.thread));
        }
    }

    fn tell(&mut self, event: &Event, rule: Rule, message: String) {
        self.add(Violation { event: self.events, ts: event.ts, thread: event.thread, rule, message });
    }

    fn tell_of_none(&mut self, message: String) {
        let ts = self.latest.unwrap_or(Ts(0));
        self.add(Violation { event: 0, ts, thread: ThreadId::NONE, rule: Rule::Sync, message });
    }

    fn add(&mut self, violation: Violation) {
        if self.found.len() < MOST {
            self.found.push(violation);
        } else {
            self.more += 1;
        }
    }
}

/// Whether all frames say where they are; a leaf may say nothing at all, and of a stack of another trace nothing is known.
fn is_complete(stack: StackIdx, symbols: &Symbols) -> bool {
    if stack.index() >= symbols.stack_count() {
        return true;
    }
    symbols.stack(stack).iter().enumerate().all(|(depth, &frame)| {
        let frame = symbols.frame(frame);
        let says = [
            frame.pc != 0,
            !symbols.string(frame.function).is_empty(),
            !symbols.string(frame.file).is_empty(),
            frame.line != 0,
        ];
        says.iter().all(|&it| it) || (depth == 0 && !says.iter().any(|&it| it))
    })
}

/// Whose range it is.
fn named(scope: Scope) -> String {
    match scope {
        Scope::Global => "the program".into(),
        Scope::Go(go) => format!("goroutine {}", go.0),
        Scope::Proc(proc) => format!("proc {}", proc.0),
    }
}

#[cfg(test)]
mod tests;
