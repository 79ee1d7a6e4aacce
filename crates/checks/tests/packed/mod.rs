//! The recorded traces of `testdata`.

use std::io::Read;
use std::path::Path;

/// Names and bytes of all recorded traces.
pub fn recorded() -> Vec<(String, Vec<u8>)> {
    let folder = Path::new(env!("CARGO_MANIFEST_DIR")).join("../../testdata");
    let paths = std::fs::read_dir(folder).expect("the folder of traces").map(|entry| entry.expect("an entry").path());
    let mut traces: Vec<_> = paths
        .filter(|path| path.extension().is_some_and(|extension| extension == "zst"))
        .map(|path| {
            let packed = std::fs::read(&path).expect("a readable file");
            let mut file = Vec::new();
            let mut decoder = ruzstd::decoding::StreamingDecoder::new(packed.as_slice()).expect("zstd");
            decoder.read_to_end(&mut file).expect("zstd");
            (path.file_name().expect("a name").to_string_lossy().into_owned(), file)
        })
        .collect();
    traces.sort();
    assert!(traces.len() > 20, "{} traces", traces.len());
    traces
}
