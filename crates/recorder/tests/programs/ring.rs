//! Snapshots of what is kept in memory.

use std::io;
use std::sync::Arc;
use std::time::Duration;

use goroscope_recorder::{Compat, FutureExt, RecordError, Recorder, Ring, Summary, attach, region, spawn};
use tokio::runtime::Builder;
use tokio::sync::Notify;

use crate::harness::{Told, in_turn, keep, read, usual};

const TASKS: u64 = 50;
const TURNS: u64 = 40;

/// A task that waits all the time, and rounds of others.
fn program(rounds: u64, mut between: impl FnMut(u64)) {
    let runtime = attach(Builder::new_multi_thread().worker_threads(2)).enable_all().build().unwrap();
    let stop = Arc::new(Notify::new());
    let old = runtime.spawn(patient(Arc::clone(&stop)).traced_as("patient"));
    for round in 0..rounds {
        runtime.block_on(
            async {
                let tasks: Vec<_> = (0..TASKS).map(|_| spawn(busy())).collect();
                for task in tasks {
                    task.await.unwrap();
                }
            }
            .traced(),
        );
        between(round);
    }
    stop.notify_one();
    runtime.block_on(old).unwrap();
}

async fn patient(stop: Arc<Notify>) {
    let _region = region("patience");
    stop.notified().await;
}

async fn busy() {
    for _ in 0..TURNS {
        let _region = region("turn");
        tokio::task::yield_now().await;
    }
}

/// The file of a snapshot that is taken now.
fn taken(recording: &goroscope_recorder::Recording) -> Told {
    let mut bytes = Vec::new();
    let snapshot = recording.snapshot_writer(&mut bytes).unwrap();
    let told = read(bytes);
    assert_eq!((snapshot.bytes, snapshot.generations), (told.bytes.len() as u64, told.generations));
    told
}

#[test]
fn everything_that_there_is_room_for() {
    in_turn(|| {
        let recording = usual().start_ring(Ring::default().last(Duration::MAX)).unwrap();
        let mut halfway = Told::default();
        program(4, |round| {
            if round == 1 {
                halfway = taken(&recording);
            }
        });
        let whole = taken(&recording);
        keep(&whole.bytes, "");
        let summary = recording.stop().unwrap();
        assert_eq!(summary.forgotten, 0);
        assert_eq!((halfway.created(), halfway.finished()), (2 * TASKS + 3, 2 * TASKS + 2));
        assert_eq!((whole.created(), whole.finished()), (4 * TASKS + 5, 4 * TASKS + 5));
        assert_eq!((whole.polls(), whole.wakes()), (summary.polls, summary.wakes));
        assert!(whole.bytes.starts_with(&halfway.bytes), "a later snapshot goes on where an earlier one ended");
    });
}

fn check_forgetting(compat: Compat) -> Summary {
    const BYTES: usize = 256 << 10;
    in_turn(|| {
        let recording = Recorder::builder().compat(compat).start_ring(Ring::default().bytes(BYTES)).unwrap();
        let mut files = Vec::new();
        program(60, |round| {
            if round % 20 == 19 {
                files.push(taken(&recording));
            }
        });
        for (at, told) in files.iter().enumerate() {
            keep(&told.bytes, &format!(".{compat:?}.{at}"));
            assert!(told.bytes.len() <= BYTES, "{}", told.bytes.len());
            assert!(told.generations > 3, "{}", told.generations);
            assert_eq!(told.workers, 2);
            let patient: Vec<_> = told.left.iter().filter(|(_, state)| *state == "Waiting").collect();
            let [(go, _)] = patient[..] else { panic!("{patient:?}") };
            // Go 1.22's format has no stacks for what was there before.
            if compat != Compat::Go122 {
                assert!(told.names[go].starts_with("patient@"), "{}", told.names[go]);
                let stands = told.waits.iter().find(|(waiter, ..)| waiter == go).unwrap();
                assert!(stands.2.iter().any(|function| function.starts_with("programs::ring::")), "{stands:?}");
            }
        }
        recording.stop().unwrap()
    })
}

#[test]
fn the_oldest_are_forgotten() {
    for compat in [Compat::Go122, Compat::Go125, Compat::Go126] {
        let summary = check_forgetting(compat);
        assert!(summary.forgotten > 20, "{summary:?}");
        assert_eq!((summary.dropped, summary.repaired), (0, 0));
    }
}

#[test]
fn several_at_once_from_everywhere() {
    in_turn(|| {
        let recording = usual().start_ring(Ring::default().bytes(1 << 20)).unwrap();
        let snapshots = recording.snapshots().unwrap();
        let files = std::thread::scope(|scope| {
            let takers: Vec<_> = (0..4)
                .map(|_| {
                    scope.spawn(|| {
                        let take = |_| {
                            let mut bytes = Vec::new();
                            recording.snapshot_writer(&mut bytes).map(|_| bytes)
                        };
                        (0..6).map(take).collect::<Result<Vec<_>, _>>().unwrap()
                    })
                })
                .collect();
            program(20, |_| {});
            takers.into_iter().flat_map(|taker| taker.join().unwrap()).collect::<Vec<_>>()
        });
        // And from a worker that is being recorded.
        let runtime = attach(&mut Builder::new_multi_thread()).enable_all().build().unwrap();
        let within = spawn_on(&runtime, async move {
            let mut bytes = Vec::new();
            snapshots.take_writer(&mut bytes).map(|_| bytes)
        });
        drop(runtime);
        recording.stop().unwrap();
        for (at, bytes) in files.into_iter().chain([within]).enumerate() {
            keep(&bytes, &format!(".{at}"));
            let told = read(bytes);
            if at == 24 {
                assert!(told.left.values().any(|state| state == "Running"), "{:?}", told.left);
            }
        }
    });
}

fn spawn_on(
    runtime: &tokio::runtime::Runtime,
    task: impl Future<Output = Result<Vec<u8>, RecordError>> + Send + 'static,
) -> Vec<u8> {
    runtime.block_on(async { spawn(task).await.unwrap() }.traced()).unwrap()
}

#[test]
fn nothing_happens() {
    in_turn(|| {
        let recording = usual().start_ring(Ring::default().last(Duration::ZERO)).unwrap();
        for _ in 0..3 {
            let told = taken(&recording);
            assert_eq!((told.generations, told.created()), (1, 0));
        }
        let summary = recording.stop().unwrap();
        assert_eq!((summary.generations, summary.forgotten), (3, 2));
    });
}

#[test]
fn no_ring_no_snapshot() {
    in_turn(|| {
        let recording = usual().start_writer(io::sink()).unwrap();
        assert!(matches!(recording.snapshot_writer(io::sink()), Err(RecordError::NoRing)));
        drop(recording);
        let recording = usual().start_ring(Ring::default()).unwrap();
        let missing = std::path::Path::new("/no/such/folder/trace.out");
        let told = recording.snapshot(missing).unwrap_err().to_string();
        assert!(told.contains("/no/such/folder/trace.out: "), "{told}");
        let snapshots = recording.snapshots().unwrap();
        drop(recording);
        assert!(matches!(snapshots.take_writer(io::sink()), Err(RecordError::Over)));
    });
}
