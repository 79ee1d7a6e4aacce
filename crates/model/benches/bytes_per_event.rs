//! What a trace costs once it is read: resident bytes per event, peak memory, and events per second.
//!
//! `cargo bench -p goroscope-model --bench bytes_per_event -- trace.out` reads the file once into memory, with the
//! packed columns there as well. What the program keeps on disk instead is in `docs/measurements.md`.

#![expect(clippy::print_stdout, reason = "a bench reports by printing")]

use std::time::Instant;

use goroscope_model::Trace;

fn main() {
    // Cargo passes `--bench`.
    let path = std::env::args().skip(1).find(|argument| !argument.starts_with("--")).expect("a trace file");
    let file = std::fs::read(&path).expect("the trace file is readable");
    let before = memory("VmRSS:");
    let started = Instant::now();
    let trace = Trace::read(&file, &mut |_| {}).expect("a trace of the v2 format");
    let seconds = started.elapsed().as_secs_f64();
    let after = memory("VmRSS:");
    let peak = memory("VmHWM:");

    let events = trace.ordered_events() as f64;
    let spans = [trace.go_spans().len(), trace.proc_span_count(), trace.thread_span_count()];
    let all_spans = spans.iter().sum::<usize>() as f64;
    println!("bytes_per_event {path}: {} bytes, {events} events, {} ranges", file.len(), trace.ranges().len());
    println!("  {:.2} s, {:.1} M events/s", seconds, events / seconds / 1e6);
    println!("  spans: {} of goroutines, {} of procs, {} of threads", spans[0], spans[1], spans[2]);
    match (before, after, peak) {
        (Some(before), Some(after), Some(peak)) => {
            let resident = (after - before) as f64;
            println!(
                "  resident {:.1} MB: {:.1} bytes per event, {:.1} per span; peak of the process {:.1} MB",
                resident / 1e6,
                resident / events,
                resident / all_spans,
                peak as f64 / 1e6
            );
        }
        _ => println!("  this system does not say how much memory a process has"),
    }
}

/// A size of this process, from where Linux tells it.
fn memory(field: &str) -> Option<u64> {
    let status = std::fs::read_to_string("/proc/self/status").ok()?;
    let line = status.lines().find_map(|line| line.strip_prefix(field))?;
    let kilobytes: u64 = line.trim().strip_suffix("kB")?.trim().parse().ok()?;
    Some(kilobytes * 1024)
}
