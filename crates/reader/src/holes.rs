//! How much time was lost where bytes between batches could not be read.
//!
//! Which threads wrote them is not known. A thread writes its next batch when one is full, so that batches of a busy
//! thread follow each other without a gap. Where a hole took one there is a gap, from the last event before the hole to
//! the first batch behind it.
//!
//! 1. A gap counts only if the thread could have written no more in it than what the hole took, going by the batch
//!    before: otherwise it was idle for most of the time.
//! 2. Those threads lost events that are in trouble behind the hole: their events go on as if others had been before,
//!    which shows when they are ordered.
//! 3. If there are none, those whose gap is worth a good part of the hole and comes behind a full batch.
//! 4. If there are none either, nothing tells when it was, or whether it was anything at all.

use goroscope_wire::{MAX_BATCH_LEN, TimedEvents};

use crate::clock::Clock;
use crate::diagnostic::{Log, Place};
use crate::framing::Pieces;
use crate::{LostTime, Ts};

/// The most holes of a generation whose time is looked for.
const MOST: usize = 64;

/// Bytes of a batch that had no room for many more events.
const FULL: usize = MAX_BATCH_LEN - MAX_BATCH_LEN / 16;

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
    /// How many bytes the thread would have written in it.
    worth: f64,
    /// Whether the batch before was full, so that the next one had to come.
    is_due: bool,
}

/// A thread whose events could not be placed by the rules.
#[derive(Clone, Copy, Debug)]
pub struct Troubled {
    pub thread: u64,
    /// Where the first of them is.
    pub offset: u64,
}

impl Holes {
    /// The holes of a generation whose batches were not taken out yet.
    pub fn of(pieces: &Pieces<'_>, clock: Clock) -> Self {
        let holes = pieces.holes.iter().take(MOST).map(|(place, bytes)| {
            let gaps = pieces.threads.iter().filter_map(|thread| {
                let after = thread.batches.iter().position(|batch| batch.offset >= bytes.end)?;
                let next = &thread.batches[after];
                let to = clock.nanoseconds(next.time);
                // Without a batch before, the thread began in the hole, or only behind it.
                let beside = after.checked_sub(1).map_or(next, |before| &thread.batches[before]);
                let begin = clock.nanoseconds(beside.time);
                let end = TimedEvents::new(pieces.version, beside.data, beside.data_offset)
                    .map_while(Result::ok)
                    .map(|event| clock.nanoseconds(event.dt))
                    .fold(begin, i64::saturating_add);
                let from = if after > 0 { end } else { clock.nanoseconds(pieces.start) }.min(to);
                let rate = beside.data.len() as f64 / (end.saturating_sub(begin)).max(1) as f64;
                let worth = rate * to.saturating_sub(from) as f64;
                let is_due = after > 0 && beside.data.len() >= FULL;
                Some(Gap { thread: thread.thread, from, to, worth, is_due })
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
            let can_be = |gap: &&Gap| gap.worth <= 2.0 * bytes + MAX_BATCH_LEN as f64;
            let is_troubled = |gap: &&Gap| {
                troubled.iter().any(|it| it.thread == gap.thread && it.offset > hole.at && it.offset < next)
            };
            let is_worth_it = |gap: &&Gap| gap.is_due && gap.worth >= bytes / 4.0;
            let join = |a: (i64, i64), b: (i64, i64)| (a.0.min(b.0), a.1.max(b.1));
            let gaps = || hole.gaps.iter().filter(can_be);
            let times = |gap: &Gap| (gap.from, gap.to);
            let of_troubled = gaps().filter(is_troubled).map(times).reduce(join);
            let stretch = of_troubled.or_else(|| gaps().filter(is_worth_it).map(times).reduce(join));
            if let Some((from, to)) = stretch {
                let ts = |time: i64| Ts(time.wrapping_sub(zero));
                log.set_lost_time(hole.place, LostTime::Between(ts(from), ts(to)));
            }
        }
    }
}
