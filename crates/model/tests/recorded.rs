//! Traces recorded by every release of Go that writes the format: what must hold for all, and damage to them.

mod support;

use std::io::Read;
use std::path::{Path, PathBuf};

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
        if let Ok(trace) = goroscope_model::Trace::read(&file, &mut |_| {}) {
            check_always(&trace);
            count += 1;
        }
    }
    assert!(count > 30, "{count} cases");
}
