//! Things by their numbers, of which the same few are asked for again and again.
//!
//! Where a number was found lately is kept beside the hash table, in a place that the number itself says. So nearly every
//! question is one comparison.

use std::cell::Cell;

use rustc_hash::FxHashMap;

/// A power of two.
const PLACES: usize = 1024;

/// A number and its row. No row is that large.
type Place = Cell<(u64, u32)>;
const NOWHERE: (u64, u32) = (0, u32::MAX);

/// Values by number.
#[derive(Debug)]
pub struct Table<T> {
    rows: FxHashMap<u64, u32>,
    values: Vec<Option<T>>,
    /// Rows without a value.
    free: Vec<u32>,
    recent: Box<[Place]>,
}

impl<T> Default for Table<T> {
    fn default() -> Self {
        let recent = vec![Cell::new(NOWHERE); PLACES].into_boxed_slice();
        Self { rows: FxHashMap::default(), values: Vec::new(), free: Vec::new(), recent }
    }
}

impl<T> Table<T> {
    /// The value, if there is one.
    #[inline]
    pub fn get(&self, id: u64) -> Option<&T> {
        self.values.get(self.row(id)?)?.as_ref()
    }

    /// See `get`.
    #[inline]
    pub fn get_mut(&mut self, id: u64) -> Option<&mut T> {
        let row = self.row(id)?;
        self.values.get_mut(row)?.as_mut()
    }

    /// Whether there is a value.
    pub fn contains_key(&self, id: u64) -> bool {
        self.row(id).is_some()
    }

    /// The value, which is made if there is none.
    pub fn get_or_insert_with(&mut self, id: u64, make: impl FnOnce() -> T) -> &mut T {
        let row = self.row(id).unwrap_or_else(|| self.add(id));
        self.values[row].get_or_insert_with(make)
    }

    /// Sets the value.
    pub fn insert(&mut self, id: u64, value: T) {
        let row = self.row(id).unwrap_or_else(|| self.add(id));
        self.values[row] = Some(value);
    }

    /// Takes the value out.
    pub fn remove(&mut self, id: u64) -> Option<T> {
        let row = self.rows.remove(&id)?;
        if let Some(place) = self.place(id).filter(|place| place.get() == (id, row)) {
            place.set(NOWHERE);
        }
        self.free.push(row);
        self.values.get_mut(row as usize)?.take()
    }

    /// All numbers and values, in no order.
    pub fn iter(&self) -> impl Iterator<Item = (u64, &T)> {
        self.rows.keys().filter_map(|&id| Some((id, self.get(id)?)))
    }

    /// All numbers, in no order.
    pub fn keys(&self) -> impl Iterator<Item = u64> {
        self.rows.keys().copied()
    }

    /// All values, in no order.
    pub fn values_mut(&mut self) -> impl Iterator<Item = &mut T> {
        self.values.iter_mut().flatten()
    }

    fn place(&self, id: u64) -> Option<&Place> {
        self.recent.get(id as usize % PLACES)
    }

    #[inline]
    fn row(&self, id: u64) -> Option<usize> {
        let place = self.place(id)?;
        let (of, row) = place.get();
        if of == id && row != u32::MAX {
            return Some(row as usize);
        }
        let row = *self.rows.get(&id)?;
        place.set((id, row));
        Some(row as usize)
    }

    /// A row for a number that has none, with room for its value.
    fn add(&mut self, id: u64) -> usize {
        let row = self.free.pop().unwrap_or_else(|| {
            self.values.push(None);
            self.values.len() as u32 - 1
        });
        self.rows.insert(id, row);
        row as usize
    }
}

#[cfg(test)]
mod tests {
    use std::collections::BTreeMap;

    use proptest::prelude::*;

    use super::*;

    proptest! {
        /// Numbers that share a place, and steps with them.
        #[test]
        fn a_table_is_a_map(steps in proptest::collection::vec((0_u64..6, 0_u8..5, any::<u16>()), 0..200)) {
            let (mut table, mut map) = (Table::default(), BTreeMap::new());
            for (number, step, value) in steps {
                let id = [0, 1, PLACES as u64, 2 * PLACES as u64, u64::MAX, u64::MAX - PLACES as u64][number as usize];
                match step {
                    0 => prop_assert_eq!(table.remove(id), map.remove(&id)),
                    1 => {
                        table.insert(id, value);
                        map.insert(id, value);
                    }
                    2 => prop_assert_eq!(table.get_or_insert_with(id, || value), map.entry(id).or_insert(value)),
                    3 => prop_assert_eq!(table.get_mut(id), map.get_mut(&id)),
                    _ => prop_assert_eq!(table.get(id), map.get(&id)),
                }
                let all: BTreeMap<u64, u16> = table.iter().map(|(id, value)| (id, *value)).collect();
                prop_assert_eq!(&all, &map);
                prop_assert_eq!(table.contains_key(id), map.contains_key(&id));
                prop_assert_eq!(table.values_mut().count(), map.len());
            }
        }
    }
}
