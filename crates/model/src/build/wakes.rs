//! Flows: who woke or created whom, by the one who did.

use super::log::Placed;
use crate::csr::offsets;
use crate::{GoIdx, Wake};

/// Flows from cause to effect, by the cause.
#[derive(Debug)]
pub(crate) struct Wakes {
    /// Where the rows of each goroutine begin.
    first: Vec<u32>,
    rows: Vec<Wake>,
}

impl Wakes {
    /// Reads them from the spans that somebody else began: `cause`, in the order of events, which is nearly that of time.
    pub fn new(placed: &Placed, cause: &[u32]) -> Self {
        let (first, count) = offsets(placed.lanes.end.len(), cause.iter().copied());
        let none = Wake { ts: 0, from: GoIdx::NONE, to: GoIdx::NONE, span: u32::MAX };
        let mut rows = vec![none; count];
        let mut next = first.clone();
        let spans = placed.start.iter().zip(&placed.lane).zip(&placed.row);
        for (&from, ((&ts, &to), &span)) in cause.iter().zip(spans) {
            if let Some(next) = next.get_mut(from as usize) {
                rows[*next as usize] = Wake { ts, from: GoIdx(from), to: GoIdx(to), span };
                *next += 1;
            }
        }
        for range in first.windows(2) {
            let wakes = &mut rows[range[0] as usize..range[1] as usize];
            if !wakes.is_sorted_by_key(|wake| wake.ts) {
                wakes.sort_by_key(|wake| wake.ts);
            }
        }
        Self { first, rows }
    }

    /// What a goroutine woke or created, by time.
    pub fn by(&self, go: GoIdx) -> &[Wake] {
        match (self.first.get(go.index()), self.first.get(go.index() + 1)) {
            (Some(&from), Some(&to)) => &self.rows[from as usize..to as usize],
            (Some(_) | None, _) => &[],
        }
    }
}
