//! Threads that wait: from when to when the program says.
//!
//! ```text
//!  who waits      began ─┐ wait                                  └─ ended
//!  the recorder            └─ waits           runnable ─┐   runs ─┘
//!  who releases               └─ seen asleep  began ─┐ release └─ ended
//! ```

use std::sync::mpsc::channel;

use goroscope_recorder::sync::tokio as asynchronous;
use goroscope_recorder::sync::{Condvar, Mutex, mpsc};
use goroscope_recorder::thread;

use crate::compared::CLOCKS;
use crate::own::now;
use crate::told::record;

/// When it began and ended.
fn timed(work: impl FnOnce()) -> [u64; 2] {
    let began = now();
    work();
    [began, now()]
}

/// Returns when a thread sleeps in the operating system.
fn until_it_sleeps(thread: &str) {
    let is_asleep = || {
        let stat = std::fs::read_to_string(format!("/proc/self/task/{thread}/stat")).unwrap();
        stat.rsplit_once(") ").unwrap().1.starts_with('S')
    };
    while !is_asleep() {
        std::thread::yield_now();
    }
}

fn own_number() -> String {
    let own = std::fs::read_link("/proc/thread-self").unwrap();
    own.file_name().unwrap().to_str().unwrap().to_owned()
}

fn check(reason: &str, wait: impl FnOnce() + Send, release: impl FnOnce() + Send) {
    let (mut waited, mut asleep, mut released) = ([0; 2], 0, [0; 2]);
    let told = record(|| {
        let (sender, receiver) = channel();
        thread::scope(|scope| {
            let (waited, asleep, released) = (&mut waited, &mut asleep, &mut released);
            scope.spawn(move || {
                sender.send(own_number()).unwrap();
                *waited = timed(wait);
            });
            scope.spawn(move || {
                until_it_sleeps(&receiver.recv().unwrap());
                *asleep = now();
                *released = timed(release);
            });
        });
    });
    let pauses: Vec<_> = told.pauses.values().flatten().collect();
    let [pause] = pauses.as_slice() else { panic!("{reason}: {pauses:#?}") };
    assert_eq!(pause.reason, reason);
    assert!(pause.waits && pause.woken_by.is_some(), "{pause:#?}");
    let times = [
        (waited[0], pause.began, asleep),
        (released[0], pause.runnable, released[1]),
        (released[0], pause.runs, waited[1]),
    ];
    for (from, time, to) in times {
        assert!(from <= time + CLOCKS && time <= to + CLOCKS, "{reason}: {from} {time} {to}\n{pause:#?}");
    }
}

#[test]
fn conditions() {
    let (is_ready, changed) = (Mutex::new(false), Condvar::new());
    let wait = || drop(changed.wait_while(is_ready.lock().unwrap(), |is_ready| !*is_ready).unwrap());
    let release = || {
        *is_ready.lock().unwrap() = true;
        changed.notify_one();
    };
    check("sync.(*Cond).Wait", wait, release);
}

#[test]
fn channels() {
    let (sender, receiver) = mpsc::channel();
    check("chan receive", move || receiver.recv().unwrap(), move || sender.send(()).unwrap());
    let (sender, receiver) = mpsc::sync_channel(1);
    sender.send(()).unwrap();
    // It stays: who finds no receiver has not sent.
    let receiver = std::sync::Mutex::new(receiver);
    check("chan send", || sender.send(()).unwrap(), || receiver.lock().unwrap().recv().unwrap());
}

#[test]
fn locks_and_channels_of_tokio() {
    let lock = asynchronous::Mutex::new(());
    let guard = lock.try_lock().unwrap();
    check("sync", || drop(lock.blocking_lock()), || drop(guard));
    let lock = asynchronous::RwLock::new(());
    let guard = lock.try_write().unwrap();
    check("sync", || drop(lock.blocking_read()), || drop(guard));
    let (sender, mut receiver) = asynchronous::mpsc::channel(1);
    check("chan receive", || receiver.blocking_recv().unwrap(), || sender.try_send(()).unwrap());
    sender.try_send(()).unwrap();
    check("chan send", || sender.blocking_send(()).unwrap(), || receiver.try_recv().unwrap());
}
