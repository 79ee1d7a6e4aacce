//! Flows: who woke or created whom, by the one who did.

use crate::csr::offsets;
use crate::{GoIdx, GoSpans, Wake};

/// Flows from cause to effect, by the cause.
#[derive(Debug)]
pub(crate) struct Wakes {
    /// Where the rows of each goroutine begin.
    first: Vec<u32>,
    rows: Vec<Wake>,
}

impl Wakes {
    /// Reads them from the spans that somebody else began. `row_of` and `lane_of` say which row and goroutine the
    /// spans are in the order of events, which is nearly that of time.
    pub fn new(spans: &GoSpans, row_of: &[u32], lane_of: &[u32]) -> Self {
        let (first, count) = offsets(spans.lanes.end.len(), spans.cause.iter().map(|cause| cause.0));
        let none = Wake { ts: 0, from: GoIdx::NONE, to: GoIdx::NONE, span: u32::MAX };
        let mut rows = vec![none; count];
        let mut next = first.clone();
        for (&row, &lane) in row_of.iter().zip(lane_of) {
            let from = spans.cause[row as usize];
            if from != GoIdx::NONE {
                let at = &mut next[from.index()];
                rows[*at as usize] = Wake { ts: spans.start[row as usize], from, to: GoIdx(lane), span: row };
                *at += 1;
            }
        }
        for range in first.windows(2) {
            rows[range[0] as usize..range[1] as usize].sort_by_key(|wake| wake.ts);
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
