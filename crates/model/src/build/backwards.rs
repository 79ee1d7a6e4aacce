//! Times at which the clock of a resource would have run backwards.

/// How often, and how far.
#[derive(Clone, Copy, Debug, Default)]
pub(crate) struct Backwards {
    /// How often.
    pub count: u64,
    /// The largest step, ns.
    pub largest: u64,
}

impl Backwards {
    /// `ts`, but not before `earliest`.
    #[inline]
    pub fn clamp(&mut self, ts: i64, earliest: i64) -> i64 {
        if ts >= earliest {
            return ts;
        }
        self.count += 1;
        self.largest = self.largest.max(earliest.abs_diff(ts));
        earliest
    }
}
