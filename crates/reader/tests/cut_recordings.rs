//! Recorded traces, cut: what is left must be a part of the whole, and nothing in a cut batch may pass for a batch.

use std::fs;
use std::io::Read;
use std::path::Path;

use goroscope_reader::Reader;

#[test]
fn cut_at_every_second_percent() {
    let folder = Path::new(env!("CARGO_MANIFEST_DIR")).join("../../testdata");
    for name in ["mix-1.22", "mix-1.23", "mix-1.25", "mix-1.27", "flight-1.25", "crowd-1.27", "callback-1.27"] {
        let packed = fs::read(folder.join(format!("{name}.trace.zst"))).expect("a recorded trace");
        let mut file = Vec::new();
        let mut decoder = ruzstd::decoding::StreamingDecoder::new(packed.as_slice()).expect("zstd");
        decoder.read_to_end(&mut file).expect("zstd");
        for percent in (2..100).step_by(2) {
            check(name, &file, file.len() * percent / 100);
        }
    }
}

fn check(name: &str, file: &[u8], len: usize) {
    let (last, whole) = read(file);
    assert_eq!(whole, "", "{name}");
    let (end, diagnostics) = read(&file[..len]);
    assert!(!diagnostics.is_empty(), "{name} cut to {len} bytes: nothing is said about the cut");
    assert!(!diagnostics.contains("size of the batch is wrong"), "{name} cut to {len} bytes: {diagnostics}");
    assert!(end <= last, "{name} cut to {len} bytes: an event at {end}, but the whole trace ends at {last}");
}

/// The last time of an event, and the diagnostics.
fn read(file: &[u8]) -> (i64, String) {
    let mut reader = Reader::new(file).expect("a trace");
    let mut last = i64::MIN;
    while let Some(event) = reader.next() {
        last = last.max(event.ts.0);
    }
    let diagnostics: Vec<String> = reader.finish().diagnostics.iter().map(ToString::to_string).collect();
    (last, diagnostics.join("; "))
}
