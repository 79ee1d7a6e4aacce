//! Files cut at every per cent and with a byte changed at a thousand places: an error or diagnostics, never a crash, a
//! hang or an empty silence.

use crate::program::recorded;
use goroscope_analysis::{self as analysis, Info};
use goroscope_model::{OpenError, Trace};

/// Bytes of the header; damage there makes it no trace.
const HEADER: usize = 16;

/// Reads a file and asks what the page asks first.
fn read(file: &[u8]) -> Result<Info, OpenError> {
    let trace = Trace::read(file, &mut |_| {})?;
    let overview = analysis::overview(&trace, 100);
    assert!(overview.cells <= 100);
    assert!(!analysis::lane_tree(&trace).sections.is_empty());
    let info = analysis::info(&trace);
    for problem in &info.diagnostics {
        assert!(problem.offset <= file.len() as u64, "{} is beyond the end", problem.text);
        assert!(problem.text.contains(&format!("byte {}", problem.offset)), "{} names no place", problem.text);
    }
    Ok(info)
}

fn check_cuts(name: &str) {
    let whole = recorded(name);
    assert_eq!(read(&whole).expect("intact").diagnostics, []);
    for percent in 0..100 {
        let length = whole.len() * percent / 100;
        match read(&whole[..length]) {
            Ok(info) => assert!(!info.diagnostics.is_empty(), "{name} cut at {percent} %: nothing said"),
            Err(error) => assert!(length < HEADER, "{name} cut at {percent} %: {error:?}"),
        }
    }
}

#[test]
fn cut_at_every_per_cent() {
    for name in ["mix-1.22.trace.zst", "mix-1.27.trace.zst", "flight-1.25.trace.zst", "allocfree-1.27.trace.zst"] {
        check_cuts(name);
    }
}

/// Changes one byte of a file at a time. Some changes nobody can see, such as another time or another name: then all
/// events are still there.
fn check_flips(name: &str, times: u32, mut seed: u64) {
    let whole = recorded(name);
    let intact = read(&whole).expect("intact");
    for _ in 0..times {
        let at = random(&mut seed) as usize % whole.len();
        let change = 1 + (random(&mut seed) % 255) as u8;
        let mut file = whole.clone();
        file[at] ^= change;
        match read(&file) {
            Ok(info) => {
                let same = info.counts.events == intact.counts.events && records(&info) == records(&intact);
                assert!(same || !info.diagnostics.is_empty(), "{name}, byte {at} ^ {change}: nothing said");
            }
            Err(error) => assert!(at < HEADER, "{name}, byte {at} ^ {change}: {error:?}"),
        }
    }
}

#[test]
fn a_byte_changed_at_a_thousand_places() {
    check_flips("mix-1.22.trace.zst", 250, 1);
    check_flips("mix-1.27.trace.zst", 500, 2);
    check_flips("flight-1.27.trace.zst", 250, 3);
}

fn records(info: &Info) -> u64 {
    info.events.iter().map(|event| event.count).sum()
}

/// `SplitMix64`: the same places in every run.
fn random(state: &mut u64) -> u64 {
    *state = state.wrapping_add(0x9e37_79b9_7f4a_7c15);
    let mut z = *state;
    z = (z ^ (z >> 30)).wrapping_mul(0xbf58_476d_1ce4_e5b9);
    z = (z ^ (z >> 27)).wrapping_mul(0x94d0_49bb_1331_11eb);
    z ^ (z >> 31)
}
