//! Others who get the generations of a recording for a while, beside the one who began it.
//!
//! They come and go between generations: the running one ends early for them.

use std::io;
use std::sync::Arc;
use std::sync::atomic::Ordering;

use super::Assembler;
use crate::snapshot::{Follower, Part};

/// Bytes that a follower may be behind, before it gets no more.
const MAX_PENDING: usize = 256 << 20;

/// Those who follow, who want to, and who do not want to any more.
#[derive(Debug, Default)]
pub struct Followers {
    current: Vec<Current>,
    new: Vec<Follower>,
    over: Vec<u64>,
}

#[derive(Debug)]
struct Current {
    follower: Follower,
    generations: u64,
}

impl Followers {
    /// From the next generation on.
    pub fn begin(&mut self, follower: Follower) {
        self.new.push(follower);
    }

    /// Up to the end of this generation.
    pub fn end(&mut self, number: u64) {
        self.over.push(number);
    }

    /// All of them, up to the end of this generation.
    pub fn end_all(&mut self) {
        self.over.extend(self.current.iter().map(|current| current.follower.number));
    }

    /// A generation for all; who left or is too far behind gets no more.
    pub fn give(&mut self, generation: &[u8]) {
        if self.current.is_empty() {
            return;
        }
        let shared: Arc<[u8]> = generation.into();
        self.current.retain_mut(|Current { follower, generations }| {
            let pending = follower.pending.fetch_add(shared.len(), Ordering::Relaxed);
            let part = Part::Generation(Arc::clone(&shared));
            *generations += 1;
            if pending > MAX_PENDING {
                // Who is gone does not need it.
                let _ = follower.parts.send(Part::Behind);
                return false;
            }
            follower.parts.send(part).is_ok()
        });
    }
}

impl Drop for Followers {
    fn drop(&mut self) {
        let new = self.new.drain(..);
        for follower in self.current.drain(..).map(|current| current.follower).chain(new) {
            // Who is gone does not need it.
            let _ = follower.parts.send(Part::End);
        }
    }
}

impl Assembler {
    /// Lets them come and go.
    pub(super) fn change_followers(&mut self) -> io::Result<()> {
        let Followers { current, new, over } = &self.followers;
        if new.is_empty() && over.is_empty() {
            return Ok(());
        }
        // If nothing happened for somebody who leaves, that is told.
        let leaves = |current: &&Current| over.contains(&current.follower.number);
        if current.iter().filter(leaves).any(|current| current.generations == 0) {
            self.open(self.wall.0.mono);
        }
        self.close()?;
        let Followers { current, new, over } = &mut self.followers;
        for gone in current.extract_if(.., |current| over.contains(&current.follower.number)) {
            // Who does not wait any more does not need it.
            let _ = gone.follower.parts.send(Part::End);
        }
        // Who wants to leave before it has begun leaves after one generation, in the next round.
        over.retain(|number| new.iter().any(|follower| follower.number == *number));
        current.extend(new.drain(..).map(|follower| Current { follower, generations: 0 }));
        Ok(())
    }
}

#[cfg(test)]
mod tests {
    use std::sync::atomic::AtomicUsize;
    use std::sync::mpsc::{Receiver, channel};

    use goroscope_wire::Version;

    use super::*;
    use crate::assemble::{Limits, Output};
    use crate::clock::Clock;
    use crate::hold::Holds;
    use crate::local::Shared;
    use crate::pool::Pool;
    use crate::state::Session;
    use crate::walk::Walker;

    /// An assembler that nobody records for.
    fn assembler() -> Assembler {
        let shared = Shared::new(Session(1), Clock::best(), Pool::new(0), Walker::None, Holds::Ignored);
        let limits = Limits {
            version: Version::Go125,
            period: std::time::Duration::MAX,
            bytes: usize::MAX,
            symbols: crate::Symbols::Resolved,
        };
        Assembler::new(Arc::new(shared), limits, Output::Writer(Box::new(io::sink())))
    }

    fn follower(number: u64) -> (Follower, Receiver<Part>) {
        let (parts, received) = channel();
        (Follower { number, parts, pending: Arc::new(AtomicUsize::new(0)) }, received)
    }

    /// What one gets who begins and wants to leave in these rounds.
    fn check(begins: u32, leaves: u32) {
        let (follower, received) = follower(7);
        let (mut assembler, mut follower) = (assembler(), Some(follower));
        for round in 0..5 {
            if round == begins {
                assembler.followers.begin(follower.take().unwrap());
            }
            if round == leaves {
                assembler.followers.end(7);
            }
            assembler.change_followers().unwrap();
        }
        drop(assembler);
        let parts: Vec<_> = received.iter().collect();
        assert!(matches!(parts.as_slice(), [Part::Generation(_), Part::End]), "{begins}, {leaves}: {parts:?}");
        assert!(received.try_recv().is_err());
    }

    #[test]
    fn whoever_leaves_has_a_whole_trace() {
        check(0, 3);
        check(0, 1);
        // Time is over before a busy assembler has heard of the beginning.
        check(0, 0);
    }
}
