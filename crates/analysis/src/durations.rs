//! How durations are distributed: percentiles and a histogram whose buckets can be asked for again.
//!
//! A percentile is by nearest rank: a duration that occurred, never one between two. The buckets are five for each power
//! of ten, as those of `go tool trace`, but with edges that are whole nanoseconds: both belong to the bucket, so that a
//! filter with `min` and `max` passes exactly what was counted.

use serde::Serialize;

/// Percentiles of durations, ns.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Serialize)]
pub struct Latency {
    /// How many.
    pub count: u64,
    /// The shortest.
    pub min: u64,
    /// The mean, rounded down.
    pub mean: u64,
    /// Half of them last at most so long.
    pub p50: u64,
    /// 90 of a hundred do.
    pub p90: u64,
    /// 95 of a hundred do.
    pub p95: u64,
    /// 99 of a hundred do.
    pub p99: u64,
    /// The longest.
    pub max: u64,
}

/// How many durations are from `min` to `max`, both included.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Serialize)]
pub struct LatencyBucket {
    /// The shortest that counts, ns.
    pub min: u64,
    /// The longest that counts, ns.
    pub max: u64,
    /// How many.
    pub count: u64,
}

/// Durations, ns.
#[derive(Clone, Debug, Default)]
pub(crate) struct Durations(Vec<u64>);

impl Durations {
    /// Adds one.
    pub(crate) fn push(&mut self, ns: u64) {
        self.0.push(ns);
    }

    /// Adds those of another.
    pub(crate) fn append(&mut self, mut other: Self) {
        if self.0.is_empty() {
            *self = other;
        } else {
            self.0.append(&mut other.0);
        }
    }

    /// How many.
    pub(crate) fn len(&self) -> usize {
        self.0.len()
    }

    /// Their distribution: percentiles, if there are any, and the buckets from the first to the last that is not empty.
    pub(crate) fn finish(mut self) -> (Option<Latency>, Vec<LatencyBucket>) {
        self.0.sort_unstable();
        (latency(&self.0), histogram(&self.0))
    }
}

/// Where the smallest of so many values stands, in order, that so many of a thousand do not exceed; `None` without values.
pub(crate) fn rank(count: usize, per_mille: usize) -> Option<usize> {
    (count * per_mille).div_ceil(1000).checked_sub(1)
}

fn latency(sorted: &[u64]) -> Option<Latency> {
    let (&min, &max) = (sorted.first()?, sorted.last()?);
    let sum: u128 = sorted.iter().map(|&ns| u128::from(ns)).sum();
    let percentile = |percent: usize| rank(sorted.len(), percent * 10).map_or(min, |place| sorted[place]);
    Some(Latency {
        count: sorted.len() as u64,
        min,
        mean: (sum / sorted.len() as u128) as u64,
        p50: percentile(50),
        p90: percentile(90),
        p95: percentile(95),
        p99: percentile(99),
        max,
    })
}

/// 10^(0/5) to 10^(4/5), times 10^18, rounded up.
const STEPS: [u128; 5] = [
    1_000_000_000_000_000_000,
    1_584_893_192_461_113_486,
    2_511_886_431_509_580_112,
    3_981_071_705_534_972_508,
    6_309_573_444_801_932_495,
];
/// The powers of ten that durations reach: a `u64` holds 584 years.
const DECADES: u32 = 20;

/// The edges of the buckets: the smallest whole nanosecond of each but the first, which begins with zero.
fn edges() -> impl Iterator<Item = u64> {
    let powers = (0..DECADES).map(|decade| 10_u128.pow(decade));
    let all = powers.flat_map(|power| STEPS.iter().map(move |step| (step * power).div_ceil(STEPS[0])));
    all.map_while(|edge| u64::try_from(edge).ok())
}

fn histogram(sorted: &[u64]) -> Vec<LatencyBucket> {
    let (Some(&shortest), Some(&longest)) = (sorted.first(), sorted.last()) else { return Vec::new() };
    let starts = std::iter::once(0).chain(edges());
    let ends = edges().map(|edge| edge - 1).chain([u64::MAX]);
    let buckets = starts.zip(ends).skip_while(|&(_, max)| max < shortest).take_while(|&(min, _)| min <= longest);
    let count = |min: u64, max: u64| {
        let below = sorted.partition_point(|&ns| ns < min);
        (sorted.partition_point(|&ns| ns <= max) - below) as u64
    };
    buckets.map(|(min, max)| LatencyBucket { min, max, count: count(min, max) }).collect()
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::fixtures::Random;

    #[test]
    fn percentiles_are_durations_that_occurred() {
        for (durations, wanted) in [
            (vec![7], [7; 7]),
            (vec![1, 2], [1, 1, 1, 2, 2, 2, 2]),
            ((1..=100).collect(), [1, 50, 50, 90, 95, 99, 100]),
            ((1..=1000).rev().collect(), [1, 500, 500, 900, 950, 990, 1000]),
            (vec![0, u64::MAX], [0, u64::MAX / 2, 0, u64::MAX, u64::MAX, u64::MAX, u64::MAX]),
        ] {
            let count = durations.len() as u64;
            let latency = Durations(durations).finish().0.unwrap();
            let Latency { min, mean, p50, p90, p95, p99, max, .. } = latency;
            assert_eq!(latency.count, count);
            assert_eq!([min, mean, p50, p90, p95, p99, max], wanted);
        }
        assert_eq!(Durations::default().finish(), (None, Vec::new()));
    }

    /// Buckets follow each other without a gap, and each duration is in the one that its logarithm says.
    #[test]
    fn every_duration_is_in_one_bucket() {
        let mut random = Random::new(3);
        let durations: Vec<u64> = (0..2000).map(|_| (random.below(1 << 30) as u64) << random.below(31)).collect();
        let (_, buckets) = Durations(durations.clone()).finish();
        assert_eq!(buckets.iter().map(|bucket| bucket.count).sum::<u64>(), 2000);
        for pair in buckets.windows(2) {
            assert_eq!(pair[0].max + 1, pair[1].min);
        }
        for ns in durations.into_iter().filter(|&ns| ns > 100) {
            let bucket = buckets.iter().find(|bucket| bucket.min <= ns && ns <= bucket.max).unwrap();
            let step = ((ns as f64).log10() * 5.0).floor();
            let (min, max) = (10_f64.powf(step / 5.0), 10_f64.powf((step + 1.0) / 5.0));
            assert!((bucket.min as f64 - min).abs() <= 1.0 + min * 1e-9, "{ns} {bucket:?}");
            assert!((bucket.max as f64 - max).abs() <= 1.0 + max * 1e-9, "{ns} {bucket:?}");
        }
    }

    #[test]
    fn edges_are_whole_nanoseconds() {
        let check = |ns: u64, min: u64, max: u64| {
            assert_eq!(Durations(vec![ns]).finish().1, [LatencyBucket { min, max, count: 1 }], "{ns}");
        };
        check(0, 0, 0);
        check(1, 1, 1);
        check(2, 2, 2);
        check(999, 631, 999);
        check(1000, 1000, 1584);
        check(1584, 1000, 1584);
        check(1585, 1585, 2511);
        check(999_999, 630_958, 999_999);
        check(1_000_000, 1_000_000, 1_584_893);
        check(u64::MAX, 15_848_931_924_611_134_860, u64::MAX);
    }
}
