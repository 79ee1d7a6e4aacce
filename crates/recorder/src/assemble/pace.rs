//! How long the assembler sleeps between two rounds.
//!
//! Records should still be in the caches of the processor when they are read, and the chunks that they were in should be
//! used again before others are allocated. So the more is recorded, the shorter are the pauses; where little is, there is
//! no use in waking up often.

use std::time::Duration;

use super::order::Patience;

/// Between two rounds at most. It is what patience is counted in, too.
const LONGEST: Duration = Duration::from_millis(10);

/// Between two rounds at least: a thread fills some tens of chunks in that time if it does nothing but record.
const SHORTEST: Duration = Duration::from_millis(1);

/// Chunks that threads should fill in between: half a mebibyte.
const CHUNKS: u64 = 32;

/// For how many of the longest pauses a record that others come before is waited for: a second.
const PATIENCE: Patience = Patience::Calls(100);

/// When rounds are.
#[derive(Debug)]
pub struct Pace {
    wait: Duration,
    /// When the last round was, ns.
    last: u64,
    /// When the last round was that counts for those who wait, ns.
    counted: u64,
}

impl Pace {
    /// Of what begins now, ns.
    pub fn new(now: u64) -> Self {
        Self { wait: SHORTEST, last: now, counted: now }
    }

    /// How long to wait for the next round.
    pub fn wait(&self) -> Duration {
        self.wait
    }

    /// There is a round now, ns, with so many chunks that were filled since the last one.
    pub fn step(&mut self, now: u64, chunks: usize) {
        let took = now.saturating_sub(self.last);
        self.last = now;
        let fits = took.saturating_mul(CHUNKS).checked_div(chunks as u64).map_or(LONGEST, Duration::from_nanos);
        // What is little now may be the beginning of much.
        self.wait = fits.clamp(SHORTEST, LONGEST.min(self.wait * 2));
    }

    /// How patient a round now, ns, is with what is missing: those that follow each other sooner count as one.
    pub fn patience(&mut self, now: u64) -> Patience {
        if u128::from(now.saturating_sub(self.counted)) < LONGEST.as_nanos() {
            return Patience::More;
        }
        self.counted = now;
        PATIENCE
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    /// Rounds by when they are, in ms after the last one, and how many chunks there are; the pauses after them, in µs.
    fn check(rounds: &[(u64, usize)], expected: &[u128]) {
        let (mut now, mut pace) = (7, Pace::new(7));
        let waits = rounds.iter().map(|&(after, chunks)| {
            now += after * 1_000_000;
            pace.step(now, chunks);
            pace.wait().as_micros()
        });
        assert_eq!(waits.collect::<Vec<_>>(), expected);
    }

    #[test]
    fn the_more_there_is_the_sooner_it_is_read() {
        check(&[(1, 0), (2, 0), (4, 0), (8, 0), (10, 0), (10, 3)], &[2000, 4000, 8000, 10_000, 10_000, 10_000]);
        check(&[(1, 0), (2, 0), (4, 64), (2, 32), (2, 8)], &[2000, 4000, 2000, 2000, 4000]);
        check(&[(10, 1000), (1, 40), (1, 0), (0, 1)], &[1000, 1000, 2000, 1000]);
    }

    #[test]
    fn short_rounds_count_as_one() {
        let mut pace = Pace::new(0);
        let patience: Vec<_> = [5, 10, 11, 19, 20, 90].map(|ms| pace.patience(ms * 1_000_000)).into();
        let more = Patience::More;
        assert_eq!(patience, [more, PATIENCE, more, more, PATIENCE, PATIENCE]);
    }
}
