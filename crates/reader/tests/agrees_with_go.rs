//! The ordered events of recorded traces, one for one, against what Go's own reader lists.
//!
//! The listings are made by `go tool trace -d=parsed` of Go 1.27.3 (recipe: `testdata/README.md`). Every byte counts:
//! kind, thread, proc, goroutine, ids, states, reasons, stacks, order, and with Go's clamping also the times.

mod packed;

use std::fs;
use std::path::Path;

use goroscope_reader::Reader;
use goroscope_reader::listing::Parsed;

#[test]
fn every_recorded_trace() {
    let folder = Path::new(env!("CARGO_MANIFEST_DIR")).join("../../testdata");
    let mut compared = 0;
    for entry in fs::read_dir(folder).expect("the recorded traces") {
        let path = entry.expect("a folder entry").path();
        let Some(name) =
            path.file_name().and_then(|name| name.to_str()).and_then(|name| name.strip_suffix(".trace.zst"))
        else {
            continue;
        };
        check(name);
        compared += 1;
    }
    assert!(compared >= 20, "only {compared} traces were compared");
}

/// Where Go's reader gives up, its listing is the beginning of ours.
fn check(name: &str) {
    let golden = packed::golden(&format!("{name}.parsed"));
    let gives_up =
        Path::new(env!("CARGO_MANIFEST_DIR")).join(format!("../../testdata/golden/{name}.error.txt")).exists();
    let file = packed::recorded(name);
    let mut rest = golden.as_slice();
    let mut number = 0;
    let mut listing = Parsed::new(Reader::new(&file).expect("a trace"), |_| 0);
    let mut record = Vec::new();
    while listing.next(&mut record) {
        number += 1;
        let found = String::from_utf8_lossy(&record);
        if rest.is_empty() {
            assert!(gives_up, "{name}, record {number}: Go has no more, but there is {found:?}");
        } else {
            let after = rest.strip_prefix(record.as_slice());
            let expected = String::from_utf8_lossy(&rest[..rest.len().min(300)]);
            rest = after.unwrap_or_else(|| panic!("{name}, record {number}: {found:?} is not in {expected:?}"));
        }
        record.clear();
    }
    assert_eq!(rest, b"", "{name}: Go has more than {number} records");
    let diagnostics = listing.finish().diagnostics;
    assert_eq!(diagnostics.is_empty(), !gives_up, "{name}: {diagnostics:?}");
}
