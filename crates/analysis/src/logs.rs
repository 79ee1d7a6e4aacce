//! What the program logged into the trace.

use crate::paging::{Order, Paging, Picking, Rank, SortKey};
use crate::refs::{self, FrameView, GoRef, TaskRef};
use crate::search::Needle;
use crate::{Filter, FilterError, Lane, Scope, Subject, filter};
use goroscope_model::{GoIdx, Log, StringIdx, Trace};
use serde::Serialize;
use std::collections::BTreeMap;

/// Which messages are listed, beside what the filter says.
#[derive(Clone, Debug, Default, PartialEq, Eq)]
pub struct LogQuery {
    /// Only those of this category.
    pub category: Option<String>,
    /// Only those whose message contains this, in any case of letters.
    pub text: Option<String>,
    /// Which page.
    pub paging: Paging<LogSort>,
}

/// A page of messages. Times in ns.
#[derive(Clone, Debug, PartialEq, Eq, Serialize)]
pub struct Logs {
    /// Begin of the stretch that is asked about.
    pub from: i64,
    /// Its end.
    pub to: i64,
    /// How many messages.
    pub total: usize,
    /// Which row the page begins with.
    pub offset: usize,
    /// The page.
    pub rows: Vec<LogRow>,
}

/// A message.
#[derive(Clone, Debug, PartialEq, Eq, Serialize)]
pub struct LogRow {
    /// The lane of the goroutine; all goroutines if it is not in the trace.
    pub key: Lane,
    /// Its row.
    pub row: u32,
    /// When.
    pub ts: i64,
    /// The same, as other rows have it.
    pub start: i64,
    /// The same.
    pub end: i64,
    /// The goroutine.
    pub go: Option<GoRef>,
    /// The task, if it has one.
    pub task: Option<TaskRef>,
    /// The category, or empty.
    pub category: String,
    /// The text.
    pub message: String,
    /// Where the program stood.
    pub stack: Vec<FrameView>,
}

/// What messages can be sorted by.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq, Hash)]
pub enum LogSort {
    /// The time.
    #[default]
    Ts,
    /// The category.
    Category,
    /// The text.
    Message,
    /// The id of the goroutine.
    Goroutine,
}

impl SortKey for LogSort {
    const ALL: &'static [(&'static str, Self, Order)] = &[
        ("ts", Self::Ts, Order::Ascending),
        ("category", Self::Category, Order::Ascending),
        ("message", Self::Message, Order::Ascending),
        ("goroutine", Self::Goroutine, Order::Ascending),
    ];
}

/// A page of the messages that pass.
pub fn logs(trace: &Trace, filter: &Filter, query: &LogQuery) -> Result<Logs, FilterError> {
    Subject::Logs.allows(filter)?;
    let mut passing = Passing::new(trace, filter, query);
    let mut picking = Picking::new(&query.paging);
    let (from, to) = filter.window(trace);
    let all = trace.logs();
    let first = filter.from.map_or(0, |from| all.partition_point(|log| log.ts < from));
    let within = all.iter_from(first).take_while(|log| filter.to.is_none_or(|to| log.ts < to));
    for (row, log) in (first as u32..).zip(within) {
        if passing.has(&log) {
            picking.push(rank(trace, &log, query.paging.sort), row);
        }
    }
    let (total, page) = picking.into_page();
    let rows = page.into_iter().map(|row| log_row(trace, row)).collect();
    Ok(Logs { from, to, total, offset: query.paging.offset, rows })
}

/// Which messages pass, with what was said of each goroutine and string before.
struct Passing<'t, 'q> {
    trace: &'t Trace,
    filter: &'q Filter,
    tasks: Option<Vec<bool>>,
    regions: Option<Scope<'t>>,
    goroutines: BTreeMap<GoIdx, bool>,
    category: Option<&'q str>,
    needle: Option<Needle>,
    messages: BTreeMap<StringIdx, bool>,
}

impl<'t, 'q> Passing<'t, 'q> {
    fn new(trace: &'t Trace, filter: &'q Filter, query: &'q LogQuery) -> Self {
        let inside = Filter { from: None, to: None, ..filter.clone() };
        Self {
            trace,
            filter,
            tasks: filter::meant_tasks(trace, filter),
            regions: filter.region.is_some().then(|| Scope::of(trace, &inside)),
            goroutines: BTreeMap::new(),
            category: query.category.as_deref(),
            needle: query.text.as_deref().map(Needle::new),
            messages: BTreeMap::new(),
        }
    }

    fn has(&mut self, log: &Log) -> bool {
        let Self { trace, filter, .. } = *self;
        let is_everybodys = filter.goroutines.is_empty() && filter.func.is_none();
        let text = |string| trace.symbols().string(string);
        let is_inside = |stretches: &[(i64, i64)]| {
            let next = stretches.partition_point(|stretch| stretch.1 < log.ts);
            stretches.get(next).is_some_and(|stretch| stretch.0 <= log.ts)
        };
        (is_everybodys || *self.goroutines.entry(log.go).or_insert_with(|| filter::is_named(trace, filter, log.go)))
            && self.tasks.as_ref().is_none_or(|tasks| tasks.get(log.task.index()) == Some(&true))
            && self.category.is_none_or(|category| text(log.category) == category)
            && self.needle.as_ref().is_none_or(|needle| {
                *self.messages.entry(log.message).or_insert_with(|| needle.is_in(text(log.message)))
            })
            && self.regions.as_ref().is_none_or(|regions| is_inside(regions.stretches(log.go)))
    }
}

fn rank<'t>(trace: &'t Trace, log: &Log, sort: LogSort) -> Rank<'t> {
    match sort {
        LogSort::Ts => Rank::of(log.ts),
        LogSort::Category => Rank::Text(trace.symbols().string(log.category)),
        LogSort::Message => Rank::Text(trace.symbols().string(log.message)),
        LogSort::Goroutine => Rank::of(trace.goroutines().get(log.go.index()).map_or(0, |go| go.id.0)),
    }
}

fn log_row(trace: &Trace, row: u32) -> LogRow {
    let log = trace.logs().at(row as usize);
    LogRow {
        key: log.go.get().map_or(Lane::All, Lane::Go),
        row,
        ts: log.ts,
        start: log.ts,
        end: log.ts,
        go: GoRef::new(trace, log.go),
        task: TaskRef::new(trace, log.task),
        category: trace.symbols().string(log.category).to_owned(),
        message: trace.symbols().string(log.message).to_owned(),
        stack: refs::frames(trace, log.stack),
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::{Order, fixtures};

    fn all(trace: &Trace, filter: &str, query: &LogQuery) -> Vec<u32> {
        let paging = Paging { limit: usize::MAX, ..query.paging };
        let query = LogQuery { paging, ..query.clone() };
        let answer = logs(trace, &Filter::parse(filter).unwrap(), &query).unwrap();
        assert_eq!(answer.total, answer.rows.len());
        answer.rows.iter().map(|row| row.row).collect()
    }

    /// Each moment cuts the messages into those before it and the others; each goroutine and category has its own.
    #[test]
    fn parts_add_up() {
        let recorded = ["mix-1.22", "steps-1.27", "names-1.27"];
        let recorded = recorded.map(|name| fixtures::recorded(&format!("{name}.trace.zst")));
        for trace in (0..10).map(|seed| fixtures::random(seed, 3, 8, 400)).chain(recorded) {
            let none = LogQuery::default();
            let whole = all(&trace, "", &none);
            assert_eq!(whole, (0..trace.logs().len() as u32).collect::<Vec<_>>());
            for at in [0, 1, trace.end() / 3, trace.end() / 2, trace.end() + 1] {
                let mut parts = if at == 0 { Vec::new() } else { all(&trace, &format!("to={at}ns"), &none) };
                parts.extend(all(&trace, &format!("from={at}ns"), &none));
                assert_eq!(parts, whole, "{at}");
            }
            let ids: std::collections::BTreeSet<u64> = trace.goroutines().iter().map(|go| go.id.0).collect();
            let of_goroutines =
                ids.iter().map(|id| all(&trace, &format!("goroutine={id}"), &none).len()).sum::<usize>();
            assert_eq!(of_goroutines, trace.logs().iter().filter(|log| log.go.get().is_some()).count());
            let text = |string| trace.symbols().string(string).to_owned();
            let categories: std::collections::BTreeSet<String> =
                trace.logs().iter().map(|log| text(log.category)).collect();
            let of_category =
                |category: String| all(&trace, "", &LogQuery { category: Some(category), ..LogQuery::default() }).len();
            assert_eq!(categories.into_iter().map(of_category).sum::<usize>(), whole.len());
            let of_tasks = all(&trace, "task=", &none).len();
            assert_eq!(of_tasks, trace.logs().iter().filter(|log| log.task.get().is_some()).count());
        }
    }

    #[test]
    fn texts_categories_regions_and_orders() {
        let trace = fixtures::request();
        let query = |category: Option<&str>, text: Option<&str>| LogQuery {
            category: category.map(str::to_owned),
            text: text.map(str::to_owned),
            paging: Paging { order: Some(Order::Descending), ..Paging::default() },
        };
        for (filter, category, text, wanted) in [
            ("", None, None, 1),
            ("", Some("step"), Some("HALF"), 1),
            ("", Some("ste"), None, 0),
            ("", None, Some("whole"), 0),
            ("region=encode", None, None, 1),
            ("region=encode min=1us", None, None, 0),
            ("region=other", None, None, 0),
            ("task=request", None, None, 1),
            ("task=request min=1ms", None, None, 0),
            ("task=#1 func=worker", None, None, 1),
            ("func=main.main", None, None, 0),
        ] {
            assert_eq!(all(&trace, filter, &query(category, text)).len(), wanted, "{filter} {category:?} {text:?}");
        }
        let durations = Filter::parse("min=1ms").unwrap();
        let error = logs(&trace, &durations, &LogQuery::default()).unwrap_err();
        assert_eq!(
            error.to_string(),
            "min does not apply to logs, which knows only from, to, goroutine, func, task, region"
        );
    }
}
