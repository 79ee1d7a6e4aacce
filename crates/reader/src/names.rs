//! String and stack ids of the current generation to rows of the trace's symbols.
//!
//! An id without an entry in the file gets a row that says so, once; how many there were is told at the end of the
//! generation.

use goroscope_wire::{Batch, NOTE_PREFIX, RawFrame, Stacks, Strings, strings};
use rustc_hash::FxHashMap;

use crate::entries::{Gap, Sense};
use crate::intern::Interner;
use crate::tally::Tally;
use crate::{EventType, Frame, FrameIdx, StackIdx, StringIdx, Symbols};

/// The symbols so far and the ids of the current generation.
#[derive(Debug)]
pub struct Names {
    interner: Interner,
    strings: Rows,
    stacks: Rows,
    /// Where each PC of the generation is; of two definitions the first holds.
    frames: FxHashMap<u64, FrameIdx>,
    lost: LostIds,
    /// What the recorder says of itself, until something refers to it.
    notes: Notes,
    /// Rows of `stop-the-world (…)` by the row of the reason.
    stops: FxHashMap<StringIdx, StringIdx>,
    /// Rows of the ranges that have fixed names.
    pub fixed: FixedNames,
    /// Whether ids stand for themselves, because the tables are not read yet.
    are_ids: bool,
    /// Whether an id was no possible row.
    has_odd_ids: bool,
}

/// Numbers from here on stand for the fixed names where ids stand for themselves.
const FIXED: u32 = u32::MAX - 8;

/// Rows of the names of ranges.
#[derive(Clone, Copy, Debug)]
pub struct FixedNames {
    /// The mark phase of the garbage collector.
    pub mark: StringIdx,
    /// A proc sweeps.
    pub sweep: StringIdx,
    /// A goroutine helps marking.
    pub assist: StringIdx,
    /// The world is stopped, and why was lost.
    pub stop: StringIdx,
}

/// How many ids of a generation were used but not in its tables.
#[derive(Clone, Copy, Debug, Default)]
pub struct LostIds {
    /// Strings.
    pub strings: u64,
    /// Stacks.
    pub stacks: u64,
}

impl Default for Names {
    fn default() -> Self {
        let mut interner = Interner::default();
        let fixed = FixedNames {
            mark: interner.string("GC concurrent mark phase"),
            sweep: interner.string("GC incremental sweep"),
            assist: interner.string("GC mark assist"),
            stop: interner.string("stop-the-world (unknown)"),
        };
        Self {
            interner,
            strings: Rows::default(),
            stacks: Rows::default(),
            frames: FxHashMap::default(),
            lost: LostIds::default(),
            notes: Notes::default(),
            stops: FxHashMap::default(),
            fixed,
            are_ids: false,
            has_odd_ids: false,
        }
    }
}

impl Names {
    /// For a generation whose tables are read later: ids stand for themselves, and [`FixedNames`] for no row.
    pub fn of_ids(strings: &[Batch<'_>], stacks: &[Batch<'_>]) -> Self {
        let fixed = FixedNames {
            mark: StringIdx(FIXED),
            sweep: StringIdx(FIXED + 1),
            assist: StringIdx(FIXED + 2),
            stop: StringIdx(FIXED + 3),
        };
        let mut names = Self { fixed, are_ids: true, ..Self::default() };
        names.expect_ids(most_ids(strings), most_ids(stacks));
        names
    }

    /// Whether this stands for the name of mark assists, where ids stand for themselves.
    pub fn is_assist(row: StringIdx) -> bool {
        row.0 == FIXED + 2
    }

    /// Whether an id cannot stand for itself.
    pub fn has_odd_ids(&self) -> bool {
        self.has_odd_ids
    }

    /// All rows so far.
    pub fn symbols(&self) -> &Symbols {
        self.interner.symbols()
    }

    /// All rows, and what the recorder says of itself.
    pub fn finish(mut self) -> (Symbols, Vec<Box<str>>) {
        self.notes.end_generation();
        (self.interner.into_symbols(), self.notes.lines)
    }

    /// Forgets the ids of the generation.
    pub fn end_generation(&mut self) {
        self.strings.clear(0);
        self.stacks.clear(0);
        self.frames.clear();
        self.notes.end_generation();
        self.lost = LostIds::default();
    }

    /// Which ids of the generation were lost.
    pub fn lost(&self) -> LostIds {
        self.lost
    }

    /// Takes in the string batches of a generation; tells `fail` where they break, and of ids that are there twice.
    pub fn add_strings(&mut self, batches: &[Batch<'_>], tally: &mut Tally, fail: &mut impl FnMut(&Batch<'_>, Fault)) {
        self.strings.clear(most_ids(batches));
        let sense = Sense::Strings { most_id: self.strings.dense_limit as u64 };
        for batch in batches {
            let (mut count, mut twice) = (0, 0);
            let mut entries = strings(batch);
            let mut last: Option<Last> = None;
            loop {
                let start = entries.offset();
                match entries.next() {
                    Some(Ok(entry)) => {
                        count += 1;
                        let is_new = self.add_text(entry.id, entry.bytes);
                        twice += u64::from(!is_new);
                        last = Some(Last { start, id: entry.id, is_new });
                    }
                    Some(Err(error)) => {
                        let gap = sense.pass(batch, error, start, last.map(|last| last.start));
                        if let Some(last) = last.take().filter(|_| gap.takes_last) {
                            count -= 1;
                            last.take_out_of(&mut self.strings);
                            self.notes.take(last.id);
                        }
                        fail(batch, Fault::Gap(gap));
                        let (data, offset) = rest(batch, gap);
                        entries = Strings::behind(data, offset);
                    }
                    None => break,
                }
            }
            tally.add_entries(EventType::String, count, batch);
            if twice > 0 {
                fail(batch, Fault::Twice(twice));
            }
        }
    }

    /// Takes in the stack batches of a generation, after its strings; tells `fail` as `add_strings` does.
    pub fn add_stacks(&mut self, batches: &[Batch<'_>], tally: &mut Tally, fail: &mut impl FnMut(&Batch<'_>, Fault)) {
        self.stacks.clear(most_ids(batches));
        let sense = Sense::of_stacks(self.strings.greatest());
        let mut raw = Vec::new();
        let mut frames = Vec::new();
        for batch in batches {
            let mut entries = Stacks::new(batch);
            let (mut count, mut twice) = (0, 0);
            let mut last: Option<Last> = None;
            loop {
                let start = entries.offset();
                match entries.next(&mut raw) {
                    Some(Ok(id)) => {
                        count += 1;
                        frames.clear();
                        frames.extend(raw.iter().map(|frame| self.frame(frame)));
                        let row = self.interner.stack(&frames);
                        let is_new = self.stacks.insert(id, row.0);
                        twice += u64::from(!is_new);
                        last = Some(Last { start, id, is_new });
                    }
                    Some(Err(error)) => {
                        let gap = sense.pass(batch, error, start, last.map(|last| last.start));
                        if let Some(last) = last.take().filter(|_| gap.takes_last) {
                            count -= 1;
                            last.take_out_of(&mut self.stacks);
                        }
                        fail(batch, Fault::Gap(gap));
                        let (data, offset) = rest(batch, gap);
                        entries = Stacks::behind(data, offset);
                    }
                    None => break,
                }
            }
            tally.add_entries(EventType::Stack, count, batch);
            if twice > 0 {
                fail(batch, Fault::Twice(twice));
            }
        }
    }

    /// Adds a text under its id; whether that was new. Notes get no row before something refers to them.
    fn add_text(&mut self, id: u64, bytes: &[u8]) -> bool {
        if let Some(line) = bytes.strip_prefix(NOTE_PREFIX.as_bytes()) {
            let is_new = self.strings.insert(id, HELD);
            if is_new {
                self.notes.hold(id, line);
            }
            return is_new;
        }
        let row = self.interner.bytes(bytes);
        self.strings.insert(id, row.0)
    }

    /// The greatest id of a stack that is in the table of the generation.
    pub fn greatest_stack(&self) -> u64 {
        self.stacks.greatest()
    }

    /// How many ids the string and stack tables have that are added one by one.
    pub fn expect_ids(&mut self, strings: usize, stacks: usize) {
        self.strings.clear(strings);
        self.stacks.clear(stacks);
    }

    /// Adds an entry of a string table; whether its id was new.
    pub fn add_string(&mut self, id: u64, bytes: &[u8]) -> bool {
        let row = self.interner.bytes(bytes);
        self.strings.insert(id, row.0)
    }

    /// Adds an entry of a stack table, after its strings; whether its id was new.
    pub fn add_stack(&mut self, id: u64, frames: &[RawFrame]) -> bool {
        let frames: Vec<_> = frames.iter().map(|frame| self.frame(frame)).collect();
        let row = self.interner.stack(&frames);
        self.stacks.insert(id, row.0)
    }

    /// The row of a text that has no id.
    pub fn text(&mut self, text: &str) -> StringIdx {
        self.interner.string(text)
    }

    /// The row of a recorded text that has no id.
    pub fn message(&mut self, bytes: &[u8]) -> StringIdx {
        self.interner.bytes(bytes)
    }

    fn frame(&mut self, raw: &RawFrame) -> FrameIdx {
        if let Some(&frame) = self.frames.get(&raw.pc) {
            return frame;
        }
        let frame = Frame {
            pc: raw.pc,
            function: self.string(raw.function),
            file: self.string(raw.file),
            // No file has more lines than that: it is as unknown as line 0.
            line: u32::try_from(raw.line).unwrap_or_default(),
        };
        let frame = self.interner.frame(frame);
        self.frames.insert(raw.pc, frame);
        frame
    }

    /// The row of a string id.
    #[inline]
    pub fn string(&mut self, id: u64) -> StringIdx {
        match self.strings.get(id) {
            Some(row) => StringIdx(row),
            None => self.lost_string(id),
        }
    }

    /// The row of a stack id.
    #[inline]
    pub fn stack(&mut self, id: u64) -> StackIdx {
        match self.stacks.get(id) {
            Some(row) => StackIdx(row),
            None => self.lost_stack(id),
        }
    }

    /// The row of `stop-the-world (why)`.
    pub fn stop(&mut self, why: StringIdx) -> StringIdx {
        if self.are_ids {
            return why;
        }
        *self.stops.entry(why).or_insert_with(|| {
            let name = [b"stop-the-world (", self.interner.symbols().bytes(why), b")"].concat();
            self.interner.bytes(&name)
        })
    }

    #[cold]
    fn lost_string(&mut self, id: u64) -> StringIdx {
        if self.are_ids {
            let row = self.own_row(id);
            self.strings.insert(id, row);
            return StringIdx(row);
        }
        if let Some(line) = self.notes.take(id) {
            // It is a text of the program's after all.
            let row = self.interner.bytes(&[NOTE_PREFIX.as_bytes(), &line].concat());
            self.strings.remove(id);
            self.strings.insert(id, row.0);
            return row;
        }
        self.lost.strings += 1;
        let row = self.interner.string(&format!("string {id} (lost)"));
        self.strings.insert(id, row.0);
        row
    }

    #[cold]
    fn lost_stack(&mut self, id: u64) -> StackIdx {
        if self.are_ids {
            let row = self.own_row(id);
            self.stacks.insert(id, row);
            return StackIdx(row);
        }
        self.lost.stacks += 1;
        let function = self.interner.string(&format!("stack {id} (lost)"));
        let frame = self.interner.frame(Frame { pc: 0, function, file: StringIdx(0), line: 0 });
        let row = self.interner.stack(&[frame]);
        self.stacks.insert(id, row.0);
        row
    }

    /// The row that an id stands for before the tables are read.
    fn own_row(&mut self, id: u64) -> u32 {
        let row = u32::try_from(id).ok().filter(|&row| row < FIXED);
        self.has_odd_ids |= row.is_none();
        row.unwrap_or_default()
    }
}

/// An entry of a table has at least three bytes, so no id of an undamaged one is far above this.
fn most_ids(batches: &[Batch<'_>]) -> usize {
    batches.iter().map(|batch| batch.data.len()).sum::<usize>() / 3 + 1
}

/// Texts of goroscope-recorder about the recording, which nothing in the file refers to.
#[derive(Debug, Default)]
struct Notes {
    /// Those of the generation in the order of the table, without what all begin with; none where something refers to it.
    held: Vec<Option<Box<[u8]>>>,
    places: FxHashMap<u64, usize>,
    /// Those of the generations that are over.
    lines: Vec<Box<str>>,
}

impl Notes {
    fn hold(&mut self, id: u64, line: &[u8]) {
        self.places.insert(id, self.held.len());
        self.held.push(Some(line.into()));
    }

    fn take(&mut self, id: u64) -> Option<Box<[u8]>> {
        self.held.get_mut(self.places.remove(&id)?)?.take()
    }

    fn end_generation(&mut self) {
        self.places.clear();
        self.lines.extend(self.held.drain(..).flatten().map(|line| String::from_utf8_lossy(&line).into()));
    }
}

/// What is wrong in a table batch.
#[derive(Clone, Copy, Debug)]
pub enum Fault {
    /// A part of the batch cannot be read.
    Gap(Gap),
    /// This many ids had an entry already; the first one holds.
    Twice(u64),
}

/// The entry of a table that was read last.
#[derive(Clone, Copy)]
struct Last {
    start: u64,
    id: u64,
    /// Whether the table had none with its id.
    is_new: bool,
}

impl Last {
    fn take_out_of(self, rows: &mut Rows) {
        if self.is_new {
            rows.remove(self.id);
        }
    }
}

/// The part of a table behind a gap, and where it stands in the file.
fn rest<'a>(batch: &Batch<'a>, gap: Gap) -> (&'a [u8], u64) {
    let end = batch.data_offset + batch.data.len() as u64;
    let from = gap.to.unwrap_or(end);
    (batch.data.get((from - batch.data_offset) as usize..).unwrap_or_default(), from)
}

/// Rows by id, for ids that are small and mostly without gaps. Id 0 is always row 0.
#[derive(Debug, Default)]
struct Rows {
    dense: Vec<u32>,
    /// Ids below this go into `dense`.
    dense_limit: usize,
    sparse: FxHashMap<u64, u32>,
}

/// An id without a row.
const NO_ROW: u32 = u32::MAX;
/// An id that is taken, but has no row yet.
const HELD: u32 = u32::MAX - 1;

impl Rows {
    fn clear(&mut self, dense_limit: usize) {
        self.dense.clear();
        self.dense_limit = dense_limit;
        self.sparse.clear();
    }

    #[inline]
    fn get(&self, id: u64) -> Option<u32> {
        if id == 0 {
            return Some(0);
        }
        match usize::try_from(id).ok().and_then(|at| self.dense.get(at)) {
            Some(&(NO_ROW | HELD)) => None,
            Some(&row) => Some(row),
            None => self.sparse.get(&id).copied().filter(|&row| row != HELD),
        }
    }

    fn is_taken(&self, id: u64) -> bool {
        let is_dense = usize::try_from(id).ok().and_then(|at| self.dense.get(at)).is_some_and(|&row| row != NO_ROW);
        id == 0 || is_dense || self.sparse.contains_key(&id)
    }

    /// The greatest id that has a row.
    fn greatest(&self) -> u64 {
        let dense = self.dense.len().saturating_sub(1) as u64;
        self.sparse.keys().fold(dense, |greatest, &id| greatest.max(id))
    }

    /// Lets an id be without a row.
    fn remove(&mut self, id: u64) {
        self.sparse.remove(&id);
        if let Some(row) = usize::try_from(id).ok().and_then(|at| self.dense.get_mut(at)) {
            *row = NO_ROW;
        }
    }

    /// Whether the id was new; otherwise its old row stays.
    fn insert(&mut self, id: u64, row: u32) -> bool {
        if self.is_taken(id) {
            return false;
        }
        match usize::try_from(id) {
            // Checked against `dense` too: its end may lie beyond what the limit allows to grow.
            Ok(at) if at < self.dense_limit || at < self.dense.len() => {
                if at >= self.dense.len() {
                    self.dense.resize(at + 1, NO_ROW);
                }
                self.dense[at] = row;
            }
            Ok(_) | Err(_) => {
                self.sparse.insert(id, row);
            }
        }
        true
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn rows_take_any_id() {
        let mut rows = Rows::default();
        rows.clear(10);
        for (id, row) in [(9, 1), (3, 2), (10, 3), (u64::MAX, 4)] {
            assert!(rows.insert(id, row));
            assert!(!rows.insert(id, 77), "id {id} is taken");
            assert_eq!(rows.get(id), Some(row));
        }
        assert_eq!(rows.get(0), Some(0));
        assert_eq!(rows.get(4), None);
        assert_eq!(rows.get(11), None);
        assert_eq!(rows.greatest(), u64::MAX);
        for id in [9, u64::MAX] {
            rows.remove(id);
            assert_eq!(rows.get(id), None);
        }
    }
}
