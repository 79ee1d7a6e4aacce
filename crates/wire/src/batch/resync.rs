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

use super::{Batch, BatchKind, Batches, Seen};
use crate::{EventType, Stacks, TimedEvents, Version, cpu_samples, strings, sync};

/// How far ahead of the generation that was being read the next one may be: it is the same or the next, and only where
/// none of these is left a later one.
const GENERATIONS_AHEAD: [u64; 2] = [1, 64];

/// Events or entries of a batch that are read to see whether it is one.
const ENTRIES_READ: usize = 64;

/// What follows a batch.
#[derive(Clone, Copy, PartialEq, Eq)]
enum Boundary {
    /// A batch of the same generation or the next one.
    Batch,
    /// An end of generation, or the end of the file.
    End,
}

impl<'a> Batches<'a> {
    /// Looks for the next place where a batch plausibly begins and goes on there; returns its offset.
    ///
    /// After an error the search begins one byte after the broken item, otherwise at `position()`. It skips batches
    /// of generations before `generation_hint` and far after it, unless their sizes are padded and others follow them.
    /// The end of the file may cut off what is found. Without such a place, `None`: there are no more items.
    pub fn resync(&mut self, generation_hint: Option<u64>) -> Option<u64> {
        let first = if self.failed { self.position.saturating_add(1) } else { self.position };
        let expected = |ahead: u64| generation_hint.map(|hint| hint..=hint.saturating_add(ahead));
        let found = match (expected(GENERATIONS_AHEAD[0]), expected(GENERATIONS_AHEAD[1]), self.seen) {
            // What is padded and followed by another one is a batch, whatever its number.
            (Some(_), Some(far), Some(Seen { is_padded: true, .. })) => {
                self.find_plausible(first, |generation, next| match next {
                    Boundary::Batch => true,
                    Boundary::End => far.contains(&generation),
                })
            }
            (Some(near), Some(far), _) => self
                .find_plausible(first, |generation, _| near.contains(&generation))
                .or_else(|| self.find_plausible(first, |generation, _| far.contains(&generation))),
            (None, _, Some(Seen { any: false, generation: latest, .. })) => {
                self.find_plausible(first, |generation, _| generation <= latest)
            }
            (None, ..) | (_, None, _) => self.find_plausible(first, |_, _| true),
        };
        self.failed = found.is_none();
        self.position = found.unwrap_or(self.file.len());
        found.map(|at| at as u64)
    }

    fn find_plausible(&self, first: usize, is_expected: impl Fn(u64, Boundary) -> bool) -> Option<usize> {
        (first..self.file.len()).find(|&at| {
            self.plausible_batch(at).is_some_and(|batch| {
                self.is_readable(&batch)
                    && self.boundary_behind(&batch).is_some_and(|next| is_expected(batch.generation, next))
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

    /// What is where the batch ends, if that goes on from it.
    fn boundary_behind(&self, batch: &Batch<'_>) -> Option<Boundary> {
        let end = batch.end() as usize;
        if self.is_end(end) {
            return Some(Boundary::End);
        }
        let next = self.plausible_batch(end).filter(|next| batch.leads_to(next))?;
        (next.data.is_empty() || self.is_readable(&next)).then_some(Boundary::Batch)
    }

    /// Whether an end of generation or the end of the file is at `at`.
    pub(super) fn is_end(&self, at: usize) -> bool {
        match self.file.get(at) {
            None => true,
            Some(&byte) => byte == EventType::EndOfGeneration.byte() && self.version >= Version::Go126,
        }
    }

    /// The batch at `at`, if one is there.
    pub(super) fn plausible_batch(&self, at: usize) -> Option<Batch<'a>> {
        let byte = *self.file.get(at)?;
        if byte != EventType::EventBatch.byte() && byte != EventType::ExperimentalBatch.byte() {
            return None;
        }
        let (batch, size) = self.read_header(self.cursor_at(at)?).ok()?;
        let allowed = self
            .seen
            .is_none_or(|seen| seen.allows_time(batch.time) && (!seen.is_padded || self.has_padded_size(&batch)));
        // What is padded is a batch even if the end of the file cuts it off.
        let is_whole = batch.data.len() == size || self.seen.is_some_and(|seen| seen.is_padded);
        let can_be = batch.generation > 0 && allowed && is_whole;
        can_be.then_some(batch)
    }

    /// Whether the first events or entries of a batch can be read, and there is at least one.
    pub(super) fn is_readable(&self, batch: &Batch<'_>) -> bool {
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
