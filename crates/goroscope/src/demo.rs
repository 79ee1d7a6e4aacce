//! The example that needs nothing: a pub/sub bus is run and recorded here and now, once in each of its two ways.
//!
//! It runs in this process. What it records is kept in memory, so that nothing is left behind if the user has enough of it.

use crate::cli::Reading;
use crate::console;
use crate::input::{self, Input};
use anyhow::{Context, Result};
use pubsub::{Config, Mode, Summary};
use std::io::{self, Write};
use std::sync::{Arc, Mutex, PoisonError};
use std::time::Duration;

/// Which of the two is looked at first.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq, clap::ValueEnum)]
pub enum Demo {
    /// One task writes to one subscriber after the other.
    #[default]
    Serial,
    /// Every subscriber has a task of its own.
    Concurrent,
}

/// Both traces; the first is the one that was asked for.
#[derive(Debug)]
pub struct Recorded {
    /// It.
    pub first: Input,
    /// The other one.
    pub other: Input,
}

/// Runs and records both, and tells what came of it.
pub fn record(reading: &Reading, which: Demo) -> Result<Recorded> {
    let usual = Config::new(Mode::Serial);
    say(
        reading,
        &format!(
            "Recording a pub/sub bus on this machine: {} messages over loopback to {} subscribers, one of them slow\n",
            usual.messages, usual.subscribers
        ),
    );
    let (serial, one_by_one) = run(reading, Mode::Serial, "one task writes to all of them")?;
    let (concurrent, at_once) = run(reading, Mode::Concurrent, "each of them has a task that writes")?;
    let (before, after) = (milliseconds(one_by_one.accepted), milliseconds(at_once.accepted));
    say(reading, &format!("Until the last message was accepted, serial took {before}, concurrent {after}\n"));
    Ok(match which {
        Demo::Serial => Recorded { first: serial, other: concurrent },
        Demo::Concurrent => Recorded { first: concurrent, other: serial },
    })
}

fn run(reading: &Reading, mode: Mode, what: &str) -> Result<(Input, Summary)> {
    say(reading, &format!("  {mode}: {what} … "));
    let output = Output::default();
    let recorded = pubsub::record(Config::new(mode), output.clone());
    let summary = recorded.inspect_err(|_| say(reading, "\n")).context("the example cannot be recorded")?;
    let bytes = output.take();
    say(
        reading,
        &format!(
            "{} delivered, {} missed, half of the requests took up to {}; {} KB of trace\n",
            summary.delivered,
            summary.dropped,
            milliseconds(summary.latency(50)),
            bytes.len() / 1000,
        ),
    );
    Ok((input::recorded(&format!("pub-sub, {mode}"), bytes)?, summary))
}

fn milliseconds(time: Duration) -> String {
    let time = time.as_secs_f64() * 1e3;
    if time < 10.0 { format!("{time:.1} ms") } else { format!("{time:.0} ms") }
}

fn say(reading: &Reading, text: &str) {
    if !reading.quiet {
        console::tell(text);
    }
}

/// Where the recorder writes to, and where the trace is taken from afterwards.
#[derive(Clone, Debug, Default)]
struct Output(Arc<Mutex<Vec<u8>>>);

impl Output {
    fn take(&self) -> Vec<u8> {
        std::mem::take(&mut self.0.lock().unwrap_or_else(PoisonError::into_inner))
    }
}

impl Write for Output {
    fn write(&mut self, bytes: &[u8]) -> io::Result<usize> {
        self.0.lock().unwrap_or_else(PoisonError::into_inner).write(bytes)
    }

    fn flush(&mut self) -> io::Result<()> {
        Ok(())
    }
}
