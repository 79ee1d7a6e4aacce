//! How long many things lasted: counts, sums, percentiles and a histogram.

use crate::durations::rank;
use serde::Serialize;

/// Durations, ns. A percentile is the smallest of them that so many per cent do not exceed.
#[derive(Clone, Copy, Debug, Default, PartialEq, Serialize)]
pub struct Spread {
    /// How many.
    pub count: u64,
    /// Their sum.
    pub ns: u64,
    /// Their mean.
    pub mean: f64,
    /// Half are no longer.
    pub p50: u64,
    /// 90 % are no longer.
    pub p90: u64,
    /// 99 % are no longer.
    pub p99: u64,
    /// 99.9 % are no longer.
    pub p99_9: u64,
    /// The longest.
    pub max: u64,
}

impl Spread {
    /// That of these durations, which ascend, each with how often it occurs.
    pub(crate) fn of(durations: &[(u64, u64)]) -> Self {
        let count: u64 = durations.iter().map(|duration| duration.1).sum();
        let ns: u64 = durations.iter().map(|(ns, count)| ns * count).sum();
        let mean = if count == 0 { 0.0 } else { ns as f64 / count as f64 };
        let max = durations.last().map_or(0, |duration| duration.0);
        let [p50, p90, p99, p99_9] = [500, 900, 990, 999].map(|per_mille| percentile(durations, count, per_mille));
        Self { count, ns, mean, p50, p90, p99, p99_9, max }
    }
}

/// The smallest of `count` durations, which ascend, that so many of a thousand do not exceed.
pub(crate) fn percentile(durations: &[(u64, u64)], count: u64, per_mille: usize) -> u64 {
    let Some(place) = rank(count as usize, per_mille) else { return 0 };
    let mut up_to = 0;
    let reaches = |duration: &&(u64, u64)| {
        up_to += duration.1;
        up_to > place as u64
    };
    durations.iter().find(reaches).map_or(0, |duration| duration.0)
}

/// Durations from a power of two to the next.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Serialize)]
pub struct SpreadBucket {
    /// The shortest that may be in it, ns.
    pub from: u64,
    /// What is longer than any in it, ns.
    pub to: u64,
    /// How many are in it.
    pub count: u64,
    /// Their sum, ns.
    pub ns: u64,
}

/// The buckets of durations, each with how often it occurs, from the first to the last that is not empty.
pub(crate) fn histogram(durations: &[(u64, u64)]) -> Vec<SpreadBucket> {
    let mut all = [(0, 0); 64];
    for &(ns, times) in durations {
        let (count, sum) = &mut all[ns.max(1).ilog2() as usize];
        *count += times;
        *sum += ns * times;
    }
    let is_used = |bucket: &(u64, u64)| bucket.0 > 0;
    let (Some(first), Some(last)) = (all.iter().position(is_used), all.iter().rposition(is_used)) else {
        return Vec::new();
    };
    let bucket = |power: usize| {
        let (count, ns) = all[power];
        let from = if power == 0 { 0 } else { 1 << power };
        SpreadBucket { from, to: 1_u64.checked_shl(power as u32 + 1).unwrap_or(u64::MAX), count, ns }
    };
    (first..=last).map(bucket).collect()
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::tally::Tally;

    fn counted(durations: &[u64]) -> Vec<(u64, u64)> {
        durations.iter().copied().collect::<Tally>().into_sorted()
    }

    #[test]
    fn percentiles_are_durations_that_there_are() {
        for count in [1_u64, 2, 9, 10, 11, 99, 100, 101, 1000, 1001, 5000] {
            // Every third occurs thrice.
            let sorted: Vec<u64> = (0..count).map(|i| if i % 9 < 3 { i / 9 * 9 } else { i }.pow(2)).collect();
            let shuffled: Vec<u64> = sorted.iter().rev().copied().collect();
            let found = Spread::of(&counted(&shuffled));
            for (value, per_mille) in [(found.p50, 500), (found.p90, 900), (found.p99, 990), (found.p99_9, 999)] {
                let up_to = |limit: u64| sorted.iter().filter(|&&one| one <= limit).count() as u64 * 1000;
                assert!(sorted.contains(&value) && up_to(value) >= per_mille * count, "{per_mille} of {count}");
                assert!(value == 0 || up_to(value - 1) < per_mille * count, "{per_mille} of {count}");
            }
            assert_eq!((found.count, found.ns), (count, sorted.iter().sum()));
            assert_eq!(Some(&found.max), sorted.last());
        }
        assert_eq!(Spread::of(&[]), Spread::default());
    }

    #[test]
    fn buckets_hold_all() {
        let durations = [0, 1, 2, 3, 4, 1000, u64::MAX >> 1];
        let buckets = histogram(&counted(&durations));
        assert_eq!(buckets.iter().map(|bucket| bucket.count).sum::<u64>(), 7);
        assert_eq!((buckets[0].from, buckets[0].to, buckets[0].count), (0, 2, 2));
        assert_eq!((buckets[1].from, buckets[1].to, buckets[1].ns), (2, 4, 5));
        assert_eq!(buckets.len(), 63);
        assert!(histogram(&[]).is_empty());
    }
}
