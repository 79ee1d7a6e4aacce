//! Which cursors wait for what, so that a change wakes those that waited for it and no others.

use rustc_hash::FxHashMap;

/// What must change before an event can happen.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Hash)]
pub enum Wait {
    /// State or sequence of this goroutine.
    Go(u64),
    /// State or sequence of this proc.
    Proc(u64),
    /// What proc the thread with this index holds.
    Holding(u32),
    /// The state of the garbage collector.
    Gc,
}

/// The waiting cursors: for each thing that is waited for, a doubly linked list.
#[derive(Debug, Default)]
pub struct Waiters {
    /// The cursor that came last to wait for something.
    heads: FxHashMap<Wait, u32>,
    /// By cursor.
    links: Vec<Link>,
    /// Cursors that were woken and not taken yet.
    woken: Vec<u32>,
}

/// A cursor's place in the list of what it waits for.
#[derive(Clone, Copy, Debug)]
struct Link {
    waits: Option<Wait>,
    before: u32,
    after: u32,
}

/// End of a list.
const END: u32 = u32::MAX;

const NOWHERE: Link = Link { waits: None, before: END, after: END };

impl Waiters {
    /// Forgets everything, for a generation with this many cursors.
    pub fn reset(&mut self, cursors: usize) {
        self.heads.clear();
        self.links.clear();
        self.links.resize(cursors, NOWHERE);
        self.woken.clear();
    }

    /// The cursor, which does not wait, waits from now on.
    pub fn wait(&mut self, cursor: u32, wait: Wait) {
        let after = self.heads.insert(wait, cursor).unwrap_or(END);
        self.links[cursor as usize] = Link { waits: Some(wait), before: END, after };
        if let Some(link) = self.links.get_mut(after as usize) {
            link.before = cursor;
        }
    }

    /// Whether the cursor waits.
    #[inline]
    pub fn is_waiting(&self, cursor: u32) -> bool {
        self.links[cursor as usize].waits.is_some()
    }

    /// The cursor does not wait any longer, although nothing has changed.
    pub fn release(&mut self, cursor: u32) {
        let Link { waits, before, after } = std::mem::replace(&mut self.links[cursor as usize], NOWHERE);
        let Some(wait) = waits else {
            return;
        };
        if let Some(link) = self.links.get_mut(after as usize) {
            link.before = before;
        }
        if let Some(link) = self.links.get_mut(before as usize) {
            link.after = after;
        } else if after == END {
            self.heads.remove(&wait);
        } else {
            self.heads.insert(wait, after);
        }
    }

    /// What was waited for has changed.
    #[inline]
    pub fn wake(&mut self, wait: Wait) {
        if !self.heads.is_empty() {
            self.wake_list(wait);
        }
    }

    /// Whether cursors were woken.
    #[inline]
    pub fn has_woken(&self) -> bool {
        !self.woken.is_empty()
    }

    /// A cursor that was woken.
    #[inline]
    pub fn take_woken(&mut self) -> Option<u32> {
        self.woken.pop()
    }

    fn wake_list(&mut self, wait: Wait) {
        let mut cursor = self.heads.remove(&wait).unwrap_or(END);
        while cursor != END {
            self.woken.push(cursor);
            cursor = std::mem::replace(&mut self.links[cursor as usize], NOWHERE).after;
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[derive(Debug)]
    enum Do {
        Wait(u32, Wait),
        Release(u32),
        /// What changes, and who is woken by it.
        Wake(Wait, &'static [u32]),
    }

    fn check(steps: &[Do]) {
        let mut waiters = Waiters::default();
        waiters.reset(5);
        for step in steps {
            match *step {
                Do::Wait(cursor, wait) => waiters.wait(cursor, wait),
                Do::Release(cursor) => waiters.release(cursor),
                Do::Wake(wait, expected) => {
                    waiters.wake(wait);
                    let woken: Vec<_> = std::iter::from_fn(|| waiters.take_woken()).collect();
                    assert_eq!(woken, expected, "{step:?}");
                    assert!(woken.iter().all(|&cursor| !waiters.is_waiting(cursor)));
                }
            }
        }
    }

    #[test]
    fn only_those_that_waited_for_it_wake() {
        check(&[
            Do::Wait(0, Wait::Go(1)),
            Do::Wait(1, Wait::Proc(1)),
            Do::Wait(2, Wait::Go(1)),
            Do::Wake(Wait::Go(2), &[]),
            Do::Wake(Wait::Go(1), &[0, 2]),
            Do::Wake(Wait::Go(1), &[]),
            Do::Wake(Wait::Proc(1), &[1]),
        ]);
    }

    #[test]
    fn release_takes_out_any_of_a_list() {
        for released in 0..3 {
            let left: &[u32] = [&[1, 2][..], &[0, 2], &[0, 1]][released];
            let left: &'static [u32] = Vec::leak(left.to_vec());
            check(&[
                Do::Wait(0, Wait::Gc),
                Do::Wait(1, Wait::Gc),
                Do::Wait(2, Wait::Gc),
                Do::Release(released as u32),
                Do::Wait(released as u32, Wait::Holding(3)),
                Do::Wake(Wait::Gc, left),
                Do::Release(released as u32),
                Do::Wake(Wait::Holding(3), &[]),
            ]);
        }
    }
}
