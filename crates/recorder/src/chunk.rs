//! Chunks: how records get from the thread that makes them to the thread that assembles them.
//!
//! ```text
//!  writer ──► [ . . . . ] ──next──► [ . . .      ]
//!              ▲                           ▲
//!              reader                      len, published after the slots
//! ```
//!
//! 1. The writer fills the slots behind `len` with relaxed stores and then stores the new `len` with release: no lock, no
//!    read-modify-write, and on x86 no fence either.
//! 2. The reader loads `len` with acquire and reads the slots before it, while the writer goes on.
//! 3. Where records do not fit any more, the writer takes a fresh chunk, makes it the `next` of the full one and leaves
//!    that. The reader that has seen a `next` reads the rest of the full chunk and moves on. It is then the only owner of
//!    the full chunk, or will be as soon as the writer has let go, and may give it to be used again.
//!
//! The slots are atomics only so that this needs no unsafe code; relaxed stores of words are plain stores.

use crate::atomics::{Arc, AtomicU64, AtomicUsize, Once, Ordering};

/// Words of a slot.
pub const SLOT_WORDS: usize = 4;

/// What a record takes, or a part of one that takes several.
pub type Slot = [u64; SLOT_WORDS];

/// Room for records of one thread.
#[derive(Debug)]
pub struct Chunk {
    slots: Box<[[AtomicU64; SLOT_WORDS]]>,
    /// Slots that the reader may look at.
    len: AtomicUsize,
    next: Once<Arc<Chunk>>,
}

/// The end of a thread's chunks at which records come in.
#[derive(Debug)]
pub struct Writer {
    chunk: Arc<Chunk>,
    len: usize,
}

/// The end at which they go out.
#[derive(Debug)]
pub struct Reader {
    chunk: Arc<Chunk>,
    at: usize,
}

impl Chunk {
    /// An empty chunk with room for so many slots.
    pub fn new(slots: usize) -> Self {
        let slots = (0..slots).map(|_| std::array::from_fn(|_| AtomicU64::new(0))).collect();
        Self { slots, len: AtomicUsize::new(0), next: Once::new() }
    }

    /// Empties a chunk; `false` if somebody else still has it.
    pub fn reset(chunk: &mut Arc<Self>) -> bool {
        let Some(chunk) = Arc::get_mut(chunk) else { return false };
        chunk.len = AtomicUsize::new(0);
        chunk.next = Once::new();
        true
    }
}

impl Drop for Chunk {
    /// Chunks that nobody read may be a long chain: one after the other, and not one within the other.
    fn drop(&mut self) {
        let mut next = self.next.take();
        while let Some(mut chunk) = next {
            next = Arc::get_mut(&mut chunk).and_then(|chunk| chunk.next.take());
        }
    }
}

impl Writer {
    /// A writer and a reader of the chunks that begin with this one.
    pub fn new(chunk: Arc<Chunk>) -> (Self, Reader) {
        let reader = Reader { chunk: Arc::clone(&chunk), at: 0 };
        (Self { chunk, len: 0 }, reader)
    }

    /// Adds slots that belong together; `false` if they are dropped because `fresh` has no chunk or they fit in none.
    #[inline]
    pub fn push(&mut self, slots: &[Slot], fresh: impl FnOnce() -> Option<Arc<Chunk>>) -> bool {
        if self.len + slots.len() > self.chunk.slots.len() && !self.move_on(slots.len(), fresh) {
            return false;
        }
        let places = self.chunk.slots.get(self.len..).unwrap_or(&[]);
        for (place, slot) in places.iter().zip(slots) {
            fill(place, slot);
        }
        self.publish(slots.len());
        true
    }

    /// Adds one slot, as `push` does: most records are that long.
    #[inline]
    pub fn push_one(&mut self, slot: &Slot, fresh: impl FnOnce() -> Option<Arc<Chunk>>) -> bool {
        match self.chunk.slots.get(self.len) {
            Some(place) => {
                fill(place, slot);
                self.publish(1);
                true
            }
            None => self.push(std::slice::from_ref(slot), fresh),
        }
    }

    /// Lets the reader see so many slots more.
    #[inline]
    fn publish(&mut self, slots: usize) {
        self.len += slots;
        self.chunk.len.store(self.len, Ordering::Release);
    }

    /// Leaves the chunk for a fresh one with room for so many slots.
    #[cold]
    fn move_on(&mut self, needed: usize, fresh: impl FnOnce() -> Option<Arc<Chunk>>) -> bool {
        if needed > self.chunk.slots.len() {
            return false;
        }
        let Some(next) = fresh() else { return false };
        self.chunk.next.set(Arc::clone(&next));
        self.chunk = next;
        self.len = 0;
        true
    }
}

#[inline]
fn fill(place: &[AtomicU64; SLOT_WORDS], slot: &Slot) {
    for (to, word) in place.iter().zip(slot) {
        to.store(*word, Ordering::Relaxed);
    }
}

impl Reader {
    /// Adds the slots that are there to `slots`, of at most so many full chunks, which it gives to `free`; whether it left
    /// off before there were no more.
    pub fn drain(&mut self, most: usize, slots: &mut Vec<Slot>, mut free: impl FnMut(Arc<Chunk>)) -> bool {
        for _ in 0..most {
            // A `next` that is there is there for good, so the length read after it is the last one.
            let next = self.chunk.next.get();
            let len = self.chunk.len.load(Ordering::Acquire);
            let new = self.chunk.slots.get(self.at..len).unwrap_or(&[]);
            slots.extend(new.iter().map(|slot| slot.each_ref().map(|word| word.load(Ordering::Relaxed))));
            self.at = len;
            let Some(next) = next else { return false };
            free(std::mem::replace(&mut self.chunk, next));
            self.at = 0;
        }
        true
    }
}
