//! Takes what threads recorded, in parts that are still in the caches of the processor when they are put in order.
//!
//! Whoever has fallen behind, because others need the processors, too, has megabytes to go through. They are taken a few
//! chunks at a time, so that they need no room twice and their chunks are soon used again. A part is put in order up to the
//! last record of a thread of which there is more.

use std::io;
use std::sync::atomic::Ordering;

#[cfg(feature = "perf")]
use super::kernel;
use super::order::Patience;
use super::{Assembler, Round, Source};
use crate::chunk::Slot;
use crate::clock::{self, Anchor};
use crate::record::Kind;

/// Chunks of all threads that are taken at once: half a mebibyte.
const PART: usize = 32;

/// Chunks that are kept ready at most; in a burst of more, threads allocate some themselves.
const MOST_READY: usize = 256;

impl Assembler {
    /// Takes what was there when this began, and puts all but the last part in order. The clocks at that part, and up to
    /// when all of it is known, if there is more already. In the last round all is taken.
    pub(super) fn collect_all(&mut self, round: Round) -> io::Result<(Anchor, Option<u64>)> {
        let (mut begun, mut used) = (None, 0);
        loop {
            let anchor = self.shared.clock.anchor();
            self.timeline.push(anchor);
            self.wall = (anchor, clock::wall());
            let begun = *begun.get_or_insert(anchor.raw);
            let behind = self.collect(&mut used);
            let Some(newest) = behind.filter(|newest| *newest <= begun || round == Round::Last) else {
                // As many chunks as were used in this round should be there twice for the next one.
                self.shared.pool.stock((used * 2).min(MOST_READY));
                self.pace.step(anchor.mono, used);
                return Ok((anchor, behind));
            };
            self.advance(newest, Patience::More)?;
        }
    }

    /// Takes a part of what the threads published, and gives their chunks back. The time up to which all is known, if it is
    /// not all.
    fn collect(&mut self, used: &mut usize) -> Option<u64> {
        for arrival in self.shared.arrivals() {
            self.order.add(arrival.log.number);
            self.sources.push(Source {
                #[cfg(feature = "perf")]
                kernel: arrival.ring.map(|ring| kernel::Kernel::new(ring, arrival.log.number)),
                log: arrival.log,
                reader: arrival.reader,
            });
            self.summary.threads += 1;
        }
        let before = self.left.len();
        let most = PART.checked_div(self.sources.len()).unwrap_or(PART).max(1);
        let (mut taken, mut behind) = (0, None);
        for source in &mut self.sources {
            let Some(stream) = self.order.stream(source.log.number) else { continue };
            let (mut heard, mut has_more) = (Vec::new(), false);
            let drain = |slots: &mut Vec<Slot>| {
                has_more = source.reader.drain(most, slots, |chunk| self.left.push(chunk));
            };
            taken += stream.fill(drain, &mut self.names, |head| {
                if matches!(head.kind, Kind::GoOn | Kind::Dismiss) {
                    heard.push(head);
                }
            });
            if has_more {
                behind = Some(behind.map_or(stream.newest, |least: u64| least.min(stream.newest)));
            }
            #[cfg(feature = "perf")]
            if let Some(kernel) = &mut source.kernel {
                kernel.hear(self.wall.0.mono, &source.log, &mut self.kernels, |sample| {
                    stream.insert(sample.event(&self.timeline));
                });
            }
            for head in &heard {
                self.order.heed(head);
            }
        }
        *used += self.left.len() - before;
        let pool = &self.shared.pool;
        self.left = std::mem::take(&mut self.left).into_iter().filter_map(|chunk| pool.put(chunk)).collect();
        self.summary.records += taken as u64;
        self.counts = self.counts_before.and_all(&self.sources);
        self.counts.dropped += self.shared.homeless.load(Ordering::Relaxed);
        behind
    }
}
