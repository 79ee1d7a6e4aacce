//! Ordered events in the words of `go tool trace -d=parsed`, for the example and for the test against Go.

use std::fmt::{self, Write as _};

use goroscope_reader::{
    ClockSnapshot, Event, EventKind, Finished, GoId, GoState, Metric, ProcState, Reader, Scope, StackIdx, Symbols,
    TaskId,
};

#[path = "old_words.rs"]
mod old_words;

use old_words::OldWords;

/// Hands each event of the file to `each` as text and gives back what is left.
///
/// Times are those of the file; if it `clamps`, each is at least one more than the one before, as Go's reader has it.
pub fn listing(mut reader: Reader<'_>, clamps: bool, each: &mut dyn FnMut(&str)) -> Finished {
    let mut line = String::new();
    let mut old = reader.version().is_v1().then(OldWords::default);
    // Where Go begins.
    let mut last = if old.is_some() { i64::MIN } else { 0 };
    while let Some(mut event) = reader.next() {
        if let Some(old) = &mut old
            && !old.translate(&mut event, &reader)
        {
            continue;
        }
        let mut time = event.ts.0 + reader.clock_zero();
        if clamps && time <= last {
            time = last + 1;
        }
        last = time;
        let begun = reader.generations();
        let clock = match event.kind {
            EventKind::Sync { sync } => begun.get(sync as usize - 1).and_then(|generation| generation.clock),
            _ => None,
        };
        line.clear();
        let zero = reader.clock_zero();
        let _ = Line { symbols: reader.symbols(), time, zero, clock }.print(&mut line, &event);
        each(&line);
    }
    reader.finish()
}

/// What a line needs besides the event.
struct Line<'s> {
    symbols: &'s Symbols,
    time: i64,
    zero: i64,
    clock: Option<ClockSnapshot>,
}

impl Line<'_> {
    fn print(&self, out: &mut String, event: &Event) -> fmt::Result {
        let [thread, proc, go] = [event.thread.0, event.proc.0, event.go.0].map(|id| id as i64);
        write!(out, "M={thread} P={proc} G={go} {} Time={}", name(event.kind), self.time)?;
        let text = |row| self.symbols.string(row);
        match event.kind {
            EventKind::Sync { sync } => {
                write!(out, " N={sync}")?;
                if let Some(clock) = self.clock {
                    write!(out, " Trace={} Mono={} Wall=", clock.ts.0 + self.zero, clock.mono)?;
                    wall(out, clock.wall_sec, clock.wall_nsec)?;
                }
            }
            EventKind::Lost | EventKind::Sample => {}
            EventKind::Metric { metric, value } => {
                let name = match metric {
                    Metric::Gomaxprocs => "/sched/gomaxprocs:threads",
                    Metric::HeapLive => "/memory/classes/heap/objects:bytes",
                    Metric::HeapGoal => "/gc/heap/goal:bytes",
                };
                write!(out, " Name={name:?} Value=Value{{Uint64({value})}}")?;
            }
            EventKind::Label { go, label } => {
                write!(out, " Label={} Resource={}", quoted(text(label)), scope(Scope::Go(go)))?;
            }
            EventKind::RangeBegin { scope: on, name } | EventKind::RangeActive { scope: on, name } => {
                write!(out, " Name={} Scope={}", quoted(text(name)), scope(on))?;
            }
            EventKind::RangeEnd { scope: on, name, sweep } => {
                write!(out, " Name={} Scope={} Attributes=[", quoted(text(name)), scope(on))?;
                if let Some((swept, reclaimed)) = sweep {
                    write!(out, "\"bytes swept\"=Value{{Uint64({swept})}} ")?;
                    write!(out, "\"bytes reclaimed\"=Value{{Uint64({reclaimed})}}")?;
                }
                out.push(']');
            }
            EventKind::TaskBegin { task, parent, name } | EventKind::TaskEnd { task, parent, name } => {
                let TaskId(parent) = parent;
                write!(out, " ID={} Parent={parent} Type={}", task.0, quoted(text(name)))?;
            }
            EventKind::RegionBegin { task, name } | EventKind::RegionEnd { task, name } => {
                write!(out, " Task={} Type={}", task.0, quoted(text(name)))?;
            }
            EventKind::Log { task, category, message } => {
                write!(out, " Task={} Category={}", task.0, quoted(text(category)))?;
                write!(out, " Message={}", quoted(text(message)))?;
            }
            EventKind::Go { go, from, to, reason, stack } => {
                let GoId(id) = go;
                write!(out, " GoID={id} {}->{} Reason={}", go_state(from), go_state(to), quoted(text(reason)))?;
                // Go says for each creation that it has a stack, even if that has no frames.
                let is_created = from == GoState::NotExist && to != GoState::Syscall;
                if is_created || stack != StackIdx(0) {
                    self.stack(out, "TransitionStack=", stack)?;
                }
            }
            EventKind::Proc { proc, from, to } => {
                write!(out, " ProcID={} {}->{} Reason=\"\"", proc.0, proc_state(from), proc_state(to))?;
            }
            EventKind::Experimental { event, args } => {
                write!(out, " Name={} Args=[", event.name())?;
                for (at, (&(name, _), arg)) in event.spec().args.iter().zip(args).enumerate() {
                    write!(out, "{}{name}=Value{{Uint64({arg})}}", if at > 0 { ", " } else { "" })?;
                }
                out.push(']');
            }
            EventKind::Unknown { number, count, args } => {
                write!(out, " Number={number} Args={:?}", args.get(..usize::from(count)).unwrap_or(&args))?;
            }
        }
        if event.stack != StackIdx(0) || event.kind == EventKind::Sample {
            self.stack(out, "Stack=", event.stack)?;
        }
        Ok(())
    }

    fn stack(&self, out: &mut String, title: &str, stack: StackIdx) -> fmt::Result {
        write!(out, "\n{title}\n")?;
        for &frame in self.symbols.stack(stack) {
            let frame = self.symbols.frame(frame);
            let (function, file) = (self.symbols.string(frame.function), self.symbols.string(frame.file));
            write!(out, "\t{function} @ 0x{:x}\n\t\t{file}:{}\n", frame.pc, frame.line)?;
        }
        Ok(())
    }
}

fn name(kind: EventKind) -> &'static str {
    match kind {
        EventKind::Sync { .. } => "Sync",
        EventKind::Lost => "Lost",
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

fn scope(scope: Scope) -> String {
    match scope {
        Scope::Global => "None".into(),
        Scope::Go(go) => format!("Goroutine({})", go.0),
        Scope::Proc(proc) => format!("Proc({})", proc.0),
    }
}

/// The text in double quotes, nearly as Go quotes it.
fn quoted(text: &str) -> String {
    let mut out = String::from("\"");
    for char in text.chars() {
        match char {
            '"' | '\\' => out.extend(['\\', char]),
            '\n' => out.push_str("\\n"),
            '\t' => out.push_str("\\t"),
            '\r' => out.push_str("\\r"),
            char if char.is_control() => {
                let _ = write!(out, "\\x{:02x}", char as u32);
            }
            char => out.push(char),
        }
    }
    out.push('"');
    out
}

/// Seconds since 1970 as UTC, with the nanoseconds that are not zero.
fn wall(out: &mut String, sec: u64, nsec: u32) -> fmt::Result {
    let (days, second) = (sec as i64 / 86_400, sec % 86_400);
    // Howard Hinnant's `civil_from_days`: years begin in March, so that the leap day is their last.
    let days = days + 719_468;
    let era = days.div_euclid(146_097);
    let day_of_era = days.rem_euclid(146_097);
    let year_of_era = (day_of_era - day_of_era / 1460 + day_of_era / 36_524 - day_of_era / 146_096) / 365;
    let day_of_year = day_of_era - (365 * year_of_era + year_of_era / 4 - year_of_era / 100);
    let march_month = (5 * day_of_year + 2) / 153;
    let day = day_of_year - (153 * march_month + 2) / 5 + 1;
    let month = if march_month < 10 { march_month + 3 } else { march_month - 9 };
    let year = year_of_era + era * 400 + i64::from(month <= 2);
    let (hour, minute, second) = (second / 3600, second / 60 % 60, second % 60);
    write!(out, "{year:04}-{month:02}-{day:02}T{hour:02}:{minute:02}:{second:02}")?;
    if nsec > 0 {
        write!(out, ".{}", format!("{nsec:09}").trim_end_matches('0'))?;
    }
    out.push('Z');
    Ok(())
}
