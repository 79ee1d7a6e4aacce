//! Columns of an execution trace to answers.
//!
//! Every function here is pure: it takes a [`Trace`] and says what somebody wants to know about it. The page, the
//! command line and scripts show these answers and compute nothing themselves, so that a number that is shown twice is
//! computed once. What an answer contains is a struct that derives `Serialize`; its fields are the JSON of
//! `docs/http-api.md`. Times are nanoseconds since the start of the trace.
//!
//! Every function is total: a lane or row that is not in the trace gives `None`, "nothing" is empty, and no parameter,
//! however far off, makes it panic or take more than the trace's own size in memory.
//!
//! * [`Lane`]: what a row of the timeline shows, and its key as text.
//! * [`overview_meta`], [`lane_tree`], [`members`], [`locate`], [`overview`]: what there is.
//! * [`tile`]: the picture.
//! * [`span_at`], [`span_row`], [`goroutine`]: one thing in full.
//! * [`select`]: sums over lanes and a stretch of time.
//! * [`search`]: where a text occurs.
//! * [`Filter`], [`Scope`]: what part of the trace an answer is about.
//! * [`events`]: what happened, in order.
//! * [`groups`], [`goroutines`]: what goroutines did, in groups and one by one.
//! * [`task_types`], [`tasks`], [`task_story`], [`region_types`], [`regions`], [`logs`]: what the program marked itself.
//! * [`profile`]: weighted stacks.
//! * [`gc`]: what the garbage collector did, and every stop of the world.
//! * [`latency`]: how long goroutines that could run waited until they ran.
//! * [`mmu`]: how little the collector left of the procs at worst.
//! * [`procs`]: what each proc did, and whether it was idle while goroutines could run.
//! * [`threads`]: what each thread did.
//! * [`counters`]: values over time.
//! * [`info`], [`recording`]: the file, and how it was recorded.
//! * [`Words`]: what things are called in a trace.
//! * [`Loading`]: the picture while the trace is still being read.

mod choice;
mod class_time;
mod classes;
mod completeness;
mod contents;
mod counters;
mod curves;
mod details;
mod distribution;
mod duration;
mod durations;
mod events;
mod filter;
#[cfg(test)]
mod fixtures;
mod gc;
mod gomaxprocs;
mod goroutines;
#[cfg(test)]
mod identities;
mod intervals;
mod lane;
mod latency;
mod loading;
mod logs;
mod members;
mod meta;
mod mmu;
mod names;
mod off_cpu;
mod overview;
mod own;
mod pages;
mod paging;
mod procs;
pub mod profile;
mod recording;
mod refs;
mod regions;
mod search;
mod select;
mod spread;
mod states;
mod tally;
mod tasks;
mod threads;
mod tile;
mod top;
mod tree;
mod words;
mod workers;

pub use choice::UnknownChoice;
pub use class_time::ClassTime;
pub use classes::{CLASSES, ClassKind, ClassName, RUST_CLASSES, class_name, class_names};
pub use completeness::Completeness;
pub use contents::{EventCount, ExperimentCount, GenerationRow, Info, info};
pub use counters::{CounterRow, Counters, counters};
pub use curves::CurveIdx;
pub use details::{
    Cause, CauseKind, Child, CurveValue, Effect, GoroutineDetails, LogLine, Neighbour, RangeTime, ReasonSpans,
    RegionRef, SpanDetails, StateTime, WakeCount, goroutine, span_at, span_row,
};
pub use distribution::{Bucket, Distribution};
pub use duration::parse as parse_duration;
pub use durations::{Latency, LatencyBucket};
pub use events::{Cursor, EventList, EventRow, EventTopic, Events, UnknownTopic, events};
pub use filter::{FILTER_KEYS, Filter, FilterError, Pattern, Scope, Slowest, States, Stretch, Subject, TaskChoice};
pub use gc::{
    AssistRow, AssistSort, Cycle, CycleSort, Effort, Gc, GcPhase, GcTable, GcTotal, PhaseTime, Place, Stop, StopCause,
    StopSort, Trigger, gc,
};
pub use gomaxprocs::{ProcChange, ProcCount};
pub use goroscope_model::{GoIdx, GroupIdx, ProcIdx, TaskIdx, TaskTypeIdx, ThreadIdx, Trace};
pub use goroutines::{
    BlockedTime, GoTimes, GoroutineGroup, GoroutineGroups, GoroutineList, GoroutineRow, GoroutineSum, GroupColumn,
    GroupDistribution, GroupQuery, Grouping, ListColumn, ListQuery, Membership, UnknownGrouping, goroutines, groups,
};
pub use lane::Lane;
pub use latency::{
    CauseLatency, GroupLatency, LatencyOptions, LatencySort, LatencySum, MAX_WORST_WAITS, ReadyCause, SchedLatency,
    WorstWait, latency,
};
pub use loading::{Loading, Phase};
pub use logs::{LogQuery, LogRow, LogSort, Logs, logs};
pub use members::{Location, Member, Members, Sort, UnknownSort, locate, members};
pub use meta::{Counts, DiagnosticRow, Loss, LostTimeRow, TraceMeta, Wall, loss, overview_meta};
pub use mmu::{
    MAX_POINTS, MAX_WORST_WINDOWS, Mmu, MmuOptions, MmuPoint, StopsThatCount, View, WorstWindow, WorstWindows, mmu,
};
pub use overview::{Heap, MAX_CELLS, Overview, heap, overview};
pub use own::place;
pub use pages::{OrderedPage, Paged};
pub use paging::{Order, PAGE, Page, Paging, SortKey, UnknownColumn, UnknownWord, parse_sort};
pub use procs::{
    MAX_PROC_CELLS, MAX_SHORT_MOMENTS, OverTime, ProcCells, ProcRow, ProcTime, Procs, ProcsOptions, Short, ShortMoment,
    procs,
};
pub use recording::{NamedThread, RecordingFacts, RecordingWarning, recording};
pub use refs::{FrameView, GoRef, ProcRef, TaskRef, ThreadRef, marking_frame, own_frame};
pub use regions::{
    RegionQuery, RegionRow, RegionSort, RegionTypeRow, RegionTypeSort, RegionTypes, Regions, region_types, regions,
};
pub use search::{Hit, HitCounts, HitKind, Hits, SearchQuery, UnknownHitKind, search};
pub use select::{ClassShare, LaneRunning, ReasonShare, Selection, select};
pub use spread::{Spread, SpreadBucket};
pub use tasks::{
    Background, Participant, StoryKind, StoryRow, TaskQuery, TaskRow, TaskSort, TaskStory, TaskTypeRow, TaskTypeSort,
    TaskTypes, Tasks, WallShare, find_task, task_story, task_types, tasks,
};
pub use threads::{
    CallFunction, LongestCall, MAX_CALLS, ThreadRow, ThreadSort, ThreadTime, Threads, ThreadsOptions, threads,
};
pub use tile::{
    BandTile, CELLS, EXACT_LIMIT, ExactTile, MAX_LEVEL, MarkKind, StepTile, StripTile, Tile, TileLabel, TileMark,
    TileSpan, tile,
};
pub use tree::{CurveScale, GroupRow, LaneRow, LaneTree, Section, lane_tree};
pub use words::Words;
