//! How much goroutine-time a group spent in each class in any window, exactly.
//!
//! All transitions of a group's members stand in one list by time. Up to time `t`, a class has gathered `t - ts` for
//! every transition into it at `ts` before `t`, and lost `t - ts` for every one out of it. Every 128 transitions the sum
//! and the number of goroutines per class are kept, so that a moment costs a search and at most 128 steps.
//!
//! Times of transitions are offsets from their block's: six bytes each. A block also ends where an offset would not fit.

use crate::zoom::{NO_TIME, Times, boundary, gallop};
use crate::{Class, GoSpans, Group, LaneSpans, parallel};

/// Transitions in a block at most.
const STEP: usize = 128;
/// Stands for "does not exist" in transitions.
const NOTHING: u8 = u8::MAX;

/// The transitions of all members of a group by time. Empty for a group of one, whose lane says it all.
#[derive(Debug, Default)]
pub(crate) struct Population {
    /// When each block begins, ns.
    base: Vec<i64>,
    /// First transition of each block, and one more for the end of the last.
    first: Vec<u32>,
    /// The classes that occur.
    classes: Vec<Class>,
    /// For each block and class, goroutine-time before `base`.
    time: Vec<u64>,
    /// For each block and class, goroutines at `base`. Negative where the block begins amid transitions of one moment,
    /// those out of the class first.
    count: Vec<i32>,
    /// For each transition, ns since its block's base.
    offset: Vec<u32>,
    /// For each transition, the class before and the class after it, or [`NOTHING`].
    change: Vec<(u8, u8)>,
}

/// One transition of one goroutine.
#[derive(Clone, Copy)]
struct Transition {
    ts: i64,
    from: u8,
    to: u8,
}

/// The population of each group.
pub(crate) fn populations(groups: &[Group], spans: &GoSpans) -> Vec<Population> {
    // The first groups are the largest, as a rule: they run the most.
    parallel::each(groups.len(), |group| match *groups[group].members {
        [_] => Population::default(),
        ref members => {
            let lanes: Vec<_> = members.iter().map(|&go| spans.lane(go)).collect();
            Population::new(&lanes)
        }
    })
}

impl Population {
    fn new(lanes: &[LaneSpans<'_>]) -> Self {
        let mut transitions = Vec::with_capacity(lanes.iter().map(|lane| lane.start.len() + 1).sum());
        for lane in lanes {
            let mut from = NOTHING;
            for (&ts, &class) in lane.start.iter().zip(lane.class) {
                if from != class as u8 {
                    transitions.push(Transition { ts, from, to: class as u8 });
                    from = class as u8;
                }
            }
            if from != NOTHING {
                transitions.push(Transition { ts: lane.end, from, to: NOTHING });
            }
        }
        // In place: what happens at one moment has no order here, and fresh memory is what costs most.
        transitions.sort_unstable_by_key(|transition| transition.ts);
        Self::of_transitions(&transitions)
    }

    fn of_transitions(transitions: &[Transition]) -> Self {
        let mut present = [false; Class::COUNT];
        for transition in transitions {
            if transition.to != NOTHING {
                present[transition.to as usize] = true;
            }
        }
        let mut population = Self {
            classes: Class::ALL.into_iter().filter(|&class| present[class as usize]).collect(),
            offset: Vec::with_capacity(transitions.len()),
            change: Vec::with_capacity(transitions.len()),
            ..Self::default()
        };
        let mut time = NO_TIME;
        let mut count = [0i32; Class::COUNT];
        let mut rest = transitions;
        let mut last = transitions.first().map_or(0, |transition| transition.ts);
        while let Some(head) = rest.first() {
            let base = head.ts;
            let fits = |transition: &Transition| u32::try_from(transition.ts.abs_diff(base)).is_ok();
            let len = rest.iter().take(STEP).take_while(|transition| fits(transition)).count();
            let (block, after) = rest.split_at(len);
            rest = after;
            for (time, &count) in time.iter_mut().zip(&count) {
                *time = time.wrapping_add(product(count, base.abs_diff(last)));
            }
            last = base;
            population.push_block(base, &time, &count);
            for transition in block {
                for (time, &count) in time.iter_mut().zip(&count) {
                    *time = time.wrapping_add(product(count, transition.ts.abs_diff(last)));
                }
                last = transition.ts;
                if let Some(count) = count.get_mut(transition.from as usize) {
                    *count -= 1;
                }
                if let Some(count) = count.get_mut(transition.to as usize) {
                    *count += 1;
                }
                population.offset.push(transition.ts.abs_diff(base) as u32);
                population.change.push((transition.from, transition.to));
            }
        }
        population.first.push(population.offset.len() as u32);
        population
    }

    fn push_block(&mut self, base: i64, time: &Times, count: &[i32; Class::COUNT]) {
        self.base.push(base);
        self.first.push(self.offset.len() as u32);
        for &class in &self.classes {
            self.time.push(time[class as usize]);
            self.count.push(count[class as usize]);
        }
    }

    /// Adds the goroutine-time of each class to adjacent cells of `width` ns from `from`.
    pub fn add_cells(&self, from: i64, width: i64, out: &mut [Times]) {
        if self.base.is_empty() {
            return;
        }
        let mut block = 0;
        let mut before = NO_TIME;
        self.until(from, &mut block, &mut before);
        for (i, cell) in out.iter_mut().enumerate() {
            let mut after = NO_TIME;
            self.until(boundary(from, width, i + 1), &mut block, &mut after);
            for ((time, after), before) in cell.iter_mut().zip(&after).zip(&before) {
                *time = time.wrapping_add(after.wrapping_sub(*before));
            }
            before = after;
        }
    }

    /// Goroutine-time of each class until `ts`, modulo 2^64. `block` is a block not after it, and moves on.
    fn until(&self, ts: i64, block: &mut usize, times: &mut Times) {
        let past = gallop(&self.base, *block, ts);
        let Some(at) = past.checked_sub(1) else { return };
        *block = at;
        let since = ts.wrapping_sub(self.base[at]) as u64;
        let n = self.classes.len();
        let sums = self.time[at * n..][..n].iter().zip(&self.count[at * n..][..n]);
        for (&class, (&time, &count)) in self.classes.iter().zip(sums) {
            times[class as usize] = time.wrapping_add(product(count, since));
        }
        let rows = self.first[at] as usize..self.first[at + 1] as usize;
        for (&offset, &(from, to)) in self.offset[rows.clone()].iter().zip(&self.change[rows]) {
            let offset = u64::from(offset);
            if offset >= since {
                break;
            }
            if let Some(time) = times.get_mut(from as usize) {
                *time = time.wrapping_sub(since - offset);
            }
            if let Some(time) = times.get_mut(to as usize) {
                *time = time.wrapping_add(since - offset);
            }
        }
    }
}

/// Goroutine-time, modulo 2^64.
fn product(count: i32, time: u64) -> u64 {
    (i64::from(count) as u64).wrapping_mul(time)
}

#[cfg(test)]
mod tests;
