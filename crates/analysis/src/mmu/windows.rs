//! Which window of a length has the least mean of a step function, and how the means are distributed: exactly.
//!
//! Let G(t) be the sum over `[t, t + window)`. G is linear between those moments at which either end of the window meets
//! a step, so that it has its least value at one of them; but there may be millions. So stretches of t are looked at as a
//! whole, and only those that matter are cut in two:
//!
//! ```text
//!   G(lo) ●╲                      ╱● G(hi)     in [lo, hi] the slope of G, the value at the window's end minus that at its
//!            ╲  G runs above    ╱              begin, is between the least and the most that the steps touched by the
//!              ╲   this      ╱                 two ends allow; two lines with these slopes, drawn from both ends, meet in
//!                ╲        ╱                    the lower bound of G in between. The upper bound is made alike.
//!                  ╲●╱ bound
//! ```
//!
//! 1. The least: the stretch with the lowest bound is cut, until no bound is below the least value found. A stretch with
//!    few steps is not cut but walked over.
//! 2. Which G a share of all t does not exceed: a thousand samples say between which two values it is. Stretches that are
//!    wholly below or above these count without being cut; the others are cut until they have few steps, and the linear
//!    pieces of G between the two values are added up. Should the samples have been wrong, it is done again with two that
//!    are further apart.
//!
//! Cutting where the bound is lowest, with bounds from slopes: S. A. Piyavskii, "An algorithm for finding the absolute
//! extremum of a function" (1972), and B. O. Shubert, "A sequential method seeking the global maximum of a function"
//! (1972). Minimum mutator utilisation: P. Cheng and G. Blelloch, "A parallel, real-time garbage collector" (PLDI 2001).

use super::steps::Steps;
use std::cmp::{Ordering, Reverse};
use std::collections::BinaryHeap;

/// A stretch with no more steps than that is walked over: bounds cost about as much as a hundred of them.
const FEW: usize = 256;
/// Samples that say where to look for a quantile.
const SAMPLES: i64 = 1024;

/// Begins of windows from `lo` to `hi`, both included.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(super) struct Stretch {
    lo: i64,
    hi: i64,
    /// The steps in which windows begin: those of `lo` and `hi`.
    begin: (usize, usize),
    /// The steps in which they end.
    end: (usize, usize),
    /// G at `lo` and `hi`.
    ends: (i128, i128),
    /// Between which G is.
    bounds: (i128, i128),
}

/// Windows of one length over a step function.
#[derive(Clone, Copy, Debug)]
pub(super) struct Windows<'a> {
    steps: &'a Steps,
    window: i64,
}

/// A linear piece of G: its ends, and for how long.
#[derive(Clone, Copy, Debug)]
struct Piece {
    ends: (i128, i128),
    ns: i64,
}

impl<'a> Windows<'a> {
    /// Windows that long, at least 1 ns. `None` if not one fits.
    pub fn new(steps: &'a Steps, window: i64) -> Option<Self> {
        (1..=steps.duration()).contains(&window).then_some(Self { steps, window })
    }

    /// When the first and the last of them begin.
    pub fn begins(&self) -> (i64, i64) {
        (self.steps.first(), self.steps.last() - self.window)
    }

    /// The least G of the windows that begin from `lo` to `hi`.
    pub fn least(&self, lo: i64, hi: i64) -> i128 {
        let all = self.stretch(lo, hi, (0, self.steps.len()), (0, self.steps.len()));
        let mut least = all.ends.0.min(all.ends.1);
        let mut open = BinaryHeap::new();
        open.push(Lowest(all));
        while let Some(Lowest(stretch)) = open.pop() {
            if stretch.bounds.0 >= least {
                break;
            }
            if stretch.is_short() {
                self.walk(&stretch, |_, g| least = least.min(g));
                continue;
            }
            for half in self.cut(&stretch) {
                least = least.min(half.ends.0).min(half.ends.1);
                if half.bounds.0 < least {
                    open.push(Lowest(half));
                }
            }
        }
        least
    }

    /// The earliest begin from `lo` to `hi` at which G is no more than `wanted`.
    pub fn earliest(&self, lo: i64, hi: i64, wanted: i128) -> Option<i64> {
        let mut open = vec![self.stretch(lo, hi, (0, self.steps.len()), (0, self.steps.len()))];
        while let Some(stretch) = open.pop() {
            if stretch.bounds.0 > wanted {
                continue;
            }
            if stretch.is_short() {
                let mut found = None;
                self.walk(&stretch, |ts, g| {
                    if g <= wanted && found.is_none() {
                        found = Some(ts);
                    }
                });
                if found.is_some() {
                    return found;
                }
                continue;
            }
            let [left, right] = self.cut(&stretch);
            open.extend([right, left]);
        }
        None
    }

    /// All windows as one stretch.
    fn all(&self) -> Stretch {
        let (lo, hi) = self.begins();
        self.stretch(lo, hi, (0, self.steps.len()), (0, self.steps.len()))
    }

    /// The stretch from `lo` to `hi`, whose windows begin and end in steps among these.
    fn stretch(&self, lo: i64, hi: i64, begins: (usize, usize), ends: (usize, usize)) -> Stretch {
        let begin = self.steps.step_at(lo, begins.0, begins.1);
        let begin = (begin, self.steps.step_at(hi, begin, begins.1));
        let end = self.steps.step_at(lo + self.window, ends.0, ends.1);
        let end = (end, self.steps.step_at(hi + self.window, end, ends.1));
        let g =
            |ts: i64, begin: usize, end: usize| self.steps.sum_to(ts + self.window, end) - self.steps.sum_to(ts, begin);
        let values = (g(lo, begin.0, end.0), g(hi, begin.1, end.1));
        let bounds = self.bounds(hi - lo, begin, end, values);
        Stretch { lo, hi, begin, end, ends: values, bounds }
    }

    /// Between which G is: see the top of this file.
    fn bounds(&self, ns: i64, begin: (usize, usize), end: (usize, usize), ends: (i128, i128)) -> (i128, i128) {
        let (least_left, most_left) = self.steps.extremes(begin.0, begin.1);
        let (least_right, most_right) = self.steps.extremes(end.0, end.1);
        let (falls, rises) = (i128::from(least_right - most_left), i128::from(most_right - least_left));
        let ns = i128::from(ns);
        let lower = if falls >= 0 {
            ends.0
        } else if rises <= 0 {
            ends.1
        } else {
            ends.0 + (falls * (ends.0 + rises * ns - ends.1)).div_euclid(rises - falls)
        };
        let upper = if rises <= 0 {
            ends.0
        } else if falls >= 0 {
            ends.1
        } else {
            ends.0 + (rises * (ends.1 - ends.0 - falls * ns)).div_euclid(rises - falls) + 1
        };
        let (least, most) = self.steps.extremes(begin.0, end.1);
        let window = i128::from(self.window);
        (lower.max(i128::from(least) * window), upper.min(i128::from(most) * window))
    }

    fn cut(&self, stretch: &Stretch) -> [Stretch; 2] {
        let middle = i64::midpoint(stretch.lo, stretch.hi);
        [
            self.stretch(stretch.lo, middle, stretch.begin, stretch.end),
            self.stretch(middle, stretch.hi, stretch.begin, stretch.end),
        ]
    }

    /// Calls `visit` with every moment of the stretch at which G may bend, its ends included, and G there.
    fn walk(&self, stretch: &Stretch, mut visit: impl FnMut(i64, i128)) {
        let (mut begin, mut end) = (stretch.begin.0, stretch.end.0);
        let (mut ts, mut g) = (stretch.lo, stretch.ends.0);
        loop {
            visit(ts, g);
            if ts == stretch.hi {
                return;
            }
            let (next_begin, next_end) = (self.steps.begin(begin + 1), self.steps.begin(end + 1) - self.window);
            let next = next_begin.min(next_end).min(stretch.hi);
            g += i128::from(self.steps.value(end) - self.steps.value(begin)) * i128::from(next - ts);
            ts = next;
            begin += usize::from(ts == next_begin && begin + 1 < self.steps.len());
            end += usize::from(ts == next_end && end + 1 < self.steps.len());
        }
    }

    /// G of windows that begin evenly spread.
    fn samples(&self, count: i64, found: &mut Vec<(i128, i64)>) {
        let (lo, hi) = self.begins();
        let (mut begin, mut end) = (0, 0);
        for i in 0..count {
            let ts = lo + (i128::from(hi - lo) * i128::from(i) / i128::from(count)) as i64;
            begin = self.steps.step_at(ts, begin, self.steps.len());
            end = self.steps.step_at(ts + self.window, end, self.steps.len());
            let g = self.steps.sum_to(ts + self.window, end) - self.steps.sum_to(ts, begin);
            found.push((g, (hi - lo) / count + 1));
        }
    }
}

impl Stretch {
    fn is_short(&self) -> bool {
        (self.begin.1 - self.begin.0) + (self.end.1 - self.end.0) <= FEW
    }

    fn ns(&self) -> i64 {
        self.hi - self.lo
    }
}

/// A stretch in a heap that gives the one with the lowest bound first.
#[derive(Clone, Copy, Debug)]
struct Lowest(Stretch);

impl Lowest {
    fn order(&self) -> Reverse<(i128, i64)> {
        Reverse((self.0.bounds.0, self.0.lo))
    }
}

impl PartialEq for Lowest {
    fn eq(&self, other: &Self) -> bool {
        self.order() == other.order()
    }
}

impl Eq for Lowest {}

impl PartialOrd for Lowest {
    fn partial_cmp(&self, other: &Self) -> Option<Ordering> {
        Some(self.cmp(other))
    }
}

impl Ord for Lowest {
    fn cmp(&self, other: &Self) -> Ordering {
        self.order().cmp(&other.order())
    }
}

/// Where a quantile is looked for, and what was found there.
struct Search {
    /// The mass that values up to the quantile have.
    wanted: f64,
    /// Between which values it should be.
    least: i128,
    most: i128,
    /// The mass of values below `least`, and that of `least` itself.
    below: i64,
    at_least: i64,
    /// What begins or ends between.
    pieces: Vec<Piece>,
    /// What begins below and ends above: its mass below `least`, and its mass per value.
    partly: f64,
    density: f64,
}

/// For each share, the G that so many of all windows do not exceed, windows of all functions taken together; `None` if
/// they have no more than one begin each.
pub(super) fn quantiles<const N: usize>(all: &[Windows<'_>], shares: [f64; N]) -> Option<[f64; N]> {
    let whole: Vec<Stretch> = all.iter().map(Windows::all).collect();
    let mass: i64 = whole.iter().map(Stretch::ns).sum();
    if mass == 0 {
        return None;
    }
    let mut samples = Vec::new();
    for (windows, stretch) in all.iter().zip(&whole) {
        let count = i128::from(SAMPLES) * i128::from(stretch.ns()) / i128::from(mass);
        windows.samples(count as i64 + 1, &mut samples);
    }
    samples.sort_unstable();
    let lowest = whole.iter().map(|stretch| stretch.bounds.0).min()?;
    let highest = whole.iter().map(|stretch| stretch.bounds.1).max()?;
    let mut found = [None; N];
    let mut doubt = 4.0;
    while found.contains(&None) {
        let search = |share: f64| {
            let rank = share * samples.len() as f64;
            let off = doubt * (rank.sqrt() + 1.0);
            let sample = |rank: f64, beyond| {
                let is_inside = rank >= 0.0 && (rank as usize) < samples.len();
                if is_inside { samples[rank as usize].0 } else { beyond }
            };
            let (least, most) = (sample(rank - off, lowest), sample(rank + off, highest));
            Search {
                wanted: share * mass as f64,
                least,
                most,
                below: 0,
                at_least: 0,
                pieces: Vec::new(),
                partly: 0.0,
                density: 0.0,
            }
        };
        let mut open: Vec<(usize, Search)> =
            (0..N).filter(|&i| found[i].is_none()).map(|i| (i, search(shares[i]))).collect();
        for (windows, stretch) in all.iter().zip(&whole) {
            windows.fill(*stretch, &mut open);
        }
        for (i, search) in open {
            let is_all = search.least <= lowest && search.most >= highest;
            // What is still not found among all was lost in rounding: it is the largest.
            found[i] = search.answer().or_else(|| is_all.then(|| search.largest()));
        }
        doubt *= 8.0;
    }
    Some(found.map(Option::unwrap_or_default))
}

impl Windows<'_> {
    /// Tells each search what is in a stretch.
    fn fill(&self, whole: Stretch, searches: &mut [(usize, Search)]) {
        let mut open = vec![whole];
        while let Some(stretch) = open.pop() {
            if searches.iter().all(|(_, search)| search.is_clear(stretch.bounds)) {
                for (_, search) in &mut *searches {
                    search.add(Piece { ends: stretch.bounds, ns: stretch.ns() });
                }
            } else if stretch.is_short() {
                let mut before: Option<(i64, i128)> = None;
                self.walk(&stretch, |ts, g| {
                    if let Some((from, value)) = before.replace((ts, g)) {
                        let piece = Piece { ends: (value.min(g), value.max(g)), ns: ts - from };
                        for (_, search) in &mut *searches {
                            search.add(piece);
                        }
                    }
                });
            } else {
                open.extend(self.cut(&stretch));
            }
        }
    }
}

impl Search {
    /// Whether values within these bounds are all on the same side of what is looked for, or all at its begin.
    fn is_clear(&self, (low, high): (i128, i128)) -> bool {
        high < self.least || low > self.most || (low == high && low == self.least)
    }

    fn add(&mut self, piece: Piece) {
        let (low, high) = piece.ends;
        if low == high && low == self.least {
            self.at_least += piece.ns;
        } else if high <= self.least {
            self.below += piece.ns;
        } else if low <= self.least && high >= self.most {
            self.partly += piece.below(self.least);
            self.density += piece.ns as f64 / (high - low) as f64;
        } else if low <= self.most {
            self.pieces.push(piece);
        }
    }

    /// The largest value between.
    fn largest(&self) -> f64 {
        self.pieces.iter().map(|piece| piece.ends.1).max().unwrap_or(self.least) as f64
    }

    /// The quantile, if it is where it was looked for.
    fn answer(&self) -> Option<f64> {
        // What partly lies below was not counted as such.
        let partly: f64 = self.pieces.iter().map(|piece| piece.below(self.least)).sum();
        let below = self.below as f64 + partly + self.partly;
        if below >= self.wanted && below > 0.0 {
            return None;
        }
        let up_to = below + self.at_least as f64;
        if up_to >= self.wanted {
            return Some(self.least as f64);
        }
        of_pieces(&self.pieces, (self.least, self.most), self.density, self.wanted - up_to)
    }
}

impl Piece {
    /// For how long it is below a value.
    fn below(&self, value: i128) -> f64 {
        let (low, high) = self.ends;
        if high <= value {
            self.ns as f64
        } else if low >= value {
            0.0
        } else {
            self.ns as f64 * ((value - low) as f64 / (high - low) as f64)
        }
    }
}

/// The least value above `least` up to which linear pieces have a mass from there, over each of which it is spread evenly,
/// beside a mass per value of others that reach from below `least` to above `most`.
fn of_pieces(pieces: &[Piece], (least, most): (i128, i128), others: f64, wanted: f64) -> Option<f64> {
    // Where the mass per value changes by how much, and where mass stands at one value, from `least` on.
    let mut edges: Vec<(f64, f64, f64)> = Vec::with_capacity(2 * pieces.len());
    for &Piece { ends: (low, high), ns } in pieces {
        let (ns, low, high) = (ns as f64, (low - least) as f64, (high - least) as f64);
        if low >= high {
            edges.push((low, 0.0, ns));
        } else {
            let density = ns / (high - low);
            edges.push((low.max(0.0), density, 0.0));
            edges.push((high, -density, 0.0));
        }
    }
    let end = (most - least) as f64;
    edges.push((end, 0.0, 0.0));
    edges.sort_unstable_by(|a, b| a.0.total_cmp(&b.0));
    let (mut at, mut density, mut mass) = (0.0, others, 0.0);
    for (value, change, here) in edges {
        let next = mass + density.max(0.0) * (value - at);
        if next >= wanted && density > 0.0 {
            let found = at + ((wanted - mass) / density).max(0.0);
            return (found <= end).then_some(least as f64 + found);
        }
        if value > end {
            return None;
        }
        mass = next + here;
        if mass >= wanted {
            return Some(least as f64 + value);
        }
        density += change;
        at = value;
    }
    None
}

/// The worst windows, none overlapping another: the least first, then the least of those that are left. Begin and G of
/// each, with the number of its function.
pub(super) fn worst(all: &[Windows<'_>], count: usize) -> Vec<(usize, i64, i128)> {
    let mut found = Vec::new();
    let mut open = BinaryHeap::new();
    for (number, windows) in all.iter().enumerate() {
        let (lo, hi) = windows.begins();
        open.push((Reverse(windows.least(lo, hi)), Reverse(number), Reverse(lo), hi));
    }
    while found.len() < count {
        let Some((Reverse(g), Reverse(number), Reverse(lo), hi)) = open.pop() else { break };
        let windows = &all[number];
        let Some(begin) = windows.earliest(lo, hi, g) else { continue };
        found.push((number, begin, g));
        for (lo, hi) in [(lo, begin - windows.window), (begin + windows.window, hi)] {
            if lo <= hi {
                open.push((Reverse(windows.least(lo, hi)), Reverse(number), Reverse(lo), hi));
            }
        }
    }
    found
}
