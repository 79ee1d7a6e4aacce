//! User regions: their types and each of them, with what the goroutine did inside.
//!
//! A type is a name and the place where the program began the region. That is the leaf of the stack, without the
//! functions that may stand there and mark on its behalf, of `runtime/trace` or `tracing`: two functions that begin regions of the same name are two types,
//! however they were called, and one function is one type.

mod list;
mod nesting;
#[cfg(test)]
mod tests;
mod types;

use crate::class_time::ClassTime;
use crate::refs::FrameView;
use crate::{Filter, filter, own};
use goroscope_model::{FrameIdx, GoIdx, GoWalk, StackIdx, StringIdx, Trace, each_in_parallel};
use std::collections::BTreeMap;

pub use self::list::{RegionQuery, RegionRow, RegionSort, Regions, regions};
pub(crate) use self::nesting::{Placed, walk};
pub use self::types::{RegionTypeRow, RegionTypeSort, RegionTypes, region_types};

/// The regions that a filter lets pass.
struct Chosen<'t> {
    trace: &'t Trace,
    filter: &'t Filter,
    window: (i64, i64),
    /// Whether each task, or one above it, is meant; `None` if all are.
    tasks: Option<Vec<bool>>,
    /// The goroutines that pass and have regions.
    goroutines: Vec<GoIdx>,
}

impl<'t> Chosen<'t> {
    fn of(trace: &'t Trace, filter: &'t Filter) -> Self {
        let window = (filter.from.unwrap_or(i64::MIN), filter.to.unwrap_or(i64::MAX));
        let goroutines = (0..trace.goroutines().len() as u32).map(GoIdx);
        let passes = |go: &GoIdx| !trace.go_regions(*go).is_empty() && filter::is_named(trace, filter, *go);
        let tasks = filter::meant_tasks(trace, filter);
        Self { trace, filter, window, tasks, goroutines: goroutines.filter(passes).collect() }
    }

    /// Calls `visit` for those of some goroutines, one after the other, inner regions before those around them.
    fn each(&self, goroutines: &[GoIdx], visit: &mut dyn FnMut(&Placed)) {
        let Self { trace, filter, window, .. } = *self;
        let is_about_tasks = filter.region.is_none() && filter.task.is_some();
        let mut names: BTreeMap<StringIdx, bool> = BTreeMap::new();
        for &go in goroutines {
            walk(trace, go, window, &mut |placed| {
                let region = &placed.region;
                let name =
                    || filter.region.as_ref().is_none_or(|name| name.matches(trace.symbols().string(region.name)));
                let passes = placed.start < window.1
                    && (placed.end > window.0 || placed.start >= window.0)
                    && (is_about_tasks || filter.lasts(placed.end - placed.start))
                    && self.tasks.as_ref().is_none_or(|tasks| tasks.get(region.task.index()) == Some(&true))
                    && *names.entry(region.name).or_insert_with(name);
                if passes {
                    visit(placed);
                }
            });
        }
    }

    /// Calls `job` with some of the goroutines after the other, on all cores; the answers stand in their order.
    fn in_parallel<T: Send>(&self, job: impl Fn(&[GoIdx]) -> T + Sync) -> Vec<T> {
        let chunks: Vec<&[GoIdx]> = self.goroutines.chunks(self.goroutines.len().div_ceil(PARTS).max(1)).collect();
        each_in_parallel(chunks.len(), |i| job(chunks[i]))
    }
}

/// Into how many parts the goroutines are cut.
const PARTS: usize = 64;

/// What a goroutine did in its regions, which come goroutine by goroutine.
struct Doings<'t> {
    trace: &'t Trace,
    window: (i64, i64),
    walk: Option<(GoIdx, GoWalk<'t>)>,
}

impl<'t> Doings<'t> {
    fn new(trace: &'t Trace, window: (i64, i64)) -> Self {
        Self { trace, window, walk: None }
    }

    /// Inside a region, as far as it is in the window.
    fn inside(&mut self, placed: &Placed) -> ClassTime {
        let go = placed.region.go;
        let trace = self.trace;
        let (_, walk) = match self.walk.take() {
            Some(open) if open.0 == go => self.walk.insert(open),
            Some(_) | None => self.walk.insert((go, trace.go_walk(go))),
        };
        ClassTime::of(&walk.time(placed.start.max(self.window.0), placed.end.min(self.window.1)))
    }
}

/// Where the program began what has this stack; `None` if that is not in the trace.
fn start_frame(trace: &Trace, stack: StackIdx) -> Option<FrameIdx> {
    let symbols = trace.symbols();
    let stack = symbols.stack(stack);
    let places = stack.iter().map(|&frame| symbols.frame(frame));
    let places = places.map(|frame| (symbols.string(frame.function), symbols.string(frame.file)));
    stack.get(own::first_marking(&places)?).copied()
}

/// `main.worker:22`; nothing if the place is not in the trace.
fn place(trace: &Trace, frame: Option<FrameIdx>) -> String {
    frame.map_or_else(String::new, |frame| {
        let frame = trace.symbols().frame(frame);
        own::place(trace.symbols().string(frame.function), frame.line)
    })
}

fn frame_view(trace: &Trace, frame: FrameIdx) -> FrameView {
    let (symbols, frame) = (trace.symbols(), trace.symbols().frame(frame));
    FrameView {
        function: symbols.string(frame.function).to_owned(),
        file: symbols.string(frame.file).to_owned(),
        line: frame.line,
    }
}
