//! Why an answer has no rows, and what to try.

use super::Asking;
use crate::numbers;
use goroscope_analysis::Subject;

/// One or two sentences for people.
pub(super) fn why(asking: &Asking<'_>) -> String {
    match asking.page {
        // Who asks for no rows wants the sums.
        (_, 0) => return String::new(),
        (0, _) => {}
        (offset, _) => {
            let offset = numbers::count(offset as u64);
            return format!("\nNothing is left behind the first {offset}: use a smaller --offset\n");
        }
    }
    if !asking.filter.is_everything() {
        return format!(
            "\nNothing here passes the filter {}: leave a part of it out, or make it wider\n",
            asking.filter
        );
    }
    let is_rust = asking.trace.recording().is_some();
    let text = match (asking.subject, is_rust) {
        (Subject::Regions, false) => "The program marked no regions: trace.StartRegion and trace.WithRegion do",
        (Subject::Regions, true) => "The program marked no regions: goroscope_recorder::region does",
        (Subject::Tasks, false) => "The program marked no tasks: trace.NewTask does",
        (Subject::Tasks, true) => "The program marked no tasks: goroscope_recorder::task does",
        (Subject::Logs, false) => "The program logged nothing into the trace: trace.Log does",
        (Subject::Logs, true) => "The program logged nothing into the trace: goroscope_recorder::log does",
        (Subject::Counters, false) => "Go's traces have none of their own; the memory of the heap is on the timeline",
        (Subject::Counters, true) => "The program counted nothing: goroscope_recorder::counter! does",
        (Subject::Gc, _) => "Nothing of the kind happened while the trace was recorded: record for longer",
        (
            Subject::Events
            | Subject::Goroutine
            | Subject::Goroutines
            | Subject::Latency
            | Subject::Mmu
            | Subject::Procs
            | Subject::Threads,
            _,
        ) => "There is nothing of the kind in this trace; goroscope info says what there is",
    };
    format!("\n{text}\n")
}
