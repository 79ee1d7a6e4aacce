//! Rows of raw spans to packed blocks.

use super::{SITE, START};
use crate::packed::{BLOCK, Block, Entry, begin_block, push_column};
use crate::storage::Arena;
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

/// A row of spans to be packed: up to a block of them.
#[derive(Debug)]
pub(crate) struct Full<const E: usize, const X: usize> {
    pub lane: u32,
    pub raw: Vec<Raw<E, X>>,
}

/// A block of a lane.
#[derive(Clone, Copy, Debug)]
pub(crate) struct Written {
    pub lane: u32,
    pub start: i64,
    pub at: u64,
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
    starts: [u64; BLOCK],
    column: [u32; BLOCK],
    dictionary: Dictionary<E>,
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
            starts: [0; BLOCK],
            column: [0; BLOCK],
            dictionary: Dictionary::default(),
            bytes: Vec::new(),
            arena,
        }
    }

    /// Packs a row of spans.
    pub fn pack(&mut self, full: &Full<E, X>) {
        let Some(first) = full.raw.first() else { return };
        let (lane, start) = (full.lane, first.start);
        let (at, times) = self.write(&full.raw, start);
        self.written.push(Written { lane, start, at, times });
    }

    fn write(&mut self, raw: &[Raw<E, X>], start: i64) -> (u64, BlockTimes) {
        let Self { starts, column, dictionary, bytes, arena, .. } = self;
        let rows = raw.len().min(BLOCK);
        let raw = &raw[..rows];
        bytes.clear();
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
        (arena.append(bytes), times)
    }

    /// Changes entries of spans that are packed, each given by its lane and number.
    pub fn patch(&mut self, lanes: usize, spans: &[(u32, u32)], change: impl Fn(&mut Raw<E, X>)) {
        if spans.is_empty() {
            return;
        }
        let mut wanted = spans.to_vec();
        wanted.sort_unstable();
        // Which block of its lane each written one is, follows from how many of the lane come before.
        let mut number = vec![0u32; lanes];
        for i in 0..self.written.len() {
            let Written { lane, start, at, .. } = self.written[i];
            let block = number[lane as usize];
            number[lane as usize] += 1;
            let first = (lane, block * BLOCK as u32);
            let from = wanted.partition_point(|&span| span < first);
            let in_block = |span: &&(u32, u32)| span.0 == lane && span.1 - first.1 < BLOCK as u32;
            let rows: Vec<u32> = wanted[from..].iter().take_while(in_block).map(|span| span.1 - first.1).collect();
            if rows.is_empty() {
                continue;
            }
            let mut raw = unpack(&self.arena.read_back(at), start);
            for row in rows {
                raw.get_mut(row as usize).map(&change);
            }
            (self.written[i].at, self.written[i].times) = self.write(&raw, start);
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
