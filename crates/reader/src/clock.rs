//! Ticks of the trace's clock to nanoseconds.

/// Ticks per second where a trace does not say: the clock of most systems counts units of 64 ns.
pub const USUAL_FREQUENCY: u64 = 15_625_000;

/// No generation is longer: it ends after about a second. Times further apart are damaged.
const FAR_SECONDS: u64 = 24 * 60 * 60;

/// No time of a file is later, in nanoseconds: 146 years behind the clock's zero. What events add to the time of their
/// batch, and the traces before this one in the file, then fit into an `i64`, too.
const LATEST: i64 = i64::MAX / 2;

/// How long a tick is.
#[derive(Clone, Copy, Debug)]
pub struct Clock {
    nanoseconds_per_tick: f64,
    /// The same if it is a whole number, as on most systems; otherwise 0.
    whole: u64,
}

impl Clock {
    /// The clock with this many ticks per second.
    pub fn new(frequency: u64) -> Self {
        // In this order, so that the rounding is that of Go's reader.
        let nanoseconds_per_tick = 1.0 / (frequency as f64 / 1e9);
        let is_whole = nanoseconds_per_tick.fract() == 0.0 && nanoseconds_per_tick <= 1e9;
        Self { nanoseconds_per_tick, whole: if is_whole { nanoseconds_per_tick as u64 } else { 0 } }
    }

    /// The most ticks between two times of one generation; never more than an `i64` holds.
    pub fn far(self) -> u64 {
        (FAR_SECONDS as f64 * 1e9 / self.nanoseconds_per_tick) as i64 as u64
    }

    /// Whole nanoseconds between two times that are not far from each other: the same number in fewer steps.
    #[inline]
    pub fn nanoseconds_between(self, ticks: u64) -> i64 {
        if self.whole > 0 {
            // Exact, as the product of the other way is: it is less than a float's 53 bits hold.
            return ticks.wrapping_mul(self.whole) as i64;
        }
        (ticks as i64 as f64 * self.nanoseconds_per_tick) as i64
    }

    /// Whole nanoseconds since the clock's zero, rounded down.
    #[inline]
    pub fn nanoseconds(self, ticks: u64) -> i64 {
        ((ticks as f64 * self.nanoseconds_per_tick) as i64).min(LATEST)
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn both_ways_to_nanoseconds_agree() {
        for frequency in [1, 3, 1_000, 15_625_000, 24_000_000, 1_000_000_000, 2_712_345_678, u64::MAX] {
            let clock = Clock::new(frequency);
            let far = clock.far();
            for ticks in [0, 1, 2, 1_000, 123_456_789, far / 3, far - 1, far] {
                let ticks = ticks.min(far);
                assert_eq!(clock.nanoseconds_between(ticks), clock.nanoseconds(ticks), "{ticks} at {frequency}");
            }
        }
        assert_eq!(Clock::new(15_625_000).nanoseconds_between(3), 192);
    }
}
