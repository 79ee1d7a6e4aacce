//! Spans: the states of goroutines, procs and threads, one run of rows per lane.
//!
//! The spans of a lane tile its life: each ends where the next begins, the last at the lane's end. They are packed; a
//! span is unpacked when it is asked for.

use crate::kinds::{self, GoKind};
use crate::lanes::{LaneTable, PackedLane, SITE, START};
use crate::packed::{BLOCK, Block, Entry};
use crate::rows::{class_of, row, row_of};
use crate::{Class, GoIdx, ProcIdx, ThreadIdx};
use goroscope_reader::{StackIdx, StringIdx};
use std::ops::Range;

/// The spans of one lane: what every picture and every sum needs.
#[derive(Clone, Copy, Debug)]
pub struct LaneSpans<'a> {
    /// Row number of the first span in its table.
    pub first_row: u32,
    /// When the last span ends, ns.
    pub end: i64,
    packed: PackedLane<'a>,
}

impl<'a> LaneSpans<'a> {
    pub(crate) fn new(packed: PackedLane<'a>) -> Self {
        Self { first_row: packed.first_row, end: packed.end, packed }
    }

    /// How many spans.
    #[inline]
    pub fn len(&self) -> usize {
        self.packed.rows
    }

    /// Whether there are none, which only happens for lanes that are not in the trace.
    pub fn is_empty(&self) -> bool {
        self.packed.rows == 0
    }

    /// When span `i` begins, ns; the lane's end if there is no such span.
    #[inline]
    pub fn start(&self, i: usize) -> i64 {
        self.packed.start(i)
    }

    /// When the lane begins, ns.
    pub fn begin(&self) -> i64 {
        self.packed.start(0)
    }

    /// When span `i` ends, ns: where the next begins, or with the lane.
    #[inline]
    pub fn end_of(&self, i: usize) -> i64 {
        self.packed.start(i + 1)
    }

    /// What span `i` shows; unknown if there is no such span.
    pub fn class(&self, i: usize) -> Class {
        if i < self.packed.rows { class_of(self.packed.entry(i)[0].into()) } else { Class::Unknown }
    }

    /// How many spans begin before `ts`, ns.
    pub fn count_before(&self, ts: i64) -> usize {
        self.packed.count_before(ts)
    }

    /// Spans from number `first` on: begin, end and class.
    pub fn iter_from(&self, first: usize) -> impl Iterator<Item = (i64, i64, Class)> + use<'a> {
        let lane = *self;
        let mut open = crate::zoom::Open::default();
        let mut opened = usize::MAX;
        (first..lane.len()).map(move |i| {
            if opened != i / BLOCK {
                opened = i / BLOCK;
                open.load(lane.packed, opened);
            }
            let row = i % BLOCK;
            (open.start[row], open.start[row + 1], class_of(open.class[row].into()))
        })
    }

    /// All spans: begin, end and class.
    pub fn iter(&self) -> impl Iterator<Item = (i64, i64, Class)> + use<'a> {
        self.iter_from(0)
    }
}

/// A span of a goroutine.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct GoSpan {
    /// When it begins, ns.
    pub start: i64,
    /// What is drawn.
    pub class: Class,
    /// Reason of the transition into it, or the empty string.
    pub reason: StringIdx,
    /// The goroutine's own stack at the transition into it, or row 0.
    pub stack: StackIdx,
    /// The proc: where it runs; for runnable spans, where the waker ran.
    pub proc: ProcIdx,
    /// The thread: where it runs or calls the system; for runnable spans, the waker's.
    pub thread: ThreadIdx,
    /// Who made the transition if not the goroutine itself: its waker or creator. `NONE`: itself, or nobody (network
    /// poller, timer).
    pub cause: GoIdx,
    /// The stack of whoever made the transition (event stack), or row 0. Only for runnable and waiting-at-creation spans.
    pub cause_stack: StackIdx,
}

/// A span of a proc or thread.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct HolderSpan {
    /// When it begins, ns.
    pub start: i64,
    /// What is drawn.
    pub class: Class,
    /// The goroutine, or `NONE`.
    pub go: GoIdx,
    /// The thread that held the proc, or `NONE`. Of a thread's span: that thread.
    pub thread: ThreadIdx,
    /// The proc that the thread held, or `NONE`. Of a proc's span: that proc.
    pub proc: ProcIdx,
}

/// States of all goroutines.
#[derive(Clone, Copy, Debug)]
pub struct GoSpans<'a> {
    pub(crate) table: &'a LaneTable,
    /// The row of each proc, by the number that spans have of it.
    pub(crate) procs: &'a [ProcIdx],
}

/// Numbers of an entry of goroutine spans: class, reason, stack, stack of the cause.
pub(crate) const GO_ENTRY: usize = 4;
/// Columns of goroutine spans beside begin and entry: proc, thread, cause.
pub(crate) const GO_COLUMNS: usize = 3;
/// The column of the cause.
const CAUSE: usize = 4;
/// Numbers of an entry of proc and thread spans: class, thread or proc.
pub(crate) const HOLDER_ENTRY: usize = 2;
/// Columns of proc and thread spans beside begin and entry: goroutine.
pub(crate) const HOLDER_COLUMNS: usize = 1;

impl<'a> GoSpans<'a> {
    /// How many spans.
    pub fn len(&self) -> usize {
        self.table.rows()
    }

    /// Whether there are none.
    pub fn is_empty(&self) -> bool {
        self.len() == 0
    }

    /// The goroutine whose span a row is.
    pub fn lane_of(&self, row: u32) -> GoIdx {
        GoIdx(self.table.lane_of(row))
    }

    /// Span `i` of a goroutine.
    pub fn get(&self, go: GoIdx, i: usize) -> GoSpan {
        let lane = self.table.lane(go.0);
        let block: Block<'_, { GO_COLUMNS + 2 }> = lane.block(i / BLOCK);
        self.of_block(lane.block_start(i / BLOCK), &block, i % BLOCK)
    }

    /// The span of a row.
    pub fn at(&self, row: u32) -> GoSpan {
        let go = self.lane_of(row);
        self.get(go, (row - self.table.lane(go.0).first_row) as usize)
    }

    /// Spans of a goroutine from number `first` on.
    pub fn iter_from(&self, go: GoIdx, first: usize) -> impl Iterator<Item = GoSpan> + use<'a> {
        let (spans, lane) = (*self, self.table.lane(go.0));
        let mut open = (usize::MAX, 0, Block::open(&[]));
        (first..lane.rows).map(move |i| {
            if open.0 != i / BLOCK {
                open = (i / BLOCK, lane.block_start(i / BLOCK), lane.block(i / BLOCK));
            }
            spans.of_block(open.1, &open.2, i % BLOCK)
        })
    }

    /// Calls `visit` with the number, begin, end and kind of some spans of a goroutine, by time.
    pub fn each_kind(&self, go: GoIdx, spans: Range<usize>, visit: impl FnMut(usize, i64, i64, GoKind)) {
        kinds::each(self.table.lane(go.0), spans, GoKind::of, visit);
    }

    /// Calls `found` with the number of every span of a goroutine whose cause is another, by time. What a block's causes
    /// have in common tells of most blocks that they hold none.
    pub fn with_cause(&self, go: GoIdx, cause: GoIdx, mut found: impl FnMut(usize)) {
        let lane = self.table.lane(go.0);
        let wanted = row(cause.0);
        let mut causes = [0; BLOCK];
        for number in 0..lane.blocks() {
            let block: Block<'_, { GO_COLUMNS + 2 }> = lane.block(number);
            if !block.may_have(CAUSE, wanted) {
                continue;
            }
            let causes = &mut causes[..block.rows().min(BLOCK)];
            block.decode(CAUSE, causes);
            let rows = causes.iter().enumerate().filter(|&(_, &cause)| cause == wanted);
            rows.for_each(|(row, _)| found(number * BLOCK + row));
        }
    }

    /// Calls `found` with the row and begin of every span whose own stack is wanted, lane by lane.
    pub fn with_stack(&self, wanted: impl Fn(StackIdx) -> bool, mut found: impl FnMut(u32, i64)) {
        let mut entries: Vec<Entry> = Vec::new();
        for lane in (0..self.table.lanes() as u32).map(|lane| self.table.lane(lane)) {
            for number in 0..lane.blocks() {
                let block: Block<'_, 2> = lane.block(number);
                block.entries(&mut entries);
                let is_wanted: Vec<bool> = entries.iter().map(|entry| wanted(StackIdx(entry[2]))).collect();
                if !is_wanted.contains(&true) {
                    continue;
                }
                for row in 0..block.rows() {
                    if is_wanted.get(block.get(SITE, row) as usize) == Some(&true) {
                        let start = lane.block_start(number).wrapping_add(block.get(START, row) as i64);
                        found(lane.first_row + (number * BLOCK + row) as u32, start);
                    }
                }
            }
        }
    }

    fn of_block(&self, begin: i64, block: &Block<'_, { GO_COLUMNS + 2 }>, row: usize) -> GoSpan {
        let [class, reason, stack, cause_stack] = block.entry(block.get(SITE, row));
        let proc = row_of(block.get(2, row)) as usize;
        GoSpan {
            start: begin.wrapping_add(block.get(START, row) as i64),
            class: class_of(class.into()),
            reason: StringIdx(reason),
            stack: StackIdx(stack),
            proc: self.procs.get(proc).copied().unwrap_or(ProcIdx::NONE),
            thread: ThreadIdx(row_of(block.get(3, row))),
            cause: GoIdx(row_of(block.get(CAUSE, row))),
            cause_stack: StackIdx(cause_stack),
        }
    }
}

/// Span `i` of a proc or thread: begin, class, goroutine, and the number of the thread or proc.
pub(crate) fn holder_span(lane: PackedLane<'_>, i: usize) -> (i64, Class, GoIdx, u32) {
    of_holder_block(lane.block_start(i / BLOCK), &lane.block(i / BLOCK), i % BLOCK)
}

fn of_holder_block(begin: i64, block: &Block<'_, { HOLDER_COLUMNS + 2 }>, row: usize) -> (i64, Class, GoIdx, u32) {
    let [class, other, ..] = block.entry(block.get(SITE, row));
    let start = begin.wrapping_add(block.get(START, row) as i64);
    (start, class_of(class.into()), GoIdx(row_of(block.get(2, row))), row_of(other.into()))
}

/// What a goroutine woke or created, by time.
#[derive(Clone, Copy, Debug)]
pub struct Wakes<'a> {
    pub(crate) from: GoIdx,
    pub(crate) packed: PackedLane<'a>,
}

/// One goroutine made another runnable: the flow from a cause to its effect.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct Wake {
    /// When on the clock of the one that did it, ns.
    pub ts: i64,
    /// Who: its waker or creator.
    pub from: GoIdx,
    /// Whom.
    pub to: GoIdx,
    /// Whether it made it runnable by creating it.
    pub is_creation: bool,
}

impl<'a> Wakes<'a> {
    /// How many.
    pub fn len(&self) -> usize {
        self.packed.rows
    }

    /// Whether there are none.
    pub fn is_empty(&self) -> bool {
        self.len() == 0
    }

    /// Number `i` of them.
    pub fn get(&self, i: usize) -> Option<Wake> {
        if i >= self.len() {
            return None;
        }
        Some(self.of_block(self.packed.block_start(i / BLOCK), &self.packed.block(i / BLOCK), i % BLOCK))
    }

    fn of_block(&self, begin: i64, block: &Block<'_, 3>, row: usize) -> Wake {
        let [is_creation, ..] = block.entry(block.get(SITE, row));
        let to = GoIdx(row_of(block.get(2, row)));
        let ts = begin.wrapping_add(block.get(START, row) as i64);
        Wake { ts, from: self.from, to, is_creation: is_creation != 0 }
    }

    /// How many of them are before `ts`, ns.
    pub fn count_before(&self, ts: i64) -> usize {
        self.packed.count_before(ts)
    }

    /// All of them.
    pub fn iter(&self) -> impl Iterator<Item = Wake> + use<'a> {
        let wakes = *self;
        let mut open = (usize::MAX, 0, Block::open(&[]));
        (0..wakes.len()).map(move |i| {
            if open.0 != i / BLOCK {
                open = (i / BLOCK, wakes.packed.block_start(i / BLOCK), wakes.packed.block(i / BLOCK));
            }
            wakes.of_block(open.1, &open.2, i % BLOCK)
        })
    }
}
