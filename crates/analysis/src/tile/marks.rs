//! Logs and CPU samples of a lane: what is drawn as a mark, or counted where there are many.

use super::{MarkKind, TileLabel, TileMark};
use crate::Lane;
use goroscope_model::{GoIdx, Log, Sample, TaskIdx, Trace};
use std::ops::ControlFlow;

/// Calls `visit` for every mark of the lane in `[from, to)`, logs before samples, each by time, until it breaks.
pub(super) fn visit(trace: &Trace, lane: Lane, from: i64, to: i64, visit: &mut dyn FnMut(TileMark) -> ControlFlow<()>) {
    let _ = logs(trace, lane, from, to, visit);
    let _ = samples(trace, lane, from, to, visit);
}

fn logs(
    trace: &Trace,
    lane: Lane,
    from: i64,
    to: i64,
    visit: &mut dyn FnMut(TileMark) -> ControlFlow<()>,
) -> ControlFlow<()> {
    let logs = trace.logs();
    let mut mark = |row: u32, log: Log| visit(TileMark { ts: log.ts, label: TileLabel::Log(row), kind: MarkKind::Log });
    let mut of_rows = |rows: &[u32]| {
        let first = rows.partition_point(|&row| logs.at(row as usize).ts < from);
        rows[first..]
            .iter()
            .map(|&row| (row, logs.at(row as usize)))
            .take_while(|(_, log)| log.ts < to)
            .try_for_each(|(row, log)| mark(row, log))
    };
    match lane {
        Lane::Go(go) => of_rows(trace.go_logs(go)),
        Lane::Task(task) => of_rows(trace.task_logs(task)),
        Lane::All | Lane::Group(_) | Lane::TaskType(_) => {
            let first = logs.partition_point(|log| log.ts < from);
            (first..)
                .zip(logs.iter_from(first))
                .take_while(|(_, log)| log.ts < to)
                .filter(|(_, log)| is_of(trace, (log.go, log.task), lane))
                .try_for_each(|(row, log)| mark(row as u32, log))
        }
        Lane::Gc
        | Lane::Stw
        | Lane::Proc(_)
        | Lane::Thread(_)
        | Lane::Regions(..)
        | Lane::GoRanges(_)
        | Lane::ProcRanges(_)
        | Lane::ProcOff(_)
        | Lane::ThreadOff(_)
        | Lane::Counter(_) => ControlFlow::Continue(()),
    }
}

fn samples(
    trace: &Trace,
    lane: Lane,
    from: i64,
    to: i64,
    visit: &mut dyn FnMut(TileMark) -> ControlFlow<()>,
) -> ControlFlow<()> {
    let samples = trace.samples();
    let mut mark = |sample: Sample| {
        visit(TileMark { ts: sample.ts, label: TileLabel::Leaf(sample.stack), kind: MarkKind::Sample })
    };
    let mut of_rows = |rows: &[u32]| {
        let first = rows.partition_point(|&row| samples.at(row as usize).ts < from);
        rows[first..]
            .iter()
            .map(|&row| samples.at(row as usize))
            .take_while(|sample| sample.ts < to)
            .try_for_each(&mut mark)
    };
    match lane {
        Lane::Go(go) => of_rows(trace.go_samples(go)),
        Lane::Proc(proc) => of_rows(trace.proc_samples(proc)),
        Lane::Thread(thread) => of_rows(trace.thread_samples(thread)),
        Lane::All | Lane::Group(_) => {
            let first = samples.partition_point(|sample| sample.ts < from);
            samples
                .iter_from(first)
                .take_while(|sample| sample.ts < to)
                .filter(|sample| is_of(trace, (sample.go, TaskIdx::NONE), lane))
                .try_for_each(mark)
        }
        Lane::Gc
        | Lane::Stw
        | Lane::TaskType(_)
        | Lane::Task(_)
        | Lane::Regions(..)
        | Lane::GoRanges(_)
        | Lane::ProcRanges(_)
        | Lane::ProcOff(_)
        | Lane::ThreadOff(_)
        | Lane::Counter(_) => ControlFlow::Continue(()),
    }
}

/// Whether what a goroutine did for a task, or for none, belongs to one of the lanes that stand for many.
fn is_of(trace: &Trace, (go, task): (GoIdx, TaskIdx), lane: Lane) -> bool {
    match lane {
        Lane::All => go.get().is_some(),
        Lane::Group(group) => trace.goroutines().get(go.index()).is_some_and(|go| go.group == group),
        Lane::TaskType(kind) => trace.tasks().get(task.index()).is_some_and(|task| task.kind == kind),
        Lane::Gc
        | Lane::Stw
        | Lane::Proc(_)
        | Lane::Thread(_)
        | Lane::Go(_)
        | Lane::Task(_)
        | Lane::Regions(..)
        | Lane::GoRanges(_)
        | Lane::ProcRanges(_)
        | Lane::ProcOff(_)
        | Lane::ThreadOff(_)
        | Lane::Counter(_) => false,
    }
}
