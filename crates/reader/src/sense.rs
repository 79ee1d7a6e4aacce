//! Where the events of a batch go on behind damage.
//!
//! An event has few bytes and its length stands nowhere, so that the next one can begin anywhere behind a damaged byte,
//! and whatever stands at a wrong place often is an event too, of other numbers. The right place is taken to be the first
//! from which on two dozen events in a row make sense: the clock goes on no further than to the next batch, and goroutines,
//! procs, stacks and strings have no numbers far above those that the batch had before.

use goroscope_wire::{ArgKind, RawEvent, TimedEvents};

use crate::decode::Measure;

/// How many events are looked at, and how many are enough if then the batch ends, or more damage comes.
const PROBED: usize = 24;
const FEW: usize = 10;

/// How many events before tell which numbers are usual.
const ENOUGH: usize = 16;

/// From how many bytes of a batch is learnt: damage can be in many places of it.
const LEARNT: usize = 4096;

/// The greatest status of a goroutine or a proc, with room for new ones.
const MOST_STATUS: u64 = 15;

/// What makes sense in a batch.
#[derive(Debug)]
pub struct Sense {
    measure: Measure,
    /// The greatest numbers that can be.
    most_go: u64,
    most_proc: u64,
    most_name: u64,
}

impl Sense {
    /// Learns from the events of a batch before the damage.
    pub fn of(measure: Measure, before: &[u8]) -> Self {
        let (mut go, mut proc, mut name, mut count) = (0, 0, 0, 0);
        for event in TimedEvents::new(measure.version, before.get(..LEARNT).unwrap_or(before), 0).map_while(Result::ok)
        {
            count += 1;
            for (kind, arg) in args(&event) {
                let greatest = match kind {
                    ArgKind::Go => &mut go,
                    ArgKind::Proc => &mut proc,
                    ArgKind::String | ArgKind::Stack => &mut name,
                    ArgKind::Value
                    | ArgKind::Tick
                    | ArgKind::Thread
                    | ArgKind::Task
                    | ArgKind::Seq
                    | ArgKind::Status => {
                        continue;
                    }
                };
                // That of no goroutine or proc is the greatest there is.
                *greatest = if arg == u64::MAX { *greatest } else { arg.max(*greatest) };
            }
        }
        let most = |usual: u64, more: u64| {
            if count < ENOUGH { u64::MAX } else { usual.saturating_mul(4).saturating_add(more) }
        };
        Self { measure, most_go: most(go, 1 << 20), most_proc: most(proc, 1 << 10), most_name: most(name, 1 << 12) }
    }

    /// The first place of `data` behind `from` from which on events make sense that are at most `longest` nanoseconds
    /// apart.
    pub fn next_place(&self, data: &[u8], from: usize, longest: i64) -> Option<usize> {
        (from + 1..data.len()).find(|&place| self.leads_on(data.get(place..).unwrap_or_default(), longest))
    }

    fn leads_on(&self, data: &[u8], longest: i64) -> bool {
        let mut events = TimedEvents::new(self.measure.version, data, 0);
        let mut left = longest;
        for seen in 0..PROBED {
            match events.next() {
                Some(Ok(event)) => {
                    let clock = self.measure.clock;
                    if event.dt > clock.far() || !self.makes_sense(&event) {
                        return seen >= FEW;
                    }
                    left = left.saturating_sub(clock.nanoseconds_between(event.dt));
                    if left < 0 {
                        return false;
                    }
                }
                Some(Err(_)) | None => return seen >= FEW,
            }
        }
        true
    }

    fn makes_sense(&self, event: &RawEvent) -> bool {
        args(event).all(|(kind, arg)| match kind {
            ArgKind::Go => arg == u64::MAX || arg <= self.most_go,
            ArgKind::Proc => arg == u64::MAX || arg <= self.most_proc,
            ArgKind::String | ArgKind::Stack => arg <= self.most_name,
            ArgKind::Status => arg <= MOST_STATUS,
            ArgKind::Seq => u32::try_from(arg).is_ok(),
            ArgKind::Value | ArgKind::Tick | ArgKind::Thread | ArgKind::Task => true,
        })
    }
}

fn args(event: &RawEvent) -> impl Iterator<Item = (ArgKind, u64)> + '_ {
    event.kind.spec().args.iter().map(|(_, kind)| *kind).zip(event.args)
}
