//! How long a lane showed each class in any window, exactly, however many spans are in it.
//!
//! In lanes of several blocks the sums per class before each block are kept. So the time until a moment is that before
//! its block and what is in the block before it, 128 spans at most:
//!
//! ```text
//! blocks   |0 ........|1 ........|2 ...x....|3 ..
//! sums      0          Σ          Σ    └ scanned from the block's begin
//! ```
//!
//! Times of a damaged trace may be anything, so sums are modulo 2^64.
//!
//! Adjacent cells share their boundaries. From one boundary to the next the block is found by galloping, and in a block
//! the scan goes on where it stopped. So cells cost by the distance between boundaries, not by the lane's length.

use crate::Class;
use crate::lanes::{PackedLane, SITE, START};
use crate::packed::{BLOCK, Block, Entry};
use crate::storage::{Bytes, LongWords, Words, long_words, partition, words};

/// Time of each class.
pub(crate) type Times = [u64; Class::COUNT];

/// Nothing.
pub(crate) const NO_TIME: Times = [0; Class::COUNT];

/// Sums of the lanes of a table that have several blocks.
#[derive(Clone, Debug, Default)]
pub(crate) struct ZoomIndex {
    /// Numbers of these lanes, ascending.
    pub lanes: Bytes,
    /// Of each the classes that it shows, as bits.
    pub classes: Bytes,
    /// Where its sums begin; one more for the end.
    pub first: Bytes,
    /// Before each block, of each of its classes.
    pub sums: Bytes,
}

/// Sums of one lane.
#[derive(Clone, Copy, Debug)]
pub(crate) struct LaneSums<'a> {
    classes: u32,
    sums: LongWords<'a>,
}

/// What a block shows up to the begin of its last span, and what that shows.
#[derive(Clone, Copy, Debug, Default)]
pub(crate) struct BlockTimes {
    /// Its classes as bits.
    classes: u32,
    /// Where the time of each of them is.
    first: u32,
    last_class: u32,
    last_start: i64,
}

impl BlockTimes {
    /// Sums up a block of spans, of each its begin since `begin` and the number of its entry; the times go to `sums`.
    pub fn of(begin: i64, starts: &[u64], numbers: &[u32], entries: &[Entry], sums: &mut Vec<u64>) -> Self {
        let mut by_entry = [0u64; BLOCK];
        for ((start, end), number) in starts.iter().zip(starts.iter().skip(1)).zip(numbers) {
            // A block has no more entries than rows.
            let time = &mut by_entry[*number as usize % BLOCK];
            *time = time.wrapping_add(end.saturating_sub(*start));
        }
        let mut times = NO_TIME;
        let mut classes = 0;
        for (entry, time) in entries.iter().zip(&by_entry) {
            if let Some(sum) = times.get_mut(entry[0] as usize) {
                *sum = sum.wrapping_add(*time);
                classes |= 1 << entry[0];
            }
        }
        let first = sums.len() as u32;
        sums.extend(bits(classes).map(|class| times[class]));
        let last = numbers.last().and_then(|&number| entries.get(number as usize));
        let last_start = begin.wrapping_add(starts.last().map_or(0, |&start| start as i64));
        Self { classes, first, last_class: last.map_or(0, |entry| entry[0]), last_start }
    }
}

/// Makes a [`ZoomIndex`] lane by lane.
#[derive(Debug, Default)]
pub(crate) struct ZoomWriter {
    lanes: Vec<u32>,
    classes: Vec<u32>,
    first: Vec<u32>,
    sums: Vec<u64>,
}

impl ZoomWriter {
    /// Adds a lane of these blocks, each with its begin, whose last span ends at `end`.
    pub fn add_lane(
        &mut self,
        lane: u32,
        blocks: impl ExactSizeIterator<Item = (i64, BlockTimes)> + Clone,
        end: i64,
        sums: &[u64],
    ) {
        if blocks.len() < 2 {
            return;
        }
        let classes = blocks.clone().fold(0, |classes, (_, block)| classes | block.classes);
        self.lanes.push(lane);
        self.classes.push(classes);
        self.first.push(self.sums.len() as u32);
        let ends = blocks.clone().skip(1).map(|(start, _)| start).chain([end]);
        let mut times = NO_TIME;
        for ((_, block), end) in blocks.zip(ends) {
            self.sums.extend(bits(classes).map(|class| times[class]));
            let own = sums.get(block.first as usize..).unwrap_or_default();
            for (class, time) in bits(block.classes).zip(own) {
                times[class] = times[class].wrapping_add(*time);
            }
            add(&mut times, block.last_class as u8, block.last_start, end);
        }
    }

    /// The index of all lanes added.
    pub fn finish(self) -> ZoomIndex {
        let Self { lanes, classes, mut first, sums } = self;
        first.push(sums.len() as u32);
        ZoomIndex {
            lanes: Bytes::owned(words(lanes)),
            classes: Bytes::owned(words(classes)),
            first: Bytes::owned(words(first)),
            sums: Bytes::owned(long_words(sums)),
        }
    }
}

impl ZoomIndex {
    /// The sums of a lane, if it has several blocks.
    pub fn lane(&self, lane: u32) -> Option<LaneSums<'_>> {
        let lanes = Words(self.lanes.get());
        let at = partition(0, lanes.len(), |at| lanes.at(at) < lane);
        if at >= lanes.len() || lanes.at(at) != lane {
            return None;
        }
        let first = Words(self.first.get());
        let words = first.at(at) as usize * 8..first.at(at + 1) as usize * 8;
        let sums = LongWords(self.sums.get().get(words).unwrap_or_default());
        Some(LaneSums { classes: Words(self.classes.get()).at(at), sums })
    }
}

/// The classes that a lane shows, as bits.
pub(crate) fn classes_of(lane: PackedLane<'_>) -> u32 {
    let mut classes = 0u32;
    for block in 0..lane.blocks() {
        lane.block::<0>(block).each_first_word(|class| classes |= 1u32.checked_shl(class.into()).unwrap_or(0));
    }
    classes & ALL
}

/// The bits of all classes.
const ALL: u32 = (1 << Class::COUNT) - 1;

/// The places of the bits that are set.
fn bits(set: u32) -> impl Iterator<Item = usize> {
    let mut left = set & ALL;
    std::iter::from_fn(move || {
        let bit = (left != 0).then(|| left.trailing_zeros() as usize);
        left &= left.wrapping_sub(1);
        bit
    })
}

impl LaneSums<'_> {
    /// The classes that the lane shows, as bits.
    pub fn classes(&self) -> u32 {
        self.classes
    }

    /// Adds the time from the begin of a block to that of another.
    fn add(&self, from: usize, to: usize, times: &mut Times) {
        let n = self.classes.count_ones() as usize;
        for (i, class) in bits(self.classes).enumerate() {
            let time = self.sums.at(to * n + i).wrapping_sub(self.sums.at(from * n + i));
            times[class] = times[class].wrapping_add(time);
        }
    }
}

/// A block with its begins and classes laid out.
pub(crate) struct Open {
    block: usize,
    /// How many spans are in it.
    pub rows: usize,
    /// When each begins, and when the last ends.
    pub start: [i64; BLOCK + 1],
    pub class: [u8; BLOCK],
}

impl Default for Open {
    fn default() -> Self {
        Self { block: usize::MAX, rows: 0, start: [0; BLOCK + 1], class: [0; BLOCK] }
    }
}

impl Open {
    pub fn load(&mut self, lane: PackedLane<'_>, number: usize) {
        let block: Block<'_, 2> = lane.block(number);
        let rows = block.rows().min(BLOCK);
        let mut column = [0; BLOCK];
        let column = &mut column[..rows];
        block.decode(START, column);
        let begin = lane.block_start(number);
        for (start, &since) in self.start.iter_mut().zip(&*column) {
            *start = begin.wrapping_add(since as i64);
        }
        self.start[rows] = if number + 1 < lane.blocks() { lane.block_start(number + 1) } else { lane.end };
        block.decode(SITE, column);
        let mut classes = [0; BLOCK];
        block.first_words(&mut classes);
        for (class, &entry) in self.class.iter_mut().zip(&*column) {
            *class = classes.get(entry as usize).copied().unwrap_or(0);
        }
        (self.block, self.rows) = (number, rows);
    }

    /// Adds the whole time of some of the spans.
    fn add(&self, from: usize, to: usize, times: &mut Times) {
        for row in from..to {
            add(times, self.class[row], self.start[row], self.start[row + 1]);
        }
    }
}

/// Fills `out` with the time of each class in adjacent cells of `width` ns from `from`, and `begins` with the number of
/// spans that begin in each.
pub(crate) fn cells(
    lane: PackedLane<'_>,
    sums: Option<LaneSums<'_>>,
    from: i64,
    width: i64,
    out: &mut [Times],
    begins: &mut [u32],
) {
    let mut walk = Walk::new(lane, sums, from);
    let mut begins = begins.iter_mut();
    for (i, times) in out.iter_mut().enumerate() {
        *times = NO_TIME;
        let count = walk.advance(boundary(from, width, i + 1), times);
        if let Some(begins) = begins.next() {
            *begins = count;
        }
    }
}

/// Where a block stands for so many cells or more, its spans are added one by one.
const CELLS_PER_BLOCK: usize = 16;

/// Adds the time of each class to adjacent cells of `width` ns from `from`.
pub(crate) fn add_cells(lane: PackedLane<'_>, sums: Option<LaneSums<'_>>, from: i64, width: i64, out: &mut [Times]) {
    let Some(last) = out.len().checked_sub(1) else { return };
    if lane.rows == 0 || lane.end <= from || lane.block_start(0) >= boundary(from, width, last + 1) {
        return;
    }
    // Cells before the lane's begin and behind its end have nothing of it.
    let cell = |ts: i64| (ts.saturating_sub(from).max(0) / width.max(1)) as usize;
    let (first, last) = (cell(lane.block_start(0)), cell(lane.end).min(last));
    let (begin, end) = (boundary(from, width, first), boundary(from, width, last + 1));
    let first_block = block_of(lane, 0, begin);
    let blocks = block_of(lane, first_block, end) + 1 - first_block;
    if width > 0 && blocks * CELLS_PER_BLOCK <= last + 1 - first {
        let mut open = Open::default();
        for block in first_block..first_block + blocks {
            open.load(lane, block);
            for row in 0..open.rows {
                let (mut at, to) = (open.start[row].max(begin), open.start[row + 1].min(end));
                let class = open.class[row];
                let mut i = cell(at);
                while at < to && i <= last {
                    let until = boundary(from, width, i + 1).min(to);
                    add(&mut out[i], class, at, until);
                    (at, i) = (until, i + 1);
                }
            }
        }
        return;
    }
    let mut walk = Walk::new(lane, sums, boundary(from, width, first));
    for (i, times) in out.iter_mut().enumerate().take(last + 1).skip(first) {
        walk.advance(boundary(from, width, i + 1), times);
    }
}

/// Where cell `i` begins. Cells past the end of time are empty.
pub(crate) fn boundary(from: i64, width: i64, i: usize) -> i64 {
    from.saturating_add(width.max(0).saturating_mul(i as i64))
}

/// The time of each class in `[from, to)`.
pub(crate) fn time(lane: PackedLane<'_>, sums: Option<LaneSums<'_>>, from: i64, to: i64) -> Times {
    let mut times = NO_TIME;
    Walk::new(lane, sums, from).advance(to.max(from), &mut times);
    times
}

/// The time from the begin of a lane until any moment, cheapest for moments that ascend.
#[derive(Default)]
pub(crate) struct Until {
    open: Open,
    /// How many spans of the open block are in `done`.
    row: usize,
    done: Times,
}

impl Until {
    pub fn time(&mut self, lane: PackedLane<'_>, sums: Option<LaneSums<'_>>, ts: i64) -> Times {
        if lane.blocks() == 0 {
            return NO_TIME;
        }
        let is_ahead = self.open.block < lane.blocks() && lane.block_start(self.open.block) < ts;
        let block = block_of(lane, if is_ahead { self.open.block } else { 0 }, ts);
        if block != self.open.block {
            self.open.load(lane, block);
            (self.row, self.done) = (0, NO_TIME);
        }
        let begun = self.open.start[..self.open.rows].partition_point(|&start| start < ts);
        let last = begun.saturating_sub(1);
        if last < self.row {
            (self.row, self.done) = (0, NO_TIME);
        }
        self.open.add(self.row, last, &mut self.done);
        self.row = last;
        let mut times = self.done;
        if begun > 0 {
            add(&mut times, self.open.class[last], self.open.start[last], ts.min(self.open.start[last + 1]));
        }
        // Only lanes of one block have no sums.
        if let Some(sums) = sums {
            sums.add(0, block, &mut times);
        }
        times
    }
}

/// A moment on a lane, moving forward.
struct Walk<'a> {
    lane: PackedLane<'a>,
    sums: Option<LaneSums<'a>>,
    open: Open,
    at: i64,
    /// First span of the open block that does not begin before `at`.
    row: usize,
    /// The time from the open block's begin to `at`.
    done: Times,
}

impl<'a> Walk<'a> {
    fn new(lane: PackedLane<'a>, sums: Option<LaneSums<'a>>, from: i64) -> Self {
        let mut open = Open::default();
        let mut walk_row = 0;
        if lane.blocks() > 0 {
            let block = block_of(lane, 0, from);
            open.load(lane, block);
            walk_row = open.start[..open.rows].partition_point(|&start| start < from);
        } else {
            open.block = 0;
        }
        let mut walk = Self { lane, sums, open, at: from, row: walk_row, done: NO_TIME };
        if sums.is_some() {
            let mut done = NO_TIME;
            if let Some(last) = walk.row.checked_sub(1) {
                walk.open.add(0, last, &mut done);
                add(&mut done, walk.open.class[last], walk.open.start[last], from.min(walk.open.start[last + 1]));
            }
            walk.done = done;
        }
        walk
    }

    /// Moves on to `to` and adds the time until then. How many spans begin until then.
    fn advance(&mut self, to: i64, times: &mut Times) -> u32 {
        let before = self.open.block * BLOCK + self.row;
        if self.lane.blocks() > self.open.block + 1 {
            let block = block_of(self.lane, self.open.block, to);
            if block > self.open.block {
                self.enter(block, times);
            }
        }
        let mut spent = NO_TIME;
        // What lasts since before, then what begins until then.
        if let Some(last) = self.row.checked_sub(1) {
            let end = self.open.start[self.row].min(to);
            add(&mut spent, self.open.class[last], self.at.max(self.open.start[last]), end);
        }
        while self.row < self.open.rows && self.open.start[self.row] < to {
            let end = self.open.start[self.row + 1].min(to);
            add(&mut spent, self.open.class[self.row], self.open.start[self.row], end);
            self.row += 1;
        }
        for ((time, done), spent) in times.iter_mut().zip(&mut self.done).zip(&spent) {
            *time = time.wrapping_add(*spent);
            *done = done.wrapping_add(*spent);
        }
        self.at = to;
        (self.open.block * BLOCK + self.row - before) as u32
    }

    /// Goes to the begin of a later block and adds the time until then.
    fn enter(&mut self, block: usize, times: &mut Times) {
        match self.sums {
            Some(sums) => {
                sums.add(self.open.block, block, times);
                for (time, done) in times.iter_mut().zip(&self.done) {
                    *time = time.wrapping_sub(*done);
                }
                self.open.load(self.lane, block);
            }
            // Only lanes of one block have no sums.
            None => self.open.load(self.lane, block),
        }
        self.done = NO_TIME;
        self.row = 0;
        self.at = self.open.start[0];
    }
}

/// The last block from `first` on that begins before `ts`, or `first`.
fn block_of(lane: PackedLane<'_>, first: usize, ts: i64) -> usize {
    let blocks = lane.blocks();
    let mut low = first;
    let mut step = 1;
    while low + step < blocks && lane.block_start(low + step) < ts {
        low += step;
        step *= 2;
    }
    let high = blocks.min(low + step);
    partition(low + 1, high, |block| lane.block_start(block) < ts) - 1
}

fn add(times: &mut Times, class: u8, from: i64, to: i64) {
    if to > from
        && let Some(time) = times.get_mut(class as usize)
    {
        *time = time.wrapping_add(to.abs_diff(from));
    }
}

#[cfg(test)]
pub(crate) mod tests;
