//! How much time was lost where bytes between batches could not be read.
//!
//! Which threads wrote them is not known. A thread begins its next batch when one is full, so that the batches of a busy
//! thread follow each other without a gap. Where a hole took one there is a gap, from the last event before the hole to
//! the first batch behind it.
//!
//! 1. A gap counts if the hole had room for a full batch, and the thread, at its pace before or behind, could have written
//!    a good part of what the hole took, and not many times as much: then it was idle.
//! 2. Of those, threads lost events that are in trouble behind the hole: their events go on as if others had been
//!    before, which shows when they are ordered. If none is in trouble, all of those count.
//! 3. If there are none, threads count that are in trouble and began only behind the hole.
//! 4. If there are none either, nothing tells when it was, or whether it was anything at all.

use goroscope_wire::{Batch, MAX_BATCH_LEN, TimedEvents, Version};

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
    bytes: u64,
    gaps: Vec<Gap>,
}

/// The time in which a thread may have written what was there, on the file's own clock.
#[derive(Clone, Copy, Debug)]
struct Gap {
    thread: u64,
    from: i64,
    to: i64,
    /// How many bytes the thread would have written in it, at its slower and at its faster pace beside it.
    worth: (f64, f64),
    /// Bytes of the thread's batch before the hole: that was full, because another one follows.
    full: Option<usize>,
}

/// A batch as a stretch of time.
#[derive(Clone, Copy)]
struct Stretch {
    begin: i64,
    end: i64,
    bytes: usize,
}

impl Stretch {
    /// Bytes per ns.
    fn rate(self) -> f64 {
        self.bytes as f64 / self.end.saturating_sub(self.begin).max(1) as f64
    }
}

/// A thread whose events could not be placed by the rules.
#[derive(Clone, Copy, Debug)]
pub struct Troubled {
    pub thread: u64,
    /// Where the first of them is.
    pub offset: u64,
    /// What was said of them.
    pub place: Place,
}

impl Holes {
    /// The holes of a generation whose batches were not taken out yet.
    pub fn of(pieces: &Pieces<'_>, clock: Clock) -> Self {
        let holes = pieces.holes.iter().take(MOST).map(|(place, bytes)| {
            let gaps = pieces.threads.iter().filter_map(|thread| {
                let after = thread.batches.iter().position(|batch| batch.offset >= bytes.end)?;
                let (begin, end) = span(pieces.version, &thread.batches[after], clock);
                let next = Stretch { begin, end, bytes: thread.batches[after].data.len() };
                let before = after.checked_sub(1).map(|before| {
                    let batch = &thread.batches[before];
                    let (begin, end) = span(pieces.version, batch, clock);
                    Stretch { begin, end, bytes: batch.data.len() }
                });
                let from = before.map_or(clock.nanoseconds(pieces.start), |before| before.end).min(next.begin);
                let rates = (before.unwrap_or(next).rate(), next.rate());
                let ns = next.begin.saturating_sub(from) as f64;
                let worth = (rates.0.min(rates.1) * ns, rates.0.max(rates.1) * ns);
                Some(Gap {
                    thread: thread.thread,
                    from,
                    to: next.begin,
                    worth,
                    full: before.map(|before| before.bytes),
                })
            });
            Hole { place: *place, at: bytes.start, bytes: bytes.end - bytes.start, gaps: gaps.collect() }
        });
        Self(holes.collect())
    }

    /// Says of each hole how much time was lost in it, now that it is known who is in trouble.
    pub fn settle(self, troubled: &[Troubled], zero: i64, log: &mut Log) {
        let begins: Vec<u64> = self.0.iter().map(|hole| hole.at).collect();
        for (number, hole) in self.0.into_iter().enumerate() {
            // Trouble is put down to the last hole before it.
            let next = begins.get(number + 1).copied().unwrap_or(u64::MAX);
            let bytes = hole.bytes as f64;
            let can_be = |gap: &&Gap| gap.worth.0 <= 2.0 * bytes + MAX_BATCH_LEN as f64;
            let has_room = |full: usize| bytes >= full as f64 * 0.75;
            let is_worth_it = |gap: &&Gap| gap.full.is_some_and(has_room) && gap.worth.1 >= bytes / 4.0;
            let is_troubled = |gap: &&Gap| {
                troubled.iter().any(|it| it.thread == gap.thread && it.offset > hole.at && it.offset < next)
            };
            let join = |a: (i64, i64), b: (i64, i64)| (a.0.min(b.0), a.1.max(b.1));
            let gaps = || hole.gaps.iter().filter(can_be);
            let times = |gap: &Gap| (gap.from, gap.to);
            let stretch = gaps()
                .filter(is_worth_it)
                .filter(is_troubled)
                .map(times)
                .reduce(join)
                .or_else(|| gaps().filter(is_worth_it).map(times).reduce(join))
                .or_else(|| gaps().filter(|gap| gap.full.is_none()).filter(is_troubled).map(times).reduce(join));
            if let Some((from, to)) = stretch {
                let ts = |time: i64| Ts(time.wrapping_sub(zero));
                log.set_lost_time(hole.place, LostTime::Between(ts(from), ts(to)));
            }
        }
    }
}

/// When the events of a batch begin and end.
pub fn span(version: Version, batch: &Batch<'_>, clock: Clock) -> (i64, i64) {
    let begin = clock.nanoseconds(batch.time);
    let events = TimedEvents::new(version, batch.data, batch.data_offset).map_while(Result::ok);
    (begin, events.map(|event| clock.nanoseconds(event.dt)).fold(begin, i64::saturating_add))
}
