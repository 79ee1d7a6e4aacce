//! Rows of raw spans to packed blocks.

use super::{SITE, START};
use crate::packed::{BLOCK, Block, Entry, pack};
use crate::storage::Arena;

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
}

/// Blocks that are packed, and memory that packing uses again and again.
#[derive(Debug)]
pub(crate) struct Packing<const X: usize> {
    pub written: Vec<Written>,
    columns: Vec<Vec<u64>>,
    dictionary: Vec<Entry>,
    bytes: Vec<u8>,
    arena: Arena,
}

/// The most columns of a block of spans.
const MOST: usize = 8;

impl<const X: usize> Packing<X> {
    pub fn new(arena: Arena) -> Self {
        let columns = (0..X + 2).map(|_| Vec::with_capacity(BLOCK)).collect();
        Self { written: Vec::new(), columns, dictionary: Vec::new(), bytes: Vec::new(), arena }
    }

    /// Packs a row of spans.
    pub fn pack(&mut self, full: &Full<X>) {
        let Some(first) = full.raw.first() else { return };
        let (lane, start) = (full.lane, first.start);
        let at = self.write(&full.raw, start);
        self.written.push(Written { lane, start, at });
    }

    fn write(&mut self, raw: &[Raw<X>], start: i64) -> u64 {
        let Self { columns, dictionary, bytes, arena, .. } = self;
        columns.iter_mut().for_each(Vec::clear);
        dictionary.clear();
        bytes.clear();
        if let [starts, entries, more @ ..] = columns.as_mut_slice() {
            starts.extend(raw.iter().map(|raw| raw.start.wrapping_sub(start) as u64));
            let mut last = 0;
            entries.extend(raw.iter().map(|raw| {
                // Spans often alternate between two entries.
                if dictionary.get(last) != Some(&raw.entry) {
                    last = dictionary.iter().position(|entry| *entry == raw.entry).unwrap_or_else(|| {
                        dictionary.push(raw.entry);
                        dictionary.len() - 1
                    });
                }
                last as u64
            }));
            for (i, column) in more.iter_mut().enumerate() {
                column.extend(raw.iter().map(|raw| u64::from(raw.more[i])));
            }
        }
        let mut views: [&[u64]; MOST] = [&[]; MOST];
        for (view, column) in views.iter_mut().zip(columns.iter()) {
            *view = column;
        }
        pack(dictionary, &views[..X + 2], bytes);
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
            let Written { lane, start, at } = self.written[i];
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
        }
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
