//! What the reader's example computes from events, and the model from its columns, is the same.

mod packed;

#[path = "../../reader/examples/who_blocked_longest.rs"]
#[expect(dead_code, reason = "only its numbers are used here")]
mod who_blocked_longest;

use std::collections::BTreeMap;

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
    for (name, file) in packed::recorded() {
        check(&file, &name);
    }
}

#[test]
fn how_long_goroutines_were_blocked_in_played_programs() {
    for seed in 0..100_u32 {
        let bytes: Vec<u8> =
            (0..500_u32).map(|i| (i.wrapping_mul(2_654_435_761).wrapping_add(seed * 40_503) >> 11) as u8).collect();
        check(&play(&mut Choices::new(&bytes)).write(), &format!("program {seed}"));
    }
}
