//! What the program and the runtime note without changing a state. As in [`super::ops`].

use goroscope_reader::{EventType, StackIdx, StringIdx, Symbols, TaskId};

use super::Encoder;
use super::ops::{At, With};
use super::sink::Role;
use super::state::NONE;

/// How many open regions are looked through for the one that ends out of order.
const REGIONS_SEARCHED: usize = 256;

impl Encoder {
    /// An event that needs a thread with proc and goroutine and changes no state.
    pub(super) fn note(&mut self, at: At, kind: EventType, args: &[u64], symbols: &Symbols) -> bool {
        if !self.is_user(at.thread) {
            return false;
        }
        self.mention_thread(at, symbols);
        self.put(at, kind, args);
        true
    }

    /// As `note`, for an event that needs no goroutine.
    pub(super) fn note_of_proc(&mut self, at: At, kind: EventType, args: &[u64], symbols: &Symbols) -> bool {
        if self.state.thread(at.thread).proc == NONE {
            return false;
        }
        self.mention_thread(at, symbols);
        self.put(at, kind, args);
        true
    }

    /// As `note`, for an event that needs only a thread.
    pub(super) fn note_of_thread(&mut self, at: At, kind: EventType, args: &[u64], symbols: &Symbols) -> bool {
        if at.thread == NONE {
            return false;
        }
        self.mention_thread(at, symbols);
        self.put(at, kind, args);
        true
    }

    pub(super) fn region_begin(&mut self, at: At, region: (TaskId, StringIdx), with: With<'_>) -> bool {
        if !self.is_user(at.thread) {
            return false;
        }
        self.put_region(at, EventType::UserRegionBegin, region, with);
        let go = self.state.thread(at.thread).go;
        if let Some(go) = self.state.gos.get_mut(&go) {
            go.regions.push(region);
        }
        true
    }

    /// Ends a region and those that are open inside it: readers refuse another order.
    pub(super) fn region_end(&mut self, at: At, region: (TaskId, StringIdx), with: With<'_>) -> bool {
        let go = self.state.thread(at.thread).go;
        if !self.is_user(at.thread) {
            return false;
        }
        let open = self.state.gos.get(&go).map(|go| go.regions.as_slice()).unwrap_or_default();
        if !open.is_empty() {
            let inner = open.iter().rev().take(REGIONS_SEARCHED).position(|&open| open == region);
            let Some(inner) = inner else { return false };
            for _ in 0..inner {
                let region = self.state.gos.get_mut(&go).and_then(|go| go.regions.pop());
                if let Some(region) = region {
                    self.put_region(at, EventType::UserRegionEnd, region, With { stack: StackIdx(0), ..with });
                    self.counts.put_in += 1;
                }
            }
            if let Some(go) = self.state.gos.get_mut(&go) {
                go.regions.pop();
            }
        }
        self.put_region(at, EventType::UserRegionEnd, region, with);
        true
    }

    fn put_region(&mut self, at: At, kind: EventType, (task, name): (TaskId, StringIdx), with: With<'_>) {
        self.mention_thread(at, with.symbols);
        let name = self.string_id(name, Role::Annotation, with.symbols);
        let stack = self.stack_id(with);
        self.put(at, kind, &[task.0, name, stack]);
    }

    pub(super) fn task_begin(&mut self, at: At, task: u64, (parent, name): (u64, StringIdx), with: With<'_>) -> bool {
        // Only damage makes a task of what stands for none.
        if !self.is_user(at.thread) || task == 0 || task == NONE {
            return false;
        }
        self.mention_thread(at, with.symbols);
        if !self.state.tasks.insert(task) {
            self.put(at, EventType::UserTaskEnd, &[task, 0]);
            self.counts.put_in += 1;
        }
        // Readers take the background task, 0, for none.
        let parent = if parent == NONE { 0 } else { parent };
        let name = self.string_id(name, Role::Annotation, with.symbols);
        let stack = self.stack_id(with);
        self.put(at, EventType::UserTaskBegin, &[task, parent, name, stack]);
        true
    }

    pub(super) fn task_end(&mut self, at: At, task: u64, with: With<'_>) -> bool {
        if !self.is_user(at.thread) {
            return false;
        }
        self.state.tasks.remove(&task);
        self.state.ended_tasks.insert(task);
        let stack = self.stack_id(with);
        self.note(at, EventType::UserTaskEnd, &[task, stack], with.symbols)
    }

    pub(super) fn log(&mut self, at: At, task: u64, texts: (StringIdx, StringIdx), with: With<'_>) -> bool {
        if !self.is_user(at.thread) {
            return false;
        }
        let category = self.string_id(texts.0, Role::Annotation, with.symbols);
        let message = self.string_id(texts.1, Role::Message, with.symbols);
        let stack = self.stack_id(with);
        self.note(at, EventType::UserLog, &[task, category, message, stack], with.symbols)
    }

    pub(super) fn label(&mut self, at: At, label: StringIdx, symbols: &Symbols) -> bool {
        if !self.is_user(at.thread) {
            return false;
        }
        let label = self.string_id(label, Role::Label, symbols);
        self.note(at, EventType::GoLabel, &[label], symbols)
    }

    pub(super) fn gomaxprocs(&mut self, at: At, value: u64, with: With<'_>) -> bool {
        if !self.is_user(at.thread) {
            return false;
        }
        let stack = self.stack_id(with);
        self.note(at, EventType::ProcsChange, &[value, stack], with.symbols)
    }
}
