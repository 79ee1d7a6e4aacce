//! Sums by stack and labels, in rows of the trace: what a profile is before its frames have names.

use goroscope_model::{Class, GoIdx, StackIdx, StringIdx, TaskIdx};
use rustc_hash::FxHashMap;
use std::hash::{Hash, Hasher};

/// The frames of a sample.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Hash, PartialOrd, Ord)]
pub(super) enum Frames {
    /// A stack of the trace, without so many frames at its leaf.
    Stack(StackIdx, u16),
    /// A goroutine that did not do anything yet: its start function, called from where it was created.
    New {
        /// Where it starts.
        start: StackIdx,
        /// Where it was created.
        creation: StackIdx,
    },
    /// What two stacks of a goroutine have in common, from the root on.
    Common(StackIdx, StackIdx),
    /// The start function, and nothing is said of what it called.
    Function(StringIdx),
    /// No stack is known, but for the start function, if that is.
    Unknown(StringIdx),
}

/// Why a goroutine is in a state, as a label says it.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Hash, PartialOrd, Ord)]
pub(super) enum Reason {
    /// Nothing to be said.
    None,
    /// In the words of the trace.
    Recorded(StringIdx),
    /// In ours.
    Ours(&'static str),
}

/// What made a goroutine ready.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Hash, PartialOrd, Ord)]
pub(super) enum Cause {
    /// It was created.
    Created,
    /// It had waited.
    Unblocked,
    /// The scheduler took its proc away.
    Preempted,
    /// It gave its proc up.
    Yield,
    /// It came back from a system call that had lost its proc.
    SyscallReturn,
    /// It was ready already.
    BeforeTheTrace,
}

impl Cause {
    pub(super) fn name(self) -> &'static str {
        match self {
            Self::Created => "created",
            Self::Unblocked => "unblocked",
            Self::Preempted => "preempted",
            Self::Yield => "yield",
            Self::SyscallReturn => "syscall-return",
            Self::BeforeTheTrace => "before the trace",
        }
    }
}

/// Which ends of a state are not in the trace.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Hash, PartialOrd, Ord)]
pub(super) enum Open {
    Neither,
    Start,
    End,
    Both,
}

impl Open {
    pub(super) fn of(is_start_known: bool, is_end_known: bool) -> Self {
        match (is_start_known, is_end_known) {
            (true, true) => Self::Neither,
            (false, true) => Self::Start,
            (true, false) => Self::End,
            (false, false) => Self::Both,
        }
    }

    pub(super) fn name(self) -> Option<&'static str> {
        match self {
            Self::Neither => None,
            Self::Start => Some("start"),
            Self::End => Some("end"),
            Self::Both => Some("both"),
        }
    }
}

/// What tells a reason that is not recorded.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Hash, PartialOrd, Ord)]
pub(super) enum Inferred {
    No,
    FromStack,
    FromWaker,
}

impl Inferred {
    /// What tells it; `None` if nothing had to.
    pub(super) fn name(self) -> Option<&'static str> {
        match self {
            Self::No => None,
            Self::FromStack => Some("stack"),
            Self::FromWaker => Some("waker"),
        }
    }
}

/// Whom a sample is about, as far as labels are to say it; `NONE` and 0 where they are not.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Hash, PartialOrd, Ord)]
pub(super) struct Subject {
    pub(super) go: GoIdx,
    pub(super) function: StringIdx,
    pub(super) task: TaskIdx,
    pub(super) region: StringIdx,
}

impl Subject {
    pub(super) const NOBODY: Self =
        Self { go: GoIdx::NONE, function: StringIdx(0), task: TaskIdx::NONE, region: StringIdx(0) };
}

/// What samples that are added up have in common.
#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord)]
pub(super) struct Key {
    pub(super) frames: Frames,
    /// The state, where it is the outermost frame.
    pub(super) state: Option<Class>,
    pub(super) reason: Reason,
    pub(super) cause: Option<Cause>,
    pub(super) open: Open,
    pub(super) inferred: Inferred,
    pub(super) subject: Subject,
    /// Whether it is a CPU sample of a thread without a goroutine.
    pub(super) has_no_goroutine: bool,
}

impl Key {
    pub(super) fn of(frames: Frames, subject: Subject) -> Self {
        Self {
            frames,
            state: None,
            reason: Reason::None,
            cause: None,
            open: Open::Neither,
            inferred: Inferred::No,
            subject,
            has_no_goroutine: false,
        }
    }
}

/// A key is looked up for every span of a trace, so the hash is of few words: what nearly always tells keys apart.
impl Hash for Key {
    fn hash<H: Hasher>(&self, state: &mut H) {
        let pair = |a: u32, b: u32| u64::from(a) << 32 | u64::from(b);
        state.write_u64(match self.frames {
            Frames::Stack(stack, inner) => pair(stack.0, inner.into()),
            Frames::New { start, creation } => pair(start.0, creation.0),
            Frames::Common(begin, end) => pair(begin.0, end.0),
            Frames::Function(function) | Frames::Unknown(function) => pair(function.0, 0),
        });
        let cause = self.cause.map_or(0, |cause| cause as u32 + 1);
        let class = self.state.map_or(0, |class| class as u32 + 1);
        state.write_u64(pair(cause << 8 | self.open as u32, class));
        if self.subject != Subject::NOBODY {
            let Subject { go, function, task, region } = self.subject;
            state.write_u64(pair(go.0, function.0));
            state.write_u64(pair(task.0, region.0));
        }
    }
}

/// How often and for how long, ns.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq)]
pub(super) struct Weight {
    pub(super) count: u64,
    pub(super) ns: u64,
}

/// Sums by key.
#[derive(Clone, Debug, Default)]
pub(super) struct Weights(FxHashMap<Key, Weight>);

impl Weights {
    pub(super) fn add(&mut self, key: Key, weight: Weight) {
        let sum = self.0.entry(key).or_default();
        sum.count += weight.count;
        sum.ns += weight.ns;
    }

    pub(super) fn join(&mut self, other: Self) {
        let (mut large, small) =
            if self.0.len() < other.0.len() { (other, std::mem::take(self)) } else { (std::mem::take(self), other) };
        for (key, weight) in small.into_rows() {
            large.add(key, weight);
        }
        *self = large;
    }

    /// The sums in an order that is always the same.
    pub(super) fn into_rows(self) -> Vec<(Key, Weight)> {
        let mut rows: Vec<_> = self.0.into_iter().collect();
        rows.sort_unstable_by_key(|&(key, _)| key);
        rows
    }
}
