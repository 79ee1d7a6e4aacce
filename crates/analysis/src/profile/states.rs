//! The kinds that count how long goroutines are in a state.
//!
//! What `go tool trace` forgets counts here: the time from the creation of a goroutine to its first run, waits whose begin
//! or end is not in the trace (as far as the trace shows them, with a label), and waits for a reason that is not recorded
//! because they began before the trace, if a stack tells it.

use super::kind::Kind;
use super::reasons::{self, Told};
use super::subjects::Subjects;
use super::weights::{Cause, Frames, Inferred, Key, Open, Reason, Subject, Weight, Weights};
use super::{Options, StackOf};
use crate::states::touching;
use crate::{ClassKind, Scope, Stretch, classes};
use goroscope_model::{Class, GoIdx, GoSpan, Goroutine, LaneSpans, StackIdx, StringIdx, Trace};
use std::cell::RefCell;

/// How many spans are looked back for a stack: a goroutine that returns from a blocked system call has four without one.
const BACK: usize = 6;
/// How many spans are unpacked at once.
const NEAR: usize = 256;

/// Whether a part of a state goes on with the one before it: a call that loses its proc is one state, and so is one that
/// the filter cuts to pieces.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(super) enum Continues {
    No,
    Yes,
}

/// Adds up the states of a goroutine.
pub(super) fn add(scope: &Scope<'_>, options: &Options, subjects: &Subjects<'_>, go: GoIdx, weights: &mut Weights) {
    each(scope, options, go, |key, part, continues| {
        let mut count = u64::from(continues == Continues::No);
        subjects.pieces(go, (part.from, part.to), |subject, ns| {
            weights.add(Key { subject, ..key }, Weight { count: std::mem::take(&mut count), ns });
        });
    });
}

/// Calls `found` with each part of a state of a goroutine that the profile counts, in the order of time.
pub(super) fn each(scope: &Scope<'_>, options: &Options, go: GoIdx, mut found: impl FnMut(Key, &Stretch, Continues)) {
    let trace = scope.trace();
    let Some(row) = trace.goroutines().get(go.index()) else { return };
    let states = States { trace, go, row, lane: trace.go_lane(go), options, near: RefCell::default() };
    let filter = scope.filter();
    let is_of_spans = filter.region.is_none() && filter.task.is_none();
    let has_length = is_of_spans && (filter.min.is_some() || filter.max.is_some());
    let mut passes = scope.passing();
    let mut counted = None;
    for &(from, to) in scope.stretches(go) {
        for number in touching(&states.lane, from, to) {
            let Some(span) = states.at(number) else { break };
            let span_end = states.at(number + 1).map_or(states.lane.end, |next| next.start);
            let part = Stretch { go, number, span, span_end, from: span.start.max(from), to: span_end.min(to) };
            if part.from >= part.to || !passes.has(span.class, span.reason) {
                continue;
            }
            let Some(key) = states.key(&part) else { continue };
            if has_length && !filter.lasts(states.whole(&part)) {
                continue;
            }
            let is_same = counted == Some(number) || (counted == number.checked_sub(1) && states.goes_on(&part));
            counted = Some(number);
            found(key, &part, if is_same { Continues::Yes } else { Continues::No });
        }
    }
}

/// The states of a goroutine.
struct States<'a> {
    trace: &'a Trace,
    go: GoIdx,
    row: &'a Goroutine,
    lane: LaneSpans<'a>,
    options: &'a Options,
    /// Spans around the one that was asked for last, from this number on. Each is asked for several times, and unpacking
    /// takes most of the time: this way it is done once.
    near: RefCell<(usize, Vec<GoSpan>)>,
}

impl States<'_> {
    /// What a part of a state is added to; `None` if the profile does not count it.
    fn key(&self, part: &Stretch) -> Option<Key> {
        let span = &part.span;
        let told = self.told(part);
        let class = told.map_or(span.class, |(told, _)| told.class);
        if !self.options.kind.has(class) {
            return None;
        }
        let mut key = Key::of(self.frames(part), Subject::NOBODY);
        key.state = (self.options.kind == Kind::Wall).then_some(class);
        if classes::kind(class) != ClassKind::Run {
            key.open = self.open(part);
        }
        match classes::kind(class) {
            ClassKind::Wait => {
                key.reason = match told {
                    Some((told, _)) => Reason::Ours(told.reason),
                    None if span.reason == StringIdx(0) => Reason::Ours("reason not in this trace"),
                    None => Reason::Recorded(span.reason),
                };
                key.inferred = told.map_or(Inferred::No, |(_, inferred)| inferred);
            }
            ClassKind::Ready => key.cause = Some(self.cause(part)),
            ClassKind::Run
            | ClassKind::Syscall
            | ClassKind::Idle
            | ClassKind::Range
            | ClassKind::User
            | ClassKind::Off
            | ClassKind::Value
            | ClassKind::Unknown => {}
        }
        Some(key)
    }

    /// Why it waits, if that is not recorded but can be told.
    fn told(&self, part: &Stretch) -> Option<(Told, Inferred)> {
        let span = &part.span;
        let is_unknown = classes::kind(span.class) == ClassKind::Wait
            && span.reason == StringIdx(0)
            && self.before(part.number).is_none_or(|before| before.class == Class::Unknown);
        if !is_unknown {
            return None;
        }
        let symbols = self.trace.symbols();
        let own = || {
            let told = reasons::of_own(symbols, span.stack)?;
            let told = if self.is_end_known(part.number) { told } else { reasons::unless_ended(told) };
            Some((told, Inferred::FromStack))
        };
        let waker = || {
            let after = self.at(part.number + 1)?;
            reasons::of_waker(symbols, after.cause_stack).map(|told| (told, Inferred::FromWaker))
        };
        own().or_else(waker)
    }

    fn frames(&self, part: &Stretch) -> Frames {
        let span = &part.span;
        match classes::kind(span.class) {
            ClassKind::Run => self.running(part),
            ClassKind::Ready if self.options.stack_of == StackOf::Waker => {
                // Whoever gives up a proc makes itself ready.
                let stack = if span.cause_stack == StackIdx(0) { span.stack } else { span.cause_stack };
                if stack == StackIdx(0) { Frames::Unknown(StringIdx(0)) } else { Frames::Stack(stack, 0) }
            }
            ClassKind::Ready
            | ClassKind::Wait
            | ClassKind::Syscall
            | ClassKind::Idle
            | ClassKind::Range
            | ClassKind::User
            | ClassKind::Off
            | ClassKind::Value
            | ClassKind::Unknown => self.last_known(part.number, *span),
        }
    }

    /// The stack that the goroutine was last known to have when a span began.
    fn last_known(&self, number: usize, span: GoSpan) -> Frames {
        let (mut number, mut span) = (number, span);
        for _ in 0..BACK {
            if number == 0 && self.row.created.is_some() {
                return Frames::New { start: span.stack, creation: self.row.creation_stack };
            }
            if span.stack != StackIdx(0) {
                return Frames::Stack(span.stack, self.inner(&span));
            }
            match self.before(number) {
                Some(before) if before.class != Class::Unknown => (number, span) = (number - 1, before),
                Some(_) | None => break,
            }
        }
        Frames::Unknown(self.row.function)
    }

    /// How many frames at the leaf of a span's stack are not recorded of other waits: those of a status are.
    fn inner(&self, span: &GoSpan) -> u16 {
        if classes::kind(span.class) != ClassKind::Wait || span.reason != StringIdx(0) {
            return 0;
        }
        reasons::of_own(self.trace.symbols(), span.stack).map_or(0, |told| told.inner as u16)
    }

    /// While a goroutine runs, its stack changes. What is the same when it begins and when it stops was most likely there
    /// all the time.
    fn running(&self, part: &Stretch) -> Frames {
        let begin = match self.last_known(part.number, part.span) {
            Frames::Stack(stack, _) | Frames::New { start: stack, .. } => stack,
            Frames::Common(..) | Frames::Function(_) | Frames::Unknown(_) => StackIdx(0),
        };
        let end = self.at(part.number + 1).map_or(StackIdx(0), |after| after.stack);
        if begin == StackIdx(0) || end == StackIdx(0) {
            return Frames::Function(self.row.function);
        }
        Frames::Common(begin, end)
    }

    fn cause(&self, part: &Stretch) -> Cause {
        let Some(before) = self.before(part.number) else {
            return if self.row.created.is_some() { Cause::Created } else { Cause::BeforeTheTrace };
        };
        match classes::kind(before.class) {
            ClassKind::Wait => Cause::Unblocked,
            ClassKind::Syscall => Cause::SyscallReturn,
            ClassKind::Run if self.trace.symbols().string(part.span.reason) == "preempted" => Cause::Preempted,
            ClassKind::Run => Cause::Yield,
            ClassKind::Ready
            | ClassKind::Idle
            | ClassKind::Range
            | ClassKind::User
            | ClassKind::Off
            | ClassKind::Value
            | ClassKind::Unknown => Cause::BeforeTheTrace,
        }
    }

    fn open(&self, part: &Stretch) -> Open {
        let (first, last) = self.state(part);
        let is_start_known = match self.before(first) {
            Some(before) => before.class != Class::Unknown,
            None => self.row.created.is_some(),
        };
        Open::of(is_start_known, self.is_end_known(last))
    }

    /// Whether the trace shows how a span ends.
    fn is_end_known(&self, number: usize) -> bool {
        match self.at(number + 1) {
            Some(after) => after.class != Class::Unknown,
            None => self.row.ended.is_some(),
        }
    }

    /// How long the whole state lasts of which this is a part, ns.
    fn whole(&self, part: &Stretch) -> i64 {
        let (first, last) = self.state(part);
        self.lane.end_of(last) - self.lane.start(first)
    }

    /// The first and the last span of a state: a system call that loses its proc has two.
    fn state(&self, part: &Stretch) -> (usize, usize) {
        let number = part.number;
        if self.goes_on(part) {
            return (number - 1, number);
        }
        let is_call = part.span.class == Class::Syscall && self.counts_calls();
        let loses = is_call && self.at(number + 1).is_some_and(|after| after.class == Class::SyscallBlocked);
        (number, number + usize::from(loses))
    }

    /// Whether a span goes on with what the one before it was, as this profile counts.
    fn goes_on(&self, part: &Stretch) -> bool {
        self.counts_calls()
            && part.span.class == Class::SyscallBlocked
            && self.before(part.number).is_some_and(|before| before.class == Class::Syscall)
    }

    /// Whether a call is the same to the profile before and after it lost its proc.
    fn counts_calls(&self) -> bool {
        matches!(self.options.kind, Kind::Syscall | Kind::OffCpu)
    }

    fn before(&self, number: usize) -> Option<GoSpan> {
        self.at(number.checked_sub(1)?)
    }

    fn at(&self, number: usize) -> Option<GoSpan> {
        if number >= self.lane.len() {
            return None;
        }
        let mut near = self.near.borrow_mut();
        let (first, spans) = &mut *near;
        if let Some(span) = number.checked_sub(*first).and_then(|place| spans.get(place)) {
            return Some(*span);
        }
        *first = number.saturating_sub(BACK);
        spans.clear();
        spans.extend(self.trace.go_spans().iter_from(self.go, *first).take(NEAR));
        spans.get(number - *first).copied()
    }
}
