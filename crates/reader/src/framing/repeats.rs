//! Batches that are in the file twice, as a copy that was resumed or a buffer that was written again leaves them.
//!
//! No thread writes two batches with the same time and the same bytes: times increase from event to event. Those of the
//! generation before are remembered, because a repeated one may stand behind its generation.

use goroscope_wire::{Batch, BatchKind};
use rustc_hash::FxHashMap;

use super::note;
use crate::diagnostic::Log;
use crate::{Diagnostic, ThreadId};

/// Bytes of a batch that it is looked up by.
const COMPARED_FIRST: usize = 32;

/// What tells most batches apart.
type Key<'a> = (BatchKind, [u64; 3], usize, &'a [u8]);

/// The batches of this generation and of the one before.
#[derive(Debug, Default)]
pub struct Repeats<'a> {
    current: FxHashMap<Key<'a>, &'a [u8]>,
    before: FxHashMap<Key<'a>, &'a [u8]>,
}

impl<'a> Repeats<'a> {
    /// The batches that come now are of the next generation.
    pub fn begin_generation(&mut self) {
        self.before = std::mem::take(&mut self.current);
    }

    /// Remembers a batch.
    pub fn add(&mut self, batch: &Batch<'a>) {
        self.current.entry(key(batch)).or_insert(batch.data);
    }

    /// Whether the same was there already. A batch without data says nothing, once or twice.
    pub fn is_repeated(&self, batch: &Batch<'a>) -> bool {
        let same = |seen: &FxHashMap<Key<'a>, &'a [u8]>| seen.get(&key(batch)).is_some_and(|&data| data == batch.data);
        !batch.data.is_empty() && (same(&self.current) || same(&self.before))
    }

    /// Whether a thread wrote any of them.
    pub fn knows_thread(&self, thread: u64) -> bool {
        self.current.keys().chain(self.before.keys()).any(|(_, [_, writer, _], ..)| *writer == thread)
    }
}

/// Says that a batch is not read again.
pub fn tell(batch: &Batch<'_>, generation: Option<u64>, log: &mut Log) {
    let message = "the batch is there a second time, byte for byte: read once";
    log.push(Diagnostic { thread: ThreadId(batch.thread).get(), ..note(batch.offset, generation, message) });
}

fn key<'a>(batch: &Batch<'a>) -> Key<'a> {
    let first = batch.data.get(..COMPARED_FIRST).unwrap_or(batch.data);
    (batch.kind, [batch.generation, batch.thread, batch.time], batch.data.len(), first)
}
