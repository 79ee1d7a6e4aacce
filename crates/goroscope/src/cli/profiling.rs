//! The arguments of `goroscope profile`: what is counted, of what part of the trace, and how it is shown.
//!
//! What is about showing is called as `go tool pprof` calls it.

use super::asking::{Filtering, Format};
use crate::failure::Failure;
use clap::{ArgGroup, Args, ValueEnum};
use goroscope_analysis::Slowest;
use goroscope_analysis::profile::{Kind, LabelKey, Options, Rate, StackOf};
use goroscope_profile::filter::{Filter as FrameFilter, TagFilter, TagFrames};
use goroscope_profile::graph::{Order, Trim};
use goroscope_profile::units::{Ratio, Shown};
use goroscope_profile::view::Granularity;
use goroscope_profile::{Pattern, PatternError};
use std::path::PathBuf;

/// How many are listed one by one, unless somebody says how many.
const LONGEST: usize = 50;

/// A profile that is asked for.
#[derive(Clone, Debug, Args)]
#[command(group(ArgGroup::new("form").args(["top", "peek", "tree", "traces", "list", "flame", "output", "folded", "tags", "raw", "longest"])))]
pub struct Profiling {
    /// The trace: a file, or - for standard input
    pub trace: PathBuf,
    #[command(flatten)]
    counting: Counting,
    /// What part of it.
    #[command(flatten)]
    pub filtering: Filtering,
    /// Only in the slowest of the regions or tasks that --region or --task names: 3%
    #[arg(long, value_name = "PERCENT", help_heading = "Filter")]
    slowest: Option<String>,
    #[command(flatten)]
    form: Form,
    #[command(flatten)]
    showing: Showing,
}

/// What is counted.
#[derive(Clone, Debug, Args)]
struct Counting {
    /// What to count: net, sync, syscall, sched, blocking, sleep, gc-assist, syscall-block, off-cpu, wall, create, cpu
    #[arg(long, value_name = "KIND")]
    kind: String,
    /// Full counts what go tool trace forgets; compat has its numbers, for net, sync, syscall and sched
    #[arg(long, value_enum, default_value_t)]
    mode: Mode,
    /// With --mode compat: only goroutines with this start function
    #[arg(long, value_name = "FUNCTION")]
    name: Option<String>,
    /// Whose stack is charged for the time that a goroutine is ready to run
    #[arg(long, value_enum, default_value_t)]
    by: By,
    /// More labels: goroutine, function, task, region, several with commas
    #[arg(long, value_name = "LABELS")]
    labels: Option<String>,
    /// CPU samples per second; if this is not said, as a Rust trace tells, or 100, as traces of Go do not tell
    #[arg(long, value_name = "HZ")]
    rate: Option<u32>,
}

/// Whose numbers.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq, ValueEnum)]
pub enum Mode {
    /// All that the trace tells.
    #[default]
    Full,
    /// Those of `go tool trace`.
    Compat,
}

/// Whose stack.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq, ValueEnum)]
enum By {
    /// The goroutine's own.
    #[default]
    Goroutine,
    /// That of whoever made it ready.
    Waker,
}

/// In which form the profile comes.
#[derive(Clone, Debug, Args)]
#[command(next_help_heading = "Output")]
#[expect(clippy::struct_excessive_bools, reason = "each is a flag of the command line")]
struct Form {
    /// Functions, as go tool pprof -top prints them; this is what is printed if nothing else is said
    #[arg(long)]
    top: bool,
    /// Callers and callees of the functions that match
    #[arg(long, value_name = "REGEX")]
    peek: Option<String>,
    /// Callers and callees of all functions
    #[arg(long)]
    tree: bool,
    /// The stacks
    #[arg(long)]
    traces: bool,
    /// The functions that match, line by line, with their source if it is there
    #[arg(long, value_name = "REGEX")]
    list: Option<String>,
    /// Write a flame graph as a picture; - is standard output
    #[arg(long, value_name = "SVG")]
    flame: Option<PathBuf>,
    /// Write a file for go tool pprof; - is standard output
    #[arg(long, short, value_name = "FILE")]
    output: Option<PathBuf>,
    /// A line for each stack, as flame graph tools read them
    #[arg(long)]
    folded: bool,
    /// What each value of each label is worth
    #[arg(long)]
    tags: bool,
    /// The whole profile as text, table by table
    #[arg(long)]
    raw: bool,
    /// What is counted one by one, the longest first: so many, or 50 (as CSV all there are)
    #[arg(long, value_name = "N", num_args = 0..=1, require_equals = true, default_missing_value = "", value_parser = many)]
    longest: Option<Many>,
    /// Functions as JSON, in the shape that docs/answers.md describes; with --longest what that lists
    #[arg(long, conflicts_with_all = ["top", "peek", "tree", "traces", "list", "flame", "output", "folded", "tags", "raw"])]
    json: bool,
    /// The same as comma-separated values, times in nanoseconds: a line for each function and type of value
    #[arg(long, conflicts_with_all = ["json", "top", "peek", "tree", "traces", "list", "flame", "output", "folded", "tags", "raw"])]
    csv: bool,
}

/// How many rows.
#[derive(Clone, Copy, Debug)]
enum Many {
    Usual,
    AtMost(usize),
}

fn many(text: &str) -> Result<Many, String> {
    match text {
        "" => Ok(Many::Usual),
        _ => text.parse().map(Many::AtMost).map_err(|_| "no number of rows: write --longest=20".to_owned()),
    }
}

/// What of the profile is shown, and how.
#[derive(Clone, Debug, Args)]
#[command(next_help_heading = "View")]
struct Showing {
    /// Only stacks with a function or file that matches
    #[arg(long, value_name = "REGEX")]
    focus: Option<String>,
    /// No stacks with one
    #[arg(long, value_name = "REGEX")]
    ignore: Option<String>,
    /// Without frames that match
    #[arg(long, value_name = "REGEX")]
    hide: Option<String>,
    /// Only frames that match
    #[arg(long, value_name = "REGEX")]
    show: Option<String>,
    /// Without what is above the outermost frame that matches
    #[arg(long, value_name = "REGEX")]
    show_from: Option<String>,
    /// Without what is below the innermost frame that matches
    #[arg(long, value_name = "REGEX")]
    prune_from: Option<String>,
    /// Only samples with such labels: reason=chan
    #[arg(long, value_name = "TAGS")]
    tagfocus: Option<String>,
    /// No samples with such labels
    #[arg(long, value_name = "TAGS")]
    tagignore: Option<String>,
    /// Only labels with keys that match
    #[arg(long, value_name = "REGEX")]
    tagshow: Option<String>,
    /// No labels with keys that match
    #[arg(long, value_name = "REGEX")]
    taghide: Option<String>,
    /// Labels as frames above the root: reason,cause
    #[arg(long, value_name = "KEYS")]
    tagroot: Option<String>,
    /// Labels as frames below the leaf
    #[arg(long, value_name = "KEYS")]
    tagleaf: Option<String>,
    /// What frames are told apart by
    #[arg(long, value_enum, default_value_t)]
    granularity: Finely,
    /// Which values: by name, or by number from 0
    #[arg(long, value_name = "TYPE")]
    sample_index: Option<String>,
    /// In which unit: minimum, auto, ns, us, ms, s
    #[arg(long, default_value = "minimum")]
    unit: String,
    /// One part in so many of each value
    #[arg(long, alias = "divide_by", value_name = "N", default_value_t = 1.0)]
    divide_by: f64,
    /// Sort by what functions are worth with all they called
    #[arg(long)]
    cum: bool,
    /// Of a Rust trace: functions of tokio and the like by themselves, not as what the program called
    #[arg(long)]
    whole_stacks: bool,
    /// The most functions
    #[arg(long, value_name = "N")]
    nodecount: Option<usize>,
    /// Hide functions below this part of the total
    #[arg(long, value_name = "PART", default_value_t = Trim::default().node_fraction)]
    nodefraction: f64,
    /// Hide calls below this part of the total
    #[arg(long, value_name = "PART", default_value_t = Trim::default().edge_fraction)]
    edgefraction: f64,
}

/// What frames are told apart by.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq, ValueEnum)]
enum Finely {
    #[default]
    Functions,
    Filefunctions,
    Files,
    Lines,
    Addresses,
}

/// A profile that is asked for, understood.
#[derive(Clone, Debug)]
pub struct Request {
    /// What is counted, and how.
    pub options: Options,
    /// Whose numbers.
    pub mode: Mode,
    /// Of which goroutines, with Go's numbers.
    pub name: Option<String>,
    /// In which part of the regions or tasks.
    pub slowest: Option<Slowest>,
    /// In which form.
    pub report: Report,
    /// What is left out.
    pub frames: FrameFilter,
    /// How finely.
    pub granularity: Granularity,
    /// Which values.
    pub value: Option<String>,
    /// In which unit.
    pub shown: Shown,
    /// Which part of them.
    pub ratio: Ratio,
    /// Labels that become frames.
    pub tag_frames: TagFrames,
    /// How much of tables and trees.
    pub trim: Trim,
    /// The most functions, if somebody said.
    pub nodes: Option<usize>,
    /// Whose functions tables have at the ends of stacks.
    pub stacks: Stacks,
}

/// Whose functions tables have at the ends of stacks.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Stacks {
    /// In Go all that were recorded, in Rust the program's.
    Usual,
    /// All that were recorded.
    Whole,
}

/// The form of a profile.
#[derive(Clone, Debug)]
pub enum Report {
    /// Functions.
    Top,
    /// Callers and callees of some.
    Peek(Pattern),
    /// Of all.
    Tree,
    /// Stacks.
    Traces,
    /// Source.
    List(Pattern),
    /// A picture.
    Flame(PathBuf),
    /// For `go tool pprof`.
    File(PathBuf),
    /// For flame graph tools.
    Folded,
    /// Labels.
    Tags,
    /// All there is.
    Raw,
    /// What is counted one by one, the longest first.
    Longest(Format, usize),
    /// For programs.
    Json,
    /// The same as lines.
    Csv,
}

impl Profiling {
    /// Understands the arguments, before anything is read.
    pub fn request(&self) -> Result<Request, Failure> {
        let Counting { kind, mode, name, by, labels, rate } = &self.counting;
        let kind = Kind::parse(kind).map_err(|error| Failure::usage(&error))?;
        let labels = LabelKey::parse_list(labels.as_deref().unwrap_or_default());
        let stack_of = match by {
            By::Goroutine => StackOf::Goroutine,
            By::Waker => StackOf::Waker,
        };
        let options = Options {
            kind,
            stack_of,
            labels: labels.map_err(|error| Failure::usage(&error))?,
            rate: rate
                .map(|rate| {
                    let wrong = || Failure::usage(&format!("--rate {rate}: use a number from 1 to {}", Rate::MAX));
                    Rate::new(rate).ok_or_else(wrong)
                })
                .transpose()?,
        };
        if *by == By::Waker && kind != Kind::Sched {
            return Err(Failure::usage("--by waker is for --kind sched: other states have one stack only"));
        }
        let slowest = self.slowest.as_deref().map(Slowest::parse).transpose();
        self.check_mode(&options)?;
        if self.form.longest.is_some() {
            self.check_longest(kind)?;
        }
        let showing = &self.showing;
        check_value(kind, showing.sample_index.as_deref())?;
        Ok(Request {
            options,
            mode: *mode,
            name: name.clone(),
            slowest: slowest.map_err(|error| Failure::usage(&error.to_string()))?,
            report: self.form.report().map_err(|error| wrong(&error))?,
            frames: showing.frames().map_err(|error| wrong(&error))?,
            granularity: showing.granularity.into(),
            value: showing.sample_index.clone(),
            shown: match showing.unit.as_str() {
                "minimum" => Shown::Minimum,
                "auto" => Shown::Auto,
                unit => Shown::Unit(unit.to_owned()),
            },
            ratio: Ratio::one_in(showing.divide_by)
                .filter(|_| showing.divide_by > 0.0)
                .ok_or_else(|| Failure::usage("--divide-by: use a number above 0"))?,
            tag_frames: TagFrames {
                root: TagFrames::keys(showing.tagroot.as_deref().unwrap_or_default()),
                leaf: TagFrames::keys(showing.tagleaf.as_deref().unwrap_or_default()),
            },
            trim: Trim {
                nodes: 0,
                node_fraction: showing.nodefraction,
                edge_fraction: showing.edgefraction,
                order: if showing.cum { Order::Cum } else { Order::Flat },
            },
            nodes: showing.nodecount,
            stacks: if showing.whole_stacks { Stacks::Whole } else { Stacks::Usual },
        })
    }

    /// Refuses what `go tool trace` cannot do where its numbers are wanted, and what only it does where they are not.
    fn check_mode(&self, options: &Options) -> Result<(), Failure> {
        let Counting { mode, name, .. } = &self.counting;
        match mode {
            Mode::Full if name.is_some() => Err(Failure::usage("--name goes with --mode compat; otherwise use --func")),
            Mode::Full => Ok(()),
            Mode::Compat => {
                let usual = Options { rate: options.rate, ..Options::new(options.kind) };
                let is_filtered = !self.filtering.filter()?.is_everything() || self.slowest.is_some();
                if *options != usual || is_filtered {
                    return Err(Failure::usage(
                        "--mode compat knows no filter but --name, and neither --by nor --labels",
                    ));
                }
                Ok(())
            }
        }
    }
}

impl Profiling {
    /// Refuses what does not go with a list of states one by one.
    fn check_longest(&self, kind: Kind) -> Result<(), Failure> {
        let showing = &self.showing;
        let unknown = [
            ("--mode compat", self.counting.mode == Mode::Compat),
            ("--labels", self.counting.labels.is_some()),
            ("--tagroot", showing.tagroot.is_some()),
            ("--tagleaf", showing.tagleaf.is_some()),
            ("--tagshow", showing.tagshow.is_some()),
            ("--taghide", showing.taghide.is_some()),
            ("--sample-index", showing.sample_index.is_some()),
            ("--nodecount", showing.nodecount.is_some()),
            ("--cum", showing.cum),
            ("--whole-stacks", showing.whole_stacks),
            ("--unit", showing.unit != "minimum"),
            ("--divide-by", showing.divide_by.to_bits() != 1.0_f64.to_bits()),
            ("--granularity", showing.granularity != Finely::default()),
        ];
        if let Some((flag, _)) = unknown.iter().find(|(_, is_there)| *is_there) {
            return Err(Failure::usage(&format!(
                "{flag} does not apply to --longest, which lists what is counted one by one"
            )));
        }
        if !kind.counts_states() {
            return Err(Failure::usage(&format!(
                "--kind {} counts no states, which --longest could list",
                kind.name()
            )));
        }
        Ok(())
    }
}

/// Refuses a value that the profile will not have, by name or by number.
fn check_value(kind: Kind, name: Option<&str>) -> Result<(), Failure> {
    let Some(name) = name else { return Ok(()) };
    let names: Vec<&str> = kind.types().iter().map(|(name, _)| *name).collect();
    let is_name = names.contains(&name.strip_prefix("inuse_").unwrap_or(name));
    if is_name || name.parse::<usize>().is_ok_and(|number| number < names.len()) {
        return Ok(());
    }
    Err(Failure::usage(&format!("--sample-index {name}: this profile has {}", names.join(", "))))
}

impl Form {
    fn report(&self) -> Result<Report, PatternError> {
        Ok(match self {
            Self { peek: Some(pattern), .. } => Report::Peek(Pattern::new(pattern)?),
            Self { list: Some(pattern), .. } => Report::List(Pattern::new(pattern)?),
            Self { flame: Some(path), .. } => Report::Flame(path.clone()),
            Self { output: Some(path), .. } => Report::File(path.clone()),
            Self { tree: true, .. } => Report::Tree,
            Self { traces: true, .. } => Report::Traces,
            Self { folded: true, .. } => Report::Folded,
            Self { tags: true, .. } => Report::Tags,
            Self { raw: true, .. } => Report::Raw,
            Self { longest: Some(rows), json, csv, .. } => {
                let format = Format { json: *json, csv: *csv };
                let asked = match rows {
                    Many::Usual => None,
                    Many::AtMost(rows) => Some(*rows),
                };
                Report::Longest(format, format.rows(asked, LONGEST))
            }
            Self { json: true, .. } => Report::Json,
            Self { csv: true, .. } => Report::Csv,
            Self { .. } => Report::Top,
        })
    }
}

impl Showing {
    fn frames(&self) -> Result<FrameFilter, PatternError> {
        let pattern = |text: &Option<String>| text.as_deref().map(Pattern::new).transpose();
        let tags = |text: &Option<String>| text.as_deref().map(TagFilter::new).transpose();
        Ok(FrameFilter {
            focus: pattern(&self.focus)?,
            ignore: pattern(&self.ignore)?,
            hide: pattern(&self.hide)?,
            show: pattern(&self.show)?,
            show_from: pattern(&self.show_from)?,
            prune_from: pattern(&self.prune_from)?,
            tag_focus: tags(&self.tagfocus)?,
            tag_ignore: tags(&self.tagignore)?,
            tag_show: pattern(&self.tagshow)?,
            tag_hide: pattern(&self.taghide)?,
        })
    }
}

impl From<Finely> for Granularity {
    fn from(finely: Finely) -> Self {
        match finely {
            Finely::Functions => Self::Functions,
            Finely::Filefunctions => Self::FileFunctions,
            Finely::Files => Self::Files,
            Finely::Lines => Self::Lines,
            Finely::Addresses => Self::Addresses,
        }
    }
}

fn wrong(error: &PatternError) -> Failure {
    Failure::usage(&error.to_string())
}
