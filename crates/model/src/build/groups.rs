//! Goroutines with the same start function.

use rustc_hash::FxHashMap;

use super::peak::most_at_once;
use crate::lanes::LaneTable;
use crate::zoom::{self, ZoomIndex};
use crate::{Class, GoIdx, Goroutine, Group, GroupIdx, StringIdx, Symbols};

/// Groups, the one with most running time first; tells each goroutine its group.
pub(crate) fn groups(
    goroutines: &mut [Goroutine],
    spans: &LaneTable,
    zoom: &ZoomIndex,
    symbols: &Symbols,
) -> Vec<Group> {
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
        let go = i as u32;
        let time = zoom::time(spans.lane(go), zoom.lane(go), i64::MIN, i64::MAX);
        *running += u128::from(time[Class::Running as usize]);
        group.members.push(GoIdx(go));
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
            let lane = spans.lane(member.0);
            (lane.start(0), lane.end)
        };
        group.peak = most_at_once(group.members.iter().map(life));
    }
    groups
}
