//! Events of unknown numbers, in a trace that is newer than this program and is read all the same.
//!
//! They are taken out of the batches before the others are ordered, which is then as always, and come back by their times,
//! as CPU samples do: what they have to wait for nobody knows.

use goroscope_wire::{Guesses, Part, UnknownEvent, Version};

use crate::clock::Clock;
use crate::diagnostic::Log;
use crate::framing::Pieces;
use crate::order::Order;
use crate::tally::Tally;
use crate::{Diagnostic, Event, EventKind, StackIdx, ThreadId};

/// An unknown event between others.
#[derive(Clone, Copy, Debug)]
pub struct Strange {
    /// Nanoseconds on the file's own clock.
    pub time: i64,
    pub thread: ThreadId,
    pub event: UnknownEvent,
}

/// What is known of unknown events.
#[derive(Debug)]
pub struct Strangers {
    guesses: Guesses,
    seen: Vec<Seen>,
    /// How many tables of unknown kinds there were.
    pub tables: u64,
}

/// The events of one number.
#[derive(Clone, Copy, Debug, Default)]
struct Seen {
    count: u64,
    first: u64,
    /// How many have so many arguments.
    by_args: [u64; goroscope_wire::MAX_UNKNOWN_ARGS + 1],
}

impl Strangers {
    /// Those of a whole file.
    pub fn of(version: Version, file: &[u8]) -> Self {
        Self { guesses: Guesses::learn(version, file), seen: vec![Seen::default(); 256], tables: 0 }
    }

    /// Takes unknown events and tables out of a generation.
    pub fn take_out(
        &mut self,
        pieces: &mut Pieces<'_>,
        clock: Clock,
        log: &mut Log,
        tally: &mut Tally,
    ) -> Vec<Strange> {
        let mut strange = Vec::new();
        let number = pieces.number;
        for thread in &mut pieces.threads {
            if !thread.batches.iter().any(|batch| self.guesses.concern(batch)) {
                continue;
            }
            let mut batches = Vec::with_capacity(thread.batches.len());
            for batch in std::mem::take(&mut thread.batches) {
                if !self.guesses.concern(&batch) {
                    batches.push(batch);
                    continue;
                }
                if let Some(kind) = self.guesses.table_number(&batch) {
                    self.tables += 1;
                    let bytes = batch.data.len() as u64;
                    tally.add_number(kind, bytes);
                    let message = format!("a table of the unknown kind {kind} is not read: {bytes} bytes");
                    log.push(Diagnostic { generation: Some(number), ..Diagnostic::note(batch.offset, message) });
                    continue;
                }
                for part in self.guesses.parts(&batch) {
                    match part {
                        Part::Known(known) => batches.push(known),
                        Part::Unknown(event) => {
                            self.see(&event);
                            tally.add_number(event.number, event.bytes);
                            let time = clock.nanoseconds(event.time);
                            strange.push(Strange { time, thread: ThreadId(thread.thread), event });
                        }
                    }
                }
            }
            thread.batches = batches;
        }
        strange
    }

    fn see(&mut self, event: &UnknownEvent) {
        if let Some(seen) = self.seen.get_mut(usize::from(event.number)) {
            if seen.count == 0 {
                seen.first = event.offset;
            }
            seen.count += 1;
            if let Some(count) = seen.by_args.get_mut(usize::from(event.count)) {
                *count += 1;
            }
        }
    }

    /// Says what was met, and what was guessed of it.
    pub fn report(&self, log: &mut Log) {
        for (number, seen) in self.seen.iter().enumerate().filter(|(_, seen)| seen.count > 0) {
            let mut shapes: Vec<(usize, u64)> =
                seen.by_args.iter().copied().enumerate().filter(|(_, events)| *events > 0).collect();
            shapes.sort_by_key(|&(_, events)| std::cmp::Reverse(events));
            let shapes: Vec<String> = shapes
                .into_iter()
                .map(
                    |(args, events)| if events == seen.count { args.to_string() } else { format!("{args} ({events})") },
                )
                .collect();
            let message = format!(
                "event {number} is not known: {} of them are kept without a meaning; by what follows them, they have this \
                 many arguments: {}",
                seen.count,
                shapes.join(", ")
            );
            log.push(Diagnostic::note(seen.first, message));
        }
    }
}

impl Strange {
    /// The event as it is handed out: in the context that its thread has now.
    pub fn event(&self, order: &mut Order) -> Event {
        let index = order.thread_index(self.thread.0);
        let (proc, go) = order.bound_to(index);
        let UnknownEvent { number, count, args, .. } = self.event;
        let kind = EventKind::Unknown { number, count, args };
        Event { ts: order.ts(self.time), thread: self.thread, proc, go, stack: StackIdx(0), kind }
    }
}
