//! How the rows of each table are kept as numbers.
//!
//! A time that may be missing is kept as two: whether it is known, and the time. An end is kept as the time since the
//! begin. Row numbers are kept plus one, so that "none" is 0.

use goroscope_reader::{EventType, GoId, ProcId, StackIdx, StringIdx, TaskId, ThreadId};

use crate::table::{MAX_COLUMNS, Numbers, Row};
use crate::{
    Class, Experimental, GoIdx, Goroutine, GroupIdx, Label, Log, Point, Proc, ProcIdx, Range, RangeScope, Region,
    Sample, Task, TaskIdx, TaskTypeIdx, Thread, ThreadIdx, UnknownEvent,
};

/// The numbers of a row: those given, and zeros.
fn numbers<const N: usize>(given: [u64; N]) -> Numbers {
    let mut numbers = [0; MAX_COLUMNS];
    numbers[..N].copy_from_slice(&given);
    numbers
}

/// A row number that may be none.
pub(crate) fn row(number: u32) -> u64 {
    u64::from(number.wrapping_add(1))
}

/// The row number of that.
pub(crate) fn row_of(number: u64) -> u32 {
    (number as u32).wrapping_sub(1)
}

/// The proc with that number before procs were sorted.
fn proc_of(number: u64, procs: &[ProcIdx]) -> ProcIdx {
    procs.get(row_of(number) as usize).copied().unwrap_or(ProcIdx::NONE)
}

/// The class with this number.
pub(crate) fn class_of(number: u64) -> Class {
    usize::try_from(number).ok().and_then(|number| Class::ALL.get(number)).copied().unwrap_or(Class::Unknown)
}

/// Begin and end: an anchor, which of both are known, and the time between them.
fn times(start: Option<i64>, end: Option<i64>) -> [u64; 3] {
    let known = u64::from(start.is_some()) | u64::from(end.is_some()) << 1;
    let anchor = start.or(end).unwrap_or(0);
    let dur = start.zip(end).map_or(0, |(start, end)| end.wrapping_sub(start) as u64);
    [anchor as u64, known, dur]
}

fn times_of([anchor, known, dur]: [u64; 3]) -> (Option<i64>, Option<i64>) {
    let anchor = anchor as i64;
    let end = if known & 1 != 0 { anchor.wrapping_add(dur as i64) } else { anchor };
    ((known & 1 != 0).then_some(anchor), (known & 2 != 0).then_some(end))
}

impl Row for Range {
    const COLUMNS: usize = 12;

    fn numbers(&self) -> Numbers {
        let [anchor, known, dur] = times(self.start, self.end);
        let (kind, of) = match self.scope {
            RangeScope::Global => (0, 0),
            RangeScope::Go(go) => (1, row(go.0)),
            RangeScope::Proc(proc) => (2, row(proc.0)),
        };
        let (swept, reclaimed) = self.sweep.unwrap_or_default();
        let has_sweep = u64::from(self.sweep.is_some());
        let (name, class, go, stack) = (self.name.0.into(), self.class as u64, row(self.go.0), self.stack.0.into());
        numbers([anchor, known, dur, kind, of, name, class, go, stack, has_sweep, swept, reclaimed])
    }

    fn of(
        &[anchor, known, dur, kind, of, name, class, go, stack, has_sweep, swept, reclaimed]: &Numbers,
        procs: &[ProcIdx],
    ) -> Self {
        let (start, end) = times_of([anchor, known, dur]);
        Self {
            scope: match kind {
                1 => RangeScope::Go(GoIdx(row_of(of))),
                2 => RangeScope::Proc(proc_of(of, procs)),
                _ => RangeScope::Global,
            },
            name: StringIdx(name as u32),
            class: class_of(class),
            start,
            end,
            go: GoIdx(row_of(go)),
            stack: StackIdx(stack as u32),
            sweep: (has_sweep != 0).then_some((swept, reclaimed)),
        }
    }
}

impl Row for Region {
    const COLUMNS: usize = 9;

    fn numbers(&self) -> Numbers {
        let [anchor, known, dur] = times(self.start, self.end);
        numbers([
            anchor,
            known,
            dur,
            row(self.go.0),
            row(self.task.0),
            self.name.0.into(),
            self.depth.into(),
            self.stack.0.into(),
            self.end_stack.0.into(),
        ])
    }

    fn of(&[anchor, known, dur, go, task, name, depth, stack, end_stack, ..]: &Numbers, _: &[ProcIdx]) -> Self {
        let (start, end) = times_of([anchor, known, dur]);
        Self {
            go: GoIdx(row_of(go)),
            task: TaskIdx(row_of(task)),
            name: StringIdx(name as u32),
            depth: depth as u16,
            start,
            end,
            stack: StackIdx(stack as u32),
            end_stack: StackIdx(end_stack as u32),
        }
    }
}

impl Row for Log {
    const COLUMNS: usize = 6;

    fn numbers(&self) -> Numbers {
        numbers([
            self.ts as u64,
            row(self.go.0),
            row(self.task.0),
            self.category.0.into(),
            self.message.0.into(),
            self.stack.0.into(),
        ])
    }

    fn of(&[ts, go, task, category, message, stack, ..]: &Numbers, _: &[ProcIdx]) -> Self {
        Self {
            ts: ts as i64,
            go: GoIdx(row_of(go)),
            task: TaskIdx(row_of(task)),
            category: StringIdx(category as u32),
            message: StringIdx(message as u32),
            stack: StackIdx(stack as u32),
        }
    }
}

impl Row for Sample {
    const COLUMNS: usize = 5;

    fn numbers(&self) -> Numbers {
        let Self { ts, go, proc, thread, stack } = *self;
        numbers([ts as u64, row(go.0), row(proc.0), row(thread.0), stack.0.into()])
    }

    fn of(&[ts, go, proc, thread, stack, ..]: &Numbers, procs: &[ProcIdx]) -> Self {
        Self {
            ts: ts as i64,
            go: GoIdx(row_of(go)),
            proc: proc_of(proc, procs),
            thread: ThreadIdx(row_of(thread)),
            stack: StackIdx(stack as u32),
        }
    }
}

impl Row for Label {
    const COLUMNS: usize = 3;

    fn numbers(&self) -> Numbers {
        numbers([self.ts as u64, row(self.go.0), self.label.0.into()])
    }

    fn of(&[ts, go, label, ..]: &Numbers, _: &[ProcIdx]) -> Self {
        Self { ts: ts as i64, go: GoIdx(row_of(go)), label: StringIdx(label as u32) }
    }
}

impl Row for Experimental {
    const COLUMNS: usize = 6;

    fn numbers(&self) -> Numbers {
        let [a, b, c] = self.args;
        numbers([self.ts as u64, row(self.thread.0), self.event.byte().into(), a, b, c])
    }

    fn of(&[ts, thread, event, a, b, c, ..]: &Numbers, _: &[ProcIdx]) -> Self {
        Self {
            ts: ts as i64,
            thread: ThreadIdx(row_of(thread)),
            // Every number that is written is one of an event.
            event: EventType::from_byte(event as u8).unwrap_or(EventType::EventBatch),
            args: [a, b, c],
        }
    }
}

impl Row for UnknownEvent {
    const COLUMNS: usize = 9;

    fn numbers(&self) -> Numbers {
        let mut all = numbers([self.ts as u64, row(self.thread.0), self.number.into(), self.count.into()]);
        all[4..9].copy_from_slice(&self.args);
        all
    }

    fn of(all: &Numbers, _: &[ProcIdx]) -> Self {
        let [ts, thread, number, count, args @ ..] = all;
        let thread = ThreadIdx(row_of(*thread));
        let args = std::array::from_fn(|i| args[i]);
        Self { ts: *ts as i64, thread, number: *number as u8, count: *count as u8, args }
    }
}

impl Row for Point {
    const COLUMNS: usize = 2;

    fn numbers(&self) -> Numbers {
        numbers([self.ts as u64, self.value])
    }

    fn of(&[ts, value, ..]: &Numbers, _: &[ProcIdx]) -> Self {
        Self { ts: ts as i64, value }
    }
}

impl Row for Task {
    const COLUMNS: usize = 12;

    fn numbers(&self) -> Numbers {
        let [anchor, known, dur] = times(self.start, self.end);
        numbers([
            anchor,
            known,
            dur,
            self.id.0,
            self.name.0.into(),
            row(self.kind.0),
            row(self.parent.0),
            self.depth.into(),
            row(self.go.0),
            self.stack.0.into(),
            row(self.end_go.0),
            self.end_stack.0.into(),
        ])
    }

    fn of(
        &[anchor, known, dur, id, name, kind, parent, depth, go, stack, end_go, end_stack]: &Numbers,
        _: &[ProcIdx],
    ) -> Self {
        let (start, end) = times_of([anchor, known, dur]);
        Self {
            id: TaskId(id),
            name: StringIdx(name as u32),
            kind: TaskTypeIdx(row_of(kind)),
            parent: TaskIdx(row_of(parent)),
            depth: depth as u16,
            start,
            end,
            go: GoIdx(row_of(go)),
            stack: StackIdx(stack as u32),
            end_go: GoIdx(row_of(end_go)),
            end_stack: StackIdx(end_stack as u32),
        }
    }
}

impl Row for Goroutine {
    const COLUMNS: usize = 11;

    fn numbers(&self) -> Numbers {
        let [anchor, known, dur] = times(self.created, self.ended);
        numbers([
            anchor,
            known,
            dur,
            self.id.0,
            self.function.0.into(),
            row(self.group.0),
            row(self.creator.0),
            self.creation_stack.0.into(),
            self.label.0.into(),
            self.region_depth.into(),
            self.has_ranges.into(),
        ])
    }

    fn of(
        &[anchor, known, dur, id, function, group, creator, creation_stack, label, region_depth, has_ranges, ..]: &Numbers,
        _: &[ProcIdx],
    ) -> Self {
        let (created, ended) = times_of([anchor, known, dur]);
        Self {
            id: GoId(id),
            function: StringIdx(function as u32),
            group: GroupIdx(row_of(group)),
            created,
            ended,
            creator: GoIdx(row_of(creator)),
            creation_stack: StackIdx(creation_stack as u32),
            label: StringIdx(label as u32),
            region_depth: region_depth as u16,
            has_ranges: has_ranges != 0,
        }
    }
}

impl Row for Proc {
    const COLUMNS: usize = 2;

    fn numbers(&self) -> Numbers {
        numbers([self.id.0, self.has_ranges.into()])
    }

    fn of(&[id, has_ranges, ..]: &Numbers, _: &[ProcIdx]) -> Self {
        Self { id: ProcId(id), has_ranges: has_ranges != 0 }
    }
}

impl Row for Thread {
    const COLUMNS: usize = 1;

    fn numbers(&self) -> Numbers {
        numbers([self.id.0])
    }

    fn of(&[id, ..]: &Numbers, _: &[ProcIdx]) -> Self {
        Self { id: ThreadId(id) }
    }
}
