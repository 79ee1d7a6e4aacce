//! Stacks that a thread saw lately, and how one is recognized without walking it once more.
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
//! the top. Reading the words is all that is left to be done, and none of them waits for another one: with frame pointers,
//! too, that is cheaper than a walk. The number of the stack is kept with it.
//! Functions that make room on the stack while they run may be mistaken, which Rust's do not. With frame pointers nothing
//! is: the way from each to the next is compared, too.

use super::{Stretch, Walked};

/// Where a walk begins and ends.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq)]
pub struct Ends {
    /// In the code.
    pub here: u64,
    /// The stack pointer, or the frame pointer.
    pub stack: u64,
    pub top: usize,
}

/// A step of a walk.
pub trait Step: Copy + Default {
    /// Whether a walk between these ends would take these steps.
    fn are_same(steps: &[Self], ends: Ends, stretch: Stretch) -> bool;

    /// The return address.
    fn address(self) -> u64;
}

/// A return address and where it stands.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq)]
pub struct Found {
    pub place: u64,
    pub address: u64,
}

impl Step for Found {
    #[inline]
    fn are_same(steps: &[Self], _: Ends, stretch: Stretch) -> bool {
        steps.iter().all(|found| stretch.word(found.place as usize) == Some(found.address))
    }

    #[inline]
    fn address(self) -> u64 {
        self.address
    }
}

/// What a frame pointer points to: the one of the caller, and the return address.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq)]
pub struct Link {
    pub above: u64,
    pub address: u64,
}

impl Step for Link {
    #[inline]
    fn are_same(steps: &[Self], ends: Ends, stretch: Stretch) -> bool {
        let mut frame = ends.stack;
        steps.iter().all(|link| {
            let words = stretch.pair(frame as usize);
            frame = link.above;
            words == Some([link.above, link.address])
        })
    }

    #[inline]
    fn address(self) -> u64 {
        self.address
    }
}

/// Return addresses that are kept of a stack; deeper ones are walked every time.
pub const DEPTH: usize = 32;

const SETS: usize = 8;
const WAYS: usize = 4;

/// The stacks: 17 KiB.
#[derive(Debug, Default)]
pub struct Recent<S> {
    sets: [Set<S>; SETS],
}

/// Stacks with the same ends are in one set.
#[derive(Debug, Default)]
struct Set<S> {
    stacks: [Stack<S>; WAYS],
    /// The one that is given up next.
    oldest: usize,
}

#[derive(Debug, Default)]
struct Stack<S> {
    ends: Ends,
    walked: Walked,
    steps: [S; DEPTH],
}

impl<S: Step> Recent<S> {
    /// Writes the return addresses if the stack is one of those, and says how many they are, and its number.
    #[inline]
    pub fn addresses(&self, ends: Ends, stretch: Stretch, addresses: &mut [u64]) -> Option<Walked> {
        let stacks = &self.sets.get(set(ends))?.stacks;
        let with_ends = stacks.iter().filter(|stack| stack.ends == ends && stack.walked.len > 0);
        for stack in with_ends {
            let steps = stack.steps.get(..stack.walked.len)?;
            if S::are_same(steps, ends, stretch) {
                for (to, step) in addresses.iter_mut().zip(steps) {
                    *to = step.address();
                }
                return Some(stack.walked);
            }
        }
        None
    }

    /// Keeps a stack instead of another one, and gives it its number.
    pub fn keep(&mut self, ends: Ends, steps: &[S], walked: Walked) {
        let Some(set) = self.sets.get_mut(set(ends)) else { return };
        let Some(stack) = set.stacks.get_mut(set.oldest) else { return };
        if let Some(places) = stack.steps.get_mut(..steps.len()) {
            places.copy_from_slice(steps);
            (stack.ends, stack.walked) = (ends, walked);
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
        recent.keep(kept, &found, Walked { len: 2, id: 77 });
        stack = std::hint::black_box(later);
        let mut addresses = [0; 8];
        let walked = recent.addresses(ends, stretch, &mut addresses);
        assert_eq!(walked.map(|walked| &addresses[..walked.len]), expected);
        assert!(walked.is_none_or(|walked| walked.id == 77));
        std::hint::black_box(stack);
    }

    /// Two frames, of which the words are told without the addresses of the frames; whether they are those before.
    fn check_links(words: [u64; 4], later: [u64; 4], expected: bool) {
        let mut stack = [0; 5];
        let low = std::ptr::from_ref(&stack).expose_provenance() as u64;
        let told = |[above, address, end, other]: [u64; 4]| [low + above * 8, address, end, other, 0];
        stack = told(words);
        let stretch = Stretch { low: low as usize, top: low as usize + size_of_val(&stack) };
        let ends = Ends { here: 0, stack: low, top: stretch.top };
        let [above, address, end, other, _] = stack;
        let mut recent = Recent::default();
        recent.keep(ends, &[Link { above, address }, Link { above: end, address: other }], Walked { len: 2, id: 77 });
        stack = std::hint::black_box(told(later));
        let mut addresses = [0; 8];
        let walked = recent.addresses(ends, stretch, &mut addresses);
        assert_eq!(walked, expected.then_some(Walked { len: 2, id: 77 }));
        if expected {
            assert_eq!(addresses[..2], [address, other]);
        }
        std::hint::black_box(stack);
    }

    #[test]
    fn frames_are_known_by_their_words_and_the_way_between_them() {
        check_links([2, 11, 0, 12], [2, 11, 0, 12], true);
        check_links([2, 11, 0, 12], [2, 10, 0, 12], false);
        check_links([2, 11, 0, 12], [2, 11, 0, 13], false);
        check_links([2, 11, 0, 12], [2, 11, 9, 12], false);
        check_links([2, 11, 0, 12], [3, 11, 0, 12], false);
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
