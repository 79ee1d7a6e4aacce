//! Two threads count requests in statistics behind a lock; a third one reports them now and then, and holds the lock until
//! the report has been sent.
//!
//! So those that count wait for the line, too. Put right, the report is made of a copy.

use std::collections::BTreeMap;
use std::sync::{PoisonError, mpsc};
use std::time::Duration;

use goroscope_recorder::sync::Mutex;
use goroscope_recorder::thread;

use crate::Variant;

const COUNTERS: u64 = 2;
const REQUESTS: u64 = 400;
const PATHS: u64 = 10;
const REPORTS: u32 = 10;
/// How long a request takes, at least.
const REQUEST: Duration = Duration::from_micros(100);
/// How long the line takes for a report, at least.
const LINE: Duration = Duration::from_millis(5);

type Statistics = BTreeMap<u64, u64>;

pub fn run(variant: Variant) -> anyhow::Result<()> {
    let statistics = Mutex::named("statistics", Statistics::new());
    thread::scope(|scope| {
        for _ in 0..COUNTERS {
            scope.spawn(|| count(&statistics));
        }
        scope.spawn(|| report(variant, &statistics));
    });
    let counted: u64 = statistics.lock().unwrap_or_else(PoisonError::into_inner).values().sum();
    anyhow::ensure!(counted == COUNTERS * REQUESTS, "{counted} requests counted");
    Ok(())
}

fn count(statistics: &Mutex<Statistics>) {
    for request in 0..REQUESTS {
        pause(REQUEST);
        let mut known = statistics.lock().unwrap_or_else(PoisonError::into_inner);
        *known.entry(request % PATHS).or_default() += 1;
    }
}

fn report(variant: Variant, statistics: &Mutex<Statistics>) {
    for _ in 0..REPORTS {
        pause(LINE);
        match variant {
            Variant::Before => holding(statistics),
            Variant::After => letting_go(statistics),
        }
    }
}

fn holding(statistics: &Mutex<Statistics>) {
    let known = statistics.lock().unwrap_or_else(PoisonError::into_inner);
    send(&known);
}

fn letting_go(statistics: &Mutex<Statistics>) {
    let copy = statistics.lock().unwrap_or_else(PoisonError::into_inner).clone();
    send(&copy);
}

/// What sends the report to whoever collects them.
fn send(statistics: &Statistics) {
    let lines: Vec<_> = statistics.iter().map(|(path, requests)| format!("{path} {requests}")).collect();
    pause(LINE);
    std::hint::black_box(lines.join("\n"));
}

/// Waits for something that takes this time: nobody sends.
fn pause(time: Duration) {
    let (_sender, receiver) = mpsc::channel::<()>();
    let _ = receiver.recv_timeout(time);
}
