//! Tables of rows in packed blocks: what is not spans of lanes, and may be as much.

use std::fmt;
use std::marker::PhantomData;

use crate::ProcIdx;
use crate::packed::{BLOCK, Block, pack};
use crate::storage::{Arena, Bytes, LongWords, Place, long_words, partition};

/// The most columns of a table.
pub(crate) const MAX_COLUMNS: usize = 12;

/// The numbers of a row, as many as its table has columns.
pub(crate) type Numbers = [u64; MAX_COLUMNS];

/// A row that is kept as numbers: the one declaration of a table's columns.
pub(crate) trait Row: Copy {
    /// How many columns.
    const COLUMNS: usize;

    /// The row as numbers; small ones, and equal ones in rows that stand together, cost least.
    fn numbers(&self) -> Numbers;

    /// The row that these numbers are. `procs` are the rows of procs by the number that other tables have of them.
    fn of(numbers: &Numbers, procs: &[ProcIdx]) -> Self;
}

/// A table that is being written.
#[derive(Debug)]
pub(crate) struct TableWriter<R> {
    columns: Vec<Vec<u64>>,
    bytes: Vec<u8>,
    at: Vec<Place>,
    rows: u64,
    row: PhantomData<R>,
}

impl<R: Row> Default for TableWriter<R> {
    fn default() -> Self {
        let columns = (0..R::COLUMNS).map(|_| Vec::new()).collect();
        Self { columns, bytes: Vec::new(), at: Vec::new(), rows: 0, row: PhantomData }
    }
}

impl<R: Row> TableWriter<R> {
    /// Adds a row.
    pub fn push(&mut self, row: &R, arena: &Arena) {
        for (column, value) in self.columns.iter_mut().zip(row.numbers()) {
            column.push(value);
        }
        self.rows += 1;
        if self.rows.is_multiple_of(BLOCK as u64) {
            self.flush(arena);
        }
    }

    /// Takes all rows out again. Whatever else is to be written must be.
    pub fn take_back(&mut self, arena: &Arena) -> Vec<R> {
        self.flush(arena);
        let mut rows = Vec::with_capacity(self.rows as usize);
        for at in std::mem::take(&mut self.at) {
            let bytes = arena.read_back(at);
            let block = Block::open_some(&bytes, R::COLUMNS);
            rows.extend((0..block.rows()).map(|row| unpack::<R>(&block, row, &[])));
        }
        self.rows = 0;
        rows
    }

    /// Packs what is left. The places of the blocks, as bytes, with the number of rows first. Whatever else is to be
    /// written must be.
    pub fn finish(mut self, arena: &Arena) -> Vec<u8> {
        self.flush(arena);
        long_words(std::iter::once(self.rows).chain(arena.addresses(self.at.into_iter())))
    }

    /// All of the rows at once.
    pub fn write<'a>(rows: impl IntoIterator<Item = &'a R>, arena: &Arena) -> Vec<u8>
    where
        R: 'a,
    {
        let mut writer = Self::default();
        for row in rows {
            writer.push(row, arena);
        }
        writer.finish(arena)
    }

    fn flush(&mut self, arena: &Arena) {
        if self.columns.first().is_none_or(Vec::is_empty) {
            return;
        }
        let mut views: [&[u64]; MAX_COLUMNS] = [&[]; MAX_COLUMNS];
        for (view, column) in views.iter_mut().zip(&self.columns) {
            *view = column;
        }
        self.bytes.clear();
        pack(&views[..R::COLUMNS], &mut self.bytes);
        self.at.push(arena.append(&self.bytes));
        self.columns.iter_mut().for_each(Vec::clear);
    }
}

/// A table, to be read.
#[derive(Clone, Debug, Default)]
pub(crate) struct Table<R> {
    /// Number of rows, then where each block is.
    directory: Bytes,
    blocks: Bytes,
    row: PhantomData<R>,
}

impl<R: Row> Table<R> {
    pub fn new(directory: Bytes, blocks: Bytes) -> Self {
        Self { directory, blocks, row: PhantomData }
    }

    /// The rows.
    pub fn rows<'a>(&'a self, procs: &'a [ProcIdx]) -> Rows<'a, R> {
        let directory = LongWords(self.directory.get());
        let len = directory.at(0).min((directory.len() as u64).saturating_sub(1) * BLOCK as u64) as usize;
        Rows { len, directory, blocks: self.blocks.get(), procs, row: PhantomData }
    }
}

/// Rows of a packed table. They are unpacked one by one when asked for.
pub struct Rows<'a, R> {
    len: usize,
    directory: LongWords<'a>,
    blocks: &'a [u8],
    procs: &'a [ProcIdx],
    row: PhantomData<R>,
}

impl<R> Clone for Rows<'_, R> {
    fn clone(&self) -> Self {
        *self
    }
}

impl<R> Copy for Rows<'_, R> {}

impl<R: Row + fmt::Debug> fmt::Debug for Rows<'_, R> {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.debug_list().entries(self.iter()).finish()
    }
}

#[expect(private_bounds, reason = "the trait is how rows are packed, which is nobody's business")]
impl<'a, R: Row> Rows<'a, R> {
    /// How many.
    pub fn len(&self) -> usize {
        self.len
    }

    /// Whether there are none.
    pub fn is_empty(&self) -> bool {
        self.len == 0
    }

    /// A row, if there is one of this number.
    pub fn get(&self, row: usize) -> Option<R> {
        (row < self.len).then(|| unpack(&self.block(row / BLOCK), row % BLOCK, self.procs))
    }

    /// The last row, if there is one.
    pub fn last(&self) -> Option<R> {
        self.get(self.len.checked_sub(1)?)
    }

    /// A row that must be there.
    ///
    /// # Panics
    ///
    /// If there is none of this number.
    pub fn at(&self, row: usize) -> R {
        assert!(row < self.len, "row {row} of {}", self.len);
        unpack(&self.block(row / BLOCK), row % BLOCK, self.procs)
    }

    /// The rows from `first` on, in order.
    pub fn iter_from(&self, first: usize) -> impl Iterator<Item = R> + use<'a, R> {
        let rows = *self;
        let mut open = None;
        (first..self.len).map(move |row| {
            let number = row / BLOCK;
            let block = match open {
                Some((at, block)) if at == number => block,
                Some(_) | None => {
                    let block = rows.block(number);
                    open = Some((number, block));
                    block
                }
            };
            unpack(&block, row % BLOCK, rows.procs)
        })
    }

    /// All rows in order.
    pub fn iter(&self) -> impl Iterator<Item = R> + use<'a, R> {
        self.iter_from(0)
    }

    /// The number of the first row for which `holds` does not hold; it holds for all before it and for none after.
    pub fn partition_point(&self, mut holds: impl FnMut(&R) -> bool) -> usize {
        partition(0, self.len, |row| holds(&self.at(row)))
    }

    fn block(&self, block: usize) -> Block<'a, MAX_COLUMNS> {
        let at = usize::try_from(self.directory.at(block + 1)).unwrap_or(usize::MAX);
        Block::open_some(self.blocks.get(at..).unwrap_or_default(), R::COLUMNS)
    }
}

fn unpack<R: Row>(block: &Block<'_, MAX_COLUMNS>, row: usize, procs: &[ProcIdx]) -> R {
    let mut numbers = [0; MAX_COLUMNS];
    for (column, number) in numbers.iter_mut().enumerate().take(R::COLUMNS) {
        *number = block.get(column, row);
    }
    R::of(&numbers, procs)
}
