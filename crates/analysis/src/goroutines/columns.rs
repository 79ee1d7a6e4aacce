//! The columns that lists of goroutines and of their groups can be sorted by.

use super::groups::Group;
use super::lives::{Life, first_run};
use super::times::{self, GoTimes};
use crate::distribution::Distribution;
use crate::names;
use crate::paging::{Order, RowKey, UnknownColumn};
use goroscope_model::{ReasonTime, Trace};
use std::fmt;
use std::str::FromStr;

/// What begins the name of a column of waits for one reason.
const REASON: &str = "reason:";

/// A column of times that both lists have.
#[derive(Clone, Debug, PartialEq, Eq)]
enum TimeColumn {
    /// Of the table of times, this row.
    Named(usize),
    /// Waits for this reason.
    Reason(String),
}

impl TimeColumn {
    fn parse(text: &str) -> Option<Self> {
        match text.strip_prefix(REASON) {
            Some(reason) => Some(Self::Reason(reason.to_owned())),
            None => times::COLUMNS.iter().position(|(name, _)| *name == text).map(Self::Named),
        }
    }

    fn reason(&self) -> Option<&str> {
        match self {
            Self::Named(_) => None,
            Self::Reason(reason) => Some(reason),
        }
    }

    fn of(&self, trace: &Trace, times: &GoTimes, blocked: &[ReasonTime]) -> RowKey {
        let number = match self {
            Self::Named(row) => times::COLUMNS.get(*row).map_or(0, |(_, read)| read(times)),
            Self::Reason(reason) => {
                blocked.iter().filter(|sum| names::reason(trace, sum.reason) == reason).map(|sum| sum.ns).sum()
            }
        };
        RowKey::Number(number.into())
    }
}

impl fmt::Display for TimeColumn {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        match self {
            Self::Named(row) => f.write_str(times::COLUMNS.get(*row).map_or("", |(name, _)| name)),
            Self::Reason(reason) => write!(f, "{REASON}{reason}"),
        }
    }
}

/// A column of the list of goroutines.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct ListColumn(OfList);

#[derive(Clone, Debug, PartialEq, Eq)]
enum OfList {
    Field(ListField),
    Time(TimeColumn),
}

#[derive(Clone, Copy, Debug, PartialEq, Eq)]
enum ListField {
    Id,
    Function,
    Created,
    Ended,
    Start,
    End,
    FirstRun,
}

const LIST_FIELDS: [(&str, ListField); 7] = [
    ("id", ListField::Id),
    ("function", ListField::Function),
    ("created", ListField::Created),
    ("ended", ListField::Ended),
    ("start", ListField::Start),
    ("end", ListField::End),
    ("first_run", ListField::FirstRun),
];

impl Default for ListColumn {
    /// Who ran most is seen first.
    fn default() -> Self {
        Self(OfList::Time(TimeColumn::Named(RUNNING)))
    }
}

/// The row of `running` in the table of times.
const RUNNING: usize = 1;

impl ListColumn {
    /// The reason, if it is waits for one.
    pub fn reason(&self) -> Option<&str> {
        match &self.0 {
            OfList::Field(_) => None,
            OfList::Time(column) => column.reason(),
        }
    }

    /// Which way it is sorted if nobody says so: what is long or many first.
    pub fn usual_order(&self) -> Order {
        match self.0 {
            OfList::Field(ListField::FirstRun) | OfList::Time(_) => Order::Descending,
            OfList::Field(
                ListField::Id
                | ListField::Function
                | ListField::Created
                | ListField::Ended
                | ListField::Start
                | ListField::End,
            ) => Order::Ascending,
        }
    }

    pub(super) fn key(&self, trace: &Trace, life: &Life) -> RowKey {
        let row = &trace.goroutines()[life.go.index()];
        match &self.0 {
            OfList::Time(column) => column.of(trace, &life.times, &life.blocked),
            OfList::Field(field) => match field {
                ListField::Id => RowKey::Number(row.id.0.into()),
                ListField::Function => RowKey::Text(names::function(trace, life.go).to_owned()),
                ListField::Created => RowKey::maybe(row.created),
                ListField::Ended => RowKey::maybe(row.ended),
                ListField::Start => RowKey::Number(life.start.into()),
                ListField::End => RowKey::Number(life.end.into()),
                ListField::FirstRun => RowKey::maybe(first_run(trace, life.go)),
            },
        }
    }
}

impl fmt::Display for ListColumn {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        match &self.0 {
            OfList::Time(column) => column.fmt(f),
            OfList::Field(field) => f.write_str(name_of(&LIST_FIELDS, *field)),
        }
    }
}

impl FromStr for ListColumn {
    type Err = UnknownColumn;

    fn from_str(text: &str) -> Result<Self, UnknownColumn> {
        let field = field_of(&LIST_FIELDS, text).map(OfList::Field);
        let column = field.or_else(|| TimeColumn::parse(text).map(OfList::Time));
        column.map(Self).ok_or_else(|| unknown(&LIST_FIELDS.map(|(name, _)| name), std::iter::empty()))
    }
}

/// A column of the list of groups.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct GroupColumn(OfGroup);

#[derive(Clone, Debug, PartialEq, Eq)]
enum OfGroup {
    Field(GroupField),
    Time(TimeColumn),
    Spread(Spread, Percentile),
}

#[derive(Clone, Copy, Debug, PartialEq, Eq)]
enum GroupField {
    Name,
    Start,
    End,
    Count,
}

#[derive(Clone, Copy, Debug, PartialEq, Eq)]
enum Spread {
    Lifetime,
    Running,
    Runnable,
}

#[derive(Clone, Copy, Debug, PartialEq, Eq)]
enum Percentile {
    P50,
    P90,
    P99,
    Max,
}

const GROUP_FIELDS: [(&str, GroupField); 4] =
    [("name", GroupField::Name), ("start", GroupField::Start), ("end", GroupField::End), ("count", GroupField::Count)];
const SPREADS: [(&str, Spread); 3] =
    [("lifetime", Spread::Lifetime), ("running", Spread::Running), ("runnable", Spread::Runnable)];
const PERCENTILES: [(&str, Percentile); 4] =
    [("p50", Percentile::P50), ("p90", Percentile::P90), ("p99", Percentile::P99), ("max", Percentile::Max)];

impl Default for GroupColumn {
    /// Who ran most is seen first.
    fn default() -> Self {
        Self(OfGroup::Time(TimeColumn::Named(RUNNING)))
    }
}

impl GroupColumn {
    /// The reason, if it is waits for one.
    pub fn reason(&self) -> Option<&str> {
        match &self.0 {
            OfGroup::Field(_) | OfGroup::Spread(..) => None,
            OfGroup::Time(column) => column.reason(),
        }
    }

    /// Which way it is sorted if nobody says so: what is long or many first.
    pub fn usual_order(&self) -> Order {
        match self.0 {
            OfGroup::Field(GroupField::Count) | OfGroup::Time(_) | OfGroup::Spread(..) => Order::Descending,
            OfGroup::Field(GroupField::Name | GroupField::Start | GroupField::End) => Order::Ascending,
        }
    }

    pub(super) fn key(&self, trace: &Trace, group: &Group) -> RowKey {
        match &self.0 {
            OfGroup::Time(column) => column.of(trace, &group.times, &group.blocked),
            OfGroup::Spread(spread, percentile) => {
                let Distribution { p50, p90, p99, max } = match spread {
                    Spread::Lifetime => group.distribution.lifetime,
                    Spread::Running => group.distribution.running,
                    Spread::Runnable => group.distribution.runnable,
                };
                let value = match percentile {
                    Percentile::P50 => p50,
                    Percentile::P90 => p90,
                    Percentile::P99 => p99,
                    Percentile::Max => max,
                };
                RowKey::Number(value.into())
            }
            OfGroup::Field(field) => match field {
                GroupField::Name => RowKey::Text(group.name.label.clone()),
                GroupField::Start => RowKey::Number(group.start.into()),
                GroupField::End => RowKey::Number(group.end.into()),
                GroupField::Count => RowKey::Number(group.count.into()),
            },
        }
    }
}

impl fmt::Display for GroupColumn {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        match &self.0 {
            OfGroup::Time(column) => column.fmt(f),
            OfGroup::Field(field) => f.write_str(name_of(&GROUP_FIELDS, *field)),
            OfGroup::Spread(spread, percentile) => {
                write!(f, "{}.{}", name_of(&SPREADS, *spread), name_of(&PERCENTILES, *percentile))
            }
        }
    }
}

impl FromStr for GroupColumn {
    type Err = UnknownColumn;

    fn from_str(text: &str) -> Result<Self, UnknownColumn> {
        let spread = || {
            let (spread, percentile) = text.split_once('.')?;
            Some(OfGroup::Spread(field_of(&SPREADS, spread)?, field_of(&PERCENTILES, percentile)?))
        };
        let field = field_of(&GROUP_FIELDS, text).map(OfGroup::Field);
        let column = field.or_else(spread).or_else(|| TimeColumn::parse(text).map(OfGroup::Time));
        let all =
            SPREADS.iter().flat_map(|(spread, _)| PERCENTILES.iter().map(move |(part, _)| format!("{spread}.{part}")));
        column.map(Self).ok_or_else(|| unknown(&GROUP_FIELDS.map(|(name, _)| name), all))
    }
}

fn field_of<F: Copy>(fields: &[(&'static str, F)], text: &str) -> Option<F> {
    fields.iter().find(|(name, _)| *name == text).map(|&(_, field)| field)
}

fn name_of<F: PartialEq + Copy>(fields: &[(&'static str, F)], wanted: F) -> &'static str {
    fields.iter().find(|(_, field)| *field == wanted).map_or("", |(name, _)| name)
}

fn unknown(first: &[&str], last: impl Iterator<Item = String>) -> UnknownColumn {
    let names = first.iter().copied().chain(times::COLUMNS.iter().map(|(name, _)| *name)).map(str::to_owned);
    let names: Vec<String> = names.chain(last).chain([format!("{REASON}TEXT")]).collect();
    UnknownColumn(format!("not a column: use one of {}", names.join(", ")))
}
