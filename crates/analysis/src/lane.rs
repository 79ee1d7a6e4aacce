//! A lane: what one row of the timeline shows. Its text is the key that URLs, requests and answers use.

use crate::curves::{Curve, CurveIdx};
use crate::{Words, names};
use goroscope_model::{GoIdx, GroupIdx, ProcIdx, TaskIdx, TaskTypeIdx, ThreadIdx, Trace};
use serde::{Serialize, Serializer};
use std::fmt;

/// Depths of nested regions that have a lane: the tile format has one byte for it.
pub(crate) const REGION_LANES: u16 = 256;

/// What one row of the timeline shows.
#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord, Hash)]
pub enum Lane {
    /// Phases of the garbage collector.
    Gc,
    /// Stop-the-world.
    Stw,
    /// All goroutines together.
    All,
    /// A proc.
    Proc(ProcIdx),
    /// A thread.
    Thread(ThreadIdx),
    /// A goroutine.
    Go(GoIdx),
    /// The goroutines with one start function together.
    Group(GroupIdx),
    /// The tasks of one type together.
    TaskType(TaskTypeIdx),
    /// A task.
    Task(TaskIdx),
    /// Regions of a goroutine at one nesting depth.
    Regions(GoIdx, u16),
    /// Ranges of a goroutine: mark assist, stop-the-world.
    GoRanges(GoIdx),
    /// Ranges of a proc: sweep.
    ProcRanges(ProcIdx),
    /// When the thread that ran a proc had no processor.
    ProcOff(ProcIdx),
    /// When a thread had no processor although it ran something.
    ThreadOff(ThreadIdx),
    /// A value over time.
    Counter(CurveIdx),
}

/// What is in one state after another, and has a lane of these.
#[derive(Clone, Copy, Debug)]
pub(crate) enum Resource {
    Go(GoIdx),
    Proc(ProcIdx),
    Thread(ThreadIdx),
}

impl Lane {
    /// What the lane shows the states of; `None` for those that show intervals, or many goroutines.
    pub(crate) fn resource(self) -> Option<Resource> {
        match self {
            Self::Go(go) => Some(Resource::Go(go)),
            Self::Proc(proc) => Some(Resource::Proc(proc)),
            Self::Thread(thread) => Some(Resource::Thread(thread)),
            Self::Gc
            | Self::Stw
            | Self::All
            | Self::Group(_)
            | Self::TaskType(_)
            | Self::Task(_)
            | Self::Regions(..)
            | Self::GoRanges(_)
            | Self::ProcRanges(_)
            | Self::ProcOff(_)
            | Self::ThreadOff(_)
            | Self::Counter(_) => None,
        }
    }

    /// The lane with this key, whether a trace has it or not.
    pub fn parse(key: &str) -> Option<Self> {
        let mut parts = key.split(':');
        let kind = parts.next()?;
        let mut number = || -> Option<u32> { digits(parts.next()?) };
        let lane = match kind {
            "gc" => Self::Gc,
            "stw" => Self::Stw,
            "all" => Self::All,
            "proc" => Self::Proc(ProcIdx(number()?)),
            "thread" => Self::Thread(ThreadIdx(number()?)),
            "go" => Self::Go(GoIdx(number()?)),
            "group" => Self::Group(GroupIdx(number()?)),
            "tasktype" => Self::TaskType(TaskTypeIdx(number()?)),
            "task" => Self::Task(TaskIdx(number()?)),
            "regions" => Self::Regions(GoIdx(number()?), u16::try_from(number()?).ok()?),
            "goranges" => Self::GoRanges(GoIdx(number()?)),
            "procranges" => Self::ProcRanges(ProcIdx(number()?)),
            "procoff" => Self::ProcOff(ProcIdx(number()?)),
            "threadoff" => Self::ThreadOff(ThreadIdx(number()?)),
            "counter" => Self::Counter(CurveIdx(number()?)),
            _ => return None,
        };
        if parts.next().is_some() { None } else { Some(lane) }
    }

    /// Whether the trace has it. A lane of ranges or regions may exist and be empty.
    pub fn exists(&self, trace: &Trace) -> bool {
        match *self {
            Self::Gc | Self::Stw | Self::All => true,
            Self::Proc(proc) | Self::ProcRanges(proc) | Self::ProcOff(proc) => proc.index() < trace.procs().len(),
            Self::Thread(thread) | Self::ThreadOff(thread) => thread.index() < trace.threads().len(),
            Self::Go(go) | Self::GoRanges(go) => go.index() < trace.goroutines().len(),
            Self::Group(group) => group.index() < trace.groups().len(),
            Self::TaskType(kind) => kind.index() < trace.task_types().len(),
            Self::Task(task) => task.index() < trace.tasks().len(),
            Self::Regions(go, depth) => go.index() < trace.goroutines().len() && depth < REGION_LANES,
            Self::Counter(curve) => Curve::of(trace, curve).is_some(),
        }
    }

    /// What a person calls it; its key if the trace does not have it.
    pub fn label(&self, trace: &Trace) -> String {
        if !self.exists(trace) {
            return self.to_string();
        }
        match *self {
            Self::Gc => "GC".to_owned(),
            Self::Stw => "Stop the world".to_owned(),
            Self::All => format!("All {}", Words::of(trace).goroutines),
            Self::Proc(proc) => names::proc(trace, proc),
            Self::Thread(thread) => names::thread(trace, thread),
            Self::Go(go) => names::go(trace, go),
            Self::Group(group) => names::group(trace, group),
            Self::TaskType(kind) => names::task_type(trace, kind),
            Self::Task(task) => names::task(trace, task),
            Self::Regions(go, 0) => format!("{} · regions", names::go(trace, go)),
            Self::Regions(go, depth) => format!("{} · regions, depth {depth}", names::go(trace, go)),
            Self::GoRanges(go) => format!("{} ranges", names::go(trace, go)),
            Self::ProcRanges(proc) => format!("{} ranges", names::proc(trace, proc)),
            Self::ProcOff(proc) => format!("{} · off the processor", names::proc(trace, proc)),
            Self::ThreadOff(thread) => format!("{} · off the processor", names::thread(trace, thread)),
            Self::Counter(curve) => Curve::of(trace, curve).map_or_else(String::new, |curve| curve.name().to_owned()),
        }
    }

    /// The lane's kind in the tile format.
    pub fn kind_number(&self) -> u8 {
        match self {
            Self::Gc => 0,
            Self::Stw => 1,
            Self::Proc(_) => 2,
            Self::Thread(_) => 3,
            Self::Go(_) => 4,
            Self::Group(_) => 5,
            Self::Regions(..) => 6,
            Self::Task(_) => 7,
            Self::TaskType(_) => 8,
            Self::All => 9,
            Self::GoRanges(_) => 10,
            Self::ProcRanges(_) => 11,
            Self::ProcOff(_) => 12,
            Self::ThreadOff(_) => 13,
            Self::Counter(_) => 14,
        }
    }

    /// The lane's row in the tile format; 0 for lanes that there is one of.
    pub fn row(&self) -> u32 {
        match *self {
            Self::Gc | Self::Stw | Self::All => 0,
            Self::Proc(proc) | Self::ProcRanges(proc) | Self::ProcOff(proc) => proc.0,
            Self::Thread(thread) | Self::ThreadOff(thread) => thread.0,
            Self::Go(go) | Self::Regions(go, _) | Self::GoRanges(go) => go.0,
            Self::Group(group) => group.0,
            Self::TaskType(kind) => kind.0,
            Self::Task(task) => task.0,
            Self::Counter(curve) => curve.0,
        }
    }

    /// The nesting depth of a lane of regions, else 0. No lane deeper than 255 exists.
    pub fn depth(&self) -> u8 {
        match *self {
            Self::Regions(_, depth) => u8::try_from(depth).unwrap_or(u8::MAX),
            Self::Gc
            | Self::Stw
            | Self::All
            | Self::Proc(_)
            | Self::Thread(_)
            | Self::Go(_)
            | Self::Group(_)
            | Self::TaskType(_)
            | Self::Task(_)
            | Self::GoRanges(_)
            | Self::ProcRanges(_)
            | Self::ProcOff(_)
            | Self::ThreadOff(_)
            | Self::Counter(_) => 0,
        }
    }
}

/// A number of decimal digits only.
fn digits(text: &str) -> Option<u32> {
    if text.bytes().all(|byte| byte.is_ascii_digit()) { text.parse().ok() } else { None }
}

impl fmt::Display for Lane {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        match *self {
            Self::Gc => write!(f, "gc"),
            Self::Stw => write!(f, "stw"),
            Self::All => write!(f, "all"),
            Self::Proc(proc) => write!(f, "proc:{}", proc.0),
            Self::Thread(thread) => write!(f, "thread:{}", thread.0),
            Self::Go(go) => write!(f, "go:{}", go.0),
            Self::Group(group) => write!(f, "group:{}", group.0),
            Self::TaskType(kind) => write!(f, "tasktype:{}", kind.0),
            Self::Task(task) => write!(f, "task:{}", task.0),
            Self::Regions(go, depth) => write!(f, "regions:{}:{depth}", go.0),
            Self::GoRanges(go) => write!(f, "goranges:{}", go.0),
            Self::ProcRanges(proc) => write!(f, "procranges:{}", proc.0),
            Self::ProcOff(proc) => write!(f, "procoff:{}", proc.0),
            Self::ThreadOff(thread) => write!(f, "threadoff:{}", thread.0),
            Self::Counter(curve) => write!(f, "counter:{}", curve.0),
        }
    }
}

impl Serialize for Lane {
    fn serialize<S: Serializer>(&self, serializer: S) -> Result<S::Ok, S::Error> {
        serializer.collect_str(self)
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[track_caller]
    fn check(key: &str, wanted: Option<Lane>) {
        assert_eq!(Lane::parse(key), wanted, "{key}");
        if let Some(lane) = wanted {
            assert_eq!(lane.to_string(), key);
        }
    }

    #[test]
    fn keys() {
        check("gc", Some(Lane::Gc));
        check("stw", Some(Lane::Stw));
        check("all", Some(Lane::All));
        check("proc:0", Some(Lane::Proc(ProcIdx(0))));
        check("thread:3", Some(Lane::Thread(ThreadIdx(3))));
        check("go:4294967295", Some(Lane::Go(GoIdx(u32::MAX))));
        check("group:7", Some(Lane::Group(GroupIdx(7))));
        check("tasktype:1", Some(Lane::TaskType(TaskTypeIdx(1))));
        check("task:12", Some(Lane::Task(TaskIdx(12))));
        check("regions:5:2", Some(Lane::Regions(GoIdx(5), 2)));
        check("goranges:5", Some(Lane::GoRanges(GoIdx(5))));
        check("procranges:5", Some(Lane::ProcRanges(ProcIdx(5))));
        check("procoff:5", Some(Lane::ProcOff(ProcIdx(5))));
        check("threadoff:5", Some(Lane::ThreadOff(ThreadIdx(5))));
        check("counter:2", Some(Lane::Counter(CurveIdx(2))));
    }

    #[test]
    fn not_keys() {
        for key in [
            "",
            ":",
            "go",
            "go:",
            "go:-1",
            "go:+1",
            "go: 1",
            "go:1:2",
            "go:4294967296",
            "GO:1",
            "gc:0",
            "all:",
            "regions:1",
            "regions:1:65536",
            "regions:1:2:3",
            "go:１",
        ] {
            check(key, None);
        }
    }
}
