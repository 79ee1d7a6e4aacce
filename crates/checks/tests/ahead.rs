//! Same bytes, same events, whichever thread decodes them.

mod packed;

use std::fs;
use std::path::Path;

use goroscope_checks::nearly_valid;
use goroscope_checks::reading::ahead as check;

#[test]
fn recorded_traces() {
    for (name, file) in packed::recorded() {
        check(&file, &name);
    }
}

#[test]
fn recorded_traces_with_damage() {
    for (name, file) in packed::recorded() {
        check(&file[..file.len() / 3 * 2], &format!("the first part of {name}"));
        let mut holed = file.clone();
        let middle = file.len() / 2;
        holed[middle..middle + 50].fill(0xff);
        check(&holed, &format!("{name} with a hole"));
        let mut pierced = file;
        for place in pierced.iter_mut().skip(500).step_by(70_001) {
            *place = !*place;
        }
        check(&pierced, &format!("{name} with many wrong bytes"));
    }
}

#[test]
fn what_was_wrong_once() {
    let folder = Path::new(env!("CARGO_MANIFEST_DIR")).join("../../fuzz/regressions");
    for case in fs::read_dir(folder.join("reader")).expect("the cases of a target") {
        let case = case.expect("an entry").path();
        check(&fs::read(&case).expect("a case"), &case.display().to_string());
    }
}

#[test]
fn played_programs() {
    for seed in 0..200_u32 {
        // The first byte is the number of damages.
        let bytes: Vec<u8> =
            (0..700_u32).map(|i| (i.wrapping_mul(2_654_435_761).wrapping_add(seed * 40_503) >> 11) as u8).collect();
        check(&nearly_valid::file(&bytes), &format!("program {seed}"));
    }
}
