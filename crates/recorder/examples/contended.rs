//! Threads that wait for locks, conditions and channels, and measure that themselves: what a trace should say.
//!
//! `cargo run --release -p goroscope-recorder --example contended -- contended.out`, then
//! `go tool trace -pprof=sync contended.out > sync.pprof` and `go tool pprof -top sync.pprof`, which must say the same.

use std::error::Error;
use std::io::Write as _;
use std::sync::atomic::{AtomicU64, Ordering};
use std::time::{Duration, Instant};

use goroscope_recorder::sync::{Condvar, Mutex, mpsc};
use goroscope_recorder::{Recorder, thread};

/// Nanoseconds that all threads waited.
#[derive(Debug, Default)]
struct Waited {
    lock: AtomicU64,
    condition: AtomicU64,
    receive: AtomicU64,
    send: AtomicU64,
}

fn timed<T>(total: &AtomicU64, wait: impl FnOnce() -> T) -> T {
    let start = Instant::now();
    let result = wait();
    total.fetch_add(start.elapsed().as_nanos() as u64, Ordering::Relaxed);
    result
}

/// Keeps a processor busy.
fn work(period: Duration) {
    let start = Instant::now();
    while start.elapsed() < period {
        std::hint::spin_loop();
    }
}

/// Eight threads want a lock that each keeps for a millisecond.
fn take_turns(waited: &Waited) {
    let lock = Mutex::named("turns", 0);
    thread::scope(|scope| {
        for _ in 0..8 {
            scope.spawn(|| {
                for _ in 0..10 {
                    let Ok(mut guard) = timed(&waited.lock, || lock.lock()) else { return };
                    *guard += 1;
                    work(Duration::from_millis(1));
                }
            });
        }
    });
}

/// One thread makes something every two milliseconds, of which four others wait to be told.
fn tell(waited: &Waited) {
    let (made, changed) = (Mutex::named("made", 0), Condvar::new());
    thread::scope(|scope| {
        for _ in 0..4 {
            scope.spawn(|| {
                for _ in 0..5 {
                    let Ok(guard) = made.lock() else { return };
                    let Ok(mut guard) = timed(&waited.condition, || changed.wait_while(guard, |made| *made == 0))
                    else {
                        return;
                    };
                    *guard -= 1;
                }
            });
        }
        scope.spawn(|| {
            for _ in 0..20 {
                work(Duration::from_millis(2));
                if let Ok(mut made) = made.lock() {
                    *made += 1;
                }
                changed.notify_one();
            }
        });
    });
}

/// One thread waits for the other, and then the other for the one.
fn send(waited: &Waited) {
    let (sender, receiver) = mpsc::sync_channel(1);
    thread::scope(|scope| {
        scope.spawn(move || {
            for number in 0..20 {
                if number < 10 {
                    work(Duration::from_millis(2));
                }
                if timed(&waited.send, || sender.send(number)).is_err() {
                    return;
                }
            }
        });
        scope.spawn(move || {
            while let Ok(number) = timed(&waited.receive, || receiver.recv()) {
                if number >= 10 {
                    work(Duration::from_millis(2));
                }
            }
        });
    });
}

fn main() -> Result<(), Box<dyn Error>> {
    let path = std::env::args().nth(1).unwrap_or_else(|| "trace.out".to_owned());
    let waited = Waited::default();
    let recording = Recorder::builder().start(path.as_ref())?;
    take_turns(&waited);
    tell(&waited);
    send(&waited);
    let summary = recording.stop()?;
    writeln!(std::io::stdout(), "{waited:?}\n{summary:?}")?;
    Ok(())
}
