//! Where the blocks of each lane are, when all of them are written.

use super::packing::{Packing, Raw};
use super::stream::Ending;
use crate::storage::{long_words, words};
use crate::zoom::{ZoomIndex, ZoomWriter};

/// Where the spans of each lane are, as bytes.
#[derive(Debug)]
pub(crate) struct Directory {
    pub first_row: Vec<u8>,
    pub first_block: Vec<u8>,
    pub end: Vec<u8>,
    pub block_start: Vec<u8>,
    pub block_at: Vec<u8>,
}

/// A table whose last blocks are being packed.
#[derive(Debug)]
pub(crate) struct Packed<P> {
    pub(super) packing: P,
    /// When each lane ends.
    pub(super) ends: Vec<i64>,
}

impl<const E: usize, const X: usize> Packed<Ending<E, X>> {
    /// Waits until all blocks are packed.
    pub fn wait(self) -> Packed<Box<Packing<E, X>>> {
        Packed { packing: self.packing.wait(), ends: self.ends }
    }
}

impl<const E: usize, const X: usize> Packed<Box<Packing<E, X>>> {
    /// Changes entries of the spans in `changed`, each a lane and a number in it, of which there are few. The blocks of
    /// all tables must be written.
    pub fn change(&mut self, changed: &[(u32, u32)], change: impl Fn(&mut Raw<E, X>)) {
        self.packing.patch(changed, change);
    }

    /// Where the spans of each lane are, and the sums of what they show. The blocks of all tables must be written.
    pub fn directory(self) -> (Directory, ZoomIndex) {
        let Self { packing, ends } = self;
        let written = &packing.written;
        let mut first_block = vec![0u32; ends.len() + 1];
        for block in written {
            first_block[block.lane as usize + 1] += 1;
        }
        for lane in 0..ends.len() {
            first_block[lane + 1] += first_block[lane];
        }
        let mut next = first_block.clone();
        let mut by_lane = vec![0u32; written.len()];
        for (number, block) in (0..).zip(written) {
            let place = &mut next[block.lane as usize];
            by_lane[*place as usize] = number;
            *place += 1;
        }
        let mut zoom = ZoomWriter::default();
        for (lane, &end) in ends.iter().enumerate() {
            let blocks = first_block[lane] as usize..first_block[lane + 1] as usize;
            let blocks = by_lane[blocks].iter().map(|&number| &written[number as usize]);
            zoom.add_lane(lane as u32, blocks.map(|block| (block.start, block.times)), end, &packing.sums);
        }
        let mut rows = 0;
        let first_row = std::iter::once(0).chain((0..ends.len()).map(|lane| {
            rows += packing.rows(lane);
            rows
        }));
        let addresses = packing.addresses();
        let directory = Directory {
            first_row: words(first_row),
            first_block: words(first_block),
            end: long_words(ends.iter().map(|&end| end as u64)),
            block_start: long_words(by_lane.iter().map(|&number| written[number as usize].start as u64)),
            block_at: long_words(by_lane.iter().map(|&number| addresses[number as usize])),
        };
        (directory, zoom.finish())
    }
}
