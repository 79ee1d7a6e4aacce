//! Traces of a program that the bytes play, whole or with some damage.
//!
//! A whole one must be read without a complaint, tell of each goroutine how long it ran, and not depend on how the
//! batches of different threads follow each other in the file. A damaged one must keep what holds for any file. Neither
//! may depend on which thread decodes it.

use std::collections::BTreeMap;

use goroscope_model::{Class, Trace};
use goroscope_reader::{Event, Reader};
use goroscope_wire::EventType;

use crate::program::{Batch, Choices, Generation, Recording, play};
use crate::{columns, old_program, reading};

/// The most places that are damaged.
const MOST_DAMAGE: usize = 7;

/// Plays a program and reads its trace.
///
/// The first byte says how many places are damaged, the next how batches follow each other; four bytes for each damage
/// and the program follow.
pub fn any(bytes: &[u8]) {
    let plan = Plan::new(bytes);
    if plan.damages.is_empty() {
        whole(&plan.recording, plan.order);
    } else {
        let file = plan.file();
        reading::any(&file);
        reading::ahead(&file, "a damaged program");
        columns::any(&file);
    }
}

/// The same for the format of Go 1.11 to 1.21.
///
/// The first byte says how many places are damaged; four bytes for each and the program follow.
pub fn v1(bytes: &[u8]) {
    let (file, is_whole) = old(bytes);
    if is_whole {
        assert!(!events(&file).is_empty());
    }
    reading::any(&file);
    columns::any(&file);
}

/// The trace that the bytes stand for in the format of Go 1.11 to 1.21.
pub fn v1_file(bytes: &[u8]) -> Vec<u8> {
    old(bytes).0
}

/// The file, and whether it is whole.
fn old(bytes: &[u8]) -> (Vec<u8>, bool) {
    let mut choices = Choices::new(bytes);
    let count = choices.pick(MOST_DAMAGE + 1);
    let damages: Vec<[u8; 4]> = (0..count).map(|_| std::array::from_fn(|_| choices.byte())).collect();
    let mut file = old_program::play(&mut choices);
    for &damage in &damages {
        damage_bytes(&mut file, damage);
    }
    (file, damages.is_empty())
}

/// The trace that the bytes stand for.
pub fn file(bytes: &[u8]) -> Vec<u8> {
    Plan::new(bytes).file()
}

/// What the bytes say.
struct Plan {
    recording: Recording,
    order: u8,
    damages: Vec<[u8; 4]>,
}

impl Plan {
    fn new(bytes: &[u8]) -> Self {
        let mut choices = Choices::new(bytes);
        let count = choices.pick(MOST_DAMAGE + 1);
        let order = choices.byte();
        let damages = (0..count).map(|_| std::array::from_fn(|_| choices.byte())).collect();
        Self { recording: play(&mut choices), order, damages }
    }

    fn file(mut self) -> Vec<u8> {
        let (early, late): (Vec<_>, Vec<_>) = self.damages.iter().partition(|damage| damage[0] < 160);
        for &damage in early {
            damage_events(&mut self.recording, damage);
        }
        let mut file = self.recording.write();
        for &damage in late {
            damage_bytes(&mut file, damage);
        }
        file
    }
}

/// What holds for a trace that is whole.
pub fn whole(recording: &Recording, order: u8) {
    let file = recording.write();
    reading::any(&file);
    reading::ahead(&file, "a program");
    let events = events(&file);
    let mut mixed = recording.clone();
    mixed.generations.iter_mut().for_each(|generation| mix(generation, order));
    assert!(events == self::events(&mixed.write()), "how batches of threads follow each other does not matter");

    let trace = Trace::read(&file, &mut |_| {}).unwrap_or_else(|error| panic!("not a trace: {error:?}"));
    columns::check(&file, &trace);
    assert!(trace.lost().is_empty() && trace.diagnostics().is_empty(), "{:?}", trace.diagnostics());
    let mut ran: BTreeMap<u64, u64> = BTreeMap::new();
    for (go, row) in (0..).map(goroscope_model::GoIdx).zip(trace.goroutines()) {
        let time = trace.go_time(go, trace.start(), trace.end());
        *ran.entry(row.id.0).or_default() += time[Class::Running as usize];
    }
    assert_eq!(ran, recording.ran, "how long each goroutine ran");
}

/// The events of a trace that is whole.
fn events(file: &[u8]) -> Vec<Event> {
    let mut reader = Reader::new(file).unwrap_or_else(|error| panic!("not a trace: {error:?}"));
    let events = std::iter::from_fn(|| reader.next()).collect();
    let finished = reader.finish();
    assert!(finished.diagnostics.is_empty(), "{:?}", finished.diagnostics);
    assert!(finished.generations.iter().all(|generation| generation.complete));
    events
}

/// Puts the batches of different threads in another order; those of one thread stay as they are.
fn mix(generation: &mut Generation, order: u8) {
    match order % 4 {
        0 => generation.batches.sort_by_key(|batch| batch.thread),
        1 => generation.batches.sort_by_key(|batch| u64::MAX - batch.thread),
        2 => generation.batches.sort_by_key(|batch| batch.time),
        _ => {
            let mut number = u64::from(order);
            for i in 1..generation.batches.len() {
                number = number.wrapping_mul(6_364_136_223_846_793_005).wrapping_add(1);
                if number >> 63 == 0 && generation.batches[i - 1].thread != generation.batches[i].thread {
                    generation.batches.swap(i - 1, i);
                }
            }
        }
    }
}

/// Damages a trace where it still is events and batches.
fn damage_events(recording: &mut Recording, [kind, where_, which, value]: [u8; 4]) {
    let count = recording.generations.len();
    let Some(generation) = recording.generations.get_mut(usize::from(where_ >> 5) % count.max(1)) else { return };
    let batches = generation.batches.len().max(1);
    let batch = usize::from(where_ & 31) % batches;
    let value = if value < 200 { u64::from(value) } else { u64::MAX >> (value - 200) };
    match kind % 16 {
        0 => generation.frequency = Some(value).filter(|&frequency| frequency != 1),
        1 => generation.has_strings = false,
        2 => generation.has_stacks = false,
        3 => generation.has_end = false,
        4 => generation.number = value,
        5 => generation.time = value,
        6 if batch < generation.batches.len() => drop(generation.batches.remove(batch)),
        7 => {
            let again = generation.batches.get(batch).cloned();
            generation.batches.extend(again);
        }
        8 if batch > 0 => generation.batches.swap(batch - 1, batch),
        9 => {
            let empty = Batch { thread: value, time: u64::from(which), events: Vec::new() };
            generation.batches.insert(0, empty);
        }
        10 if count > 1 => drop(recording.generations.remove(usize::from(which) % count)),
        11 => {
            let again = generation.clone();
            recording.generations.push(again);
        }
        _ => {
            if let Some(batch) = generation.batches.get_mut(batch) {
                damage_batch(batch, kind, usize::from(which), value);
            }
        }
    }
}

fn damage_batch(batch: &mut Batch, kind: u8, which: usize, value: u64) {
    let at = which % batch.events.len().max(1);
    match kind / 16 % 10 {
        0 => batch.thread = value,
        1 => batch.time = value,
        2 if at < batch.events.len() => drop(batch.events.remove(at)),
        3 if at > 0 => batch.events.swap(at - 1, at),
        4 => {
            let again = batch.events.get(at).copied();
            batch.events.extend(again);
        }
        change => {
            if let Some(event) = batch.events.get_mut(at) {
                match change {
                    5 => event.dt = value,
                    6 => event.args[0] = value,
                    7 => event.args[1] = value,
                    8 => event.args[2] = value,
                    _ => event.kind = EventType::from_byte(value as u8).unwrap_or(event.kind),
                }
            }
        }
    }
}

/// Damages the bytes of a file behind its header.
fn damage_bytes(file: &mut Vec<u8>, [kind, high, low, value]: [u8; 4]) {
    let header = goroscope_wire::HEADER_LEN;
    let len = file.len() - header;
    let at = header + usize::from(u16::from_be_bytes([high, low])) % len.max(1);
    let end = (at + usize::from(value)).min(file.len());
    match kind % 6 {
        0 if at < file.len() => file[at] = value,
        1 if at < file.len() => file[at] ^= 1 << (value % 8),
        2 => drop(file.drain(at..end)),
        3 => drop(file.splice(at..at, std::iter::repeat_n(value, usize::from(value)))),
        4 => file.truncate(at),
        _ => {
            // Another trace behind it, or a part of it once more.
            let from = if value % 2 == 0 { 0 } else { at };
            file.extend_from_within(from..);
        }
    }
}
