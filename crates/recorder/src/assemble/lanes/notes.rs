//! What the program says of itself: user tasks, regions, messages. Only what runs can say something.

use goroscope_wire::EventType;

use super::super::decode::Event;
use super::super::names::Names;
use super::Lanes;
use crate::record::Kind;

/// The name of what has lost its name.
const NAMELESS: &str = "(name lost)";

impl Lanes {
    pub(super) fn annotate(&mut self, thread: u64, time: u64, event: &Event, names: &mut Names) {
        if event.head.kind == Kind::TaskEnd {
            self.tasks.remove(&event.head.a);
        }
        let Some(top) = self.top(thread) else {
            self.tally.outside += 1;
            return;
        };
        self.run_top(thread, time);
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
