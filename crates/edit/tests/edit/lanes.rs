//! A trace as what happened to each resource, so that two can be compared that place the states differently.

use std::collections::BTreeMap;

use goroscope_reader::{Diagnostic, Event, EventKind, GoState, ProcState, Reader, Severity, StackIdx, Symbols};

/// Something that happened, with everything that is known of it.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Happening {
    /// On the clock of the machine.
    pub time: i64,
    /// Thread, proc and goroutine.
    pub context: String,
    pub what: String,
}

/// What became of a goroutine or proc.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Change {
    pub time: i64,
    pub state: String,
}

/// A trace.
pub struct Lanes {
    /// By goroutine, proc or, for what changes no state, thread.
    pub events: BTreeMap<String, Vec<Happening>>,
    /// The states of goroutines and procs; the first one holds since ever.
    pub states: BTreeMap<String, Vec<Change>>,
    /// What is wrong with the file.
    pub losses: Vec<Diagnostic>,
    /// The clock's zero.
    pub zero: i64,
    /// Times of the first and the last event.
    pub first: i64,
    pub last: i64,
}

impl Lanes {
    pub fn of(file: &[u8]) -> Self {
        let mut reader = Reader::new(file).expect("a trace");
        let mut lanes = Self {
            events: BTreeMap::new(),
            states: BTreeMap::new(),
            losses: Vec::new(),
            zero: 0,
            first: i64::MAX,
            last: i64::MIN,
        };
        while let Some(event) = reader.next() {
            lanes.zero = reader.clock_zero();
            lanes.add(&event, reader.symbols());
        }
        lanes.losses =
            reader.finish().diagnostics.into_iter().filter(|found| found.severity == Severity::Loss).collect();
        lanes
    }

    fn add(&mut self, event: &Event, symbols: &Symbols) {
        let time = event.ts.0 + self.zero;
        // Traces of the old format have longer texts than can be written.
        let text = |string| {
            let bytes = symbols.bytes(string);
            let is_inside = |end: usize| bytes.get(end).is_some_and(|byte| byte & 0xc0 == 0x80);
            let end = (0..=bytes.len().min(1024)).rev().find(|&end| !is_inside(end)).unwrap_or(0);
            String::from_utf8_lossy(&bytes[..end]).into_owned()
        };
        let thread = format!("thread {}", event.thread.0.cast_signed());
        let (lane, what) = match event.kind {
            EventKind::Sync { .. } | EventKind::Lost | EventKind::AnotherTrace | EventKind::RangeActive { .. } => {
                return;
            }
            EventKind::Go { go, from, to, reason, stack } => {
                let lane = format!("goroutine {}", go.0);
                let place = if matches!(to, GoState::Running | GoState::Syscall) { &*thread } else { "" };
                let is_status = from == to || from == GoState::Undetermined;
                if !self.change(&lane, time, format!("{to:?} {place}"), is_status) {
                    return;
                }
                (lane, format!("{from:?} -> {to:?} {:?} {}", text(reason), frames(symbols, stack)))
            }
            EventKind::Proc { proc, from, to } => {
                let lane = format!("proc {}", proc.0);
                let place = if to == ProcState::Running { &*thread } else { "" };
                let is_status = from == to || matches!(from, ProcState::Undetermined | ProcState::NotExist);
                if !self.change(&lane, time, format!("{to:?} {place}"), is_status) {
                    return;
                }
                (lane, format!("{from:?} -> {to:?}"))
            }
            EventKind::Metric { metric, value } => (thread, format!("{metric:?} {value}")),
            EventKind::Label { go, label } => (thread, format!("label {go:?} {:?}", text(label))),
            EventKind::Sample => ("samples".to_owned(), String::new()),
            EventKind::RangeBegin { scope, name } => (thread, format!("begin {scope:?} {:?}", text(name))),
            EventKind::RangeEnd { scope, name, sweep } => (thread, format!("end {scope:?} {:?} {sweep:?}", text(name))),
            EventKind::TaskBegin { task, parent, name } => (thread, format!("{task:?} in {parent:?} {:?}", text(name))),
            // Its name and parent are those of its begin, which may not be in the trace.
            EventKind::TaskEnd { task, .. } => (thread, format!("end of {task:?}")),
            EventKind::RegionBegin { task, name } => (thread, format!("region of {task:?} {:?}", text(name))),
            EventKind::RegionEnd { task, name } => (thread, format!("end of region of {task:?} {:?}", text(name))),
            EventKind::Log { task, category, message } => {
                (thread, format!("log of {task:?} {:?} {:?}", text(category), text(message)))
            }
            EventKind::Unknown { number, args, .. } => (thread, format!("event {number} {args:?}")),
            EventKind::Experimental { event, args } => (thread, format!("{event:?} {args:?}")),
        };
        self.first = self.first.min(time);
        self.last = self.last.max(time);
        let what = format!("{what} {}", frames(symbols, event.stack));
        let context = format!("{} {} {}", event.thread.0, event.proc.0, event.go.0);
        self.events.entry(lane).or_default().push(Happening { time, context, what });
    }

    /// Notes a state; whether it is not only mentioned.
    fn change(&mut self, lane: &str, time: i64, state: String, is_status: bool) -> bool {
        let changes = self.states.entry(lane.to_owned()).or_default();
        match changes.last() {
            None if is_status => changes.push(Change { time: i64::MIN, state }),
            Some(_) if is_status => {}
            None => {
                changes.push(Change { time: i64::MIN, state: NOT_THERE.to_owned() });
                changes.push(Change { time, state });
            }
            Some(last) => {
                let time = time.max(last.time);
                changes.push(Change { time, state });
            }
        }
        !is_status
    }

    /// What a resource does at a time.
    pub fn state_at(&self, lane: &str, time: i64) -> &str {
        let changes = self.states.get(lane).map(Vec::as_slice).unwrap_or_default();
        changes.iter().take_while(|change| change.time <= time).last().map_or(NOT_THERE, |change| &change.state)
    }
}

/// The state of what does not exist.
const NOT_THERE: &str = "NotExist ";

/// The frames of a stack in a line.
fn frames(symbols: &Symbols, stack: StackIdx) -> String {
    let frame = |&frame| {
        let frame = symbols.frame(frame);
        let (function, file) = (symbols.string(frame.function), symbols.string(frame.file));
        format!("{:x} {function} {file}:{}", frame.pc, frame.line)
    };
    let frames: Vec<String> = symbols.stack(stack).iter().map(frame).collect();
    format!("[{}]", frames.join("; "))
}
