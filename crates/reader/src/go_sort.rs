//! The sort of Go's `slices.SortFunc`, step by step: it is not stable, so where equal items end depends on the steps.
//!
//! It is the pattern-defeating quicksort of Orson Peters (<https://arxiv.org/abs/2106.05123>) with Go's choices: a dozen
//! items are sorted by insertion, pivots come from three or nine items, what is nearly sorted is only mended, and after
//! too many bad pivots a heap takes over. Its "random" numbers are always the same.

/// As many items or fewer are sorted by insertion, which keeps equal ones in order.
const FEW: usize = 12;
/// From this many items on, a pivot is the median of three medians, and a nearly sorted stretch is mended.
const MANY: usize = 50;
/// Swaps of the search for a pivot that mean: it runs backwards.
const ALL_SWAPPED: usize = 12;
/// Places that are mended at most.
const MENDED: usize = 5;

/// Sorts by a key.
pub fn sort_by_key<T, K: Ord>(items: &mut [T], key: impl Fn(&T) -> K) {
    let limit = (usize::BITS - items.len().leading_zeros()) as usize;
    let is_less = |a: &T, b: &T| key(a) < key(b);
    let end = items.len();
    Sorting { items, is_less }.quick(0, end, limit);
}

struct Sorting<'i, T, F> {
    items: &'i mut [T],
    is_less: F,
}

/// What the search for a pivot saw.
#[derive(Clone, Copy, PartialEq, Eq)]
enum Hint {
    Unknown,
    Rising,
    Falling,
}

impl<T, F: Fn(&T, &T) -> bool> Sorting<'_, T, F> {
    fn less(&self, a: usize, b: usize) -> bool {
        (self.is_less)(&self.items[a], &self.items[b])
    }

    /// Sorts `a..b`; after `limit` bad pivots with a heap.
    fn quick(&mut self, mut a: usize, mut b: usize, mut limit: usize) {
        let mut was_balanced = true;
        let mut was_divided = true;
        loop {
            let len = b - a;
            if len <= FEW {
                self.insert(a, b);
                return;
            }
            if limit == 0 {
                self.heap(a, b);
                return;
            }
            if !was_balanced {
                self.scatter(a, b);
                limit -= 1;
            }
            let (mut pivot, mut hint) = self.pivot(a, b);
            if hint == Hint::Falling {
                self.items[a..b].reverse();
                pivot = (b - 1) - (pivot - a);
                hint = Hint::Rising;
            }
            if was_balanced && was_divided && hint == Hint::Rising && self.mend(a, b) {
                return;
            }
            // Nothing is less than what stands before: if the pivot is not more, all its equals are done.
            if a > 0 && !self.less(a - 1, pivot) {
                a = self.divide_equal(a, b, pivot);
                continue;
            }
            let (middle, is_divided) = self.divide(a, b, pivot);
            was_divided = is_divided;
            let (left, right) = (middle - a, b - middle);
            was_balanced = left.min(right) >= len / 8;
            if left < right {
                self.quick(a, middle, limit);
                a = middle + 1;
            } else {
                self.quick(middle + 1, b, limit);
                b = middle;
            }
        }
    }

    fn insert(&mut self, a: usize, b: usize) {
        for i in a + 1..b {
            self.shift_left(i, a);
        }
    }

    /// Moves an item to the left past greater ones, at most to `first`.
    fn shift_left(&mut self, mut at: usize, first: usize) {
        while at > first && self.less(at, at - 1) {
            self.items.swap(at, at - 1);
            at -= 1;
        }
    }

    fn heap(&mut self, a: usize, b: usize) {
        let len = b - a;
        for root in (0..=(len - 1) / 2).rev() {
            self.sink(a, root, len);
        }
        for end in (0..len).rev() {
            self.items.swap(a, a + end);
            self.sink(a, 0, end);
        }
    }

    /// Moves the item at `root` down in the heap of `len` items that begins at `a`.
    fn sink(&mut self, a: usize, mut root: usize, len: usize) {
        loop {
            let mut child = 2 * root + 1;
            if child >= len {
                return;
            }
            if child + 1 < len && self.less(a + child, a + child + 1) {
                child += 1;
            }
            if !self.less(a + root, a + child) {
                return;
            }
            self.items.swap(a + root, a + child);
            root = child;
        }
    }

    /// Less than the pivot to the left, the rest to the right; where the pivot is, and whether it was so before.
    fn divide(&mut self, a: usize, b: usize, pivot: usize) -> (usize, bool) {
        self.items.swap(a, pivot);
        let (mut i, mut j) = (a + 1, b - 1);
        let mut is_first = true;
        loop {
            while i <= j && self.less(i, a) {
                i += 1;
            }
            while i <= j && !self.less(j, a) {
                j -= 1;
            }
            if i > j {
                self.items.swap(j, a);
                return (j, is_first);
            }
            self.items.swap(i, j);
            i += 1;
            j -= 1;
            is_first = false;
        }
    }

    /// Equal to the pivot to the left, more to the right, where nothing is less; where the right begins.
    fn divide_equal(&mut self, a: usize, b: usize, pivot: usize) -> usize {
        self.items.swap(a, pivot);
        let (mut i, mut j) = (a + 1, b - 1);
        loop {
            while i <= j && !self.less(a, i) {
                i += 1;
            }
            while i <= j && self.less(a, j) {
                j -= 1;
            }
            if i > j {
                return i;
            }
            self.items.swap(i, j);
            i += 1;
            j -= 1;
        }
    }

    /// Puts a few items into their places; whether all is sorted then.
    fn mend(&mut self, a: usize, b: usize) -> bool {
        let mut i = a + 1;
        for _ in 0..MENDED {
            while i < b && !self.less(i, i - 1) {
                i += 1;
            }
            if i == b {
                return true;
            }
            if b - a < MANY {
                return false;
            }
            self.items.swap(i, i - 1);
            if i - a >= 2 {
                self.shift_left(i - 1, 0);
            }
            if b - i >= 2 {
                // Past lesser ones to the right.
                let mut at = i + 1;
                while at < b && self.less(at, at - 1) {
                    self.items.swap(at, at - 1);
                    at += 1;
                }
            }
        }
        false
    }

    /// Changes three places in the middle, against patterns that make for bad pivots.
    fn scatter(&mut self, a: usize, b: usize) {
        let len = b - a;
        let mut random = len as u64;
        let mask = (2_usize << len.ilog2()) - 1;
        let middle = a + len / 4 * 2;
        for at in middle - 1..=middle + 1 {
            // Marsaglia's xorshift.
            random ^= random << 13;
            random ^= random >> 7;
            random ^= random << 17;
            let other = random as usize & mask;
            let other = if other >= len { other - len } else { other };
            self.items.swap(at, a + other);
        }
    }

    fn pivot(&self, a: usize, b: usize) -> (usize, Hint) {
        let len = b - a;
        let mut swaps = 0;
        let mut places = [a + len / 4, a + len / 4 * 2, a + len / 4 * 3];
        if len >= MANY {
            places = places.map(|at| self.median([at - 1, at, at + 1], &mut swaps));
        }
        let pivot = self.median(places, &mut swaps);
        let hint = match swaps {
            0 => Hint::Rising,
            ALL_SWAPPED => Hint::Falling,
            _ => Hint::Unknown,
        };
        (pivot, hint)
    }

    fn median(&self, [mut a, mut b, mut c]: [usize; 3], swaps: &mut usize) -> usize {
        let mut order = |a: &mut usize, b: &mut usize| {
            if self.less(*b, *a) {
                *swaps += 1;
                std::mem::swap(a, b);
            }
        };
        order(&mut a, &mut b);
        order(&mut b, &mut c);
        order(&mut a, &mut b);
        b
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    fn random(state: &mut u64) -> u64 {
        *state ^= *state << 13;
        *state ^= *state >> 7;
        *state ^= *state << 17;
        *state
    }

    /// Keys below `limit` in one of six patterns.
    fn key(pattern: u64, random: u64, (i, n): (u64, u64), limit: u64) -> u64 {
        match pattern {
            1 => i * limit / n,
            2 => (n - i) % limit,
            3 => i % limit,
            4 if i % 17 != 0 => i * limit / n,
            5 => i.min(n - i) % limit,
            _ => random % limit,
        }
    }

    /// FNV-1a over where the items of 30 lists of this length end.
    fn places(n: u64) -> u32 {
        let mut hash = 0x811c_9dc5_u32;
        for limit in [1, 2, 7, 100, 1 << 40] {
            for pattern in 0..6 {
                let mut state = n * 1_000_003 + limit * 31 + pattern + 1;
                let mut items: Vec<(u64, u64)> =
                    (0..n).map(|i| (key(pattern, random(&mut state), (i, n), limit), i)).collect();
                sort_by_key(&mut items, |&(key, _)| key);
                assert!(items.is_sorted_by_key(|&(key, _)| key));
                for byte in items.iter().flat_map(|&(_, place)| [place as u8, (place >> 8) as u8]) {
                    hash = (hash ^ u32::from(byte)).wrapping_mul(0x0100_0193);
                }
            }
        }
        hash
    }

    /// What the same lists become with `slices.SortFunc` of Go 1.27.3.
    #[test]
    fn equal_items_end_where_go_puts_them() {
        let go = [
            (0, 0x811c_9dc5),
            (1, 0xf1fc_1875),
            (12, 0xcaa8_97b5),
            (13, 0xe114_dc65),
            (40, 0xe152_403d),
            (49, 0xac2e_593d),
            (50, 0xdf6e_4c6d),
            (51, 0xac11_a095),
            (256, 0x151f_501d),
            (1000, 0xa4c8_abcd),
            (5000, 0xfe19_b13d),
        ];
        for (len, hash) in go {
            assert_eq!(places(len), hash, "{len} items");
        }
    }

    #[test]
    fn too_many_bad_pivots_end_in_a_heap() {
        let mut items: Vec<u32> = (0..1000).map(|i| i * 7919 % 1009).collect();
        let mut sorted = items.clone();
        sorted.sort_unstable();
        let end = items.len();
        Sorting { items: &mut items, is_less: |a: &u32, b: &u32| a < b }.quick(0, end, 0);
        assert_eq!(items, sorted);
    }
}
