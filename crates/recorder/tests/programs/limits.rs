//! Versions, generations, memory, and files that cannot be written.

use std::io::{self, Write};
use std::time::Duration;

use goroscope_recorder::{Compat, FutureExt, RecordError, Recorder, Rotation, Stacks, attach, log, region, spawn};
use tokio::runtime::Builder;

use crate::harness::{Told, record, record_with};

fn program() {
    let runtime = attach(Builder::new_multi_thread().worker_threads(2)).enable_all().build().unwrap();
    let main = async {
        let tasks: Vec<_> = (0..100)
            .map(|_| {
                spawn(async {
                    for _ in 0..20 {
                        let _region = region("turn");
                        tokio::task::yield_now().await;
                        log("turn", "over");
                    }
                })
            })
            .collect();
        for task in tasks {
            task.await.unwrap();
        }
    };
    runtime.block_on(main.traced());
}

fn check(told: &Told) {
    assert!(told.left.is_empty(), "{:?}", (told.left.len(), &told.summary, &told.steps));
    assert_eq!((told.created(), told.finished()), (101, 101));
    assert_eq!(told.logs.len(), 2000);
    assert_eq!(told.summary.repaired, 0);
}

#[test]
fn every_version() {
    for (compat, header) in [
        (Compat::Go122, b"go 1.22 trace\0\0\0"),
        (Compat::Go125, b"go 1.25 trace\0\0\0"),
        (Compat::Go126, b"go 1.26 trace\0\0\0"),
    ] {
        let told = record_with(Recorder::builder().compat(compat), program);
        check(&told);
        assert_eq!(&told.bytes[..16], header);
    }
}

#[test]
fn many_generations() {
    for compat in [Compat::Go122, Compat::Go125, Compat::Go126] {
        let told = record_with(Recorder::builder().compat(compat).generation_bytes(4096), program);
        check(&told);
        assert!(told.summary.generations > 5, "{:?}", told.summary);
    }
    let told = record_with(Recorder::builder().generation_period(Duration::ZERO), program);
    check(&told);
}

#[test]
fn without_stacks() {
    let told = record_with(Recorder::builder().stacks(Stacks::None), program);
    check(&told);
    assert!(told.waits.iter().all(|(_, _, stack)| stack.is_empty()));
}

#[test]
fn too_little_memory() {
    let told = record_with(Recorder::builder().memory(64 << 10), || {
        for _ in 0..20 {
            program();
        }
    });
    // Whether anything is dropped is up to the scheduler; the file is valid either way, and says what is missing.
    let summary = told.summary;
    assert!(summary.dropped > 0 || told.created() == 20 * 101, "{summary:?}");
}

#[test]
fn nothing_happens() {
    let told = record(|| {});
    assert_eq!((told.summary.generations, told.summary.tasks), (1, 0));
}

#[test]
fn one_at_a_time() {
    record(|| {
        let second = Recorder::builder().start_writer(io::sink());
        assert!(matches!(second, Err(RecordError::AlreadyOn)));
    });
}

#[test]
fn a_second_one_leaves_the_file_of_the_first_alone() {
    let told = crate::harness::in_turn(|| {
        let folder = tempfile::tempdir().unwrap();
        let path = folder.path().join("trace.out");
        let recording = Recorder::builder().generation_period(Duration::ZERO).start(&path).unwrap();
        program();
        while std::fs::metadata(&path).unwrap().len() < 100 {
            std::thread::yield_now();
        }
        let second = Recorder::builder().start(&path);
        assert!(matches!(second, Err(RecordError::AlreadyOn)));
        recording.stop().unwrap();
        crate::harness::read(std::fs::read(&path).unwrap())
    });
    assert_eq!((told.created(), told.finished()), (101, 101));
}

#[test]
fn a_file_that_cannot_be_written() {
    struct Full;

    impl Write for Full {
        fn write(&mut self, _: &[u8]) -> io::Result<usize> {
            Err(io::ErrorKind::StorageFull.into())
        }

        fn flush(&mut self) -> io::Result<()> {
            Ok(())
        }
    }

    let stopped = crate::harness::in_turn(|| {
        let recording = Recorder::builder().start_writer(Full).unwrap();
        program();
        recording.stop()
    });
    assert!(matches!(stopped, Err(RecordError::Output(error)) if error.kind() == io::ErrorKind::StorageFull));
    let missing = std::path::Path::new("/no/such/folder/trace.out");
    for _ in 0..2 {
        for rotation in [None, Some(Rotation::default())] {
            let builder = Recorder::builder();
            let started = crate::harness::in_turn(|| match rotation {
                None => builder.start(missing).map(drop),
                Some(rotation) => builder.start_rotating(missing, rotation).map(drop),
            });
            let told = started.unwrap_err().to_string();
            assert!(told.starts_with("the trace cannot be written: /no/such/folder"), "{told}");
        }
    }
}
