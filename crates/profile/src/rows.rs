//! Lists of different lengths in two columns, and an index that finds an equal list again.
//!
//! Stacks and label sets are kept this way: no allocation for each, and a list that comes again is the row it was.

use rustc_hash::{FxHashMap, FxHasher};
use std::hash::{Hash, Hasher};

/// Row `n` is `items[ends[n - 1]..ends[n]]`.
#[derive(Clone, Debug)]
pub(crate) struct Rows<T> {
    ends: Vec<u32>,
    items: Vec<T>,
}

impl<T> Default for Rows<T> {
    fn default() -> Self {
        Rows { ends: Vec::new(), items: Vec::new() }
    }
}

impl<T: Copy> Rows<T> {
    pub(crate) fn len(&self) -> usize {
        self.ends.len()
    }

    /// The items of a row; none for a row that is not there.
    pub(crate) fn get(&self, row: usize) -> &[T] {
        let start = if row == 0 { 0 } else { self.ends.get(row - 1).map_or(self.items.len(), |end| *end as usize) };
        let end = self.ends.get(row).map_or(start, |end| *end as usize);
        self.items.get(start..end).unwrap_or_default()
    }

    /// Adds a row and says its number.
    pub(crate) fn push(&mut self, items: &[T]) -> u32 {
        self.items.extend_from_slice(items);
        self.ends.push(self.items.len() as u32);
        (self.ends.len() - 1) as u32
    }

    /// Adds a row of what an iterator gives and says its number.
    pub(crate) fn push_all(&mut self, items: impl Iterator<Item = T>) -> u32 {
        self.items.extend(items);
        self.ends.push(self.items.len() as u32);
        (self.ends.len() - 1) as u32
    }

    /// How many items all rows have together.
    pub(crate) fn items(&self) -> usize {
        self.items.len()
    }

    /// Makes room for so many more items.
    pub(crate) fn reserve(&mut self, items: usize) {
        self.items.reserve(items);
    }

    pub(crate) fn iter(&self) -> impl Iterator<Item = &[T]> {
        (0..self.len()).map(|row| self.get(row))
    }
}

/// Finds rows by what is in them. Rows with equal hashes are chained.
#[derive(Clone, Debug, Default)]
pub(crate) struct RowIndex {
    first: FxHashMap<u64, u32>,
    next: Vec<Option<u32>>,
}

impl RowIndex {
    /// The row with these items, which is added to `rows` if it is new. All rows must have come this way.
    pub(crate) fn intern<T: Copy + Eq + Hash>(&mut self, rows: &mut Rows<T>, items: &[T]) -> u32 {
        let mut hasher = FxHasher::default();
        items.hash(&mut hasher);
        let hash = hasher.finish();
        let head = self.first.get(&hash).copied();
        let mut candidate = head;
        while let Some(row) = candidate {
            if rows.get(row as usize) == items {
                return row;
            }
            candidate = self.next.get(row as usize).copied().flatten();
        }
        let row = rows.push(items);
        self.next.push(head);
        self.first.insert(hash, row);
        row
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn equal_lists_are_one_row() {
        let (mut rows, mut index) = (Rows::default(), RowIndex::default());
        let numbers: Vec<u32> =
            [&[1, 2][..], &[], &[1], &[1, 2], &[]].iter().map(|items| index.intern(&mut rows, items)).collect();
        assert_eq!(numbers, [0, 1, 2, 0, 1]);
        assert_eq!(rows.iter().collect::<Vec<_>>(), [&[1, 2][..], &[], &[1]]);
        assert!(rows.get(7).is_empty());
    }
}
