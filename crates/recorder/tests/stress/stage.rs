//! Where a scenario plays: its folder, its settings, and what it tells of its files.

use std::io::{self, Write};
use std::path::{Path, PathBuf};
use std::sync::{Arc, Mutex};

use goroscope_recorder::{Builder, Compat, Recorder, Summary, attach};
use tokio::runtime::Runtime;

use crate::counting::Count;
use crate::files;
use crate::say;

/// A scenario's own.
#[derive(Debug)]
pub struct Stage {
    pub folder: PathBuf,
    pub compat: Compat,
    /// How large things are to be: 1 in the tests.
    pub scale: u64,
    #[cfg_attr(not(feature = "perf"), expect(dead_code, reason = "nothing can be asked then"))]
    pub kernel: Kernel,
}

/// Whether the kernel is asked for samples and switches.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Kernel {
    Ignored,
    Asked,
}

/// Whether a trace has exactly one run for each run of a task.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Runs {
    /// Yes.
    Plain,
    /// No: tasks run inside of others, or block their threads, and go on afterwards.
    Nested,
}

impl Stage {
    /// The settings that are meant unless a scenario is about others.
    pub fn builder(&self) -> Builder {
        let builder = Recorder::builder().compat(self.compat);
        #[cfg(feature = "perf")]
        let builder = match self.kernel {
            Kernel::Ignored => builder,
            Kernel::Asked => builder.cpu_samples(997).kernel_switches(goroscope_recorder::Switches::Recorded),
        };
        builder
    }

    /// A file of the scenario.
    pub fn path(&self, name: &str) -> PathBuf {
        self.folder.join(format!("{name}.trace"))
    }

    /// Records a program that counts itself, after which nothing of it is left.
    pub fn record(&self, name: &str, runs: Runs, program: impl FnOnce(&Count)) -> Summary {
        self.record_with(self.builder(), name, runs, program)
    }

    /// As `record`, with other settings.
    pub fn record_with(&self, builder: Builder, name: &str, runs: Runs, program: impl FnOnce(&Count)) -> Summary {
        let count = Count::default();
        let recording = builder.start(&self.path(name)).unwrap();
        program(&count);
        let summary = recording.stop().unwrap();
        assert_eq!((summary.dropped, summary.repaired), (0, 0), "{summary:?}");
        assert_eq!(summary.tasks, count.tasks(), "{count:?} {summary:?}");
        assert_eq!(summary.polls, count.runs(), "{count:?} {summary:?}");
        assert_eq!(count.ended(), count.tasks(), "{count:?}");
        if runs == Runs::Plain {
            Self::expect(name, &[("created", count.tasks()), ("finished", count.ended()), ("runs", count.runs())]);
            // What runs again was woken, or let others run.
            Self::expect(name, &[("rises", count.runs() - count.tasks()), ("left", 0)]);
        } else {
            Self::expect(name, &[("created", count.tasks()), ("finished", count.ended()), ("left", 0)]);
        }
        summary
    }

    /// Says what is to be found in a file.
    pub fn expect(name: &str, facts: &[(&str, u64)]) {
        for (key, value) in facts {
            say(&format!("expect {name} {key}={value}"));
        }
    }

    /// Says that a file may end anywhere behind so many bytes.
    pub fn expect_cut(name: &str) {
        say(&format!("expect {name} cut=1"));
    }
}

/// A runtime with so many workers.
pub fn several(workers: usize) -> Runtime {
    attach(tokio::runtime::Builder::new_multi_thread().worker_threads(workers)).enable_all().build().unwrap()
}

/// A runtime that the thread drives that blocks on it.
pub fn single() -> Runtime {
    attach(&mut tokio::runtime::Builder::new_current_thread()).enable_all().build().unwrap()
}

/// Random numbers, others in every run.
#[derive(Debug)]
pub struct Dice(u64);

impl Dice {
    pub fn new() -> Self {
        use std::hash::{BuildHasher, RandomState};
        Self(RandomState::new().hash_one(std::process::id()) | 1)
    }

    /// A number below this one.
    pub fn below(&mut self, most: u64) -> u64 {
        self.0 ^= self.0 << 13;
        self.0 ^= self.0 >> 7;
        self.0 ^= self.0 << 17;
        self.0 % most.max(1)
    }
}

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

/// Keeps a file that was written to memory, after it was checked here.
pub fn keep_checked(path: &Path, bytes: &[u8]) {
    files::read(bytes).unwrap();
    std::fs::write(path, bytes).unwrap();
}

/// Does nothing for a while that differs from time to time.
pub fn dawdle(dice: &mut Dice) {
    for _ in 0..dice.below(2000) {
        std::hint::spin_loop();
    }
}

/// Panics without a message on the terminal.
pub fn give_up() {
    std::panic::resume_unwind(Box::new("no more"));
}
