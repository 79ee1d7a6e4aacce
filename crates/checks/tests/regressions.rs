//! The inputs that fuzzing found something with, each with the check that found it.

use std::fs;
use std::path::Path;

use goroscope_checks::TARGETS;

#[test]
fn what_was_wrong_once_is_right() {
    let folder = Path::new(env!("CARGO_MANIFEST_DIR")).join("../../fuzz/regressions");
    let mut count = 0;
    for entry in fs::read_dir(&folder).expect("the folder of cases") {
        let cases = entry.expect("an entry").path();
        let name = cases.file_name().expect("a name").to_string_lossy().into_owned();
        assert!(TARGETS.iter().any(|target| target.name == name), "no check `{name}`");
        for case in fs::read_dir(&cases).expect("the cases of a target") {
            let case = case.expect("an entry").path();
            println!("{}", case.display());
            goroscope_checks::run(&name, &fs::read(&case).expect("a case"));
            count += 1;
        }
    }
    assert!(count >= 5, "{count} cases");
}
