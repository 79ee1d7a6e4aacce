//! Anonymous traces: nothing of the program's texts is left, and all else is as it was.

use std::collections::{BTreeMap, BTreeSet};

use goroscope_edit::{Pseudonyms, anonymize, repair};
use goroscope_reader::{EventKind, Reader, Symbols};

use crate::lanes::Lanes;
use crate::recorded::{KNOWN, names, quietly, trace};

fn anonymous(file: &[u8], names: Pseudonyms) -> Vec<u8> {
    quietly(|progress| anonymize(file, KNOWN, names, progress)).expect("a trace").bytes
}

/// The texts that the program brought: of functions that are not Go's, annotations and logs.
fn texts(file: &[u8]) -> BTreeSet<String> {
    let mut reader = Reader::new(file).expect("a trace");
    let mut rows = BTreeSet::new();
    while let Some(event) = reader.next() {
        match event.kind {
            EventKind::TaskBegin { name, .. }
            | EventKind::RegionBegin { name, .. }
            | EventKind::RegionEnd { name, .. } => {
                rows.insert(name.0);
            }
            EventKind::Log { category, message, .. } => rows.extend([category.0, message.0]),
            _ => {}
        }
    }
    let symbols = reader.finish().symbols;
    let mut texts: BTreeSet<String> = (0..symbols.string_count() as u32)
        .filter(|row| rows.contains(row))
        .map(|row| symbols.string(goroscope_reader::StringIdx(row)).to_owned())
        .collect();
    for (function, file) in frames(&symbols) {
        if function.contains("programs/") || function.starts_with("main.") || file.contains("programs/") {
            texts.extend([function, file]);
        }
    }
    texts.remove("");
    texts
}

fn frames(symbols: &Symbols) -> Vec<(String, String)> {
    let frame = |row| {
        let frame = symbols.frame(goroscope_reader::FrameIdx(row));
        (symbols.string(frame.function).to_owned(), symbols.string(frame.file).to_owned())
    };
    (0..symbols.frame_count() as u32).map(frame).collect()
}

#[test]
fn no_text_of_the_program_is_left() {
    for name in names() {
        let file = trace(&name);
        let texts = texts(&file);
        assert!(texts.len() > 3, "{name}: {texts:?}");
        for names in [Pseudonyms::Counted, Pseudonyms::Keyed("key".into())] {
            let bytes = anonymous(&file, names);
            let symbols = Reader::new(&bytes).expect("a trace").finish().symbols;
            let kept: BTreeSet<String> =
                frames(&symbols).into_iter().flat_map(|(function, file)| [function, file]).collect();
            for text in &texts {
                assert!(!kept.contains(text), "{name}: {text:?}");
                // Shorter ones are in any file by chance, and `syscall.write` contains the name of a region.
                let is_in_go = !text.contains('/') && kept.iter().any(|kept| kept.contains(text.as_str()));
                let is_left = text.len() > 4 && bytes.windows(text.len()).any(|window| window == text.as_bytes());
                assert!(is_in_go || !is_left, "{name}: {text:?}");
            }
        }
    }
}

#[test]
fn all_else_is_as_it_was() {
    for name in ["mix-1.27", "mix-1.22", "mix-1.21", "coro-1.27", "pubsub-concurrent"] {
        let file = trace(name);
        let plain = quietly(|progress| repair(&file, KNOWN, progress)).expect("a trace").bytes;
        let (plain, anonymous) = (Lanes::of(&plain), Lanes::of(&anonymous(&file, Pseudonyms::Counted)));
        assert_eq!(anonymous.losses, [], "{name}");
        assert_eq!(anonymous.states, plain.states, "{name}");
        // Each text has one new name, and each name one text.
        let (mut there, mut back) = (BTreeMap::new(), BTreeMap::new());
        for (lane, events) in &plain.events {
            let others = &anonymous.events[lane];
            assert_eq!(events.len(), others.len(), "{name}, {lane}");
            for (event, other) in events.iter().zip(others) {
                assert_eq!((event.time, &event.context), (other.time, &other.context), "{name}, {lane}");
                assert_eq!(there.entry(&event.what).or_insert(&other.what), &&other.what, "{name}");
                assert_eq!(back.entry(&other.what).or_insert(&event.what), &&event.what, "{name}");
            }
        }
    }
}

#[test]
fn functions_of_go_and_reasons_stay() {
    let bytes = anonymous(&trace("mix-1.27"), Pseudonyms::Counted);
    let lanes = Lanes::of(&bytes);
    let said = |what: &str| lanes.events.values().flatten().any(|event| event.what.contains(what));
    for what in ["\"chan receive\"", "\"sleep\"", "\"stop-the-world (GC sweep termination)\"", " runtime.", "runtime/"]
    {
        assert!(said(what), "{what}");
    }
    assert!(!said("main.main") && said("pkg1.func"));
}

#[test]
fn a_key_makes_the_same_names_in_all_traces() {
    let names = |name: &str, key: &str| -> BTreeSet<String> {
        let bytes = anonymous(&trace(name), Pseudonyms::Keyed(key.into()));
        let symbols = Reader::new(&bytes).expect("a trace").finish().symbols;
        frames(&symbols).into_iter().map(|(function, _)| function).filter(|name| name.starts_with("pkg")).collect()
    };
    let (a, b) = (names("mix-1.26", "one"), names("mix-1.27", "one"));
    assert!(a.intersection(&b).count() > 10, "the same program, and {:?}", a.intersection(&b));
    assert!(names("mix-1.27", "two").is_disjoint(&b));
}

#[test]
fn batches_of_experiments_are_left_out() {
    let file = trace("allocfree-1.27");
    let edited = quietly(|progress| anonymize(&file, KNOWN, Pseudonyms::Counted, progress)).expect("a trace");
    assert!(edited.experimental_left_out > 0);
    assert_eq!(edited.experimental, 0);
    assert_eq!(Reader::new(&edited.bytes).expect("a trace").finish().experimental, []);
    let kept = quietly(|progress| repair(&file, KNOWN, progress)).expect("a trace");
    assert_eq!(kept.experimental, edited.experimental_left_out);
    assert_eq!(Reader::new(&kept.bytes).expect("a trace").finish().experimental.len() as u64, kept.experimental);
}
