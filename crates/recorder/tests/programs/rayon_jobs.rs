//! Jobs of rayon's pools: that each is a task, and who waits for which.

use std::sync::atomic::{AtomicU64, AtomicUsize, Ordering};
use std::sync::mpsc::sync_channel;

use goroscope_recorder::{rayon, thread};

use crate::harness::{Told, record};
use crate::locks::Look;

fn pool() -> ::rayon::ThreadPool {
    rayon::attach(::rayon::ThreadPoolBuilder::new()).num_threads(2).build().unwrap()
}

/// Records what a job of a pool does, which is the first goroutine, and waits once until the last one lets it go on.
fn check(name: &str, program: impl FnOnce() + Send) {
    let told = record(|| {
        let pool = pool();
        rayon::install(&pool, program);
    });
    let gos: Vec<i64> = told.names.keys().copied().collect();
    let waits: Vec<&str> =
        told.waits.iter().filter(|wait| wait.0 == gos[0]).map(|(_, reason, _)| reason.as_str()).collect();
    assert_eq!(waits, ["sync"], "{name}: {:?}", told.waits);
    assert_eq!(told.wakes, [(gos[gos.len() - 1], gos[0])], "{name}: {:?}", told.names);
    check_ends(&told, gos.len());
}

fn check_ends(told: &Told, jobs: usize) {
    assert_eq!((told.created(), told.finished()), (jobs as u64, jobs as u64));
    assert_eq!((told.summary.repaired, told.summary.unheard_wakes), (0, 0));
}

#[test]
fn who_waits_for_a_job_elsewhere() {
    check("join", || {
        let (sender, receiver) = sync_channel(1);
        let is_taken = AtomicUsize::new(0);
        let first = || {
            sender.send(Look::own()).unwrap();
            while is_taken.load(Ordering::Relaxed) == 0 {
                std::thread::yield_now();
            }
        };
        let taken = &is_taken;
        let second = move || {
            taken.store(1, Ordering::Relaxed);
            receiver.recv().unwrap().until_it_waits();
        };
        rayon::join(first, second);
    });
    check("scope", || {
        let (sender, receiver) = sync_channel(1);
        let is_taken = AtomicUsize::new(0);
        rayon::scope(|scope| {
            let is_taken = &is_taken;
            scope.spawn(move |_| {
                is_taken.store(1, Ordering::Relaxed);
                receiver.recv().map(Look::until_it_waits).unwrap();
            });
            sender.send(Look::own()).unwrap();
            while is_taken.load(Ordering::Relaxed) == 0 {
                std::thread::yield_now();
            }
        });
    });
}

#[test]
fn who_waits_outside_of_the_pool() {
    let told = record(|| {
        let pool = pool();
        let work = || thread::scope(|scope| scope.spawn(|| rayon::install(&pool, || 42)).join().unwrap());
        assert_eq!(work(), 42);
    });
    let gos: Vec<i64> = told.names.keys().copied().collect();
    assert_eq!(told.wakes, [(gos[1], gos[0])]);
    check_ends(&told, 2);
}

#[test]
fn every_half_of_a_join_is_a_job() {
    fn sum(numbers: &[u64], halves: &AtomicU64) -> u64 {
        if numbers.len() < 10 {
            return numbers.iter().sum();
        }
        let (left, right) = numbers.split_at(numbers.len() / 2);
        halves.fetch_add(1, Ordering::Relaxed);
        let (left, right) = rayon::join(|| sum(left, halves), || sum(right, halves));
        left + right
    }

    let halves = AtomicU64::new(0);
    let told = record(|| {
        let numbers: Vec<u64> = (0..10_000).collect();
        assert_eq!(rayon::install(&pool(), || sum(&numbers, &halves)), 49_995_000);
    });
    assert_eq!((told.created(), told.finished()), (1 + halves.load(Ordering::Relaxed), 1 + halves.into_inner()));
    assert_eq!((told.summary.repaired, told.summary.dropped), (0, 0));
}

#[test]
fn a_job_that_panics_lets_others_go_on() {
    let told = record(|| {
        let pool = pool();
        let fail = || rayon::install(&pool, || std::panic::resume_unwind(Box::new("as it should")));
        let failing = || assert!(std::panic::catch_unwind(std::panic::AssertUnwindSafe(fail)).is_err());
        thread::scope(|scope| scope.spawn(failing).join().unwrap());
    });
    check_ends(&told, 2);
}
