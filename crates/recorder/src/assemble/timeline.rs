//! From the raw clock to nanoseconds.
//!
//! The rate of the raw clock is never estimated: the assembler reads both clocks each time it collects records, and
//! between two such anchors time is a straight line. So it is exact at every anchor, goes on evenly and never drifts.

use std::collections::VecDeque;

use crate::clock::Anchor;

/// Anchors that are kept, for a second at least; records are hardly ever older than two of them.
const KEPT: usize = 1024;

/// The anchors, oldest first.
#[derive(Debug, Default)]
pub struct Timeline {
    anchors: VecDeque<Anchor>,
    /// The line of the last time that was asked for.
    line: Option<Line>,
}

/// What is between two anchors that are near to each other.
#[derive(Clone, Copy, Debug)]
struct Line {
    from: Anchor,
    /// Of the raw clock.
    steps: u64,
    /// Nanoseconds of a step, in parts of 2^-64, rounded up. For fewer than 2^32 steps the product is exact to the
    /// nanosecond below: that is off by less than 2^-32, and the next nanosecond is at least that far.
    slope: u128,
}

/// Steps and nanoseconds of a line at most.
const NEAR: u64 = 1 << 32;

impl Timeline {
    /// Adds an anchor, which must be later than the last one on both clocks to count.
    pub fn push(&mut self, anchor: Anchor) {
        if self.anchors.back().is_some_and(|last| anchor.raw <= last.raw || anchor.mono < last.mono) {
            return;
        }
        if self.anchors.len() == KEPT {
            self.anchors.pop_front();
        }
        self.anchors.push_back(anchor);
    }

    /// Nanoseconds on the monotonic clock.
    #[inline]
    pub fn nanoseconds(&mut self, raw: u64) -> u64 {
        if let Some(Line { from, steps, slope }) = self.line {
            let at = raw.wrapping_sub(from.raw);
            if at < steps {
                return from.mono + ((u128::from(at) * slope) >> 64) as u64;
            }
        }
        self.found(raw)
    }

    /// As `nanoseconds`, divided.
    fn found(&mut self, raw: u64) -> u64 {
        // From the last one on: there is where records mostly are.
        let behind = self.anchors.iter().rposition(|anchor| anchor.raw <= raw).map_or(0, |before| before + 1);
        // Before the first and behind the last anchor the nearest line goes on.
        let end = behind.clamp(1, self.anchors.len().saturating_sub(1).max(1));
        let Some(&from) = self.anchors.get(end - 1) else { return raw };
        let Some(&to) = self.anchors.get(end) else { return from.mono };
        let (steps, time) = (to.raw - from.raw, to.mono - from.mono);
        if steps < NEAR && time < NEAR {
            self.line = Some(Line { from, steps, slope: (u128::from(time) << 64) / u128::from(steps) + 1 });
        }
        // Anchors are so near to each other that this hardly ever needs wider numbers, which divide slowly.
        if let Some(product) = raw.checked_sub(from.raw).and_then(|at| at.checked_mul(time)) {
            return from.mono + product / steps;
        }
        let at = i128::from(raw) - i128::from(from.raw);
        let later = (at * i128::from(time)).div_euclid(i128::from(steps));
        u64::try_from(i128::from(from.mono) + later).unwrap_or(0)
    }

    /// Where a time on the monotonic clock is on the raw one: not before anything that happened earlier.
    #[cfg(feature = "perf")]
    pub fn raw(&self, mono: u64) -> u64 {
        let behind = self.anchors.iter().rposition(|anchor| anchor.mono <= mono).map_or(0, |before| before + 1);
        let end = behind.clamp(1, self.anchors.len().saturating_sub(1).max(1));
        let Some(&from) = self.anchors.get(end - 1) else { return mono };
        let Some(&to) = self.anchors.get(end).filter(|to| to.mono > from.mono) else { return from.raw };
        let (steps, time) = (to.raw - from.raw, to.mono - from.mono);
        let at = i128::from(mono) - i128::from(from.mono);
        let later = (at * i128::from(steps)).div_euclid(i128::from(time));
        u64::try_from(i128::from(from.raw) + later).unwrap_or(0)
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    fn check(anchors: &[(u64, u64)], raw: u64, expected: u64) {
        let mut timeline = Timeline::default();
        for &(raw, mono) in anchors {
            timeline.push(Anchor { raw, mono });
        }
        assert_eq!(timeline.nanoseconds(raw), expected, "{anchors:?} at {raw}");
        assert_eq!(timeline.nanoseconds(raw), expected, "{anchors:?} at {raw} again");
    }

    #[test]
    fn what_is_not_divided_is_as_exact() {
        let sizes = [1, 2, 3, 7, 1000, 33_333_333, NEAR / 3, NEAR - 2, NEAR - 1, NEAR, NEAR * 5];
        for (steps, time) in sizes.into_iter().flat_map(|steps| sizes.map(|time| (steps, time))) {
            let mut timeline = Timeline::default();
            timeline.push(Anchor { raw: 10, mono: 20 });
            timeline.push(Anchor { raw: 10 + steps, mono: 20 + time });
            let places = sizes.into_iter().flat_map(|size| [size - 1, size, steps / size, steps - steps / size]);
            for at in places.filter(|at| *at <= steps) {
                let exact = 20 + u128::from(at) * u128::from(time) / u128::from(steps);
                assert_eq!(u128::from(timeline.nanoseconds(10 + at)), exact, "{at} of {steps} in {time}");
            }
        }
    }

    #[test]
    fn time_is_a_straight_line_between_anchors() {
        let anchors = [(1000, 100), (2000, 600), (4000, 1100)];
        check(&anchors, 1000, 100);
        check(&anchors, 1500, 350);
        check(&anchors, 2000, 600);
        check(&anchors, 2004, 601);
        check(&anchors, 4000, 1100);
    }

    #[test]
    fn outside_of_the_anchors_the_nearest_line_goes_on() {
        let anchors = [(1000, 100), (2000, 600), (4000, 1100)];
        check(&anchors, 900, 50);
        check(&anchors, 4400, 1200);
        check(&anchors, 0, 0);
        check(&[(1000, 100)], 5000, 100);
        check(&[], 7, 7);
    }

    #[test]
    #[cfg(feature = "perf")]
    fn there_and_back() {
        let mut timeline = Timeline::default();
        assert_eq!(timeline.raw(7), 7);
        for (raw, mono) in [(1000, 100), (2000, 600), (4000, 1100), (5000, 1100), (6000, 1200)] {
            timeline.push(Anchor { raw, mono });
        }
        for mono in [50, 100, 350, 600, 601, 1099, 1150, 1200, 1300] {
            assert_eq!(timeline.nanoseconds(timeline.raw(mono)), mono);
        }
        assert_eq!(timeline.raw(600), 2000);
    }

    #[test]
    fn an_anchor_that_goes_back_does_not_count() {
        check(&[(1000, 100), (900, 200), (2000, 50), (2000, 200)], 1500, 150);
    }
}
