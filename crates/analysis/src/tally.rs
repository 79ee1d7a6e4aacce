//! Many values of which most occur often: each is kept once, with how often it occurs.
//!
//! Clocks tick in steps, so millions of durations are a few thousand different ones, and a few hundred of these are
//! most of them. A value goes the way of a coin into a sorting machine:
//!
//! 1. In a small table each place holds one value and its count. Most values find theirs there.
//! 2. One that finds another in its place puts that into a list.
//! 3. When the list has doubled, it is sorted and what is equal becomes one.

/// Places of the table.
const PLACES: usize = 256;
/// The shortest list that is sorted.
const SHORTEST: usize = 1024;

/// Values and how often each occurs.
#[derive(Clone, Debug)]
pub(crate) struct Tally {
    /// Empty until there are that many values.
    table: Vec<(u64, u64)>,
    list: Vec<(u64, u64)>,
    /// How long the list may become.
    limit: usize,
}

impl Tally {
    /// Of nothing.
    pub(crate) const EMPTY: Self = Self { table: Vec::new(), list: Vec::new(), limit: SHORTEST };

    /// Adds a value.
    #[inline]
    pub(crate) fn push(&mut self, value: u64) {
        match self.table.get_mut(place(value)) {
            Some((kept, count)) if *kept == value => *count += 1,
            Some(place) => {
                let before = std::mem::replace(place, (value, 1));
                if before.1 > 0 {
                    self.list(before);
                }
            }
            None => {
                self.list((value, 1));
                if self.list.len() == PLACES {
                    self.table = vec![(0, 0); PLACES];
                }
            }
        }
    }

    /// Adds all of another.
    pub(crate) fn append(&mut self, other: &Self) {
        other.table.iter().chain(&other.list).filter(|counted| counted.1 > 0).for_each(|&counted| self.list(counted));
    }

    /// Gives back what is only needed to add more.
    pub(crate) fn shrink(&mut self) {
        for counted in std::mem::take(&mut self.table) {
            if counted.1 > 0 {
                self.list.push(counted);
            }
        }
        self.join();
        self.list.shrink_to_fit();
    }

    /// The values in order, each with how often it occurs.
    pub(crate) fn into_sorted(mut self) -> Vec<(u64, u64)> {
        self.shrink();
        self.list
    }

    fn list(&mut self, counted: (u64, u64)) {
        self.list.push(counted);
        if self.list.len() >= self.limit {
            self.join();
            self.limit = (self.list.len() * 2).max(SHORTEST);
        }
    }

    /// Sorts the list, whose begin is sorted already, and makes one of what is equal.
    fn join(&mut self) {
        self.list.sort_by_key(|counted| counted.0);
        self.list.dedup_by(|next, kept| {
            let is_equal = next.0 == kept.0;
            if is_equal {
                kept.1 += next.1;
            }
            is_equal
        });
    }
}

impl FromIterator<u64> for Tally {
    fn from_iter<I: IntoIterator<Item = u64>>(values: I) -> Self {
        let mut tally = Self::EMPTY;
        values.into_iter().for_each(|value| tally.push(value));
        tally
    }
}

/// The place of a value: the upper bits of a product, which depend on all of its bits.
fn place(value: u64) -> usize {
    (value.wrapping_mul(0x9e37_79b9_7f4a_7c15) >> (u64::BITS - PLACES.ilog2())) as usize
}

#[cfg(test)]
mod tests {
    use super::*;
    use std::collections::BTreeMap;

    #[track_caller]
    fn check(values: &[u64]) {
        let mut wanted: BTreeMap<u64, u64> = BTreeMap::new();
        for &value in values {
            *wanted.entry(value).or_default() += 1;
        }
        let wanted: Vec<_> = wanted.into_iter().collect();
        assert_eq!(values.iter().copied().collect::<Tally>().into_sorted(), wanted);
        // In parts, some of which were shrunk.
        let mut all = Tally::EMPTY;
        for (i, part) in values.chunks(values.len().div_ceil(3).max(1)).enumerate() {
            let mut tally: Tally = part.iter().copied().collect();
            if i == 1 {
                tally.shrink();
            }
            all.append(&tally);
        }
        assert_eq!(all.into_sorted(), wanted);
    }

    #[test]
    fn all_values_are_counted() {
        check(&[]);
        check(&[0]);
        check(&[u64::MAX, 0, 0, 7]);
        let random = |i: u64| i.wrapping_mul(0x5851_f42d_4c95_7f2d) >> 20;
        for different in [1, 3, 255, 256, 257, 5000, u64::MAX] {
            check(&(0..10_000).map(|i| random(i) % different).collect::<Vec<_>>());
            check(&(0..10_000).map(|i| i % different * 64).collect::<Vec<_>>());
        }
    }
}
