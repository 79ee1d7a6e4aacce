//! Damage to traces of Go 1.19 and 1.21: the reader ends, never panics, loses no more than there is, and says what.

mod packed;

use goroscope_reader::{Event, EventKind, Finished, GoState, ProcState, Reader, Severity, Version};
use goroscope_wire::HEADER_LEN;
use goroscope_wire::v1::{Record, Records};

fn traces() -> [Vec<u8>; 2] {
    ["mix-1.19", "mix-1.21"].map(packed::recorded)
}

/// What holds for any file with a header.
fn check(file: &[u8], what: &str) -> (Vec<Event>, Finished) {
    let mut reader = Reader::new(file).expect("the header is whole");
    let (mut events, mut position) = (Vec::new(), 0);
    while let Some(event) = reader.next() {
        events.push(event);
        assert!(events.len() <= 3 * file.len(), "{what}: more events than bytes");
        assert!((position..=file.len() as u64).contains(&reader.position()), "{what}: it only grows");
        position = reader.position();
    }
    assert_eq!(reader.position(), file.len() as u64, "{what}");
    let finished = reader.finish();
    let len = file.len() as u64;
    let lost: u64 = finished.diagnostics.iter().map(|diagnostic| diagnostic.lost_bytes).sum();
    assert!(lost <= len, "{what}: {lost} bytes lost of {len}");
    assert!(finished.diagnostics.iter().all(|diagnostic| diagnostic.offset <= len), "{what}");
    for event in &events {
        assert!(event.stack.index() < finished.symbols.stack_count(), "{what}: {event:?}");
    }
    (events, finished)
}

#[test]
fn whole() {
    for file in traces() {
        let (_, finished) = check(&file, "whole");
        assert!(finished.diagnostics.is_empty(), "{:?}", finished.diagnostics);
        assert!(finished.generations.iter().all(|generation| generation.complete));
        let counted: u64 = finished.bytes.iter().sum();
        assert_eq!(counted, (file.len() - HEADER_LEN) as u64, "every byte is a record's");
    }
}

#[test]
fn cut() {
    for file in traces() {
        let (all, _) = check(&file, "whole");
        for len in (HEADER_LEN..file.len()).step_by(37) {
            let (events, finished) = check(&file[..len], &format!("cut at {len}"));
            let losses = finished.diagnostics.iter().filter(|diagnostic| diagnostic.severity == Severity::Loss);
            assert!(losses.count() > 0, "cut at {len}: the clock is at the end");
            // Whatever stands in the file is shown, but each event at most once.
            assert!(events.len() <= all.len() + 100, "cut at {len}");
        }
    }
}

#[test]
fn flipped() {
    for file in traces() {
        for (number, at) in (HEADER_LEN..file.len()).step_by(23).enumerate() {
            let mut damaged = file.clone();
            damaged[at] ^= [0x01, 0x80, 0xff, 0x10, 0x41][number % 5];
            check(&damaged, &format!("byte {at}"));
        }
    }
}

#[test]
fn most_is_kept_around_a_hole() {
    for file in traces() {
        let (all, _) = check(&file, "whole");
        let mut damaged = file.clone();
        let middle = file.len() / 3;
        damaged[middle..middle + 100].fill(0);
        let (events, finished) = check(&damaged, "a hole");
        assert!(events.len() * 10 > all.len() * 6, "{} of {}", events.len(), all.len());
        assert!(
            finished.diagnostics.iter().any(|diagnostic| diagnostic.lost_bytes >= 100),
            "{:?}",
            finished.diagnostics
        );
    }
}

/// What refers to a lost entry of a table is kept, and the other entries are read.
#[test]
fn a_bad_entry_of_a_table() {
    for file in traces() {
        let (all, _) = check(&file, "whole");
        let version = goroscope_wire::parse_header(&file).expect("a header");
        let mut records = Records::new(version, &file[HEADER_LEN..], HEADER_LEN as u64);
        let mut entries = Vec::new();
        loop {
            let at = records.offset() as usize;
            match records.next() {
                Some(Ok(Record::String { .. } | Record::Stack(_))) => entries.push(at..records.offset() as usize),
                Some(Ok(_)) => {}
                Some(Err(error)) => panic!("{error}"),
                None => break,
            }
        }
        let mut lost = 0;
        let tries: Vec<_> = entries.iter().skip(7).step_by(19).collect();
        for entry in &tries {
            let mut damaged = file.clone();
            damaged[entry.start..entry.end.min(entry.start + 8)].fill(0);
            let (events, finished) = check(&damaged, &format!("entry at {entry:?}"));
            assert!(events.len().abs_diff(all.len()) < 10, "entry at {entry:?}: {} of {}", events.len(), all.len());
            lost += finished.diagnostics.iter().map(|it| it.lost_bytes).sum::<u64>();
        }
        let average = lost / tries.len() as u64;
        let most = entries.iter().map(std::ops::Range::len).sum::<usize>() / entries.len() * 2;
        assert!(average <= most as u64, "{average} bytes are lost, more than {most}");
    }
}

#[test]
fn noise() {
    let mut state = 88_172_645_463_325_252_u64;
    for round in 0..300 {
        let mut file = [Version::Go111, Version::Go119, Version::Go121][round % 3].header().to_vec();
        for _ in 0..round * 4 {
            state ^= state << 13;
            state ^= state >> 7;
            state ^= state << 17;
            // Mostly small numbers and batches, so that some of it is read.
            file.push(if state.is_multiple_of(8) { 0x41 } else { (state >> 8) as u8 >> (state >> 20 & 7) });
        }
        check(&file, &format!("round {round}"));
    }
}

/// Thousands of procs that all wait for one goroutine must not take thousands times thousands of steps.
#[test]
fn many_that_wait_for_one() {
    let mut file = Version::Go121.header().to_vec();
    for proc in 0..20_000_u32 {
        file.extend([0x41, proc as u8 | 0x80, (proc >> 7) as u8 | 0x80, (proc >> 14) as u8, 1]);
        // Goroutine 5 starts, yields and is woken; the first and the last in the local form, which waits for a state only.
        file.extend([0x66, 0, 5, 0x51, 0, 0, 0xa7, 0, 5, 0]);
    }
    check(&file, "a crowd");
}

/// Behind the cut, what each proc and goroutine did is known only until the proc's last event.
#[test]
fn nothing_is_certain_behind_a_cut() {
    for file in traces() {
        let (events, finished) = check(&file[..file.len() / 4], "cut");
        let is_lost = |event: &&Event| {
            matches!(
                event.kind,
                EventKind::Go { to: GoState::Undetermined, .. } | EventKind::Proc { to: ProcState::Undetermined, .. }
            )
        };
        let last = events.iter().map(|event| event.ts).max().expect("events");
        let ends: Vec<_> = events.iter().filter(is_lost).map(|event| event.ts).collect();
        assert!(ends.len() > 10 && ends.iter().all(|end| *end <= last), "{ends:?} {:?}", finished.diagnostics);
        let first = *ends.iter().min().expect("some");
        assert_eq!(finished.lost, [(first, last)]);
        assert!(first < last);
    }
}

/// Flips `count` bits behind the first batch's header, in the same places every time.
fn with_flips(file: &[u8], count: usize, seed: u64) -> Vec<u8> {
    let mut damaged = file.to_vec();
    let mut state = seed;
    for _ in 0..count {
        state = state.wrapping_mul(6_364_136_223_846_793_005).wrapping_add(1_442_695_040_888_963_407);
        let place = (state >> 20) as usize % (file.len() - 64);
        damaged[64 + place] ^= 1 << (state >> 61);
    }
    damaged
}

#[test]
fn flipped_bits_cost_what_they_touch() {
    for file in traces() {
        let (all, _) = check(&file, "whole");
        let length = all.iter().map(|event| event.ts.0).max();
        for seed in 0..30 {
            // The clock may be among it: then the usual one is taken, which is less than four times as slow.
            for (count, most_lost) in [(1, 20), (20, 200)] {
                let what = format!("{count} flips, seed {seed}, {} bytes", file.len());
                let (events, _) = check(&with_flips(&file, count, seed), &what);
                assert!(events.len() + most_lost > all.len(), "{what}: {} of {} events", events.len(), all.len());
                assert!(events.iter().map(|event| event.ts.0).max() < length.map(|length| 4 * length), "{what}");
            }
        }
    }
}
