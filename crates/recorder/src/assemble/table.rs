//! Things by their numbers, of which the same few are asked for again and again, and which are given one after the other.
//!
//! ```text
//!  number 1234 ──► page 19 (of 64 numbers) ──► its place 18 ──► row of its value
//! ```
//!
//! Where a number was found lately is kept beside the pages, in a place that the number itself says. So nearly every
//! question is one comparison. Numbers that are new, or gone, are near to each other, so their page is nearly always the one
//! of the last such number, and only another one must be looked for in a hash table.

use std::cell::Cell;

use rustc_hash::FxHashMap;

/// A power of two.
const PLACES: usize = 1024;

/// Numbers of a page, a power of two.
const PAGE: usize = 64;

/// A number and its row.
type Place = Cell<(u64, u32)>;

/// What is in a place that stands for nothing: a number that belongs elsewhere.
const fn nothing(place: usize) -> (u64, u32) {
    (!(place as u64), NOWHERE)
}

/// No row, and no page, is that far.
const NOWHERE: u32 = u32::MAX;

/// Values by number.
#[derive(Debug)]
pub struct Table<T> {
    values: Vec<Option<T>>,
    /// Rows without a value.
    free: Vec<u32>,
    recent: Box<[Place; PLACES]>,
    pages: Vec<Page>,
    page_of: FxHashMap<u64, u32>,
    /// Pages that stand for nothing.
    free_pages: Vec<u32>,
    /// The number of the page that was looked for last, and where it is.
    last_page: Cell<Option<(u64, u32)>>,
    /// A page that lost its last number. It stays until another one does: often the next number is there again.
    emptied: Option<u32>,
}

/// Where the numbers of a page have their rows.
#[derive(Debug)]
struct Page {
    number: u64,
    rows: [u32; PAGE],
    /// How many of them there are.
    used: usize,
}

impl<T> Default for Table<T> {
    fn default() -> Self {
        Self {
            values: Vec::new(),
            free: Vec::new(),
            recent: Box::new(std::array::from_fn(|place| Cell::new(nothing(place)))),
            pages: Vec::new(),
            page_of: FxHashMap::default(),
            free_pages: Vec::new(),
            last_page: Cell::new(None),
            emptied: None,
        }
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
    #[inline]
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
        let at = self.page(id)?;
        let page = self.pages.get_mut(at as usize)?;
        let row = std::mem::replace(page.rows.get_mut(id as usize % PAGE)?, NOWHERE);
        if row == NOWHERE {
            return None;
        }
        page.used -= 1;
        if page.used == 0 {
            self.give_up(at);
        }
        let place = self.place(id);
        if place.get() == (id, row) {
            place.set(nothing(id as usize % PLACES));
        }
        self.free.push(row);
        self.values.get_mut(row as usize)?.take()
    }

    /// All numbers and values, in no order.
    pub fn iter(&self) -> impl Iterator<Item = (u64, &T)> {
        self.keys().filter_map(|id| Some((id, self.get(id)?)))
    }

    /// All numbers, in no order.
    pub fn keys(&self) -> impl Iterator<Item = u64> {
        self.pages.iter().flat_map(|page| {
            let used = page.rows.iter().zip(0_u64..).filter(|(row, _)| **row != NOWHERE);
            used.map(|(_, at)| page.number * PAGE as u64 + at)
        })
    }

    /// All values, in no order.
    pub fn values_mut(&mut self) -> impl Iterator<Item = &mut T> {
        self.values.iter_mut().flatten()
    }

    #[inline]
    fn place(&self, id: u64) -> &Place {
        &self.recent[id as usize % PLACES]
    }

    #[inline]
    fn row(&self, id: u64) -> Option<usize> {
        let (of, row) = self.place(id).get();
        if of == id { Some(row as usize) } else { self.look_up(id) }
    }

    /// The row of a number that was not asked for lately.
    #[inline(never)]
    fn look_up(&self, id: u64) -> Option<usize> {
        let page = self.pages.get(self.page(id)? as usize)?;
        let row = *page.rows.get(id as usize % PAGE).filter(|row| **row != NOWHERE)?;
        self.place(id).set((id, row));
        Some(row as usize)
    }

    /// The page of a number, if there is one.
    fn page(&self, id: u64) -> Option<u32> {
        let number = id / PAGE as u64;
        if let Some((_, at)) = self.last_page.get().filter(|(last, _)| *last == number) {
            return Some(at);
        }
        let at = *self.page_of.get(&number)?;
        self.last_page.set(Some((number, at)));
        Some(at)
    }

    /// A row for a number that has none, with room for its value.
    fn add(&mut self, id: u64) -> usize {
        let row = self.free.pop().unwrap_or_else(|| {
            self.values.push(None);
            self.values.len() as u32 - 1
        });
        let at = self.page(id).unwrap_or_else(|| self.add_page(id / PAGE as u64));
        let page = &mut self.pages[at as usize];
        page.rows[id as usize % PAGE] = row;
        page.used += 1;
        self.place(id).set((id, row));
        row as usize
    }

    fn add_page(&mut self, number: u64) -> u32 {
        let page = Page { number, rows: [NOWHERE; PAGE], used: 0 };
        let at = if let Some(at) = self.free_pages.pop() {
            self.pages[at as usize] = page;
            at
        } else {
            self.pages.push(page);
            self.pages.len() as u32 - 1
        };
        self.page_of.insert(number, at);
        self.last_page.set(Some((number, at)));
        at
    }

    /// A page has no numbers any more.
    fn give_up(&mut self, at: u32) {
        let before = self.emptied.replace(at).filter(|before| *before != at);
        if let Some(before) = before
            && let Some(page) = self.pages.get(before as usize).filter(|page| page.used == 0)
        {
            self.page_of.remove(&page.number);
            self.free_pages.push(before);
            self.last_page.set(None);
        }
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
