//! The threads that still have events, as a heap by the time of the next one.
//!
//! Which of two equal times comes first depends on every detail of the heap. They are those of Go's reader, so that
//! both readers deliver the same order:
//!
//! * an entry rises only past strictly later ones, and sinks only below a strictly earlier child, the left one first;
//! * an entry leaves by rising to the root regardless of times, changing places with the last entry, which then sinks.

use crate::go_sort;

/// A thread's place in the heap.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct Entry {
    /// Time of its next event in nanoseconds.
    pub time: i64,
    /// Index of its cursor.
    pub cursor: u32,
}

/// The heap.
#[derive(Debug, Default)]
pub struct Frontier {
    entries: Vec<Entry>,
}

impl Frontier {
    /// The entries in heap order: the first has the least time.
    #[inline]
    pub fn entries(&self) -> &[Entry] {
        &self.entries
    }

    /// The least time of all entries but the first; the first stays first as long as its time is not above.
    #[inline]
    pub fn second_time(&self) -> i64 {
        match self.entries.as_slice() {
            [_, left, right, ..] => left.time.min(right.time),
            [_, only] => only.time,
            [_] | [] => i64::MAX,
        }
    }

    /// Adds an entry.
    pub fn insert(&mut self, entry: Entry) {
        self.entries.push(entry);
        self.rise(self.entries.len() - 1);
    }

    /// Gives the entry at `at` a new time.
    #[inline]
    pub fn update(&mut self, at: usize, time: i64) {
        self.entries[at].time = time;
        if self.rise(at) == at {
            self.sink(at);
        }
    }

    /// Takes out the entry at `at`.
    pub fn remove(&mut self, at: usize) {
        let mut at = at;
        while at > 0 {
            let parent = (at - 1) / 2;
            self.entries.swap(parent, at);
            at = parent;
        }
        self.entries.swap_remove(0);
        self.sink(0);
    }

    /// Gives the first entry a new time that is not above `second_time`.
    pub fn stay_first(&mut self, time: i64) {
        if let Some(first) = self.entries.first_mut() {
            first.time = time;
        }
    }

    /// Where the entry of a cursor is, which was first before others came.
    fn place_of(&self, cursor: u32) -> usize {
        self.entries.iter().position(|entry| entry.cursor == cursor).unwrap_or(0)
    }

    /// As `update`, for an entry that was first before others came.
    pub fn update_of(&mut self, cursor: u32, time: i64) {
        self.update(self.place_of(cursor), time);
    }

    /// As `remove`, for an entry that was first before others came.
    pub fn remove_of(&mut self, cursor: u32) {
        self.remove(self.place_of(cursor));
    }

    /// Sorts all entries by time; a sorted list is a heap as well.
    pub fn sort(&mut self) {
        go_sort::sort_by_key(&mut self.entries, |entry| entry.time);
    }

    fn rise(&mut self, at: usize) -> usize {
        let mut at = at;
        while at > 0 {
            let parent = (at - 1) / 2;
            if self.entries[parent].time <= self.entries[at].time {
                break;
            }
            self.entries.swap(parent, at);
            at = parent;
        }
        at
    }

    #[inline]
    fn sink(&mut self, at: usize) {
        let Some(&sinking) = self.entries.get(at) else { return };
        let mut at = at;
        // Which child is earlier cannot be foreseen, so it is computed, not branched upon.
        while let Some(&[left, right]) = self.entries.get(2 * at + 1..2 * at + 3).and_then(<[Entry]>::first_chunk) {
            let is_right = right.time < left.time;
            let child = if is_right { right } else { left };
            if child.time >= sinking.time {
                self.entries[at] = sinking;
                return;
            }
            self.entries[at] = child;
            at = 2 * at + 1 + usize::from(is_right);
        }
        if let Some(&only) = self.entries.get(2 * at + 1)
            && only.time < sinking.time
        {
            self.entries[at] = only;
            at = 2 * at + 1;
        }
        self.entries[at] = sinking;
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    /// Inserts `times` in order, then takes the first entry until none is left.
    fn check(times: &[i64], expected: &[(i64, u32)]) {
        let mut frontier = Frontier::default();
        for (cursor, &time) in times.iter().enumerate() {
            frontier.insert(Entry { time, cursor: cursor as u32 });
        }
        let mut order = Vec::new();
        while let Some(&first) = frontier.entries().first() {
            assert!(frontier.entries().iter().skip(1).all(|entry| entry.time >= frontier.second_time()));
            order.push((first.time, first.cursor));
            frontier.remove(0);
        }
        assert_eq!(order, expected);
    }

    #[test]
    fn takes_the_least_time_first() {
        check(&[5, 3, 8, 1, 9, 2], &[(1, 3), (2, 5), (3, 1), (5, 0), (8, 2), (9, 4)]);
    }

    #[test]
    fn equal_times_follow_the_heap_not_the_arrival() {
        // The last entry becomes the root when the first leaves, and stays there among equals.
        check(&[7, 7, 7, 7], &[(7, 0), (7, 3), (7, 2), (7, 1)]);
        check(&[1, 2, 2, 2], &[(1, 0), (2, 3), (2, 2), (2, 1)]);
    }

    #[test]
    fn an_updated_entry_stays_first_among_equals() {
        let mut frontier = Frontier::default();
        for (cursor, time) in [4, 6, 5].into_iter().enumerate() {
            frontier.insert(Entry { time, cursor: cursor as u32 });
        }
        frontier.update(0, 5);
        assert_eq!(frontier.entries()[0], Entry { time: 5, cursor: 0 });
        frontier.update(0, 6);
        assert_eq!(frontier.entries()[0], Entry { time: 5, cursor: 2 });
    }

    #[test]
    fn an_entry_in_the_middle_can_be_removed() {
        let mut frontier = Frontier::default();
        for (cursor, time) in [1, 2, 3, 4, 5].into_iter().enumerate() {
            frontier.insert(Entry { time, cursor: cursor as u32 });
        }
        frontier.remove(3);
        let mut left: Vec<_> = frontier.entries().iter().map(|entry| entry.time).collect();
        assert_eq!(left[0], 1);
        left.sort_unstable();
        assert_eq!(left, [1, 2, 3, 5]);
    }
}
