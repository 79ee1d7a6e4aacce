//! One record of a listing.

use goroscope_wire::text::{push_number, push_quoted};

use super::stacks::StackTexts;
use super::wall::push_wall;
use crate::{ClockSnapshot, Event, EventKind, GoState, Metric, ProcState, Scope, StackIdx, StringIdx, Symbols, TaskId};

/// What a record needs besides its event.
pub struct Around<'s> {
    pub symbols: &'s Symbols,
    /// When it happened, as it is printed.
    pub time: i64,
    /// What times are counted from.
    pub zero: i64,
    /// The clocks of the generation that begins here.
    pub clock: Option<ClockSnapshot>,
    /// Seconds east of UTC at a second since 1970.
    pub zone: &'s dyn Fn(i64) -> i32,
}

/// Appends a record without the end of its last line.
pub fn push_record(out: &mut Vec<u8>, event: &Event, around: &Around<'_>, stacks: &mut StackTexts) {
    field(out, "M=", event.thread.0.cast_signed());
    field(out, " P=", event.proc.0.cast_signed());
    field(out, " G=", event.go.0.cast_signed());
    out.push(b' ');
    push(out, name(event.kind));
    field(out, " Time=", around.time);
    let own = push_kind(out, event.kind, around);
    if let Some(stack) = own {
        push_stack(out, "TransitionStack=", stack, around, stacks);
    }
    if event.stack != StackIdx(0) || event.kind == EventKind::Sample {
        push_stack(out, "Stack=", event.stack, around, stacks);
    }
}

/// Appends what the kind of event has; gives the stack of a transition.
fn push_kind(out: &mut Vec<u8>, kind: EventKind, around: &Around<'_>) -> Option<StackIdx> {
    let quoted = |out: &mut Vec<u8>, title: &str, row: StringIdx| {
        push(out, title);
        push_quoted(out, around.symbols.bytes(row));
    };
    match kind {
        EventKind::Sync { sync } => push_sync(out, sync, around),
        EventKind::Lost | EventKind::AnotherTrace | EventKind::Sample => {}
        EventKind::Metric { metric, value } => {
            push(
                out,
                match metric {
                    Metric::Gomaxprocs => " Name=\"/sched/gomaxprocs:threads\" Value=",
                    Metric::HeapLive => " Name=\"/memory/classes/heap/objects:bytes\" Value=",
                    Metric::HeapGoal => " Name=\"/gc/heap/goal:bytes\" Value=",
                },
            );
            push_value(out, value);
        }
        EventKind::Label { go, label } => {
            quoted(out, " Label=", label);
            push_scope(out, " Resource=", Scope::Go(go));
        }
        EventKind::RangeBegin { scope, name } | EventKind::RangeActive { scope, name } => {
            quoted(out, " Name=", name);
            push_scope(out, " Scope=", scope);
        }
        EventKind::RangeEnd { scope, name, sweep } => {
            quoted(out, " Name=", name);
            push_scope(out, " Scope=", scope);
            push(out, " Attributes=[");
            if let Some((swept, reclaimed)) = sweep {
                push(out, "\"bytes swept\"=");
                push_value(out, swept);
                push(out, " \"bytes reclaimed\"=");
                push_value(out, reclaimed);
            }
            out.push(b']');
        }
        EventKind::TaskBegin { task, parent, name } | EventKind::TaskEnd { task, parent, name } => {
            number(out, " ID=", task.0);
            number(out, " Parent=", parent.0);
            quoted(out, " Type=", name);
        }
        EventKind::RegionBegin { task: TaskId(task), name } | EventKind::RegionEnd { task: TaskId(task), name } => {
            number(out, " Task=", task);
            quoted(out, " Type=", name);
        }
        EventKind::Log { task, category, message } => {
            number(out, " Task=", task.0);
            quoted(out, " Category=", category);
            quoted(out, " Message=", message);
        }
        EventKind::Go { go, from, to, reason, stack } => {
            field(out, " GoID=", go.0.cast_signed());
            push_states(out, go_state(from), go_state(to));
            quoted(out, " Reason=", reason);
            // Go says for each creation that it has a stack, even if that has no frames.
            let is_created = from == GoState::NotExist && to != GoState::Syscall;
            return (is_created || stack != StackIdx(0)).then_some(stack);
        }
        EventKind::Proc { proc, from, to } => {
            field(out, " ProcID=", proc.0.cast_signed());
            push_states(out, proc_state(from), proc_state(to));
            push(out, " Reason=\"\"");
        }
        EventKind::Unknown { number: kind, count, args } => {
            number(out, " Number=", kind.into());
            push(out, " Args=[");
            for (i, &arg) in args.iter().take(count.into()).enumerate() {
                push(out, if i == 0 { "" } else { " " });
                push_number(out, arg);
            }
            out.push(b']');
        }
        EventKind::Experimental { event, args } => {
            push(out, " Name=");
            push(out, event.name());
            push(out, " Args=[");
            for (at, (&(name, _), arg)) in event.spec().args.iter().zip(args).enumerate() {
                push(out, if at > 0 { ", " } else { "" });
                push(out, name);
                out.push(b'=');
                push_value(out, arg);
            }
            out.push(b']');
        }
    }
    None
}

fn push_sync(out: &mut Vec<u8>, sync: u32, around: &Around<'_>) {
    number(out, " N=", u64::from(sync));
    if let Some(clock) = around.clock {
        field(out, " Trace=", clock.ts.0.wrapping_add(around.zero));
        number(out, " Mono=", clock.mono);
        push(out, " Wall=");
        let second = clock.wall_sec.cast_signed();
        push_wall(out, second, clock.wall_nsec, (around.zone)(second));
    }
}

fn push_stack(out: &mut Vec<u8>, title: &str, stack: StackIdx, around: &Around<'_>, stacks: &mut StackTexts) {
    out.push(b'\n');
    push(out, title);
    out.push(b'\n');
    stacks.push(out, stack, around.symbols);
}

fn push_states(out: &mut Vec<u8>, from: &str, to: &str) {
    out.push(b' ');
    push(out, from);
    push(out, "->");
    push(out, to);
}

fn push_value(out: &mut Vec<u8>, value: u64) {
    number(out, "Value{Uint64(", value);
    push(out, ")}");
}

fn push_scope(out: &mut Vec<u8>, title: &str, scope: Scope) {
    push(out, title);
    match scope {
        Scope::Global => push(out, "None"),
        Scope::Go(go) => {
            field(out, "Goroutine(", go.0.cast_signed());
            out.push(b')');
        }
        Scope::Proc(proc) => {
            field(out, "Proc(", proc.0.cast_signed());
            out.push(b')');
        }
    }
}

fn push(out: &mut Vec<u8>, text: &str) {
    out.extend_from_slice(text.as_bytes());
}

fn number(out: &mut Vec<u8>, title: &str, value: u64) {
    push(out, title);
    push_number(out, value);
}

fn field(out: &mut Vec<u8>, title: &str, value: i64) {
    push(out, title);
    if value < 0 {
        out.push(b'-');
    }
    push_number(out, value.unsigned_abs());
}

fn name(kind: EventKind) -> &'static str {
    match kind {
        EventKind::Sync { .. } => "Sync",
        EventKind::Lost => "Lost",
        EventKind::AnotherTrace => "AnotherTrace",
        EventKind::Metric { .. } => "Metric",
        EventKind::Label { .. } => "Label",
        EventKind::Sample => "StackSample",
        EventKind::RangeBegin { .. } => "RangeBegin",
        EventKind::RangeActive { .. } => "RangeActive",
        EventKind::RangeEnd { .. } => "RangeEnd",
        EventKind::TaskBegin { .. } => "TaskBegin",
        EventKind::TaskEnd { .. } => "TaskEnd",
        EventKind::RegionBegin { .. } => "RegionBegin",
        EventKind::RegionEnd { .. } => "RegionEnd",
        EventKind::Log { .. } => "Log",
        EventKind::Go { .. } | EventKind::Proc { .. } => "StateTransition",
        EventKind::Experimental { .. } => "Experimental",
        EventKind::Unknown { .. } => "Unknown",
    }
}

fn go_state(state: GoState) -> &'static str {
    match state {
        GoState::Undetermined => "Undetermined",
        GoState::NotExist => "NotExist",
        GoState::Runnable => "Runnable",
        GoState::Running => "Running",
        GoState::Waiting => "Waiting",
        GoState::Syscall => "Syscall",
    }
}

fn proc_state(state: ProcState) -> &'static str {
    match state {
        ProcState::Undetermined => "Undetermined",
        ProcState::NotExist => "NotExist",
        ProcState::Running => "Running",
        ProcState::Idle => "Idle",
    }
}
