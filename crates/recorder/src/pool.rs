//! Chunks that are free, and how many there may be: the memory that a recording takes at most.
//!
//! Threads take chunks without a lock. The assembler puts back what it has read and allocates more before they run out.
//! The last few that it has read go first: they are still in the caches of the processor, and of all that a burst took, no
//! more has to be so.
//! Only in a burst, before the assembler could react, does a thread allocate a chunk itself, once in 512 slots.

use std::sync::Arc;
use std::sync::atomic::{AtomicUsize, Ordering};

use crossbeam_queue::ArrayQueue;

use crate::chunk::Chunk;

/// Slots of a chunk: 16 KiB of records.
pub const CHUNK_SLOTS: usize = 512;

/// Bytes of a chunk.
pub const CHUNK_BYTES: usize = CHUNK_SLOTS * size_of::<crate::chunk::Slot>();

/// Chunks that are kept ready at least.
const READY: usize = 64;

/// Free chunks.
#[derive(Debug)]
pub struct Pool {
    /// Those that were used last.
    warm: ArrayQueue<Arc<Chunk>>,
    /// The others.
    free: ArrayQueue<Arc<Chunk>>,
    /// How many there are, free or not.
    allocated: AtomicUsize,
    most: usize,
}

impl Pool {
    /// A pool that takes so many bytes at most, but never less than two chunks.
    pub fn new(bytes: usize) -> Self {
        let most = (bytes / CHUNK_BYTES).max(2);
        let pool =
            Self { warm: ArrayQueue::new(READY), free: ArrayQueue::new(most), allocated: AtomicUsize::new(0), most };
        pool.stock(READY);
        pool
    }

    /// A free chunk, or a new one if the limit allows.
    pub fn take(&self) -> Option<Arc<Chunk>> {
        self.warm.pop().or_else(|| self.free.pop()).or_else(|| self.allocate())
    }

    /// Takes back a chunk that nobody else has; gives it back if somebody has.
    pub fn put(&self, mut chunk: Arc<Chunk>) -> Option<Arc<Chunk>> {
        if !Chunk::reset(&mut chunk) {
            return Some(chunk);
        }
        // There is room for all chunks that were ever allocated.
        self.warm.push(chunk).or_else(|chunk| self.free.push(chunk)).err()
    }

    /// A thread is over, and the chunk that it had last is not put back.
    pub fn forget_one(&self) {
        self.allocated.fetch_sub(1, Ordering::Relaxed);
    }

    /// Gives the free chunks back to the system.
    pub fn empty(&self) {
        while self.warm.pop().or_else(|| self.free.pop()).is_some() {}
    }

    /// Makes sure that so many chunks are free, as far as the limit allows.
    pub fn stock(&self, wanted: usize) {
        while self.warm.len() + self.free.len() < wanted.max(READY) {
            let Some(chunk) = self.allocate() else { return };
            if self.free.push(chunk).is_err() {
                return;
            }
        }
    }

    fn allocate(&self) -> Option<Arc<Chunk>> {
        if self.allocated.fetch_add(1, Ordering::Relaxed) >= self.most {
            self.allocated.fetch_sub(1, Ordering::Relaxed);
            return None;
        }
        Some(Arc::new(Chunk::new(CHUNK_SLOTS)))
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::chunk::Writer;

    #[test]
    fn a_long_chain_that_nobody_read_is_freed() {
        const CHUNKS: usize = 200_000;
        let chunks: Vec<_> = (0..CHUNKS).map(|_| Arc::new(Chunk::new(1))).collect();
        let last = chunks.last().map(Arc::downgrade);
        let mut chunks = chunks.into_iter();
        let (mut writer, reader) = Writer::new(chunks.next().unwrap());
        for number in 0..CHUNKS as u64 {
            assert!(writer.push_one(&[number; 4], || chunks.next()));
        }
        drop((writer, reader));
        assert!(last.is_some_and(|last| last.upgrade().is_none()));
    }
}
