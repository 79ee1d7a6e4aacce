//! What a trace says of the waits in it.

use std::collections::BTreeMap;
use std::io::{self, Write};
use std::sync::{Arc, Mutex, MutexGuard, PoisonError};

use goroscope_reader::{EventKind, GoState, Reader, Validator};
use goroscope_recorder::{Recorder, Summary};

/// A task that paused, and ran again.
#[derive(Clone, Debug)]
pub struct Pause {
    /// File, line and function, leaf first.
    pub frames: Vec<(String, u32, String)>,
    pub reason: String,
    /// It waited, or was runnable at once.
    pub waits: bool,
    pub began: u64,
    pub runnable: u64,
    /// By whom, if it is known.
    pub woken_by: Option<u64>,
    pub runs: u64,
}

#[derive(Debug, Default)]
pub struct Told {
    pub names: BTreeMap<u64, String>,
    pub pauses: BTreeMap<u64, Vec<Pause>>,
    pub polls: BTreeMap<u64, u64>,
    pub summary: Summary,
}

impl Told {
    /// The goroutine of this name, of which there is one.
    pub fn named(&self, name: &str) -> u64 {
        let found: Vec<u64> =
            self.names.iter().filter(|(_, own)| own.split('@').next() == Some(name)).map(|(go, _)| *go).collect();
        let [go] = found.as_slice() else { panic!("{name}: {found:?}") };
        *go
    }
}

#[derive(Clone, Default)]
struct Memory(Arc<Mutex<Vec<u8>>>);

impl Write for Memory {
    fn write(&mut self, bytes: &[u8]) -> io::Result<usize> {
        self.0.lock().unwrap().extend_from_slice(bytes);
        Ok(bytes.len())
    }

    fn flush(&mut self) -> io::Result<()> {
        Ok(())
    }
}

/// One recording at a time: the process has one.
fn turn() -> MutexGuard<'static, ()> {
    static TURN: Mutex<()> = Mutex::new(());
    TURN.lock().unwrap_or_else(PoisonError::into_inner)
}

/// Records a program. With `KEEP_TRACES=FOLDER` the file is kept there; with `STACKS_BY=WAY` stacks must be walked so.
pub fn record(program: impl FnOnce()) -> Told {
    let _turn = turn();
    let memory = Memory::default();
    let recording = Recorder::builder().start_writer(memory.clone()).unwrap();
    program();
    let summary = recording.stop().unwrap();
    let bytes = memory.0.lock().unwrap();
    if let Some(folder) = std::env::var_os("KEEP_TRACES") {
        let name = std::thread::current().name().unwrap_or("main").replace("::", ".");
        std::fs::write(std::path::Path::new(&folder).join(format!("{name}.trace")), &*bytes).unwrap();
    }
    if let Ok(way) = std::env::var("STACKS_BY") {
        let note = format!("goroscope-recorder: stacks={way}");
        assert!(bytes.windows(note.len()).any(|part| part == note.as_bytes()), "{note}");
    }
    Told { summary, ..read(&bytes) }
}

fn read(bytes: &[u8]) -> Told {
    let mut told = Told::default();
    let mut reader = Reader::new(bytes).unwrap();
    let mut validator = Validator::default();
    while let Some(event) = reader.next() {
        validator.push(&event);
        let symbols = reader.symbols();
        let frames = |stack| -> Vec<(String, u32, String)> {
            let frames = symbols.stack(stack).iter().map(|&frame| symbols.frame(frame));
            let text = |string| symbols.string(string).to_owned();
            frames.map(|frame| (text(frame.file), frame.line, text(frame.function))).collect()
        };
        let EventKind::Go { go, from, to, reason, stack, .. } = event.kind else { continue };
        let (go, at) = (go.0, event.ts.0 as u64);
        let pauses = told.pauses.entry(go).or_default();
        match (from, to) {
            (GoState::NotExist, _) => {
                let name = frames(stack).first().map(|frame| frame.2.clone());
                told.names.insert(go, name.unwrap_or_default());
            }
            (GoState::Running, GoState::Waiting | GoState::Runnable) => pauses.push(Pause {
                frames: frames(event.stack),
                reason: symbols.string(reason).to_owned(),
                waits: to == GoState::Waiting,
                began: at,
                runnable: at,
                woken_by: None,
                runs: 0,
            }),
            (GoState::Waiting, GoState::Runnable) => {
                let last = pauses.last_mut().unwrap();
                last.runnable = at;
                last.woken_by = Some(event.go.0).filter(|by| *by != 0 && *by != u64::MAX);
            }
            (GoState::Runnable, GoState::Running) => {
                *told.polls.entry(go).or_default() += 1;
                if let Some(last) = pauses.last_mut() {
                    last.runs = at;
                }
            }
            _ => {}
        }
    }
    let finished = reader.finish();
    assert!(finished.diagnostics.is_empty(), "{:#?}", finished.diagnostics);
    let verdict = validator.finish(&finished);
    assert!(verdict.is_valid(), "{:#?}", verdict.violations);
    // The reader's times begin with the trace; the program's are those of the monotonic clock.
    let clock = finished.generations[0].clock.unwrap();
    let begin = clock.mono - clock.ts.0 as u64;
    for pause in told.pauses.values_mut().flatten() {
        for time in [&mut pause.began, &mut pause.runnable, &mut pause.runs] {
            *time += begin;
        }
    }
    told
}
