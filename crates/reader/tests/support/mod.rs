//! The ordered events of a trace as text, one line each.

use std::fmt::Write as _;

use goroscope_reader::{
    Event, EventKind, Finished, GoId, GoState, LostTime, ProcId, ProcState, Reader, Scope, StackIdx, StringIdx,
    Symbols, TaskId,
};

/// What a reader makes of a file.
pub struct Dump {
    pub events: String,
    pub finished: Finished,
}

/// Reads a file to its end.
#[allow(dead_code, reason = "not every test that dumps needs it")]
pub fn dump(file: &[u8]) -> Dump {
    dump_with(Reader::new(file).expect("the header is right"))
}

/// Takes all events of a reader.
pub fn dump_with(mut reader: Reader<'_>) -> Dump {
    let mut events = String::new();
    while let Some(event) = reader.next() {
        line(&mut events, &event, reader.symbols());
    }
    Dump { events, finished: reader.finish() }
}

/// Generations, then diagnostics, one line each.
#[allow(dead_code, reason = "not every test that dumps needs it")]
pub fn outcome(finished: &Finished) -> String {
    let mut out = String::new();
    for generation in &finished.generations {
        let complete = if generation.complete { "complete" } else { "incomplete" };
        let start = generation.start.0;
        let _ =
            writeln!(out, "generation {}: {complete}, {} events from {start}", generation.number, generation.events);
    }
    for batch in &finished.experimental {
        let thread = id('m', batch.thread.get());
        let _ = writeln!(out, "experiment {}: {} bytes of {thread}", batch.experiment, batch.bytes);
    }
    for diagnostic in &finished.diagnostics {
        let time = match diagnostic.lost_time {
            LostTime::None => String::new(),
            LostTime::Unknown => ", and an unknown time".into(),
            LostTime::Between(from, to) => format!(", and the time from {} to {}", from.0, to.0),
        };
        let _ = writeln!(out, "{:?}: {diagnostic}; {} bytes lost{time}", diagnostic.severity, diagnostic.lost_bytes);
    }
    if !finished.lost.is_empty() {
        let stretches: Vec<_> = finished.lost.iter().map(|(from, to)| format!("{} to {}", from.0, to.0)).collect();
        let _ = writeln!(out, "lost: {}", stretches.join(", "));
    }
    out
}

fn line(out: &mut String, event: &Event, symbols: &Symbols) {
    let context = format!("{} {} {}", id('m', event.thread.get()), id('p', event.proc.get()), id('g', event.go.get()));
    let _ = write!(out, "{:>6} {context:<12} {}", event.ts.0, what(event.kind, symbols));
    if event.stack != StackIdx(0) {
        let _ = write!(out, " at {}", stack(event.stack, symbols));
    }
    out.push('\n');
}

fn what(kind: EventKind, symbols: &Symbols) -> String {
    let text = |row: StringIdx| format!("{:?}", symbols.string(row));
    match kind {
        EventKind::Sync { sync } => format!("sync {sync}"),
        EventKind::Lost => "LOST".into(),
        EventKind::AnotherTrace => "ANOTHER TRACE".into(),
        EventKind::Metric { metric, value } => format!("{metric:?} = {value}"),
        EventKind::Label { go, label } => format!("label of g{}: {}", go.0, text(label)),
        EventKind::Sample => "sample".into(),
        EventKind::RangeBegin { scope, name } => format!("begin {} on {}", text(name), scope_name(scope)),
        EventKind::RangeActive { scope, name } => format!("active {} on {}", text(name), scope_name(scope)),
        EventKind::RangeEnd { scope, name, sweep } => {
            let bytes =
                sweep.map_or(String::new(), |(swept, reclaimed)| format!(", {swept} swept, {reclaimed} reclaimed"));
            format!("end {} on {}{bytes}", text(name), scope_name(scope))
        }
        EventKind::TaskBegin { task, parent, name } => {
            format!("task {} begins: {}, parent {}", task.0, text(name), task_name(parent))
        }
        EventKind::TaskEnd { task, parent, name } => {
            format!("task {} ends: {}, parent {}", task.0, text(name), task_name(parent))
        }
        EventKind::RegionBegin { task, name } => format!("region begins: {} of task {}", text(name), task.0),
        EventKind::RegionEnd { task, name } => format!("region ends: {} of task {}", text(name), task.0),
        EventKind::Log { task, category, message } => {
            format!("log of task {}: {} {}", task.0, text(category), text(message))
        }
        EventKind::Go { go: GoId(go), from, to, reason, stack: own } => {
            let mut line = format!("g{go}: {} -> {}", go_state(from), go_state(to));
            if reason != StringIdx(0) {
                let _ = write!(line, " {}", text(reason));
            }
            if own != StackIdx(0) {
                let _ = write!(line, " {}", stack(own, symbols));
            }
            line
        }
        EventKind::Proc { proc: ProcId(proc), from, to } => {
            format!("p{proc}: {} -> {}", proc_state(from), proc_state(to))
        }
        EventKind::Experimental { event, args } => {
            let args: Vec<_> =
                event.spec().args.iter().zip(args).map(|(&(name, _), value)| format!("{name}={value}")).collect();
            format!("{} {}", event.name(), args.join(" "))
        }
        EventKind::Unknown { number, count, args } => {
            format!("event {number} {:?}", &args[..usize::from(count)])
        }
    }
}

fn id(letter: char, id: Option<u64>) -> String {
    id.map_or("-".into(), |id| format!("{letter}{id}"))
}

fn task_name(task: TaskId) -> String {
    task.get().map_or("none".into(), |task| task.to_string())
}

fn scope_name(scope: Scope) -> String {
    match scope {
        Scope::Global => "all".into(),
        Scope::Go(go) => id('g', go.get()),
        Scope::Proc(proc) => id('p', proc.get()),
    }
}

fn go_state(state: GoState) -> &'static str {
    match state {
        GoState::Undetermined => "?",
        GoState::NotExist => "none",
        GoState::Runnable => "runnable",
        GoState::Running => "running",
        GoState::Waiting => "waiting",
        GoState::Syscall => "syscall",
    }
}

fn proc_state(state: ProcState) -> &'static str {
    match state {
        ProcState::Undetermined => "?",
        ProcState::NotExist => "none",
        ProcState::Running => "running",
        ProcState::Idle => "idle",
    }
}

fn stack(stack: StackIdx, symbols: &Symbols) -> String {
    let frames: Vec<_> = symbols
        .stack(stack)
        .iter()
        .map(|&frame| {
            let frame = symbols.frame(frame);
            let (function, file) = (symbols.string(frame.function), symbols.string(frame.file));
            if file.is_empty() { function.to_owned() } else { format!("{function} {file}:{}", frame.line) }
        })
        .collect();
    format!("[{}]", frames.join("; "))
}
