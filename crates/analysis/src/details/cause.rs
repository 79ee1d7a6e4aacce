//! Cause and effect between goroutines: who made one runnable, and whom it made runnable.

use crate::refs::{self, FrameView, GoRef, ProcRef};
use crate::{ClassKind, Lane, classes, states};
use goroscope_model::{Class, GoIdx, LaneSpans, Trace, Wake};
use serde::{Serialize, Serializer};

/// The most effects of one answer.
const LIMIT: usize = 50;

/// Who made a goroutine runnable.
#[derive(Clone, Debug, PartialEq, Eq, Serialize)]
pub struct Cause {
    /// How.
    pub kind: CauseKind,
    /// When, ns.
    pub ts: i64,
    /// Who; `None` where no goroutine did it.
    pub go: Option<GoRef>,
    /// Its lane.
    pub lane: Option<Lane>,
    /// Its name.
    pub lane_label: String,
    /// Where it stood then.
    pub stack: Vec<FrameView>,
    /// The proc on which it happened.
    pub proc: Option<ProcRef>,
    /// Begin of the span in which that goroutine did it, ns.
    pub span_start: Option<i64>,
}

/// How a goroutine became runnable.
#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord, Hash)]
pub enum CauseKind {
    /// Another goroutine woke it.
    Unblock,
    /// Another goroutine created it.
    Create,
    /// The network poller woke it.
    Network,
    /// A timer or another part of the runtime woke it.
    TimerOrRuntime,
    /// Nobody: it yielded, was preempted, or came back from a system call.
    Itself,
}

impl CauseKind {
    /// Its name.
    pub fn key(self) -> &'static str {
        match self {
            Self::Unblock => "unblock",
            Self::Create => "create",
            Self::Network => "network",
            Self::TimerOrRuntime => "timer or runtime",
            Self::Itself => "self",
        }
    }
}

impl Serialize for CauseKind {
    fn serialize<S: Serializer>(&self, serializer: S) -> Result<S::Ok, S::Error> {
        serializer.serialize_str(self.key())
    }
}

/// Whom a goroutine made runnable.
#[derive(Clone, Debug, PartialEq, Eq, Serialize)]
pub struct Effect {
    /// How: [`CauseKind::Unblock`] or [`CauseKind::Create`].
    pub kind: CauseKind,
    /// When, ns.
    pub ts: i64,
    /// Whom.
    pub go: Option<GoRef>,
    /// Its lane.
    pub lane: Lane,
    /// Its name.
    pub lane_label: String,
}

/// Who brought a goroutine into span `i` of its lane: into a runnable span its waker or creator, into a running span
/// that of the runnable span before it. `None` for other spans, and where the trace begins with this one.
pub(super) fn of_span(trace: &Trace, go: GoIdx, spans: &LaneSpans<'_>, i: usize) -> Option<Cause> {
    let was_runnable = |i: usize| spans.class(i) == Class::Runnable;
    match classes::kind(spans.class(i)) {
        ClassKind::Run if i > 0 && was_runnable(i - 1) => became(trace, go, spans, i - 1),
        ClassKind::Run | ClassKind::Ready => became(trace, go, spans, i),
        // Only a goroutine that was created blocked waits by another's doing.
        ClassKind::Wait if caused_by(trace, go, i).is_some() => became(trace, go, spans, i),
        ClassKind::Wait
        | ClassKind::Syscall
        | ClassKind::Idle
        | ClassKind::Range
        | ClassKind::User
        | ClassKind::Off
        | ClassKind::Value
        | ClassKind::Unknown => None,
    }
}

/// Who ended the wait that is span `i` of a goroutine.
pub(super) fn woken_by(trace: &Trace, go: GoIdx, spans: &LaneSpans<'_>, i: usize) -> Option<Cause> {
    let is_wait = classes::kind(spans.class(i)) == ClassKind::Wait;
    if is_wait && i + 1 < spans.len() { of_span(trace, go, spans, i + 1) } else { None }
}

fn caused_by(trace: &Trace, go: GoIdx, i: usize) -> Option<GoIdx> {
    trace.go_spans().get(go, i).cause.get()
}

/// Who made the transition into span `i`.
fn became(trace: &Trace, go: GoIdx, spans: &LaneSpans<'_>, i: usize) -> Option<Cause> {
    let before = i.checked_sub(1).map(|before| spans.class(before));
    let created = trace.goroutines()[go.index()].created;
    let is_creation = i == 0 && created.is_some();
    let (kind, who) = match (caused_by(trace, go, i), before) {
        (Some(who), _) if is_creation => (CauseKind::Create, who),
        (Some(who), _) => (CauseKind::Unblock, who),
        (None, None) if is_creation => (CauseKind::Create, GoIdx::NONE),
        (None, None) => return None,
        (None, Some(Class::WaitNetwork)) => (CauseKind::Network, GoIdx::NONE),
        (None, Some(class)) => match classes::kind(class) {
            ClassKind::Wait => (CauseKind::TimerOrRuntime, GoIdx::NONE),
            ClassKind::Run | ClassKind::Ready | ClassKind::Syscall => (CauseKind::Itself, go),
            ClassKind::Idle
            | ClassKind::Range
            | ClassKind::User
            | ClassKind::Off
            | ClassKind::Value
            | ClassKind::Unknown => return None,
        },
    };
    let span = trace.go_spans().get(go, i);
    let stack = if kind == CauseKind::Itself { span.stack } else { span.cause_stack };
    let ts = spans.start(i);
    Some(Cause {
        kind,
        ts,
        go: GoRef::new(trace, who),
        lane: who.get().map(Lane::Go),
        lane_label: who.get().map_or_else(String::new, |who| Lane::Go(who).label(trace)),
        stack: refs::frames(trace, stack),
        proc: ProcRef::new(trace, span.proc),
        span_start: span_start(trace, who, ts),
    })
}

/// Begin of a goroutine's span at a moment.
fn span_start(trace: &Trace, go: GoIdx, ts: i64) -> Option<i64> {
    let spans = states::of(trace, Lane::Go(go.get()?))?;
    Some(spans.start(states::at(&spans, ts)?))
}

/// What a goroutine set off from a span.
pub(super) struct Effects {
    /// Within the span: the first few.
    pub(super) first: Vec<Effect>,
    /// How many within the span.
    pub(super) total: usize,
    /// The first at or after the begin of the span, however far.
    pub(super) next: Option<Effect>,
}

/// Whom a goroutine made runnable in `[from, to)`, and next.
pub(super) fn effects(trace: &Trace, go: GoIdx, from: i64, to: i64) -> Effects {
    if go.index() >= trace.goroutines().len() {
        return Effects { first: Vec::new(), total: 0, next: None };
    }
    let wakes = trace.wakes_by(go);
    let first = wakes.count_before(from);
    let after = wakes.count_before(to).max(first);
    let wake = |i: usize| wakes.get(i).map(|wake| effect(trace, &wake));
    Effects { first: (first..after).take(LIMIT).filter_map(wake).collect(), total: after - first, next: wake(first) }
}

fn effect(trace: &Trace, wake: &Wake) -> Effect {
    Effect {
        kind: if wake.is_creation { CauseKind::Create } else { CauseKind::Unblock },
        ts: wake.ts,
        go: GoRef::new(trace, wake.to),
        lane: Lane::Go(wake.to),
        lane_label: Lane::Go(wake.to).label(trace),
    }
}
