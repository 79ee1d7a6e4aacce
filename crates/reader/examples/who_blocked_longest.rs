//! Lists the goroutines that were blocked longest, each with the reason and the stack of its longest kind of wait.
//!
//! `cargo run --release -p goroscope-reader --example who_blocked_longest -- trace.out`
//!
//! Three things make it right on any trace:
//!
//! * Times are those of the threads' own clocks, which may disagree a little: within a goroutine they only go forward.
//! * A goroutine that is blocked when it is first seen was blocked since the trace began, and one that is blocked at the
//!   end was until then; but nothing is known of a stretch that is missing from the file.
//! * The runtime uses the id of a goroutine that ended again: that is another goroutine.
#![expect(clippy::print_stdout, reason = "a program")]

use std::collections::BTreeMap;
use std::fmt::Write as _;
use std::process::ExitCode;

use goroscope_reader::{EventKind, GoId, GoState, OpenError, Reader, StackIdx, StringIdx, Symbols, Ts};

/// How many goroutines are listed.
const LISTED: usize = 10;

fn main() -> ExitCode {
    let Some(path) = std::env::args_os().nth(1) else {
        println!("usage: who_blocked_longest trace.out");
        return ExitCode::from(2);
    };
    let report = std::fs::read(&path).map_err(|error| error.to_string());
    match report.and_then(|file| report_on(&file).map_err(|error| format!("{error:?}"))) {
        Ok(report) => {
            print!("{report}");
            ExitCode::SUCCESS
        }
        Err(error) => {
            println!("{}: {error}", path.display());
            ExitCode::FAILURE
        }
    }
}

/// What is known of a goroutine.
#[derive(Debug)]
pub struct Goroutine {
    /// Its id.
    pub id: GoId,
    /// Nanoseconds that it was blocked.
    pub blocked: i64,
    /// The same by reason and stack.
    pub waits: BTreeMap<(StringIdx, StackIdx), i64>,
    /// The latest time of an event about it.
    now: Ts,
    /// Why and where it is blocked now.
    wait: Option<(StringIdx, StackIdx)>,
}

impl Goroutine {
    /// Time goes on until an event about it; the clock of another thread may be behind.
    fn advance(&mut self, ts: Ts) {
        if let Some(wait) = self.wait.filter(|_| ts > self.now) {
            let time = ts.0 - self.now.0;
            self.blocked += time;
            *self.waits.entry(wait).or_default() += time;
        }
        self.now = self.now.max(ts);
    }
}

/// The report on a file, without the goroutines of the runtime itself: most of them wait all the time.
pub fn report_on(file: &[u8]) -> Result<String, OpenError> {
    let (goroutines, symbols) = goroutines(file)?;
    let mut report = String::new();
    let longest = goroutines.iter().filter_map(|goroutine| {
        let (&wait, &time) = goroutine.waits.iter().max_by_key(|&(_, time)| time)?;
        Some((goroutine, wait, time))
    });
    let programs = longest.filter(|&(_, (_, stack), _)| !is_of_runtime(&symbols, stack));
    for (goroutine, (reason, stack), time) in programs.take(LISTED) {
        let reason = Some(symbols.string(reason)).filter(|reason| !reason.is_empty()).unwrap_or("for no given reason");
        let _ = writeln!(report, "goroutine {} was blocked {} µs", goroutine.id.0, goroutine.blocked / 1000);
        let _ = writeln!(report, "  {} µs of it: {reason}", time / 1000);
        for &frame in symbols.stack(stack) {
            let frame = symbols.frame(frame);
            let (function, file) = (symbols.string(frame.function), symbols.string(frame.file));
            let _ = writeln!(report, "    {function} {file}:{}", frame.line);
        }
    }
    Ok(report)
}

/// Whether the goroutine with this stack was started by the runtime for itself.
fn is_of_runtime(symbols: &Symbols, stack: StackIdx) -> bool {
    let outermost = symbols.stack(stack).last().map(|&frame| symbols.string(symbols.frame(frame).function));
    outermost.is_some_and(|function| function.starts_with("runtime.") && function != "runtime.main")
}

/// All goroutines, the one that was blocked longest first.
pub fn goroutines(file: &[u8]) -> Result<(Vec<Goroutine>, Symbols), OpenError> {
    let mut reader = Reader::new(file)?;
    let mut alive: BTreeMap<GoId, Goroutine> = BTreeMap::new();
    let mut ended = Vec::new();
    let mut end = Ts(i64::MIN);
    // Whether nothing is missing so far.
    let mut is_whole = true;
    while let Some(event) = reader.next() {
        match event.kind {
            EventKind::Lost => {
                is_whole = false;
                for goroutine in alive.values_mut() {
                    goroutine.advance(end);
                    goroutine.wait = None;
                }
            }
            EventKind::Go { go, from, to, reason, stack } => {
                let is_new = !alive.contains_key(&go);
                let goroutine = alive.entry(go).or_insert_with(|| Goroutine {
                    id: go,
                    blocked: 0,
                    waits: BTreeMap::new(),
                    now: event.ts,
                    wait: None,
                });
                if is_new && is_whole && from == GoState::Undetermined && to == GoState::Waiting {
                    goroutine.now = Ts(0).min(event.ts);
                    goroutine.wait = Some((reason, stack));
                }
                goroutine.advance(event.ts);
                let was = goroutine.wait.filter(|_| from == GoState::Waiting);
                goroutine.wait = match to {
                    // Seen again in the state that it has: then the reason is not said again.
                    GoState::Waiting => was.or(Some((reason, stack))),
                    GoState::Undetermined
                    | GoState::NotExist
                    | GoState::Runnable
                    | GoState::Running
                    | GoState::Syscall => None,
                };
                if to == GoState::NotExist {
                    ended.extend(alive.remove(&go));
                }
            }
            EventKind::AnotherTrace => {
                // Ids begin anew, so that these are done.
                let gone = std::mem::take(&mut alive).into_values();
                ended.extend(gone.map(|mut goroutine| {
                    goroutine.advance(end);
                    goroutine
                }));
                is_whole = false;
            }
            EventKind::Sync { .. }
            | EventKind::Metric { .. }
            | EventKind::Label { .. }
            | EventKind::Sample
            | EventKind::RangeBegin { .. }
            | EventKind::RangeActive { .. }
            | EventKind::RangeEnd { .. }
            | EventKind::TaskBegin { .. }
            | EventKind::TaskEnd { .. }
            | EventKind::RegionBegin { .. }
            | EventKind::RegionEnd { .. }
            | EventKind::Log { .. }
            | EventKind::Proc { .. }
            | EventKind::Unknown { .. }
            | EventKind::Experimental { .. } => {}
        }
        end = end.max(event.ts);
    }
    let mut goroutines: Vec<Goroutine> = ended.into_iter().chain(alive.into_values()).collect();
    for goroutine in &mut goroutines {
        goroutine.advance(end);
    }
    goroutines.sort_by_key(|goroutine| (std::cmp::Reverse(goroutine.blocked), goroutine.id));
    Ok((goroutines, reader.finish().symbols))
}
