//! What the collector did beside stopping the world: mark assists, background workers, sweeps.

use crate::mmu::activity::running;
use crate::workers::{self, Mode, Work};
use crate::{Lane, names};
use crate::{intervals, states};
use goroscope_model::{Class, GoIdx, RangeScope, Trace};
use serde::Serialize;

/// What the collector did, as sums. Times in ns.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq, Serialize)]
pub struct Effort {
    /// Mark assists.
    pub assists: u64,
    /// How long they lasted.
    pub assist_ns: u64,
    /// How long of it they ran on a proc.
    pub assist_running_ns: u64,
    /// How long dedicated workers ran.
    pub dedicated_ns: u64,
    /// How long fractional workers ran.
    pub fractional_ns: u64,
    /// How long idle workers ran.
    pub idle_ns: u64,
    /// How long workers ran of which the trace does not say the mode.
    pub unlabelled_ns: u64,
    /// Sweeps.
    pub sweeps: u64,
    /// How long they lasted.
    pub sweep_ns: u64,
    /// How much they looked at, bytes.
    pub swept_bytes: u64,
    /// How much of it they freed, bytes.
    pub reclaimed_bytes: u64,
    /// How long the background sweeper ran.
    pub sweeper_ns: u64,
}

/// A mark assist.
#[derive(Clone, Copy, Debug)]
pub(super) struct Assist {
    pub go: GoIdx,
    pub start: i64,
    pub end: i64,
    pub running: u64,
}

/// A sweep.
#[derive(Clone, Copy, Debug)]
pub(super) struct Sweep {
    pub start: i64,
    pub end: i64,
    pub bytes: (u64, u64),
}

/// All of a trace.
pub(super) struct Efforts {
    pub assists: Vec<Assist>,
    pub sweeps: Vec<Sweep>,
    pub work: Vec<Work>,
    /// Those that sweep in the background.
    pub sweepers: Vec<GoIdx>,
}

impl Efforts {
    /// All of a trace.
    pub fn of(trace: &Trace) -> Self {
        let (mut assists, mut sweeps) = (Vec::new(), Vec::new());
        for range in trace.ranges().iter() {
            match (range.class, range.scope) {
                (Class::Assist, RangeScope::Go(go)) => {
                    let (start, end) = intervals::of_range(trace, &range);
                    let mut on_procs = 0;
                    running(trace, go, start, end, |_, from, to| on_procs += (to - from) as u64);
                    assists.push(Assist { go, start, end, running: on_procs });
                }
                (Class::Sweep, _) => {
                    let (start, end) = intervals::of_range(trace, &range);
                    sweeps.push(Sweep { start, end, bytes: range.sweep.unwrap_or_default() });
                }
                _ => {}
            }
        }
        let goroutines = (0..trace.goroutines().len() as u32).map(GoIdx);
        let sweepers = goroutines.filter(|&go| names::function(trace, go) == "runtime.bgsweep").collect();
        Self { assists, sweeps, work: workers::work(trace), sweepers }
    }

    /// How long the background sweeper ran in a stretch, ns.
    pub fn sweeper(&self, trace: &Trace, from: i64, to: i64) -> u64 {
        let ran = |&go: &GoIdx| states::time(trace, Lane::Go(go), from, to)[Class::Running as usize];
        self.sweepers.iter().map(ran).sum()
    }
}

impl Effort {
    pub(super) fn add_assist(&mut self, assist: &Assist) {
        self.assists += 1;
        self.assist_ns += (assist.end - assist.start) as u64;
        self.assist_running_ns += assist.running;
    }

    pub(super) fn add_sweep(&mut self, sweep: &Sweep) {
        self.sweeps += 1;
        self.sweep_ns += (sweep.end - sweep.start) as u64;
        self.swept_bytes += sweep.bytes.0;
        self.reclaimed_bytes += sweep.bytes.1;
    }

    /// The part of a worker's work within a stretch.
    pub(super) fn add_work(&mut self, work: &Work, (from, to): (i64, i64)) {
        let ns = (work.end.min(to) - work.start.max(from)).max(0) as u64;
        let sum = match work.mode {
            Mode::Dedicated => &mut self.dedicated_ns,
            Mode::Fractional => &mut self.fractional_ns,
            Mode::Idle => &mut self.idle_ns,
            Mode::Unlabelled => &mut self.unlabelled_ns,
        };
        *sum += ns;
    }
}
