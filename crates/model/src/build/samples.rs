//! CPU samples: what a signal handler saw, with rows for the ids that it noted.
//!
//! In the first generation a sample may stand before the status of its goroutine and proc, so ids without a row are
//! looked up again when all is read. A thread that only samples know is shown as unknown from its first sample on.

use goroscope_reader::Event;

use super::scheduling::Scheduling;
use crate::{GoId, GoIdx, ProcId, ProcIdx, Sample, ThreadId, ThreadIdx};

/// Samples so far.
#[derive(Default)]
pub(crate) struct Samples {
    rows: Vec<Sample>,
    /// Samples with ids that had no row yet.
    later: Vec<Unresolved>,
}

struct Unresolved {
    row: u32,
    go: GoId,
    proc: ProcId,
    thread: ThreadId,
}

impl Samples {
    /// A sample was taken.
    pub fn push(&mut self, event: &Event, scheduling: &mut Scheduling) {
        let go = scheduling.go(event.go);
        let proc = scheduling.proc(event.proc);
        let thread = scheduling.thread(event.thread);
        let is_complete = (go != GoIdx::NONE || event.go == GoId::NONE)
            && (proc != ProcIdx::NONE || event.proc == ProcId::NONE)
            && (thread != ThreadIdx::NONE || event.thread == ThreadId::NONE);
        if !is_complete {
            let row = self.rows.len() as u32;
            self.later.push(Unresolved { row, go: event.go, proc: event.proc, thread: event.thread });
        }
        self.rows.push(Sample { ts: event.ts.0, go, proc, thread, stack: event.stack });
    }

    /// Looks up again what had no row yet: nothing more of their trace is to come.
    pub fn resolve(&mut self, scheduling: &mut Scheduling) {
        for Unresolved { row, go, proc, thread } in std::mem::take(&mut self.later) {
            let sample = &mut self.rows[row as usize];
            sample.go = scheduling.go(go);
            sample.proc = scheduling.proc(proc);
            sample.thread = scheduling.thread_or_unknown(thread, sample.ts);
        }
    }

    /// All samples by time.
    pub fn finish(mut self, scheduling: &mut Scheduling) -> Vec<Sample> {
        self.resolve(scheduling);
        self.rows.sort_by_key(|sample| sample.ts);
        self.rows
    }
}
