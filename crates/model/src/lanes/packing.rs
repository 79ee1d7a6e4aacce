//! Raw spans to the lanes that they belong to, and full rows of a lane to packed blocks.

use super::{SITE, START};
use crate::packed::{BLOCK, Block, Entry, begin_block, push_column};
use crate::storage::{Arena, Place, Turn};
use crate::zoom::BlockTimes;

/// A span that is not packed yet.
#[derive(Clone, Copy, Debug)]
pub(crate) struct Raw<const E: usize, const X: usize> {
    pub start: i64,
    /// What often comes together, the class first: the first numbers of an [`Entry`], whose others are 0.
    pub entry: [u32; E],
    /// The other columns; 0 is nothing.
    pub more: [u32; X],
}

/// No class.
pub(super) const NOTHING: u32 = u32::MAX;

impl<const E: usize, const X: usize> Raw<E, X> {
    /// Stands for the end of a lane. No class has this number.
    pub const END: Self = Self { start: 0, entry: [NOTHING; E], more: [0; X] };

    /// The class, or `NOTHING`.
    #[inline]
    pub fn state(&self) -> u32 {
        self.entry.first().copied().unwrap_or(NOTHING)
    }

    #[inline]
    fn is_end(&self) -> bool {
        self.state() == NOTHING
    }
}

/// The next span of a lane, or its end.
#[derive(Clone, Copy, Debug)]
pub(crate) struct Step<const E: usize, const X: usize> {
    pub lane: u32,
    pub raw: Raw<E, X>,
}

/// A lane as far as it is known here.
#[derive(Clone, Debug)]
struct Lane<const E: usize, const X: usize> {
    /// Spans that do not fill a block yet.
    raw: Vec<Raw<E, X>>,
    /// How many are packed.
    packed: u32,
}

/// A block of a lane.
#[derive(Clone, Copy, Debug)]
pub(crate) struct Written {
    pub lane: u32,
    pub start: i64,
    pub place: Place,
    pub times: BlockTimes,
}

/// Whether the time of each class is summed up: that of states is, that of moments is not.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(crate) enum Kind {
    States,
    Moments,
}

/// Blocks that are packed, and memory that packing uses again and again.
#[derive(Debug)]
pub(crate) struct Packing<const E: usize, const X: usize> {
    pub written: Vec<Written>,
    /// Times of the classes of blocks, which say where theirs are.
    pub sums: Vec<u64>,
    kind: Kind,
    lanes: Vec<Lane<E, X>>,
    starts: [u64; BLOCK],
    column: [u32; BLOCK],
    dictionary: Dictionary<E>,
    /// Blocks that are not written yet.
    bytes: Vec<u8>,
    arena: Arena,
}

/// The most columns of a block of spans.
const MOST: usize = 8;

impl<const E: usize, const X: usize> Packing<E, X> {
    pub fn new(kind: Kind, arena: Arena) -> Self {
        Self {
            written: Vec::new(),
            sums: Vec::new(),
            kind,
            lanes: Vec::new(),
            starts: [0; BLOCK],
            column: [0; BLOCK],
            dictionary: Dictionary::default(),
            bytes: Vec::new(),
            arena,
        }
    }

    /// One with nothing in it, of the same kind.
    pub fn another(&self) -> Self {
        Self::new(self.kind, self.arena.clone())
    }

    /// Takes the next spans, and packs what is full; its place is in this turn.
    pub fn take(&mut self, steps: &[Step<E, X>], turn: &Turn) {
        for step in steps {
            let Some(it) = self.lanes.get_mut(step.lane as usize) else {
                self.take_first(step);
                continue;
            };
            if step.raw.is_end() {
                let rest = std::mem::take(&mut it.raw);
                self.pack(step.lane, &rest, turn);
                continue;
            }
            it.raw.push(step.raw);
            if it.raw.len() == BLOCK {
                let mut full = std::mem::take(&mut it.raw);
                self.pack(step.lane, &full, turn);
                full.clear();
                self.lanes[step.lane as usize].raw = full;
            }
        }
    }

    /// Takes the first span of a lane behind those that are known.
    #[cold]
    fn take_first(&mut self, step: &Step<E, X>) {
        self.lanes.resize(step.lane as usize + 1, Lane { raw: Vec::new(), packed: 0 });
        if !step.raw.is_end() {
            self.lanes[step.lane as usize].raw.push(step.raw);
        }
    }

    /// Packs what is left of all lanes.
    pub fn end_all(&mut self, turn: &Turn) {
        for lane in 0..self.lanes.len() {
            let rest = std::mem::take(&mut self.lanes[lane].raw);
            self.pack(lane as u32, &rest, turn);
        }
    }

    /// Writes what was packed in this turn.
    pub fn write(&mut self, turn: &Turn) {
        self.arena.write(turn, &mut self.bytes);
    }

    /// How many spans of a lane are packed.
    pub fn rows(&self, lane: usize) -> u32 {
        self.lanes.get(lane).map_or(0, |lane| lane.packed)
    }

    /// Where the blocks are in the storage, in the order of `written`. All must be written.
    pub fn addresses(&self) -> Vec<u64> {
        self.arena.addresses(self.written.iter().map(|block| block.place))
    }

    fn pack(&mut self, lane: u32, raw: &[Raw<E, X>], turn: &Turn) {
        let Some(first) = raw.first() else { return };
        let (start, place) = (first.start, turn.place(self.bytes.len()));
        let times = self.push_block(raw, start);
        self.written.push(Written { lane, start, place, times });
        self.lanes[lane as usize].packed += raw.len() as u32;
    }

    fn push_block(&mut self, raw: &[Raw<E, X>], start: i64) -> BlockTimes {
        let Self { starts, column, dictionary, bytes, .. } = self;
        let rows = raw.len().min(BLOCK);
        let raw = &raw[..rows];
        dictionary.clear();
        for ((at, number), raw) in starts.iter_mut().zip(column.iter_mut()).zip(raw) {
            *at = raw.start.wrapping_sub(start) as u64;
            *number = dictionary.number(&raw.entry);
        }
        begin_block(rows, &dictionary.entries, bytes);
        push_column(&starts[..rows], bytes);
        push_column(&column[..rows], bytes);
        let times = match self.kind {
            Kind::States => {
                BlockTimes::of(start, &starts[..rows], &column[..rows], &dictionary.entries, &mut self.sums)
            }
            Kind::Moments => BlockTimes::default(),
        };
        for i in 0..X {
            for (value, raw) in column.iter_mut().zip(raw) {
                *value = raw.more[i];
            }
            push_column(&column[..rows], bytes);
        }
        times
    }

    /// Changes entries of spans that are packed, each given by its lane and number. All must be written.
    pub fn patch(&mut self, spans: &[(u32, u32)], change: impl Fn(&mut Raw<E, X>)) {
        if spans.is_empty() {
            return;
        }
        let mut wanted = spans.to_vec();
        wanted.sort_unstable();
        // Which block of its lane each written one is, follows from how many of the lane come before.
        let mut number = vec![0u32; self.lanes.len()];
        for i in 0..self.written.len() {
            let Written { lane, start, place, .. } = self.written[i];
            let block = number[lane as usize];
            number[lane as usize] += 1;
            let first = (lane, block * BLOCK as u32);
            let from = wanted.partition_point(|&span| span < first);
            let in_block = |span: &&(u32, u32)| span.0 == lane && span.1 - first.1 < BLOCK as u32;
            let rows: Vec<u32> = wanted[from..].iter().take_while(in_block).map(|span| span.1 - first.1).collect();
            if rows.is_empty() {
                continue;
            }
            let mut raw = unpack(&self.arena.read_back(place), start);
            for row in rows {
                raw.get_mut(row as usize).map(&change);
            }
            self.written[i].times = self.push_block(&raw, start);
            self.written[i].place = self.arena.append(&self.bytes);
            self.bytes.clear();
        }
    }
}

/// The entries of a block, numbered.
#[derive(Debug, Default)]
struct Dictionary<const E: usize> {
    entries: Vec<Entry>,
    /// By some bits of an entry the number of one that had them last.
    recent: [u8; 32],
}

impl<const E: usize> Dictionary<E> {
    fn clear(&mut self) {
        self.entries.clear();
    }

    /// The number of an entry, which is added if it is new.
    #[inline]
    fn number(&mut self, entry: &[u32; E]) -> u32 {
        let bits = entry.iter().zip([1, 3, 5, 11]).fold(0, |bits, (number, factor)| bits ^ number.wrapping_mul(factor));
        let recent = &mut self.recent[bits as usize % 32];
        if self.entries.get(usize::from(*recent)).and_then(|it| it.first_chunk()) != Some(entry) {
            let number = self.entries.iter().position(|it| it.starts_with(entry)).unwrap_or_else(|| {
                let mut whole = Entry::default();
                whole[..E].copy_from_slice(entry);
                self.entries.push(whole);
                self.entries.len() - 1
            });
            // A block has no more entries than rows.
            *recent = number as u8;
        }
        u32::from(*recent)
    }
}

/// The spans of a block as they were before it was packed.
fn unpack<const E: usize, const X: usize>(bytes: &[u8], start: i64) -> Vec<Raw<E, X>> {
    let block = Block::<MOST>::open_some(bytes, X + 2);
    (0..block.rows())
        .map(|row| Raw {
            start: start.wrapping_add(block.get(START, row) as i64),
            entry: {
                let entry = block.entry(block.get(SITE, row));
                std::array::from_fn(|number| entry[number])
            },
            more: std::array::from_fn(|column| block.get(column + 2, row) as u32),
        })
        .collect()
}
