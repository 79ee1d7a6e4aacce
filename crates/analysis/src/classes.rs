//! What each class of span is called: the one table behind legends, titles and sums.

use goroscope_model::{Class, Trace};
use serde::{Serialize, Serializer};

/// A class as it is called and what kind of state it is.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Serialize)]
pub struct ClassName {
    /// The class; in JSON its number.
    #[serde(rename = "id", serialize_with = "class_number")]
    pub class: Class,
    /// A word for programs.
    pub key: &'static str,
    /// A word for people.
    pub label: &'static str,
    /// What kind of state it is.
    pub kind: ClassKind,
    /// The state as the details of a span call it: coarser than the class.
    #[serde(skip)]
    pub state: &'static str,
}

/// What kind of state a class is.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Serialize)]
#[serde(rename_all = "lowercase")]
pub enum ClassKind {
    /// Something runs.
    Run,
    /// A goroutine could run.
    Ready,
    /// A goroutine is blocked inside the runtime.
    Wait,
    /// A goroutine is in a system call.
    Syscall,
    /// A proc or thread runs no goroutine.
    Idle,
    /// An interval of the runtime.
    Range,
    /// An interval that the program marked.
    User,
    /// A thread has no processor although it runs something.
    Off,
    /// A value over time.
    Value,
    /// Not known.
    Unknown,
}

/// All classes by their number.
pub static CLASSES: [ClassName; Class::COUNT] = {
    use ClassKind::{Idle, Off, Range, Ready, Run, Syscall, Unknown, User, Value, Wait};
    [
        row(Class::Unknown, "unknown", "Unknown", Unknown, "unknown"),
        row(Class::Running, "running", "Running", Run, "running"),
        row(Class::Runnable, "runnable", "Runnable", Ready, "runnable"),
        row(Class::WaitNetwork, "network", "Network", Wait, "waiting"),
        row(Class::WaitChannel, "channel", "Channel", Wait, "waiting"),
        row(Class::WaitSync, "sync", "Mutex or sync", Wait, "waiting"),
        row(Class::WaitSelect, "select", "Select", Wait, "waiting"),
        row(Class::WaitSleep, "sleep", "Sleep", Wait, "waiting"),
        row(Class::WaitGc, "gc_wait", "Garbage collector", Wait, "waiting"),
        row(Class::WaitOther, "other_wait", "Other wait", Wait, "waiting"),
        row(Class::Syscall, "syscall", "System call", Syscall, "syscall"),
        row(Class::SyscallBlocked, "syscall_blocked", "Blocked system call", Syscall, "blocked syscall"),
        row(Class::RunningGc, "running_gc", "Running GC worker", Run, "running"),
        row(Class::RunningRuntime, "running_runtime", "Running runtime", Run, "running"),
        row(Class::Scheduler, "scheduler", "Scheduler", Idle, "scheduler"),
        row(Class::Idle, "idle", "Idle", Idle, "idle"),
        row(Class::GcMark, "gc_mark", "GC mark", Range, "range"),
        row(Class::StopTheWorld, "stw", "Stop the world", Range, "range"),
        row(Class::Sweep, "sweep", "Sweep", Range, "range"),
        row(Class::Assist, "assist", "Mark assist", Range, "range"),
        row(Class::OtherRange, "other_range", "Other range", Range, "range"),
        row(Class::Region, "region", "Region", User, "region"),
        row(Class::Task, "task", "Task", User, "task"),
        row(Class::Preempted, "preempted", "Preempted", Off, "off the processor"),
        row(Class::Slept, "slept", "Slept in the kernel", Off, "off the processor"),
        row(Class::Counter, "counter", "Counter", Value, "counter"),
    ]
};

/// Those of a Rust trace, which has no collector, and whose blocking calls are `block_in_place`.
pub static RUST_CLASSES: [ClassName; Class::COUNT] = {
    let mut all = CLASSES;
    all[Class::WaitSync as usize].label = "Lock or sync";
    all[Class::Syscall as usize].label = "Blocking";
    all[Class::Syscall as usize].state = "blocking";
    all[Class::SyscallBlocked as usize].label = "Blocking elsewhere";
    all[Class::SyscallBlocked as usize].state = "blocking elsewhere";
    all[Class::Task as usize].label = "User task";
    all
};

/// What the classes are called in a trace.
pub fn class_names(trace: &Trace) -> &'static [ClassName; Class::COUNT] {
    if trace.recording().is_some() { &RUST_CLASSES } else { &CLASSES }
}

const fn row(class: Class, key: &'static str, label: &'static str, kind: ClassKind, state: &'static str) -> ClassName {
    ClassName { class, key, label, kind, state }
}

/// How a class is called.
pub fn class_name(class: Class) -> &'static ClassName {
    &CLASSES[class as usize]
}

/// What kind of state a class is.
pub(crate) fn kind(class: Class) -> ClassKind {
    class_name(class).kind
}

/// Time in classes of one kind, of sums by class.
pub(crate) fn sum_of_kind<T: Copy + std::iter::Sum>(time: &[T; Class::COUNT], wanted: ClassKind) -> T {
    CLASSES.iter().filter(|name| name.kind == wanted).map(|name| time[name.class as usize]).sum()
}

/// Writes a class as its number.
#[expect(clippy::trivially_copy_pass_by_ref, reason = "serde passes fields by reference")]
pub(crate) fn class_number<S: Serializer>(class: &Class, serializer: S) -> Result<S::Ok, S::Error> {
    serializer.serialize_u8(*class as u8)
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn the_table_is_in_the_order_of_the_numbers() {
        for (number, name) in CLASSES.iter().enumerate() {
            assert_eq!(name.class as usize, number, "{}", name.key);
        }
    }
}
