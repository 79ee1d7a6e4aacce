//! A function of time that is constant between steps, and sums of it over any stretch.
//!
//! Values are fixed-point numbers with 40 bits behind the point: sums of them are exact however long the trace and however
//! short the window, and what is lost by rounding a share of procs is below 10⁻¹².

/// One, as a value of a step function.
pub(super) const ONE: i64 = 1 << 40;

/// How many entries of one level of the pyramid an entry of the next sums up.
const FAN: usize = 8;

/// A step function on `[first, last]`.
#[derive(Clone, Debug)]
pub(super) struct Steps {
    /// Where each value begins, in order, and where the function ends.
    at: Vec<i64>,
    /// From each of these moments to the next; one fewer.
    value: Vec<i64>,
    /// The sum from the begin to each of the moments, value × ns.
    sum: Vec<i128>,
    /// Least and largest value of [`FAN`] steps, of [`FAN`]² steps, and so on.
    extremes: Vec<Vec<(i64, i64)>>,
}

impl Steps {
    /// The function with these values from these moments on, in order, until `last`. `None` if it has no duration.
    pub fn new(steps: impl IntoIterator<Item = (i64, i64)>, last: i64) -> Option<Self> {
        let (mut at, mut value) = (Vec::<i64>::new(), Vec::<i64>::new());
        for (ts, new) in steps {
            if ts >= last {
                break;
            }
            if at.last() == Some(&ts) {
                // Of several at one moment, the last holds.
                at.pop();
                value.pop();
            }
            if value.last() != Some(&new) {
                at.push(ts);
                value.push(new);
            }
        }
        if at.is_empty() {
            return None;
        }
        at.push(last);
        let mut sum = Vec::with_capacity(at.len());
        let mut total = 0_i128;
        sum.push(total);
        for (i, &value) in value.iter().enumerate() {
            total += i128::from(value) * i128::from(at[i + 1] - at[i]);
            sum.push(total);
        }
        let extremes = pyramid(&value);
        Some(Self { at, value, sum, extremes })
    }

    /// Where the function begins.
    pub fn first(&self) -> i64 {
        self.at[0]
    }

    /// Where it ends.
    pub fn last(&self) -> i64 {
        self.at[self.value.len()]
    }

    /// How long it is defined, ns.
    pub fn duration(&self) -> i64 {
        self.last() - self.first()
    }

    /// How many steps.
    pub fn len(&self) -> usize {
        self.value.len()
    }

    /// Where step `i` begins; the end if there is none.
    pub fn begin(&self, i: usize) -> i64 {
        self.at[i.min(self.value.len())]
    }

    /// The value of step `i`.
    pub fn value(&self, i: usize) -> i64 {
        self.value[i]
    }

    /// The sum over all.
    pub fn total(&self) -> i128 {
        self.sum[self.value.len()]
    }

    /// The step at a moment, which is among `from..=to`.
    pub fn step_at(&self, ts: i64, from: usize, to: usize) -> usize {
        let to = to.min(self.value.len() - 1);
        from + self.at[from + 1..=to].partition_point(|&begin| begin <= ts)
    }

    /// The sum from the begin to a moment in step `i`.
    pub fn sum_to(&self, ts: i64, i: usize) -> i128 {
        self.sum[i] + i128::from(self.value[i]) * i128::from(ts - self.at[i])
    }

    /// Least and largest value of the steps `from..=to`.
    pub fn extremes(&self, from: usize, to: usize) -> (i64, i64) {
        let mut found = (i64::MAX, i64::MIN);
        let mut add = |(least, most): (i64, i64)| found = (found.0.min(least), found.1.max(most));
        let (mut from, mut to) = (from, to + 1);
        for level in 0..=self.extremes.len() {
            let get = |i: usize| match level {
                0 => (self.value[i], self.value[i]),
                level => self.extremes[level - 1][i],
            };
            if level == self.extremes.len() || to - from < 2 * FAN {
                (from..to).for_each(|i| add(get(i)));
                break;
            }
            while !from.is_multiple_of(FAN) {
                add(get(from));
                from += 1;
            }
            while !to.is_multiple_of(FAN) {
                to -= 1;
                add(get(to));
            }
            from /= FAN;
            to /= FAN;
        }
        found
    }
}

fn pyramid(values: &[i64]) -> Vec<Vec<(i64, i64)>> {
    let mut levels: Vec<Vec<(i64, i64)>> = Vec::new();
    let mut level: Vec<(i64, i64)> = values.iter().map(|&value| (value, value)).collect();
    while level.len() > FAN {
        level = level
            .chunks(FAN)
            .map(|part| part.iter().fold((i64::MAX, i64::MIN), |all, one| (all.0.min(one.0), all.1.max(one.1))))
            .collect();
        levels.push(level.clone());
    }
    levels
}
