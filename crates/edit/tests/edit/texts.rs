//! Texts that are longer than the format of the output allows, which only traces of Go 1.11 to 1.21 have.

use goroscope_edit::{Edited, Pseudonyms, anonymize, repair};
use goroscope_reader::{EventKind, Reader};

use crate::recorded::{KNOWN, quietly, trace};

/// A message that every recorded `mix` logs once.
const MESSAGE: &str = "two words, and ünïcödé";

/// The trace with another text in that place: its length, in numbers of seven bits, and its bytes.
fn with_message(name: &str, text: &str) -> Vec<u8> {
    let mut file = trace(name);
    let old = MESSAGE.as_bytes();
    let at = file.windows(old.len()).position(|window| window == old).expect("the message");
    assert_eq!(usize::from(file[at - 1]), old.len());
    let length = [text.len() as u8 & 0x7f | 0x80, (text.len() >> 7) as u8];
    file.splice(at - 1..at + old.len(), [&length, text.as_bytes()].concat());
    file
}

fn messages(file: &[u8]) -> Vec<String> {
    let mut reader = Reader::new(file).expect("a trace");
    let mut rows = Vec::new();
    while let Some(event) = reader.next() {
        if let EventKind::Log { message, .. } = event.kind {
            rows.push(message);
        }
    }
    let finished = reader.finish();
    assert_eq!(finished.diagnostics, []);
    rows.into_iter().map(|row| finished.symbols.string(row).to_owned()).collect()
}

fn check(edited: &Edited, shortened: u64, message: &str) {
    assert_eq!(edited.counts.shortened, shortened);
    assert!(messages(&edited.bytes).iter().any(|found| found == message), "{message}");
}

#[test]
fn long_texts_are_cut_between_characters_and_counted() {
    for name in ["mix-1.19", "mix-1.21"] {
        // 1 + 2 × 600 bytes; the 1,024th is inside of a character.
        let long = format!("x{}", "é".repeat(600));
        let file = with_message(name, &long);
        assert!(messages(&file).contains(&long), "{name}");
        let repaired = quietly(|progress| repair(&file, KNOWN, progress)).expect("a trace");
        check(&repaired, 1, &format!("x{}", "é".repeat(511)));
        let anonymous = quietly(|progress| anonymize(&file, KNOWN, Pseudonyms::Counted, progress)).expect("a trace");
        check(&anonymous, 0, "text1");
        let longest = "y".repeat(1024);
        let file = with_message(name, &longest);
        check(&quietly(|progress| repair(&file, KNOWN, progress)).expect("a trace"), 0, &longest);
    }
}
