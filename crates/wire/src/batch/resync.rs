//! The way back into a file behind a damaged place.
//!
//! Nothing marks the beginning of a batch but a byte that is as frequent inside of batches, so a place is taken for one
//! only if
//!
//! 1. a header stands there whose generation, time and size can be, the size written as those before,
//! 2. its data begins with several events or entries of one kind that can be read,
//! 3. and the same is true where the data ends, or an end of generation or the end of the file is there.
//!
//! Only so many events are read at each place that the search stays linear in the size of the file.

use std::ops::RangeInclusive;

use super::{Batch, BatchKind, Batches};
use crate::{EventType, Stacks, TimedEvents, Version, cpu_samples, strings, sync};

/// How far ahead of the generation that was being read the next one may be: it is the same or the next, and only where
/// none of these is left a later one.
const GENERATIONS_AHEAD: [u64; 2] = [1, 64];

/// Events or entries of a batch that are read to see whether it is one.
const ENTRIES_READ: usize = 64;

impl<'a> Batches<'a> {
    /// Looks for the next place where a batch plausibly begins and goes on there; returns its offset.
    ///
    /// After an error the search begins one byte after the broken item, otherwise at `position()`. It skips batches
    /// of generations before `generation_hint` and far after it. Without such a place, `None`: there are no more items.
    pub fn resync(&mut self, generation_hint: Option<u64>) -> Option<u64> {
        let first = if self.failed { self.position.saturating_add(1) } else { self.position };
        let found = match generation_hint {
            Some(hint) => GENERATIONS_AHEAD.iter().find_map(|&ahead| {
                let generations = hint..=hint.saturating_add(ahead);
                self.find_plausible(first, &generations)
            }),
            None => self.find_plausible(first, &(1..=u64::MAX)),
        };
        self.failed = found.is_none();
        self.position = found.unwrap_or(self.file.len());
        found.map(|at| at as u64)
    }

    fn find_plausible(&self, first: usize, generations: &RangeInclusive<u64>) -> Option<usize> {
        (first..self.file.len()).find(|&at| {
            self.plausible_batch(at).is_some_and(|batch| {
                let end = batch.data_offset.saturating_add(batch.data.len() as u64);
                generations.contains(&batch.generation)
                    && self.is_readable(&batch)
                    && self.is_boundary(end as usize, batch.generation)
                    && !self.is_plain_behind(at, &batch)
            })
        })
    }

    /// Whether the number of the experiment is the first byte of an ordinary batch, and the byte before it is foreign.
    fn is_plain_behind(&self, at: usize, batch: &Batch<'_>) -> bool {
        let plain = self.plausible_batch(at.saturating_add(1));
        matches!(batch.kind, BatchKind::Experimental(_))
            && plain.is_some_and(|plain| plain.data_offset == batch.data_offset && self.is_readable(&plain))
    }

    /// Whether a batch of this generation or the next, an end of generation or the end of the file is at `at`.
    fn is_boundary(&self, at: usize, generation: u64) -> bool {
        match self.file.get(at) {
            None => true,
            Some(&byte) if byte == EventType::EndOfGeneration.byte() => self.version >= Version::Go126,
            Some(_) => self.plausible_batch(at).is_some_and(|batch| {
                let follows = [generation, generation.wrapping_add(1)].contains(&batch.generation);
                follows && (batch.data.is_empty() || self.is_readable(&batch))
            }),
        }
    }

    /// The batch at `at`, if a whole one is there.
    fn plausible_batch(&self, at: usize) -> Option<Batch<'a>> {
        let byte = *self.file.get(at)?;
        if byte != EventType::EventBatch.byte() && byte != EventType::ExperimentalBatch.byte() {
            return None;
        }
        let (batch, size) = self.read_header(self.cursor_at(at)?).ok()?;
        let allowed = self
            .seen
            .is_none_or(|seen| seen.allows_time(batch.time) && (!seen.is_padded || self.has_padded_size(&batch)));
        let can_be = batch.generation > 0 && allowed && batch.data.len() == size;
        can_be.then_some(batch)
    }

    /// Whether the first events or entries of a batch can be read, and there is at least one.
    fn is_readable(&self, batch: &Batch<'_>) -> bool {
        if batch.data.is_empty() {
            return false;
        }
        match batch.kind {
            BatchKind::Events => TimedEvents::new(self.version, batch.data, batch.data_offset)
                .take(ENTRIES_READ)
                .all(|event| event.is_ok()),
            BatchKind::Strings => strings(batch).take(ENTRIES_READ).all(|string| string.is_ok()),
            BatchKind::Stacks => {
                let (mut stacks, mut frames) = (Stacks::new(batch), Vec::new());
                std::iter::from_fn(|| stacks.next(&mut frames)).take(ENTRIES_READ).all(|stack| stack.is_ok())
            }
            BatchKind::CpuSamples => cpu_samples(batch).take(ENTRIES_READ).all(|sample| sample.is_ok()),
            BatchKind::Sync => sync(self.version, batch).is_ok(),
            BatchKind::Experimental(_) => true,
        }
    }
}
