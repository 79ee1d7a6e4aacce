//! What recording costs: the same work on a current-thread runtime, not traced, traced but off, and recorded.
//!
//! ```sh
//! cargo bench -p goroscope-recorder --bench record_event
//! cargo bench -p goroscope-recorder --bench record_event -- yield spawn
//! ```
//!
//! Words after `--` choose the rows whose names begin with them.
//!
//! Each figure is the processor time of the thread that does the work, per operation, the best of several runs; the time
//! of the assembler, which is another thread's, stands beside it.

#![expect(clippy::print_stdout, reason = "a bench prints")]

use std::future::Future;
use std::hint::black_box;
use std::time::Duration;

use goroscope_recorder::{FutureExt, Recorder, Stacks, attach};
use tokio::sync::mpsc;

const ROUNDS: u64 = 200_000;
const RUNS: usize = 5;

#[derive(Clone, Copy)]
enum Tracing {
    /// Not in the program.
    Without,
    /// In the program, but nothing is recorded.
    Off,
    /// Recorded without stacks.
    Events,
    /// Recorded.
    Full,
}

fn main() {
    println!(
        "{:<28}{:>10}{:>10}{:>10}{:>10}{:>10}{:>12}",
        "ns per operation", "without", "off", "events", "full", "ratio", "assembler"
    );
    row("yield", yields);
    row("channel ping-pong", ping_pong);
    row("some work, then yield", working);
    row("spawn and join", spawning);
}

fn row<F: Future<Output = ()>>(name: &str, work: impl Fn(Tracing) -> F) {
    let chosen: Vec<String> = std::env::args().skip(1).filter(|word| !word.starts_with('-')).collect();
    if !chosen.is_empty() && !chosen.iter().any(|begin| name.starts_with(begin.as_str())) {
        return;
    }
    let of = |tracing| best(tracing, &work);
    let (without, off, events, full) = (of(Tracing::Without), of(Tracing::Off), of(Tracing::Events), of(Tracing::Full));
    let ratio = full.0 / without.0;
    println!(
        "{name:<28}{:>10.1}{:>10.1}{:>10.1}{:>10.1}{ratio:>10.2}{:>12.1}",
        without.0, off.0, events.0, full.0, full.1
    );
}

/// Nanoseconds of the working thread and of the others, per operation.
fn best<F: Future<Output = ()>>(tracing: Tracing, work: &impl Fn(Tracing) -> F) -> (f64, f64) {
    let builder = Recorder::builder().memory(1 << 30);
    let recording = match tracing {
        Tracing::Without | Tracing::Off => None,
        Tracing::Events => Some(builder.stacks(Stacks::None)),
        Tracing::Full => Some(builder),
    };
    let runtime = attach(&mut tokio::runtime::Builder::new_current_thread()).build().expect("a runtime");
    let mut least = (f64::MAX, f64::MAX);
    for _ in 0..RUNS {
        let recording = recording.map(|builder| builder.start_writer(std::io::sink()).expect("a recording"));
        let (begin, all) = (processor(&Whose::Thread), processor(&Whose::Process));
        match tracing {
            Tracing::Without => runtime.block_on(work(tracing)),
            Tracing::Off | Tracing::Events | Tracing::Full => runtime.block_on(work(tracing).traced()),
        }
        let own = processor(&Whose::Thread).saturating_sub(begin);
        if let Some(recording) = recording {
            let summary = recording.stop().expect("a file");
            assert_eq!(summary.dropped, 0, "memory is not what is measured");
        }
        let others = processor(&Whose::Process).saturating_sub(all + own);
        let per = |time: Duration| time.as_nanos() as f64 / ROUNDS as f64;
        least = (least.0.min(per(own)), least.1.min(per(others)));
    }
    least
}

async fn yields(_: Tracing) {
    for _ in 0..ROUNDS {
        tokio::task::yield_now().await;
    }
}

async fn working(_: Tracing) {
    for _ in 0..ROUNDS {
        for step in 0..1500_u64 {
            black_box(step);
        }
        tokio::task::yield_now().await;
    }
}

async fn ping_pong(tracing: Tracing) {
    let (serve, mut served) = mpsc::channel(1);
    let (answer, mut answers) = mpsc::channel(1);
    let other = async move {
        while let Some(ball) = served.recv().await {
            answer.send(ball).await.expect("the other side");
        }
    };
    match tracing {
        Tracing::Without => tokio::spawn(other),
        Tracing::Off | Tracing::Events | Tracing::Full => goroscope_recorder::spawn(other),
    };
    for ball in 0..ROUNDS {
        serve.send(ball).await.expect("the other side");
        answers.recv().await;
    }
}

async fn spawning(tracing: Tracing) {
    for _ in 0..ROUNDS {
        let task = match tracing {
            Tracing::Without => tokio::spawn(async {}),
            Tracing::Off | Tracing::Events | Tracing::Full => goroscope_recorder::spawn(async {}),
        };
        task.await.expect("no panic");
    }
}

enum Whose {
    Thread,
    Process,
}

/// Processor time so far.
#[expect(unsafe_code, reason = "a system call")]
fn processor(whose: &Whose) -> Duration {
    let clock = match *whose {
        Whose::Thread => libc::CLOCK_THREAD_CPUTIME_ID,
        Whose::Process => libc::CLOCK_PROCESS_CPUTIME_ID,
    };
    let mut time = libc::timespec { tv_sec: 0, tv_nsec: 0 };
    // SAFETY: `time` is a place for the result, and the call has no other effect.
    unsafe { libc::clock_gettime(clock, &raw mut time) };
    Duration::new(time.tv_sec as u64, time.tv_nsec as u32)
}
