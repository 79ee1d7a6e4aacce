//! User regions: their types and each of them, with what the goroutine did inside.
//!
//! A type is a name and the place where the program began the region. That is the leaf of the stack, without the
//! functions of `runtime/trace` that may stand there: two functions that begin regions of the same name are two types,
//! however they were called, and one function is one type.

mod list;
mod nesting;
#[cfg(test)]
mod tests;
mod types;

use crate::refs::FrameView;
use crate::{Filter, filter};
use goroscope_model::{FrameIdx, GoIdx, StackIdx, StringIdx, Trace};
use std::collections::BTreeMap;

pub use self::list::{RegionQuery, RegionRow, RegionSort, Regions, regions};
pub(crate) use self::nesting::{Placed, walk};
pub use self::types::{RegionTypeRow, RegionTypeSort, RegionTypes, region_types};

/// What regions can be filtered by.
const KEYS: [&str; 8] = ["from", "to", "goroutine", "func", "task", "region", "min", "max"];

/// The functions that begin a region on behalf of the program.
const TRACE_PACKAGE: &str = "runtime/trace.";

/// Calls `visit` for every region that a filter lets pass, goroutine by goroutine, inner ones before those around them.
fn chosen(trace: &Trace, filter: &Filter, visit: &mut dyn FnMut(&Placed)) {
    let window = (filter.from.unwrap_or(i64::MIN), filter.to.unwrap_or(i64::MAX));
    let tasks = filter::meant_tasks(trace, filter);
    let is_about_tasks = filter.region.is_none() && filter.task.is_some();
    let mut names: BTreeMap<StringIdx, bool> = BTreeMap::new();
    let goroutines = (0..trace.goroutines().len() as u32).map(GoIdx);
    for go in goroutines.filter(|&go| !trace.go_regions(go).is_empty() && filter::is_named(trace, filter, go)) {
        walk(trace, go, window, &mut |placed| {
            let region = &placed.region;
            let name = || filter.region.as_ref().is_none_or(|name| name.matches(trace.symbols().string(region.name)));
            let passes = placed.start < window.1
                && (placed.end > window.0 || placed.start >= window.0)
                && (is_about_tasks || filter.lasts(placed.end - placed.start))
                && tasks.as_ref().is_none_or(|tasks| tasks.get(region.task.index()) == Some(&true))
                && *names.entry(region.name).or_insert_with(name);
            if passes {
                visit(placed);
            }
        });
    }
}

/// Where the program began what has this stack; `None` if that is not in the trace.
fn start_frame(trace: &Trace, stack: StackIdx) -> Option<FrameIdx> {
    let symbols = trace.symbols();
    let is_programs = |frame: &&FrameIdx| !symbols.string(symbols.frame(**frame).function).starts_with(TRACE_PACKAGE);
    symbols.stack(stack).iter().find(is_programs).copied()
}

/// `main.worker:22`; nothing if the place is not in the trace.
fn place(trace: &Trace, frame: Option<FrameIdx>) -> String {
    frame.map_or_else(String::new, |frame| {
        let frame = trace.symbols().frame(frame);
        format!("{}:{}", trace.symbols().string(frame.function), frame.line)
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
