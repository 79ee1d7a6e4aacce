//! Spans while they are being read: a short row of raw spans per lane, packed when it is full.
//!
//! The last span of a lane always is still raw, so that what is learnt of it later can be added.

use super::START;
use crate::packed::{BLOCK, Block, Entry, pack};
use crate::storage::{Arena, long_words, words};

/// A span that is not packed yet.
#[derive(Clone, Copy, Debug)]
pub(crate) struct Raw<const X: usize> {
    pub start: i64,
    /// What often comes together, the class first.
    pub entry: Entry,
    /// The other columns; 0 is nothing.
    pub more: [u32; X],
}

/// What is known of a lane while it grows.
#[derive(Debug)]
struct Lane<const X: usize> {
    raw: Vec<Raw<X>>,
    packed: u32,
    /// When its last span began; `i64::MIN` if it has none.
    last_start: i64,
    /// When the lane ended, or `i64::MAX`.
    end: i64,
}

/// A block of a lane.
#[derive(Clone, Copy, Debug)]
struct Written {
    lane: u32,
    start: i64,
    at: u64,
}

/// The spans of all lanes of a kind, with `X` columns beside begin and entry.
#[derive(Debug)]
pub(crate) struct LaneWriter<const X: usize> {
    lanes: Vec<Lane<X>>,
    written: Vec<Written>,
    packer: Packer,
}

/// Memory that packing uses again and again.
#[derive(Debug, Default)]
struct Packer {
    columns: Vec<Vec<u64>>,
    dictionary: Vec<Entry>,
    bytes: Vec<u8>,
}

/// Raw spans of a new lane: most lanes are short.
const FIRST: usize = 4;

impl<const X: usize> Default for LaneWriter<X> {
    fn default() -> Self {
        let columns = (0..X + 2).map(|_| Vec::with_capacity(BLOCK)).collect();
        Self { lanes: Vec::new(), written: Vec::new(), packer: Packer { columns, ..Packer::default() } }
    }
}

impl<const X: usize> LaneWriter<X> {
    /// Adds a lane without spans.
    pub fn add_lane(&mut self) {
        self.lanes.push(Lane { raw: Vec::new(), packed: 0, last_start: i64::MIN, end: i64::MAX });
    }

    /// Number of lanes.
    pub fn lanes(&self) -> usize {
        self.lanes.len()
    }

    /// How many spans a lane has.
    pub fn rows(&self, lane: u32) -> u32 {
        let lane = &self.lanes[lane as usize];
        lane.packed + lane.raw.len() as u32
    }

    /// When the last span of a lane began; `i64::MIN` if it has none.
    #[inline]
    pub fn last_start(&self, lane: u32) -> i64 {
        self.lanes[lane as usize].last_start
    }

    /// The last span of a lane that has not ended.
    #[inline]
    pub fn last(&self, lane: u32) -> Option<&Raw<X>> {
        self.lanes[lane as usize].raw.last()
    }

    /// The same, to be changed; its begin stays.
    #[inline]
    pub fn last_mut(&mut self, lane: u32) -> Option<&mut Raw<X>> {
        self.lanes[lane as usize].raw.last_mut()
    }

    /// Begins a span, not before the last one.
    #[inline]
    pub fn push(&mut self, lane: u32, span: Raw<X>, arena: &mut Arena) {
        let state = &mut self.lanes[lane as usize];
        state.last_start = span.start;
        if state.raw.len() < BLOCK {
            if state.raw.capacity() == 0 {
                state.raw.reserve_exact(FIRST);
            }
            state.raw.push(span);
            return;
        }
        self.flush(lane, arena);
        self.lanes[lane as usize].raw.push(span);
    }

    /// Ends a lane for good.
    pub fn end(&mut self, lane: u32, ts: i64, arena: &mut Arena) {
        self.lanes[lane as usize].end = ts;
        self.flush(lane, arena);
        self.lanes[lane as usize].raw = Vec::new();
    }

    fn flush(&mut self, lane: u32, arena: &mut Arena) {
        let state = &mut self.lanes[lane as usize];
        let Some(first) = state.raw.first() else { return };
        let start = first.start;
        let at = self.packer.write(&state.raw, start, arena);
        self.written.push(Written { lane, start, at });
        state.packed += state.raw.len() as u32;
        state.raw.clear();
    }

    /// Changes entries of spans that are packed already: of each `(lane, row)`, of which there are few.
    pub fn patch(&mut self, spans: &[(u32, u32)], arena: &mut Arena, change: impl Fn(&mut Raw<X>)) {
        let mut wanted: Vec<(u32, u32)> = spans.to_vec();
        wanted.sort_unstable();
        // Which block of its lane each written one is, follows from how many of the lane come before.
        let mut number = vec![0u32; self.lanes.len()];
        for written in &mut self.written {
            let block = number[written.lane as usize];
            number[written.lane as usize] += 1;
            let first = (written.lane, block * BLOCK as u32);
            let from = wanted.partition_point(|&span| span < first);
            let in_block = |span: &&(u32, u32)| span.0 == written.lane && span.1 - first.1 < BLOCK as u32;
            let spans: Vec<usize> =
                wanted[from..].iter().take_while(in_block).map(|span| (span.1 - first.1) as usize).collect();
            if spans.is_empty() {
                continue;
            }
            let bytes = arena.read_back(written.at);
            let mut raw = unpack(&bytes, written.start);
            for row in spans {
                raw.get_mut(row).map(&change);
            }
            written.at = self.packer.write(&raw, written.start, arena);
        }
        for &(lane, row) in &wanted {
            let lane = &mut self.lanes[lane as usize];
            if let Some(at) = row.checked_sub(lane.packed) {
                lane.raw.get_mut(at as usize).map(&change);
            }
        }
    }

    /// Packs what is left. Lanes that did not end do so at `end`.
    pub fn finish(mut self, end: i64, arena: &mut Arena) -> Directory {
        for lane in 0..self.lanes.len() as u32 {
            let state = &mut self.lanes[lane as usize];
            if state.end == i64::MAX {
                state.end = end.max(state.last_start);
            }
            self.flush(lane, arena);
            self.lanes[lane as usize].raw = Vec::new();
        }
        Directory::new(&self.lanes, &self.written)
    }
}

impl Packer {
    /// Packs a block; where it is.
    fn write<const X: usize>(&mut self, raw: &[Raw<X>], start: i64, arena: &mut Arena) -> u64 {
        let Self { columns, dictionary, bytes } = self;
        columns.iter_mut().for_each(Vec::clear);
        dictionary.clear();
        bytes.clear();
        if let [starts, entries, more @ ..] = columns.as_mut_slice() {
            for raw in raw {
                starts.push(raw.start.wrapping_sub(start) as u64);
                let entry = dictionary.iter().position(|entry| *entry == raw.entry).unwrap_or_else(|| {
                    dictionary.push(raw.entry);
                    dictionary.len() - 1
                });
                entries.push(entry as u64);
                for (column, &value) in more.iter_mut().zip(&raw.more) {
                    column.push(u64::from(value));
                }
            }
        }
        let mut views: [&[u64]; 8] = [&[]; 8];
        for (view, column) in views.iter_mut().zip(columns.iter()) {
            *view = column;
        }
        pack(dictionary, &views[..X + 2], bytes);
        arena.append(bytes)
    }
}

/// The spans of a block as they were before it was packed.
fn unpack<const X: usize>(bytes: &[u8], start: i64) -> Vec<Raw<X>> {
    let block = Block::<8>::open_some(bytes, X + 2);
    (0..block.rows())
        .map(|row| Raw {
            start: start.wrapping_add(block.get(START, row) as i64),
            entry: block.entry(block.get(super::SITE, row)),
            more: std::array::from_fn(|column| block.get(column + 2, row) as u32),
        })
        .collect()
}

/// Where the spans of each lane are, as bytes.
#[derive(Debug)]
pub(crate) struct Directory {
    pub first_row: Vec<u8>,
    pub first_block: Vec<u8>,
    pub end: Vec<u8>,
    pub block_start: Vec<u8>,
    pub block_at: Vec<u8>,
}

impl Directory {
    fn new<const X: usize>(lanes: &[Lane<X>], written: &[Written]) -> Self {
        let mut first_block = vec![0u32; lanes.len() + 1];
        for block in written {
            first_block[block.lane as usize + 1] += 1;
        }
        for lane in 0..lanes.len() {
            first_block[lane + 1] += first_block[lane];
        }
        let mut next = first_block.clone();
        let mut start = vec![0i64; written.len()];
        let mut at = vec![0u64; written.len()];
        for block in written {
            let place = &mut next[block.lane as usize];
            start[*place as usize] = block.start;
            at[*place as usize] = block.at;
            *place += 1;
        }
        let mut rows = 0;
        let first_row = std::iter::once(0).chain(lanes.iter().map(|lane| {
            rows += lane.packed;
            rows
        }));
        Self {
            first_row: words(first_row),
            first_block: words(first_block),
            end: long_words(lanes.iter().map(|lane| lane.end as u64)),
            block_start: long_words(start.into_iter().map(|start| start as u64)),
            block_at: long_words(at),
        }
    }
}
