//! Columns of a trace as text that a person can compare with the trace.

use std::fmt::Write;

use goroscope_model::{CounterIdx, GoIdx, ProcIdx, RangeScope, StackIdx, StringIdx, TaskIdx, ThreadIdx, Trace};

/// Compares what `dump` says of the trace in text form with what is expected.
pub fn check(text: &str, dump: impl Fn(&Trace) -> String, expected: &expect_test::Expect) {
    let file = goroscope_wire::text::parse(text).expect("a trace in text form");
    let trace = super::read(&file);
    super::check_always(&trace);
    expected.assert_eq(&dump(&trace));
}

/// The lanes of goroutines, procs and threads, and what the model had to say.
pub fn lanes(trace: &Trace) -> String {
    let mut out = String::new();
    for (i, goroutine) in trace.goroutines().iter().enumerate() {
        let go = GoIdx(i as u32);
        out.push_str(&go_name(trace, go));
        if goroutine.function != StringIdx(0) {
            let _ = write!(out, " {}", text(trace, goroutine.function));
        }
        for (label, ts) in [("created", goroutine.created), ("ended", goroutine.ended)] {
            let _ = ts.map(|ts| write!(out, " {label} {ts}"));
        }
        if goroutine.creator != GoIdx::NONE {
            let stack = stack(trace, goroutine.creation_stack);
            let _ = write!(out, " by {}{stack}", go_name(trace, goroutine.creator));
        }
        out.push('\n');
        let lane = trace.go_lane(go);
        let spans = trace.go_spans();
        for span in spans.iter_from(go, 0) {
            let _ = write!(out, "  {:>3} {:?}", span.start, span.class);
            if span.reason != StringIdx(0) {
                let _ = write!(out, " {:?}", text(trace, span.reason));
            }
            out.push_str(&stack(trace, span.stack));
            place(&mut out, trace, span.proc, span.thread);
            if span.cause != GoIdx::NONE {
                let _ = write!(out, " by {}", go_name(trace, span.cause));
            }
            out.push_str(&stack(trace, span.cause_stack));
            out.push('\n');
        }
        let _ = writeln!(out, "  {:>3} end", lane.end);
    }
    for (i, proc) in trace.procs().iter().enumerate() {
        let row = ProcIdx(i as u32);
        let lane = trace.proc_lane(row);
        let _ = write!(out, "p{}:", proc.id.0);
        for span in (0..lane.len()).map(|i| trace.proc_span(row, i)) {
            let _ = write!(out, " {} {:?}", span.start, span.class);
            holder(&mut out, trace, span.go);
            place(&mut out, trace, ProcIdx::NONE, span.thread);
            out.push(';');
        }
        let _ = writeln!(out, " {} end", lane.end);
    }
    for (i, thread) in trace.threads().iter().enumerate() {
        let row = ThreadIdx(i as u32);
        let lane = trace.thread_lane(row);
        let _ = write!(out, "m{}:", thread.id.0);
        for span in (0..lane.len()).map(|i| trace.thread_span(row, i)) {
            let _ = write!(out, " {} {:?}", span.start, span.class);
            holder(&mut out, trace, span.go);
            place(&mut out, trace, span.proc, ThreadIdx::NONE);
            out.push(';');
        }
        let _ = writeln!(out, " {} end", lane.end);
    }
    for (from, to) in trace.lost() {
        let _ = writeln!(out, "lost {from}..{to}");
    }
    for diagnostic in trace.diagnostics() {
        if diagnostic.message.starts_with("clocks of threads disagree") {
            let _ = writeln!(out, "{diagnostic}");
        }
    }
    out
}

/// Everything beside lanes.
pub fn tables(trace: &Trace) -> String {
    let mut out = String::new();
    for group in trace.groups() {
        let members: Vec<_> = group.members.iter().map(|&go| go_name(trace, go)).collect();
        let (name, members) = (text(trace, group.function), members.join(" "));
        let _ = writeln!(out, "group {name:?}: {members}, peak {}, regions {} deep", group.peak, group.region_depth);
    }
    let mut ranges: Vec<_> = trace.ranges().iter().collect();
    ranges.sort_by_key(|range| range.start);
    for range in ranges {
        let scope = match range.scope {
            RangeScope::Global => "all".to_owned(),
            RangeScope::Go(go) => go_name(trace, go),
            RangeScope::Proc(proc) => format!("p{}", trace.procs()[proc.index()].id.0),
        };
        let name = text(trace, range.name);
        let _ = write!(out, "range {:?} {name:?} of {scope} {}", range.class, life(range.start, range.end));
        holder(&mut out, trace, range.go);
        let _ = range.sweep.map(|(swept, reclaimed)| write!(out, " swept {swept} reclaimed {reclaimed}"));
        out.push_str(&stack(trace, range.stack));
        out.push('\n');
    }
    let metrics = trace.metrics();
    for (name, series) in
        [("gomaxprocs", metrics.gomaxprocs), ("heap live", metrics.heap_live), ("heap goal", metrics.heap_goal)]
    {
        let points: Vec<_> = series.iter().map(|point| format!("{}: {}", point.ts, point.value)).collect();
        if !points.is_empty() {
            let _ = writeln!(out, "{name} {}", points.join(", "));
        }
    }
    recording(trace, &mut out);
    for (i, task) in trace.tasks().iter().enumerate() {
        let name = text(trace, task.name);
        let _ = write!(out, "task {} {name:?} {} depth {}", task.id.0, life(task.start, task.end), task.depth);
        let _ = task.parent.get().map(|parent| write!(out, " under {}", trace.tasks()[parent.index()].id.0));
        let children = trace.task_children(TaskIdx(i as u32)).iter().map(|child| trace.tasks()[child.index()].id.0);
        let children: Vec<_> = children.collect();
        if !children.is_empty() {
            let _ = write!(out, " over {children:?}");
        }
        holder(&mut out, trace, task.go);
        out.push('\n');
    }
    for kind in trace.task_types() {
        let members: Vec<_> = kind.members.iter().map(|task| trace.tasks()[task.index()].id.0).collect();
        let _ = writeln!(out, "task type {:?}: {members:?}, peak {}", text(trace, kind.name), kind.peak);
    }
    for region in trace.regions().iter() {
        let name = text(trace, region.name);
        let go = go_name(trace, region.go);
        let _ = write!(out, "region {name:?} of {go} {} depth {}", life(region.start, region.end), region.depth);
        let _ = region.task.get().map(|task| write!(out, " of task {}", trace.tasks()[task.index()].id.0));
        out.push('\n');
    }
    for log in trace.logs().iter() {
        let (category, message) = (text(trace, log.category), text(trace, log.message));
        let _ = write!(out, "log {} {category:?} {message:?}", log.ts);
        holder(&mut out, trace, log.go);
        let _ = log.task.get().map(|task| write!(out, " of task {}", trace.tasks()[task.index()].id.0));
        out.push('\n');
    }
    for label in trace.labels().iter() {
        let _ = write!(out, "label {} {:?}", label.ts, text(trace, label.label));
        holder(&mut out, trace, label.go);
        out.push('\n');
    }
    for sample in trace.samples().iter() {
        let _ = write!(out, "sample {}", sample.ts);
        holder(&mut out, trace, sample.go);
        place(&mut out, trace, sample.proc, sample.thread);
        let _ = writeln!(out, "{}", stack(trace, sample.stack));
    }
    for go in (0..trace.goroutines().len() as u32).map(GoIdx) {
        for wake in trace.wakes_by(go).iter() {
            let _ = writeln!(out, "{} {} wakes {}", wake.ts, go_name(trace, go), go_name(trace, wake.to));
        }
    }
    for event in trace.experimental().iter() {
        let _ = writeln!(out, "experimental {} {:?} {:?}", event.ts, event.event, event.args);
    }
    let _ = writeln!(out, "{}..{}", trace.start(), trace.end());
    out
}

fn life(start: Option<i64>, end: Option<i64>) -> String {
    let show = |ts: Option<i64>| ts.map_or("?".to_owned(), |ts| ts.to_string());
    format!("{}..{}", show(start), show(end))
}

fn place(out: &mut String, trace: &Trace, proc: ProcIdx, thread: ThreadIdx) {
    if proc != ProcIdx::NONE {
        let _ = write!(out, " p{}", trace.procs()[proc.index()].id.0);
    }
    if thread != ThreadIdx::NONE {
        let _ = write!(out, " m{}", trace.threads()[thread.index()].id.0);
    }
}

fn holder(out: &mut String, trace: &Trace, go: GoIdx) {
    if go != GoIdx::NONE {
        let _ = write!(out, " {}", go_name(trace, go));
    }
}

/// `g7`, or `g7b` for the second life of an id.
fn go_name(trace: &Trace, go: GoIdx) -> String {
    let id = trace.goroutines()[go.index()].id;
    let life = trace.find_goroutine(id).iter().position(|&other| other == go).expect("it is found by its id");
    format!("g{}{}", id.0, ["", "b", "c", "d"][life])
}

fn text(trace: &Trace, string: StringIdx) -> &str {
    trace.symbols().string(string)
}

fn stack(trace: &Trace, stack: StackIdx) -> String {
    if stack == StackIdx(0) {
        return String::new();
    }
    let functions =
        trace.symbols().stack(stack).iter().map(|&frame| text(trace, trace.symbols().frame(frame).function));
    format!(" [{}]", functions.collect::<Vec<_>>().join(" < "))
}

fn recording(trace: &Trace, out: &mut String) {
    let Some(recording) = trace.recording() else { return };
    let _ = writeln!(out, "{recording:?}");
    for counter in (0..trace.counters() as u32).filter_map(|counter| trace.counter(CounterIdx(counter))) {
        let points: Vec<_> = counter.points.iter().map(|point| format!("{}: {}", point.ts, point.value)).collect();
        let _ = writeln!(out, "counter {:?} {}", counter.name, points.join(", "));
    }
    for thread in (0..trace.threads().len() as u32).map(ThreadIdx) {
        for slice in trace.off_cpu(thread).iter().flat_map(|times| times.slices.iter()) {
            let _ = writeln!(out, "{thread:?} off {}..{} preempted {}", slice.start, slice.end(), slice.preempted);
        }
    }
    for diagnostic in trace.diagnostics() {
        let _ = writeln!(out, "{diagnostic}");
    }
}
