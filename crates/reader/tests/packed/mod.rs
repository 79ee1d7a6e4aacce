//! The recorded traces of `testdata`, and what Go says of them.

use std::io::Read;
use std::path::Path;

/// The bytes of a recorded trace.
pub fn recorded(name: &str) -> Vec<u8> {
    unpacked(&format!("{name}.trace.zst"))
}

/// What Go's tool printed.
#[allow(dead_code, reason = "not every test needs it")]
pub fn golden(name: &str) -> Vec<u8> {
    unpacked(&format!("golden/{name}.zst"))
}

fn unpacked(name: &str) -> Vec<u8> {
    let path = Path::new(env!("CARGO_MANIFEST_DIR")).join("../../testdata").join(name);
    let packed = std::fs::read(&path).unwrap_or_else(|error| panic!("{}: {error}", path.display()));
    let mut bytes = Vec::new();
    let mut decoder = ruzstd::decoding::StreamingDecoder::new(packed.as_slice()).expect("zstd");
    decoder.read_to_end(&mut bytes).expect("zstd");
    bytes
}
