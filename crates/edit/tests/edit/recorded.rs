//! The recorded traces, and numbers that look random and are the same in every run.

use std::fs;
use std::io::Read;
use std::path::{Path, PathBuf};

use goroscope_edit::{Progress, ReadOptions, UnknownVersion};

fn folder() -> PathBuf {
    Path::new(env!("CARGO_MANIFEST_DIR")).join("../../testdata")
}

/// Traces of versions that are known, as all recorded ones are.
pub const KNOWN: ReadOptions = ReadOptions { unknown_version: UnknownVersion::Refuse };

/// The names of all of them.
pub fn names() -> Vec<String> {
    let mut names: Vec<String> = fs::read_dir(folder())
        .expect("the recorded traces")
        .filter_map(|entry| {
            let name = entry.expect("a folder entry").file_name().into_string().expect("a name in UTF-8");
            name.strip_suffix(".trace.zst").map(str::to_owned)
        })
        .collect();
    names.sort();
    assert!(names.len() >= 20, "only {names:?}");
    names
}

/// One of them.
pub fn trace(name: &str) -> Vec<u8> {
    let packed = fs::read(folder().join(format!("{name}.trace.zst"))).expect("a recorded trace");
    let mut bytes = Vec::new();
    ruzstd::decoding::StreamingDecoder::new(packed.as_slice()).expect("zstd").read_to_end(&mut bytes).expect("zstd");
    bytes
}

/// Does something and tells nobody how far it is.
pub fn quietly<T>(work: impl FnOnce(&mut Progress<'_>) -> T) -> T {
    work(&mut Progress::new(&mut |done, total| assert!(done <= total, "{done} of {total} bytes")))
}

/// `SplitMix64`.
pub struct Random(pub u64);

impl Random {
    pub fn next(&mut self) -> u64 {
        self.0 = self.0.wrapping_add(0x9e37_79b9_7f4a_7c15);
        let mut z = self.0;
        z = (z ^ (z >> 30)).wrapping_mul(0xbf58_476d_1ce4_e5b9);
        z = (z ^ (z >> 27)).wrapping_mul(0x94d0_49bb_1331_11eb);
        z ^ (z >> 31)
    }

    pub fn below(&mut self, bound: usize) -> usize {
        (self.next() % bound.max(1) as u64) as usize
    }
}
