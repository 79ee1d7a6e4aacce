//! The validator has nothing to say of a trace that is whole, whatever recorded it.

mod packed;

use std::fs;
use std::path::Path;

use goroscope_reader::{Reader, Validator, Verdict};

fn verdict(file: &[u8]) -> Verdict {
    let mut reader = Reader::new(file).expect("a trace");
    let mut validator = Validator::default();
    while let Some(event) = reader.next() {
        validator.push(&event);
    }
    validator.finish(&reader.finish())
}

#[test]
fn every_recorded_trace() {
    let folder = Path::new(env!("CARGO_MANIFEST_DIR")).join("../../testdata");
    let mut count = 0;
    for entry in fs::read_dir(folder).expect("the recorded traces") {
        let name = entry.expect("a folder entry").file_name().into_string().expect("plain names");
        let Some(name) = name.strip_suffix(".trace.zst") else { continue };
        let verdict = verdict(&packed::recorded(name));
        let found: Vec<String> = verdict.violations.iter().take(5).map(ToString::to_string).collect();
        assert!(found.is_empty(), "{name}: {found:#?}");
        assert!(verdict.events > 20, "{name}");
        count += 1;
    }
    assert!(count >= 20, "only {count} traces");
}
