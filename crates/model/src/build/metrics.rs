//! Metric events to series.
//!
//! Threads write metrics on their own, and nothing orders them but their time. So they are sorted by it, a few thousand
//! at a time; should one come later than that, all are sorted again at the end.

use goroscope_reader::Metric;

use crate::Point;
use crate::storage::Arena;
use crate::table::TableWriter;

/// Points that are sorted at a time; the later half stays for the next time.
const WINDOW: usize = 8192;

/// Values so far, in the order of events.
#[derive(Default)]
pub(crate) struct MetricLog {
    gomaxprocs: SeriesLog,
    heap_live: SeriesLog,
    heap_goal: SeriesLog,
}

#[derive(Default)]
struct SeriesLog {
    recent: Vec<Point>,
    written: TableWriter<Point>,
    /// The latest time that was written.
    latest: Option<i64>,
    late: Vec<Point>,
}

impl MetricLog {
    /// A metric has a new value.
    pub fn push(&mut self, metric: Metric, point: Point, arena: &Arena) {
        let series = match metric {
            Metric::Gomaxprocs => &mut self.gomaxprocs,
            Metric::HeapLive => &mut self.heap_live,
            Metric::HeapGoal => &mut self.heap_goal,
        };
        series.push(point, arena);
    }

    /// The series, each by time: gomaxprocs, heap live, heap goal.
    pub fn finish(self, arena: &Arena) -> [Vec<u8>; 3] {
        [self.gomaxprocs, self.heap_live, self.heap_goal].map(|series| series.finish(arena))
    }
}

impl SeriesLog {
    fn push(&mut self, point: Point, arena: &Arena) {
        if self.latest.is_some_and(|latest| point.ts < latest) {
            self.late.push(point);
            return;
        }
        self.recent.push(point);
        if self.recent.len() == WINDOW {
            self.recent.sort_by_key(|point| point.ts);
            for point in self.recent.drain(..WINDOW / 2) {
                self.written.push(&point, arena);
                self.latest = Some(point.ts);
            }
        }
    }

    fn finish(mut self, arena: &Arena) -> Vec<u8> {
        self.recent.sort_by_key(|point| point.ts);
        if self.late.is_empty() {
            for point in &self.recent {
                self.written.push(point, arena);
            }
            return self.written.finish(arena);
        }
        let mut all = self.written.take_back(arena);
        all.append(&mut self.recent);
        all.append(&mut self.late);
        all.sort_by_key(|point| point.ts);
        TableWriter::write(&all, arena)
    }
}
