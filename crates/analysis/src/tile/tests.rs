//! Tiles against a plain recomputation, span by span, on random traces; and whatever parameters there are.

use super::*;
use crate::fixtures::{self, Random, lanes};
use crate::{intervals, states};
use goroscope_model::{GoIdx, GroupIdx, ProcIdx, TaskIdx, TaskTypeIdx, ThreadIdx};

/// All spans of a lane, of all members where it stands for many, and how many of them lived at once.
fn spans(trace: &Trace, lane: Lane) -> (Vec<(i64, i64, Class)>, u32) {
    let of_goroutines = |members: &[GoIdx]| members.iter().flat_map(|&go| spans(trace, Lane::Go(go)).0).collect();
    match lane {
        Lane::Go(_) | Lane::Proc(_) | Lane::Thread(_) => {
            let spans = states::of(trace, lane).unwrap();
            let all = spans.iter();
            (all.collect(), 1)
        }
        Lane::Group(group) => {
            let group = &trace.groups()[group.index()];
            (of_goroutines(&group.members), group.peak)
        }
        Lane::All => {
            let members: Vec<GoIdx> = (0..trace.goroutines().len() as u32).map(GoIdx).collect();
            (of_goroutines(&members), crate::overview::peak(trace))
        }
        Lane::TaskType(kind) => {
            let kind = &trace.task_types()[kind.index()];
            (kind.members.iter().flat_map(|&task| spans(trace, Lane::Task(task)).0).collect(), kind.peak)
        }
        Lane::Counter(_) => panic!("a curve has no spans"),
        Lane::Gc
        | Lane::Stw
        | Lane::Task(_)
        | Lane::Regions(..)
        | Lane::GoRanges(_)
        | Lane::ProcRanges(_)
        | Lane::ProcOff(_)
        | Lane::ThreadOff(_) => {
            let all = intervals::collect(trace, lane, i64::MIN, i64::MAX, usize::MAX);
            (all.iter().map(|interval| (interval.start, interval.end, interval.class)).collect(), 1)
        }
    }
}

#[track_caller]
fn check_strip(lane: Lane, (spans, peak): &(Vec<(i64, i64, Class)>, u32), level: u8, x: i64, strip: &StripTile) {
    let width = 1_i64 << level;
    for cell in 0..CELLS {
        let from = (x * CELLS as i64 + cell as i64) * width;
        let mut time = [0; Class::COUNT];
        for &(start, end, class) in spans {
            time[class as usize] += (end.min(from + width) - start.max(from)).max(0);
        }
        let exact = |ns: i64| ns as f64 * 255.0 / (width as f64 * f64::from(*peak));
        // Those that are raised to 1 are taken from the largest.
        let raised = time.iter().filter(|&&ns| ns > 0 && exact(ns) < 1.0).count();
        let mut sum = 0;
        for (class, &ns) in time.iter().enumerate() {
            let drawn_shares = strip.classes.iter().find(|(drawn, _)| *drawn as usize == class);
            let share = drawn_shares.map_or(0, |(_, shares)| shares[cell]);
            let place = format!("{lane} level {level} tile {x} cell {cell} class {class}: {share} for {ns} ns");
            assert_eq!(share > 0, ns > 0, "{place}");
            let exact = exact(ns);
            assert!((f64::from(share) - exact).abs() <= 1.0 + raised as f64, "{place}, not {exact}");
            sum += u32::from(share);
        }
        assert!(sum <= 255, "{lane} level {level} tile {x} cell {cell}: {sum}");
    }
}

#[track_caller]
fn check_exact(trace: &Trace, lane: Lane, all: &[(i64, i64, Class)], (from, to): (i64, i64), exact: &ExactTile) {
    let touches = |&&(start, end, _): &&(i64, i64, Class)| start < to && (end > from || start >= from);
    let wanted: Vec<_> = all.iter().filter(touches).copied().collect();
    let drawn: Vec<_> = exact.spans.iter().map(|span| (span.start, span.end, span.class)).collect();
    assert_eq!(drawn, wanted, "{lane} [{from}, {to})");
    for span in &exact.spans {
        let details = crate::span_row(trace, lane, span.row).unwrap();
        assert_eq!((details.start, details.end, details.class), (span.start, span.end, span.class), "{lane}");
    }
}

#[track_caller]
fn check(trace: &Trace) {
    let mut forms = [0; 3];
    for lane in lanes(trace).into_iter().filter(|lane| !matches!(lane, Lane::Counter(_))) {
        let all = spans(trace, lane);
        for level in [2, 9, 12, 14, 17, 20, 30, 62] {
            let tiles = (trace.end() >> level) / CELLS as i64;
            for x in [-1, 0, tiles / 2, tiles, tiles + 1] {
                let from = ((i128::from(x) * CELLS as i128) << level).clamp(i64::MIN.into(), i64::MAX.into()) as i64;
                let to = from.saturating_add((CELLS as i64).saturating_mul(1 << level)).min(trace.end() + 1);
                match tile(trace, lane, level, x) {
                    Tile::Empty => {
                        forms[0] += 1;
                        assert!(
                            all.0.iter().all(|&(start, end, _)| start >= to || (end <= from && start < from)),
                            "{lane} level {level} tile {x} is empty"
                        );
                    }
                    Tile::Steps(_) | Tile::Band(_) => panic!("{lane} is no curve"),
                    Tile::Exact(exact) => {
                        forms[1] += 1;
                        check_exact(trace, lane, &all.0, (from, to), &exact);
                    }
                    Tile::Strip(strip) => {
                        forms[2] += 1;
                        if level < 40 {
                            check_strip(lane, &all, level, x, &strip);
                        }
                    }
                }
            }
        }
    }
    assert!(forms.iter().all(|&count| count > 10), "{forms:?}");
}

#[test]
fn tiles_show_what_a_plain_recomputation_shows() {
    check(&fixtures::random(1, 4, 12, 9_000));
    check(&fixtures::random(2, 1, 2, 4_000));
    check(&fixtures::random(3, 8, 200, 12_000));
}

#[test]
fn the_strip_of_a_group_of_one_is_that_of_its_goroutine() {
    let trace = fixtures::random(4, 2, 2, 6_000);
    let group = trace.groups().iter().position(|group| group.members.len() == 1).unwrap();
    let go = trace.groups()[group].members[0];
    let level = 30;
    let of_group = tile(&trace, Lane::Group(GroupIdx(group as u32)), level, 0);
    assert!(matches!(of_group, Tile::Strip(_)));
    assert_eq!(of_group, tile(&trace, Lane::Go(go), level, 0));
}

#[test]
fn no_parameter_is_too_strange() {
    let trace = fixtures::random(5, 2, 20, 1_000);
    let mut lanes = lanes(&trace);
    let none = u32::MAX;
    lanes.extend([
        Lane::Go(GoIdx(none)),
        Lane::Proc(ProcIdx(none)),
        Lane::Thread(ThreadIdx(none)),
        Lane::Group(GroupIdx(none)),
        Lane::Task(TaskIdx(none)),
        Lane::TaskType(TaskTypeIdx(none)),
        Lane::Regions(GoIdx(0), u16::MAX),
        Lane::Regions(GoIdx(none), 0),
        Lane::GoRanges(GoIdx(none)),
        Lane::ProcRanges(ProcIdx(none)),
    ]);
    let mut random = Random::new(6);
    for &lane in &lanes {
        for level in (0..=MAX_LEVEL).step_by(6).chain([MAX_LEVEL, 63, 64, 255]) {
            let somewhere = random.below(usize::MAX) as i64;
            for x in [i64::MIN, i64::MIN + 1, -somewhere, -1, 0, 1, somewhere, i64::MAX] {
                let tile = tile(&trace, lane, level, x);
                if !lane.exists(&trace) || level > MAX_LEVEL || x.unsigned_abs() > 1 << 50 {
                    assert_eq!(tile, Tile::Empty, "{lane} level {level} tile {x}");
                }
            }
        }
        for ts in [i64::MIN, -1, 0, 1, trace.end(), trace.end() + 1, i64::MAX] {
            let span = crate::span_at(&trace, lane, ts);
            assert!(span.is_none() || (trace.start()..=trace.end()).contains(&ts), "{lane} at {ts}");
        }
        for row in [0, 1, none - 1, none] {
            crate::span_row(&trace, lane, row);
        }
        for (from, to) in [(i64::MIN, i64::MAX), (i64::MAX, i64::MIN), (0, 0), (5, 4), (trace.end(), i64::MAX)] {
            crate::select(&trace, from, to, &[lane]);
        }
        for (offset, limit) in [(0, 0), (usize::MAX, usize::MAX), (1, usize::MAX)] {
            for sort in [crate::Sort::Id, crate::Sort::Start, crate::Sort::Running, crate::Sort::Duration] {
                crate::members(&trace, lane, offset, limit, sort);
                crate::locate(&trace, lane, sort);
            }
        }
    }
    for cells in [0, 1, usize::MAX] {
        crate::overview(&trace, cells);
    }
}
