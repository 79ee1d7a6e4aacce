//! Our reports are those of `go tool pprof`, byte for byte, for the goldens that it made.

#[path = "../examples/report/asked.rs"]
mod asked;

use asked::Asked;
use std::fs;
use std::path::Path;

#[test]
fn goldens() {
    let folder = Path::new(env!("CARGO_MANIFEST_DIR")).join("testdata");
    let mut checked = 0;
    for entry in fs::read_dir(folder.join("golden")).unwrap() {
        let text = fs::read_to_string(entry.unwrap().path()).unwrap();
        let (command, expected) = text.split_once('\n').unwrap();
        let asked = Asked::new(command.split(' ').map(str::to_owned)).unwrap();
        let profile = asked.profile(&folder).unwrap();
        let (ours, name) = (asked.text(&profile).unwrap(), asked.report());
        assert!(ours == expected, "{name}: {command}\n{ours}\nis not\n{expected}");
        checked += 1;
    }
    assert!(checked >= 40, "{checked} goldens");
}
