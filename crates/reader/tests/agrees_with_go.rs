//! Recorded traces against what Go's own tool prints of them.
//!
//! The listings are made by `go tool trace` of Go 1.27.3 (recipe: `testdata/README.md`). Every byte counts. With
//! `-d=parsed` those are kind, thread, proc, goroutine, ids, states, reasons, stacks, order, and with Go's clamping also
//! the times of the events.

mod packed;

use std::fs;
use std::path::Path;

use goroscope_reader::Reader;
use goroscope_reader::listing::{Footprint, Parsed, RecordSizes, Wire};

/// The names of the files in a folder of `testdata` that end so, without the end.
fn names(folder: &str, end: &str) -> Vec<String> {
    let folder = Path::new(env!("CARGO_MANIFEST_DIR")).join("../../testdata").join(folder);
    let entries = fs::read_dir(folder).expect("the recorded traces");
    let names = entries.map(|entry| entry.expect("a folder entry").file_name().into_string().expect("UTF-8"));
    names.filter_map(|name| name.strip_suffix(end).map(str::to_owned)).collect()
}

#[test]
fn ordered_events() {
    let names = names("", ".trace.zst");
    assert!(names.len() >= 26, "only {} traces are compared", names.len());
    for name in names {
        check(&name);
    }
}

#[test]
fn records_as_they_stand() {
    let names = names("golden", ".wire.zst");
    assert!(names.len() >= 5, "only {} traces are compared", names.len());
    for name in names {
        let file = packed::recorded(&name);
        let golden = packed::golden(&format!("{name}.wire"));
        let mut printer = Wire::new(&file).expect("a trace");
        let mut rest = golden.as_slice();
        let mut record = Vec::new();
        while let Some(printed) = printer.next(&mut record) {
            assert_eq!(printed, Ok(()), "{name}");
            let found = String::from_utf8_lossy(&record);
            let expected = String::from_utf8_lossy(&rest[..rest.len().min(300)]);
            rest =
                rest.strip_prefix(record.as_slice()).unwrap_or_else(|| panic!("{name}: {found:?} is not {expected:?}"));
            record.clear();
        }
        assert_eq!(rest, b"", "{name}: Go prints more");
    }
}

#[test]
fn footprints() {
    let names = names("golden", ".footprint.zst");
    assert!(names.len() >= 5, "only {} traces are compared", names.len());
    for name in names {
        let file = packed::recorded(&name);
        let records = RecordSizes::new(&file).expect("a trace");
        let mut footprint = Footprint::new(records.version(), file.len() as u64);
        records.for_each(|record| footprint.add(record.expect("a whole record")));
        let mut table = Vec::new();
        footprint.push_table(&mut table);
        let golden = packed::golden(&format!("{name}.footprint"));
        assert_eq!(String::from_utf8_lossy(&table), String::from_utf8_lossy(&golden), "{name}");
    }
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
