//! Every way to take events from a reader gives the same ones.

mod packed;

use goroscope_reader::{Event, Finished, Reader, read_ahead};

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

/// All that a reader gives.
fn everything(mut reader: Reader<'_>) -> (Vec<Event>, Finished) {
    let (mut events, mut batch) = (Vec::new(), Vec::new());
    while reader.fill(&mut batch, 512) {
        events.extend_from_slice(&batch);
    }
    (events, reader.finish())
}

#[track_caller]
fn check_ahead(name: &str, file: &[u8]) {
    let (events, finished) = everything(Reader::new(file).expect("a trace"));
    let (events_ahead, finished_ahead) = read_ahead(file, everything).expect("a trace");
    assert_eq!(events_ahead, events, "{name}");
    assert_eq!(finished_ahead.generations, finished.generations, "{name}");
    assert_eq!(finished_ahead.diagnostics, finished.diagnostics, "{name}");
    assert_eq!((finished_ahead.counts, finished_ahead.bytes), (finished.counts, finished.bytes), "{name}");
}

#[test]
fn a_second_thread_changes_nothing() {
    for name in TRACES {
        check_ahead(name, &packed::recorded(name));
    }
}

#[test]
fn a_second_thread_changes_nothing_of_damage() {
    let whole = packed::recorded("mix-1.27");
    for part in 1..20 {
        let mut file = whole.clone();
        let at = file.len() * part / 20;
        file[at..at + 3].fill(0xff);
        file.remove(at / 2);
        check_ahead(&format!("damaged at {at}"), &file);
        file.truncate(at);
        check_ahead(&format!("damaged and cut at {at}"), &file);
    }
}

#[test]
fn reading_ahead_may_stop_anywhere() {
    let file = packed::recorded("mix-1.27");
    for count in [0, 1, 700, 2000] {
        let taken = read_ahead(&file, |mut reader| (0..count).map_while(|_| reader.next()).count());
        assert_eq!(taken, Ok(count));
        let position = read_ahead(&file, |mut reader| {
            (0..count).map_while(|_| reader.next()).for_each(drop);
            reader.position()
        });
        assert!(position.is_ok_and(|position| position <= file.len() as u64));
    }
}
