//! Tables with a damaged place: what is lost, and where they go on.

use goroscope_wire::{HEADER_LEN, Item, Version, text};

use super::*;

const STRINGS: &str = "String id=1 data=\"first\"\nString id=2 data=\"second\"\nString id=3 data=\"third\"\n\
    String id=4 data=\"fourth\"\nString id=5 data=\"fifth\"";
const STACKS: &str = "Stack id=1\npc=70001 func=1 file=2 line=3\npc=70002 func=1 file=2 line=4\nStack id=2\n\
    pc=70003 func=1 file=2 line=5\nStack id=3\npc=70004 func=1 file=2 line=6\nStack id=4\npc=70005 func=1 file=2 line=7";

/// The data of a table.
fn table(kind: &str, entries: &str) -> Vec<u8> {
    let text = format!("Trace Go1.26\nEventBatch gen=1 m=- time=100\n{kind}\n{entries}\nEndOfGeneration");
    let file = text::parse(&text).unwrap_or_else(|error| panic!("{error} in {text}"));
    match goroscope_wire::Batches::new(Version::Go126, &file, HEADER_LEN as u64).next() {
        Some(Ok(Item::Batch(batch))) => batch.data.to_vec(),
        other => panic!("{other:?}"),
    }
}

/// The texts that are left of the strings, and what is lost from where to where.
fn strings(data: &[u8]) -> (Vec<String>, Vec<(u64, Option<u64>)>) {
    let batch = batch(data, BatchKind::Strings);
    let (mut texts, mut gaps) = (Vec::new(), Vec::new());
    let mut entries = goroscope_wire::strings(&batch);
    let mut last = None;
    loop {
        let start = entries.offset();
        match entries.next() {
            Some(Ok(entry)) => {
                texts.push(String::from_utf8_lossy(entry.bytes).into_owned());
                last = Some(start);
            }
            Some(Err(error)) => {
                let gap = Sense::Strings { most_id: 100 }.pass(&batch, error, start, last.take());
                if gap.takes_last {
                    texts.pop();
                }
                gaps.push((gap.from, gap.to));
                let to = gap.to.unwrap_or(data.len() as u64);
                entries = Strings::behind(&data[to as usize..], to);
            }
            None => return (texts, gaps),
        }
    }
}

fn batch(data: &[u8], kind: BatchKind) -> Batch<'_> {
    Batch { generation: 1, thread: u64::MAX, time: 100, kind, data, offset: 0, data_offset: 0 }
}

/// Where the entry of a string begins.
fn place_of(data: &[u8], text: &str) -> usize {
    data.windows(text.len()).position(|window| window == text.as_bytes()).expect("it is there") - 3
}

fn check_strings(damage: impl FnOnce(&mut Vec<u8>), expected: &[&str]) {
    let mut data = table("Strings", STRINGS);
    damage(&mut data);
    let (texts, gaps) = strings(&data);
    assert_eq!(texts, expected, "{gaps:?}");
    assert_eq!(gaps.len(), 1, "{gaps:?}");
    let (from, to) = gaps[0];
    assert!(to.is_none_or(|to| from < to), "{gaps:?}");
}

#[test]
fn strings_go_on_behind_a_bad_one() {
    let second = place_of(&table("Strings", STRINGS), "second");
    check_strings(|data| data[second] = 77, &["first", "third", "fourth", "fifth"]);
    check_strings(|data| data[second..second + 9].fill(0), &["first", "third", "fourth", "fifth"]);
    check_strings(|data| drop(data.drain(second..second + 5)), &["third", "fourth", "fifth"]);
    // Longer than it is: it swallowed a part of the third.
    check_strings(|data| data[second + 2] = 11, &["first", "third", "fourth", "fifth"]);
    // Shorter than it is: "sec" would be a wrong name.
    check_strings(|data| data[second + 2] = 3, &["first", "third", "fourth", "fifth"]);
    check_strings(|data| data[second + 2..].fill(0xff), &["first"]);
}

#[test]
fn stacks_go_on_behind_a_bad_one() {
    let sense = Sense::of_stacks(5);
    let data = table("Stacks", STACKS);
    let places: Vec<u64> = {
        let (batch, mut frames) = (batch(&data, BatchKind::Stacks), Vec::new());
        let mut stacks = Stacks::new(&batch);
        std::iter::from_fn(|| {
            let at = stacks.offset().max(1);
            stacks.next(&mut frames).map(|_| at)
        })
        .collect()
    };
    let pass = |damaged: &[u8]| {
        let (batch, mut frames) = (batch(damaged, BatchKind::Stacks), Vec::new());
        let mut stacks = Stacks::new(&batch);
        let mut last = None;
        loop {
            let start = stacks.offset();
            match stacks.next(&mut frames) {
                Some(Ok(_)) => last = Some(start),
                Some(Err(error)) => return Some(sense.pass(&batch, error, start, last)),
                None => return None,
            }
        }
    };
    assert!(pass(&data).is_none());
    for (frames, from) in [(1, places[0]), (3, places[0])] {
        let mut damaged = data.clone();
        damaged[places[0] as usize + 2] = frames;
        let gap = pass(&damaged).expect("an error");
        assert_eq!((gap.from.max(1), gap.to, gap.takes_last), (from, Some(places[1]), true), "{frames} frames");
    }
    let mut damaged = data.clone();
    damaged[places[1] as usize] = 200;
    let gap = pass(&damaged).expect("an error");
    assert_eq!((gap.from, gap.to, gap.takes_last), (places[1], Some(places[2]), false));
}

#[test]
fn a_table_is_known_without_its_header() {
    let strings = table("Strings", STRINGS);
    let stacks = table("Stacks", STACKS);
    for (data, expected) in [
        (strings.clone(), Some((BatchKind::Strings, 0))),
        ([&[1, 2, 3], &strings[..]].concat(), Some((BatchKind::Strings, 3))),
        (stacks.clone(), Some((BatchKind::Stacks, 0))),
        (stacks[..stacks.len() - 1].to_vec(), None),
        ([&strings[..], &[1]].concat(), None),
        (vec![3; 500], None),
        (Vec::new(), None),
    ] {
        assert_eq!(table_in(&data), expected, "{data:?}");
    }
}
