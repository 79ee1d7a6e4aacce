//! Goes on with a generation that was ordered on another thread.

use super::Reader;
use crate::EventKind;
use crate::framing::Pieces;
use crate::merge::Aside;
use crate::order::Begin;
use crate::side_by_side::{Chunks, Ordered};
use crate::tally::Tally;

/// Events of the generation at hand that were ordered before it was.
#[derive(Debug)]
pub struct Backlog {
    chunks: Chunks,
    /// How many of the first chunk were told.
    told: usize,
    /// Bytes of the records told.
    pub bytes: u64,
    begin: Begin,
    /// What comes in the places of the samples.
    asides: std::vec::IntoIter<Aside>,
    tally: Tally,
    /// Whether the generation ends behind them.
    is_through: bool,
}

impl<'a> Reader<'a> {
    /// What others have ordered of the generation that begins, if the states at its begin are those that they assumed.
    pub(super) fn ordered_ahead(&mut self, pieces: &Pieces<'a>) -> Option<Box<Ordered<'a>>> {
        let ordered = self.ahead.as_mut()?.want(self.order.generation() + 1, pieces)?;
        (!self.is_unsure && ordered.order.agrees_with(&self.order)).then_some(ordered)
    }

    /// Takes over what others have ordered.
    pub(super) fn take_over(&mut self, ordered: Ordered<'a>, asides: Vec<Aside>) {
        let Ordered { order, mut merge, decoders, chunks, tally, is_through } = ordered;
        let (order, begin) = order.settled(std::mem::take(&mut self.order));
        self.order = order;
        self.supply.begin(decoders);
        let asides = merge.name_asides(asides);
        self.merge = Some(merge);
        self.told_later = Some(Box::new(Backlog { chunks, told: 0, bytes: 0, begin, asides, tally, is_through }));
    }

    /// Tells the next events that were ordered before their generation was at hand.
    pub(super) fn tell_some(&mut self) {
        let Some(mut backlog) = self.told_later.take() else { return };
        let Backlog { chunks, told, bytes, begin, asides, .. } = &mut *backlog;
        if let Some(chunk) = chunks.first() {
            let rest = chunk.events.get(*told..).unwrap_or_default();
            let next = rest.get(..self.full).unwrap_or(rest);
            let (count, is_rest) = (next.len(), next.len() == rest.len());
            // Copied at once and changed where they stay: one by one they would go through three places on the way.
            let first = self.ready.len();
            self.ready.extend_from_slice(next);
            for event in &mut self.ready[first..] {
                if event.kind == EventKind::Sample
                    && let Some(aside) = asides.next()
                {
                    *event = aside.event(&mut self.order);
                } else {
                    self.order.tell(event, begin, &mut self.names);
                }
                self.latest = self.latest.max(event.ts);
            }
            *told += count;
            if is_rest {
                *bytes = chunk.bytes;
                *told = 0;
                chunks.pass_first();
            }
            self.told_later = Some(backlog);
            return;
        }
        let Backlog { begin, tally, is_through, .. } = *backlog;
        self.order.reopen(begin.open);
        self.tally.add_all(&tally);
        if is_through && let Some(merge) = self.merge.take() {
            self.end_generation(&merge);
        }
    }
}
