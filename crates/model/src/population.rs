//! How much goroutine-time a group spent in each class in any window, exactly.
//!
//! Time is cut into leaves, as wide as a power of two of nanoseconds, aligned to the clock's zero. For every leaf the
//! goroutine-time of each class before it is kept. Cells of tiles are powers of two as well, so that a cell is the
//! difference of two leaves as soon as it is not narrower than one:
//!
//! ```text
//! leaves   |··|··|··|··|··|··|··|··|        before each: Σ per class
//! cells    |     a     |     b     |        Σ[4] - Σ[0], Σ[8] - Σ[4]
//! ```
//!
//! Leaves are about as many as there are spans per [`SPANS_IN_LEAF`]. So in a window of narrower cells there are few
//! spans, and the members are walked that live in it. Small groups are always walked.
//!
//! Sums are built in one pass over the spans of all members, block by block about in the order of time. What a span covers of its first and last leaf is added there;
//! of the leaves between, which it covers whole, only the first and the one behind the last are noted, and summed up
//! when all spans are in.

use crate::lanes::LaneTable;
use crate::storage::{Bytes, LongWords};
use crate::zoom::{NO_TIME, Open, Times, ZoomIndex, boundary};
use crate::{Class, GoIdx, Group, parallel, zoom};

/// Spans that a leaf holds on average, at least.
const SPANS_IN_LEAF: u64 = 32;
/// The most leaves of a group.
const MOST_LEAVES: u64 = 1 << 20;
/// Groups up to this many members are walked.
const WALKED: usize = 8;
/// Spans that are worth a thread of their own.
const WORTH_A_THREAD: usize = 1 << 20;
/// Bytes before the sums of a population.
const HEAD: usize = 16;
/// Leaves of which the sums stay near the processor.
const NEAR: usize = 1 << 11;

/// The sums of a group. Empty for a small one.
#[derive(Clone, Debug)]
pub(crate) struct Population {
    /// Leaves are 2 to the power of this wide, ns.
    pub shift: u32,
    /// Number of the first leaf: its begin over its width.
    pub first: i64,
    /// The classes that occur, as bits.
    pub classes: u32,
    /// A head that says all of this, and behind it for each leaf and one more, and each class, goroutine-time before it.
    bytes: Bytes,
}

impl Default for Population {
    fn default() -> Self {
        Self { shift: 0, first: 0, classes: 0, bytes: Bytes::owned(vec![0; HEAD]) }
    }
}

/// What sums of populations are made from.
#[derive(Clone, Copy)]
pub(crate) struct Lives<'a> {
    pub spans: &'a LaneTable,
    pub zoom: &'a ZoomIndex,
}

/// The population of each group.
pub(crate) fn populations(groups: &[Group], lives: Lives<'_>) -> Vec<Population> {
    let cores = parallel::threads();
    groups.iter().map(|group| Population::new(&group.members, lives, cores)).collect()
}

impl Population {
    fn new(members: &[GoIdx], lives: Lives<'_>, cores: usize) -> Self {
        let spans = lives.spans;
        let lane = |go: &GoIdx| spans.lane(go.0);
        let rows: usize = members.iter().map(|go| lane(go).rows).sum();
        let start = members.iter().map(|go| lane(go).block_start(0)).min();
        let end = members.iter().map(|go| lane(go).end).max();
        let (Some(start), Some(end)) = (start, end) else { return Self::default() };
        if members.len() <= WALKED || start >= end {
            return Self::default();
        }
        let wanted = (rows as u64 / SPANS_IN_LEAF).clamp(64, MOST_LEAVES);
        let width = (end.abs_diff(start) / wanted + 1).next_power_of_two();
        let shift = width.trailing_zeros().min(62);
        let (first, last) = (start >> shift, end >> shift);
        let leaves = (last - first + 1) as usize;
        let slots = Slots::of(members, lives);
        let window = |ts: i64| ((ts >> shift) - first).clamp(0, leaves as i64 - 1) as usize / NEAR;
        let blocks = in_time(members, spans, leaves.div_ceil(NEAR), window);
        let share = blocks.len().div_ceil((rows / WORTH_A_THREAD + 1).min(cores).max(1)).max(1);
        let mut all = parallel::each(blocks.len().div_ceil(share), |piece| {
            let mut leaves = Leaves::new(shift, first, leaves, slots);
            let mut open = Open::default();
            for &(go, block) in blocks[piece * share..].iter().take(share) {
                leaves.add_block(spans, go, block as usize, &mut open);
            }
            leaves
        })
        .into_iter();
        let Some(mut sums) = all.next() else { return Self::default() };
        for more in all {
            sums.merge(&more);
        }
        sums.finish()
    }

    /// All of it: a head that says how to read the sums, and these.
    pub fn bytes(&self) -> Bytes {
        self.bytes.clone()
    }

    /// The population that these bytes say.
    pub fn of_bytes(bytes: &Bytes) -> Option<Self> {
        let &head = bytes.get().first_chunk::<HEAD>()?;
        let word = |at: usize| u32::from_le_bytes([head[at], head[at + 1], head[at + 2], head[at + 3]]);
        let first = (u64::from(word(4)) << 32 | u64::from(word(0))) as i64;
        let shift = word(8);
        (shift < 63).then(|| Self { shift, first, classes: word(12), bytes: bytes.clone() })
    }

    /// Adds the goroutine-time of each class to adjacent cells of `width` ns from `from`.
    pub fn add_cells(&self, group: &Group, lives: Lives<'_>, from: i64, width: i64, out: &mut [Times]) {
        let leaf = 1i64 << self.shift;
        let is_whole = self.classes != 0 && width >= leaf && width % leaf == 0 && from.rem_euclid(leaf) == 0;
        if !is_whole {
            for go in &group.members {
                zoom::add_cells(lives.spans.lane(go.0), lives.zoom.lane(go.0), from, width, out);
            }
            return;
        }
        let mut before = self.until(from);
        for (i, cell) in out.iter_mut().enumerate() {
            let after = self.until(boundary(from, width, i + 1));
            for ((time, after), before) in cell.iter_mut().zip(&after).zip(&before) {
                *time = time.wrapping_add(after.wrapping_sub(*before));
            }
            before = after;
        }
    }

    /// Goroutine-time of each class until `ts`, where a leaf begins.
    fn until(&self, ts: i64) -> Times {
        let n = self.classes.count_ones() as usize;
        let before = LongWords(self.bytes.get().get(HEAD..).unwrap_or_default());
        let leaves = (before.len() / n.max(1)).saturating_sub(1) as i64;
        let leaf = (ts >> self.shift).saturating_sub(self.first).clamp(0, leaves) as usize;
        let mut times = NO_TIME;
        let classes = (0..Class::COUNT).filter(|class| self.classes >> class & 1 != 0);
        for (i, class) in classes.enumerate() {
            times[class] = before.at(leaf * n + i);
        }
        times
    }
}

/// All blocks of the members, by the window of time in which they begin.
fn in_time(members: &[GoIdx], spans: &LaneTable, windows: usize, window: impl Fn(i64) -> usize) -> Vec<(GoIdx, u32)> {
    let mut next = vec![0usize; windows + 1];
    let each = |found: &mut dyn FnMut(usize, (GoIdx, u32))| {
        for &go in members {
            let lane = spans.lane(go.0);
            for block in 0..lane.blocks() {
                found(window(lane.block_start(block)), (go, block as u32));
            }
        }
    };
    each(&mut |window, _| next[window + 1] += 1);
    for window in 0..windows {
        next[window + 1] += next[window];
    }
    let mut blocks = vec![(GoIdx::NONE, 0); next[windows]];
    each(&mut |window, block| {
        blocks[next[window]] = block;
        next[window] += 1;
    });
    blocks
}

/// The classes that occur in a group, numbered.
#[derive(Clone, Copy)]
struct Slots {
    /// As bits.
    classes: u32,
    /// Of each class its number among those that occur.
    slot: [u8; Class::COUNT],
    count: usize,
}

impl Slots {
    fn of(members: &[GoIdx], lives: Lives<'_>) -> Self {
        let classes_of = |go: &GoIdx| match lives.zoom.lane(go.0) {
            Some(sums) => sums.classes(),
            None => zoom::classes_of(lives.spans.lane(go.0)),
        };
        let classes = members.iter().fold(0, |classes, go| classes | classes_of(go));
        let mut slot = [0; Class::COUNT];
        let mut count = 0;
        for (class, slot) in slot.iter_mut().enumerate() {
            *slot = count as u8;
            count += (classes >> class & 1) as usize;
        }
        Self { classes, slot, count }
    }
}

/// Sums over leaves that grow. Per leaf there is a number for each class that occurs.
struct Leaves {
    shift: u32,
    first: i64,
    slots: Slots,
    count: usize,
    /// Goroutine-time of spans that do not cover all of the leaf.
    time: Vec<u64>,
    /// How many more members cover it whole than the leaf before.
    whole: Vec<i32>,
}

impl Leaves {
    fn new(shift: u32, first: i64, count: usize, slots: Slots) -> Self {
        let numbers = count * slots.count;
        Self { shift, first, slots, count, time: vec![0; numbers], whole: vec![0; numbers] }
    }

    fn add_block(&mut self, spans: &LaneTable, go: GoIdx, block: usize, open: &mut Open) {
        open.load(spans.lane(go.0), block);
        for row in 0..open.rows {
            self.add(open.class[row] as usize, open.start[row], open.start[row + 1]);
        }
    }

    #[inline]
    fn add(&mut self, class: usize, from: i64, to: i64) {
        let leaf = |ts: i64| ((ts >> self.shift) - self.first) as usize;
        let (head, tail) = (leaf(from), leaf(to));
        let Some(&slot) = self.slots.slot.get(class) else { return };
        if from >= to || tail >= self.count {
            return;
        }
        let at = |leaf: usize| leaf * self.slots.count + usize::from(slot);
        let into = |ts: i64| (ts & ((1 << self.shift) - 1)) as u64;
        let mut time = |leaf: usize, time: u64| self.time[at(leaf)] = self.time[at(leaf)].wrapping_add(time);
        if head == tail {
            time(head, to.abs_diff(from));
            return;
        }
        time(head, (1 << self.shift) - into(from));
        time(tail, into(to));
        if head + 1 < tail {
            self.whole[at(head + 1)] += 1;
            self.whole[at(tail)] -= 1;
        }
    }

    fn merge(&mut self, more: &Self) {
        for (time, more) in self.time.iter_mut().zip(&more.time) {
            *time = time.wrapping_add(*more);
        }
        for (whole, more) in self.whole.iter_mut().zip(&more.whole) {
            *whole += more;
        }
    }

    fn finish(self) -> Population {
        let width = 1u64 << self.shift;
        let n = self.slots.count;
        let mut sum = vec![0u64; n];
        let mut whole = vec![0i64; n];
        let Self { shift, first, slots, .. } = self;
        let mut bytes = Vec::with_capacity((self.time.len() + n) * 8 + HEAD);
        bytes.extend(first.to_le_bytes());
        bytes.extend(shift.to_le_bytes());
        bytes.extend(slots.classes.to_le_bytes());
        let put = |bytes: &mut Vec<u8>, sums: &[u64]| {
            for sum in sums {
                bytes.extend_from_slice(&sum.to_le_bytes());
            }
        };
        for (times, wholes) in self.time.chunks_exact(n.max(1)).zip(self.whole.chunks_exact(n.max(1))) {
            put(&mut bytes, &sum);
            for slot in 0..n {
                whole[slot] += i64::from(wholes[slot]);
                let time = times[slot].wrapping_add(width.wrapping_mul(whole[slot] as u64));
                sum[slot] = sum[slot].wrapping_add(time);
            }
        }
        put(&mut bytes, &sum);
        Population::of_bytes(&Bytes::owned(bytes)).unwrap_or_default()
    }
}

#[cfg(test)]
mod tests;
