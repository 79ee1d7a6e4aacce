//! What things are called: Go's words for a Go trace, those of async Rust for a trace of goroscope-recorder.
//!
//! A task of an executor is a goroutine to the model, a worker is a proc, and so are keys, paths and filters. What people
//! read is made with these words; what the program marks itself keeps its name in Go and is a "user task" beside tasks.

use goroscope_model::Trace;
use serde::Serialize;

/// The words of a trace.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Serialize)]
pub struct Words {
    /// `go` or `rust`.
    pub language: &'static str,
    /// What runs: `goroutine` or `task`.
    pub goroutine: &'static str,
    /// Several.
    pub goroutines: &'static str,
    /// As a title.
    pub goroutine_title: &'static str,
    /// Several, as a title.
    pub goroutines_title: &'static str,
    /// What stands before its number.
    pub goroutine_letter: &'static str,
    /// What it runs on: `proc` or `worker`.
    pub proc: &'static str,
    /// Several.
    pub procs: &'static str,
    /// As a title.
    pub proc_title: &'static str,
    /// Several, as a title.
    pub procs_title: &'static str,
    /// What stands before its number.
    pub proc_letter: &'static str,
    /// How many of these there are, as a title.
    pub proc_count_title: &'static str,
    /// By what goroutines are grouped, as a title.
    pub function_title: &'static str,
    /// A task that the program marked: `task` or `user task`.
    pub user_task: &'static str,
    /// Several.
    pub user_tasks: &'static str,
    /// As a title.
    pub user_task_title: &'static str,
    /// Several, as a title.
    pub user_tasks_title: &'static str,
    /// What a thread in the operating system's code does, as a title.
    pub syscall_title: &'static str,
    /// Those that could run, as a title.
    pub ready_title: &'static str,
    /// Those that nobody used, as a title.
    pub idle_title: &'static str,
    /// A span of running: nothing of its own in Go, a poll in Rust.
    pub running_title: &'static str,
}

const GO: Words = Words {
    language: "go",
    goroutine: "goroutine",
    goroutines: "goroutines",
    goroutine_title: "Goroutine",
    goroutines_title: "Goroutines",
    goroutine_letter: "G",
    proc: "proc",
    procs: "procs",
    proc_title: "Proc",
    procs_title: "Procs",
    proc_letter: "P",
    proc_count_title: "GOMAXPROCS",
    function_title: "Start function",
    user_task: "task",
    user_tasks: "tasks",
    user_task_title: "Task",
    user_tasks_title: "Tasks",
    syscall_title: "Syscall",
    ready_title: "Ready goroutines",
    idle_title: "Idle procs",
    running_title: "Running",
};

const RUST: Words = Words {
    language: "rust",
    goroutine: "task",
    goroutines: "tasks",
    goroutine_title: "Task",
    goroutines_title: "Tasks",
    goroutine_letter: "T",
    proc: "worker",
    procs: "workers",
    proc_title: "Worker",
    procs_title: "Workers",
    proc_letter: "W",
    proc_count_title: "Workers",
    function_title: "Spawned as",
    user_task: "user task",
    user_tasks: "user tasks",
    user_task_title: "User task",
    user_tasks_title: "User tasks",
    syscall_title: "Blocking",
    ready_title: "Ready tasks",
    idle_title: "Idle workers",
    running_title: "Polled",
};

impl Words {
    /// Whether there is a runtime that collects garbage and stops the world.
    pub fn has_collector(&self) -> bool {
        self.language == "go"
    }

    /// Those of a trace.
    pub fn of(trace: &Trace) -> &'static Self {
        if trace.recording().is_some() { &RUST } else { &GO }
    }
}
