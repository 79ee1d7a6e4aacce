//! Programs whose main function has the attribute, each in a process of its own: that the trace is complete, however the
//! function ends, and what the environment says.

#![cfg(feature = "macros")]
#![expect(clippy::unwrap_used, reason = "a program that does not do what it should has failed its test")]

use std::path::Path;
use std::process::{Command, Output};

use goroscope_reader::{EventKind, GoState, Reader, Validator};

#[goroscope_recorder::main]
async fn succeeds() -> Result<(), String> {
    goroscope_recorder::spawn(async { tokio::task::yield_now().await }).await.map_err(|error| error.to_string())
}

#[goroscope_recorder::main(flavor = "multi_thread", worker_threads = 2, compat = "1.22")]
async fn fails() -> Result<(), String> {
    goroscope_recorder::spawn(std::future::pending::<()>());
    Err("as it should".to_owned())
}

#[goroscope_recorder::main(flavor = "current_thread", ring = 60, compat = "1.26")]
async fn panics() {
    goroscope_recorder::spawn(async {}).await.unwrap();
    panic!("as it should");
}

/// What a test process runs, if it is told to; nothing in a usual run of the tests.
#[test]
fn program() {
    match std::env::var("PROGRAM").as_deref() {
        Ok("succeeds") => succeeds().unwrap(),
        Ok("fails") => assert_eq!(fails(), Err("as it should".to_owned())),
        Ok("panics") => panics(),
        _ => {}
    }
}

fn run(program: &str, trace: &Path) -> Output {
    let mut command = Command::new(std::env::current_exe().unwrap());
    command.args(["--exact", "program", "--nocapture"]).env("PROGRAM", program).env("GOROSCOPE_TRACE", trace);
    command.current_dir(trace.parent().unwrap()).output().unwrap()
}

/// Runs a program, whose trace has so many tasks that were created and so many that ended.
fn check(program: &str, tasks: (usize, usize)) {
    let folder = tempfile::tempdir().unwrap();
    let trace = folder.path().join("other.out");
    let output = run(program, &trace);
    assert_eq!(output.status.success(), program != "panics", "{output:?}");
    let bytes = std::fs::read(&trace).unwrap();
    let mut reader = Reader::new(&bytes).unwrap();
    let mut validator = Validator::default();
    let (mut created, mut ended, mut names) = (0, 0, Vec::new());
    while let Some(event) = reader.next() {
        validator.push(&event);
        if let EventKind::Go { from, to, stack, .. } = event.kind {
            if from == GoState::NotExist {
                created += 1;
                let symbols = reader.symbols();
                let frame = symbols.stack(stack).first().map(|&frame| symbols.frame(frame).function);
                names.extend(frame.map(|function| symbols.string(function).to_owned()));
            }
            ended += usize::from(to == GoState::NotExist);
        }
    }
    let finished = reader.finish();
    assert!(finished.diagnostics.is_empty() && validator.finish(&finished).is_valid(), "{program}");
    assert_eq!((created, ended), tasks, "{program}: {names:?}");
    assert!(names.iter().any(|name| name.starts_with(&format!("attribute::{program}@attribute.rs"))), "{names:?}");
}

#[test]
fn the_trace_is_complete() {
    check("succeeds", (2, 2));
    check("fails", (2, 2));
    check("panics", (2, 2));
}

#[test]
fn the_environment_turns_it_off() {
    let folder = tempfile::tempdir().unwrap();
    let mut command = Command::new(std::env::current_exe().unwrap());
    command.args(["--exact", "program"]).env("PROGRAM", "succeeds").env("GOROSCOPE_TRACE", "off");
    assert!(command.current_dir(folder.path()).status().unwrap().success());
    assert_eq!(std::fs::read_dir(folder.path()).unwrap().count(), 0);
}

#[test]
fn a_program_runs_without_its_trace() {
    let folder = tempfile::tempdir().unwrap();
    let output = Command::new(std::env::current_exe().unwrap())
        .args(["--exact", "program", "--nocapture"])
        .env("PROGRAM", "succeeds")
        .env("GOROSCOPE_TRACE", folder.path())
        .output()
        .unwrap();
    assert!(output.status.success());
    let told = String::from_utf8(output.stderr).unwrap();
    assert!(told.contains("the trace cannot be written"), "{told}");
}
