//! Groups of goroutines, and how the times of their members spread.

use super::columns::GroupColumn;
use super::grouping::{GroupName, Grouped, Grouping, whole};
use super::lives::{Life, lives};
use super::times::{BlockedTime, GoTimes, blocked};
use crate::distribution::{Bucket, Distribution, histogram};
use crate::paging::{Order, Page, sorted};
use crate::{Filter, FilterError, Lane, Scope, Subject};
use goroscope_model::{ReasonTime, Trace};
use serde::Serialize;

/// Which groups are asked for.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct GroupQuery {
    /// What makes a group.
    pub grouping: Grouping,
    /// What they are sorted by.
    pub sort: GroupColumn,
    /// Which way.
    pub order: Order,
    /// Which of them.
    pub page: Page,
}

/// Groups of goroutines. Times in ns.
#[derive(Clone, Debug, PartialEq, Serialize)]
pub struct GoroutineGroups {
    /// Begin of what is looked at.
    pub from: i64,
    /// End of it.
    pub to: i64,
    /// What makes a group.
    pub group: String,
    /// How many groups there are.
    pub total: usize,
    /// How many of them come before the first row.
    pub offset: usize,
    /// What they are sorted by.
    pub sort: String,
    /// Which way.
    pub order: &'static str,
    /// All goroutines together, each counted once.
    pub sum: GoroutineSum,
    /// A page of the groups.
    pub rows: Vec<GoroutineGroup>,
}

/// Goroutines together. Times in ns.
#[derive(Clone, Debug, Default, PartialEq, Eq, Serialize)]
pub struct GoroutineSum {
    /// How many.
    pub count: u64,
    /// What they did.
    #[serde(flatten)]
    pub times: GoTimes,
    /// Why they waited, longest first.
    pub blocked: Vec<BlockedTime>,
}

/// A group of goroutines. Times in ns.
#[derive(Clone, Debug, PartialEq, Serialize)]
pub struct GoroutineGroup {
    /// What its members have in common; empty for those that have nothing of the kind.
    pub name: String,
    /// The same for people.
    pub label: String,
    /// The source file, if the group is a place.
    pub file: String,
    /// The lane to look at: its own, or that of the member that ran most.
    pub key: Lane,
    /// From when on to look at it.
    pub start: i64,
    /// Until when.
    pub end: i64,
    /// How many, and what they did.
    #[serde(flatten)]
    pub sum: GoroutineSum,
    /// Its part of the running time of all groups.
    pub running_share: f64,
    /// How times of its members spread.
    pub distribution: GroupDistribution,
    /// How long its members lived.
    pub histogram: Vec<Bucket>,
}

/// How times of the members of a group spread. Times in ns.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq, Serialize)]
pub struct GroupDistribution {
    /// How long they lived.
    pub lifetime: Distribution,
    /// How long they ran.
    pub running: Distribution,
    /// How long they were ready and did not run.
    pub runnable: Distribution,
}

/// A group while it is made.
pub(super) struct Group {
    pub(super) name: GroupName,
    pub(super) key: Lane,
    pub(super) start: i64,
    pub(super) end: i64,
    pub(super) count: u64,
    pub(super) times: GoTimes,
    pub(super) blocked: Vec<ReasonTime>,
    pub(super) distribution: GroupDistribution,
    /// Of its members, in order.
    lifetimes: Vec<u64>,
}

/// Goroutines in groups. Every key of a filter means something here.
pub fn groups(trace: &Trace, filter: &Filter, query: &GroupQuery) -> Result<GoroutineGroups, FilterError> {
    Subject::Goroutines.allows(filter)?;
    let scope = Scope::of(trace, filter);
    let Grouped { names, pieces } = query.grouping.of(&scope);
    let found = lives(trace, filter, &pieces);
    // Of tasks, groups may share members and moments.
    let sum = match query.grouping {
        Grouping::Task => sum_of(trace, &lives(trace, filter, &whole(&scope))),
        Grouping::Function | Grouping::Creation | Grouping::Pattern(_) => sum_of(trace, &found),
    };
    let mut members: Vec<Vec<Life>> = Vec::new();
    members.resize_with(names.len(), Vec::new);
    for life in found {
        members[life.group].push(life);
    }
    let groups: Vec<Group> =
        names.into_iter().zip(members).filter_map(|(name, members)| Group::of(name, &members)).collect();
    let running: u64 = groups.iter().map(|group| group.times.running).sum();
    let rows = sorted(groups.len(), query.order, |row| query.sort.key(trace, &groups[row]));
    let rows = rows.into_iter().skip(query.page.offset).take(query.page.limit);
    let (from, to) = filter.window(trace);
    Ok(GoroutineGroups {
        from,
        to,
        group: query.grouping.to_string(),
        total: groups.len(),
        offset: query.page.offset,
        sort: query.sort.to_string(),
        order: query.order.key(),
        sum,
        rows: rows.map(|row| groups[row].row(trace, running)).collect(),
    })
}

impl Group {
    /// `None` if there are no members.
    fn of(name: GroupName, members: &[Life]) -> Option<Self> {
        let most = members.iter().rev().max_by_key(|life| life.times.running)?;
        let start = members.iter().map(|life| life.start).min()?;
        let end = members.iter().map(|life| life.end).max()?;
        let (key, start, end) = match name.lane {
            Some(lane) => (lane, start, end),
            None => (Lane::Go(most.go), most.start, most.end),
        };
        let column = |read: fn(&GoTimes) -> u64| members.iter().map(|life| read(&life.times)).collect::<Vec<u64>>();
        let mut lifetimes = column(|times| times.lifetime);
        let distribution = GroupDistribution {
            lifetime: Distribution::of(&mut lifetimes),
            running: Distribution::of(&mut column(|times| times.running)),
            runnable: Distribution::of(&mut column(|times| times.runnable)),
        };
        let (times, blocked) = add_up(members);
        Some(Self { name, key, start, end, count: members.len() as u64, times, blocked, distribution, lifetimes })
    }

    fn row(&self, trace: &Trace, running: u64) -> GoroutineGroup {
        let GroupName { name, label, file, .. } = self.name.clone();
        GoroutineGroup {
            name,
            label,
            file,
            key: self.key,
            start: self.start,
            end: self.end,
            sum: GoroutineSum { count: self.count, times: self.times, blocked: blocked(trace, &self.blocked) },
            running_share: if running == 0 { 0.0 } else { self.times.running as f64 / running as f64 },
            distribution: self.distribution,
            histogram: histogram(&self.lifetimes),
        }
    }
}

/// Goroutines together.
pub(super) fn sum_of(trace: &Trace, members: &[Life]) -> GoroutineSum {
    let (times, sums) = add_up(members);
    GoroutineSum { count: members.len() as u64, times, blocked: blocked(trace, &sums) }
}

fn add_up(members: &[Life]) -> (GoTimes, Vec<ReasonTime>) {
    let (mut times, mut blocked) = (GoTimes::default(), Vec::new());
    for life in members {
        times.add(&life.times);
        life.blocked.iter().for_each(|sum| sum.add_to(&mut blocked));
    }
    (times, blocked)
}
