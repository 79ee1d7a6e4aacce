//! The profiles of `go tool trace`, value for value: those of the tool of Go 1.27.
//!
//! 1. A goroutine that enters the state, for a reason that counts, is watched from then on, with the stack of the event:
//!    that of whoever executed it, which for a goroutine that was made ready is the one that did so.
//! 2. When it leaves the state, its time in it counts as far as it lies after the first time that the goroutine ran. One
//!    that never ran counts in full.
//! 3. What is still going on at the end does not count.
//! 4. Stacks with the same addresses are one, which looks as it did the last time that it counted.
//!
//! Times are those that Go's reader hands out, see [`GoEvents`]. Of a damaged trace everything counts that can be read,
//! where Go's tool ends with the last generation before the damage.

use super::kind::Kind;
use goroscope_model::{GoId, StackIdx, StringIdx, Symbols};
use goroscope_profile::{Builder, Function, Line, Location, LocationIdx, Profile};
use goroscope_reader::listing::GoEvents;
use goroscope_reader::{EventKind, Finished, GoState, Reader};
use rustc_hash::FxHashMap;
use std::cmp::Reverse;

/// A profile as Go's tool makes it.
#[derive(Debug)]
pub struct GoProfile {
    /// The profile; `None` if no goroutine has the name that was asked for.
    pub profile: Option<Profile>,
    /// What there is to say of the file.
    pub finished: Finished,
}

/// Which profile of Go's tool.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum GoKind {
    /// Waits for the network.
    Net,
    /// Waits for other goroutines.
    Sync,
    /// System calls.
    Syscall,
    /// Ready, waiting for a proc.
    Sched,
}

/// How many frames of a stack Go's tool looks at.
const FRAMES: usize = 128;

impl GoKind {
    /// The profile that Go's tool has under this name.
    pub fn parse(name: &str) -> Option<Self> {
        Kind::parse(name).ok().and_then(Self::of)
    }

    /// What Go's tool has of a kind.
    pub fn of(kind: Kind) -> Option<Self> {
        match kind {
            Kind::Net => Some(Self::Net),
            Kind::Sync => Some(Self::Sync),
            Kind::Syscall => Some(Self::Syscall),
            Kind::Sched => Some(Self::Sched),
            Kind::SyscallBlock
            | Kind::Blocking
            | Kind::Sleep
            | Kind::GcAssist
            | Kind::OffCpu
            | Kind::Wall
            | Kind::Create
            | Kind::Cpu => None,
        }
    }

    fn state(self) -> GoState {
        match self {
            Self::Net | Self::Sync => GoState::Waiting,
            Self::Syscall => GoState::Syscall,
            Self::Sched => GoState::Runnable,
        }
    }

    fn counts(self, reason: &str) -> bool {
        match self {
            Self::Net => reason == "network",
            Self::Sync => ["chan", "sync", "select"].iter().any(|part| reason.contains(part)),
            Self::Syscall | Self::Sched => true,
        }
    }
}

/// The profile of a trace of which nothing was read yet. With a name, only of goroutines whose start function is it.
pub fn go_profile(reader: Reader<'_>, kind: GoKind, name: Option<&str>) -> GoProfile {
    let mut events = GoEvents::new(reader);
    let mut watch = Watch::new(kind);
    while let Some((time, event)) = events.next() {
        match event.kind {
            EventKind::Go { go, from, to, reason, stack } => {
                let symbols = events.reader().symbols();
                watch.live(go, (from, to), time, root(symbols, stack));
                let counts = || kind.counts(symbols.string(reason));
                watch.step(go, to, time, event.stack, counts);
            }
            EventKind::Lost => watch.watched.clear(),
            EventKind::AnotherTrace => {
                watch.watched.clear();
                // Its goroutines are others, whatever their numbers.
                watch.rows.clear();
            }
            _ => {}
        }
    }
    let symbols = events.reader().symbols();
    let sums = watch.sums(|function| name.is_none_or(|name| symbols.string(function) == name));
    let profile = sums.map(|sums| built(symbols, sums));
    GoProfile { profile, finished: events.finish() }
}

/// The function at the root of a stack, or the empty string.
fn root(symbols: &Symbols, stack: StackIdx) -> StringIdx {
    symbols.stack(stack).last().map_or(StringIdx(0), |&frame| symbols.frame(frame).function)
}

/// How often and for how long, ns.
#[derive(Clone, Copy, Debug, Default)]
struct Sum {
    count: i64,
    ns: i64,
    /// The number of the last time that counts, of all that do.
    last: u64,
}

impl Sum {
    fn add(&mut self, other: Self) {
        self.count += other.count;
        self.ns += other.ns;
        self.last = self.last.max(other.last);
    }
}

/// What is known of a goroutine.
#[derive(Debug)]
struct Life {
    /// Its start function, or the empty string as long as no stack tells.
    function: StringIdx,
    has_run: bool,
    /// What counts from its first run on.
    sums: FxHashMap<StackIdx, Sum>,
    /// What counts if it never runs.
    before: Vec<(StackIdx, Sum)>,
}

impl Life {
    /// A goroutine that has not run yet. If another had its number before, Go's tool holds what that one did against the
    /// first run of this one.
    fn new(before: Vec<(StackIdx, Sum)>) -> Self {
        Self { function: StringIdx(0), has_run: false, sums: FxHashMap::default(), before }
    }

    /// All that counts.
    fn into_sums(self) -> impl Iterator<Item = (StackIdx, Sum)> {
        self.before.into_iter().chain(self.sums)
    }
}

/// Goroutines and their times in the state.
struct Watch {
    kind: GoKind,
    rows: FxHashMap<GoId, usize>,
    lives: Vec<Life>,
    /// Those that are in the state: since when, and the stack of the event.
    watched: FxHashMap<GoId, (i64, StackIdx)>,
    /// How many times counted so far.
    counted: u64,
}

impl Watch {
    fn new(kind: GoKind) -> Self {
        Self { kind, rows: FxHashMap::default(), lives: Vec::new(), watched: FxHashMap::default(), counted: 0 }
    }

    /// A goroutine begins, is called something, or runs for the first time.
    fn live(&mut self, go: GoId, (from, to): (GoState, GoState), time: i64, function: StringIdx) {
        if from == to {
            return;
        }
        let next = self.lives.len();
        let row = *self.rows.entry(go).or_insert(next);
        if row == next {
            self.lives.push(Life::new(Vec::new()));
        } else if from == GoState::NotExist {
            let old = std::mem::replace(&mut self.lives[row], Life::new(Vec::new()));
            self.lives[row].before = old.into_sums().collect();
        }
        let life = &mut self.lives[row];
        if life.function == StringIdx(0) {
            life.function = function;
        }
        // Go takes a time of 0 for none.
        if to == GoState::Running && time != 0 && !life.has_run {
            life.has_run = true;
            // All of that was before it ran.
            life.before.clear();
            self.watched.remove(&go);
        }
    }

    /// A goroutine is in a state.
    fn step(&mut self, go: GoId, to: GoState, time: i64, stack: StackIdx, counts: impl FnOnce() -> bool) {
        let is_in = to == self.kind.state();
        let Some(&(since, stack_then)) = self.watched.get(&go) else {
            if is_in && counts() {
                self.watched.insert(go, (time, stack));
            }
            return;
        };
        if is_in {
            return;
        }
        self.watched.remove(&go);
        // What became of it after a loss is not known.
        if to == GoState::Undetermined || time <= since {
            return;
        }
        let Some(&row) = self.rows.get(&go) else { return };
        let life = &mut self.lives[row];
        self.counted += 1;
        let sum = Sum { count: 1, ns: time - since, last: self.counted };
        if life.has_run {
            life.sums.entry(stack_then).or_default().add(sum);
        } else {
            life.before.push((stack_then, sum));
        }
    }

    /// What each stack sums up to in goroutines with a start function that is meant; `None` if none has one.
    fn sums(self, is_meant: impl Fn(StringIdx) -> bool) -> Option<Vec<(StackIdx, Sum)>> {
        let mut meant = self.lives.into_iter().filter(|life| is_meant(life.function)).peekable();
        meant.peek()?;
        let mut sums: FxHashMap<StackIdx, Sum> = FxHashMap::default();
        for (stack, sum) in meant.flat_map(Life::into_sums) {
            sums.entry(stack).or_default().add(sum);
        }
        let mut sums: Vec<_> = sums.into_iter().collect();
        sums.sort_unstable_by_key(|&(stack, _)| stack);
        Some(sums)
    }
}

/// The profile that Go's tool writes: a location for each address, no mapping, no labels.
fn built(symbols: &Symbols, sums: Vec<(StackIdx, Sum)>) -> Profile {
    let mut builder = Builder::new(&[("contentions", "count"), ("delay", "nanoseconds")]);
    let period_type = builder.value_type("trace", "count");
    let header = builder.header_mut();
    header.period_type = period_type;
    header.period = 1;
    let mut merged: FxHashMap<Vec<u64>, (StackIdx, Sum)> = FxHashMap::default();
    for (stack, sum) in sums {
        let frames = symbols.stack(stack).iter().take(FRAMES);
        let mut addresses: Vec<u64> = frames.map(|&frame| symbols.frame(frame).pc).collect();
        // Go's addresses have a fixed number, so that a frame without one is none.
        while addresses.pop_if(|last| *last == 0).is_some() {}
        let one = merged.entry(addresses).or_insert((stack, sum));
        if one.0 != stack {
            // Of stacks that are told apart by other things, Go keeps the last that counted.
            one.0 = if one.1.last < sum.last { stack } else { one.0 };
            one.1.add(sum);
        }
    }
    let mut rows: Vec<(StackIdx, Sum)> = merged.into_values().collect();
    rows.sort_unstable_by_key(|&(stack, sum)| (Reverse(sum.ns), Reverse(sum.count), stack));
    let mut locations: FxHashMap<u64, LocationIdx> = FxHashMap::default();
    let no_labels = builder.labels(&[]);
    for (stack, sum) in rows {
        let frames = symbols.stack(stack).iter().take(FRAMES).map(|&frame| symbols.frame(frame));
        let stack: Vec<LocationIdx> = frames
            .map(|frame| {
                *locations.entry(frame.pc).or_insert_with(|| {
                    let name = builder.string(symbols.string(frame.function));
                    let file = builder.string(symbols.string(frame.file));
                    let function = builder.function(Function { name, system_name: name, file, start_line: 0 });
                    let location = Location { mapping: None, address: frame.pc, folded: false };
                    builder.location(location, &[Line { function, line: i64::from(frame.line), column: 0 }])
                })
            })
            .collect();
        let stack = builder.stack(&stack);
        // There are two values for two types.
        let _ = builder.add(stack, no_labels, &[sum.count, sum.ns]);
    }
    builder.finish()
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::fixtures;
    use std::collections::BTreeMap;

    /// What a profile says, whatever the order in which it does: values by stacks of addresses, functions and lines.
    fn contents(profile: &Profile) -> BTreeMap<String, Vec<i64>> {
        let frame = |location: &LocationIdx| {
            let address = profile.locations()[location.row()].address;
            let line = profile.lines(*location)[0];
            let function = profile.functions()[line.function.row()];
            let (name, file) = (profile.text(function.name), profile.text(function.file));
            format!("{address:#x} {name} {file}:{}", line.line)
        };
        let stack = |stack| profile.stack(stack).iter().map(frame).collect::<Vec<_>>().join("\n");
        let samples: Vec<_> = profile.samples().map(|one| (stack(one.stack), one.values.to_vec())).collect();
        let contents: BTreeMap<_, _> = samples.iter().cloned().collect();
        assert_eq!(contents.len(), samples.len(), "no stack stands there twice");
        contents
    }

    /// Compares a recorded trace with what Go's own tool made of it.
    #[track_caller]
    fn check(name: &str) {
        let file = fixtures::unpacked(&format!("{name}.trace.zst"));
        for kind in ["net", "sync", "syscall", "sched"] {
            let golden = fixtures::golden(&format!("{name}.{kind}.pb.gz"));
            let golden = goroscope_profile::decode(&golden).unwrap();
            let reader = Reader::new(&file).unwrap();
            let ours = go_profile(reader, GoKind::parse(kind).unwrap(), None).profile.unwrap();
            assert_eq!(contents(&ours), contents(&golden), "{name} {kind}");
            let texts = |profile: &Profile| {
                let types = profile.sample_types().iter().chain([&profile.header().period_type]);
                types.flat_map(|one| [one.kind, one.unit]).map(|id| profile.text(id).to_owned()).collect::<Vec<_>>()
            };
            assert_eq!(texts(&ours), texts(&golden), "{name} {kind}");
        }
    }

    #[test]
    fn agrees_with_go() {
        for name in ["mix-1.22", "mix-1.24", "mix-1.27", "coro-1.27", "callback-1.27", "flight-1.25", "late-1.27"] {
            check(name);
        }
        check("steps-1.27");
        check("pubsub-serial");
    }

    #[test]
    fn agrees_with_go_on_old_traces() {
        check("mix-1.19");
        check("mix-1.21");
    }

    /// A part of all, and nothing if there is no goroutine of that name.
    #[test]
    fn goroutines_by_their_start_function() {
        let file = fixtures::unpacked("mix-1.27.trace.zst");
        let made = |name| go_profile(Reader::new(&file).unwrap(), GoKind::Sync, name).profile;
        let total = |profile: &Profile| profile.samples().map(|sample| sample.values[1]).sum::<i64>();
        let all = made(None).unwrap();
        let main = made(Some("main.main")).unwrap();
        assert!(0 < total(&main) && total(&main) < total(&all));
        assert!(made(Some("nobody")).is_none());
    }
}
