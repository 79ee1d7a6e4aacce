//! Records a program and reads the file.
//!
//! With `KEEP_TRACES=FOLDER` the files are kept there, for the tools of others; `TRACES_FOR=1.22` or `1.26` makes them of
//! another version than usual.

use std::collections::BTreeMap;
use std::io::{self, Write};
use std::sync::{Arc, Mutex, PoisonError};

use goroscope_reader::{EventKind, GoState, Metric, ProcState, Reader, Validator};
use goroscope_recorder::{Builder, Compat, Recorder, Summary};
use goroscope_wire::{BatchKind, Batches, HEADER_LEN, Item, Points, parse_header, strings};

/// One recording at a time: the process has one.
static TURN: Mutex<()> = Mutex::new(());

/// A file in memory.
#[derive(Clone, Debug, Default)]
pub struct Memory(Arc<Mutex<Vec<u8>>>);

impl Memory {
    /// What was written.
    pub fn take(&self) -> Vec<u8> {
        std::mem::take(&mut *self.0.lock().unwrap())
    }
}

impl Write for Memory {
    fn write(&mut self, bytes: &[u8]) -> io::Result<usize> {
        self.0.lock().unwrap().extend_from_slice(bytes);
        Ok(bytes.len())
    }

    fn flush(&mut self) -> io::Result<()> {
        Ok(())
    }
}

/// What a file says.
#[derive(Debug, Default)]
pub struct Told {
    pub summary: Summary,
    pub generations: u64,
    /// The file.
    pub bytes: Vec<u8>,
    /// How often a goroutine went from one state to another, without the repetitions at the start of a generation.
    pub steps: BTreeMap<(String, String), u64>,
    /// How often goroutines waited or stopped, by the reason.
    pub reasons: BTreeMap<String, u64>,
    /// How often goroutines that waited for a reason went on because of nobody.
    pub unheard: BTreeMap<String, u64>,
    /// Wakes by a goroutine, of a goroutine.
    pub wakes: Vec<(i64, i64)>,
    /// How goroutines are called.
    pub names: BTreeMap<i64, String>,
    /// Where goroutines waited or stopped: functions, leaf first.
    pub waits: Vec<(i64, String, Vec<String>)>,
    /// What is open at the end: states of goroutines.
    pub left: BTreeMap<i64, String>,
    pub regions: Vec<String>,
    pub logs: Vec<String>,
    pub tasks: Vec<String>,
    pub procs: BTreeMap<u64, u64>,
    /// The last number of workers.
    pub workers: u64,
    /// What the recorder says of the recording, generation by generation.
    pub notes: Vec<String>,
    pub samples: Vec<Sampled>,
}

/// Where a thread ran.
#[derive(Debug)]
#[cfg_attr(not(feature = "perf"), expect(dead_code, reason = "nothing is sampled then"))]
pub struct Sampled {
    /// Or 0 or less.
    pub go: i64,
    /// Leaf first.
    pub functions: Vec<String>,
}

impl Told {
    /// How often goroutines went from one state to the other.
    pub fn count(&self, from: &str, to: &str) -> u64 {
        self.steps.get(&(from.to_owned(), to.to_owned())).copied().unwrap_or(0)
    }

    pub fn created(&self) -> u64 {
        self.count("NotExist", "Runnable")
    }

    pub fn polls(&self) -> u64 {
        self.count("Runnable", "Running")
    }

    pub fn wakes(&self) -> u64 {
        self.count("Waiting", "Runnable")
    }

    pub fn stops(&self) -> u64 {
        self.count("Running", "Runnable")
    }

    pub fn finished(&self) -> u64 {
        self.count("Running", "NotExist")
    }

    /// The last value of a key among the notes.
    pub fn note(&self, key: &str) -> Option<&str> {
        let mut values = self.notes.iter().rev().filter_map(|line| line.strip_prefix(key)?.strip_prefix('='));
        values.next()
    }

    /// The values of a counter, in its order.
    pub fn counter(&self, name: &str) -> Vec<(u64, i64)> {
        let key = format!("series.counter.{name}=");
        let mut values = Vec::new();
        for text in self.notes.iter().filter_map(|line| line.strip_prefix(&key)) {
            values
                .extend(Points::new(text).unwrap().map(|point| point.unwrap()).map(|point| (point.time, point.value)));
        }
        assert!(values.is_sorted_by_key(|(time, _)| *time), "{name}: {values:?}");
        values
    }

    /// When threads had no processor, by their number.
    #[cfg(all(feature = "perf", target_os = "linux"))]
    pub fn off(&self) -> Vec<(u64, Vec<goroscope_wire::Slice>)> {
        let mut threads = BTreeMap::<u64, Vec<_>>::new();
        for line in self.notes.iter().filter_map(|line| line.strip_prefix("series.off_cpu.")) {
            let (thread, text) = line.split_once('=').unwrap();
            let slices = goroscope_wire::Slices::new(text).unwrap().map(|slice| slice.unwrap());
            threads.entry(thread.parse().unwrap()).or_default().extend(slices);
        }
        threads.into_iter().collect()
    }

    /// The goroutines whose name begins so.
    pub fn named(&self, name: &str) -> Vec<i64> {
        self.names.iter().filter(|(_, own)| own.starts_with(name)).map(|(go, _)| *go).collect()
    }
}

/// Records with the usual settings.
pub fn record(program: impl FnOnce()) -> Told {
    record_with(usual(), program)
}

/// The settings that are meant unless a test is about others.
pub fn usual() -> Builder {
    let builder = Recorder::builder();
    match std::env::var("TRACES_FOR").as_deref() {
        Ok("1.22") => builder.compat(Compat::Go122),
        Ok("1.26") => builder.compat(Compat::Go126),
        _ => builder,
    }
}

/// Records a program and reads the file, which must be without fault.
pub fn record_with(builder: Builder, program: impl FnOnce()) -> Told {
    in_turn(|| record_now(builder, program))
}

/// As `record_with`, by somebody whose turn it is.
pub fn record_now(builder: Builder, program: impl FnOnce()) -> Told {
    let memory = Memory::default();
    let recording = builder.start_writer(memory.clone()).unwrap();
    program();
    let summary = recording.stop().unwrap();
    let bytes = memory.take();
    keep(&bytes, "");
    let told = read(bytes);
    assert_eq!(summary.bytes, told.bytes.len() as u64);
    assert_eq!(summary.generations, told.generations);
    Told { summary, ..told }
}

/// Keeps the file of a test, if the environment says so.
pub fn keep(bytes: &[u8], part: &str) {
    if let Some(folder) = std::env::var_os("KEEP_TRACES") {
        let name = std::thread::current().name().unwrap_or("main").replace("::", ".");
        std::fs::write(std::path::Path::new(&folder).join(format!("{name}{part}.trace")), bytes).unwrap();
    }
}

/// Does something while no other test records.
pub fn in_turn<T>(work: impl FnOnce() -> T) -> T {
    let _turn = TURN.lock().unwrap_or_else(PoisonError::into_inner);
    work()
}

/// Reads a file, which must be without fault.
pub fn read(bytes: Vec<u8>) -> Told {
    let mut told = Told::default();
    let mut reader = Reader::new(&bytes).unwrap();
    let mut validator = Validator::default();
    while let Some(event) = reader.next() {
        validator.push(&event);
        tell(&mut told, &event, &reader);
    }
    let finished = reader.finish();
    assert!(finished.diagnostics.is_empty(), "{:#?}", finished.diagnostics);
    let verdict = validator.finish(&finished);
    assert!(verdict.is_valid(), "{:#?}", verdict.violations);
    assert_eq!(verdict.misused_regions, 0);
    told.notes = notes(&bytes);
    told.generations = finished.generations.len() as u64;
    told.bytes = bytes;
    told
}

/// The texts of a file that are about its recording.
fn notes(bytes: &[u8]) -> Vec<String> {
    let mut notes = Vec::new();
    for item in Batches::new(parse_header(bytes).unwrap(), bytes, HEADER_LEN as u64) {
        if let Item::Batch(batch) = item.unwrap()
            && batch.kind == BatchKind::Strings
        {
            let texts = strings(&batch).map(|entry| String::from_utf8(entry.unwrap().bytes.to_vec()).unwrap());
            notes.extend(texts.filter_map(|text| text.strip_prefix("goroscope-recorder: ").map(str::to_owned)));
        }
    }
    notes
}

fn tell(told: &mut Told, event: &goroscope_reader::Event, reader: &Reader<'_>) {
    let symbols = reader.symbols();
    let functions = |stack| -> Vec<String> {
        let frames = symbols.stack(stack).iter();
        frames.map(|&frame| symbols.string(symbols.frame(frame).function).to_owned()).collect()
    };
    match event.kind {
        EventKind::Go { go, from, to, reason, stack, .. } => {
            let go = go.0 as i64;
            if from != to {
                *told.steps.entry((format!("{from:?}"), format!("{to:?}"))).or_default() += 1;
            }
            if from == GoState::NotExist {
                told.names.insert(go, functions(stack).first().cloned().unwrap_or_default());
            }
            if from == GoState::Undetermined {
                // Made before the file begins: named by the root of where it stands.
                told.names.insert(go, functions(event.stack).last().cloned().unwrap_or_default());
                told.waits.push((go, String::new(), functions(event.stack)));
            }
            if from == GoState::Running && matches!(to, GoState::Waiting | GoState::Runnable) {
                let reason = symbols.string(reason).to_owned();
                told.waits.push((go, reason.clone(), functions(event.stack)));
                *told.reasons.entry(reason).or_default() += 1;
            }
            if from == GoState::Waiting && to == GoState::Runnable {
                told.wakes.push((event.go.0 as i64, go));
                if event.go.0 as i64 <= 0 {
                    let reason = told.waits.iter().rfind(|wait| wait.0 == go).map(|wait| wait.1.clone());
                    *told.unheard.entry(reason.unwrap_or_default()).or_default() += 1;
                }
            }
            told.left.insert(go, format!("{to:?}"));
            if to == GoState::NotExist {
                told.left.remove(&go);
            }
        }
        EventKind::Proc { proc, from, to } if from != to && to == ProcState::Running => {
            *told.procs.entry(proc.0).or_default() += 1;
        }
        EventKind::Metric { metric: Metric::Gomaxprocs, value } => told.workers = value,
        EventKind::Sample => {
            told.samples.push(Sampled { go: event.go.0 as i64, functions: functions(event.stack) });
        }
        EventKind::RegionBegin { name, .. } => told.regions.push(symbols.string(name).to_owned()),
        EventKind::RegionEnd { name, .. } => told.regions.push(format!("/{}", symbols.string(name))),
        EventKind::TaskBegin { name, .. } => told.tasks.push(symbols.string(name).to_owned()),
        EventKind::TaskEnd { name, .. } => told.tasks.push(format!("/{}", symbols.string(name))),
        EventKind::Log { category, message, .. } => {
            told.logs.push(format!("{}: {}", symbols.string(category), symbols.string(message)));
        }
        _ => {}
    }
}
