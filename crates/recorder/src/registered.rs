//! At which stacks a task has registered wakers that are still there when its poll ends.
//!
//! Many a future registers a waker before it looks whether it is ready: a sleep does so in the poll in which it is over.
//! What waits is only what keeps its waker. So each clone that a poll makes has a place with its task, and where one is
//! dropped in the same poll, the task does not wait at the stack where it was made.
//!
//! A place belongs to one clone at a time. Only the thread that polls the task gives places away, and only who has the
//! clone gives its place back, so neither needs more than a load and a store.

use std::sync::atomic::{AtomicU64, Ordering};

/// How many clones of a task's waker are told apart; those beyond are taken to be kept.
pub const CLONES: usize = 8;

/// The clones of a waker: for each place the number of the poll that made the clone, or 0.
#[derive(Debug, Default)]
pub struct Clones([AtomicU64; CLONES]);

impl Clones {
    /// A place for a clone that this poll makes, if there is one. Only for the thread that polls the task.
    #[inline]
    pub fn add(&self, poll: u64) -> Option<usize> {
        let is_free = |place: &AtomicU64| place.load(Ordering::Acquire) == 0;
        let (at, place) = self.0.iter().enumerate().find(|(_, place)| is_free(place))?;
        place.store(poll, Ordering::Relaxed);
        Some(at)
    }

    /// The clone is gone; the poll that made it, or 0 if the place is none.
    #[inline]
    pub fn remove(&self, at: usize) -> u64 {
        let Some(place) = self.0.get(at) else { return 0 };
        let poll = place.load(Ordering::Relaxed);
        place.store(0, Ordering::Release);
        poll
    }
}

/// Places that a task may wait at together, as far as they are told apart.
pub const MAX_WAITS: usize = 4;

/// As many as a poll keeps, some of which may go.
const KEPT: usize = 8;

/// Where a poll registered wakers.
#[derive(Clone, Copy, Debug, Default)]
pub struct Waits {
    /// The last one first; zeros are none.
    stacks: [u64; KEPT],
    /// The clones of each, as bits. Those without a place have one bit together, which stays.
    clones: [u16; KEPT],
}

impl Waits {
    /// A waker is registered at this stack.
    #[inline]
    pub fn add(&mut self, stack: u64, clone: Option<usize>) {
        let mut bits = 1 << clone.unwrap_or(CLONES);
        let (at, is_new) = match self.stacks.iter().position(|own| *own == stack) {
            Some(at) => (at, false),
            None => (KEPT - 1, true),
        };
        let (Some(stacks), Some(clones)) = (self.stacks.get_mut(..=at), self.clones.get_mut(..=at)) else { return };
        if !is_new {
            bits |= clones.last().copied().unwrap_or(0);
        }
        stacks.rotate_right(1);
        clones.rotate_right(1);
        if let (Some(first), Some(own)) = (stacks.first_mut(), clones.first_mut()) {
            (*first, *own) = (stack, bits);
        }
    }

    /// A clone that this poll made is dropped.
    pub fn remove(&mut self, clone: usize) {
        let bit = 1 << clone;
        let Some(at) = self.clones.iter().position(|clones| clones & bit != 0) else { return };
        let (Some(stacks), Some(clones)) = (self.stacks.get_mut(at..), self.clones.get_mut(at..)) else { return };
        let (Some(stack), Some(own)) = (stacks.first_mut(), clones.first_mut()) else { return };
        *own &= !bit;
        if *own == 0 {
            *stack = 0;
            stacks.rotate_left(1);
            clones.rotate_left(1);
        }
    }

    /// The stacks, the last one first.
    #[inline]
    pub fn stacks(&self) -> [u64; MAX_WAITS] {
        let [one, two, three, four, ..] = self.stacks;
        [one, two, three, four]
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    /// `7a` registers clone `a` at stack 7, `7` one without a place, `-a` drops clone `a`.
    fn check(steps: &str, expected: [u64; MAX_WAITS]) {
        let mut waits = Waits::default();
        let clone_of = |letter: char| letter as usize - 'a' as usize;
        for step in steps.split_whitespace() {
            let letter = step.chars().last().filter(char::is_ascii_alphabetic);
            match (step.strip_prefix('-'), letter) {
                (Some(_), Some(letter)) => waits.remove(clone_of(letter)),
                _ => waits.add(step.trim_matches(char::is_alphabetic).parse().unwrap(), letter.map(clone_of)),
            }
        }
        assert_eq!(waits.stacks(), expected, "{steps}");
    }

    #[test]
    fn what_is_dropped_does_not_wait() {
        check("", [0; 4]);
        check("1a 2b", [2, 1, 0, 0]);
        check("1a -a 2b", [2, 0, 0, 0]);
        check("1a 2b -a", [2, 0, 0, 0]);
        check("1a 2b 3c -b", [3, 1, 0, 0]);
        check("1a -b", [1, 0, 0, 0]);
        check("1 2b -b -c", [1, 0, 0, 0]);
        check("1a 2b 3c 4d 5e 6f -f -e", [4, 3, 2, 1]);
    }

    #[test]
    fn one_stack_of_several_clones() {
        check("1a 1b -a", [1, 0, 0, 0]);
        check("1a 1b -a -b", [0; 4]);
        check("1a 2b 1c", [1, 2, 0, 0]);
        check("1a 2b 1c -a", [1, 2, 0, 0]);
        check("1a 1 -a", [1, 0, 0, 0]);
    }

    #[test]
    fn a_place_is_of_one_clone() {
        let clones = Clones::default();
        let places: Vec<_> = (0..=CLONES).map(|_| clones.add(5)).collect();
        assert_eq!(places.iter().flatten().count(), CLONES);
        assert_eq!((clones.remove(3), clones.remove(3), clones.remove(CLONES)), (5, 0, 0));
        assert_eq!((clones.add(6), clones.add(6)), (Some(3), None));
    }
}
