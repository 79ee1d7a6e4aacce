//! Batches that are missing without a trace of it: the file goes on as if they had never been.
//!
//! Only the events tell, because some go on as if others had been before. In a generation of which nothing else is known
//! to be damaged:
//!
//! 1. A thread that lost a batch is in trouble at the begin of its next one, while others wait for what it did anywhere in
//!    theirs. If it has a batch before, what it did from the end of that one on is not known.
//! 2. If no thread is such a one, the first or last batch of a thread is lost, and nothing tells when that was.

use goroscope_wire::Version;

use crate::clock::Clock;
use crate::diagnostic::Log;
use crate::framing::{Pieces, ThreadBatches};
use crate::holes::{Troubled, span};
use crate::{LostTime, Ts};

/// How many bytes into a batch its first events are.
const BEGIN: u64 = 32;

/// The batches of a generation of which nothing is known to be missing.
#[derive(Debug)]
pub struct Missing<'a> {
    version: Version,
    clock: Clock,
    threads: Vec<ThreadBatches<'a>>,
}

impl<'a> Missing<'a> {
    /// Of a generation whose batches were not taken out yet; `None` if something of it is known to be damaged.
    pub fn of(pieces: &Pieces<'a>, clock: Clock) -> Option<Self> {
        let is_whole = pieces.is_complete && !pieces.follows_gap && pieces.holes.is_empty();
        is_whole.then(|| Self { version: pieces.version, clock, threads: pieces.threads.clone() })
    }

    /// Says how much time was lost, now that it is known who is in trouble.
    pub fn settle(&self, troubled: &[Troubled], zero: i64, log: &mut Log) {
        let mut is_told = false;
        for it in troubled {
            if let Some((from, to)) = self.gap(*it) {
                let ts = |time: i64| Ts(time.wrapping_sub(zero));
                log.set_lost_time(it.place, LostTime::Between(ts(from), ts(to)));
                is_told = true;
            }
        }
        if let Some(first) = troubled.first().filter(|_| !is_told) {
            log.set_lost_time(first.place, LostTime::Unknown);
        }
    }

    /// The time of a lost batch before the one at whose begin a thread is in trouble.
    fn gap(&self, troubled: Troubled) -> Option<(i64, i64)> {
        let thread = self.threads.iter().find(|thread| thread.thread == troubled.thread)?;
        let next = thread.batches.iter().rposition(|batch| batch.data_offset <= troubled.offset)?;
        let before = thread.batches.get(next.checked_sub(1)?)?;
        let next = thread.batches.get(next)?;
        let (_, from) = span(self.version, before, self.clock);
        let to = self.clock.nanoseconds(next.time);
        (troubled.offset - next.data_offset < BEGIN && from < to).then_some((from, to))
    }
}
