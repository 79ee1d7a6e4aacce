//! Metric events to series.
//!
//! Threads write metrics on their own, and nothing orders them but their time. So they are sorted by it.

use goroscope_reader::Metric;

use crate::{Metrics, Series};

/// Values so far, in the order of events.
#[derive(Default)]
pub(crate) struct MetricLog(Metrics);

impl MetricLog {
    /// A metric has a new value.
    pub fn push(&mut self, metric: Metric, ts: i64, value: u64) {
        let series = match metric {
            Metric::Gomaxprocs => &mut self.0.gomaxprocs,
            Metric::HeapLive => &mut self.0.heap_live,
            Metric::HeapGoal => &mut self.0.heap_goal,
        };
        series.ts.push(ts);
        series.value.push(value);
    }

    /// The series, each by time.
    pub fn finish(self) -> Metrics {
        let mut metrics = self.0;
        for series in [&mut metrics.gomaxprocs, &mut metrics.heap_live, &mut metrics.heap_goal] {
            sort(series);
        }
        metrics
    }
}

fn sort(series: &mut Series) {
    if !series.ts.is_sorted() {
        let mut points: Vec<_> = series.ts.iter().copied().zip(series.value.iter().copied()).collect();
        points.sort_by_key(|&(ts, _)| ts);
        (series.ts, series.value) = points.into_iter().unzip();
    }
    series.ts.shrink_to_fit();
    series.value.shrink_to_fit();
}
