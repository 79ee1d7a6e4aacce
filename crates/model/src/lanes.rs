//! Spans of many lanes in packed blocks: one table for goroutines, one for procs, one for threads, one for wakes.
//!
//! A lane's spans stand in blocks of up to 128, all but the last full, so that span `i` of a lane is in its block
//! `i / 128`. Blocks stand in the storage in the order in which they were filled, hence nearly in that of time; the
//! directory names them lane by lane:
//!
//! ```text
//! lane       0        1           2
//! first row  0        300         304          …   rows in all
//! first blk  0        3           4            …   blocks in all
//! end        …
//! block      0  1  2  3  4 …         when its first span begins, and where it is in the storage
//! ```
//!
//! In each block, column 0 is the begin of the spans since that of the block, column 1 the dictionary entry that holds
//! what often comes together, its class first.

mod directory;
mod moments;
mod packing;
mod stream;
mod writer;

pub(crate) use directory::{Directory, Packed};
pub(crate) use moments::MomentWriter;
pub(crate) use packing::{Packing, Raw};
pub(crate) use stream::Ending;
pub(crate) use writer::LaneWriter;

use std::fmt;

use crate::packed::{BLOCK, Block, Entry};
use crate::storage::{Bytes, LongWords, Words, partition};

/// Begin of the spans since that of the block.
pub(crate) const START: usize = 0;
/// Entry of the dictionary.
pub(crate) const SITE: usize = 1;

/// The directory of a table, and its blocks.
#[derive(Clone, Debug, Default)]
pub(crate) struct LaneTable {
    /// First row of each lane, and one more.
    pub first_row: Bytes,
    /// First block of each lane, and one more.
    pub first_block: Bytes,
    /// When each lane ends.
    pub end: Bytes,
    /// When the first span of each block begins.
    pub block_start: Bytes,
    /// Where each block is.
    pub block_at: Bytes,
    /// Where the blocks are.
    pub blocks: Bytes,
}

/// One lane of a table.
#[derive(Clone, Copy)]
pub(crate) struct PackedLane<'a> {
    /// Row number of the first span in its table.
    pub first_row: u32,
    pub rows: usize,
    /// When the last span ends.
    pub end: i64,
    starts: LongWords<'a>,
    at: LongWords<'a>,
    blocks: &'a [u8],
}

impl fmt::Debug for PackedLane<'_> {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        write!(f, "{} rows from {} on, until {} ns", self.rows, self.first_row, self.end)
    }
}

impl LaneTable {
    /// Number of lanes.
    pub fn lanes(&self) -> usize {
        LongWords(self.end.get()).len()
    }

    /// Number of rows.
    pub fn rows(&self) -> usize {
        Words(self.first_row.get()).at(self.lanes()) as usize
    }

    /// A lane; an empty one if there is none of this number.
    pub fn lane(&self, lane: u32) -> PackedLane<'_> {
        let lane = lane as usize;
        let (rows, blocks) = (Words(self.first_row.get()), Words(self.first_block.get()));
        let (first_row, next_row) = (rows.at(lane), rows.at(lane + 1));
        let words = blocks.at(lane) as usize * 8..blocks.at(lane + 1) as usize * 8;
        PackedLane {
            first_row,
            rows: next_row.saturating_sub(first_row) as usize,
            end: LongWords(self.end.get()).at(lane) as i64,
            starts: LongWords(self.block_start.get().get(words.clone()).unwrap_or_default()),
            at: LongWords(self.block_at.get().get(words).unwrap_or_default()),
            blocks: self.blocks.get(),
        }
    }

    /// The lane of a row.
    pub fn lane_of(&self, row: u32) -> u32 {
        Words(self.first_row.get()).count_up_to(row).saturating_sub(1) as u32
    }
}

impl<'a> PackedLane<'a> {
    /// Number of blocks.
    pub fn blocks(&self) -> usize {
        self.at.len()
    }

    /// When the first span of a block begins.
    #[inline]
    pub fn block_start(&self, block: usize) -> i64 {
        self.starts.at(block) as i64
    }

    /// A block.
    #[inline]
    pub fn block<const K: usize>(&self, block: usize) -> Block<'a, K> {
        let at = usize::try_from(self.at.at(block)).unwrap_or(usize::MAX);
        Block::open(self.blocks.get(at..).unwrap_or_default())
    }

    /// When span `i` begins, or the end of the lane if it is the one behind the last.
    #[inline]
    pub fn start(&self, i: usize) -> i64 {
        if i >= self.rows {
            return self.end;
        }
        let block = i / BLOCK;
        self.block_start(block).wrapping_add(self.block::<2>(block).get(START, i % BLOCK) as i64)
    }

    /// The entry of span `i`.
    #[inline]
    pub fn entry(&self, i: usize) -> Entry {
        let block = self.block::<2>(i / BLOCK);
        block.entry(block.get(SITE, i % BLOCK))
    }

    /// How many spans begin before `ts`.
    pub fn count_before(&self, ts: i64) -> usize {
        self.count_before_from(0, ts)
    }

    /// The same, if it is known that those before `from` do: found by steps that double, so that near is quick.
    pub fn count_before_from(&self, from: usize, ts: i64) -> usize {
        let blocks = self.blocks();
        let mut low = from / BLOCK;
        let mut step = 1;
        while low + step <= blocks && self.block_start(low + step - 1) < ts {
            low += step;
            step *= 2;
        }
        let high = blocks.min(low + step);
        let past = partition(low, high, |block| self.block_start(block) < ts);
        let Some(block) = past.checked_sub(1) else { return 0 };
        let since = ts.wrapping_sub(self.block_start(block)) as u64;
        (block * BLOCK + self.block::<2>(block).partition_point(START, since)).min(self.rows)
    }
}
