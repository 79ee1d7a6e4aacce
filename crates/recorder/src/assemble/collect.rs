//! Takes what threads recorded, in parts that are still in the caches of the processor when they are put in order.
//!
//! Whoever has fallen behind, because others need the processors, too, has megabytes to go through. They are taken a few
//! chunks at a time, so that they need no room twice and their chunks are soon used again. A part is put in order up to the
//! last record of a thread of which there is more.
//!
//! There may be any number of threads that are over by then, of which nothing comes any more. Each of them is drained once.

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

/// A part of what the threads published.
struct Taken {
    /// Full chunks.
    chunks: usize,
    /// The time up to which all is known, if it is not all.
    behind: Option<u64>,
    /// Threads of which there is more.
    unfinished: usize,
}

impl Assembler {
    /// Takes what was there when this began, and puts all but the last part in order. The clocks at that part, and up to
    /// when all of it is known, if there is more already. In the last round all is taken.
    pub(super) fn collect_all(&mut self, round: Round) -> io::Result<(Anchor, Option<u64>)> {
        let (mut begun, mut used) = (None, 0);
        // Threads that a part is shared among: those of which there was more.
        let mut busy = self.sources.len();
        loop {
            let anchor = self.shared.clock.anchor();
            self.timeline.push(anchor);
            self.wall = (anchor, clock::wall());
            let begun = *begun.get_or_insert(anchor.raw);
            let Taken { chunks, behind, unfinished } = self.collect(PART.checked_div(busy).unwrap_or(PART).max(1));
            (used, busy) = (used + chunks, unfinished);
            let Some(newest) = behind.filter(|newest| *newest <= begun || round == Round::Last) else {
                self.counts = self.counts_before.and_all(&self.sources);
                self.counts.dropped += self.shared.homeless.load(Ordering::Relaxed);
                // As many chunks as were used in this round should be there twice for the next one.
                self.shared.pool.stock((used * 2).min(MOST_READY));
                self.pace.step(anchor.mono, used);
                return Ok((anchor, behind));
            };
            self.advance(newest, Patience::More)?;
        }
    }

    /// Takes a part of what the threads published, of each at most so many full chunks, and gives their chunks back.
    fn collect(&mut self, most: usize) -> Taken {
        for arrival in self.shared.arrivals() {
            self.order.add(arrival.log.number);
            self.sources.push(Source {
                #[cfg(feature = "perf")]
                kernel: arrival.ring.map(|ring| kernel::Kernel::new(ring, arrival.log.number)),
                log: arrival.log,
                reader: arrival.reader,
                is_drained: false,
            });
            self.summary.threads += 1;
        }
        let before = self.left.len();
        let (mut taken, mut behind, mut unfinished) = (0, None, 0);
        for source in &mut self.sources {
            if source.is_drained {
                continue;
            }
            // Told after the thread's last record, so what is drained after it is all.
            let has_ended = source.log.has_ended.load(Ordering::Acquire);
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
            source.is_drained = has_ended && !has_more;
            if has_more {
                unfinished += 1;
                behind = Some(behind.map_or(stream.newest, |least: u64| least.min(stream.newest)));
            }
            #[cfg(feature = "perf")]
            if let Some(kernel) = &mut source.kernel {
                kernel.hear(self.wall.0.mono, &source.log, &mut self.kernels, |sample| {
                    stream.insert(sample.event(&self.timeline));
                });
                source.is_drained &= kernel.is_done;
            }
            for head in &heard {
                self.order.heed(head);
            }
        }
        let chunks = self.left.len() - before;
        let pool = &self.shared.pool;
        self.left = std::mem::take(&mut self.left).into_iter().filter_map(|chunk| pool.put(chunk)).collect();
        self.summary.records += taken as u64;
        Taken { chunks, behind, unfinished }
    }
}
