//! What each thread did: running Go code, in system calls (which, and how long), or nothing that the trace knows of.

mod calls;

pub use self::calls::{CallFunction, LongestCall};

use self::calls::Calls;
use crate::choice::choice;
use crate::pages::OrderedPage;
use crate::paging::Order;
use crate::refs::ThreadRef;
use crate::{Filter, FilterError, Lane, Subject, classes, names, states};
use goroscope_model::{Class, ThreadIdx, Trace};
use serde::Serialize;
use std::cmp::Ordering;

choice! {
    /// How threads are sorted: by a field of their rows.
    pub enum ThreadSort {
        /// By how long they ran goroutines: the three fields of running together.
        Busy = "busy",
        /// By id.
        Id = "id",
        /// By when they are first seen.
        Start = "start",
        /// By when they are last seen.
        End = "end",
        /// By how long they were there.
        Lifetime = "lifetime",
        /// By how long they ran goroutines of the program.
        Running = "running",
        /// By how long they ran workers of the collector.
        RunningGc = "running_gc",
        /// By how long they ran other goroutines of the runtime.
        RunningRuntime = "running_runtime",
        /// By the time in system calls, holding a proc.
        Syscall = "syscall",
        /// By the time in system calls that had lost their proc.
        SyscallBlocked = "syscall_blocked",
        /// By the time with a proc and without a goroutine.
        Scheduler = "scheduler",
        /// By the time with neither.
        Idle = "idle",
        /// By the number of system calls.
        Syscalls = "syscalls",
        /// By how long these lasted.
        SyscallNs = "syscall_ns",
        /// By the longest system call.
        Longest = "longest_syscall" | "longest",
    }
}

/// What is asked.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct ThreadsOptions {
    /// How threads are sorted.
    pub sort: ThreadSort,
    /// Which are listed.
    pub page: OrderedPage,
    /// How many functions of each.
    pub calls: usize,
}

/// The most functions that are listed of a thread.
pub const MAX_CALLS: usize = 100;

impl Default for ThreadsOptions {
    fn default() -> Self {
        Self { sort: ThreadSort::Busy, page: OrderedPage { limit: 1000, ..OrderedPage::default() }, calls: 5 }
    }
}

/// The threads of a trace in a stretch of time. Times in ns.
#[derive(Clone, Debug, PartialEq, Eq, Serialize)]
pub struct Threads {
    /// Begin of the stretch.
    pub from: i64,
    /// End of the stretch.
    pub to: i64,
    /// How many threads were there.
    pub count: usize,
    /// Which of them the rows begin with.
    pub offset: usize,
    /// A page of the threads.
    pub rows: Vec<ThreadRow>,
    /// The sums of all threads.
    pub total: ThreadTime,
    /// The functions that called the system on any thread, those that took most first.
    pub functions: Vec<CallFunction>,
}

/// A thread.
#[derive(Clone, Debug, PartialEq, Eq, Serialize)]
pub struct ThreadRow {
    /// Which.
    pub thread: ThreadRef,
    /// What the program calls it, if the recorder tells.
    pub name: Option<String>,
    /// When it is first seen, within the stretch.
    pub start: i64,
    /// When it is last seen, within the stretch.
    pub end: i64,
    /// What it did.
    #[serde(flatten)]
    pub time: ThreadTime,
    /// For how long it had no processor, ns, as far as the kernel told.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub off_cpu: Option<u64>,
    /// System calls that were still open when it was last seen.
    pub open_syscall: bool,
    /// The longest system call.
    pub longest_syscall: Option<LongestCall>,
    /// The functions that called the system, those that took most first.
    pub functions: Vec<CallFunction>,
}

/// Time of threads, in ns: the parts add up to `lifetime`.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq, Serialize)]
pub struct ThreadTime {
    /// From when it is first seen to when it is last seen.
    pub lifetime: u64,
    /// Running goroutines of the program.
    pub running: u64,
    /// Running workers of the garbage collector.
    pub running_gc: u64,
    /// Running other goroutines of the runtime.
    pub running_runtime: u64,
    /// In system calls, holding a proc.
    pub syscall: u64,
    /// In system calls that lost their proc.
    pub syscall_blocked: u64,
    /// Holding a proc without a goroutine: looking for work.
    pub scheduler: u64,
    /// Neither proc nor goroutine: parked, or in code that is not Go's.
    pub idle: u64,
    /// Not known, in a damaged trace.
    pub unknown: u64,
    /// How many system calls touch the stretch.
    pub syscalls: u64,
    /// How long they lasted within it.
    pub syscall_ns: u64,
}

/// What threads did within `from` and `to`, the only keys that this answer knows.
pub fn threads(trace: &Trace, filter: &Filter, options: &ThreadsOptions) -> Result<Threads, FilterError> {
    Subject::Threads.allows(filter)?;
    let (from, to) = filter.window(trace);
    let functions = options.calls.min(MAX_CALLS);
    let mut calls = calls::by_thread(trace, from, to);
    let mut of_all = Calls::default();
    let mut total = ThreadTime::default();
    let mut rows = Vec::new();
    for thread in (0..trace.threads().len() as u32).map(ThreadIdx) {
        let lane = Lane::Thread(thread);
        let Some(spans) = states::of(trace, lane) else { continue };
        let Some((first, last)) = states::life(&spans) else { continue };
        let (start, end) = (first.max(from), last.min(to));
        let Some(reference) = ThreadRef::new(trace, thread) else { continue };
        if start >= end {
            continue;
        }
        let of_thread = calls.remove(&thread).unwrap_or_default();
        let mut time = ThreadTime::of(&states::time(trace, lane, start, end));
        (time.syscalls, time.syscall_ns) = (of_thread.count, of_thread.ns);
        total.add(&time);
        let open_syscall =
            states::at(&spans, end - 1).is_some_and(|i| is_syscall(spans.class(i)) && spans.end_of(i) >= end);
        rows.push(ThreadRow {
            thread: reference,
            name: names::thread_name(trace, thread).map(str::to_owned),
            start,
            end,
            time,
            off_cpu: trace.off_cpu(thread).map(|times| times.time(start, end)),
            open_syscall,
            longest_syscall: of_thread.longest(trace),
            functions: of_thread.functions(trace, functions),
        });
        of_all.add(of_thread);
    }
    let count = rows.len();
    let usual = match options.sort {
        ThreadSort::Id | ThreadSort::Start | ThreadSort::End => Order::Ascending,
        _ => Order::Descending,
    };
    let order = options.page.order.unwrap_or(usual);
    rows.sort_by(|a, b| match order {
        Order::Ascending => compare(a, b, options.sort),
        Order::Descending => compare(b, a, options.sort),
    });
    let rows = rows.into_iter().skip(options.page.offset).take(options.page.limit).collect();
    let functions = of_all.functions(trace, functions);
    Ok(Threads { from, to, count, offset: options.page.offset, rows, total, functions })
}

fn compare(a: &ThreadRow, b: &ThreadRow, sort: ThreadSort) -> Ordering {
    let number = |row: &ThreadRow| -> i128 {
        let number = match sort {
            ThreadSort::Busy => row.time.busy(),
            ThreadSort::Id => row.thread.id,
            ThreadSort::Start => return row.start.into(),
            ThreadSort::End => return row.end.into(),
            ThreadSort::Lifetime => row.time.lifetime,
            ThreadSort::Running => row.time.running,
            ThreadSort::RunningGc => row.time.running_gc,
            ThreadSort::RunningRuntime => row.time.running_runtime,
            ThreadSort::Syscall => row.time.syscall,
            ThreadSort::SyscallBlocked => row.time.syscall_blocked,
            ThreadSort::Scheduler => row.time.scheduler,
            ThreadSort::Idle => row.time.idle,
            ThreadSort::Syscalls => row.time.syscalls,
            ThreadSort::SyscallNs => row.time.syscall_ns,
            ThreadSort::Longest => row.longest_syscall.as_ref().map_or(0, |call| call.duration),
        };
        number.into()
    };
    number(a).cmp(&number(b))
}

impl ThreadTime {
    fn of(time: &[u64; Class::COUNT]) -> Self {
        let of = |class: Class| time[class as usize];
        Self {
            lifetime: time.iter().sum(),
            running: of(Class::Running),
            running_gc: of(Class::RunningGc),
            running_runtime: of(Class::RunningRuntime),
            syscall: of(Class::Syscall),
            syscall_blocked: of(Class::SyscallBlocked),
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

    fn add(&mut self, other: &Self) {
        self.lifetime += other.lifetime;
        self.running += other.running;
        self.running_gc += other.running_gc;
        self.running_runtime += other.running_runtime;
        self.syscall += other.syscall;
        self.syscall_blocked += other.syscall_blocked;
        self.scheduler += other.scheduler;
        self.idle += other.idle;
        self.unknown += other.unknown;
        self.syscalls += other.syscalls;
        self.syscall_ns += other.syscall_ns;
    }
}

fn is_syscall(class: Class) -> bool {
    classes::kind(class) == crate::ClassKind::Syscall
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::fixtures;

    /// The parts add up to the lifetime, the rows to the total, and two halves to the whole.
    #[test]
    fn times_add_up() {
        let recorded = fixtures::recorded("mix-1.26.trace.zst");
        let traces = (0..10).map(|seed| fixtures::random(seed, 3, 8, 300)).chain([fixtures::request(), recorded]);
        for trace in traces {
            let all = threads(&trace, &Filter::default(), &ThreadsOptions::default()).unwrap();
            for row in &all.rows {
                let t = row.time;
                let parts = t.busy() + t.syscall + t.syscall_blocked + t.scheduler + t.idle + t.unknown;
                assert_eq!(parts, t.lifetime, "{row:?}");
                assert_eq!(t.lifetime, (row.end - row.start) as u64, "{row:?}");
                assert_eq!(t.syscall_ns, t.syscall + t.syscall_blocked, "{row:?}");
                assert_eq!(t.syscalls > 0, row.longest_syscall.is_some(), "{row:?}");
            }
            let middle = i64::midpoint(trace.start(), trace.end());
            let half = |from, to| {
                threads(&trace, &Filter { from, to, ..Filter::default() }, &ThreadsOptions::default()).unwrap().total
            };
            let mut sum = half(None, Some(middle));
            sum.add(&half(Some(middle), None));
            // A call across the middle is one of both halves.
            let across = sum.syscalls - all.total.syscalls;
            assert!(across <= all.count as u64, "{across} calls at one moment");
            assert_eq!(ThreadTime { syscalls: all.total.syscalls, ..sum }, all.total);
        }
    }

    #[test]
    fn only_times_are_for_threads() {
        let filter = Filter::parse("func=main from=1ms").unwrap();
        let error = threads(&fixtures::request(), &filter, &ThreadsOptions::default()).unwrap_err();
        assert_eq!(error.to_string(), "func does not apply to threads, which knows only from, to");
    }
}
