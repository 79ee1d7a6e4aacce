//! The arguments, as `go tool trace` has them where it has them.

pub mod asking;
mod goroutines;
pub mod listing;
pub mod profiling;
mod runtime;

use self::asking::Asked;
use self::goroutines::{Goroutines, OneGoroutine};
use self::listing::{LogArguments, RegionArguments, TaskArguments};
use self::profiling::Profiling;
use self::runtime::{CountersAsked, GcAsked, LatencyAsked, MmuAsked, ProcsAsked, ThreadsAsked};
use crate::answers::Question;
use crate::debugging::Mode;
use crate::demo::Demo;
use crate::failure::Failure;
use crate::go_profile;
use crate::symbolizing::Binaries;
use anyhow::anyhow;
use clap::{Args, CommandFactory, FromArgMatches, Parser, Subcommand};
use goroscope_analysis::profile::GoKind;
use goroscope_analysis::{EventTopic, FILTER_KEYS, Subject};
use goroscope_edit::{Pseudonyms, Window};
use goroscope_model::{ReadOptions, UnknownVersion};
use goroscope_server::Listen;
use std::ffi::OsString;
use std::path::{Path, PathBuf};

const EXAMPLES: &str = "\
Examples:
  goroscope trace.out                     read a trace and show it in the browser
  goroscope trace.out.gz                  the same for one packed with gzip or zstd
  curl -s HOST/debug/pprof/trace | goroscope -
  goroscope demo                          record an example and look at it
  goroscope info --json trace.out         what is in the file, for programs
  goroscope -d=parsed trace.out           every event in order, as go tool trace prints them
  goroscope -pprof=sync trace.out >sync.pb.gz
                                          where goroutines waited, for go tool pprof
  goroscope profile --kind sched --func worker --flame sched.svg trace.out
                                          where workers were ready and had to wait for a proc
  goroscope check-file trace.out          is it whole, and does it make sense?
  goroscope cut --from 620ms --to 640ms trace.out part.out
                                          a smaller trace

Exit codes:
  0  all is well; also if a damaged trace was read as far as it goes, with a summary on standard error
  1  the file, the trace or the address is at fault; with -d also if a part of the trace could not be printed
  2  the arguments are
  3  check-file could read the trace, but it is damaged or breaks rules
  Ctrl-C ends with 0 once the URL is printed, and with 130 before.";

/// Reads execution traces and shows what a concurrent program did, and why it waited
#[derive(Debug, Parser)]
#[command(name = "goroscope", version, after_help = EXAMPLES, override_usage = "goroscope [OPTIONS] [BINARY] TRACE\n       goroscope [OPTIONS] demo [serial|concurrent]\n       goroscope info [--json] TRACE\n       goroscope check-file [--json] TRACE\n       goroscope profile --kind KIND [OPTIONS] TRACE\n       goroscope cut|merge|anonymize|repair|symbolize TRACE... OUTPUT")]
struct Cli {
    /// The trace: a file, or - for standard input; plain or packed with gzip or zstd.
    /// A program before it is accepted, as by go tool trace, and ignored
    #[arg(value_name = "TRACE", num_args = 1..=2)]
    trace: Vec<PathBuf>,
    /// Print what is in the file instead, as go tool trace does. MODE is one of: parsed, the ordered events; wire, the
    /// records as they stand in the file; footprint, what the kinds of records take
    #[arg(short, value_name = "MODE", overrides_with = "debug")]
    debug: Option<String>,
    /// Write a profile for go tool pprof to standard output instead, with the numbers of go tool trace. TYPE is one of:
    /// net, sync, syscall, sched; see also the command profile
    #[arg(long, value_name = "TYPE", overrides_with = "pprof")]
    pprof: Option<String>,
    #[command(subcommand)]
    command: Option<Chosen>,
    #[command(flatten)]
    reading: Reading,
    #[command(flatten)]
    serving: Serving,
}

#[derive(Debug, Subcommand)]
enum Chosen {
    /// Show an example: records a pub/sub server that writes to its subscribers one by one, then one that writes to all
    /// at once, and opens both
    Demo {
        /// Which one to look at first
        #[arg(value_enum, default_value_t)]
        which: Demo,
    },
    /// Print what is in a trace: format, duration, counts, kinds of events, problems
    #[command(override_usage = "goroscope info [--json] TRACE")]
    Info {
        /// The trace: a file, or - for standard input
        trace: PathBuf,
        /// As JSON
        #[arg(long)]
        json: bool,
    },
    /// Check a trace: what is damaged, how much is lost, and whether its events keep the rules; ends with 0 if all is
    /// well, with 1 if it cannot be read as a trace, with 3 if it can but is damaged or breaks rules
    #[command(override_usage = "goroscope check-file [--json] TRACE")]
    CheckFile {
        /// The trace: a file, or - for standard input
        trace: PathBuf,
        /// As JSON
        #[arg(long)]
        json: bool,
    },
    /// What happened, in order: states of goroutines, regions, tasks, logs, ranges of the runtime, samples
    #[command(
        override_usage = "goroscope events [FILTER] [--kind KINDS] [--limit N] [--offset N] [--json|--csv] TRACE"
    )]
    Events {
        /// Only these kinds: state, region, task, log, range, sample, several with commas
        #[arg(long, value_name = "KINDS", value_delimiter = ',')]
        kind: Vec<EventTopic>,
        /// How many at most; 1000 unless as CSV, of which there is no limit
        #[arg(long, value_name = "N")]
        limit: Option<usize>,
        /// Leave out so many first
        #[arg(long, value_name = "N", default_value_t = 0)]
        offset: usize,
        #[command(flatten)]
        asked: Box<Asked>,
    },
    /// One goroutine in full: what it did, who created it, who blocked it and whom it blocked
    #[command(override_usage = "goroscope goroutine [--json|--csv] ID TRACE")]
    Goroutine(Box<OneGoroutine>),
    /// What goroutines did, in groups or one by one: running, ready to run, waiting and for what
    #[command(
        override_usage = "goroscope goroutines [--group GROUP [--of NAME]] [--list] [--sort COLUMN] [FILTER] [--json|--csv] TRACE"
    )]
    Goroutines(Box<Goroutines>),
    /// What the program logged into the trace
    #[command(override_usage = "goroscope logs [--category TEXT] [--text TEXT] [--json|--csv] TRACE")]
    Logs(Box<LogArguments>),
    /// The regions that the program marked, by type: how many, how long, what their goroutines did inside
    #[command(override_usage = "goroscope regions [--list] [--json|--csv] TRACE")]
    Regions(Box<RegionArguments>),
    /// The tasks that the program marked, by type: how many and how long; or one of them and where its time went
    #[command(override_usage = "goroscope tasks [--list|--id ID] [--json|--csv] TRACE")]
    Tasks(Box<TaskArguments>),
    /// Profiles: stacks with how often and how long goroutines waited there, were ready, in system calls, created, …
    #[command(
        override_usage = "goroscope profile --kind KIND [FILTER] [VIEW] [--top|--peek REGEX|--tree|--traces|--list REGEX|--flame SVG|-o FILE|--folded|--longest[=N]|--json] TRACE"
    )]
    Profile(Box<Profiling>),
    /// What the garbage collector did: cycles, pauses, heap sizes, cost; and every stop of the world
    #[command(override_usage = "goroscope gc [--table cycles|stops|assists] [--json|--csv] TRACE")]
    Gc(Box<GcAsked>),
    /// How long goroutines that could run waited until they ran
    #[command(override_usage = "goroscope latency [--func REGEX] [--worst N] [--json|--csv] TRACE")]
    Latency(Box<LatencyAsked>),
    /// Minimum mutator utilisation: how little the collector left of the procs at worst
    #[command(override_usage = "goroscope mmu [--view system|proc] [--window TIME] [--json|--csv] TRACE")]
    Mmu(Box<MmuAsked>),
    /// What each proc did, and whether it was idle while goroutines could run
    #[command(override_usage = "goroscope procs [--from TIME] [--to TIME] [--json|--csv] TRACE")]
    Procs(Box<ProcsAsked>),
    /// What each thread did: running Go code, in system calls, idle
    #[command(override_usage = "goroscope threads [--from TIME] [--to TIME] [--json|--csv] TRACE")]
    Threads(Box<ThreadsAsked>),
    /// Values over time that a Rust program or its recorder told: queues, memory, counters of its own
    #[command(override_usage = "goroscope counters [--from TIME] [--to TIME] [--cells N] [--json|--csv] TRACE")]
    Counters(Box<CountersAsked>),
    /// Write a part of a trace as a trace
    #[command(override_usage = "goroscope cut [--from TIME] [--to TIME] TRACE OUTPUT")]
    Cut {
        /// Where it begins, since the start of the trace: 620ms, 1.5s, 12us
        #[arg(long, value_name = "TIME", value_parser = goroscope_analysis::parse_duration, allow_hyphen_values = true)]
        from: Option<i64>,
        /// Where it ends
        #[arg(long, value_name = "TIME", value_parser = goroscope_analysis::parse_duration, allow_hyphen_values = true)]
        to: Option<i64>,
        /// The trace: a file, or - for standard input
        trace: PathBuf,
        /// Where to write, or - for standard output
        output: PathBuf,
    },
    /// Join snapshots that the flight recorder of one process wrote
    #[command(override_usage = "goroscope merge TRACE TRACE... OUTPUT")]
    Merge {
        /// The snapshots, then where to write, or - for standard output
        #[arg(required = true, num_args = 3.., value_name = "FILE")]
        files: Vec<PathBuf>,
    },
    /// Replace the names and texts of the program by others
    #[command(override_usage = "goroscope anonymize [--key TEXT] TRACE OUTPUT")]
    Anonymize {
        /// Make the new names of this, so that they are the same for other traces with the same key
        #[arg(long, value_name = "TEXT", value_parser = key)]
        key: Option<String>,
        /// The trace: a file, or - for standard input
        trace: PathBuf,
        /// Where to write, or - for standard output
        output: PathBuf,
    },
    /// Name the functions of a Rust program's trace that was recorded with addresses only
    #[command(override_usage = "goroscope symbolize [--binary PATH] [--search DIR] TRACE OUTPUT")]
    Symbolize {
        /// The program or a library of it; otherwise they are looked for where they were when it was recorded. It must be
        /// the very build that was recorded
        #[arg(long, value_name = "PATH")]
        binary: Vec<PathBuf>,
        /// A folder with programs and libraries, or with .build-id folders of separate debug information
        #[arg(long, value_name = "DIR")]
        search: Vec<PathBuf>,
        /// The trace: a file, or - for standard input
        trace: PathBuf,
        /// Where to write, or - for standard output
        output: PathBuf,
    },
    /// Write what is left of a damaged trace as a trace that other tools open
    #[command(override_usage = "goroscope repair TRACE OUTPUT")]
    Repair {
        /// The trace: a file, or - for standard input
        trace: PathBuf,
        /// Where to write, or - for standard output
        output: PathBuf,
    },
}

/// How a trace is read.
#[expect(clippy::struct_excessive_bools, reason = "each is a flag of the command line")]
#[derive(Clone, Debug, Args)]
pub struct Reading {
    /// Print only errors, damage and the URL
    #[arg(long, short, global = true)]
    pub quiet: bool,
    /// Read a trace of a Go that is newer than this program as if it were of the newest known; events that are not known
    /// are shown as such, printed as Unknown by -d=parsed and as Bytes by -d=wire, and left out where a trace is written
    #[arg(long, global = true)]
    pub force: bool,
    /// Do not show how far the reading is
    #[arg(long, global = true)]
    pub no_progress: bool,
    /// Keep columns of the trace in this folder, so that it opens at once the next time; otherwise those of larger
    /// traces are kept in your cache folder
    #[arg(long, global = true, value_name = "DIR", conflicts_with = "no_index")]
    pub index_dir: Option<PathBuf>,
    /// Neither use nor write an index of the trace
    #[arg(long, global = true)]
    pub no_index: bool,
}

impl Reading {
    /// How the reader reads.
    pub fn options(&self) -> ReadOptions {
        let unknown_version = if self.force { UnknownVersion::Attempt } else { UnknownVersion::Refuse };
        ReadOptions { unknown_version }
    }
}

/// How a trace is served.
#[derive(Clone, Debug, Args)]
pub struct Serving {
    /// Do not open a browser
    #[arg(long, global = true)]
    pub no_browser: bool,
    /// Listen on host:port, or on localhost for :port; also -http=ADDR, as for go tool trace.
    /// An address that others can reach shows the trace to whoever has the URL
    #[arg(long, global = true, value_name = "ADDR", visible_alias = "http")]
    pub listen: Option<Listen>,
}

/// What to do.
#[derive(Clone, Debug)]
pub enum Command {
    /// Show a trace.
    Open {
        /// The trace, or `-`.
        file: PathBuf,
        /// A binary that stood before it.
        ignored: Option<PathBuf>,
    },
    /// Print a trace record by record.
    Debug {
        /// How.
        mode: Mode,
        /// The trace, or `-`.
        file: PathBuf,
    },
    /// Write a profile as Go's tool does.
    Pprof {
        /// Which.
        kind: GoKind,
        /// The trace, or `-`.
        file: PathBuf,
    },
    /// Record an example and show it.
    Demo {
        /// Which trace first.
        which: Demo,
    },
    /// Print what is in a trace.
    Info {
        /// The trace, or `-`.
        file: PathBuf,
        /// As JSON rather than text.
        json: bool,
    },
    /// Say whether a trace is whole and makes sense.
    CheckFile {
        /// The trace, or `-`.
        file: PathBuf,
        /// As JSON rather than text.
        json: bool,
    },
    /// Make a profile.
    Profile(Box<Profiling>),
    /// Answer a question about one.
    Ask {
        /// Which.
        question: Question,
        /// About what, and in which form.
        asked: Box<Asked>,
    },
    /// Write a part of one.
    Cut {
        /// Which part.
        window: Window,
        /// The trace, or `-`.
        from: PathBuf,
        /// The part, or `-`.
        to: PathBuf,
    },
    /// Join some.
    Merge {
        /// The traces, one of which may be `-`.
        from: Vec<PathBuf>,
        /// The joined one, or `-`.
        to: PathBuf,
    },
    /// Replace names and texts.
    Anonymize {
        /// By which.
        names: Pseudonyms,
        /// The trace, or `-`.
        from: PathBuf,
        /// The anonymous one, or `-`.
        to: PathBuf,
    },
    /// Name the functions of one.
    Symbolize {
        /// Where they are.
        binaries: Binaries,
        /// The trace, or `-`.
        from: PathBuf,
        /// The one with names, or `-`.
        to: PathBuf,
    },
    /// Write what is left of a damaged one.
    Repair {
        /// The trace, or `-`.
        from: PathBuf,
        /// The repaired one, or `-`.
        to: PathBuf,
    },
}

/// The arguments, understood.
#[derive(Clone, Debug)]
pub struct Request {
    /// What to do.
    pub command: Command,
    /// How to read.
    pub reading: Reading,
    /// How to serve.
    pub serving: Serving,
}

/// Understands the arguments, the program's name first.
pub fn parse(arguments: impl Iterator<Item = OsString>) -> Result<Request, Failure> {
    let found = command().try_get_matches_from(with_go_flags(arguments));
    let cli = found.and_then(|found| Cli::from_arg_matches(&found)).map_err(|error| {
        if error.use_stderr() { Failure::Usage(error.to_string()) } else { Failure::Asked(error.to_string()) }
    })?;
    let debug = cli.debug.filter(|mode| !mode.is_empty());
    let pprof = cli.pprof.filter(|kind| !kind.is_empty());
    let command = match (cli.command, &cli.trace[..]) {
        (Some(_), _) if pprof.is_some() => {
            return Err(Failure::usage("'-pprof' goes with a trace, not with a command: see 'goroscope profile'"));
        }
        (Some(_), _) if debug.is_some() => {
            return Err(Failure::usage("'-d' goes with a trace, not with a command"));
        }
        (Some(Chosen::Demo { which }), []) => Command::Demo { which },
        (Some(Chosen::Info { trace, json }), []) => Command::Info { file: trace, json },
        (Some(Chosen::CheckFile { trace, json }), []) => Command::CheckFile { file: trace, json },
        (Some(Chosen::Events { kind, limit, offset, asked }), []) => {
            let limit = asked.format.rows(limit, 1000);
            Command::Ask { question: Question::Events { topics: kind, offset, limit }, asked }
        }
        (Some(Chosen::Goroutine(one)), []) => {
            let (question, asked) = one.question();
            Command::Ask { question, asked }
        }
        (Some(Chosen::Goroutines(goroutines)), []) => {
            let (question, asked) = goroutines.question()?;
            Command::Ask { question, asked }
        }
        (Some(Chosen::Logs(arguments)), []) => {
            let (query, asked) = arguments.understood()?;
            ask(Question::Logs(query), asked)
        }
        (Some(Chosen::Regions(arguments)), []) => {
            let (question, asked) = arguments.understood()?;
            ask(Question::Regions(question), asked)
        }
        (Some(Chosen::Tasks(arguments)), []) => {
            let (question, asked) = arguments.understood()?;
            ask(Question::Tasks(question), asked)
        }
        (Some(Chosen::Profile(asked)), []) => Command::Profile(asked),
        (Some(Chosen::Gc(asked)), []) => asked.question().map(understood)?,
        (Some(Chosen::Latency(asked)), []) => asked.question().map(understood)?,
        (Some(Chosen::Mmu(asked)), []) => asked.question().map(understood)?,
        (Some(Chosen::Procs(asked)), []) => asked.question().map(understood)?,
        (Some(Chosen::Threads(asked)), []) => asked.question().map(understood)?,
        (Some(Chosen::Counters(asked)), []) => asked.question().map(understood)?,
        (Some(Chosen::Cut { from, to, trace, output }), []) => {
            Command::Cut { window: window(from, to)?, from: trace, to: output }
        }
        (Some(Chosen::Merge { mut files }), []) => {
            let to = files.pop().unwrap_or_default();
            Command::Merge { from: files, to }
        }
        (Some(Chosen::Anonymize { key, trace, output }), []) => {
            let names = key.map_or(Pseudonyms::Counted, Pseudonyms::Keyed);
            Command::Anonymize { names, from: trace, to: output }
        }
        (Some(Chosen::Symbolize { binary, search, trace, output }), []) => {
            let binaries = Binaries { files: binary, folders: search };
            Command::Symbolize { binaries, from: trace, to: output }
        }
        (Some(Chosen::Repair { trace, output }), []) => Command::Repair { from: trace, to: output },
        (Some(_), [word, ..]) => {
            return Err(Failure::usage(&format!("unexpected '{}' before the command", word.display())));
        }
        (None, []) => {
            return Err(Failure::usage(
                "no trace given: name a trace.out, - for standard input, or try 'goroscope demo'",
            ));
        }
        (None, [.., trace]) if let Some(kind) = &pprof => {
            Command::Pprof { kind: go_profile::kind(kind)?, file: trace.clone() }
        }
        (None, [.., trace]) if let Some(mode) = &debug => {
            // As in Go's tool, this is not a mistake of the arguments but of what is asked for.
            let mode = mode.parse().map_err(|error: String| Failure::Trouble(anyhow!(error)))?;
            Command::Debug { mode, file: trace.clone() }
        }
        (None, [trace]) => {
            mistyped(trace)?;
            Command::Open { file: trace.clone(), ignored: None }
        }
        (None, [binary, trace, ..]) => {
            mistyped(binary)?;
            Command::Open { file: trace.clone(), ignored: Some(binary.clone()) }
        }
    };
    Ok(Request { command, reading: cli.reading, serving: cli.serving })
}

fn ask(question: Question, asked: Asked) -> Command {
    Command::Ask { question, asked: Box::new(asked) }
}

fn understood((question, asked): runtime::Understood) -> Command {
    Command::Ask { question, asked }
}

/// The arguments that there are. A command takes the options of all, but its help lists only those that matter to it.
fn command() -> clap::Command {
    let serving = ["no_browser", "listen"];
    let index = ["index_dir", "no_index"];
    let mut command = Cli::command();
    command.build();
    for chosen in command.get_subcommands_mut() {
        let hidden: &[&[&str]] = match chosen.get_name() {
            "demo" => &[&index, &["force"]],
            "counters" | "events" | "gc" | "goroutine" | "goroutines" | "info" | "latency" | "logs" | "mmu"
            | "procs" | "profile" | "regions" | "tasks" | "threads" => &[&serving],
            _ => &[&serving, &index],
        };
        let filters = Subject::of_name(chosen.get_name()).map(Subject::possible_keys);
        let is_refused = |id: &str| match filters {
            Some([]) if id == "filter" => true,
            Some(keys) => FILTER_KEYS.contains(&id) && !keys.contains(&id),
            None => false,
        };
        let is_hidden = |id: &str| is_refused(id) || hidden.iter().any(|ids| ids.contains(&id));
        *chosen = std::mem::take(chosen)
            .mut_args(|argument| if is_hidden(argument.get_id().as_str()) { argument.hide(true) } else { argument });
    }
    command
}

/// A key that names are made of.
fn key(text: &str) -> Result<String, String> {
    if text.is_empty() {
        return Err("an empty key is no secret: leave --key out to have names counted".into());
    }
    Ok(text.to_owned())
}

/// The part between two times, either of which may be left out, but not both.
fn window(from: Option<i64>, to: Option<i64>) -> Result<Window, Failure> {
    match (from, to) {
        (None, None) => Err(Failure::usage("which part: --from, --to or both")),
        (Some(from), Some(to)) if from >= to => Err(Failure::usage("--from is not before --to")),
        (from, to) => Ok(Window { from: from.unwrap_or(i64::MIN), to: to.unwrap_or(i64::MAX) }),
    }
}

/// `-http=:6060`, `-http :6060` and `-pprof=net` with two dashes, `--d` with one.
fn with_go_flags(arguments: impl Iterator<Item = OsString>) -> Vec<OsString> {
    let mut found = Vec::new();
    let mut flags = true;
    for argument in arguments {
        let text = argument.to_str().unwrap_or_default();
        flags &= text != "--";
        let name = text.split('=').next().unwrap_or_default();
        match name {
            "-http" | "-pprof" if flags => found.push(OsString::from(format!("-{text}"))),
            "--d" if flags => found.push(OsString::from(&text[1..])),
            _ => found.push(argument),
        }
    }
    found
}

/// Refuses a word that names no file and is nearly a command.
fn mistyped(word: &Path) -> Result<(), Failure> {
    let text = word.to_string_lossy();
    let near = [
        "demo",
        "info",
        "check-file",
        "counters",
        "events",
        "goroutine",
        "goroutines",
        "latency",
        "logs",
        "procs",
        "profile",
        "regions",
        "tasks",
        "threads",
        "cut",
        "merge",
        "anonymize",
        "repair",
        "symbolize",
        "help",
    ]
    .into_iter()
    .find(|command| distance(&text, command) <= 2);
    match near {
        Some(command) if !word.exists() => Err(Failure::usage(&format!(
            "unrecognized subcommand '{text}', and no file of this name\n\n  tip: a similar subcommand exists: '{command}'"
        ))),
        Some(_) | None => Ok(()),
    }
}

/// Letters to insert, delete or replace to make one word of the other (Levenshtein), row by row.
fn distance(a: &str, b: &str) -> usize {
    let b: Vec<char> = b.chars().collect();
    let mut row: Vec<usize> = (0..=b.len()).collect();
    for (i, from) in a.chars().enumerate() {
        let mut diagonal = row[0];
        row[0] = i + 1;
        for (j, to) in b.iter().enumerate() {
            let replaced = diagonal + usize::from(from != *to);
            diagonal = row[j + 1];
            row[j + 1] = replaced.min(diagonal + 1).min(row[j] + 1);
        }
    }
    row.last().copied().unwrap_or_default()
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn the_parser_is_sound() {
        command().debug_assert();
    }

    #[test]
    fn distances() {
        for (a, b, expected) in
            [("info", "info", 0), ("inof", "info", 2), ("dmo", "demo", 1), ("", "demo", 4), ("flaw", "law", 1)]
        {
            assert_eq!(distance(a, b), expected, "{a} {b}");
        }
    }
}
