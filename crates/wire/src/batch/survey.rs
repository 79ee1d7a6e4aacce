//! What the batches of a file look like, asked of the whole file where its beginning is damaged.
//!
//! Bytes inside of a batch easily look like a small one, and where none was read yet nothing says that they are not one.
//! So it is asked what most batches are like:
//!
//! 1. Those whose sizes are padded, as Go's runtime writes them: hardly anything else looks so.
//! 2. If there are none, those that follow each other, either several or up to the end of the file.
//! 3. The longest chain of them tells what to expect: its generation is that of most, and the first batch of the file is
//!    of this one or an earlier one.
//!
//! Behind a chain the search goes on at its end, and a chain that is searched again has one batch, so the survey is linear
//! in the size of the file. It ends before the header of another trace.

use super::{Batch, Batches, Item, Seen};
use crate::{Version, find_header};

/// How many batches without padded sizes follow each other where it is not by accident.
const SEVERAL: usize = 4;

/// Batches that follow each other.
#[derive(Clone, Copy)]
struct Chain {
    count: usize,
    /// Generation of the first.
    generation: u64,
    /// Whether the last one ends where the file does.
    is_last: bool,
}

impl Chain {
    /// Whether batches without padded sizes do not follow each other so by accident.
    fn is_certain(self) -> bool {
        self.count >= SEVERAL || (self.count > 1 && self.is_last)
    }
}

impl<'a> Batches<'a> {
    /// As `new`, for a part of a file that begins behind its header and may be damaged there: unless a batch begins
    /// there for certain, the rest of the file is asked what its batches look like.
    pub fn surveyed(version: Version, file: &'a [u8], start_offset: u64) -> Self {
        let mut batches = Self::new(version, file, start_offset);
        if !batches.begins_for_certain() {
            batches.seen = Some(batches.survey());
        }
        batches
    }

    /// Whether several batches follow each other here, or two of the padded size that hardly anything else has.
    fn begins_for_certain(&self) -> bool {
        let padded_at = |at| self.plausible_batch(at).filter(|batch| self.has_padded_size(batch));
        let is_padded = padded_at(self.position).is_some_and(|first| {
            let end = first.end() as usize;
            self.is_end(end) || padded_at(end).is_some_and(|next| first.leads_to(&next))
        });
        is_padded || self.follow_each_other(self.position)
    }

    /// Whether several batches of any size follow each other from `at` on, or up to the end of the file.
    pub(super) fn follow_each_other(&self, at: usize) -> bool {
        let seen = Some(Seen { is_padded: false, ..Seen::nothing(u64::MAX) });
        let (chain, _) = Self { seen, ..self.clone() }.chain_at(at, SEVERAL);
        chain.is_certain()
    }

    /// What the longest chain of batches tells of those to come.
    fn survey(&self) -> Seen {
        let limit = find_header(self.file, self.position, self.file.len());
        let file = limit.and_then(|limit| self.file.get(..limit)).unwrap_or(self.file);
        let longest = |is_padded| {
            let seen = Some(Seen { is_padded, ..Seen::nothing(u64::MAX) });
            Self { seen, ..Self::new(self.version, file, self.position as u64) }.longest_chain()
        };
        let padded = longest(true).map(|chain| Seen::nothing(chain.generation));
        let any = || longest(false).filter(|chain| chain.is_certain());
        padded.unwrap_or_else(|| Seen { is_padded: false, ..Seen::nothing(any().map_or(0, |chain| chain.generation)) })
    }

    fn longest_chain(&self) -> Option<Chain> {
        let mut longest: Option<Chain> = None;
        let mut at = self.position;
        while at < self.file.len() {
            let (chain, end) = self.chain_at(at, usize::MAX);
            at = if chain.count > 1 { end } else { at.saturating_add(1) };
            if chain.count > longest.map_or(0, |longest| longest.count) {
                longest = Some(chain);
            }
        }
        longest
    }

    /// The batches that follow each other from `at` on, at most `most`, and where the last of them ends. If they are padded,
    /// the end of the file may cut off the last one.
    fn chain_at(&self, at: usize, most: usize) -> (Chain, usize) {
        let mut batches = Self { seen: self.seen, ..Self::new(self.version, self.file, at as u64) };
        let mut chain = Chain { count: 0, generation: 0, is_last: false };
        let mut last: Option<Batch<'_>> = None;
        let mut end = at;
        loop {
            let batch = match batches.next() {
                Some(Ok(Item::Batch(batch))) => Some(batch),
                Some(Ok(Item::EndOfGeneration { .. })) if last.is_some() => {
                    end = end.saturating_add(1);
                    continue;
                }
                Some(Err(_)) if self.seen.is_some_and(|seen| seen.is_padded) => batches.cut_batch(),
                Some(Ok(Item::EndOfGeneration { .. }) | Err(_)) | None => None,
            };
            let is_one = |batch: &Batch<'_>| {
                let follows = last.is_none_or(|last| last.leads_to(batch));
                let is_odd = self.seen.is_some_and(|seen| seen.is_padded) && !self.has_padded_size(batch);
                batch.generation > 0 && follows && !is_odd && (batch.data.is_empty() || self.is_readable(batch))
            };
            let Some(batch) = batch.filter(|batch| chain.count < most && is_one(batch)) else {
                chain.is_last = end == self.file.len();
                return (chain, end);
            };
            if last.is_none() {
                chain.generation = batch.generation;
            }
            last = Some(batch);
            chain.count = chain.count.saturating_add(1);
            end = batch.end() as usize;
        }
    }
}
