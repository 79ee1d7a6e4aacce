//! The tables that are searched: which of their rows match, and what such a row is as a hit.

use super::matching::Matches;
use super::{Hit, HitKind};
use crate::curves::{self, CurveIdx};
use crate::top::Smallest;
use crate::{Lane, Words, intervals, names, states};
use goroscope_model::{Class, GoIdx, GroupIdx, StackIdx, TaskIdx, Trace};

/// The matches in one table.
pub(super) struct Found {
    /// All of them.
    pub(super) count: u64,
    /// The rows of the earliest.
    pub(super) rows: Vec<u32>,
}

/// The matches of a kind: how many, and the rows of the `wanted` earliest.
pub(super) fn find(trace: &Trace, kind: HitKind, matches: &Matches, wanted: usize) -> Found {
    match kind {
        HitKind::Goroutine => {
            let of = trace.goroutines().iter().map(|go| matches.go_id == Some(go.id.0) || matches.string(go.label));
            keep(of, wanted, |row| go_life(trace, GoIdx(row)).0)
        }
        HitKind::Function => keep(trace.groups().iter().map(|group| matches.string(group.function)), wanted, i64::from),
        HitKind::Counter => keep(curves::all(trace).map(|(_, curve)| matches.text(curve.name())), wanted, i64::from),
        HitKind::Task => keep(trace.tasks().iter().map(|task| matches.string(task.name)), wanted, |row| {
            intervals::task(trace, TaskIdx(row)).start
        }),
        HitKind::Region => keep(trace.regions().iter().map(|region| matches.string(region.name)), wanted, |row| {
            intervals::region(trace, row).start
        }),
        HitKind::Log => {
            let of = trace.logs().iter().map(|log| matches.string(log.message) || matches.string(log.category));
            keep(of, wanted, |row| trace.logs().at(row as usize).ts)
        }
        HitKind::Frame => {
            let mut count = 0;
            let mut earliest = Smallest::new(wanted);
            trace.go_spans().with_stack(
                |stack| matches.stack(stack),
                |row, start| {
                    count += 1;
                    if wanted > 0 {
                        earliest.push((start, row));
                    }
                },
            );
            Found { count, rows: earliest.into_sorted().into_iter().map(|(_, row)| row).collect() }
        }
    }
}

/// Counts the rows that match and keeps the earliest.
fn keep(rows: impl Iterator<Item = bool>, wanted: usize, time: impl Fn(u32) -> i64) -> Found {
    let mut count = 0;
    let mut earliest = Smallest::new(wanted);
    for (row, _) in (0..).zip(rows).filter(|(_, is_match)| *is_match) {
        count += 1;
        if wanted > 0 {
            earliest.push((time(row), row));
        }
    }
    Found { count, rows: earliest.into_sorted().into_iter().map(|(_, row)| row).collect() }
}

/// A row that matches as a hit.
pub(super) fn hit(trace: &Trace, kind: HitKind, matches: &Matches, row: u32) -> Hit {
    let text = |string| trace.symbols().string(string).to_owned();
    match kind {
        HitKind::Goroutine => {
            let go = GoIdx(row);
            let (start, end) = go_life(trace, go);
            let (label, detail) = (names::go_short(trace, go), names::function(trace, go).to_owned());
            Hit { kind, label, detail, lane: Lane::Go(go), start, end, class: Class::Running }
        }
        HitKind::Function => {
            let members = &trace.groups()[row as usize].members;
            let lives = || members.iter().map(|&go| go_life(trace, go));
            Hit {
                kind,
                label: names::group(trace, GroupIdx(row)),
                detail: match members.len() {
                    1 => format!("1 {}", Words::of(trace).goroutine),
                    count => format!("{count} {}", Words::of(trace).goroutines),
                },
                lane: Lane::Group(GroupIdx(row)),
                start: lives().map(|(start, _)| start).min().unwrap_or_else(|| trace.start()),
                end: lives().map(|(_, end)| end).max().unwrap_or_else(|| trace.end()),
                class: Class::Running,
            }
        }
        HitKind::Counter => {
            let lane = Lane::Counter(CurveIdx(row));
            let (label, detail) = (lane.label(trace), String::new());
            Hit { kind, label, detail, lane, start: trace.start(), end: trace.end(), class: Class::Counter }
        }
        HitKind::Task => {
            let task = TaskIdx(row);
            let interval = intervals::task(trace, task);
            Hit {
                kind,
                label: names::task(trace, task),
                detail: names::go(trace, trace.tasks()[row as usize].go),
                lane: Lane::Task(task),
                start: interval.start,
                end: interval.end,
                class: Class::Task,
            }
        }
        HitKind::Region => {
            let region = trace.regions().at(row as usize);
            let interval = intervals::region(trace, row);
            Hit {
                kind,
                label: text(region.name),
                detail: names::go(trace, region.go),
                lane: Lane::Regions(region.go, region.depth),
                start: interval.start,
                end: interval.end,
                class: Class::Region,
            }
        }
        HitKind::Log => {
            let log = trace.logs().at(row as usize);
            let lane = match (log.go.get(), log.task.get()) {
                (Some(go), _) => Lane::Go(go),
                (None, Some(task)) => Lane::Task(task),
                (None, None) => Lane::All,
            };
            let (label, detail) = (text(log.message), text(log.category));
            Hit { kind, label, detail, lane, start: log.ts, end: log.ts, class: Class::Unknown }
        }
        HitKind::Frame => frame(trace, matches, row),
    }
}

/// A span as a hit: the first function of its stack that matches, and whose span it is.
fn frame(trace: &Trace, matches: &Matches, row: u32) -> Hit {
    let go = trace.go_spans().lane_of(row);
    let spans = trace.go_lane(go);
    let i = (row - spans.first_row) as usize;
    let class = spans.class(i);
    let state = crate::tile::state_label(trace, Lane::Go(go), i, class).text(trace);
    Hit {
        kind: HitKind::Frame,
        label: matching_function(trace, matches, trace.go_spans().get(go, i).stack),
        detail: format!("{}, {state}", names::go(trace, go)),
        lane: Lane::Go(go),
        start: spans.start(i),
        end: spans.end_of(i),
        class,
    }
}

fn matching_function(trace: &Trace, matches: &Matches, stack: StackIdx) -> String {
    let symbols = trace.symbols();
    let functions = symbols.stack(stack).iter().map(|&frame| symbols.frame(frame).function);
    let first = functions.into_iter().find(|&function| matches.string(function));
    first.map_or_else(String::new, |function| symbols.string(function).to_owned())
}

fn go_life(trace: &Trace, go: GoIdx) -> (i64, i64) {
    states::of(trace, Lane::Go(go)).and_then(|spans| states::life(&spans)).unwrap_or((trace.start(), trace.end()))
}
