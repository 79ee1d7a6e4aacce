//! Counters: numbers that the program keeps, over time.

use std::sync::atomic::{AtomicI64, Ordering};

use crate::local;
use crate::record::{Head, Kind};
use crate::switch;

/// A number of the program that changes, such as the length of a queue; each change is recorded.
///
/// It is counted whether something is recorded or not, so that a recording that begins later has the right values. Names
/// that end in `_bytes` or `_ns` have these units. Two counters with one name are two counters in one curve.
///
/// ```
/// use goroscope_recorder::Counter;
///
/// static WAITING: Counter = Counter::new("waiting requests");
///
/// WAITING.add(1);
/// // … answer the request …
/// WAITING.add(-1);
/// assert_eq!(WAITING.value(), 0);
/// ```
#[derive(Debug)]
pub struct Counter {
    name: &'static str,
    value: AtomicI64,
}

impl Counter {
    /// A counter at 0; that it is there is recorded with its first change.
    ///
    /// ```
    /// use goroscope_recorder::Counter;
    ///
    /// static CONNECTIONS: Counter = Counter::new("open connections");
    /// assert_eq!(CONNECTIONS.value(), 0);
    /// ```
    pub const fn new(name: &'static str) -> Self {
        Self { name, value: AtomicI64::new(0) }
    }

    /// The counter has this value from now on.
    ///
    /// ```
    /// use goroscope_recorder::Counter;
    ///
    /// let sent = Counter::new("sent_bytes");
    /// sent.set(1 << 20);
    /// sent.set(42);
    /// assert_eq!(sent.value(), 42);
    /// ```
    #[inline]
    pub fn set(&self, value: i64) {
        self.value.store(value, Ordering::Relaxed);
        self.record(value);
    }

    /// The counter has so much more from now on, or less.
    ///
    /// ```
    /// use goroscope_recorder::Counter;
    ///
    /// let jobs = Counter::new("jobs");
    /// jobs.add(3);
    /// jobs.add(-1);
    /// assert_eq!(jobs.value(), 2);
    /// ```
    #[inline]
    pub fn add(&self, more: i64) {
        let before = self.value.fetch_add(more, Ordering::Relaxed);
        self.record(before.wrapping_add(more));
    }

    /// Its value.
    ///
    /// ```
    /// use goroscope_recorder::{Counter, thread};
    ///
    /// static DONE: Counter = Counter::new("done");
    /// thread::scope(|scope| {
    ///     for _ in 0..2 {
    ///         scope.spawn(|| DONE.add(21));
    ///     }
    /// });
    /// assert_eq!(DONE.value(), 42);
    /// ```
    pub fn value(&self) -> i64 {
        self.value.load(Ordering::Relaxed)
    }

    #[inline]
    fn record(&self, value: i64) {
        let Some(session) = switch::session() else { return };
        local::with(session, |local| {
            let name = local.text(self.name);
            local.record(Head { a: name, b: value as u64, ..Head::new(Kind::Count, local.now()) });
        });
    }
}

/// Records that a counter with this name, which is a literal, has a value from now on.
///
/// ```
/// use goroscope_recorder::counter;
///
/// let queue = vec![1, 2, 3];
/// counter!("queue", queue.len());
/// counter!("balance_cents", -250_i64);
/// ```
///
/// Values are converted to `i64`; one that is too large for that is shown as the largest there is.
#[macro_export]
macro_rules! counter {
    ($name:literal, $value:expr) => {{
        static COUNTER: $crate::Counter = $crate::Counter::new($name);
        COUNTER.set(i64::try_from($value).unwrap_or(i64::MAX));
    }};
}
