//! The recorded traces of `testdata`, and what Go's own tool says of them.

#![allow(dead_code, reason = "each test uses its own part")]

use std::io::Read;
use std::path::Path;

/// The bytes of a recorded trace.
pub fn recorded(name: &str) -> Vec<u8> {
    unpacked(&format!("{name}.trace.zst"))
}

/// What Go's tool printed.
pub fn golden(name: &str) -> Vec<u8> {
    unpacked(&format!("golden/{name}.zst"))
}

/// Its events as `go tool trace -d=parsed` lists them.
pub fn listing(name: &str) -> String {
    String::from_utf8(unpacked(&format!("golden/{name}.parsed.zst"))).expect("text")
}

fn unpacked(name: &str) -> Vec<u8> {
    let path = Path::new(env!("CARGO_MANIFEST_DIR")).join("../../testdata").join(name);
    let packed = std::fs::read(&path).unwrap_or_else(|error| panic!("{}: {error}", path.display()));
    let mut bytes = Vec::new();
    let mut decoder = ruzstd::decoding::StreamingDecoder::new(packed.as_slice()).expect("zstd");
    decoder.read_to_end(&mut bytes).expect("zstd");
    bytes
}
