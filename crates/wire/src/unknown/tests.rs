//! Batches by hand, and how many arguments the unknown events in them are taken to have.

use super::*;
use crate::TraceWriter;

/// What the parts of a batch of thread 7 are, if the file has this batch so many times.
fn check(data: &[u8], times: usize, expected: &[&str]) {
    let mut file = TraceWriter::new(Version::Go126).into_bytes();
    for _ in 0..times {
        file.extend([1, 1, 7, 100, data.len() as u8]);
        file.extend(data);
    }
    let guesses = Guesses::learn(Version::Go126, &file);
    let batch = whole_batches(Version::Go126, &file).next().expect("a batch");
    let parts = guesses.parts(&batch);
    let show = |part: &Part<'_>| match part {
        Part::Known(batch) => format!("{} bytes at {}", batch.data.len(), batch.time),
        Part::Unknown(event) => {
            let args = event.args.get(..usize::from(event.count)).expect("a count");
            format!("{} at {}: {args:?}", event.number, event.time)
        }
    };
    let found: Vec<String> = parts.iter().map(show).collect();
    assert_eq!(found, expected);
}

#[test]
fn what_follows_tells_how_many_arguments() {
    // 13 ProcStatus, 37 HeapAlloc, 20 GoBlock; 61 is unknown.
    check(&[13, 1, 0, 1, 61, 5, 7, 50, 37, 1, 7], 1, &["4 bytes at 100", "61 at 106: [7, 50]", "3 bytes at 106"]);
    check(
        &[61, 5, 7, 9, 37, 1, 7, 61, 2, 8, 9, 20, 1, 0, 0],
        1,
        &["61 at 105: [7, 9]", "3 bytes at 105", "61 at 108: [8, 9]", "4 bytes at 108"],
    );
    check(&[61, 5], 1, &["61 at 105: []"]);
    check(&[61, 5, 1, 2, 3, 4, 200, 1], 3, &["61 at 105: [1, 2, 3, 4, 200]"]);
}

#[test]
fn nothing_is_guessed_where_nothing_makes_sense() {
    // No event has more than five arguments, and none begins with these.
    let noise = [61, 5, 1, 1, 1, 1, 1, 1, 1, 1, 1];
    check(&noise, 2, &["11 bytes at 100"]);
}
