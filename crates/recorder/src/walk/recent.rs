//! Stacks that a thread saw lately, and how one is recognized without the unwind tables.
//!
//! ```text
//!  higher  │ return address of c │ ◄── place and word as before?
//!          │ return address of b │ ◄── place and word as before?
//!          │ return address of a │ ◄── place and word as before?
//!  lower   │ the walk, a         │ ◄── stack pointer as before?
//! ```
//!
//! Where a function keeps its return address is said by its code and the stack pointer. So if the stack pointer, the place
//! in the code and the word are the same as in a walk before, the caller is the same, at the same place, and so on until
//! the top. Reading the words is all that is left to be done, about as cheap as following frame pointers.
//! Functions that make room on the stack while they run may be mistaken, which Rust's do not.

use super::Stretch;

/// Where a walk begins and ends.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq)]
pub struct Ends {
    /// In the code.
    pub here: u64,
    /// The stack pointer.
    pub stack: u64,
    pub top: usize,
}

/// A return address and where it stands.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq)]
pub struct Found {
    pub place: u64,
    pub address: u64,
}

/// Return addresses that are kept of a stack; deeper ones are walked every time.
pub const DEPTH: usize = 32;

const SETS: usize = 8;
const WAYS: usize = 4;

/// The stacks: 16 KiB.
#[derive(Debug, Default)]
pub struct Recent {
    sets: [Set; SETS],
}

/// Stacks with the same ends are in one set.
#[derive(Debug, Default)]
struct Set {
    stacks: [Stack; WAYS],
    /// The one that is given up next.
    oldest: usize,
}

#[derive(Debug, Default)]
struct Stack {
    ends: Ends,
    len: usize,
    found: [Found; DEPTH],
}

impl Recent {
    /// Writes the return addresses if the stack is one of those, and says how many.
    #[inline]
    pub fn addresses(&self, ends: Ends, stretch: Stretch, addresses: &mut [u64]) -> Option<usize> {
        let stacks = &self.sets.get(set(ends))?.stacks;
        let is_still = |found: &Found| stretch.word(found.place as usize) == Some(found.address);
        let same = stacks.iter().filter(|stack| stack.ends == ends && stack.len > 0).find_map(|stack| {
            let found = stack.found.get(..stack.len)?;
            found.iter().all(is_still).then_some(found)
        })?;
        for (to, found) in addresses.iter_mut().zip(same) {
            *to = found.address;
        }
        Some(same.len())
    }

    /// Keeps a stack instead of another one.
    pub fn keep(&mut self, ends: Ends, found: &[Found]) {
        let Some(set) = self.sets.get_mut(set(ends)) else { return };
        let Some(stack) = set.stacks.get_mut(set.oldest) else { return };
        if let Some(places) = stack.found.get_mut(..found.len()) {
            places.copy_from_slice(found);
            (stack.ends, stack.len) = (ends, found.len());
            set.oldest = (set.oldest + 1) % WAYS;
        }
    }
}

fn set(ends: Ends) -> usize {
    let mixed = (ends.here ^ ends.stack.rotate_left(20) ^ ends.top as u64).wrapping_mul(0x9e37_79b9_7f4a_7c15);
    (mixed >> 32) as usize % SETS
}

#[cfg(test)]
mod tests {
    use super::*;

    /// Words of a stack, of which the second and the last are return addresses; what is kept of them, and whether it is
    /// the stack `later`.
    fn check(words: [u64; 4], kept: Ends, later: [u64; 4], ends: Ends, expected: Option<&[u64]>) {
        let mut stack = words;
        let low = std::ptr::from_ref(&stack).expose_provenance();
        let stretch = Stretch { low, top: low + size_of_val(&stack) };
        let found = [1, 3].map(|at| Found { place: (low + at * 8) as u64, address: words[at] });
        let mut recent = Recent::default();
        recent.keep(kept, &found);
        stack = std::hint::black_box(later);
        let mut addresses = [0; 8];
        let len = recent.addresses(ends, stretch, &mut addresses);
        assert_eq!(len.map(|len| &addresses[..len]), expected);
        std::hint::black_box(stack);
    }

    #[test]
    fn a_stack_is_known_by_its_ends_and_its_words() {
        let ends = Ends { here: 1, stack: 2, top: 3 };
        check([0, 11, 0, 12], ends, [5, 11, 6, 12], ends, Some(&[11, 12]));
        check([0, 11, 0, 12], ends, [0, 11, 0, 13], ends, None);
        check([0, 11, 0, 12], ends, [0, 10, 0, 12], ends, None);
        for other in [Ends { here: 9, ..ends }, Ends { stack: 9, ..ends }, Ends { top: 9, ..ends }] {
            check([0, 11, 0, 12], ends, [0, 11, 0, 12], other, None);
        }
    }
}
