//! One proc: what it did, bucket by bucket, and how often it changed hands.

use super::Buckets;
use crate::refs::ProcRef;
use crate::{Lane, names, states};
use goroscope_model::{Class, ProcIdx, ProcKind, ThreadIdx, Trace};
use serde::Serialize;

/// A proc.
#[derive(Clone, Debug, PartialEq, Eq, Serialize)]
pub struct ProcRow {
    /// Which.
    pub proc: ProcRef,
    /// The thread that it is of, if it is no worker of a runtime.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub name: Option<String>,
    /// When it is first seen, within the stretch.
    pub start: i64,
    /// When it is last seen, within the stretch.
    pub end: i64,
    /// What it did.
    #[serde(flatten)]
    pub time: ProcTime,
    /// The same by bucket.
    pub cells: ProcCells,
}

/// Time of procs, in ns: the parts add up to `lifetime`. And how often they changed hands.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq, Serialize)]
pub struct ProcTime {
    /// From when it is first seen to when it is last seen.
    pub lifetime: u64,
    /// Running goroutines of the program.
    pub running: u64,
    /// Running workers of the garbage collector.
    pub running_gc: u64,
    /// Running other goroutines of the runtime.
    pub running_runtime: u64,
    /// Held by a thread in a system call.
    pub syscall: u64,
    /// Held by a thread without a goroutine: looking for work.
    pub scheduler: u64,
    /// Held by no thread.
    pub idle: u64,
    /// Not known, in a damaged trace.
    pub unknown: u64,
    /// How often a thread took it while it was idle.
    pub starts: u64,
    /// How often it became idle.
    pub stops: u64,
    /// How often another thread held it than the last time.
    pub thread_changes: u64,
    /// How often it was taken from a thread in a system call.
    pub retakes: u64,
}

/// Time of a proc by bucket, ns.
#[derive(Clone, Debug, Default, PartialEq, Eq, Serialize)]
pub struct ProcCells {
    /// Running goroutines of the program.
    pub running: Vec<u64>,
    /// Running workers of the garbage collector.
    pub running_gc: Vec<u64>,
    /// Running other goroutines of the runtime.
    pub running_runtime: Vec<u64>,
    /// In a system call.
    pub syscall: Vec<u64>,
    /// Looking for work.
    pub scheduler: Vec<u64>,
    /// Held by no thread.
    pub idle: Vec<u64>,
    /// Not known.
    pub unknown: Vec<u64>,
}

impl ProcCells {
    /// The parts in which it runs a goroutine or is in a system call.
    pub(super) fn busy(&self) -> [&Vec<u64>; 4] {
        [&self.running, &self.running_gc, &self.running_runtime, &self.syscall]
    }
}

impl ProcTime {
    fn of(time: &[u64; Class::COUNT]) -> Self {
        let of = |class: Class| time[class as usize];
        Self {
            lifetime: time.iter().sum(),
            running: of(Class::Running),
            running_gc: of(Class::RunningGc),
            running_runtime: of(Class::RunningRuntime),
            syscall: of(Class::Syscall),
            scheduler: of(Class::Scheduler),
            idle: of(Class::Idle),
            unknown: of(Class::Unknown),
            ..Self::default()
        }
    }

    /// Running goroutines of whatever kind, ns.
    pub fn busy(&self) -> u64 {
        self.running + self.running_gc + self.running_runtime
    }

    pub(super) fn add(&mut self, other: &Self) {
        self.lifetime += other.lifetime;
        self.running += other.running;
        self.running_gc += other.running_gc;
        self.running_runtime += other.running_runtime;
        self.syscall += other.syscall;
        self.scheduler += other.scheduler;
        self.idle += other.idle;
        self.unknown += other.unknown;
        self.starts += other.starts;
        self.stops += other.stops;
        self.thread_changes += other.thread_changes;
        self.retakes += other.retakes;
    }
}

/// A proc, if it was there.
pub(super) fn row(trace: &Trace, proc: ProcIdx, buckets: &Buckets) -> Option<ProcRow> {
    let lane = Lane::Proc(proc);
    let spans = states::of(trace, lane)?;
    let (first, last) = states::life(&spans)?;
    let (start, end) = (first.max(buckets.from), last.min(buckets.to));
    if start >= end {
        return None;
    }
    let mut time = ProcTime::of(&states::time(trace, lane, start, end));
    count_changes(trace, proc, (buckets.from, buckets.to), &mut time);
    Some(ProcRow {
        proc: ProcRef::new(trace, proc)?,
        name: names::lone_thread(trace, proc),
        start,
        end,
        time,
        cells: cells(trace, proc, buckets),
    })
}

fn cells(trace: &Trace, proc: ProcIdx, buckets: &Buckets) -> ProcCells {
    let mut times = vec![[0; Class::COUNT]; buckets.count];
    let mut begins = vec![0; buckets.count];
    trace.proc_cells(proc, buckets.from, buckets.width, &mut times, &mut begins);
    // The last bucket ends with the stretch, however wide it is.
    if let Some(last) = times.last_mut() {
        let (from, to) = buckets.bounds(buckets.count - 1);
        *last = states::time(trace, Lane::Proc(proc), from, to);
    }
    let of = |class: Class| times.iter().map(|time| time[class as usize]).collect();
    ProcCells {
        running: of(Class::Running),
        running_gc: of(Class::RunningGc),
        running_runtime: of(Class::RunningRuntime),
        syscall: of(Class::Syscall),
        scheduler: of(Class::Scheduler),
        idle: of(Class::Idle),
        unknown: of(Class::Unknown),
    }
}

/// Counts how often the proc changed hands in a stretch.
fn count_changes(trace: &Trace, proc: ProcIdx, (from, to): (i64, i64), time: &mut ProcTime) {
    let lane = trace.proc_lane(proc);
    let first = lane.count_before(from).saturating_sub(1);
    let mut before: Option<Class> = None;
    // Who held it last, of those that are known.
    let mut holder = ThreadIdx::NONE;
    trace.each_proc_kind(proc, first..lane.count_before(to), |_, start, _, ProcKind { class, thread }| {
        if let Some(before) = before
            && start >= from
        {
            let was = (before == Class::Idle, class == Class::Idle);
            time.starts += u64::from(was == (true, false) && class != Class::Unknown);
            time.stops += u64::from(was == (false, true) && before != Class::Unknown);
            let is_other = thread.get().is_some() && holder.get().is_some() && thread != holder;
            time.thread_changes += u64::from(is_other);
            let is_taken = before == Class::Syscall && (class == Class::Idle || is_other);
            time.retakes += u64::from(is_taken);
        }
        if class == Class::Unknown {
            holder = ThreadIdx::NONE;
        } else if thread.get().is_some() {
            holder = thread;
        }
        before = Some(class);
    });
}
