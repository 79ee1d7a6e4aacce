//! What people call goroutines, procs, threads, groups and tasks: one place, so that every page and command agrees.

use crate::Words;
use goroscope_model::{GoIdx, GroupIdx, ProcIdx, StackIdx, StringIdx, TaskIdx, TaskTypeIdx, ThreadIdx, Trace};

/// What stands for a start function that no stack of the trace shows.
const NO_FUNCTION: &str = "(function not in this trace)";

/// `G17 main.worker`
pub(crate) fn go(trace: &Trace, go: GoIdx) -> String {
    match function(trace, go) {
        "" => go_short(trace, go),
        function => format!("{} {function}", go_short(trace, go)),
    }
}

/// `G17`
pub(crate) fn go_short(trace: &Trace, go: GoIdx) -> String {
    match trace.goroutines().get(go.index()) {
        Some(goroutine) => format!("{}{}", Words::of(trace).goroutine_letter, goroutine.id.0),
        None => String::new(),
    }
}

/// The start function of a goroutine, or nothing.
pub(crate) fn function(trace: &Trace, go: GoIdx) -> &str {
    trace.goroutines().get(go.index()).map_or("", |goroutine| trace.symbols().string(goroutine.function))
}

/// `Proc 3`; of what a recorded thread outside of every runtime runs on, the name of that thread.
pub(crate) fn proc(trace: &Trace, proc: ProcIdx) -> String {
    let Some(row) = trace.procs().get(proc.index()) else { return String::new() };
    lone_thread(trace, proc).unwrap_or_else(|| format!("{} {}", Words::of(trace).proc_title, row.id.0))
}

/// The recorder gives each thread that is no worker a proc of its own, with this added to the thread's number.
const OWN_PROC: u64 = 10_000;
/// Workers whose numbers would be among those of threads begin here.
const MORE_WORKERS: u64 = 1 << 32;

/// `Thread main`, or with its number where several are called so: what a proc that is no worker is called.
pub(crate) fn lone_thread(trace: &Trace, proc: ProcIdx) -> Option<String> {
    let recording = trace.recording()?;
    let id = trace.procs().get(proc.index())?.id.0;
    let number = id.checked_sub(OWN_PROC).filter(|_| id < MORE_WORKERS)?;
    let Some(name) = recording.thread(number) else { return Some(format!("Thread {number}")) };
    let is_only = recording.threads.iter().filter(|(_, other)| other == name).count() == 1;
    Some(if is_only { format!("Thread {name}") } else { format!("Thread {number} · {name}") })
}

/// `Thread 4711`, or with its name, as far as the recorder tells it: `Thread 3 · tokio-runtime-worker`.
pub(crate) fn thread(trace: &Trace, thread: ThreadIdx) -> String {
    let Some(row) = trace.threads().get(thread.index()) else { return String::new() };
    match thread_name(trace, thread) {
        Some(name) => format!("Thread {} · {name}", row.id.0),
        None => format!("Thread {}", row.id.0),
    }
}

/// What the program calls a thread, as far as the recorder tells it.
pub(crate) fn thread_name(trace: &Trace, thread: ThreadIdx) -> Option<&str> {
    trace.recording()?.thread(trace.threads().get(thread.index())?.id.0)
}

/// The start function of a group.
pub(crate) fn group(trace: &Trace, group: GroupIdx) -> String {
    trace.groups().get(group.index()).map_or_else(String::new, |row| or_unknown(trace, row.function))
}

fn or_unknown(trace: &Trace, function: StringIdx) -> String {
    match trace.symbols().string(function) {
        "" => NO_FUNCTION.to_owned(),
        function => function.to_owned(),
    }
}

/// The name of a task type.
pub(crate) fn task_type(trace: &Trace, kind: TaskTypeIdx) -> String {
    trace.task_types().get(kind.index()).map_or_else(String::new, |row| task_name(trace, row.name))
}

/// `request #3`
pub(crate) fn task(trace: &Trace, task: TaskIdx) -> String {
    match trace.tasks().get(task.index()) {
        Some(row) => format!("{} #{}", task_name(trace, row.name), row.id.0),
        None => String::new(),
    }
}

/// The name of a task; tasks whose beginning is not in the trace have none.
fn task_name(trace: &Trace, name: StringIdx) -> String {
    match trace.symbols().string(name) {
        "" => "(name not in this trace)".to_owned(),
        name => name.to_owned(),
    }
}

/// The function at the leaf of a stack, or nothing.
pub(crate) fn leaf(trace: &Trace, stack: StackIdx) -> &str {
    let symbols = trace.symbols();
    symbols.stack(stack).first().map_or("", |&frame| symbols.string(symbols.frame(frame).function))
}

/// The reason of a wait; one that is not recorded (it began before the trace) says so.
pub(crate) fn reason(trace: &Trace, reason: StringIdx) -> &str {
    match trace.symbols().string(reason) {
        "" => "reason not in this trace",
        reason => reason,
    }
}
