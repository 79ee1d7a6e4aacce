//! Rows of a table by the row of another table that they belong to: two flat columns, no allocation per key.

/// Row numbers grouped by key; within a key in their order.
#[derive(Debug, Default)]
pub(crate) struct RowsByKey<R = u32> {
    /// `first[key]..first[key + 1]` of `rows`.
    first: Vec<u32>,
    rows: Vec<R>,
}

impl RowsByKey {
    /// Groups rows `0..` by their key; `u32::MAX` belongs to nothing. Keys are below `keys`.
    pub fn new(keys: usize, key_of_row: impl Iterator<Item = u32> + Clone) -> Self {
        let (first, count) = offsets(keys, key_of_row.clone());
        if count == 0 {
            // Most traces have no logs and no samples: nothing to keep.
            return Self { first: Vec::new(), rows: Vec::new() };
        }
        let mut next = first.clone();
        let mut rows = vec![0; count];
        for (row, key) in key_of_row.enumerate() {
            if key != u32::MAX {
                let at = &mut next[key as usize];
                rows[*at as usize] = row as u32;
                *at += 1;
            }
        }
        Self { first, rows }
    }

    /// The same from its columns.
    pub fn of(first: Vec<u32>, rows: Vec<u32>) -> Self {
        Self { first, rows }
    }

    /// Where the rows of each key begin; empty if there are none.
    pub fn firsts(&self) -> &[u32] {
        &self.first
    }

    /// The rows, key by key.
    pub fn rows(&self) -> &[u32] {
        &self.rows
    }

    /// Orders the rows of each key.
    pub fn sort_by_key<K: Ord>(&mut self, key: impl Fn(u32) -> K) {
        for range in self.first.windows(2) {
            self.rows[range[0] as usize..range[1] as usize].sort_by_key(|&row| key(row));
        }
    }

    /// The same with another type of row.
    pub fn map<R>(self, row: impl Fn(u32) -> R) -> RowsByKey<R> {
        RowsByKey { first: self.first, rows: self.rows.into_iter().map(row).collect() }
    }
}

impl<R> RowsByKey<R> {
    /// The rows of a key.
    pub fn get(&self, key: u32) -> &[R] {
        let key = key as usize;
        match (self.first.get(key), self.first.get(key + 1)) {
            (Some(&from), Some(&to)) => self.rows.get(from as usize..to as usize).unwrap_or_default(),
            (Some(_) | None, _) => &[],
        }
    }
}

/// Where each key's rows begin if rows stand in order of their keys, and how many rows have a key.
pub(crate) fn offsets(keys: usize, key_of_row: impl Iterator<Item = u32>) -> (Vec<u32>, usize) {
    let mut first = vec![0u32; keys + 1];
    for key in key_of_row {
        if key != u32::MAX {
            first[key as usize + 1] += 1;
        }
    }
    for key in 0..keys {
        first[key + 1] += first[key];
    }
    let count = first[keys] as usize;
    (first, count)
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn rows_stand_by_key_in_order() {
        let by_key = RowsByKey::new(4, [2, u32::MAX, 0, 2, 2].into_iter());
        assert_eq!([by_key.get(0), by_key.get(1), by_key.get(2), by_key.get(3)], [&[2][..], &[], &[0, 3, 4], &[]]);
        assert_eq!(by_key.get(99), &[] as &[u32]);
        assert_eq!(RowsByKey::new(3, [u32::MAX].into_iter()).get(1), &[] as &[u32]);
    }
}
