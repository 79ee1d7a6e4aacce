//! The times of a goroutine, or of several together.

use crate::{ClassKind, classes, names};
use goroscope_model::{Class, ReasonTime, Trace};
use serde::Serialize;
use std::cmp::Reverse;

/// Times of goroutines, in ns.
///
/// `running`, `runnable`, `waiting`, `syscall`, `syscall_blocked` and `unknown` add up to `lifetime`; the classes of
/// waits add up to `waiting`. Ranges overlap with these.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq, Serialize)]
pub struct GoTimes {
    /// How long they were there.
    pub lifetime: u64,
    /// Running.
    pub running: u64,
    /// Ready, waiting for a proc.
    pub runnable: u64,
    /// Blocked inside the runtime.
    pub waiting: u64,
    /// In system calls, holding a proc.
    pub syscall: u64,
    /// In system calls that lost their proc.
    pub syscall_blocked: u64,
    /// Not known, in a damaged trace.
    pub unknown: u64,
    /// Waiting for the network poller.
    pub network: u64,
    /// Waiting on a channel.
    pub channel: u64,
    /// Waiting on a mutex, condition or the like.
    pub sync: u64,
    /// Waiting in `select`.
    pub select: u64,
    /// Sleeping.
    pub sleep: u64,
    /// Waiting for the garbage collector.
    pub gc_wait: u64,
    /// Waiting for another or an unknown reason.
    pub other_wait: u64,
    /// In mark assists, waits included.
    pub assist: u64,
    /// In sweeps that began and ended on the goroutine.
    pub sweep: u64,
    /// Stopping the world.
    pub stw: u64,
    /// In other ranges of the runtime.
    pub other_range: u64,
    /// Samples of the CPU profile.
    pub samples: u64,
}

/// Time waited for a reason.
#[derive(Clone, Debug, PartialEq, Eq, Serialize)]
pub struct BlockedTime {
    /// The reason, in Go's words.
    pub reason: String,
    /// The class of these waits.
    #[serde(serialize_with = "classes::class_number")]
    pub class: Class,
    /// Time, ns.
    pub ns: u64,
    /// How many waits.
    pub spans: u64,
}

impl GoTimes {
    /// Adds times by class.
    pub(super) fn add_classes(&mut self, time: &[u64; Class::COUNT]) {
        let of = |class: Class| time[class as usize];
        let waiting = classes::sum_of_kind(time, ClassKind::Wait);
        self.add(&Self {
            lifetime: time.iter().sum(),
            running: classes::sum_of_kind(time, ClassKind::Run),
            runnable: of(Class::Runnable),
            waiting,
            syscall: of(Class::Syscall),
            syscall_blocked: of(Class::SyscallBlocked),
            unknown: of(Class::Unknown),
            network: of(Class::WaitNetwork),
            channel: of(Class::WaitChannel),
            sync: of(Class::WaitSync),
            select: of(Class::WaitSelect),
            sleep: of(Class::WaitSleep),
            gc_wait: of(Class::WaitGc),
            other_wait: of(Class::WaitOther),
            ..Self::default()
        });
    }

    /// Adds the time of a range.
    pub(super) fn add_range(&mut self, class: Class, ns: u64) {
        match class {
            Class::Assist => self.assist += ns,
            Class::Sweep => self.sweep += ns,
            Class::StopTheWorld => self.stw += ns,
            _ => self.other_range += ns,
        }
    }

    /// Adds the times of others.
    pub(super) fn add(&mut self, other: &Self) {
        for (column, (_, read)) in self.fields().into_iter().zip(COLUMNS) {
            *column += read(other);
        }
    }

    fn fields(&mut self) -> [&mut u64; COLUMNS.len()] {
        [
            &mut self.lifetime,
            &mut self.running,
            &mut self.runnable,
            &mut self.waiting,
            &mut self.syscall,
            &mut self.syscall_blocked,
            &mut self.unknown,
            &mut self.network,
            &mut self.channel,
            &mut self.sync,
            &mut self.select,
            &mut self.sleep,
            &mut self.gc_wait,
            &mut self.other_wait,
            &mut self.assist,
            &mut self.sweep,
            &mut self.stw,
            &mut self.other_range,
            &mut self.samples,
        ]
    }
}

/// How a column is read.
type Read = fn(&GoTimes) -> u64;

/// The columns of times by name, in the order of the fields.
pub(super) const COLUMNS: [(&str, Read); 19] = [
    ("lifetime", |times| times.lifetime),
    ("running", |times| times.running),
    ("runnable", |times| times.runnable),
    ("waiting", |times| times.waiting),
    ("syscall", |times| times.syscall),
    ("syscall_blocked", |times| times.syscall_blocked),
    ("unknown", |times| times.unknown),
    ("network", |times| times.network),
    ("channel", |times| times.channel),
    ("sync", |times| times.sync),
    ("select", |times| times.select),
    ("sleep", |times| times.sleep),
    ("gc_wait", |times| times.gc_wait),
    ("other_wait", |times| times.other_wait),
    ("assist", |times| times.assist),
    ("sweep", |times| times.sweep),
    ("stw", |times| times.stw),
    ("other_range", |times| times.other_range),
    ("samples", |times| times.samples),
];

/// Waits by reason for an answer, longest first.
pub(super) fn blocked(trace: &Trace, sums: &[ReasonTime]) -> Vec<BlockedTime> {
    let row = |sum: &ReasonTime| BlockedTime {
        reason: names::reason(trace, sum.reason).to_owned(),
        class: sum.class,
        ns: sum.ns,
        spans: sum.spans,
    };
    let mut rows: Vec<BlockedTime> = sums.iter().map(row).collect();
    rows.sort_by(|a, b| (Reverse(a.ns), &a.reason).cmp(&(Reverse(b.ns), &b.reason)));
    rows
}
