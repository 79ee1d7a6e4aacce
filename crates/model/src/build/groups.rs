//! Goroutines with the same start function.

use rustc_hash::FxHashMap;

use super::peak::most_at_once;
use crate::{Class, GoIdx, GoSpans, Goroutine, Group, GroupIdx, StringIdx, Symbols};

/// Groups, the one with most running time first; tells each goroutine its group.
pub(crate) fn groups(goroutines: &mut [Goroutine], spans: &GoSpans, symbols: &Symbols) -> Vec<Group> {
    let mut groups: Vec<(u128, Group)> = Vec::new();
    let mut by_function: FxHashMap<StringIdx, usize> = FxHashMap::default();
    for (i, goroutine) in goroutines.iter().enumerate() {
        let function = goroutine.function;
        let at = *by_function.entry(function).or_insert_with(|| {
            let group = Group { function, members: Vec::new(), peak: 0, region_depth: 0, has_ranges: false };
            groups.push((0, group));
            groups.len() - 1
        });
        let (running, group) = &mut groups[at];
        *running += running_time(spans, i);
        group.members.push(GoIdx(i as u32));
        group.region_depth = group.region_depth.max(goroutine.region_depth);
        group.has_ranges |= goroutine.has_ranges;
    }
    groups.sort_by(|(a_time, a), (b_time, b)| {
        b_time.cmp(a_time).then_with(|| symbols.string(a.function).cmp(symbols.string(b.function)))
    });
    let mut groups: Vec<Group> = groups.into_iter().map(|(_, group)| group).collect();
    for (i, group) in groups.iter_mut().enumerate() {
        for member in &group.members {
            goroutines[member.index()].group = GroupIdx(i as u32);
        }
        let life = |member: &GoIdx| {
            let first = spans.lanes.first[member.index()] as usize;
            (spans.start[first], spans.lanes.end[member.index()])
        };
        group.peak = most_at_once(group.members.iter().map(life));
    }
    groups
}

fn running_time(spans: &GoSpans, go: usize) -> u128 {
    let rows = spans.lanes.first[go] as usize..spans.lanes.first[go + 1] as usize;
    let ends = spans.start[rows.clone()].iter().skip(1).chain([&spans.lanes.end[go]]);
    let starts = spans.start[rows.clone()].iter();
    let classes = spans.class[rows].iter();
    let times = starts.zip(ends).zip(classes).filter(|(_, class)| **class == Class::Running);
    times.map(|((start, end), _)| u128::from(end.abs_diff(*start))).sum()
}
