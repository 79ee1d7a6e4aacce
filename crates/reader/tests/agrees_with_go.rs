//! The ordered events of recorded traces, one for one, against what Go's own reader lists.
//!
//! The listings are made by `go tool trace -d=parsed` of Go 1.27.3 (recipe: `testdata/README.md`). Every byte counts:
//! kind, thread, proc, goroutine, ids, states, reasons, stacks, order, and with Go's clamping also the times.

#[path = "../examples/dump/go_format.rs"]
mod go_format;

use std::fs;
use std::io::Read;
use std::path::{Path, PathBuf};

use goroscope_reader::Reader;

#[test]
fn every_recorded_trace() {
    let folder = Path::new(env!("CARGO_MANIFEST_DIR")).join("../../testdata");
    let mut compared = 0;
    for entry in fs::read_dir(&folder).expect("the recorded traces") {
        let path = entry.expect("a folder entry").path();
        let Some(name) =
            path.file_name().and_then(|name| name.to_str()).and_then(|name| name.strip_suffix(".trace.zst"))
        else {
            continue;
        };
        check(&path, &folder.join(format!("golden/{name}.parsed.zst")), name);
        compared += 1;
    }
    assert!(compared >= 20, "only {compared} traces were compared");
}

/// Where Go's reader gives up, its listing is the beginning of ours.
fn check(trace: &PathBuf, golden: &PathBuf, name: &str) {
    let golden = String::from_utf8(unpacked(golden)).expect("a listing is text");
    let gives_up =
        Path::new(env!("CARGO_MANIFEST_DIR")).join(format!("../../testdata/golden/{name}.error.txt")).exists();
    let file = unpacked(trace);
    let mut expected = Records { rest: &golden };
    let mut number = 0;
    let reader = Reader::new(&file).expect("a trace");
    let finished = go_format::listing(reader, true, &mut |found| {
        number += 1;
        match expected.take(found) {
            Some(matches) => assert!(matches, "{name}, record {number}: {found:?} is not in {:.300?}", expected.rest),
            None => assert!(gives_up, "{name}, record {number}: Go has no more, but there is {found:?}"),
        }
    });
    assert_eq!(expected.rest, "", "{name}: Go has more than {number} records");
    assert_eq!(finished.diagnostics.is_empty(), !gives_up, "{name}: {:?}", finished.diagnostics);
}

/// What is left of a listing.
struct Records<'l> {
    rest: &'l str,
}

impl Records<'_> {
    /// Takes the next record if it is `found`; `None` if nothing is left.
    fn take(&mut self, found: &str) -> Option<bool> {
        if self.rest.is_empty() {
            return None;
        }
        let rest = self.rest.strip_prefix(found).and_then(|rest| rest.strip_prefix('\n'));
        self.rest = rest.unwrap_or(self.rest);
        Some(rest.is_some())
    }
}

fn unpacked(path: &PathBuf) -> Vec<u8> {
    let packed = fs::read(path).unwrap_or_else(|error| panic!("{}: {error}", path.display()));
    let mut bytes = Vec::new();
    let mut decoder = ruzstd::decoding::StreamingDecoder::new(packed.as_slice()).expect("zstd");
    decoder.read_to_end(&mut bytes).expect("zstd");
    bytes
}
