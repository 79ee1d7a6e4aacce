//! How much time was lost where bytes between batches could not be read.
//!
//! Which threads wrote them is not known. But a thread whose events go on behind the hole as if others had been before
//! is in trouble there, which shows when they are ordered: it lost what it did between its last event before the hole
//! and its first batch behind it. If no thread is in trouble nothing tells when that was, or whether it was anything.

use goroscope_wire::TimedEvents;

use crate::clock::Clock;
use crate::diagnostic::{Log, Place};
use crate::framing::Pieces;
use crate::{LostTime, Ts};

/// The most holes of a generation whose time is looked for.
const MOST: usize = 64;

/// The holes of a generation.
#[derive(Debug, Default)]
pub struct Holes(Vec<Hole>);

/// A place of the file where batches should be.
#[derive(Debug)]
struct Hole {
    place: Place,
    at: u64,
    gaps: Vec<Gap>,
}

/// The time in which a thread may have written what was there, on the file's own clock.
#[derive(Clone, Copy, Debug)]
struct Gap {
    thread: u64,
    from: i64,
    to: i64,
}

/// A thread whose events could not be placed by the rules.
#[derive(Clone, Copy, Debug)]
pub struct Troubled {
    pub thread: u64,
    /// Where the first of them is.
    pub offset: u64,
    /// Whether they contradict those of the same thread, and do not only wait for what others did.
    pub by_itself: bool,
}

impl Holes {
    /// The holes of a generation whose batches were not taken out yet.
    pub fn of(pieces: &Pieces<'_>, clock: Clock) -> Self {
        let holes = pieces.holes.iter().take(MOST).map(|(place, bytes)| {
            let gaps = pieces.threads.iter().filter_map(|thread| {
                let after = thread.batches.iter().position(|batch| batch.offset >= bytes.end)?;
                let to = clock.nanoseconds(thread.batches[after].time);
                let from = match after.checked_sub(1) {
                    Some(before) => {
                        let batch = &thread.batches[before];
                        TimedEvents::new(pieces.version, batch.data, batch.data_offset)
                            .map_while(Result::ok)
                            .map(|event| clock.nanoseconds(event.dt))
                            .fold(clock.nanoseconds(batch.time), i64::saturating_add)
                    }
                    None => clock.nanoseconds(pieces.start),
                };
                Some(Gap { thread: thread.thread, from: from.min(to), to })
            });
            Hole { place: *place, at: bytes.start, gaps: gaps.collect() }
        });
        Self(holes.collect())
    }

    /// Says of each hole how much time was lost in it, now that it is known who is in trouble.
    pub fn settle(self, troubled: &[Troubled], zero: i64, log: &mut Log) {
        let begins: Vec<u64> = self.0.iter().map(|hole| hole.at).collect();
        for (number, hole) in self.0.into_iter().enumerate() {
            // Trouble is put down to the last hole before it.
            let next = begins.get(number + 1).copied().unwrap_or(u64::MAX);
            let here = |by_itself: bool| {
                let of_thread = move |gap: &&Gap| {
                    troubled.iter().any(|it| {
                        it.thread == gap.thread && it.by_itself == by_itself && it.offset > hole.at && it.offset < next
                    })
                };
                hole.gaps.iter().filter(of_thread).map(|gap| (gap.from, gap.to))
            };
            let join = |a: (i64, i64), b: (i64, i64)| (a.0.min(b.0), a.1.max(b.1));
            let stretch = here(true).reduce(join).or_else(|| here(false).reduce(join));
            if let Some((from, to)) = stretch {
                let ts = |time: i64| Ts(time.wrapping_sub(zero));
                log.set_lost_time(hole.place, LostTime::Between(ts(from), ts(to)));
            }
        }
    }
}
