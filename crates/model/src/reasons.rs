//! How long a goroutine was in each class for each reason, in any window.
//!
//! What a span is and why stands in its block's dictionary, so a block is summed up by entry first: a span costs two
//! numbers that are unpacked, and the few entries of a block are looked at once.

use goroscope_reader::StringIdx;

use crate::Class;
use crate::kinds::OpenBlock;
use crate::lanes::PackedLane;
use crate::packed::BLOCK;
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

/// Adds what a lane's spans were in `[from, to)`; one without duration is there if it is within, or at the lane's end.
/// `open` is the block that was looked at last.
pub(crate) fn add(lane: PackedLane<'_>, open: &mut OpenBlock, from: i64, to: i64, sums: &mut Vec<ReasonTime>) {
    if from >= to || lane.rows == 0 {
        return;
    }
    let is_near = open.number < lane.blocks()
        && lane.block_start(open.number) < from
        && (open.number + 1 == lane.blocks() || lane.block_start(open.number + 1) >= from);
    let first = if is_near { open.number } else { lane.count_before(from).saturating_sub(1) / BLOCK };
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
