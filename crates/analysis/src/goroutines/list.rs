//! Goroutines one by one, sorted by any column, a page at a time.

use super::columns::ListColumn;
use super::grouping::{Grouped, Grouping, whole};
use super::groups::{GoroutineSum, sum_of};
use super::lives::{Life, first_run, lives};
use super::times::{BlockedTime, GoTimes, blocked};
use crate::paging::{Order, Page, sorted};
use crate::refs::GoRef;
use crate::{Filter, FilterError, Scope, Subject};
use goroscope_model::Trace;
use serde::Serialize;

/// Which goroutines are asked for, beside what a filter says.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct ListQuery {
    /// Only those of one group, if they are.
    pub membership: Option<Membership>,
    /// What they are sorted by.
    pub sort: ListColumn,
    /// Which way.
    pub order: Order,
    /// Which of them.
    pub page: Page,
}

/// A group of goroutines.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Membership {
    /// What makes a group.
    pub grouping: Grouping,
    /// The name of the group.
    pub name: String,
}

/// Goroutines. Times in ns.
#[derive(Clone, Debug, PartialEq, Eq, Serialize)]
pub struct GoroutineList {
    /// Begin of what is looked at.
    pub from: i64,
    /// End of it.
    pub to: i64,
    /// What makes the group that they are of.
    pub group: Option<String>,
    /// The name of that group.
    pub of: Option<String>,
    /// How many goroutines there are.
    pub total: usize,
    /// How many of them come before the first row.
    pub offset: usize,
    /// What they are sorted by.
    pub sort: String,
    /// Which way.
    pub order: &'static str,
    /// All of them together.
    pub sum: GoroutineSum,
    /// A page of them.
    pub rows: Vec<GoroutineRow>,
}

/// A goroutine. Times in ns.
#[derive(Clone, Debug, PartialEq, Eq, Serialize)]
pub struct GoroutineRow {
    /// Which.
    pub goroutine: GoRef,
    /// When it was created, if in the trace.
    pub created: Option<i64>,
    /// When it ended, if in the trace.
    pub ended: Option<i64>,
    /// When it is first seen, within the filter.
    pub start: i64,
    /// When it is last seen, within the filter.
    pub end: i64,
    /// From its creation until it first ran, if both are in the trace.
    pub first_run: Option<i64>,
    /// What it did.
    #[serde(flatten)]
    pub times: GoTimes,
    /// Why it waited, longest first.
    pub blocked: Vec<BlockedTime>,
}

/// Goroutines one by one. Every key of a filter means something here.
pub fn goroutines(trace: &Trace, filter: &Filter, query: &ListQuery) -> Result<GoroutineList, FilterError> {
    Subject::Goroutines.allows(filter)?;
    let scope = Scope::of(trace, filter);
    let pieces = match &query.membership {
        None => whole(&scope),
        Some(Membership { grouping, name }) => {
            let Grouped { names, mut pieces } = grouping.of(&scope);
            pieces.retain(|piece| names[piece.group].name == *name);
            pieces
        }
    };
    let found = lives(trace, filter, &pieces);
    let rows = sorted(found.len(), query.order, |row| query.sort.key(trace, &found[row]));
    let rows = rows.into_iter().skip(query.page.offset).take(query.page.limit);
    let (from, to) = filter.window(trace);
    Ok(GoroutineList {
        from,
        to,
        group: query.membership.as_ref().map(|of| of.grouping.to_string()),
        of: query.membership.as_ref().map(|of| of.name.clone()),
        total: found.len(),
        offset: query.page.offset,
        sort: query.sort.to_string(),
        order: query.order.key(),
        sum: sum_of(trace, &found),
        rows: rows.filter_map(|row| GoroutineRow::of(trace, &found[row])).collect(),
    })
}

impl GoroutineRow {
    fn of(trace: &Trace, life: &Life) -> Option<Self> {
        let row = trace.goroutines().get(life.go.index())?;
        Some(Self {
            goroutine: GoRef::new(trace, life.go)?,
            created: row.created,
            ended: row.ended,
            start: life.start,
            end: life.end,
            first_run: first_run(trace, life.go),
            times: life.times,
            blocked: blocked(trace, &life.blocked),
        })
    }
}
