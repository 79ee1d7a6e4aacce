//! Logs to columns: what is left to do when all events were read.
//!
//! 1. Names: start functions of goroutines, and by them what procs and threads show while they run one.
//! 2. Spans stand lane by lane; procs are numbered by id.
//! 3. Tables are sorted and grouped by who they belong to.
//! 4. Groups, then the indexes for pictures.

use goroscope_reader::{Diagnostic, Finished, LostTime, Severity, Symbols};
use rustc_hash::FxHashMap;

use super::go_log::GoLog;
use super::holder_log::HolderColumns;
use super::log::Backwards;
use super::scheduling::Root;
use super::wakes::Wakes;
use super::{Builder, Source, groups};
use crate::csr::RowsByKey;
use crate::parallel::both;
use crate::rules;
use crate::trace::{Indexes, Tables};
use crate::zoom::ZoomIndex;
use crate::{Class, GoIdx, GoSpans, Goroutine, ProcIdx, ProcSpans, StackIdx, StringIdx, ThreadIdx, ThreadSpans, Trace};

impl Builder {
    /// The trace of all events so far.
    pub fn finish(self, source: Source, finished: Finished) -> Trace {
        let Self {
            mut scheduling,
            ranges,
            tasks,
            regions,
            metrics,
            samples,
            mut logs,
            experimental,
            unknown,
            events,
            start,
            end,
        } = self;
        let Finished { symbols, generations, mut diagnostics, lost, experimental: batches, counts, bytes, clock_zero } =
            finished;
        let order = proc_order(&scheduling.procs);
        let order = order.as_deref();
        let samples = samples.finish(&mut scheduling, order);
        scheduling.fill_empty_lanes();
        report(scheduling.backwards, &mut diagnostics);

        let mut goroutines = std::mem::take(&mut scheduling.goroutines);
        let mut procs = std::mem::take(&mut scheduling.procs);
        procs.sort_by_key(|proc| proc.id);
        let threads = std::mem::take(&mut scheduling.threads);
        let roots = std::mem::take(&mut scheduling.roots);
        let (go_log, proc_log, thread_log) = (
            std::mem::take(&mut scheduling.go_log),
            std::mem::take(&mut scheduling.proc_log),
            std::mem::take(&mut scheduling.thread_log),
        );
        drop(scheduling);

        let ((go_spans, wakes), (proc_columns, thread_columns)) = both(
            || go_spans(go_log, end, order, &symbols),
            || (proc_log.place(end, order), thread_log.place(end, None)),
        );
        let running = name_goroutines(&mut goroutines, &roots, &go_spans, &symbols);
        drop(roots);

        let ranges = ranges.finish(order, &mut goroutines, &mut procs, &symbols);
        let regions = regions.finish(&mut goroutines);
        let tasks = tasks.finish();
        logs.sort_by_key(|log| log.ts);

        let ((groups, populations, go_zoom), (proc_spans, thread_spans, proc_zoom, thread_zoom)) = both(
            || {
                let groups = groups::groups(&mut goroutines, &go_spans, &symbols);
                let populations = crate::population::populations(&groups, &go_spans);
                let zoom = ZoomIndex::new(&go_spans.lanes, &go_spans.start, &go_spans.class);
                (groups, populations, zoom)
            },
            || {
                let procs = proc_spans(proc_columns, &running);
                let threads = thread_spans(thread_columns, order, &running);
                let proc_zoom = ZoomIndex::new(&procs.lanes, &procs.start, &procs.class);
                let thread_zoom = ZoomIndex::new(&threads.lanes, &threads.start, &threads.class);
                (procs, threads, proc_zoom, thread_zoom)
            },
        );

        let indexes = Indexes {
            go_logs: RowsByKey::new(goroutines.len(), logs.iter().map(|log| log.go.0)),
            task_logs: RowsByKey::new(tasks.tasks.len(), logs.iter().map(|log| log.task.0)),
            go_samples: RowsByKey::new(goroutines.len(), samples.iter().map(|sample| sample.go.0)),
            proc_samples: RowsByKey::new(procs.len(), samples.iter().map(|sample| sample.proc.0)),
            thread_samples: RowsByKey::new(threads.len(), samples.iter().map(|sample| sample.thread.0)),
            wakes,
            gos_by_id: gos_by_id(&goroutines),
            go_zoom,
            proc_zoom,
            thread_zoom,
            populations,
        };
        let tables = Tables {
            source,
            start,
            end,
            counts,
            bytes,
            events,
            clock_zero,
            symbols,
            goroutines,
            groups,
            procs,
            threads,
            go_spans,
            proc_spans,
            thread_spans,
            ranges,
            metrics: metrics.finish(),
            tasks,
            regions,
            logs,
            samples,
            experimental,
            unknown,
            batches,
            generations,
            lost: lost.into_iter().map(|(from, to)| (from.0, to.0)).collect(),
            diagnostics,
        };
        Trace::new(tables, indexes)
    }
}

/// The final number of each proc if they did not appear in the order of their ids.
fn proc_order(procs: &[crate::Proc]) -> Option<Vec<u32>> {
    if procs.is_sorted_by_key(|proc| proc.id) {
        return None;
    }
    let mut by_id: Vec<usize> = (0..procs.len()).collect();
    by_id.sort_by_key(|&proc| procs[proc].id);
    let mut order = vec![0; procs.len()];
    for (number, &proc) in by_id.iter().enumerate() {
        order[proc] = number as u32;
    }
    Some(order)
}

fn report(backwards: Backwards, diagnostics: &mut Vec<Diagnostic>) {
    if backwards.count > 0 {
        let Backwards { count, largest } = backwards;
        diagnostics.push(Diagnostic {
            severity: Severity::Note,
            offset: 0,
            generation: None,
            thread: None,
            lost_bytes: 0,
            lost_time: LostTime::None,
            message: format!(
                "clocks of threads disagree: {count} times moved forward to keep a goroutine, proc or thread in order, \
                 by {largest} ns at most"
            ),
        });
    }
}

/// Gives goroutines their start functions. What procs and threads show while they run each.
fn name_goroutines(goroutines: &mut [Goroutine], roots: &[Root], spans: &GoSpans, symbols: &Symbols) -> Vec<Class> {
    let mut classes: FxHashMap<StringIdx, Class> = FxHashMap::default();
    let mut running = Vec::with_capacity(goroutines.len());
    for (i, (goroutine, root)) in goroutines.iter_mut().zip(roots).enumerate() {
        // A goroutine preempted at an unlucky moment has a stack of one frame without function: others may know more.
        let stacks = spans.stack[spans.lanes.rows(i as u32)].iter().copied();
        let mut functions = std::iter::once(root.stack).chain(stacks).map(|stack| root_function(stack, symbols));
        goroutine.function = functions.find(|&function| function != StringIdx(0)).unwrap_or(StringIdx(0));
        let class = classes
            .entry(goroutine.function)
            .or_insert_with(|| rules::running_class(symbols.string(goroutine.function)));
        running.push(*class);
    }
    running
}

/// The outermost function of a stack, or the empty string.
fn root_function(stack: StackIdx, symbols: &Symbols) -> StringIdx {
    symbols.stack(stack).last().map_or(StringIdx(0), |&root| symbols.frame(root).function)
}

/// Tells a proc or thread that runs goroutines of the runtime from one that runs the program's.
fn split_running(columns: &mut HolderColumns, running: &[Class]) {
    for (class, go) in columns.class.iter_mut().zip(&columns.go) {
        if *class == Class::Running {
            *class = running.get(go.index()).copied().unwrap_or(Class::Running);
        }
    }
}

fn proc_spans(mut columns: HolderColumns, running: &[Class]) -> ProcSpans {
    split_running(&mut columns, running);
    let HolderColumns { lanes, start, class, go, other } = columns;
    ProcSpans { lanes, start, class, go, thread: other.into_iter().map(ThreadIdx).collect() }
}

fn thread_spans(mut columns: HolderColumns, order: Option<&[u32]>, running: &[Class]) -> ThreadSpans {
    split_running(&mut columns, running);
    let HolderColumns { lanes, start, class, go, mut other } = columns;
    if let Some(order) = order {
        super::go_log::renumber(&mut other, order);
    }
    ThreadSpans { lanes, start, class, go, proc: other.into_iter().map(ProcIdx).collect() }
}

fn go_spans(log: GoLog, end: i64, order: Option<&[u32]>, symbols: &Symbols) -> (GoSpans, Wakes) {
    let (mut spans, wakes) = log.place(end, order);
    let mut classes: FxHashMap<StringIdx, Class> = FxHashMap::default();
    for (class, &reason) in spans.class.iter_mut().zip(&spans.reason) {
        if *class == Class::WaitOther {
            *class = *classes.entry(reason).or_insert_with(|| rules::wait_class(symbols.string(reason)));
        }
    }
    (spans, wakes)
}

fn gos_by_id(goroutines: &[Goroutine]) -> Vec<GoIdx> {
    let mut gos: Vec<GoIdx> = (0..goroutines.len() as u32).map(GoIdx).collect();
    gos.sort_by_key(|go| goroutines[go.index()].id);
    gos
}
