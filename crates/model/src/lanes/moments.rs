//! Moments while they are being read: rows that do not last, so that nothing can be added to them later.

use super::directory::Packed;
use super::packing::{Kind, Raw};
use super::stream::{Ending, Stream};
use crate::storage::Arena;

/// The moments of all lanes of a kind, with `X` columns beside their time and their entry.
#[derive(Debug)]
pub(crate) struct MomentWriter<const E: usize, const X: usize> {
    /// When the last one of each lane was; `i64::MIN` if it has none.
    last: Vec<i64>,
    stream: Stream<E, X>,
}

impl<const E: usize, const X: usize> MomentWriter<E, X> {
    /// No lanes; packed moments go to the arena.
    pub fn new(arena: &Arena) -> Self {
        Self { last: Vec::new(), stream: Stream::new(Kind::Moments, arena) }
    }

    /// Adds a lane without moments.
    pub fn add_lane(&mut self) {
        self.last.push(i64::MIN);
    }

    /// Adds a moment, which is not before the last one of its lane: it is moved there.
    #[inline]
    pub fn push(&mut self, lane: u32, raw: Raw<E, X>) {
        let last = &mut self.last[lane as usize];
        *last = raw.start.max(*last);
        self.stream.push(lane, &Raw { start: *last, ..raw });
    }

    /// Ends a lane for good.
    pub fn end(&mut self, lane: u32) {
        if self.last[lane as usize] != i64::MIN {
            self.stream.end(lane);
        }
    }

    /// Packs what is left. The lanes end when these do, or with their last moment if there is no such time.
    pub fn end_all(self, ends: impl Iterator<Item = Option<i64>>, end: i64) -> Packed<Ending<E, X>> {
        let ends = self.last.iter().zip(ends).map(|(&last, ended)| ended.unwrap_or(end.max(last))).collect();
        Packed { packing: self.stream.end_all(), ends }
    }
}
