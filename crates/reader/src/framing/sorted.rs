//! Generations that do not stand in the order of their numbers, as a copy that was pieced together leaves them.
//!
//! The file is read as it comes, so that a page can show the first generations while the rest is read. Only where a
//! generation is not the one that comes next, the headers of all batches behind it are looked at, and if they are whole
//! generations that all belong behind those that were read, they are read in the order of their numbers. Of equal numbers
//! the one that stands first comes first.

use std::ops::Range;

use goroscope_wire::{Batch, Batches, Item, Version};

use super::is_next;

/// A generation as a part of the file.
#[derive(Debug)]
struct Run {
    number: u64,
    bytes: Range<u64>,
}

/// Where the generations from `first` on stand, in the order in which they are to be read; `None` if they are in that
/// order, or if it is not certain what they are.
pub fn sorted_runs(version: Version, file: &[u8], first: &Batch<'_>, last: Option<u64>) -> Option<Vec<Range<u64>>> {
    let mut runs: Vec<Run> = Vec::new();
    let mut batches = Batches::new(version, file, first.offset);
    while let Some(item) = batches.next() {
        match item.ok()? {
            Item::Batch(batch) if last.is_some_and(|last| batch.generation <= last) => return None,
            Item::Batch(batch) => match runs.last_mut().filter(|run| run.number == batch.generation) {
                Some(run) => run.bytes.end = batches.position(),
                None => runs.push(Run { number: batch.generation, bytes: batch.offset..batches.position() }),
            },
            Item::EndOfGeneration { .. } => runs.last_mut()?.bytes.end = batches.position(),
        }
    }
    // The counter of a program that ran for long begins anew: nothing then says what comes first.
    let wraps = runs.windows(2).any(|pair| pair[0].number > pair[1].number && is_next(pair[0].number, pair[1].number));
    if wraps || runs.is_sorted_by_key(|run| run.number) {
        return None;
    }
    runs.sort_by_key(|run| run.number);
    // Batches with damaged numbers make generations of a few, here and there.
    let is_once = runs.windows(2).all(|pair| pair[0].number != pair[1].number);
    is_once.then(|| runs.into_iter().map(|run| run.bytes).collect())
}
