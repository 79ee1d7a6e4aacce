//! How values spread: percentiles, and histograms on a logarithmic scale.

use crate::durations::rank;
use serde::Serialize;

/// Values below which a part of many lies. All 0 if there are none.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq, Serialize)]
pub struct Distribution {
    /// The least value that half of all do not exceed.
    pub p50: u64,
    /// That nine of ten do not exceed.
    pub p90: u64,
    /// That 99 of 100 do not exceed.
    pub p99: u64,
    /// The largest.
    pub max: u64,
}

impl Distribution {
    /// Of these values, which are put in order.
    pub(crate) fn of(values: &mut [u64]) -> Self {
        values.sort_unstable();
        let at = |percent: usize| rank(values.len(), percent * 10).map_or(0, |place| values[place]);
        Self { p50: at(50), p90: at(90), p99: at(99), max: at(100) }
    }
}

/// Values of about the same size.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Serialize)]
pub struct Bucket {
    /// The least value that belongs here.
    pub from: u64,
    /// The least that does not any more.
    pub to: u64,
    /// How many.
    pub count: u64,
}

/// Begins of the buckets of a power of ten, in thousandths of it: 10^(k/5), rounded.
const FIFTHS: [u64; 5] = [1000, 1585, 2512, 3981, 6310];

/// Five buckets per power of ten, from that of the least value to that of the largest; 0 is in the first of all.
pub(crate) fn histogram(values: &[u64]) -> Vec<Bucket> {
    let places = || values.iter().map(|&value| place(value));
    let (Some(first), Some(last)) = (places().min(), places().max()) else { return Vec::new() };
    let mut counts = vec![0; last - first + 1];
    for &value in values {
        counts[place(value) - first] += 1;
    }
    // The lowest buckets are narrower than 1: what none can fall into is left out.
    let bucket = |(place, count)| {
        let [from, to] = [place, place + 1].map(|place| u64::try_from(begin(place)).unwrap_or(u64::MAX));
        Bucket { from, to, count }
    };
    let buckets = (first..).zip(counts).map(bucket);
    buckets.filter(|bucket| bucket.from < bucket.to).collect()
}

/// Which bucket a value is in.
fn place(value: u64) -> usize {
    let decade = value.checked_ilog10().unwrap_or(0) as usize * 5;
    (decade + 1..=decade + 5).find(|&next| u128::from(value) < begin(next)).map_or(decade, |next| next - 1)
}

/// Where a bucket begins; the first takes in 0, the last what there is.
fn begin(place: usize) -> u128 {
    let power = 10u128.pow((place / 5) as u32);
    let begin = (power * u128::from(FIFTHS[place % 5])).div_ceil(1000);
    if place == 0 { 0 } else { begin }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn percentiles_are_values_that_occur() {
        for (mut values, wanted) in [
            (vec![], [0, 0, 0, 0]),
            (vec![7], [7, 7, 7, 7]),
            (vec![2, 1], [1, 2, 2, 2]),
            ((1..=10).rev().collect(), [5, 9, 10, 10]),
            ((1..=1000).collect(), [500, 900, 990, 1000]),
        ] {
            let Distribution { p50, p90, p99, max } = Distribution::of(&mut values);
            assert_eq!([p50, p90, p99, max], wanted, "{values:?}");
        }
    }

    #[track_caller]
    fn check(values: &[u64], wanted: &[(u64, u64, u64)]) {
        let found: Vec<_> = histogram(values).iter().map(|bucket| (bucket.from, bucket.to, bucket.count)).collect();
        assert_eq!(found, wanted);
    }

    #[test]
    fn buckets() {
        check(&[], &[]);
        check(&[0], &[(0, 2, 1)]);
        check(&[0, 1, 2, 3, 9, 10], &[(0, 2, 2), (2, 3, 1), (3, 4, 1), (4, 7, 0), (7, 10, 1), (10, 16, 1)]);
        check(&[1584, 1585, 2511], &[(1000, 1585, 1), (1585, 2512, 2)]);
        check(&[1_000_000, 999_999], &[(631_000, 1_000_000, 1), (1_000_000, 1_585_000, 1)]);
        check(&[u64::MAX], &[(15_850_000_000_000_000_000, u64::MAX, 1)]);
    }

    #[test]
    fn every_value_is_in_its_bucket() {
        let near = |power: u32| (0..3).map(move |off| (1u64 << power).wrapping_add(off).wrapping_sub(1));
        for value in (0..64).flat_map(near).filter(|&value| value < u64::MAX) {
            let buckets = histogram(&[value]);
            assert!(matches!(buckets[..], [Bucket { from, to, count: 1 }] if from <= value && value < to), "{value}");
        }
    }
}
