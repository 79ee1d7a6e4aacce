//! Every way to take events from a reader gives the same ones.

mod packed;

use std::num::NonZero;

use goroscope_reader::{Event, Finished, ReadAhead, ReadOptions, Reader, read_ahead};

const TRACES: [&str; 4] = ["mix-1.19", "mix-1.27", "crowd-1.27", "misuse-1.27"];

/// Traces of several generations.
const GENERATIONS: [&str; 6] =
    ["callback-1.22", "collect-1.27", "coro-1.27", "tasks-1.25", "pubsub-concurrent", "pubsub-serial"];

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

/// Ways to read with other threads: how many, and how many events they may be ahead.
const CREWS: [(usize, usize); 5] = [(2, 1 << 20), (3, 1 << 20), (3, 1), (4, 5_000), (8, 1 << 20)];

fn crews() -> impl Iterator<Item = ReadAhead> {
    CREWS.into_iter().filter_map(|(threads, events)| {
        let bytes = events * threads * size_of::<Event>();
        Some(ReadAhead { threads: NonZero::new(threads)?, bytes })
    })
}

#[track_caller]
fn check_ahead(name: &str, file: &[u8]) {
    let (events, finished) = everything(Reader::new(file).expect("a trace"));
    for crew in crews() {
        let (events_ahead, finished_ahead) =
            read_ahead(file, ReadOptions::default(), crew, everything).expect("a trace");
        let different = events.iter().zip(&events_ahead).position(|(one, other)| one != other);
        assert_eq!((different, events_ahead.len()), (None, events.len()), "{name}, {crew:?}");
        assert_eq!(format!("{finished_ahead:?}"), format!("{finished:?}"), "{name}, {crew:?}");
    }
}

#[test]
fn other_threads_change_nothing() {
    for name in TRACES.into_iter().chain(GENERATIONS) {
        check_ahead(name, &packed::recorded(name));
    }
}

#[test]
fn other_threads_change_nothing_of_damage() {
    for name in ["mix-1.27", "tasks-1.25", "callback-1.27"] {
        let whole = packed::recorded(name);
        for part in 1..20 {
            let mut file = whole.clone();
            let at = file.len() * part / 20;
            file[at..at + 3].fill(0xff);
            file.remove(at / 2);
            check_ahead(&format!("{name}, damaged at {at}"), &file);
            file.truncate(at);
            check_ahead(&format!("{name}, damaged and cut at {at}"), &file);
        }
    }
}

#[test]
fn reading_ahead_may_stop_anywhere() {
    let file = packed::recorded("mix-1.27");
    for crew in crews() {
        for count in [0, 1, 700, 2000] {
            let read = |mut reader: Reader<'_>| (0..count).map_while(|_| reader.next()).count();
            assert_eq!(read_ahead(&file, ReadOptions::default(), crew, read), Ok(count));
            let position = read_ahead(&file, ReadOptions::default(), crew, |mut reader| {
                (0..count).map_while(|_| reader.next()).for_each(drop);
                reader.position()
            });
            assert!(position.is_ok_and(|position| position <= file.len() as u64));
        }
    }
}
