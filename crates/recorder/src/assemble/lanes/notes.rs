//! What the program says of itself: user tasks, regions, messages. Only what runs can say something.
//!
//! A user task may begin in what is traced and end outside of that: a request does whose answer is sent by a connection
//! that nobody traced. So one goroutine stands for all that is not traced, and runs for these ends.

use goroscope_wire::EventType;

use super::super::decode::Event;
use super::super::names::{Names, UNTRACED};
use super::super::reasons::Reason;
use super::{Entry, GoState, Lanes, Mode};
use crate::record::Kind;

/// The name of what has lost its name.
const NAMELESS: &str = "(name lost)";

/// The goroutine that stands for what is not traced. No process has so many tasks, and every reader has room for it.
const OUTSIDE: u64 = 1 << 52;

impl Lanes {
    pub(super) fn annotate(&mut self, thread: u64, time: u64, event: &Event, names: &mut Names) {
        let has_begun = event.head.kind == Kind::TaskEnd && self.tasks.remove(&event.head.a);
        if self.top(thread).is_none() {
            if !(has_begun && self.enter_outside(thread, time, names)) {
                self.tally.outside += 1;
                return;
            }
            self.note(thread, time, event, names);
            self.leave_outside(thread, time);
            return;
        }
        self.run_top(thread, time);
        self.note(thread, time, event, names);
    }

    /// What is not traced runs on the thread, on which nothing else does; `false` if that cannot be.
    fn enter_outside(&mut self, thread: u64, time: u64, names: &mut Names) -> bool {
        match self.gos.get(OUTSIDE).map(|go| (go.state, go.thread)) {
            None if self.over.contains(OUTSIDE) => return false,
            None => {
                names.define_untraced();
                let start = self.start_of(UNTRACED, names);
                self.make(thread, time, OUTSIDE, UNTRACED, [start, 0]);
                // It is none of the program's.
                self.tally.tasks -= 1;
            }
            Some((GoState::Waiting, None)) => self.unblock(thread, time, OUTSIDE, 0),
            Some((GoState::Runnable, None)) => {}
            Some(_) => return false,
        }
        self.ensure_proc(thread, time, None);
        self.run(thread, time, OUTSIDE);
        if let Some(state) = self.threads.get_mut(thread) {
            state.stack.push(Entry { go: OUTSIDE, mode: Mode::Running });
        }
        true
    }

    fn leave_outside(&mut self, thread: u64, time: u64) {
        let reason = self.out.reason(Reason::Unspecified);
        self.put_go(thread, time, OUTSIDE, EventType::GoBlock, [reason, 0, 0, 0]);
        self.pop(thread, GoState::Waiting);
        self.release_if_done(thread, time);
    }

    /// Writes what the innermost of the thread says, which runs.
    fn note(&mut self, thread: u64, time: u64, event: &Event, names: &mut Names) {
        let Some(top) = self.top(thread) else { return };
        let (head, [first, second]) = (&event.head, event.more());
        let task = head.a;
        let note = |lanes: &mut Self, kind, args| lanes.put_go(thread, time, top.go, kind, args);
        match head.kind {
            // No task has the number 0, and none begins twice.
            Kind::TaskBegin if task == 0 || !self.tasks.insert(task) => self.tally.repaired += 1,
            Kind::TaskBegin => {
                let (name, stack) = (self.named(head.b, names), self.stack([second, 0, 0, 0], names));
                note(self, EventType::UserTaskBegin, [task, first, name, stack]);
            }
            Kind::TaskEnd => {
                let stack = self.stack([head.b, 0, 0, 0], names);
                note(self, EventType::UserTaskEnd, [task, stack, 0, 0]);
            }
            Kind::RegionBegin => {
                let called = names.text(head.b).unwrap_or_else(|| NAMELESS.into());
                let (name, stack) = (self.out.text(&called), self.stack([first, 0, 0, 0], names));
                if let Some(go) = self.gos.get_mut(top.go) {
                    go.regions.push((task, head.b, called));
                }
                note(self, EventType::UserRegionBegin, [task, name, stack, 0]);
            }
            Kind::RegionEnd => {
                let open = self.gos.get(top.go).map_or(&[][..], |go| &go.regions);
                // One that ended with another around it is over, and one that began elsewhere ends with what it began in.
                let Some(at) = open.iter().rposition(|(of, name, _)| (*of, *name) == (task, head.b)) else { return };
                // Those inside of it end with it.
                for _ in at..open.len() {
                    self.end_region(thread, time, top.go);
                }
            }
            Kind::Log => {
                let (category, stack) = (self.named(head.b, names), self.stack([first, 0, 0, 0], names));
                let message = self.out.text(event.text());
                note(self, EventType::UserLog, [task, category, message, stack]);
            }
            _ => {}
        }
    }

    /// Ends the innermost region of a goroutine that runs.
    pub(super) fn end_region(&mut self, thread: u64, time: u64, go: u64) {
        if let Some((task, _, called)) = self.gos.get_mut(go).and_then(|go| go.regions.pop()) {
            let name = self.out.text(&called);
            self.put_go(thread, time, go, EventType::UserRegionEnd, [task, name, 0, 0]);
        }
    }

    fn named(&mut self, id: u64, names: &Names) -> u64 {
        let name = names.text(id);
        self.out.text(name.as_deref().unwrap_or(NAMELESS))
    }
}
