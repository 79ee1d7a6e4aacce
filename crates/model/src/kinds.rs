//! Spans block by block, for answers that look at all of them.
//!
//! A span that is taken out in full costs five columns and a search in its block's dictionary. Most sums need its begin
//! and what it is, and what it is stands in the dictionary: so here a block costs two columns, and its few kinds of spans
//! are looked at once.

use std::ops::Range;

use goroscope_reader::StringIdx;

use crate::lanes::{PackedLane, SITE, START};
use crate::packed::{BLOCK, Block, Entry};
use crate::rows::{class_of, row_of};
use crate::{Class, ThreadIdx};

/// What a span of a goroutine is.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct GoKind {
    /// What is drawn.
    pub class: Class,
    /// Reason of the transition into it, or the empty string.
    pub reason: StringIdx,
}

impl GoKind {
    pub(crate) fn of(&[class, reason, ..]: &Entry) -> Self {
        Self { class: class_of(class.into()), reason: StringIdx(reason) }
    }
}

/// What a span of a proc is.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct ProcKind {
    /// What is drawn.
    pub class: Class,
    /// The thread that held the proc, or `NONE`.
    pub thread: ThreadIdx,
}

impl ProcKind {
    pub(crate) fn of(&[class, thread, ..]: &Entry) -> Self {
        Self { class: class_of(class.into()), thread: ThreadIdx(row_of(thread.into())) }
    }
}

/// A block with its begins and entries laid out.
pub(crate) struct OpenBlock {
    /// Its number; none has the largest.
    pub number: usize,
    /// How many spans are in it.
    pub rows: usize,
    /// When each begins, and when the last ends.
    pub starts: [i64; BLOCK + 1],
    /// Which entry each has.
    pub sites: [u64; BLOCK],
    pub entries: Vec<Entry>,
}

impl Default for OpenBlock {
    fn default() -> Self {
        Self { number: usize::MAX, rows: 0, starts: [0; BLOCK + 1], sites: [0; BLOCK], entries: Vec::new() }
    }
}

impl OpenBlock {
    pub fn load(&mut self, lane: PackedLane<'_>, number: usize) {
        if self.number == number {
            return;
        }
        let block: Block<'_, 2> = lane.block(number);
        let rows = block.rows().min(BLOCK);
        let mut since = [0; BLOCK];
        block.decode(START, &mut since[..rows]);
        block.decode(SITE, &mut self.sites[..rows]);
        block.entries(&mut self.entries);
        let begin = lane.block_start(number);
        for (start, &since) in self.starts.iter_mut().zip(&since[..rows]) {
            *start = begin.wrapping_add(since as i64);
        }
        self.starts[rows] = if number + 1 < lane.blocks() { lane.block_start(number + 1) } else { lane.end };
        (self.number, self.rows) = (number, rows);
    }
}

/// Calls `visit` with the number, begin, end and kind of some spans of a lane, by time. `kind` makes it of an entry.
pub(crate) fn each<K: Copy>(
    lane: PackedLane<'_>,
    spans: Range<usize>,
    kind: impl Fn(&Entry) -> K,
    mut visit: impl FnMut(usize, i64, i64, K),
) {
    let mut open = OpenBlock::default();
    let mut kinds: Vec<K> = Vec::new();
    // What a block names that is not in its dictionary, which only a broken index has.
    let none = kind(&[0; 4]);
    let end = spans.end.min(lane.rows);
    let mut first = spans.start;
    while first < end {
        let number = first / BLOCK;
        open.load(lane, number);
        kinds.clear();
        kinds.extend(open.entries.iter().map(&kind));
        let begin = number * BLOCK;
        let until = end.min(begin + open.rows);
        let rows = first - begin..until.saturating_sub(begin).max(first - begin);
        let ends = open.starts.iter().skip(rows.start + 1);
        let starts = open.starts.iter().skip(rows.start).zip(ends);
        let sites = open.sites.get(rows.clone()).unwrap_or_default();
        for ((i, (&start, &end)), &site) in (first..).zip(starts).zip(sites) {
            visit(i, start, end, kinds.get(site as usize).copied().unwrap_or(none));
        }
        first = begin + BLOCK;
    }
}
