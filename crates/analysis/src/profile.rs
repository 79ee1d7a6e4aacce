//! Profiles of a trace: for each stack, how often and for how long goroutines were in a state.
//!
//! 1. A filter says of which goroutines, and of each between which times: [`Scope`].
//! 2. A [`Kind`] says which of what they did counts, and with which stack: `states` walks over their spans, `events` over
//!    what is not a state.
//! 3. Equal stacks with equal labels are added up, as rows of the trace: `weights`.
//! 4. `frames` gives them names: a [`Profile`], which [`goroscope_profile`] filters, sums up, draws and writes.
//!
//! [`places`] gives what was added up one by one, with its place on the timeline.
//!
//! Nothing is forgotten in silence: what has no stack is under a frame that says so, what the trace cuts at either end
//! counts as far as it is seen and has a label. [`go_profile`] gives the numbers of `go tool trace` instead.

mod events;
mod frames;
mod go;
mod kind;
mod places;
mod reasons;
mod states;
mod subjects;
#[cfg(test)]
mod tests;
pub mod views;
mod weights;

use crate::{Filter, FilterError, Scope};
use goroscope_model::{GoIdx, Trace, each_in_parallel};

pub use goroscope_profile::view::Granularity;
pub use goroscope_profile::{Pattern as FramePattern, PatternError, Profile, encode};

pub use self::go::{GoKind, GoProfile, go_profile};
pub use self::kind::Kind;
pub use self::places::{PlaceOrder, PlaceRow, Places, Wanted, places};
pub use self::subjects::LabelKey;

use self::subjects::Subjects;
use self::weights::Weights;

/// How a profile is made.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Options {
    /// What it counts.
    pub kind: Kind,
    /// Whose stack is charged for the time that a goroutine is ready. Of other states there is only one.
    pub stack_of: StackOf,
    /// Labels beside those that are always there.
    pub labels: Vec<LabelKey>,
    /// How often the CPU was sampled, if somebody knows that better than the trace.
    pub rate: Option<Rate>,
}

/// Whose stack is charged.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq)]
pub enum StackOf {
    /// That of the goroutine: where it blocked, gave up its proc or was created.
    #[default]
    Goroutine,
    /// That of whoever made it ready, as in `go tool trace`.
    Waker,
}

/// CPU samples per second of running.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct Rate(u32);

impl Rate {
    /// The most that makes sense.
    pub const MAX: u32 = 100_000;

    /// So many; `None` if that is no rate.
    pub fn new(per_second: u32) -> Option<Self> {
        (1..=Self::MAX).contains(&per_second).then_some(Self(per_second))
    }

    /// What the trace says, which those of goroscope-recorder do.
    fn told(trace: &Trace) -> Option<Self> {
        Self::new(trace.recording()?.samples_per_second()?)
    }

    /// Samples per second.
    pub fn per_second(self) -> u32 {
        self.0
    }

    /// From one to the next, ns.
    pub fn period(self) -> u64 {
        1_000_000_000 / u64::from(self.0)
    }
}

impl Default for Rate {
    /// What Go's CPU profiler takes unless it is told otherwise. Traces of Go do not say.
    fn default() -> Self {
        Self(100)
    }
}

impl Options {
    /// The usual ones.
    pub fn new(kind: Kind) -> Self {
        Self { kind, stack_of: StackOf::default(), labels: Vec::new(), rate: None }
    }

    /// How often the CPU was sampled: as was said, as the trace tells, or as usual.
    fn rate(&self, trace: &Trace) -> Rate {
        self.rate.or_else(|| Rate::told(trace)).unwrap_or_default()
    }
}

/// How many parts the goroutines are divided into, so that all cores are busy to the end.
const PARTS: usize = 64;

/// The profile of what a filter lets pass.
pub fn profile(trace: &Trace, filter: &Filter, options: &Options) -> Result<Profile, FilterError> {
    let name = options.kind.name();
    filter.allow(name, options.kind.keys(filter))?;
    let scope = Scope::of(trace, filter);
    let subjects = Subjects::new(trace, &options.labels);
    let goroutines: Vec<GoIdx> = scope.goroutines().map(|(go, _)| go).collect();
    let parts = PARTS.min(goroutines.len());
    let sums = each_in_parallel(parts, |part| {
        let mut weights = Weights::default();
        for &go in goroutines.iter().skip(part).step_by(parts) {
            add(&scope, options, &subjects, go, &mut weights);
        }
        weights
    });
    let mut weights = Weights::default();
    for sum in sums {
        weights.join(sum);
    }
    if options.kind == Kind::Cpu {
        events::add_other_samples(&scope, options, &mut weights);
    }
    Ok(frames::build(trace, filter, options, weights))
}

fn add(scope: &Scope<'_>, options: &Options, subjects: &Subjects<'_>, go: GoIdx, weights: &mut Weights) {
    match options.kind {
        Kind::GcAssist => events::add_assists(scope, subjects, go, weights),
        Kind::Cpu => events::add_samples(scope, options, subjects, go, weights),
        Kind::Create => events::add_creation(scope, subjects, go, weights),
        Kind::Net
        | Kind::Sync
        | Kind::Syscall
        | Kind::SyscallBlock
        | Kind::Sched
        | Kind::Blocking
        | Kind::Sleep
        | Kind::OffCpu
        | Kind::Wall => states::add(scope, options, subjects, go, weights),
    }
}
