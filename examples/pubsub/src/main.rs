//! The program: what to run and where the trace goes, as arguments.

#![expect(clippy::print_stdout, clippy::print_stderr, reason = "prints its result")]

use std::fs::File;
use std::path::PathBuf;
use std::process::ExitCode;
use std::time::Duration;

use anyhow::Context;
use clap::Parser;
use clap::builder::RangedU64ValueParser;
use goroscope_recorder::{Compat, Recorder};
use pubsub::{Config, Mode, record_with};

/// Runs a pub/sub bus under load, and records a trace of it
#[derive(Debug, Parser)]
struct Arguments {
    /// Who writes to the subscribers: one task, or one for each
    #[arg(long, value_enum, default_value = "serial")]
    mode: Mode,
    /// HTTP clients that post messages
    #[arg(long, default_value = "8", value_parser = counted())]
    publishers: usize,
    /// TCP clients that get every message
    #[arg(long, default_value = "12", value_parser = counted())]
    subscribers: usize,
    /// How many of the subscribers are slow readers
    #[arg(long, default_value_t = 1)]
    slow: usize,
    /// Pause of a slow reader after each message, in milliseconds
    #[arg(long, default_value_t = 4)]
    slowness: u64,
    /// Messages to publish in all
    #[arg(long, default_value_t = 250)]
    messages: u64,
    /// Bytes in a message
    #[arg(long, default_value = "8192", value_parser = counted())]
    payload: usize,
    /// Threads that run tasks; as many as there are cores, but four at most, if nothing is said
    #[arg(long, value_parser = counted())]
    workers: Option<usize>,
    /// Where the trace goes
    #[arg(short, long, default_value = "trace.out")]
    output: PathBuf,
    /// The oldest of Go's tools that should read it: 1.22, 1.25 or 1.26
    #[arg(long, default_value = "1.25")]
    compat: Compat,
}

fn counted() -> RangedU64ValueParser<usize> {
    RangedU64ValueParser::new().range(1..=1 << 30)
}

fn main() -> ExitCode {
    match run(Arguments::parse()) {
        Ok(()) => ExitCode::SUCCESS,
        Err(error) => {
            eprintln!("pubsub: {error:#}");
            ExitCode::FAILURE
        }
    }
}

fn run(arguments: Arguments) -> anyhow::Result<()> {
    let Arguments { mode, publishers, subscribers, slow, slowness, messages, payload, workers, output, compat } =
        arguments;
    let usual = Config::new(mode);
    let config = Config {
        publishers,
        subscribers,
        slow,
        slowness: Duration::from_millis(slowness),
        messages,
        payload,
        workers: workers.unwrap_or(usual.workers),
        ..usual
    };
    let file = File::create(&output).with_context(|| output.display().to_string())?;
    let summary = record_with(Recorder::builder().compat(compat), config, file)?;
    println!("{summary}");
    let recorded = summary.recorded;
    println!("{}: {} bytes, {} polls, {} wakes", output.display(), recorded.bytes, recorded.polls, recorded.wakes);
    Ok(())
}
