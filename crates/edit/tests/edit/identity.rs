//! A whole trace, written anew.

use goroscope_edit::{Pseudonyms, anonymize, repair};
use goroscope_reader::{Reader, Version};

use crate::lanes::{Happening, Lanes};
use crate::recorded::{KNOWN, names, quietly, trace};

#[test]
fn nothing_changes_but_where_states_are_told() {
    for name in names().iter().filter(|name| !name.starts_with("misuse")) {
        check(name);
    }
}

fn check(name: &str) {
    let file = trace(name);
    let edited = quietly(|progress| repair(&file, KNOWN, progress)).expect("a trace");
    assert_eq!((edited.counts.left_out, edited.counts.put_in), (0, 0), "{name}");
    let (before, after) = (Lanes::of(&file), Lanes::of(&edited.bytes));
    assert_eq!(after.losses, [], "{name}");
    assert_eq!(last(&edited.bytes), last(&file), "{name}: the end");
    let is_old = Reader::new(&file).expect("a trace").version().is_v1();
    let keys = |lanes: &Lanes| lanes.events.keys().cloned().collect::<Vec<_>>();
    if !is_old {
        assert_eq!(keys(&before), keys(&after), "{name}");
    }
    for (lane, expected) in &before.events {
        // The old format does not know on which thread a system call ends, so lanes of threads cannot be compared.
        if is_old && lane.starts_with("thread") {
            continue;
        }
        let found = after.events.get(lane).map(Vec::as_slice).unwrap_or_default();
        assert_eq!(found.len(), expected.len(), "{name}, {lane}");
        for (found, expected) in found.iter().zip(expected) {
            let found =
                if is_old { Happening { context: expected.context.clone(), ..found.clone() } } else { found.clone() };
            assert_eq!(&found, expected, "{name}, {lane}");
        }
    }
}

/// The latest time of any event, on the file's own clock.
fn last(file: &[u8]) -> i64 {
    let mut reader = Reader::new(file).expect("a trace");
    let mut last = i64::MIN;
    while let Some(event) = reader.next() {
        last = last.max(event.ts.0 + reader.clock_zero());
    }
    last
}

#[test]
fn writing_twice_changes_nothing_more() {
    for name in ["mix-1.27", "callback-1.25", "flight-1.25", "mix-1.21"] {
        let once = quietly(|progress| repair(&trace(name), KNOWN, progress)).expect("a trace").bytes;
        let twice = quietly(|progress| repair(&once, KNOWN, progress)).expect("a trace").bytes;
        assert!(once == twice, "{name}");
    }
}

#[test]
fn regions_that_end_in_the_wrong_order_are_put_right() {
    // Go's reader gives up on this one.
    let edited = quietly(|progress| repair(&trace("misuse-1.27"), KNOWN, progress)).expect("a trace");
    assert!(edited.counts.put_in > 0);
    let reader = Reader::new(&edited.bytes).expect("a trace");
    assert_eq!(reader.finish().diagnostics, []);
}

/// The frequency of a trace of the old format stands in it once, as a number of seven bits a byte.
fn slowed_down(file: &[u8], times: u64) -> Vec<u8> {
    let frequency = Reader::new(file).expect("a trace").finish().generations[0].frequency;
    let groups = u64::BITS.saturating_sub(frequency.leading_zeros()).div_ceil(7);
    let number = |value: u64| -> Vec<u8> {
        let more = |group: u32| if group + 1 < groups { 0x80 } else { 0 };
        (0..groups).map(|group| (value >> (7 * group) & 0x7f) as u8 | more(group)).collect()
    };
    let (before, after) = (number(frequency), number(frequency / times));
    let at = file.windows(before.len()).rposition(|window| window == before).expect("the frequency");
    [&file[..at], &after, &file[at + before.len()..]].concat()
}

#[test]
fn a_long_trace_of_the_old_format_becomes_several_generations() {
    for name in ["mix-1.19", "mix-1.21"] {
        // 82 ms become quarter of an hour.
        let file = slowed_down(&trace(name), 10_000);
        let edited = quietly(|progress| repair(&file, KNOWN, progress)).expect("a trace");
        assert_eq!((edited.counts.left_out, edited.counts.put_in), (0, 0), "{name}");
        let generations = Reader::new(&edited.bytes).expect("a trace").finish().generations;
        assert!(generations.len() > 5, "{name}: {}", generations.len());
        let (before, after) = (Lanes::of(&file), Lanes::of(&edited.bytes));
        assert!(before.last - before.first > 600_000_000_000, "{name}");
        assert_eq!(after.losses, [], "{name}");
        for lane in before.states.keys() {
            let changes = |lanes: &Lanes| -> Vec<(i64, String)> {
                // On which thread a system call is was not written.
                let state = |state: &str| state.strip_prefix("Syscall").map_or(state, |_| "Syscall").to_owned();
                lanes.states[lane].iter().map(|change| (change.time, state(&change.state))).collect()
            };
            assert_eq!(changes(&after), changes(&before), "{name}, {lane}");
        }
        let window = goroscope_edit::Window { from: 100_000_000_000, to: 400_000_000_000 };
        let part = quietly(|progress| goroscope_edit::cut(&file, KNOWN, window, progress)).expect("a window");
        assert_eq!(Lanes::of(&part.bytes).losses, [], "{name}");
    }
}

/// A trace of Go 1.21 of more than a minute becomes several generations: all with the clock that it had, of 64 ns.
#[test]
fn a_long_trace_keeps_its_clock() {
    let mut file = Version::Go121.header().to_vec();
    // A batch of proc 0 from tick 100 on: goroutine 1 is there, one proc, thread 7 starts it, the goroutine runs.
    file.extend([0x41, 0, 100, 0xcd, 4, 0, 1, 0, 0, 0x84, 0, 1, 0, 0x45, 0, 7, 0x66, 0, 1]);
    // It yields again and again, 64 s apart.
    for _ in 0..3 {
        file.extend([0x51, 0x80, 0x94, 0xeb, 0xdc, 0x03, 0, 0x66, 0, 1]);
    }
    // The frequency: 15,625,000.
    file.extend([0x02, 0xa8, 0xd6, 0xb9, 0x07]);
    let edited = quietly(|progress| anonymize(&file, KNOWN, Pseudonyms::Counted, progress)).expect("a trace");
    let finished = Reader::new(&edited.bytes).expect("a trace").finish();
    let clocks: Vec<u64> = finished.generations.iter().map(|generation| generation.frequency).collect();
    assert_eq!((clocks, finished.diagnostics.len()), (vec![15_625_000; 4], 0), "{:?}", finished.diagnostics);
}
