//! Threads that wait for locks, channels and the like, with what runs on them.
//!
//! A release comes here with the task that it let go on: `order` knows both.

use goroscope_wire::EventType;

use super::super::reasons;
use super::{Entry, GoState, Lanes, Mode};
use crate::record::{BY_THREAD, Head, IN_VAIN};

impl Lanes {
    /// What runs on the thread waits.
    pub(super) fn begin_wait(&mut self, thread: u64, time: u64, head: &Head, stack: u64) {
        if !self.uncover(thread, time, head.a) {
            return;
        }
        let reason = self.out.text(reasons::of_wait(head.small).text());
        self.put_go(thread, time, head.a, EventType::GoBlock, [reason, stack, 0, 0]);
        self.set_top(thread, Mode::Waiting, GoState::Waiting);
        if let Some(go) = self.gos.get_mut(head.a) {
            go.waits = [head.b, 0, 0, 0];
        }
        self.release_own(thread, time);
    }

    /// Somebody let a task go on that waits on its thread.
    pub(super) fn let_go_on(&mut self, thread: u64, time: u64, go: u64, stack: u64) {
        let holds = self.gos.get(go).filter(|go| go.state == GoState::Waiting).and_then(|go| go.thread);
        let stack_of = holds.and_then(|thread| self.threads.get(thread)).map_or(&[][..], |thread| &thread.stack);
        if stack_of.iter().any(|entry| entry.go == go && entry.mode == Mode::Waiting) {
            self.tally.wakes += 1;
            self.unblock(thread, time, go, stack);
        }
    }

    /// The task goes on, whether it is known who let it or not.
    pub(super) fn go_on(&mut self, thread: u64, time: u64, head: &Head) {
        let go = head.a;
        let still_waits = self.gos.get(go).is_some_and(|go| go.state == GoState::Waiting && go.thread == Some(thread));
        if still_waits {
            // Whoever did not know that somebody waits has told of no release, but is still at it.
            let other = head.b & !BY_THREAD;
            let runs = |top: Entry| top.mode == Mode::Running;
            if head.b & BY_THREAD != 0 && other != thread && self.top(other).is_some_and(runs) {
                self.settle(other);
                self.tally.wakes += 1;
                self.unblock(other, time, go, 0);
            } else if head.b != IN_VAIN {
                self.tally.unheard += 1;
            }
        }
        // It begins to run, as a task that is polled.
        self.tally.polls += 1;
        self.uncover(thread, time, go);
    }
}
