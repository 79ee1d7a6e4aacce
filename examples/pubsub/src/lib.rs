//! A small pub/sub bus that records a trace of itself under load.
//!
//! Publishers post messages over HTTP, subscribers read them from plain TCP connections, and all of them are in this
//! process, over loopback. The bus delivers in one task for everybody, or in a task for each subscriber: `README.md` says
//! what to look for in the two traces. A library, so that whoever wants to show such a trace can make one where it runs.
//!
//! [`record`] does it all. `bus` is what the example is about, `server` its two doors, `load` who comes through them.

mod bus;
mod load;
mod server;

use std::fmt;
use std::io::Write;
use std::time::Duration;

use anyhow::Context;
use goroscope_recorder::{FutureExt, Recorder, attach};

/// After this long something is wrong with the machine's loopback interface.
const PATIENCE: Duration = Duration::from_mins(1);

/// Who writes to the subscribers.
#[derive(Clone, Copy, Debug, PartialEq, Eq, clap::ValueEnum)]
pub enum Mode {
    /// One task, to one after the other.
    Serial,
    /// A task for each.
    Concurrent,
}

/// What to run.
#[derive(Clone, Copy, Debug)]
pub struct Config {
    /// Who writes.
    pub mode: Mode,
    /// HTTP clients that post messages.
    pub publishers: usize,
    /// TCP clients that get every message.
    pub subscribers: usize,
    /// How many of them are slow.
    pub slow: usize,
    /// How long those pause after each message.
    pub slowness: Duration,
    /// Messages in all.
    pub messages: u64,
    /// Bytes in a message.
    pub payload: usize,
    /// Threads that run tasks.
    pub workers: usize,
}

impl Config {
    /// A run of about a second in serial mode, on any machine: most of it is the pauses of the slow subscriber.
    pub fn new(mode: Mode) -> Self {
        Self {
            mode,
            publishers: 8,
            subscribers: 12,
            slow: 1,
            slowness: Duration::from_millis(4),
            messages: 250,
            payload: 8 << 10,
            workers: std::thread::available_parallelism().map_or(1, |cores| cores.get().min(4)),
        }
    }
}

/// What a run comes to; printed as one line.
#[derive(Clone, Debug)]
pub struct Summary {
    /// Who wrote.
    pub mode: Mode,
    /// How many subscribed.
    pub subscribers: usize,
    /// Messages that were written to a socket.
    pub delivered: u64,
    /// Messages that a subscriber did not get.
    pub dropped: u64,
    /// Messages that subscribers got.
    pub received: u64,
    /// Until the last message was accepted.
    pub accepted: Duration,
    /// Until the last one was written.
    pub written: Duration,
    /// How long each request to publish took, in order.
    pub latencies: Vec<Duration>,
    /// What the recorder says of the trace.
    pub recorded: goroscope_recorder::Summary,
}

impl Summary {
    /// The time that `percent` of the requests did not exceed.
    pub fn latency(&self, percent: usize) -> Duration {
        let at = self.latencies.len().saturating_sub(1) * percent / 100;
        self.latencies.get(at).copied().unwrap_or_default()
    }
}

impl fmt::Display for Mode {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str(match self {
            Self::Serial => "serial",
            Self::Concurrent => "concurrent",
        })
    }
}

impl fmt::Display for Summary {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        let Self { mode, subscribers, delivered, dropped, received, accepted, written, latencies, recorded: _ } = self;
        let (p50, p99) = (self.latency(50), self.latency(99));
        write!(
            f,
            "{mode}: {} messages published in {accepted:.0?} (p50 {p50:.1?}, p99 {p99:.1?}), written to {subscribers} \
             subscribers in {written:.0?}; {delivered} delivered, {dropped} dropped, {received} received",
            latencies.len(),
        )
    }
}

/// Runs the bus under load in a runtime of its own, and records that; the trace goes to `output`.
///
/// Only one recording can be on in a process.
pub fn record(config: Config, output: impl Write + Send + 'static) -> anyhow::Result<Summary> {
    record_with(Recorder::builder(), config, output)
}

/// As [`record`], with other settings.
pub fn record_with(
    settings: goroscope_recorder::Builder,
    config: Config,
    output: impl Write + Send + 'static,
) -> anyhow::Result<Summary> {
    let recording = settings.start_writer(output)?;
    let mut builder = tokio::runtime::Builder::new_multi_thread();
    let runtime =
        attach(builder.worker_threads(config.workers).enable_all()).build().context("cannot start threads")?;
    let outcome = runtime.block_on(async { tokio::time::timeout(PATIENCE, load::run(config).traced()).await });
    // The tasks that are left end with their runtime, and the recording is to see that.
    drop(runtime);
    let recorded = recording.stop()?;
    let outcome = outcome.with_context(|| format!("the bus took more than {PATIENCE:?}; does loopback work?"))??;
    let load::Outcome { delivered, dropped, received, accepted, written, latencies } = outcome;
    let Config { mode, subscribers, .. } = config;
    Ok(Summary { mode, subscribers, delivered, dropped, received, accepted, written, latencies, recorded })
}
