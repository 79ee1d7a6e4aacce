//! The minimum mutator utilisation against goldens that a program made with Go's own reader, by trying every window
//! (recipe: `testdata/README.md`).

use goroscope_analysis::{Filter, MmuOptions, Trace, mmu};
use std::fs;
use std::io::Read;
use std::path::Path;

fn unpacked(name: &str) -> Vec<u8> {
    let path = Path::new(env!("CARGO_MANIFEST_DIR")).join("../../testdata").join(name);
    let packed = fs::read(path).expect("a file of testdata");
    let mut bytes = Vec::new();
    ruzstd::decoding::StreamingDecoder::new(packed.as_slice()).expect("zstd").read_to_end(&mut bytes).expect("zstd");
    bytes
}

/// Every line: view, stops, background, assist, sweep, window, utilisation.
#[track_caller]
fn check(name: &str) {
    let trace = Trace::read(&unpacked(&format!("{name}.trace.zst")), &mut |_| {}).expect("a trace");
    let golden = String::from_utf8(unpacked(&format!("golden/{name}.mmu.zst"))).expect("text");
    let mut compared = 0;
    for line in golden.lines() {
        let [view, stw, background, assist, sweep, window, wanted] = line.split(' ').collect::<Vec<_>>()[..] else {
            panic!("{name}: {line}");
        };
        let window = window.parse().expect("nanoseconds");
        let options = MmuOptions {
            view: view.parse().expect("a view"),
            stw: stw.parse().expect("stops"),
            background: background == "true",
            assist: assist == "true",
            sweep: sweep == "true",
            points: 1,
            shortest: Some(window),
            longest: Some(window),
            ..MmuOptions::default()
        };
        let found = mmu(&trace, &Filter::default(), &options).expect("no filter").curve[0];
        assert_eq!(found.window, window);
        let agrees = match (found.mmu, wanted.parse::<f64>()) {
            (Some(found), Ok(wanted)) => (found - wanted).abs() <= 1e-9,
            (None, Err(_)) => wanted == "none",
            (Some(_), Err(_)) | (None, Ok(_)) => false,
        };
        assert!(agrees, "{name}: {line}, and here {:?}", found.mmu);
        compared += 1;
    }
    assert_eq!(compared, 192, "{name}");
}

#[test]
fn every_choice() {
    let mixed = ["mix-1.22", "mix-1.25", "mix-1.27", "steps-1.23", "steps-1.27", "pubsub-serial"];
    for name in mixed.into_iter().chain(["collect-1.22", "collect-1.27"]) {
        check(name);
    }
}
