//! Windows of traces: the states at any time in them and what happens in them are those of the whole.

use goroscope_edit::{CutError, Window, cut};

use crate::lanes::{Happening, Lanes};
use crate::recorded::{KNOWN, Random, names, quietly, trace};

#[test]
fn states_and_events_are_those_of_the_whole() {
    for (name, seed) in names().iter().zip(1..) {
        if !name.starts_with("misuse") {
            check(name, &mut Random(seed), 12);
        }
    }
}

fn check(name: &str, random: &mut Random, times: usize) {
    let file = trace(name);
    let whole = Lanes::of(&file);
    let length = whole.last - whole.first;
    for _ in 0..times {
        let from = whole.first - whole.zero + random.below(length as usize) as i64;
        let to = from + 1 + (length >> random.below(14));
        let window = match random.below(8) {
            0 => Window { from: i64::MIN, to },
            1 => Window { from, to: i64::MAX },
            _ => Window { from, to },
        };
        let edited = match quietly(|progress| cut(&file, KNOWN, window, progress)) {
            Ok(edited) => edited,
            // Only samples and states are so late.
            Err(CutError::Beyond { .. }) => continue,
            Err(error @ CutError::Open(_)) => panic!("{name}: {error:?}"),
        };
        assert_eq!((edited.counts.left_out, edited.counts.put_in), (0, 0), "{name}, {window:?}");
        let part = Lanes::of(&edited.bytes);
        assert_eq!(part.losses, [], "{name}, {window:?}");
        let begin = window.from.max(whole.first - whole.zero) + whole.zero;
        let end = window.to.min(whole.last - whole.zero) + whole.zero;
        for _ in 0..3 {
            let time = begin + random.below((end - begin).max(1) as usize) as i64;
            compare_states(&whole, &part, time, &format!("{name}, {window:?}"));
        }
        compare_events(&whole, &part, (begin, end), &format!("{name}, {window:?}"));
    }
}

fn compare_states(whole: &Lanes, part: &Lanes, time: i64, what: &str) {
    for lane in whole.states.keys() {
        let (expected, found) = (whole.state_at(lane, time), part.state_at(lane, time));
        // The old format does not say on which thread a system call is.
        let is_unsaid = expected == "Syscall thread -1" && found.starts_with("Syscall");
        // That a proc idled before it is first mentioned, behind the window, only the whole trace can say.
        let is_later = lane.starts_with("proc ") && expected.trim() == "Idle" && found.trim() == "NotExist";
        assert!(expected == found || is_unsaid || is_later, "{what}, {lane} at {time}: {expected} became {found}");
    }
    for lane in part.states.keys() {
        assert!(whole.states.contains_key(lane), "{what}: {lane} is new");
    }
}

/// At the edges are also events whose clocks say that they are outside.
fn compare_events(whole: &Lanes, part: &Lanes, (begin, end): (i64, i64), what: &str) {
    for (lane, all) in &whole.events {
        let inside = |events: &[Happening]| -> Vec<(i64, String)> {
            let inside = events.iter().filter(|event| event.time > begin && event.time < end);
            inside.map(|event| (event.time, event.what.clone())).collect()
        };
        let found = part.events.get(lane).map(Vec::as_slice).unwrap_or_default();
        // Ends of system calls of the old format are on no thread there.
        assert_eq!(inside(found), inside(all), "{what}, {lane}");
    }
}

#[test]
fn nothing_is_behind_the_end() {
    let file = trace("coro-1.27");
    let window = Window { from: 1_000_000_000_000, to: i64::MAX };
    let error = quietly(|progress| cut(&file, KNOWN, window, progress)).expect_err("no window");
    assert_eq!(error, CutError::Beyond { end: Lanes::of(&file).last - Lanes::of(&file).zero });
}

#[test]
fn a_part_without_events_has_states() {
    let file = trace("late-1.27");
    let whole = Lanes::of(&file);
    // The longest time in which nothing happens.
    let mut times: Vec<i64> = whole.events.values().flatten().map(|event| event.time).collect();
    times.sort_unstable();
    let pair = times.windows(2).max_by_key(|pair| pair[1] - pair[0]).expect("events");
    let (from, to) = (pair[0] - whole.zero + 1000, pair[1] - whole.zero - 1000);
    let edited = quietly(|progress| cut(&file, KNOWN, Window { from, to }, progress)).expect("a window");
    let part = Lanes::of(&edited.bytes);
    assert_eq!(part.losses, []);
    assert!(part.events.is_empty(), "{:?}", part.events);
    compare_states(&whole, &part, pair[0] + 2000, "in the gap");
    assert!(part.states.len() > 10);
}
