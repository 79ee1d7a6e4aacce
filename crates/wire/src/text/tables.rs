//! The strings and stacks that a text gives as literals: one table per generation.

use std::collections::{BTreeMap, BTreeSet};

use super::line::FrameText;
use crate::{RawFrame, StringEntry, TraceWriter};

/// Numbers given out from a first one up, without those that the text uses itself.
#[derive(Clone, Debug)]
pub(super) struct Numbers {
    next: u64,
    taken: BTreeSet<u64>,
}

impl Numbers {
    pub(super) fn starting_at(first: u64) -> Self {
        Self { next: first, taken: BTreeSet::new() }
    }

    /// Keeps a number from being given out.
    pub(super) fn take(&mut self, number: u64) {
        self.taken.insert(number);
    }

    fn give(&mut self) -> u64 {
        while self.taken.contains(&self.next) {
            self.next = self.next.wrapping_add(1);
        }
        let number = self.next;
        self.next = self.next.wrapping_add(1);
        number
    }
}

/// Program counters of frames without one: one for each function, file and line of the text.
#[derive(Clone, Debug)]
pub(super) struct ProgramCounters {
    pub(super) numbers: Numbers,
    given: BTreeMap<(String, String, u64), u64>,
}

impl ProgramCounters {
    pub(super) fn new() -> Self {
        Self { numbers: Numbers::starting_at(0x1000), given: BTreeMap::new() }
    }

    fn of(&mut self, frame: &FrameText<'_>) -> u64 {
        let key = (frame.function.to_owned(), frame.file.to_owned(), frame.line);
        frame.pc.unwrap_or_else(|| *self.given.entry(key).or_insert_with(|| self.numbers.give()))
    }
}

/// The literals of a generation, and what the text itself says about it.
#[derive(Clone, Debug)]
pub(super) struct Tables {
    /// The earliest time of a batch.
    pub(super) time: Option<u64>,
    pub(super) string_ids: Numbers,
    pub(super) stack_ids: Numbers,
    strings: BTreeMap<Vec<u8>, u64>,
    stacks: BTreeMap<Vec<[u64; 4]>, u64>,
    new_strings: BTreeSet<u64>,
    new_stacks: BTreeSet<u64>,
}

impl Tables {
    pub(super) fn new() -> Self {
        Self {
            time: None,
            string_ids: Numbers::starting_at(1),
            stack_ids: Numbers::starting_at(1),
            strings: BTreeMap::new(),
            stacks: BTreeMap::new(),
            new_strings: BTreeSet::new(),
            new_stacks: BTreeSet::new(),
        }
    }

    /// Counts a batch at this time.
    pub(super) fn add_time(&mut self, time: u64) {
        self.time = Some(self.time.map_or(time, |earliest| earliest.min(time)));
    }

    /// The id of a string.
    pub(super) fn string(&mut self, bytes: &[u8]) -> u64 {
        if bytes.is_empty() {
            return 0;
        }
        if let Some(&id) = self.strings.get(bytes) {
            return id;
        }
        let id = self.string_ids.give();
        self.strings.insert(bytes.to_vec(), id);
        self.new_strings.insert(id);
        id
    }

    /// The id of a stack.
    pub(super) fn stack(&mut self, frames: &[FrameText<'_>], pcs: &mut ProgramCounters) -> u64 {
        if frames.is_empty() {
            return 0;
        }
        let frames: Vec<_> = frames
            .iter()
            .map(|frame| {
                let function = self.string(frame.function.as_bytes());
                [pcs.of(frame), function, self.string(frame.file.as_bytes()), frame.line]
            })
            .collect();
        if let Some(&id) = self.stacks.get(&frames) {
            return id;
        }
        let id = self.stack_ids.give();
        self.stacks.insert(frames, id);
        self.new_stacks.insert(id);
        id
    }

    /// Writes the literals that are not written yet, by id.
    pub(super) fn write(&mut self, generation: u64, writer: &mut TraceWriter) {
        let time = self.time.unwrap_or_default();
        let new = std::mem::take(&mut self.new_strings);
        let mut strings: Vec<_> = self.strings.iter().filter(|(_, id)| new.contains(id)).collect();
        strings.sort_unstable_by_key(|&(_, &id)| id);
        let entries = strings.into_iter().map(|(bytes, &id)| StringEntry { id, bytes });
        writer.strings(generation, time, entries);

        let new = std::mem::take(&mut self.new_stacks);
        let mut stacks: Vec<_> = self
            .stacks
            .iter()
            .filter(|(_, id)| new.contains(id))
            .map(|(frames, &id)| (id, frames.iter().copied().map(raw_frame).collect::<Vec<_>>()))
            .collect();
        stacks.sort_unstable_by_key(|&(id, _)| id);
        writer.stacks(generation, time, stacks.iter().map(|(id, frames)| (*id, frames.as_slice())));
    }
}

fn raw_frame([pc, function, file, line]: [u64; 4]) -> RawFrame {
    RawFrame { pc, function, file, line }
}
