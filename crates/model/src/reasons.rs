//! How long a goroutine was in each class for each reason, in any window.
//!
//! What a span is and why stands in its block's dictionary, so a block is summed up by entry first: a span costs two
//! numbers that are unpacked, and the few entries of a block are looked at once.

use goroscope_reader::StringIdx;

use crate::Class;
use crate::lanes::{PackedLane, SITE, START};
use crate::packed::{BLOCK, Block, Entry};
use crate::rows::class_of;

/// The spans of one class that began for one reason.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct ReasonTime {
    /// The class.
    pub class: Class,
    /// The reason, or the empty string.
    pub reason: StringIdx,
    /// Their time, ns.
    pub ns: u64,
    /// How many.
    pub spans: u64,
}

impl ReasonTime {
    /// Adds to the row of its class and reason, or as a new one.
    pub fn add_to(self, sums: &mut Vec<Self>) {
        match sums.iter_mut().find(|sum| sum.class == self.class && sum.reason == self.reason) {
            Some(sum) => {
                sum.ns = sum.ns.wrapping_add(self.ns);
                sum.spans += self.spans;
            }
            None => sums.push(self),
        }
    }
}

/// A block with its begins and entries laid out.
pub(crate) struct OpenReasons {
    block: usize,
    /// How many spans are in it.
    rows: usize,
    /// When each begins, and when the last ends.
    starts: [i64; BLOCK + 1],
    sites: [u64; BLOCK],
    entries: Vec<Entry>,
}

impl Default for OpenReasons {
    fn default() -> Self {
        Self { block: usize::MAX, rows: 0, starts: [0; BLOCK + 1], sites: [0; BLOCK], entries: Vec::new() }
    }
}

impl OpenReasons {
    fn load(&mut self, lane: PackedLane<'_>, number: usize) {
        if self.block == number {
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
        (self.block, self.rows) = (number, rows);
    }
}

/// Adds what a lane's spans were in `[from, to)`; one without duration is there if it is within, or at the lane's end.
/// `open` is the block that was looked at last.
pub(crate) fn add(lane: PackedLane<'_>, open: &mut OpenReasons, from: i64, to: i64, sums: &mut Vec<ReasonTime>) {
    if from >= to || lane.rows == 0 {
        return;
    }
    let is_near = open.block < lane.blocks()
        && lane.block_start(open.block) < from
        && (open.block + 1 == lane.blocks() || lane.block_start(open.block + 1) >= from);
    let first = if is_near { open.block } else { lane.count_before(from).saturating_sub(1) / BLOCK };
    for number in (first..lane.blocks()).take_while(|&number| lane.block_start(number) <= to) {
        open.load(lane, number);
        let starts = &open.starts[..open.rows];
        let touched = starts.partition_point(|&start| start < from).saturating_sub(1)
            ..starts.partition_point(|&start| start <= to);
        let mut by_entry = [(0u64, 0u64); BLOCK];
        for row in touched {
            let (start, end) = (open.starts[row], open.starts[row + 1]);
            let is_last = start == to && end == to && to == lane.end;
            if is_last || (start < to && (end > from || start >= from)) {
                let sum = &mut by_entry[open.sites[row] as usize % BLOCK];
                let ns = end.min(to).wrapping_sub(start.max(from));
                *sum = (sum.0.wrapping_add(ns as u64), sum.1 + 1);
            }
        }
        for (&[class, reason, ..], &(ns, spans)) in open.entries.iter().zip(&by_entry) {
            if spans > 0 {
                let (class, reason) = (class_of(class.into()), StringIdx(reason));
                ReasonTime { class, reason, ns, spans }.add_to(sums);
            }
        }
    }
}
