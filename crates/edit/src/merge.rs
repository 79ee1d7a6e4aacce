//! Snapshots of one process joined into one trace.
//!
//! A flight recorder's snapshot holds the last generations of a process, and the next one some of them again. What the
//! generations are called is the same in all of them, so joining is done before anything is read: of each generation the
//! most complete copy is taken, in the order of their numbers, and the rest of the way is that of any trace.
//!
//! Generations may be missing between two snapshots, and numbers also go on without a gap where a program stops to be
//! recorded and begins again later. The numbers in the output go on without a gap, because Go's reader
//! wants that; what was not recorded is a time in which nothing happens, in which everything waits for the reason that it
//! was lost.

use std::collections::BTreeMap;

use goroscope_reader::{
    ClockSnapshot, Event, EventKind, Frame, FrameIdx, Generation, GoId, GoState, OpenError, ReadOptions, Reader,
    Severity, Symbols, ThreadId, Version,
};
use goroscope_wire::HEADER_LEN;
use rustc_hash::{FxHashMap, FxHashSet};

use crate::Progress;
use crate::encode::AsRecorded;
use crate::rewrite::{Edited, Experiments, Plan, rewrite};
use crate::survey::{Survey, Window};

/// A merged trace.
#[derive(Debug)]
pub struct Merged {
    /// The trace.
    pub edited: Edited,
    /// For each input, how many of its generations are in the output.
    pub taken: Vec<usize>,
    /// How many generations were in more than one input.
    pub doubled: usize,
    /// Where generations are missing.
    pub gaps: Vec<Gap>,
}

/// Time that is in no input: generations are missing, or none was recorded between two that follow each other.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct Gap {
    /// Number of the last generation before it.
    pub before: u64,
    /// Number of the first generation behind it.
    pub behind: u64,
}

/// Why files cannot be merged.
#[derive(Clone, Debug, PartialEq, Eq)]
pub enum MergeError {
    /// The file with this number, from 0, is no trace.
    Open(usize, OpenError),
    /// The file with this number has a format without generations, which only one recording can have written.
    Old(usize, Version),
    /// In the file with this number, another trace begins at a byte, which is not of the same process.
    Several(usize, u64),
    /// The file with this number has no generation.
    Empty(usize),
    /// These two are not of one process.
    Foreign(usize, usize, Mismatch),
}

/// What shows that two files are not of one process.
#[derive(Clone, Debug, PartialEq, Eq)]
pub enum Mismatch {
    /// Their formats differ: the `NN` of `go 1.NN trace` in their headers.
    Version(u16, u16),
    /// Both have the generation, and it begins at different times.
    Generation(u64),
    /// The generation has a higher number than that of the other file, and begins before it.
    Order(u64, u64),
    /// The wall clock minus the monotonic one, which the system sets when it starts, differs by so many seconds.
    Boot(u64),
    /// No thread is in both.
    Threads,
    /// The address is in different functions.
    Program(u64, String, String),
    /// Both saw the creation of the goroutine.
    Goroutine(u64),
}

/// What is known of an input.
struct Snapshot {
    version: Version,
    /// Where another trace begins in it.
    another: Option<u64>,
    header_minor: u16,
    generations: Vec<Generation>,
    zero: i64,
    clock: Option<ClockSnapshot>,
    threads: FxHashSet<ThreadId>,
    /// Goroutines that were created, but not for a callback from C, and in which generation.
    created: FxHashMap<GoId, u64>,
    /// Numbers of the generations in which the program began to be recorded.
    begun: FxHashSet<u64>,
    functions: FxHashMap<u64, String>,
}

/// Between two readings of the clocks of one machine since its start, the wall clock may be set so far.
const MOST_DRIFT: u64 = 60;

/// The range in which the runtime begins to record.
const BEGIN: &str = "stop-the-world (start trace)";

/// Joins the files.
pub fn merge(files: &[&[u8]], options: ReadOptions, progress: &mut Progress<'_>) -> Result<Merged, MergeError> {
    let total: usize = files.iter().map(|file| file.len()).sum();
    progress.expect(3 * total as u64);
    let mut snapshots = Vec::new();
    for (number, file) in files.iter().enumerate() {
        let snapshot = Snapshot::of(file, options, progress).map_err(|error| MergeError::Open(number, error))?;
        if snapshot.version.is_v1() {
            return Err(MergeError::Old(number, snapshot.version));
        }
        if let Some(another) = snapshot.another {
            return Err(MergeError::Several(number, another));
        }
        if snapshot.generations.is_empty() {
            return Err(MergeError::Empty(number));
        }
        progress.next(file.len() as u64);
        snapshots.push(snapshot);
    }
    for (number, snapshot) in snapshots.iter().enumerate() {
        for (other, earlier) in snapshots[..number].iter().enumerate() {
            if let Some(mismatch) = earlier.mismatch(snapshot) {
                return Err(MergeError::Foreign(other, number, mismatch));
            }
        }
    }
    let (choice, doubled) = choose(&snapshots);
    let joined = join(files, &snapshots, &choice);
    let open = |error| MergeError::Open(0, error);
    let mut survey = Survey::of(&joined, options, Window::ALL, progress).map_err(open)?;
    if let (Some(recording), Some(last)) = (&mut survey.recording, choice.keys().next_back()) {
        recording.forget(last.saturating_sub(choice.len() as u64));
    }
    progress.next(joined.len() as u64);
    let naming = Box::new(AsRecorded);
    let plan = Plan { options, window: Window::ALL, naming, experiments: Experiments::Keep, survey: &survey };
    let edited = rewrite(&joined, plan, progress).map_err(open)?;
    let mut taken = vec![0; files.len()];
    for &(file, _) in choice.values() {
        taken[file] += 1;
    }
    Ok(Merged { edited, taken, doubled, gaps: gaps(&snapshots, &choice) })
}

impl Snapshot {
    fn of(file: &[u8], options: ReadOptions, progress: &mut Progress<'_>) -> Result<Self, OpenError> {
        let mut reader = Reader::open(file, options)?;
        let (mut threads, mut created) = (FxHashSet::default(), FxHashMap::default());
        let mut begun = FxHashSet::default();
        let mut generation = 0;
        let mut number: u64 = 0;
        while let Some(Event { thread, kind, .. }) = reader.next() {
            if thread != ThreadId::NONE {
                threads.insert(thread);
            }
            match kind {
                EventKind::Sync { sync } => {
                    generation = reader.generations().get(sync as usize - 1).map_or(0, |generation| generation.number);
                }
                EventKind::Go { go, from: GoState::NotExist, to: GoState::Runnable | GoState::Waiting, .. } => {
                    created.insert(go, generation);
                }
                EventKind::RangeBegin { name, .. } if reader.symbols().string(name) == BEGIN => {
                    begun.insert(generation);
                }
                _ => {}
            }
            if number.is_multiple_of(65_536) {
                progress.report(reader.position());
            }
            number += 1;
        }
        let (version, header_minor, zero) = (reader.version(), reader.header_minor(), reader.clock_zero());
        let finished = reader.finish();
        let has_loss = finished.diagnostics.iter().any(|diagnostic| diagnostic.severity == Severity::Loss);
        Ok(Self {
            version,
            another: finished.traces.get(1).map(|trace| trace.offset),
            header_minor,
            zero,
            clock: finished.generations.iter().find_map(|generation| generation.clock),
            threads,
            created,
            begun,
            // Of a damaged file, neither the tables nor what was made of missing entries is evidence.
            functions: if has_loss { FxHashMap::default() } else { functions(&finished.symbols) },
            generations: finished.generations,
        })
    }

    /// When a generation begins on the clock of the machine.
    fn start(&self, generation: &Generation) -> i64 {
        generation.start.0.saturating_add(self.zero)
    }

    /// What shows that the other is not of the same process.
    fn mismatch(&self, other: &Self) -> Option<Mismatch> {
        if self.header_minor != other.header_minor {
            return Some(Mismatch::Version(self.header_minor, other.header_minor));
        }
        if let (Some(a), Some(b)) = (self.clock, other.clock) {
            let apart = boot(a).abs_diff(boot(b)) / 1_000_000_000;
            if apart > u128::from(MOST_DRIFT) {
                return Some(Mismatch::Boot(apart as u64));
            }
        }
        for mine in &self.generations {
            for theirs in &other.generations {
                let (a, b) = (self.start(mine), other.start(theirs));
                if mine.number == theirs.number && a != b && mine.complete && theirs.complete {
                    return Some(Mismatch::Generation(mine.number));
                }
                if mine.number != theirs.number && (mine.number < theirs.number) != (a < b) {
                    let (lower, higher) = (mine.number.min(theirs.number), mine.number.max(theirs.number));
                    return Some(Mismatch::Order(higher, lower));
                }
            }
        }
        if self.threads.is_disjoint(&other.threads) {
            return Some(Mismatch::Threads);
        }
        let mut places: Vec<_> = self.functions.iter().collect();
        places.sort_unstable();
        let moved = places.into_iter().find_map(|(&pc, function)| {
            let theirs = other.functions.get(&pc).filter(|&theirs| theirs != function)?;
            Some(Mismatch::Program(pc, function.clone(), theirs.clone()))
        });
        moved.or_else(|| {
            let twice = |go: &GoId| other.created.get(go).is_some_and(|theirs| self.created.get(go) != Some(theirs));
            self.created.keys().copied().filter(twice).min().map(|go| Mismatch::Goroutine(go.0))
        })
    }
}

/// The moment of the wall clock at which the monotonic one was zero, in nanoseconds.
fn boot(clock: ClockSnapshot) -> u128 {
    let wall = u128::from(clock.wall_sec) * 1_000_000_000 + u128::from(clock.wall_nsec);
    wall.saturating_sub(u128::from(clock.mono))
}

/// Which function each address is in, unless the file itself says several.
fn functions(symbols: &Symbols) -> FxHashMap<u64, String> {
    let mut functions: FxHashMap<u64, String> = FxHashMap::default();
    let mut unclear = FxHashSet::default();
    for row in 0..symbols.frame_count() as u32 {
        let Frame { pc, function, .. } = symbols.frame(FrameIdx(row));
        let function = symbols.string(function);
        if functions.entry(pc).or_insert_with(|| function.to_owned()) != function {
            unclear.insert(pc);
        }
    }
    functions.retain(|pc, _| !unclear.contains(pc));
    functions
}

/// By number of the generation: the file to take it from and its place there.
type Choice = BTreeMap<u64, (usize, usize)>;

/// Of each generation the most complete copy, and how many there are more than once.
fn choose(snapshots: &[Snapshot]) -> (Choice, usize) {
    let mut choice = Choice::new();
    let mut doubled = 0;
    for (file, snapshot) in snapshots.iter().enumerate() {
        for (place, generation) in snapshot.generations.iter().enumerate() {
            let Some(&(other, at)) = choice.get(&generation.number) else {
                choice.insert(generation.number, (file, place));
                continue;
            };
            doubled += 1;
            let chosen = &snapshots[other].generations[at];
            if (generation.complete, generation.bytes) > (chosen.complete, chosen.bytes) {
                choice.insert(generation.number, (file, place));
            }
        }
    }
    (choice, doubled)
}

/// The bytes of the generations one after another: in files of this format, each is in one piece.
///
/// Where the program was not recorded before a generation, the header of its file says so to the reader.
fn join(files: &[&[u8]], snapshots: &[Snapshot], choice: &Choice) -> Vec<u8> {
    // All files have the same one, which may be that of a version that is not known.
    let mut joined = files[0][..HEADER_LEN].to_vec();
    let mut before = None;
    for (&number, &(file, place)) in choice {
        let generation = &snapshots[file].generations[place];
        let next = snapshots[file].generations.get(place + 1);
        let end = next.map_or(files[file].len() as u64, |next| next.offset);
        if before.is_some_and(|before| begins_later(snapshots, before, (file, number))) {
            joined.extend_from_slice(&files[file][..HEADER_LEN]);
        }
        joined.extend_from_slice(files[file].get(generation.offset as usize..end as usize).unwrap_or_default());
        before = Some((file, number));
    }
    joined
}

/// Whether the numbers of two generations, each with the file that it is from, follow each other, but not their times.
fn begins_later(snapshots: &[Snapshot], before: (usize, u64), behind: (usize, u64)) -> bool {
    before.0 != behind.0 && before.1 + 1 == behind.1 && snapshots[behind.0].begun.contains(&behind.1)
}

fn gaps(snapshots: &[Snapshot], choice: &Choice) -> Vec<Gap> {
    let chosen: Vec<(usize, u64)> = choice.iter().map(|(&number, &(file, _))| (file, number)).collect();
    let is_gap = |pair: &&[(usize, u64)]| pair[1].1 != pair[0].1 + 1 || begins_later(snapshots, pair[0], pair[1]);
    chosen.windows(2).filter(is_gap).map(|pair| Gap { before: pair[0].1, behind: pair[1].1 }).collect()
}
