//! What the reader's example computes from events, and the model from its columns, is the same.

#[path = "../../reader/examples/who_blocked_longest.rs"]
#[expect(dead_code, reason = "only its numbers are used here")]
mod who_blocked_longest;

use std::collections::BTreeMap;
use std::io::Read;
use std::path::Path;

use goroscope_checks::program::{Choices, play};
use goroscope_model::{Class, GoIdx, Trace};

const BLOCKED: [Class; 7] = [
    Class::WaitNetwork,
    Class::WaitChannel,
    Class::WaitSync,
    Class::WaitSelect,
    Class::WaitSleep,
    Class::WaitGc,
    Class::WaitOther,
];

fn check(file: &[u8], what: &str) {
    let trace = Trace::read(file, &mut |_| {}).expect("a trace");
    let mut in_model: BTreeMap<u64, u64> = BTreeMap::new();
    for (go, row) in (0..).map(GoIdx).zip(trace.goroutines()) {
        let time = trace.go_time(go, trace.start(), trace.end());
        *in_model.entry(row.id.0).or_default() += BLOCKED.iter().map(|&class| time[class as usize]).sum::<u64>();
    }
    let (goroutines, _) = who_blocked_longest::goroutines(file).expect("a trace");
    let mut in_example: BTreeMap<u64, u64> = BTreeMap::new();
    for goroutine in goroutines {
        *in_example.entry(goroutine.id.0).or_default() += goroutine.blocked.unsigned_abs();
    }
    assert_eq!(in_example, in_model, "{what}");
}

#[test]
fn how_long_goroutines_were_blocked_in_recorded_traces() {
    let folder = Path::new(env!("CARGO_MANIFEST_DIR")).join("../../testdata");
    let mut count = 0;
    for entry in std::fs::read_dir(folder).expect("the folder of traces") {
        let path = entry.expect("an entry").path();
        if path.extension().is_some_and(|extension| extension == "zst") {
            let packed = std::fs::read(&path).expect("a readable file");
            let mut file = Vec::new();
            let mut decoder = ruzstd::decoding::StreamingDecoder::new(packed.as_slice()).expect("zstd");
            decoder.read_to_end(&mut file).expect("zstd");
            check(&file, &path.display().to_string());
            count += 1;
        }
    }
    assert!(count > 20, "{count} traces");
}

#[test]
fn how_long_goroutines_were_blocked_in_played_programs() {
    for seed in 0..100_u32 {
        let bytes: Vec<u8> =
            (0..500_u32).map(|i| (i.wrapping_mul(2_654_435_761).wrapping_add(seed * 40_503) >> 11) as u8).collect();
        check(&play(&mut Choices::new(&bytes)).write(), &format!("program {seed}"));
    }
}
