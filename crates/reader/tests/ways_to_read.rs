//! Every way to take events from a reader gives the same ones.

mod packed;

use goroscope_reader::{Event, Reader};

const TRACES: [&str; 4] = ["mix-1.19", "mix-1.27", "crowd-1.27", "misuse-1.27"];

fn one_by_one(file: &[u8]) -> Vec<Event> {
    let mut reader = Reader::new(file).expect("a trace");
    std::iter::from_fn(|| reader.next()).collect()
}

#[test]
fn filled_batches_hold_what_next_gives() {
    for name in TRACES {
        let file = packed::recorded(name);
        let expected = one_by_one(&file);
        for count in [1, 7, 512, 100_000] {
            let mut reader = Reader::new(&file).expect("a trace");
            let (mut events, mut batch) = (Vec::new(), Vec::new());
            while reader.fill(&mut batch, count) {
                let most = if name == "mix-1.19" { usize::MAX } else { count + 8 };
                assert!(batch.len() <= most, "{name}: {} events instead of {count}", batch.len());
                events.extend_from_slice(&batch);
            }
            assert!(batch.is_empty() && reader.next().is_none(), "{name}: nothing is left");
            assert_eq!(events, expected, "{name}, {count} at a time");
        }
    }
}

#[test]
fn next_and_fill_may_take_turns() {
    for name in TRACES {
        let file = packed::recorded(name);
        let mut reader = Reader::new(&file).expect("a trace");
        let (mut events, mut batch) = (Vec::new(), Vec::new());
        loop {
            events.extend((0..5).map_while(|_| reader.next()));
            if !reader.fill(&mut batch, 100) {
                break;
            }
            events.extend_from_slice(&batch);
        }
        assert_eq!(events, one_by_one(&file), "{name}");
    }
}
