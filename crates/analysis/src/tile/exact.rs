//! Tiles that hold few spans: all of them, as they are.

use super::window::Window;
use super::{EXACT_LIMIT, ExactTile, TileLabel, TileSpan, marks};
use crate::lane::Resource;
use crate::{ClassKind, Lane, classes, intervals, states};
use goroscope_model::{Class, Trace};
use std::ops::ControlFlow;

/// The spans and marks that touch the window, or `None` if they are too many for an exact tile.
pub(super) fn build(trace: &Trace, lane: Lane, window: &Window) -> Option<ExactTile> {
    let spans = spans(trace, lane, window.from, window.to)?;
    let mut found = Vec::new();
    marks::visit(trace, lane, window.from, window.to, &mut |mark| {
        found.push(mark);
        if found.len() > EXACT_LIMIT { ControlFlow::Break(()) } else { ControlFlow::Continue(()) }
    });
    if found.len() > EXACT_LIMIT {
        return None;
    }
    found.sort_by_key(|mark| mark.ts);
    Some(ExactTile { spans, marks: found })
}

fn spans(trace: &Trace, lane: Lane, from: i64, to: i64) -> Option<Vec<TileSpan>> {
    if intervals::has(lane) {
        let found = intervals::collect(trace, lane, from, to, EXACT_LIMIT + 1);
        if found.len() > EXACT_LIMIT {
            return None;
        }
        let span = |i: &intervals::Interval| TileSpan {
            start: i.start,
            end: i.end,
            label: i.label,
            row: i.row,
            class: i.class,
        };
        return Some(found.iter().map(span).collect());
    }
    let Some(spans) = states::of(trace, lane) else { return Some(Vec::new()) };
    let touching = states::touching(&spans, from, to);
    if touching.len() > EXACT_LIMIT {
        return None;
    }
    let span = |(i, (start, end, class)): (usize, (i64, i64, Class))| TileSpan {
        start,
        end,
        label: state_label(trace, lane, i, class),
        row: spans.first_row + i as u32,
        class,
    };
    Some(touching.clone().zip(spans.iter_from(touching.start)).map(span).collect())
}

/// What is written on span `i` of a goroutine, proc or thread.
pub(crate) fn state_label(trace: &Trace, lane: Lane, i: usize, class: Class) -> TileLabel {
    let go = match lane.resource() {
        Some(Resource::Go(go)) => {
            return match classes::kind(class) {
                ClassKind::Wait => TileLabel::Reason(trace.go_spans().get(go, i).reason),
                ClassKind::Run
                | ClassKind::Ready
                | ClassKind::Syscall
                | ClassKind::Idle
                | ClassKind::Range
                | ClassKind::User
                | ClassKind::Off
                | ClassKind::Value
                | ClassKind::Unknown => TileLabel::State(class),
            };
        }
        Some(Resource::Proc(proc)) => trace.proc_span(proc, i).go,
        Some(Resource::Thread(thread)) => trace.thread_span(thread, i).go,
        None => return TileLabel::None,
    };
    go.get().map_or(TileLabel::None, TileLabel::Go)
}
