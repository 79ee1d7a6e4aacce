//! Batches that are in the file twice, as a copy that was resumed or a buffer that was written again leaves them.
//!
//! No thread writes two batches with the same time and the same bytes: times increase from event to event. A repeated one
//! may stand anywhere behind the other, so all of the file are remembered, each with a hash of what it begins with and its
//! place.

use std::hash::{Hash, Hasher};

use goroscope_wire::Batch;
use rustc_hash::{FxHashMap, FxHashSet, FxHasher};

use super::note;
use crate::diagnostic::Log;
use crate::{Diagnostic, ThreadId};

/// Bytes of a batch that it is looked up by.
const COMPARED_FIRST: usize = 32;

/// The batches so far.
#[derive(Clone, Debug)]
pub struct Repeats<'a> {
    file: &'a [u8],
    /// Where the data of the first batch with a hash begins.
    places: FxHashMap<u64, u64>,
    /// Threads of this generation.
    current: FxHashSet<u64>,
    /// Those of the one before.
    before: FxHashSet<u64>,
}

impl<'a> Repeats<'a> {
    /// None of the file yet.
    pub fn of(file: &'a [u8]) -> Self {
        Self { file, places: FxHashMap::default(), current: FxHashSet::default(), before: FxHashSet::default() }
    }

    /// The batches that come now are of the next generation.
    pub fn begin_generation(&mut self) {
        self.before = std::mem::take(&mut self.current);
    }

    /// Remembers a batch.
    pub fn add(&mut self, batch: &Batch<'a>) {
        self.places.entry(hash(batch)).or_insert(batch.data_offset);
        self.current.insert(batch.thread);
    }

    /// Whether the same was there already. A batch without data says nothing, once or twice.
    pub fn is_repeated(&self, batch: &Batch<'a>) -> bool {
        let is_same = |&place: &u64| {
            let data = self.file.get(place as usize..).and_then(|rest| rest.get(..batch.data.len()));
            place < batch.data_offset && data == Some(batch.data)
        };
        !batch.data.is_empty() && self.places.get(&hash(batch)).is_some_and(is_same)
    }

    /// Whether a thread wrote any of this generation or the one before.
    pub fn knows_thread(&self, thread: u64) -> bool {
        self.current.contains(&thread) || self.before.contains(&thread)
    }
}

/// Says that a batch is not read again.
pub fn tell(batch: &Batch<'_>, generation: Option<u64>, log: &mut Log) {
    let message = "the batch is there a second time, byte for byte: read once";
    log.push(Diagnostic { thread: ThreadId(batch.thread).get(), ..note(batch.offset, generation, message) });
}

/// Of all that tells most batches apart.
fn hash(batch: &Batch<'_>) -> u64 {
    let first = batch.data.get(..COMPARED_FIRST).unwrap_or(batch.data);
    let mut hasher = FxHasher::default();
    (batch.kind, [batch.generation, batch.thread, batch.time], batch.data.len(), first).hash(&mut hasher);
    hasher.finish()
}
