//! What a trace tells, as the claims of the pages need it. A file that has any fault fails the test.

use std::collections::BTreeMap;
use std::io::{self, Write};
use std::sync::{Arc, Mutex, PoisonError};

use goroscope_reader::{Event, EventKind, GoState, Reader, Validator};

/// One recording at a time: the process has one.
static TURN: Mutex<()> = Mutex::new(());

/// What the goroutines of one function did.
#[derive(Clone, Debug, Default)]
pub struct Doings {
    /// Times that one of them began to run.
    pub polls: u64,
    /// Nanoseconds by what it was: `running`, `runnable`, or why it waited.
    pub time: BTreeMap<String, i64>,
    /// How often one stopped or began to wait, by the reason.
    pub reasons: BTreeMap<String, u64>,
    /// How often one that waited was woken, by the function of whoever did.
    pub wakers: BTreeMap<String, u64>,
    /// Nanoseconds that each of them was running.
    pub each: Vec<i64>,
}

/// What a file says.
#[derive(Debug, Default)]
pub struct Told {
    /// By function, without the crate's name.
    pub functions: BTreeMap<String, Doings>,
    /// Regions that began, by name.
    pub regions: BTreeMap<String, u64>,
    /// Nanoseconds that user tasks lasted together, by name.
    pub tasks: BTreeMap<String, i64>,
    /// Functions on the stacks of goroutines that wait, by the reason.
    pub stacks: BTreeMap<String, Vec<String>>,
}

impl Doings {
    /// Nanoseconds that they were in this state, or waited for this reason.
    pub fn time(&self, state: &str) -> i64 {
        self.time.get(state).copied().unwrap_or(0)
    }

    /// What they did longest.
    pub fn longest(&self) -> &str {
        self.time.iter().max_by_key(|(_, time)| **time).map_or("", |(state, _)| state)
    }

    /// How often they stopped or waited for this reason.
    pub fn count(&self, reason: &str) -> u64 {
        self.reasons.get(reason).copied().unwrap_or(0)
    }
}

impl Told {
    /// What the goroutines of a function did, such as `lock_convoy::ask`.
    pub fn of(&self, function: &str) -> Doings {
        self.functions.get(function).cloned().unwrap_or_else(|| panic!("no {function} in {:?}", self.functions.keys()))
    }

    /// Times that any goroutine began to run.
    pub fn polls(&self) -> u64 {
        self.functions.values().map(|doings| doings.polls).sum()
    }
}

/// A file in memory.
#[derive(Clone, Debug, Default)]
pub struct Memory(Arc<Mutex<Vec<u8>>>);

impl Write for Memory {
    fn write(&mut self, bytes: &[u8]) -> io::Result<usize> {
        self.0.lock().expect("no panic").write(bytes)
    }

    fn flush(&mut self) -> io::Result<()> {
        Ok(())
    }
}

/// Runs what records to the memory, and reads that.
///
/// With `KEEP_TRACES=FOLDER` the file is kept there, for the tools of others.
pub fn told(name: &str, record: impl FnOnce(Memory)) -> Told {
    let memory = Memory::default();
    {
        let _turn = TURN.lock().unwrap_or_else(PoisonError::into_inner);
        record(memory.clone());
    }
    let bytes = std::mem::take(&mut *memory.0.lock().expect("no panic"));
    if let Some(folder) = std::env::var_os("KEEP_TRACES") {
        std::fs::write(std::path::Path::new(&folder).join(format!("{name}.trace")), &bytes).expect("a file");
    }
    read(&bytes)
}

/// A goroutine while the file is read.
struct Life {
    function: String,
    state: String,
    since: i64,
    ran: i64,
}

/// What has begun and is not over.
#[derive(Default)]
struct Open {
    lives: BTreeMap<i64, Life>,
    /// Begins of user tasks.
    tasks: BTreeMap<u64, i64>,
}

fn read(bytes: &[u8]) -> Told {
    let mut told = Told::default();
    let mut open = Open::default();
    let mut reader = Reader::new(bytes).expect("a trace");
    let mut validator = Validator::default();
    while let Some(event) = reader.next() {
        validator.push(&event);
        take(&mut told, &mut open, &event, &reader);
    }
    let finished = reader.finish();
    assert!(finished.diagnostics.is_empty(), "{:#?}", finished.diagnostics);
    let verdict = validator.finish(&finished);
    assert!(verdict.is_valid(), "{:#?}", verdict.violations);
    told
}

fn take(told: &mut Told, open: &mut Open, event: &Event, reader: &Reader<'_>) {
    let symbols = reader.symbols();
    let functions = |stack| -> Vec<String> {
        let frames = symbols.stack(stack).iter();
        frames.map(|&frame| symbols.string(symbols.frame(frame).function).to_owned()).collect()
    };
    match event.kind {
        EventKind::Go { go, from, to, reason, stack, .. } if from != to => {
            let now = event.ts.0;
            let reason = symbols.string(reason).to_owned();
            let waker = open.lives.get(&(event.go.0 as i64)).map(|life| life.function.clone());
            let life = open.lives.entry(go.0 as i64).or_insert_with(|| Life {
                function: functions(stack).first().map_or_else(String::new, |name| plain(name)),
                state: String::new(),
                since: now,
                ran: 0,
            });
            let doings = told.functions.entry(life.function.clone()).or_default();
            if from != GoState::NotExist {
                *doings.time.entry(life.state.clone()).or_default() += now - life.since;
            }
            if from == GoState::Running {
                life.ran += now - life.since;
            }
            if to == GoState::NotExist {
                doings.each.push(life.ran);
            } else if from == GoState::Running {
                *doings.reasons.entry(reason.clone()).or_default() += 1;
            }
            if from == GoState::Waiting && to == GoState::Runnable {
                *doings.wakers.entry(waker.unwrap_or_default()).or_default() += 1;
            }
            if to == GoState::Running {
                doings.polls += 1;
            }
            if to == GoState::Waiting {
                told.stacks.entry(reason.clone()).or_default().extend(functions(event.stack));
            }
            life.since = now;
            life.state = match to {
                GoState::Waiting => reason,
                other => format!("{other:?}").to_lowercase(),
            };
        }
        EventKind::RegionBegin { name, .. } => {
            *told.regions.entry(symbols.string(name).to_owned()).or_default() += 1;
        }
        EventKind::TaskBegin { task, .. } => {
            open.tasks.insert(task.0, event.ts.0);
        }
        EventKind::TaskEnd { task, name, .. } => {
            let begin = open.tasks.remove(&task.0).expect("one that began");
            *told.tasks.entry(symbols.string(name).to_owned()).or_default() += event.ts.0 - begin;
        }
        _ => {}
    }
}

/// `waits::lock_convoy::ask@lock_convoy.rs:41` is `lock_convoy::ask`.
fn plain(name: &str) -> String {
    let name = name.split('@').next().unwrap_or_default();
    name.split_once("::").map_or(name, |(_, rest)| rest).to_owned()
}
