//! Runs one of the programs, as the arguments say, and writes its trace.

#![expect(clippy::print_stdout, clippy::print_stderr, reason = "prints its result")]

use std::fs::File;
use std::path::PathBuf;
use std::process::ExitCode;

use anyhow::Context;
use clap::Parser;
use goroscope_recorder::{Compat, Recorder};
use waits::{Example, Variant, record_with};

/// Runs a small program that waits, and records a trace of it
#[derive(Debug, Parser)]
struct Arguments {
    /// Which program
    #[arg(value_enum)]
    example: Example,
    /// With its mistake, or without
    #[arg(value_enum)]
    variant: Variant,
    /// Where the trace goes
    #[arg(short, long, default_value = "trace.out")]
    output: PathBuf,
    /// The oldest of Go's tools that should read it: 1.22, 1.25 or 1.26
    #[arg(long, default_value = "1.25")]
    compat: Compat,
}

fn main() -> ExitCode {
    match run(&Arguments::parse()) {
        Ok(()) => ExitCode::SUCCESS,
        Err(error) => {
            eprintln!("waits: {error:#}");
            ExitCode::FAILURE
        }
    }
}

fn run(arguments: &Arguments) -> anyhow::Result<()> {
    let file = File::create(&arguments.output).with_context(|| arguments.output.display().to_string())?;
    let recorder = Recorder::builder().compat(arguments.compat);
    let (took, summary) = record_with(recorder, arguments.example, arguments.variant, file)?;
    let output = arguments.output.display();
    println!("took {took:.1?}; {output}: {} tasks, {} polls, {} wakes", summary.tasks, summary.polls, summary.wakes);
    Ok(())
}
