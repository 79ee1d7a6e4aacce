//! The smallest few of many, without keeping the many: pages of hits and tops of lists.

/// Keeps the `limit` smallest items that were pushed, in at most twice that space.
pub(crate) struct Smallest<T> {
    limit: usize,
    items: Vec<T>,
    /// Whether the first `limit` items are smaller than all that were thrown away, the last of them the largest.
    is_full: bool,
}

impl<T: Ord> Smallest<T> {
    /// Of what is pushed, the `limit` smallest will be kept.
    pub(crate) fn new(limit: usize) -> Self {
        Self { limit, items: Vec::new(), is_full: false }
    }

    /// Adds an item.
    pub(crate) fn push(&mut self, item: T) {
        if self.limit == 0 || (self.is_full && item > self.items[self.limit - 1]) {
            return;
        }
        self.items.push(item);
        if self.items.len() >= self.limit.saturating_mul(2).max(64) {
            self.items.select_nth_unstable(self.limit - 1);
            self.items.truncate(self.limit);
            self.is_full = true;
        }
    }

    /// The smallest, in order.
    pub(crate) fn into_sorted(mut self) -> Vec<T> {
        self.items.sort_unstable();
        self.items.truncate(self.limit);
        self.items
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn the_smallest_are_kept_in_order() {
        for limit in [0, 1, 3, 40, 500] {
            let items = || (0..300_u32).map(|i| i.wrapping_mul(2_654_435_761) % 1000);
            let mut smallest = Smallest::new(limit);
            items().for_each(|item| smallest.push(item));
            let mut all: Vec<u32> = items().collect();
            all.sort_unstable();
            all.truncate(limit);
            assert_eq!(smallest.into_sorted(), all, "limit {limit}");
        }
    }
}
