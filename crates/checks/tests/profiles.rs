//! The check of profiles on the recorded ones, whole and damaged, and on small files that are meant to cost much.
//!
//! One test only: memory that is taken beside it would be counted as well.

use std::fs;
use std::io::Read;
use std::path::Path;

use goroscope_checks::meter::Meter;

#[global_allocator]
static METER: Meter = Meter;

/// The recorded profiles, unpacked.
fn recorded() -> Vec<(String, Vec<u8>)> {
    let folder = Path::new(env!("CARGO_MANIFEST_DIR")).join("../profile/testdata");
    let mut profiles = Vec::new();
    for entry in fs::read_dir(folder).expect("the folder of profiles") {
        let path = entry.expect("an entry").path();
        if path.extension().is_some_and(|extension| extension == "gz") {
            let mut bytes = Vec::new();
            let file = fs::read(&path).expect("a readable file");
            flate2::read::GzDecoder::new(file.as_slice()).read_to_end(&mut bytes).expect("gzip");
            profiles.push((path.display().to_string(), bytes));
        }
    }
    profiles.sort();
    assert!(profiles.len() >= 8, "{} profiles", profiles.len());
    profiles
}

/// A text table, a type, and then the same few bytes again and again, which may depend on how often they came before.
fn hostile() -> Vec<(&'static str, Vec<u8>)> {
    let repeated = |part: &dyn Fn(u32) -> Vec<u8>| {
        let mut file = vec![0x32, 0, 0x0a, 0];
        let mut number = 1;
        while file.len() < 200_000 {
            file.extend(part(number));
            number += 1;
        }
        file
    };
    let id = |number: u32| {
        let bytes = [0, 7, 14, 21].map(|shift| (number >> shift) as u8 | 0x80);
        [&bytes[..], &[0]].concat()
    };
    let inside = |tag: u8, part: &[u8]| {
        let body: Vec<u8> = part.iter().copied().cycle().take(part.len() * 40_000).collect();
        let len = body.len() as u32;
        [&[tag][..], &id(len), &body].concat()
    };
    let one_function = [0x2a, 2, 8, 1];
    vec![
        ("a sample each", repeated(&|_| vec![0x12, 2, 0x10, 0])),
        ("a type each", repeated(&|_| vec![0x0a, 0])),
        ("an empty text each", repeated(&|_| vec![0x32, 0])),
        ("a text each", repeated(&|number| [&[0x32, 2], &(number as u16 & 0x7f7f).to_le_bytes()[..]].concat())),
        ("a mapping each", repeated(&|number| [&[0x1a, 6, 8][..], &id(number)].concat())),
        ("a location each", repeated(&|number| [&[0x22, 6, 8][..], &id(number)].concat())),
        ("a location each, not in order", repeated(&|number| [&[0x22, 6, 8][..], &id(number + 7)].concat())),
        ("a function each", repeated(&|number| [&[0x2a, 6, 8][..], &id(number)].concat())),
        ("labels of one sample", [&[0x32, 0, 0x0a, 0][..], &inside(0x12, &[0x1a, 0])].concat()),
        ("lines of one location", [&[0x32, 0, 0x0a, 0][..], &one_function, &inside(0x22, &[0x22, 2, 8, 1])].concat()),
        ("a stack of locations with many lines", many_frames()),
        ("comments", [&[0x32, 0][..], &inside(0x6a, &[0])].concat()),
        ("values", [&[0x32, 0, 0x0a, 0][..], &inside(0x12, &[0x10, 0])].concat()),
    ]
}

/// Stacks of 1000 times the same location, which stands for 1000 calls.
fn many_frames() -> Vec<u8> {
    let message = |tag: u8, body: Vec<u8>| {
        let len = body.len() as u16;
        [vec![tag, len as u8 | 0x80, (len >> 7) as u8 | 0x80, (len >> 14) as u8], body].concat()
    };
    let location = message(0x22, [&[8, 1][..], &[0x22, 2, 8, 1].repeat(1000)].concat());
    let mut file = [&[0x32, 0, 0x0a, 0, 0x2a, 2, 8, 1][..], &location].concat();
    for length in 0..20 {
        file.extend(message(0x12, [&[8, 1].repeat(1000 + length)[..], &[0x10, 1]].concat()));
    }
    file
}

#[test]
fn recorded_and_damaged_profiles() {
    for (name, bytes) in recorded() {
        for choice in [0, 0x21, 0x42, 0x63, 0x74] {
            println!("{name} {choice}");
            goroscope_checks::run("profile", &[&[choice], &*bytes].concat());
        }
        for part in 1..24 {
            let at = bytes.len() * part / 24;
            goroscope_checks::run("profile", &[&[0], &bytes[..at]].concat());
            let mut damaged = [&[part as u8], &*bytes].concat();
            damaged[at..].iter_mut().step_by(997).for_each(|byte| *byte ^= 0x05);
            goroscope_checks::run("profile", &damaged);
        }
    }
    for (what, file) in hostile() {
        println!("{what}");
        goroscope_checks::run("profile", &[&[0], &*file].concat());
    }
}
