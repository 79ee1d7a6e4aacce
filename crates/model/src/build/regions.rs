//! Region events to user regions, nested per goroutine.
//!
//! A region whose begin is not in the trace encloses everything that its goroutine did in the trace until its end,
//! because regions of a goroutine nest. So its end makes all regions before it one level deeper; that is done in one
//! pass at the end.

use goroscope_reader::{Event, TaskId};
use rustc_hash::FxHashMap;

use super::naming::RootSource;
use super::scheduling::Scheduling;
use super::tasks::Tasks;
use crate::{GoIdx, Goroutine, Region, StackIdx, StringIdx};

/// How many open regions are searched for the one that ends. It is the first in all but misused ones.
const SEARCHED: usize = 256;

/// Regions so far.
#[derive(Default)]
pub(crate) struct Regions {
    rows: Vec<Region>,
    /// Rows of the open regions of each goroutine, innermost last.
    open: FxHashMap<GoIdx, Vec<u32>>,
    /// Numbers of rows at which a stretch was lost.
    losses: Vec<u32>,
}

impl Regions {
    /// A region begins.
    pub fn begin(
        &mut self,
        event: &Event,
        task: TaskId,
        name: StringIdx,
        tasks: &mut Tasks,
        scheduling: &mut Scheduling,
    ) {
        let Some(go) = executor(event, scheduling) else { return };
        let start = Some(scheduling.go_time(go, event.ts.0));
        let open = self.open.entry(go).or_default();
        let depth = u16::try_from(open.len()).unwrap_or(u16::MAX);
        open.push(self.rows.len() as u32);
        let task = tasks.find_or_add(task);
        let stack = event.stack;
        self.rows.push(Region { go, task, name, depth, start, end: None, stack, end_stack: StackIdx(0) });
    }

    /// A region ends: the innermost open one of that task and name. Those inside it never end.
    pub fn end(
        &mut self,
        event: &Event,
        task: TaskId,
        name: StringIdx,
        tasks: &mut Tasks,
        scheduling: &mut Scheduling,
    ) {
        let Some(go) = executor(event, scheduling) else { return };
        let ts = scheduling.go_time(go, event.ts.0);
        let task = tasks.find_or_add(task);
        let open = self.open.entry(go).or_default();
        let is_it = |&row: &u32| {
            let region = &self.rows[row as usize];
            region.task == task && region.name == name
        };
        let innermost = open.len().saturating_sub(SEARCHED);
        if let Some(at) = open[innermost..].iter().rposition(is_it) {
            let at = innermost + at;
            let region = &mut self.rows[open[at] as usize];
            open.truncate(at);
            region.end = Some(region.start.map_or(ts, |start| ts.max(start)));
            region.end_stack = event.stack;
        } else {
            let region = Region {
                go,
                task,
                name,
                depth: 0,
                start: None,
                end: Some(ts),
                stack: StackIdx(0),
                end_stack: event.stack,
            };
            self.rows.push(region);
        }
    }

    /// A stretch is lost: what is open has no known end.
    pub fn lost(&mut self) {
        self.open.clear();
        self.losses.push(self.rows.len() as u32);
    }

    /// All regions by goroutine, then begin. Tells goroutines how deep theirs nest.
    pub fn finish(self, goroutines: &mut [Goroutine]) -> Vec<Region> {
        let Self { mut rows, losses, .. } = self;
        set_depths(&mut rows, losses);
        rows.sort_by_key(|region| (region.go, region.start, region.depth));
        for region in &rows {
            let depth = &mut goroutines[region.go.index()].region_depth;
            *depth = (*depth).max(region.depth.saturating_add(1));
        }
        rows
    }
}

fn executor(event: &Event, scheduling: &mut Scheduling) -> Option<GoIdx> {
    let go = scheduling.go_or_unknown(event.go).get()?;
    scheduling.saw_stack(go, event.stack, RootSource::Executor);
    Some(go)
}

/// Makes what is inside a region without begin deeper. `rows` are in order of begin, or of end if that is all.
fn set_depths(rows: &mut [Region], mut losses: Vec<u32>) {
    let mut around: FxHashMap<GoIdx, u16> = FxHashMap::default();
    for (row, region) in rows.iter_mut().enumerate().rev() {
        while losses.last().is_some_and(|&loss| loss > row as u32) {
            losses.pop();
            around.clear();
        }
        let is_without_begin = region.start.is_none();
        if is_without_begin {
            let around = around.entry(region.go).or_default();
            region.depth = *around;
            *around = around.saturating_add(1);
        } else if let Some(&around) = around.get(&region.go) {
            region.depth = region.depth.saturating_add(around);
        }
    }
}
