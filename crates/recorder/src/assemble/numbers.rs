//! A set of numbers that are given one after the other, as bits in pages of which the last one is nearly always the next.

use std::cell::Cell;

use rustc_hash::FxHashMap;

/// Words of a page.
const WORDS: usize = 64;

/// Numbers of a page.
const PAGE: u64 = WORDS as u64 * 64;

/// The set.
#[derive(Debug, Default)]
pub struct Numbers {
    pages: Vec<[u64; WORDS]>,
    page_of: FxHashMap<u64, usize>,
    /// The page that was looked at last, by its number.
    last: Cell<Option<(u64, usize)>>,
}

impl Numbers {
    /// Whether the number is in the set.
    pub fn contains(&self, number: u64) -> bool {
        let (word, bit) = place(number);
        let page = self.page(number / PAGE).and_then(|page| self.pages.get(page));
        page.and_then(|page| page.get(word)).is_some_and(|word| word & bit != 0)
    }

    /// Adds it.
    pub fn insert(&mut self, number: u64) {
        let page = self.page(number / PAGE).unwrap_or_else(|| {
            self.pages.push([0; WORDS]);
            self.page_of.insert(number / PAGE, self.pages.len() - 1);
            self.pages.len() - 1
        });
        let (word, bit) = place(number);
        if let Some(word) = self.pages.get_mut(page).and_then(|page| page.get_mut(word)) {
            *word |= bit;
        }
    }

    /// Takes all out.
    pub fn clear(&mut self) {
        self.pages.clear();
        self.page_of.clear();
        self.last.set(None);
    }

    fn page(&self, number: u64) -> Option<usize> {
        match self.last.get() {
            Some((last, page)) if last == number => Some(page),
            Some(_) | None => {
                let page = *self.page_of.get(&number)?;
                self.last.set(Some((number, page)));
                Some(page)
            }
        }
    }
}

/// Which word of its page has a number, and in which bit.
fn place(number: u64) -> (usize, u64) {
    (number as usize / 64 % WORDS, 1 << (number % 64))
}

#[cfg(test)]
mod tests {
    use std::collections::BTreeSet;

    use proptest::prelude::*;

    use super::*;

    proptest! {
        #[test]
        fn numbers_are_a_set(steps in proptest::collection::vec((0_u8..20, 0_u64..4, 0_u64..4), 0..100)) {
            let (mut numbers, mut set) = (Numbers::default(), BTreeSet::new());
            for (step, page, within) in steps {
                let number = [0, 1, 7, u64::MAX / PAGE][page as usize] * PAGE + [0, 63, 64, PAGE - 1][within as usize];
                match step {
                    0 => {
                        numbers.clear();
                        set.clear();
                    }
                    1..10 => {
                        numbers.insert(number);
                        set.insert(number);
                    }
                    _ => prop_assert_eq!(numbers.contains(number), set.contains(&number)),
                }
            }
        }
    }
}
