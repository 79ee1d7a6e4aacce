//! Values over time with as many points as there may be, and slices of time, of which any stretch is answered quickly.
//!
//! Points stand in packed blocks as the rows of other tables do. Beside them there are the least and the largest value of
//! each block, of every 16 blocks, of every 16 of these, and so on up to one: so the least and the largest of any stretch
//! cost two walks over a block and a few steps per level. Of slices there is the sum of all before each block.

use crate::packed::BLOCK;
use crate::storage::{Arena, Bytes, LongWords, long_words};
use crate::table::{Numbers, Row, Rows, Table, TableWriter};

/// Entries of a level that one of the next level stands for.
const FAN: usize = 16;

/// A value of a counter from a moment on.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct CounterPoint {
    /// When, ns.
    pub ts: i64,
    /// The value.
    pub value: i64,
}

/// A stretch in which a thread had no processor.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct OffCpu {
    /// Begin, ns.
    pub start: i64,
    /// How long, ns.
    pub dur: u64,
    /// Whether it was taken from the processor, and did not wait for something.
    pub preempted: bool,
}

/// A counter: what it is called and its values by time.
#[derive(Clone, Copy, Debug)]
pub struct Counter<'a> {
    /// Its name.
    pub name: &'a str,
    /// Its values.
    pub points: Rows<'a, CounterPoint>,
    pyramid: LongWords<'a>,
}

/// When a thread had no processor, by time; slices do not overlap.
#[derive(Clone, Copy, Debug)]
pub struct OffCpuTimes<'a> {
    /// The slices.
    pub slices: Rows<'a, OffCpu>,
    sums: LongWords<'a>,
}

/// A table and what is kept of its blocks.
#[derive(Clone, Debug)]
pub(crate) struct SeriesTable<R> {
    pub table: Table<R>,
    pub blocks: Bytes,
}

impl Row for CounterPoint {
    const COLUMNS: usize = 2;

    fn numbers(&self) -> Numbers {
        let mut numbers = [0; _];
        numbers[..2].copy_from_slice(&[self.ts as u64, (self.value << 1 ^ self.value >> 63) as u64]);
        numbers
    }

    fn of(&[ts, value, ..]: &Numbers, _: &[crate::ProcIdx]) -> Self {
        Self { ts: ts as i64, value: (value >> 1) as i64 ^ -((value & 1) as i64) }
    }
}

impl Row for OffCpu {
    const COLUMNS: usize = 3;

    fn numbers(&self) -> Numbers {
        let mut numbers = [0; _];
        numbers[..3].copy_from_slice(&[self.start as u64, self.dur, u64::from(self.preempted)]);
        numbers
    }

    fn of(&[start, dur, preempted, ..]: &Numbers, _: &[crate::ProcIdx]) -> Self {
        Self { start: start as i64, dur, preempted: preempted != 0 }
    }
}

/// Writes points, which stand by time: their places, and the pyramid over their blocks.
pub(crate) fn write_counter(points: &[CounterPoint], arena: &Arena) -> [Vec<u8>; 2] {
    let extremes = |points: &[CounterPoint]| {
        let values = points.iter().map(|point| point.value);
        (values.clone().min().unwrap_or(0), values.max().unwrap_or(0))
    };
    let mut level: Vec<(i64, i64)> = points.chunks(BLOCK).map(extremes).collect();
    let mut all = level.clone();
    while level.len() > 1 {
        level = level.chunks(FAN).map(joined).collect();
        all.extend(&level);
    }
    let pyramid = long_words(all.into_iter().flat_map(|(least, largest)| [least as u64, largest as u64]));
    [TableWriter::write(points, arena), pyramid]
}

/// Writes slices, which stand by time and do not overlap: their places, and the sums before their blocks.
pub(crate) fn write_off_cpu(slices: &[OffCpu], arena: &Arena) -> [Vec<u8>; 2] {
    let mut sum = 0u64;
    let before = slices.chunks(BLOCK).map(|block| {
        let before = sum;
        sum = block.iter().fold(sum, |sum, slice| sum.wrapping_add(slice.dur));
        before
    });
    let sums = long_words(before);
    [TableWriter::write(slices, arena), sums]
}

fn joined(entries: &[(i64, i64)]) -> (i64, i64) {
    entries.iter().copied().reduce(widest).unwrap_or((0, 0))
}

fn widest(a: (i64, i64), b: (i64, i64)) -> (i64, i64) {
    (a.0.min(b.0), a.1.max(b.1))
}

impl<'a> Counter<'a> {
    pub(crate) fn new(name: &'a str, series: &'a SeriesTable<CounterPoint>) -> Self {
        Self { name, points: series.table.rows(&[]), pyramid: LongWords(series.blocks.get()) }
    }

    /// How many points are before a moment.
    pub fn count_before(&self, ts: i64) -> usize {
        self.points.partition_point(|point| point.ts < ts)
    }

    /// The value at a moment; `None` before the first one.
    pub fn value_at(&self, ts: i64) -> Option<i64> {
        let row = self.points.partition_point(|point| point.ts <= ts).checked_sub(1)?;
        self.points.get(row).map(|point| point.value)
    }

    /// The least and the largest value of some points; `None` if there are none.
    pub fn extremes(&self, rows: std::ops::Range<usize>) -> Option<(i64, i64)> {
        let (from, to) = (rows.start, rows.end.min(self.points.len()));
        if from >= to {
            return None;
        }
        let walk = |from: usize, to: usize| {
            let values = self.points.iter_from(from).take(to - from).map(|point| (point.value, point.value));
            values.reduce(widest)
        };
        let (first, last) = (from.div_ceil(BLOCK), to / BLOCK);
        if first >= last {
            return walk(from, to);
        }
        [walk(from, first * BLOCK), self.of_blocks(first, last), walk(last * BLOCK, to)]
            .into_iter()
            .flatten()
            .reduce(widest)
    }

    /// The least and the largest value of whole blocks, by the largest entries of the pyramid that are within.
    fn of_blocks(&self, mut from: usize, mut to: usize) -> Option<(i64, i64)> {
        let mut found = None;
        let mut base = 0;
        let mut level = self.points.len().div_ceil(BLOCK);
        let entry = |i: usize| (self.pyramid.at(i * 2) as i64, self.pyramid.at(i * 2 + 1) as i64);
        let mut take = |base: usize, from: usize, to: usize| {
            for i in from..to {
                found = Some(found.map_or(entry(base + i), |found| widest(found, entry(base + i))));
            }
        };
        while from < to {
            let (first, last) = (from.next_multiple_of(FAN), to / FAN * FAN);
            // The last entry of a level may stand for fewer; whoever takes all of the level takes it, too.
            if first >= last || level <= FAN {
                take(base, from, to);
                break;
            }
            take(base, from, first);
            take(base, last, to);
            (from, to) = (first / FAN, last / FAN);
            base += level;
            level = level.div_ceil(FAN);
        }
        found
    }
}

impl<'a> OffCpuTimes<'a> {
    pub(crate) fn new(series: &'a SeriesTable<OffCpu>) -> Self {
        Self { slices: series.table.rows(&[]), sums: LongWords(series.blocks.get()) }
    }

    /// The slices that touch `[from, to)`, by their rows.
    pub fn touching(&self, from: i64, to: i64) -> std::ops::Range<usize> {
        let first = self.slices.partition_point(|slice| slice.end() <= from);
        first..self.slices.partition_point(|slice| slice.start < to).max(first)
    }

    /// How long in `[from, to)`, ns.
    pub fn time(&self, from: i64, to: i64) -> u64 {
        if from >= to { 0 } else { self.before(to).saturating_sub(self.before(from)) }
    }

    /// How long before a moment, ns.
    fn before(&self, ts: i64) -> u64 {
        let rows = self.slices.partition_point(|slice| slice.start < ts);
        let block = rows.saturating_sub(1) / BLOCK;
        let own = self.slices.iter_from(block * BLOCK).take(rows - (block * BLOCK).min(rows));
        own.fold(self.sums.at(block), |sum, slice| sum.wrapping_add(slice.dur.min(ts.abs_diff(slice.start))))
    }
}

impl OffCpu {
    /// End, ns.
    pub fn end(&self) -> i64 {
        self.start.saturating_add_unsigned(self.dur)
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::storage::Memory;

    fn table<R: Row>([directory, blocks]: [Vec<u8>; 2], arena: &Arena) -> SeriesTable<R> {
        let shared = arena.blocks();
        let len = (*shared).as_ref().len();
        SeriesTable {
            table: Table::new(Bytes::owned(directory), Bytes::new(&shared, 0..len)),
            blocks: Bytes::owned(blocks),
        }
    }

    /// A number that looks random.
    fn mixed(i: u64) -> u64 {
        let mut x = i.wrapping_mul(0x9e37_79b9_7f4a_7c15);
        x ^= x >> 31;
        x.wrapping_mul(0xbf58_476d_1ce4_e5b9) >> 40
    }

    #[test]
    fn extremes_of_any_stretch() {
        for count in [0u64, 1, 127, 128, 129, 2048, 2049, 33_000, 70_001] {
            let arena = Arena::new(Box::new(Memory::default()));
            let points: Vec<_> =
                (0..count).map(|i| CounterPoint { ts: i as i64, value: mixed(i) as i64 - (1 << 20) }).collect();
            let written = write_counter(&points, &arena);
            let series = table(written, &arena);
            let counter = Counter::new("c", &series);
            for trial in 0..200 {
                let (a, b) = (mixed(trial * 2) % (count + 1), mixed(trial * 2 + 1) % (count + 1));
                let rows = a.min(b) as usize..a.max(b) as usize;
                let values = points[rows.clone()].iter().map(|point| point.value);
                let expected = values.clone().min().zip(values.max());
                assert_eq!(counter.extremes(rows.clone()), expected, "{rows:?} of {count}");
            }
            assert_eq!(counter.extremes(0..usize::MAX).is_some(), count > 0);
            assert_eq!(counter.value_at(-1), None);
            assert_eq!(counter.value_at(i64::MAX), points.last().map(|point| point.value));
        }
    }

    #[test]
    fn time_off_in_any_stretch() {
        let arena = Arena::new(Box::new(Memory::default()));
        let slices: Vec<_> =
            (0..1000).map(|i| OffCpu { start: i * 10, dur: mixed(i as u64) % 11, preempted: i % 2 == 0 }).collect();
        let written = write_off_cpu(&slices, &arena);
        let series = table(written, &arena);
        let times = OffCpuTimes::new(&series);
        for trial in 0..500 {
            let (a, b) = (mixed(trial * 2) as i64 % 10_100 - 50, mixed(trial * 2 + 1) as i64 % 10_100 - 50);
            let (from, to) = (a.min(b), a.max(b));
            let within = |slice: &OffCpu| (slice.end().min(to) - slice.start.max(from)).max(0) as u64;
            assert_eq!(times.time(from, to), slices.iter().map(within).sum::<u64>(), "{from} to {to}");
            let touched: Vec<_> =
                times.slices.iter_from(0).enumerate().filter(|(_, slice)| within(slice) > 0).map(|(i, _)| i).collect();
            assert!(touched.iter().all(|i| times.touching(from, to).contains(i)), "{from} to {to}");
        }
    }
}
