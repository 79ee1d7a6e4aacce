//! Commands that answer a question about a trace: read it, ask `goroscope-analysis`, print a table, JSON or CSV.

mod class_time;
mod counters;
mod empty;
mod events;
mod gc;
mod goroutine;
mod goroutines;
mod latency;
mod logs;
mod mmu;
mod procs;
mod regions;
mod task_story;
mod tasks;
mod threads;

use crate::cli::Reading;
use crate::cli::asking::{Asked, Format};
use crate::cli::listing::{RegionQuestion, TaskQuestion};
use crate::console;
use crate::failure::Failure;
use crate::index::Cache;
use crate::table::{Look, Table};
use crate::watch::Watch;
use crate::{input, numbers, opening};
use anyhow::{Context, anyhow};
use goroscope_analysis::{
    EventTopic, Filter, FilterError, GcTable, GroupQuery, LatencyOptions, ListQuery, LogQuery, MmuOptions, OrderedPage,
    ProcsOptions, Subject, ThreadsOptions, Trace, Words,
};
use serde::Serialize;
use std::path::Path;

/// A question, understood.
#[derive(Clone, Debug)]
pub enum Question {
    /// What happened, in order.
    Events {
        /// Only of these topics; all if empty.
        topics: Vec<EventTopic>,
        /// So many are left out first.
        offset: usize,
        /// At most so many.
        limit: usize,
    },
    /// What one goroutine did, by its id.
    Goroutine(u64),
    /// What goroutines did, one by one.
    Goroutines(ListQuery),
    /// What goroutines did, in groups.
    Groups(GroupQuery),
    /// What the program logged.
    Logs(LogQuery),
    /// Regions.
    Regions(RegionQuestion),
    /// Tasks.
    Tasks(TaskQuestion),
    /// What the collector did.
    Gc(GcTable, OrderedPage),
    /// How long goroutines waited to run.
    Latency(LatencyOptions),
    /// How little the collector left.
    Mmu(MmuOptions),
    /// What each proc did.
    Procs(ProcsOptions),
    /// What each thread did.
    Threads(ThreadsOptions),
    /// Counters, in so many cells.
    Counters(usize),
}

impl Question {
    /// Which answer it asks for.
    fn subject(&self) -> Subject {
        match self {
            Self::Events { .. } => Subject::Events,
            Self::Goroutine(_) => Subject::Goroutine,
            Self::Goroutines(_) | Self::Groups(_) => Subject::Goroutines,
            Self::Logs(_) => Subject::Logs,
            Self::Regions(_) => Subject::Regions,
            Self::Tasks(_) => Subject::Tasks,
            Self::Gc(..) => Subject::Gc,
            Self::Latency(_) => Subject::Latency,
            Self::Mmu(_) => Subject::Mmu,
            Self::Procs(_) => Subject::Procs,
            Self::Threads(_) => Subject::Threads,
            Self::Counters(_) => Subject::Counters,
        }
    }
}

impl Question {
    /// How many rows are left out before the first one that is shown, and how many are shown at most.
    fn page(&self) -> (usize, usize) {
        match self {
            Self::Events { offset, limit, .. } | Self::Tasks(TaskQuestion::One { offset, limit, .. }) => {
                (*offset, *limit)
            }
            Self::Goroutines(ListQuery { page, .. }) | Self::Groups(GroupQuery { page, .. }) => {
                (page.offset, page.limit)
            }
            Self::Logs(query) => (query.paging.offset, query.paging.limit),
            Self::Regions(RegionQuestion::Types(paging)) => (paging.offset, paging.limit),
            Self::Regions(RegionQuestion::List(query)) => (query.paging.offset, query.paging.limit),
            Self::Tasks(TaskQuestion::Types(paging)) => (paging.offset, paging.limit),
            Self::Tasks(TaskQuestion::List(query)) => (query.paging.offset, query.paging.limit),
            Self::Gc(_, page) => (page.offset, page.limit),
            Self::Latency(options) => (options.page.offset, options.page.limit),
            Self::Procs(options) => (options.page.offset, options.page.limit),
            Self::Threads(options) => (options.page.offset, options.page.limit),
            Self::Goroutine(_) | Self::Mmu(_) | Self::Counters(_) => (0, usize::MAX),
        }
    }
}

/// What all answers as JSON begin with.
#[derive(Serialize)]
struct Envelope<'a, T> {
    /// Which answer this is.
    answer: &'static str,
    /// The version of its shape: grows when a field is taken away or changes its meaning.
    version: u32,
    /// What the trace is called.
    trace: &'a str,
    /// The filter, as text.
    filter: String,
    #[serde(flatten)]
    body: &'a T,
}

/// An answer in its three forms.
struct Answer {
    text: String,
}

/// How to make an answer of what `goroscope-analysis` says.
struct Asking<'a> {
    trace: &'a Trace,
    filter: &'a Filter,
    name: &'a str,
    format: Format,
    look: Look,
    subject: Subject,
    /// Rows that are left out before the first one that is shown, and how many are shown at most.
    page: (usize, usize),
    words: &'static Words,
}

impl Asking<'_> {
    /// As JSON, or as CSV of the table, or as `text` makes it of the table for people.
    fn answer<T: Serialize>(
        &self,
        (answer, version): (&'static str, u32),
        body: &T,
        table: impl FnOnce(&T) -> Table,
        text: impl FnOnce(&T, String) -> String,
    ) -> Result<Answer, Failure> {
        if self.format.json {
            return Ok(Answer { text: as_json((answer, version), self.name, self.filter, body)? });
        }
        let mut table = table(body);
        if self.format.csv {
            return Ok(Answer { text: table.csv() });
        }
        if !self.words.has_collector() {
            table.hide(&ONLY_GO);
        }
        let (is_empty, table) = (table.is_empty(), table.aligned(self.look));
        let why = if is_empty { empty::why(self) } else { String::new() };
        Ok(Answer { text: text(body, table) + &why })
    }
}

/// Columns that say nothing of a Rust trace: people are not shown them.
const ONLY_GO: [&str; 5] = ["running_gc_ns", "running_runtime_ns", "gc_wait_ns", "syscall_blocked_ns", "retakes"];

/// Reads the trace, and prints the answer.
pub fn run(reading: &Reading, question: &Question, asked: &Asked) -> Result<(), Failure> {
    let Asked { trace, filtering, format } = asked;
    let filter = filtering.filter()?;
    // What is wrong with the arguments is said before the trace is read, which may take long.
    question.subject().allows(&filter).map_err(|error| refused(&error))?;
    let opened = open(reading, trace)?;
    within(&opened, &filter)?;
    if matches!(question, Question::Gc(..) | Question::Mmu(_)) && opened.trace.recording().is_some() {
        return Err(Failure::Trouble(anyhow!("{}: a Rust program, which has no garbage collector", opened.name)));
    }
    let asking = Asking {
        trace: &opened.trace,
        filter: &filter,
        name: &opened.name,
        format: *format,
        look: console::look(),
        subject: question.subject(),
        page: question.page(),
        words: Words::of(&opened.trace),
    };
    let answer = match question {
        Question::Events { topics, offset, limit } => events::answer(&asking, topics, (*offset, *limit)),
        Question::Goroutine(id) => goroutine::answer(&asking, *id),
        Question::Goroutines(query) => goroutines::of_list(&asking, query),
        Question::Groups(query) => goroutines::of_groups(&asking, query),
        Question::Logs(query) => logs::answer(&asking, query),
        Question::Regions(question) => regions::answer(&asking, question),
        Question::Tasks(question) => tasks::answer(&asking, question),
        Question::Gc(table, page) => gc::answer(&asking, *table, page),
        Question::Latency(options) => latency::answer(&asking, options),
        Question::Mmu(options) => mmu::answer(&asking, options),
        Question::Procs(options) => procs::answer(&asking, options),
        Question::Threads(options) => threads::answer(&asking, options),
        Question::Counters(cells) => counters::answer(&asking, *cells),
    }?;
    console::answer(&answer.text).context("standard output")?;
    Ok(())
}

/// An answer as JSON: its name and the version of its shape come first.
pub fn as_json<T: Serialize>(
    (answer, version): (&'static str, u32),
    trace: &str,
    filter: &Filter,
    body: &T,
) -> Result<String, Failure> {
    let envelope = Envelope { answer, version, trace, filter: filter.to_string(), body };
    let json = serde_json::to_string_pretty(&envelope).context("cannot write the answer as JSON")?;
    Ok(json + "\n")
}

/// Reads a trace, and says what is wrong with it.
pub fn open(reading: &Reading, trace: &Path) -> Result<opening::Opened, Failure> {
    let options = reading.options();
    let opened =
        opening::read(input::open(trace, options)?, options, Cache::of(reading)?.as_ref(), Watch::terminal(reading))?;
    if let Some(text) = opening::verdict(&opened) {
        console::tell(&text);
    }
    console::tell(&opening::cautions(&opened));
    Ok(opened)
}

/// Refuses a stretch of time that the trace has nothing of: it would be answered by something that is near it.
pub fn within(opened: &opening::Opened, filter: &Filter) -> Result<(), Failure> {
    let (trace, name) = (&opened.trace, &opened.name);
    let time = numbers::duration;
    match (filter.from, filter.to) {
        (Some(from), _) if from > trace.end() => Err(Failure::Trouble(anyhow!(
            "{name}: nothing is there from {} on: the trace ends at {}",
            time(from),
            time(trace.end())
        ))),
        (_, Some(to)) if to < trace.start() => Err(Failure::Trouble(anyhow!(
            "{name}: nothing is there until {}: the trace begins at {}",
            time(to),
            time(trace.start())
        ))),
        _ => Ok(()),
    }
}

/// A filter that this answer cannot follow is a mistake of the arguments.
fn refused(error: &FilterError) -> Failure {
    Failure::usage(&error.to_string())
}
