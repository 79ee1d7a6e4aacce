//! Ticks of the trace's clock to nanoseconds.

/// Ticks per second where a trace does not say: the clock of most systems counts units of 64 ns.
pub const USUAL_FREQUENCY: u64 = 15_625_000;

/// No generation is longer: it ends after about a second. Times further apart are damaged.
const FAR_SECONDS: u64 = 24 * 60 * 60;

/// How long a tick is.
#[derive(Clone, Copy, Debug)]
pub struct Clock {
    nanoseconds_per_tick: f64,
}

impl Clock {
    /// The clock with this many ticks per second.
    pub fn new(frequency: u64) -> Self {
        // In this order, so that the rounding is that of Go's reader.
        Self { nanoseconds_per_tick: 1.0 / (frequency as f64 / 1e9) }
    }

    /// The most ticks between two times of one generation; never more than an `i64` holds.
    pub fn far(self) -> u64 {
        (FAR_SECONDS as f64 * 1e9 / self.nanoseconds_per_tick) as i64 as u64
    }

    /// Whole nanoseconds of a time that is not far: the same number in fewer steps.
    #[inline]
    pub fn nanoseconds_between(self, ticks: u64) -> i64 {
        (ticks as i64 as f64 * self.nanoseconds_per_tick) as i64
    }

    /// Whole nanoseconds, rounded down.
    #[inline]
    pub fn nanoseconds(self, ticks: u64) -> i64 {
        (ticks as f64 * self.nanoseconds_per_tick) as i64
    }
}
