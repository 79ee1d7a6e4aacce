//! The arguments of commands about the collector, the procs and the threads.

use super::asking::{Asked, Format};
use crate::answers::Question;
use crate::failure::Failure;
use clap::Args;
use goroscope_analysis::{
    GcTable, LatencyOptions, MAX_CALLS, MAX_CELLS, MAX_POINTS, MAX_PROC_CELLS, MAX_SHORT_MOMENTS, MAX_WORST_WAITS,
    MAX_WORST_WINDOWS, MmuOptions, Order, OrderedPage, ProcsOptions, StopsThatCount, ThreadsOptions, UnknownChoice,
    View, parse_duration,
};
use std::ops::RangeInclusive;
use std::str::FromStr;

/// Which rows are printed.
#[derive(Clone, Debug, Args)]
#[command(next_help_heading = "Rows")]
pub struct Paging {
    /// Sort by this; docs/answers.md says by what each answer can be sorted
    #[arg(long, value_name = "COLUMN")]
    sort: Option<String>,
    /// asc or desc
    #[arg(long, value_name = "ORDER")]
    order: Option<String>,
    /// Leave out so many rows first
    #[arg(long, value_name = "N", default_value_t = 0)]
    offset: usize,
    /// At most so many rows; as CSV there is no limit unless it is given
    #[arg(long, value_name = "N")]
    limit: Option<usize>,
}

impl Paging {
    fn page(&self, usual: usize, format: Format) -> Result<OrderedPage, Failure> {
        let order = self.order.as_deref().map(|text| chosen::<Order>("order", text)).transpose()?;
        Ok(OrderedPage { offset: self.offset, limit: format.rows(self.limit, usual), order })
    }

    fn sort<T: FromStr<Err = UnknownChoice> + Default>(&self) -> Result<T, Failure> {
        self.sort.as_deref().map_or_else(|| Ok(T::default()), |text| chosen("sort", text))
    }
}

/// Cycles of the collector and stops of the world.
#[derive(Clone, Debug, Args)]
pub struct GcAsked {
    /// What to list: cycles, stops or assists
    #[arg(long, value_name = "TABLE")]
    table: Option<String>,
    #[command(flatten)]
    asked: Asked,
    #[command(flatten)]
    paging: Paging,
}

/// Scheduling latency.
#[derive(Clone, Debug, Args)]
pub struct LatencyAsked {
    /// List so many of the longest waits
    #[arg(long, value_name = "N")]
    worst: Option<usize>,
    #[command(flatten)]
    asked: Asked,
    #[command(flatten)]
    paging: Paging,
}

/// Minimum mutator utilisation.
#[derive(Clone, Debug, Args)]
pub struct MmuAsked {
    /// Of all procs together, or of each: system, proc
    #[arg(long, value_name = "VIEW")]
    view: Option<String>,
    /// Stops of the world that count: gc, all, none
    #[arg(long, value_name = "STOPS")]
    stw: Option<String>,
    /// Whether background mark workers count: on, off
    #[arg(long, value_name = "SWITCH")]
    background: Option<String>,
    /// Whether mark assists count: on, off
    #[arg(long, value_name = "SWITCH")]
    assist: Option<String>,
    /// Whether sweeps count: on, off
    #[arg(long, value_name = "SWITCH")]
    sweep: Option<String>,
    /// Whether the curve has percentiles, which take longer: on, off
    #[arg(long, value_name = "SWITCH")]
    percentiles: Option<String>,
    /// How many windows the curve has; unless said otherwise 25, as CSV and JSON 100
    #[arg(long, value_name = "N")]
    points: Option<usize>,
    /// The shortest window, 1us unless said otherwise
    #[arg(long, value_name = "TIME")]
    shortest: Option<String>,
    /// The longest window, as long as the trace unless said otherwise
    #[arg(long, value_name = "TIME")]
    longest: Option<String>,
    /// List the worst windows of this length
    #[arg(long, value_name = "TIME")]
    window: Option<String>,
    /// So many of them, 10 unless said otherwise
    #[arg(long, value_name = "N", requires = "window")]
    worst: Option<usize>,
    #[command(flatten)]
    asked: Asked,
}

/// What procs did.
#[derive(Clone, Debug, Args)]
pub struct ProcsAsked {
    /// Cut time into so many buckets, 64 unless said otherwise
    #[arg(long, value_name = "N")]
    cells: Option<usize>,
    /// List so many of the moments at which procs were missed
    #[arg(long, value_name = "N")]
    worst: Option<usize>,
    #[command(flatten)]
    asked: Asked,
    #[command(flatten)]
    paging: Paging,
}

/// What threads did.
#[derive(Clone, Debug, Args)]
pub struct ThreadsAsked {
    /// List so many functions that called the system, of each
    #[arg(long, value_name = "N")]
    calls: Option<usize>,
    #[command(flatten)]
    asked: Asked,
    #[command(flatten)]
    paging: Paging,
}

/// Counters.
#[derive(Clone, Debug, Args)]
pub struct CountersAsked {
    /// In so many cells of time
    #[arg(long, value_name = "N")]
    cells: Option<usize>,
    #[command(flatten)]
    asked: Asked,
}

/// A question and what it is about.
pub type Understood = (Question, Box<Asked>);

impl GcAsked {
    /// The question.
    pub fn question(self) -> Result<Understood, Failure> {
        let table = GcTable::parse(self.table.as_deref(), self.paging.sort.as_deref())
            .map_err(|error| Failure::usage(&format!("--table or --sort: {error}")))?;
        Ok((Question::Gc(table, self.paging.page(100, self.asked.format)?), Box::new(self.asked)))
    }
}

impl LatencyAsked {
    /// The question.
    pub fn question(self) -> Result<Understood, Failure> {
        let worst = number("worst", self.worst, 10, 0..=MAX_WORST_WAITS)?;
        let options =
            LatencyOptions { sort: self.paging.sort()?, page: self.paging.page(100, self.asked.format)?, worst };
        Ok((Question::Latency(options), Box::new(self.asked)))
    }
}

impl MmuAsked {
    /// The question.
    pub fn question(self) -> Result<Understood, Failure> {
        let usual = MmuOptions::default();
        // So many fit onto a screen.
        let usual_points = if self.asked.format.is_for_people() { 25 } else { usual.points };
        let text = |name: &str, text: &Option<String>, usual: bool| match text.as_deref() {
            None => Ok(usual),
            Some("on") => Ok(true),
            Some("off") => Ok(false),
            Some(other) => Err(Failure::usage(&format!("--{name} {other}: use on or off"))),
        };
        let options = MmuOptions {
            view: self.view.as_deref().map_or(Ok(usual.view), |text| chosen::<View>("view", text))?,
            stw: self.stw.as_deref().map_or(Ok(usual.stw), |text| chosen::<StopsThatCount>("stw", text))?,
            background: text("background", &self.background, usual.background)?,
            assist: text("assist", &self.assist, usual.assist)?,
            sweep: text("sweep", &self.sweep, usual.sweep)?,
            percentiles: text("percentiles", &self.percentiles, usual.percentiles)?,
            points: number("points", self.points, usual_points, 1..=MAX_POINTS)?,
            shortest: length("shortest", self.shortest.as_deref())?,
            longest: length("longest", self.longest.as_deref())?,
            window: length("window", self.window.as_deref())?,
            worst: number("worst", self.worst, usual.worst, 1..=MAX_WORST_WINDOWS)?,
        };
        if let (Some(shortest), Some(longest)) = (options.shortest, options.longest)
            && shortest > longest
        {
            return Err(Failure::usage("--shortest is above --longest"));
        }
        Ok((Question::Mmu(options), Box::new(self.asked)))
    }
}

impl ProcsAsked {
    /// The question.
    pub fn question(self) -> Result<Understood, Failure> {
        let usual = ProcsOptions::default();
        if let Some(sort) = self.paging.sort.as_deref().filter(|sort| *sort != "id") {
            return Err(Failure::usage(&format!("--sort {sort}: use one of id")));
        }
        let options = ProcsOptions {
            cells: number("cells", self.cells, usual.cells, 1..=MAX_PROC_CELLS)?,
            page: self.paging.page(100, self.asked.format)?,
            worst: number("worst", self.worst, usual.worst, 0..=MAX_SHORT_MOMENTS)?,
        };
        Ok((Question::Procs(options), Box::new(self.asked)))
    }
}

impl CountersAsked {
    /// The question.
    pub fn question(self) -> Result<Understood, Failure> {
        let cells = number("cells", self.cells, 64, 1..=MAX_CELLS)?;
        Ok((Question::Counters(cells), Box::new(self.asked)))
    }
}

impl ThreadsAsked {
    /// The question.
    pub fn question(self) -> Result<Understood, Failure> {
        let calls = number("calls", self.calls, ThreadsOptions::default().calls, 0..=MAX_CALLS)?;
        let options =
            ThreadsOptions { sort: self.paging.sort()?, page: self.paging.page(1000, self.asked.format)?, calls };
        Ok((Question::Threads(options), Box::new(self.asked)))
    }
}

fn chosen<T: FromStr<Err: std::fmt::Display>>(name: &str, text: &str) -> Result<T, Failure> {
    text.parse().map_err(|error| Failure::usage(&format!("--{name}: {error}")))
}

fn number(name: &str, given: Option<usize>, usual: usize, allowed: RangeInclusive<usize>) -> Result<usize, Failure> {
    let number = given.unwrap_or(usual);
    if allowed.contains(&number) {
        return Ok(number);
    }
    let (low, high) = allowed.into_inner();
    Err(Failure::usage(&format!("--{name} must be from {low} to {high}")))
}

fn length(name: &str, text: Option<&str>) -> Result<Option<i64>, Failure> {
    let Some(text) = text else { return Ok(None) };
    match parse_duration(text) {
        Ok(ns) if ns > 0 => Ok(Some(ns)),
        Ok(_) => Err(Failure::usage(&format!("--{name} must be above 0"))),
        Err(why) => Err(Failure::usage(&format!("--{name}: {why}"))),
    }
}
