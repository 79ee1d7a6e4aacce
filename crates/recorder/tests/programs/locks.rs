//! Threads that wait for locks and channels, and who lets them go on.

use std::sync::atomic::{AtomicU64, Ordering};
use std::time::Duration;

use goroscope_recorder::sync::mpsc::{self, RecvTimeoutError};
use goroscope_recorder::sync::{Arc, Barrier, Condvar, Mutex, RwLock};
use goroscope_recorder::{Builder, Holds, thread};

use crate::harness::{Told, record, record_with, usual};

/// A thread that may be looked at.
#[derive(Clone, Copy, Debug)]
pub struct Look(u64);

impl Look {
    /// At the caller.
    pub fn own() -> Self {
        let own = std::fs::read_link("/proc/thread-self").unwrap();
        Self(own.file_name().unwrap().to_str().unwrap().parse().unwrap())
    }

    /// Returns when the thread sleeps in the operating system.
    pub fn until_it_waits(self) {
        let is_asleep = || {
            let stat = std::fs::read_to_string(format!("/proc/self/task/{}/stat", self.0)).unwrap();
            stat.rsplit_once(") ").unwrap().1.starts_with('S')
        };
        while !is_asleep() {
            std::thread::yield_now();
        }
    }
}

/// Two threads: the first waits in `wait`, and when it does, the other one calls `release`.
///
/// Checks why the first waited, where, and that the other one let it go on.
pub fn check(name: &str, reason: &str, wait: impl FnOnce() + Send, release: impl FnOnce() + Send) {
    let told = record(|| two(wait, release));
    check_wait(&told, name, reason);
    // Numbered in the order in which they were made.
    let gos: Vec<i64> = told.names.keys().copied().collect();
    assert_eq!(told.wakes, [(gos[1], gos[0])], "{name}: {:?}", told.names);
}

fn check_wait(told: &Told, name: &str, reason: &str) {
    let waits: Vec<_> = told.waits.iter().map(|(_, reason, stack)| (reason.as_str(), stack.concat())).collect();
    let [(own, stack)] = waits.as_slice() else { panic!("{name}: {waits:?}") };
    assert_eq!(*own, reason, "{name}");
    assert!(stack.contains(&format!("goroscope_recorder::sync::{name}::")), "{name}: {stack}");
    assert_eq!((told.summary.repaired, told.summary.unheard_wakes), (0, 0), "{name}");
}

fn two(wait: impl FnOnce() + Send, release: impl FnOnce() + Send) {
    thread::scope(|scope| {
        let (sender, receiver) = std::sync::mpsc::channel();
        scope.spawn(move || waits(&sender, wait));
        scope.spawn(move || releases(&receiver, release));
    });
}

fn waits(sender: &std::sync::mpsc::Sender<Look>, wait: impl FnOnce()) {
    sender.send(Look::own()).unwrap();
    wait();
}

fn releases(receiver: &std::sync::mpsc::Receiver<Look>, release: impl FnOnce()) {
    receiver.recv().unwrap().until_it_waits();
    release();
}

#[test]
fn locks() {
    let lock = Mutex::new(());
    // Taken by nobody who is traced, released by somebody who is.
    let guard = Sent(lock.lock().unwrap());
    check("mutex", "sync", || drop(lock.lock().unwrap()), || drop(guard.whole()));

    let lock = RwLock::new(());
    let guard = Sent(lock.write().unwrap());
    check("rw_lock", "sync", || drop(lock.read().unwrap()), || drop(guard.whole()));

    let guard = Sent((lock.read().unwrap(), lock.read().unwrap()));
    check("rw_lock", "sync", || drop(lock.write().unwrap()), || drop(guard.whole()));
}

/// A guard that goes to another thread, which futexes do not mind.
struct Sent<T>(T);

#[expect(unsafe_code, reason = "the guards of the standard library are not to be sent, for the sake of other systems")]
// SAFETY: on Linux, where these tests look at threads, a lock may be released by any thread.
unsafe impl<T> Send for Sent<T> {}

impl<T> Sent<T> {
    fn whole(self) -> T {
        self.0
    }
}

#[test]
fn conditions() {
    let (ready, changed) = (Mutex::new(false), Condvar::new());
    let make_ready = || *ready.lock().unwrap() = true;
    let wait = || drop(changed.wait_while(ready.lock().unwrap(), |ready| !*ready).unwrap());
    check("condvar", "sync.(*Cond).Wait", wait, || {
        make_ready();
        changed.notify_one();
    });

    let ready = Mutex::new(false);
    let make_ready = || *ready.lock().unwrap() = true;
    let wait = || {
        let long = Duration::from_secs(1000);
        let (_, result) = changed.wait_timeout_while(ready.lock().unwrap(), long, |ready| !*ready).unwrap();
        assert!(!result.timed_out());
    };
    check("condvar", "sync.(*Cond).Wait", wait, || {
        make_ready();
        changed.notify_all();
    });
}

#[test]
fn channels() {
    let (sender, receiver) = mpsc::channel();
    check("mpsc", "chan receive", move || assert_eq!(receiver.recv(), Ok(1)), move || sender.send(1).unwrap());

    let (sender, receiver) = mpsc::channel::<i32>();
    let another = sender.clone();
    check(
        "mpsc",
        "chan receive",
        move || assert!(receiver.recv().is_err()),
        move || {
            drop(another);
            drop(sender);
        },
    );

    let (sender, receiver) = mpsc::sync_channel(1);
    sender.send(1).unwrap();
    let receiver = std::sync::Mutex::new(receiver);
    let receive = || assert_eq!(receiver.lock().unwrap().recv(), Ok(1));
    check("mpsc", "chan send", move || sender.send(2).unwrap(), receive);

    let (sender, receiver) = mpsc::sync_channel(0);
    check("mpsc", "chan send", move || sender.send(2).unwrap(), move || assert_eq!(receiver.recv(), Ok(2)));

    let (sender, receiver) = mpsc::sync_channel(0);
    check("mpsc", "chan receive", move || assert_eq!(receiver.recv(), Ok(3)), move || sender.send(3).unwrap());

    let (sender, receiver) = mpsc::sync_channel(1);
    sender.send(1).unwrap();
    check("mpsc", "chan send", move || assert!(sender.send(2).is_err()), move || drop(receiver));
}

#[cfg(feature = "parking_lot")]
#[test]
fn locks_of_parking_lot() {
    use goroscope_recorder::sync::parking_lot::{Condvar, Mutex, RwLock};

    let lock = Mutex::new(());
    let guard = Sent(lock.lock());
    check("parking_lot", "sync", || drop(lock.lock()), || drop(guard.whole()));

    let guard = Sent(lock.lock());
    let long = Duration::from_secs(1000);
    check("parking_lot", "sync", || drop(lock.try_lock_for(long).unwrap()), || drop(guard.whole()));

    let lock = RwLock::new(());
    let guard = Sent(lock.write());
    check("parking_lot", "sync", || drop(lock.read()), || drop(guard.whole()));

    let guard = Sent((lock.read(), lock.read()));
    check("parking_lot", "sync", || drop(lock.write()), || drop(guard.whole()));

    let (ready, changed) = (Mutex::new(false), Condvar::new());
    let wait = || changed.wait_while(&mut ready.lock(), |ready| !*ready);
    check("parking_lot", "sync.(*Cond).Wait", wait, || {
        *ready.lock() = true;
        assert!(changed.notify_one());
    });

    let ready = Mutex::new(false);
    let wait = || assert!(!changed.wait_while_for(&mut ready.lock(), |ready| !*ready, long).timed_out());
    check("parking_lot", "sync.(*Cond).Wait", wait, || {
        *ready.lock() = true;
        assert_eq!(changed.notify_all(), 1);
    });
    let short = Duration::from_nanos(1);
    assert!(changed.wait_while_for(&mut ready.lock(), |ready| *ready, short).timed_out());
    assert!(!changed.wait_while_for(&mut ready.lock(), |ready| !*ready, short).timed_out());
}

#[test]
fn futures() {
    let (sender, receiver) = tokio::sync::oneshot::channel();
    let wait = || assert_eq!(thread::block_on(receiver), Ok(42));
    let told = record(|| two(wait, || sender.send(42).unwrap()));
    assert_eq!(told.reasons, [("sync".into(), 1)].into());
    let gos: Vec<i64> = told.names.keys().copied().collect();
    assert_eq!(told.wakes, [(gos[1], gos[0])]);
}

#[test]
fn nobody_lets_a_timeout_go_on() {
    let told = record(|| {
        let (sender, receiver) = mpsc::channel::<i32>();
        let waiting =
            move || assert_eq!(receiver.recv_timeout(Duration::from_nanos(1)), Err(RecvTimeoutError::Timeout));
        thread::spawn(waiting).join().unwrap();
        let (lock, changed) = (Mutex::new(()), Condvar::new());
        let waiting = || changed.wait_timeout(lock.lock().unwrap(), Duration::from_nanos(1)).unwrap().1;
        assert!(thread::scope(|scope| scope.spawn(waiting).join().unwrap()).timed_out());
        drop(sender);
    });
    assert_eq!(told.reasons, [("chan receive".into(), 1), ("sync.(*Cond).Wait".into(), 1)].into());
    assert!(told.wakes.iter().all(|(by, _)| *by <= 0), "{:?}", told.wakes);
    // There was no wake to hear of.
    assert_eq!(told.summary.unheard_wakes, 0);
    // They began to run when they were made and when they went on. Whoever joins them may have to wait, too.
    assert_eq!(told.summary.polls, told.polls());
    assert!(told.polls() >= 4, "{}", told.polls());
}

/// Threads that wait for one another in every way, and for nobody outside.
fn contended(builder: Builder) -> (Told, u64) {
    const THREADS: u64 = 8;
    let rounds = AtomicU64::new(0);
    let told = record_with(builder, || {
        let (number, shared) = (Mutex::named("number", 0_u64), RwLock::new(0_u64));
        let (turn, turned) = (Mutex::new(0_u64), Condvar::new());
        let (sender, receiver) = mpsc::sync_channel(2);
        let begin = Arc::new(Barrier::new(THREADS as usize));
        thread::scope(|scope| {
            for own in 0..THREADS {
                let (begin, sender) = (Arc::clone(&begin), sender.clone());
                let (number, shared, turn, turned, rounds) = (&number, &shared, &turn, &turned, &rounds);
                scope.spawn(move || {
                    begin.wait();
                    for round in 0..250 {
                        *number.lock().unwrap() += 1;
                        if round % 5 == own % 5 {
                            *shared.write().unwrap() += 1;
                        } else {
                            assert!(*shared.read().unwrap() <= 250 * THREADS);
                        }
                        let mine = |turn: &mut u64| *turn % THREADS != own;
                        let mut now = turned.wait_while(turn.lock().unwrap(), mine).unwrap();
                        *now += 1;
                        turned.notify_all();
                        drop(now);
                        sender.send(1).unwrap();
                        rounds.fetch_add(1, Ordering::Relaxed);
                    }
                });
            }
            drop(sender);
            let receiving = scope.spawn(move || receiver.into_iter().sum::<u64>());
            assert_eq!(receiving.join().unwrap(), 250 * THREADS);
        });
        assert_eq!(*number.lock().unwrap(), 250 * THREADS);
    });
    (told, rounds.into_inner())
}

#[test]
fn thousands_of_waits() {
    let (told, rounds) = contended(usual());
    assert_eq!((rounds, told.summary.dropped, told.summary.repaired), (2000, 0, 0));
    let waits: u64 = told.reasons.values().sum();
    assert_eq!(told.wakes(), waits);
    assert_eq!(told.summary.wakes + told.summary.unheard_wakes, waits);
    assert_eq!(told.summary.polls, told.polls());
    // Somebody who begins to wait in the very moment of a release may not be heard of, but not where a lock is held then.
    assert_eq!(told.unheard.get("sync.(*Cond).Wait"), None);
    assert!(told.left.is_empty());
}

#[test]
fn how_long_locks_are_held() {
    let (told, rounds) = contended(usual().lock_holds(Holds::Recorded));
    let held = |name: &str| told.tasks.iter().filter(|task| *task == name).count() as u64;
    assert_eq!(held("number held"), rounds);
    assert_eq!(held("/number held"), rounds);
    assert!(told.tasks.iter().any(|task| task.starts_with("lock of locks.rs:")), "{:?}", told.tasks.first());
    assert_eq!(told.tasks.iter().filter(|task| task.starts_with('/')).count() * 2, told.tasks.len());
}
