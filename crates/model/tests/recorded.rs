//! Traces recorded by every release of Go that writes the format: what must hold for all, and damage to them.

mod support;

use std::io::Read;
use std::path::{Path, PathBuf};

use goroscope_model::{Class, PreviewCells, Trace};
use support::{check_always, clocks_disagree, read, running, running_threads};

fn recorded() -> Vec<(PathBuf, Vec<u8>)> {
    let folder = Path::new(env!("CARGO_MANIFEST_DIR")).join("../../testdata");
    let mut paths: Vec<PathBuf> = std::fs::read_dir(folder)
        .expect("the folder of recorded traces")
        .map(|entry| entry.expect("an entry").path())
        .filter(|path| path.extension().is_some_and(|extension| extension == "zst"))
        .collect();
    paths.sort();
    paths.into_iter().map(|path| (path.clone(), unpack(&path))).collect()
}

fn unpack(path: &Path) -> Vec<u8> {
    let packed = std::fs::read(path).expect("a readable file");
    let mut decoder = ruzstd::decoding::StreamingDecoder::new(packed.as_slice()).expect("a zstd file");
    let mut file = Vec::new();
    decoder.read_to_end(&mut file).expect("a whole zstd file");
    file
}

#[test]
fn goroutines_procs_and_threads_ran_equally_long() {
    for (path, file) in recorded() {
        let trace = read(&file);
        check_always(&trace);
        assert!(trace.lost().is_empty(), "{}", path.display());
        let (gos, procs) = running(&trace);
        if clocks_disagree(&trace) {
            let off = gos.abs_diff(procs).max(gos.abs_diff(running_threads(&trace)));
            assert!(off < gos / 1000, "{}: {gos} and {procs} ns", path.display());
        } else {
            assert_eq!((gos, gos), (procs, running_threads(&trace)), "{}", path.display());
        }
    }
}

/// The picture that is shown while reading is, at the end of it, the picture of the trace: all waits taken together,
/// because only the finished trace tells them apart.
#[test]
fn the_preview_ends_as_the_trace() {
    for (path, file) in recorded() {
        let mut last = None;
        let trace = Trace::read(&file, &mut |progress| last = Some(progress.preview())).expect("a trace");
        let PreviewCells { width, end, time } = last.expect("progress");
        assert_eq!(end, trace.end(), "{}", path.display());
        assert!((time.len() as i64 - 1) * width < end && end <= time.len() as i64 * width, "{}", path.display());
        let mut sums = vec![[0; Class::COUNT]; time.len()];
        trace.all_cells(0, width, &mut sums);
        for (cell, (time, sums)) in time.iter().zip(&sums).enumerate() {
            let waits = Class::WaitNetwork as usize..=Class::WaitOther as usize;
            let waited: f64 = time[waits.clone()].iter().sum();
            assert_eq!(waited as u64, sums[waits].iter().sum::<u64>(), "waits of cell {cell}, {}", path.display());
            for class in [Class::Running, Class::Runnable, Class::Syscall, Class::SyscallBlocked] {
                let (time, sum) = (time[class as usize], sums[class as usize]);
                assert_eq!(time as u64, sum, "{class:?} of cell {cell}, {}", path.display());
            }
        }
    }
}

#[test]
fn damaged_traces_keep_what_is_left() {
    for (_, file) in recorded().into_iter().filter(|(_, file)| file.len() < 200_000) {
        for part in 1..8 {
            let cut = &file[..file.len() * part / 8];
            check_always(&read(cut));
            let mut flipped = file.clone();
            let at = file.len() * part / 8;
            flipped[at..at + 9].fill(0xff);
            check_always(&read(&flipped));
        }
    }
}

/// The reader's corner cases, good and damaged: each is a trace in text form among expectations of the reader.
#[test]
fn corner_cases_of_the_order_keep_the_invariants() {
    let folder = Path::new(env!("CARGO_MANIFEST_DIR")).join("../reader/testdata");
    let mut count = 0;
    for entry in std::fs::read_dir(folder).expect("the folder of the reader's cases") {
        let text = std::fs::read_to_string(entry.expect("an entry").path()).expect("a readable file");
        let trace = text.split("\n-- trace --\n").nth(1).expect("a trace in it");
        let trace = trace.split("\n-- ").next().expect("a trace in it");
        let file = goroscope_wire::text::parse(trace).expect("a trace in text form");
        if let Ok(trace) = Trace::read(&file, &mut |progress| drop(progress.preview())) {
            check_always(&trace);
            count += 1;
        }
    }
    assert!(count > 30, "{count} cases");
}
