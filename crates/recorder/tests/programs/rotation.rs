//! Files that follow each other.

use std::path::Path;
use std::time::Duration;

use goroscope_recorder::{Builder, FutureExt, Rotation, Summary, spawn};

use crate::harness::{in_turn, keep, read, usual};

fn program() {
    let runtime = tokio::runtime::Builder::new_multi_thread().worker_threads(2).build().unwrap();
    let main = async {
        let tasks: Vec<_> = (0..100).map(|_| spawn(async { tokio::task::yield_now().await })).collect();
        for task in tasks {
            task.await.unwrap();
        }
    };
    runtime.block_on(main.traced());
}

fn recorded(builder: Builder, folder: &Path, rotation: Rotation) -> Summary {
    let recording = builder.start_rotating(&folder.join("trace.out"), rotation).unwrap();
    for _ in 0..5 {
        program();
    }
    recording.stop().unwrap()
}

/// Files, each without fault: their names, sizes, generations and tasks that were created.
fn files(folder: &Path) -> Vec<(String, u64, u64, u64)> {
    let mut files = Vec::new();
    for entry in folder.read_dir().unwrap() {
        let entry = entry.unwrap();
        let name = entry.file_name().into_string().unwrap();
        if name.starts_with("trace-") {
            let told = read(std::fs::read(entry.path()).unwrap());
            keep(&told.bytes, &name);
            files.push((name, told.bytes.len() as u64, told.generations, told.created()));
        }
    }
    files.sort();
    files
}

fn sum(files: &[(String, u64, u64, u64)]) -> (u64, u64, u64) {
    files.iter().fold((0, 0, 0), |sum, file| (sum.0 + file.1, sum.1 + file.2, sum.2 + file.3))
}

#[test]
fn nothing_is_deleted_that_fits() {
    in_turn(|| {
        let folder = tempfile::tempdir().unwrap();
        let rotation = Rotation::default().at_bytes(16 << 10);
        let summary = recorded(usual().generation_bytes(2048), folder.path(), rotation);
        let files = files(folder.path());
        assert!(files.len() > 2 && files.iter().all(|file| file.1 <= 16 << 10), "{files:?}");
        assert_eq!(sum(&files), (summary.bytes, summary.generations, 5 * 101));
        assert_eq!(summary.forgotten, 0);
        assert_eq!(files[0].0, "trace-000001.out");
    });
}

#[test]
fn every_generation_is_a_file() {
    in_turn(|| {
        let folder = tempfile::tempdir().unwrap();
        let rotation = Rotation::default().every(Duration::ZERO);
        let summary = recorded(usual().generation_bytes(8192), folder.path(), rotation);
        let files = files(folder.path());
        assert!(files.len() > 1 && files.iter().all(|file| file.2 == 1), "{files:?}");
        assert_eq!(sum(&files), (summary.bytes, summary.generations, 5 * 101));
    });
}

#[test]
fn the_oldest_are_deleted_also_those_of_before() {
    in_turn(|| {
        let folder = tempfile::tempdir().unwrap();
        std::fs::write(folder.path().join("trace-000041.out"), [0; 100]).unwrap();
        for other in ["trace.out", "trace_000041.out", "other-000001.out"] {
            std::fs::write(folder.path().join(other), vec![0; 100 << 10]).unwrap();
        }
        let rotation = Rotation::default().at_bytes(8 << 10).keep_bytes(24 << 10);
        let summary = recorded(usual().generation_bytes(2048), folder.path(), rotation);
        let files = files(folder.path());
        let (bytes, generations, _) = sum(&files);
        assert!(bytes <= 24 << 10 && files.len() > 1, "{files:?}");
        assert!(files[0].0.as_str() > "trace-000042.out", "{files:?}");
        assert_eq!(summary.forgotten, summary.generations - generations);
        assert_eq!(folder.path().read_dir().unwrap().count(), files.len() + 3);
    });
}
