//! Same bytes, same model, whatever the number of threads.
//!
//! One test only, because the number holds for the whole process.

mod packed;

use std::fmt::Write as _;
use std::num::NonZero;

use goroscope_checks::nearly_valid;
use goroscope_model::{Class, GoIdx, GroupIdx, ProcIdx, TaskIdx, ThreadIdx, Trace, use_threads};

/// Everything that a trace says, as text.
fn dump(trace: &Trace) -> String {
    let mut out = String::new();
    let _ = write!(
        out,
        "{:?} {}..{} {} {:?} {:?}\n{:?}\n{:?}\n{:?}\n{:?}\n",
        trace.version(),
        trace.start(),
        trace.end(),
        trace.ordered_events(),
        trace.event_counts(),
        trace.lost(),
        trace.goroutines(),
        trace.groups(),
        trace.procs(),
        trace.threads(),
    );
    for go in (0..trace.goroutines().len() as u32).map(GoIdx) {
        let (logs, samples, regions) = (trace.go_logs(go), trace.go_samples(go), trace.go_regions(go));
        let spans: Vec<_> = trace.go_spans().iter_from(go, 0).collect();
        let wakes: Vec<_> = trace.wakes_by(go).iter().collect();
        let _ = writeln!(out, "{spans:?} {} {wakes:?} {logs:?} {samples:?} {regions:?}", trace.go_lane(go).end);
        let _ = writeln!(out, "{:?}", trace.go_time(go, trace.start(), midpoint(trace)));
    }
    for proc in (0..trace.procs().len() as u32).map(ProcIdx) {
        let spans: Vec<_> = (0..trace.proc_lane(proc).len()).map(|i| trace.proc_span(proc, i)).collect();
        let _ = writeln!(out, "{spans:?} {} {:?}", trace.proc_lane(proc).end, trace.proc_samples(proc));
    }
    for thread in (0..trace.threads().len() as u32).map(ThreadIdx) {
        let spans: Vec<_> = (0..trace.thread_lane(thread).len()).map(|i| trace.thread_span(thread, i)).collect();
        let _ = writeln!(out, "{spans:?} {} {:?}", trace.thread_lane(thread).end, trace.thread_samples(thread));
    }
    for group in (0..trace.groups().len() as u32).map(GroupIdx) {
        let mut cells = [[0; Class::COUNT]; 50];
        trace.group_cells(group, trace.start(), (trace.end() - trace.start()) / 50 + 1, &mut cells);
        let _ = writeln!(out, "{cells:?}");
    }
    for task in (0..trace.tasks().len() as u32).map(TaskIdx) {
        let _ = writeln!(out, "{:?} {:?}", trace.task_children(task), trace.task_logs(task));
    }
    let _ = write!(
        out,
        "{:?}\n{:?}\n{:?}\n{:?}\n{:?}\n{:?}\n{:?}\n{:?}\n{:?}\n{:?}",
        trace.ranges(),
        trace.metrics(),
        trace.tasks(),
        trace.task_types(),
        trace.regions(),
        trace.logs(),
        trace.samples(),
        trace.generations(),
        trace.diagnostics(),
        trace.symbols(),
    );
    out
}

fn midpoint(trace: &Trace) -> i64 {
    trace.start() + (trace.end() - trace.start()) / 2
}

/// How many lines of the first text are not those of the others; the whole would fill the screen.
fn check(file: &[u8], what: &str) {
    let dumps = [1, 2, 3, 16].map(|count| {
        use_threads(NonZero::new(count));
        dump(&Trace::read(file, &mut |_| {}).expect("a trace"))
    });
    assert!(dumps[0].lines().count() > 10, "{what}");
    for (other, count) in dumps.iter().zip(["1", "2", "3", "16"]) {
        let different = dumps[0].lines().zip(other.lines()).position(|(one, other)| one != other);
        assert_eq!((different, dumps[0].len()), (None, other.len()), "{what} with {count} threads");
    }
}

#[test]
fn the_number_of_threads_changes_nothing() {
    // The large ones take long as text.
    for (name, mut file) in packed::recorded().into_iter().filter(|(_, file)| file.len() < 150_000) {
        check(&file, &name);
        check(&file[..file.len() / 2], &format!("the first half of {name}"));
        let middle = file.len() / 2;
        file[middle..middle + 50].fill(0xff);
        check(&file, &format!("{name} with a hole"));
    }
    for seed in 0..60_u32 {
        // The first byte is the number of damages.
        let bytes: Vec<u8> =
            (0..700_u32).map(|i| (i.wrapping_mul(2_654_435_761).wrapping_add(seed * 40_503) >> 11) as u8).collect();
        check(&nearly_valid::file(&bytes), &format!("program {seed}"));
    }
    use_threads(None);
}
