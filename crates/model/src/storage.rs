//! Where the packed columns are kept: in memory, or in a file that the program maps.
//!
//! The model only appends bytes while it is being built and reads them afterwards; files are the program's business.

use std::collections::BTreeMap;
use std::fmt;
use std::ops::Range;
use std::sync::{Arc, Mutex, MutexGuard, PoisonError};

/// Takes the packed columns of a trace while it is being read.
pub trait Storage: Send {
    /// Adds bytes at the end. What cannot be written must be kept otherwise: there are no errors.
    fn append(&mut self, bytes: &[u8]);

    /// Some of what was appended so far.
    fn read_back(&mut self, range: Range<u64>) -> Vec<u8>;

    /// Everything that was appended, to be read. Asked once, when all blocks are there.
    fn blocks(&mut self) -> SharedBytes;

    /// Keeps the tables behind the blocks, and gives them back to be read. The last call.
    fn finish(&mut self, tables: Vec<u8>) -> SharedBytes;
}

/// Bytes that many may read at once, for as long as any of them likes.
pub type SharedBytes = Arc<dyn AsRef<[u8]> + Send + Sync>;

/// Keeps them in memory.
#[derive(Debug, Default)]
pub struct Memory(Vec<u8>);

impl Storage for Memory {
    fn append(&mut self, bytes: &[u8]) {
        self.0.extend_from_slice(bytes);
    }

    fn read_back(&mut self, range: Range<u64>) -> Vec<u8> {
        let end = range.end.min(self.0.len() as u64);
        self.0.get(range.start as usize..end as usize).unwrap_or_default().to_vec()
    }

    fn blocks(&mut self) -> SharedBytes {
        Arc::new(std::mem::take(&mut self.0))
    }

    fn finish(&mut self, tables: Vec<u8>) -> SharedBytes {
        Arc::new(tables)
    }
}

/// The blocks that were written so far. Several threads may write, and what the storage holds does not depend on who is
/// done first: whoever gives work away takes a turn for it, and blocks stand in the order of their turns.
#[derive(Clone)]
pub(crate) struct Arena(Arc<Mutex<Written>>);

/// A stretch of the storage that somebody will write, behind those of all turns before.
#[derive(Debug)]
pub(crate) struct Turn(u32);

/// Where a block is: in the stretch of which turn, and how many bytes behind its begin.
#[derive(Clone, Copy, Debug)]
pub(crate) struct Place {
    turn: u32,
    at: u64,
}

impl Turn {
    /// The place behind so many bytes of the stretch.
    pub fn place(&self, at: usize) -> Place {
        Place { turn: self.0, at: at as u64 }
    }
}

struct Written {
    storage: Box<dyn Storage>,
    /// How many turns were taken.
    turns: u32,
    /// Where the stretch of each turn begins, of those that are written.
    begins: Vec<u64>,
    /// Bytes written.
    end: u64,
    /// What came before its turn.
    early: BTreeMap<u32, Vec<u8>>,
}

impl Written {
    fn take_turn(&mut self) -> u32 {
        self.turns += 1;
        self.turns - 1
    }

    fn is_next(&self, turn: u32) -> bool {
        self.begins.len() == turn as usize
    }

    /// Writes the stretch of the next turn, and those that waited for it.
    fn append(&mut self, bytes: &[u8]) {
        self.append_one(bytes);
        while let Some(bytes) = self.early.remove(&(self.begins.len() as u32)) {
            self.append_one(&bytes);
        }
    }

    fn append_one(&mut self, bytes: &[u8]) {
        if !bytes.is_empty() {
            self.storage.append(bytes);
        }
        self.begins.push(self.end);
        self.end += bytes.len() as u64;
    }

    fn address(&self, place: Place) -> u64 {
        self.begins.get(place.turn as usize).map_or(u64::MAX, |begin| begin + place.at)
    }
}

impl Arena {
    pub fn new(storage: Box<dyn Storage>) -> Self {
        let early = BTreeMap::new();
        Self(Arc::new(Mutex::new(Written { storage, turns: 0, begins: Vec::new(), end: 0, early })))
    }

    fn lock(&self) -> MutexGuard<'_, Written> {
        // Whoever panicked has not left a block half written: storages take one as a whole.
        self.0.lock().unwrap_or_else(PoisonError::into_inner)
    }

    /// The next turn, which must be written sooner or later.
    pub fn take_turn(&self) -> Turn {
        Turn(self.lock().take_turn())
    }

    /// Writes the stretch of a turn, now or as soon as those before are written; takes the bytes out.
    pub fn write(&self, turn: &Turn, bytes: &mut Vec<u8>) {
        let mut written = self.lock();
        if written.is_next(turn.0) {
            written.append(bytes);
            bytes.clear();
        } else {
            written.early.insert(turn.0, std::mem::take(bytes));
        }
    }

    /// Adds a block in a turn of its own; where it is.
    pub fn append(&self, block: &[u8]) -> Place {
        let mut written = self.lock();
        let turn = written.take_turn();
        if written.is_next(turn) {
            written.append(block);
        } else {
            written.early.insert(turn, block.to_vec());
        }
        Place { turn, at: 0 }
    }

    /// Where places are in the storage, once all turns before are written.
    pub fn addresses(&self, places: impl Iterator<Item = Place>) -> Vec<u64> {
        let written = self.lock();
        places.map(|place| written.address(place)).collect()
    }

    /// The bytes from there on, up to a number that no block exceeds. All turns before must be written.
    pub fn read_back(&self, place: Place) -> Vec<u8> {
        let mut written = self.lock();
        let at = written.address(place).min(written.end);
        let end = (at + MAX_BLOCK).min(written.end);
        written.storage.read_back(at..end)
    }

    /// All blocks, to be read. No more may follow.
    pub fn blocks(&self) -> SharedBytes {
        self.lock().storage.blocks()
    }

    /// Keeps the tables behind the blocks, and gives them back to be read.
    pub fn finish(self, tables: Vec<u8>) -> SharedBytes {
        self.lock().storage.finish(tables)
    }
}

impl fmt::Debug for Arena {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        write!(f, "{} bytes of blocks", self.lock().end)
    }
}

/// More bytes than any block has: all columns at full width, and a dictionary of as many entries as rows.
const MAX_BLOCK: u64 = 16 << 10;

/// A stretch of shared bytes.
#[derive(Clone)]
pub(crate) struct Bytes {
    shared: SharedBytes,
    range: Range<usize>,
}

impl Bytes {
    /// The stretch, or an empty one if it is not there.
    pub fn new(shared: &SharedBytes, range: Range<usize>) -> Self {
        let all = shared.as_ref().as_ref();
        let range = if all.get(range.clone()).is_some() { range } else { 0..0 };
        Self { shared: Arc::clone(shared), range }
    }

    /// Owned bytes.
    pub fn owned(bytes: Vec<u8>) -> Self {
        let range = 0..bytes.len();
        Self { shared: Arc::new(bytes), range }
    }

    /// The bytes. Ask once and keep the slice.
    #[inline]
    pub fn get(&self) -> &[u8] {
        (*self.shared).as_ref().get(self.range.clone()).unwrap_or_default()
    }
}

impl Default for Bytes {
    fn default() -> Self {
        Self::owned(Vec::new())
    }
}

impl fmt::Debug for Bytes {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        write!(f, "{} bytes", self.range.len())
    }
}

/// Numbers of 32 bits in bytes.
#[derive(Clone, Copy, Debug, Default)]
pub(crate) struct Words<'a>(pub &'a [u8]);

/// Numbers of 64 bits in bytes.
#[derive(Clone, Copy, Debug, Default)]
pub(crate) struct LongWords<'a>(pub &'a [u8]);

impl<'a> Words<'a> {
    pub fn len(self) -> usize {
        self.0.len() / 4
    }

    /// A number; 0 behind the end.
    #[inline]
    pub fn at(self, i: usize) -> u32 {
        match self.0.get(i * 4..).and_then(|rest| rest.first_chunk()) {
            Some(&bytes) => u32::from_le_bytes(bytes),
            None => 0,
        }
    }

    /// How many numbers from the first on are at most `value`; they do not decrease.
    pub fn count_up_to(self, value: u32) -> usize {
        partition(0, self.len(), |i| self.at(i) <= value)
    }

    pub fn iter(self) -> impl Iterator<Item = u32> + use<'a> {
        self.0.chunks_exact(4).map(|bytes| u32::from_le_bytes([bytes[0], bytes[1], bytes[2], bytes[3]]))
    }
}

impl LongWords<'_> {
    pub fn len(self) -> usize {
        self.0.len() / 8
    }

    /// A number; 0 behind the end.
    #[inline]
    pub fn at(self, i: usize) -> u64 {
        match self.0.get(i * 8..).and_then(|rest| rest.first_chunk()) {
            Some(&bytes) => u64::from_le_bytes(bytes),
            None => 0,
        }
    }
}

/// The first number of `low..high` for which `holds` does not hold; it holds for all before and for none after it.
pub(crate) fn partition(low: usize, high: usize, mut holds: impl FnMut(usize) -> bool) -> usize {
    let (mut low, mut high) = (low, high);
    while low < high {
        let middle = usize::midpoint(low, high);
        if holds(middle) {
            low = middle + 1;
        } else {
            high = middle;
        }
    }
    low
}

/// Numbers as bytes.
pub(crate) fn words(numbers: impl IntoIterator<Item = u32>) -> Vec<u8> {
    numbers.into_iter().flat_map(u32::to_le_bytes).collect()
}

/// Numbers as bytes.
pub(crate) fn long_words(numbers: impl IntoIterator<Item = u64>) -> Vec<u8> {
    numbers.into_iter().flat_map(u64::to_le_bytes).collect()
}
