//! Recorded ids to rows: the one lookup that every event needs.
//!
//! Ids are 64 bits of the file's choice, so they cannot index a vector. The few that are in use at a time are found in
//! a small direct-mapped table before the hash map is asked.

use rustc_hash::FxHashMap;

const SLOTS: usize = 1 << 12;
const NONE: u32 = u32::MAX;

/// The row that an id has now.
pub(crate) struct IdMap {
    recent: Box<[(u64, u32); SLOTS]>,
    rows: FxHashMap<u64, u32>,
}

impl Default for IdMap {
    fn default() -> Self {
        // `u64::MAX` is "no such resource" in every id type, so it may well stand for "no row".
        let recent = vec![(u64::MAX, NONE); SLOTS].into_boxed_slice();
        Self { recent: recent.try_into().expect("as many as asked for"), rows: FxHashMap::default() }
    }
}

impl IdMap {
    /// The row of an id, or `u32::MAX`.
    #[inline]
    pub fn get(&mut self, id: u64) -> u32 {
        let slot = &mut self.recent[id as usize % SLOTS];
        if slot.0 != id {
            let Some(&row) = self.rows.get(&id) else { return NONE };
            *slot = (id, row);
        }
        slot.1
    }

    /// Forgets all ids.
    pub fn clear(&mut self) {
        let recent = &mut self.recent;
        for id in std::mem::take(&mut self.rows).into_keys() {
            recent[id as usize % SLOTS] = (u64::MAX, NONE);
        }
    }

    /// Gives an id to a row; an older row loses it.
    pub fn set(&mut self, id: u64, row: u32) {
        self.recent[id as usize % SLOTS] = (id, row);
        self.rows.insert(id, row);
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn ids_in_one_slot_do_not_mix() {
        let mut map = IdMap::default();
        assert_eq!(map.get(u64::MAX), NONE);
        assert_eq!(map.get(7), NONE);
        let far = 7 + SLOTS as u64;
        map.set(7, 1);
        map.set(far, 2);
        assert_eq!((map.get(7), map.get(far), map.get(7)), (1, 2, 1));
        map.set(7, 3);
        assert_eq!((map.get(7), map.get(far)), (3, 2));
        assert_eq!(map.get(u64::MAX), NONE);
        map.clear();
        assert_eq!((map.get(7), map.get(far), map.get(u64::MAX)), (NONE, NONE, NONE));
    }
}
