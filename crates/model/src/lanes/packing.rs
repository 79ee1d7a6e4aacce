//! Rows of raw spans to packed blocks.

use super::{SITE, START};
use crate::packed::{BLOCK, Block, Entry, pack};
use crate::storage::Arena;
use crate::zoom::BlockTimes;

/// A span that is not packed yet.
#[derive(Clone, Copy, Debug)]
pub(crate) struct Raw<const X: usize> {
    pub start: i64,
    /// What often comes together, the class first.
    pub entry: Entry,
    /// The other columns; 0 is nothing.
    pub more: [u32; X],
}

/// A row of spans to be packed: up to a block of them.
#[derive(Debug)]
pub(crate) struct Full<const X: usize> {
    pub lane: u32,
    pub raw: Vec<Raw<X>>,
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
pub(crate) struct Packing<const X: usize> {
    pub written: Vec<Written>,
    /// Times of the classes of blocks, which say where theirs are.
    pub sums: Vec<u64>,
    kind: Kind,
    columns: Box<[[u64; BLOCK]; MOST]>,
    dictionary: Dictionary,
    bytes: Vec<u8>,
    arena: Arena,
}

/// The most columns of a block of spans.
const MOST: usize = 8;

impl<const X: usize> Packing<X> {
    pub fn new(kind: Kind, arena: Arena) -> Self {
        Self {
            written: Vec::new(),
            sums: Vec::new(),
            kind,
            columns: Box::new([[0; BLOCK]; MOST]),
            dictionary: Dictionary::default(),
            bytes: Vec::new(),
            arena,
        }
    }

    /// Packs a row of spans.
    pub fn pack(&mut self, full: &Full<X>) {
        let Some(first) = full.raw.first() else { return };
        let (lane, start) = (full.lane, first.start);
        let at = self.write(&full.raw, start);
        let times = self.times(&full.raw);
        self.written.push(Written { lane, start, at, times });
    }

    /// Sums up what a row of spans shows.
    fn times(&mut self, raw: &[Raw<X>]) -> BlockTimes {
        match self.kind {
            Kind::States => BlockTimes::of(raw.iter().map(|raw| (raw.start, raw.entry[0])), &mut self.sums),
            Kind::Moments => BlockTimes::default(),
        }
    }

    fn write(&mut self, raw: &[Raw<X>], start: i64) -> u64 {
        let Self { columns, dictionary, bytes, arena, .. } = self;
        let raw = &raw[..raw.len().min(BLOCK)];
        bytes.clear();
        if let [starts, entries, more @ ..] = columns.as_mut_slice() {
            for (at, raw) in starts.iter_mut().zip(raw) {
                *at = raw.start.wrapping_sub(start) as u64;
            }
            dictionary.clear();
            for (entry, raw) in entries.iter_mut().zip(raw) {
                *entry = dictionary.number(raw.entry);
            }
            for (i, column) in more.iter_mut().enumerate().take(X) {
                for (value, raw) in column.iter_mut().zip(raw) {
                    *value = u64::from(raw.more[i]);
                }
            }
        }
        let mut views: [&[u64]; MOST] = [&[]; MOST];
        for (view, column) in views.iter_mut().zip(columns.iter()) {
            *view = &column[..raw.len()];
        }
        pack(&dictionary.entries, &views[..X + 2], bytes);
        arena.append(bytes)
    }

    /// Changes entries of spans that are packed, each given by its lane and number.
    pub fn patch(&mut self, lanes: usize, spans: &[(u32, u32)], change: impl Fn(&mut Raw<X>)) {
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
            self.written[i].at = self.write(&raw, start);
            self.written[i].times = self.times(&raw);
        }
    }
}

/// The entries of a block, numbered.
#[derive(Debug, Default)]
struct Dictionary {
    entries: Vec<Entry>,
    /// By some bits of an entry the number of one that had them last.
    recent: [u8; 32],
}

impl Dictionary {
    fn clear(&mut self) {
        self.entries.clear();
    }

    /// The number of an entry, which is added if it is new.
    #[inline]
    fn number(&mut self, entry: Entry) -> u64 {
        let [class, other, stack, cause_stack] = entry;
        let bits = class ^ other.wrapping_mul(3) ^ stack.wrapping_mul(5) ^ cause_stack.wrapping_mul(11);
        let recent = &mut self.recent[bits as usize % 32];
        if self.entries.get(usize::from(*recent)) != Some(&entry) {
            let number = self.entries.iter().position(|it| *it == entry).unwrap_or_else(|| {
                self.entries.push(entry);
                self.entries.len() - 1
            });
            // A block has no more entries than rows.
            *recent = number as u8;
        }
        u64::from(*recent)
    }
}

/// The spans of a block as they were before it was packed.
fn unpack<const X: usize>(bytes: &[u8], start: i64) -> Vec<Raw<X>> {
    let block = Block::<MOST>::open_some(bytes, X + 2);
    (0..block.rows())
        .map(|row| Raw {
            start: start.wrapping_add(block.get(START, row) as i64),
            entry: block.entry(block.get(SITE, row)),
            more: std::array::from_fn(|column| block.get(column + 2, row) as u32),
        })
        .collect()
}
