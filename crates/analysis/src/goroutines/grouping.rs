//! By what goroutines are grouped.

use super::lives::Piece;
use crate::filter::{participation, union};
use crate::{Lane, Pattern, Scope, names};
use goroscope_model::{GoIdx, GroupIdx, StringIdx, TaskIdx, TaskTypeIdx, Trace};
use std::borrow::Cow;
use std::collections::{BTreeMap, BTreeSet};
use std::fmt;
use std::str::FromStr;

/// By what goroutines are grouped.
#[derive(Clone, Debug, PartialEq, Eq)]
pub enum Grouping {
    /// By start function.
    Function,
    /// By function and line of the innermost frame of their creator.
    Creation,
    /// By the types of tasks that they took part in, each while it did.
    Task,
    /// By what an expression makes of the start function: its first capture group, or what it matches.
    Pattern(Pattern),
}

/// What begins the name of [`Grouping::Pattern`].
const PATTERN: &str = "regex=";

impl fmt::Display for Grouping {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        match self {
            Self::Function => f.write_str("func"),
            Self::Creation => f.write_str("creation"),
            Self::Task => f.write_str("task"),
            Self::Pattern(pattern) => write!(f, "{PATTERN}{}", pattern.text()),
        }
    }
}

impl FromStr for Grouping {
    type Err = UnknownGrouping;

    fn from_str(text: &str) -> Result<Self, UnknownGrouping> {
        match text {
            "func" => Ok(Self::Function),
            "creation" => Ok(Self::Creation),
            "task" => Ok(Self::Task),
            _ => match text.strip_prefix(PATTERN) {
                Some(pattern) => Pattern::new(pattern).map(Self::Pattern).map_err(UnknownGrouping),
                None => Err(UnknownGrouping("use func, creation, task or regex=EXPRESSION".to_owned())),
            },
        }
    }
}

/// A text that says no grouping, and why.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct UnknownGrouping(String);

impl fmt::Display for UnknownGrouping {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str(&self.0)
    }
}

impl std::error::Error for UnknownGrouping {}

/// What a group is called, and where it is.
#[derive(Clone, Debug, Default, PartialEq, Eq)]
pub(super) struct GroupName {
    /// What its members have in common, or empty.
    pub(super) name: String,
    /// The same for people.
    pub(super) label: String,
    /// The source file, of a place.
    pub(super) file: String,
    /// Its own lane, if it has one.
    pub(super) lane: Option<Lane>,
}

/// Groups, and what belongs to them.
pub(super) struct Grouped<'s> {
    pub(super) names: Vec<GroupName>,
    pub(super) pieces: Vec<Piece<'s>>,
}

/// What a scope leaves, as one group.
pub(super) fn whole<'s>(scope: &'s Scope<'_>) -> Vec<Piece<'s>> {
    let filter = scope.filter();
    // Of regions and tasks they were said already.
    let is_about_lives = filter.region.is_none() && filter.task.is_none();
    let piece =
        |(go, stretches): (GoIdx, &'s [(i64, i64)])| Piece { go, group: 0, stretches: Cow::Borrowed(stretches) };
    scope.goroutines().map(piece).filter(|piece| !is_about_lives || filter.lasts(piece.lifetime())).collect()
}

impl Grouping {
    /// What a scope leaves, by groups. Groups without members are not there, or at least have none.
    pub(super) fn of<'s>(&self, scope: &'s Scope<'_>) -> Grouped<'s> {
        let trace = scope.trace();
        match self {
            Self::Function => by_key(
                scope,
                |go| trace.goroutines()[go.index()].group,
                |&group| {
                    let label = names::group(trace, group);
                    let name = function_of(trace, group).to_owned();
                    GroupName { name, label, lane: Some(Lane::Group(group)), ..GroupName::default() }
                },
            ),
            Self::Creation => by_key(scope, |go| creation_site(trace, go), |site| creation_name(trace, *site)),
            Self::Task => by_task(scope),
            Self::Pattern(pattern) => by_key(
                scope,
                |go| pattern.part(names::function(trace, go)).filter(|part| !part.is_empty()),
                |part| match part {
                    Some(part) => {
                        GroupName { name: (*part).to_owned(), label: (*part).to_owned(), ..GroupName::default() }
                    }
                    None => GroupName { label: "(no match)".to_owned(), ..GroupName::default() },
                },
            ),
        }
    }
}

/// Each goroutine in the group of its key.
fn by_key<'s, K: Ord>(scope: &'s Scope<'_>, key: impl Fn(GoIdx) -> K, name: impl Fn(&K) -> GroupName) -> Grouped<'s> {
    let mut groups: BTreeMap<K, usize> = BTreeMap::new();
    let mut grouped = Grouped { names: Vec::new(), pieces: whole(scope) };
    for piece in &mut grouped.pieces {
        let key = key(piece.go);
        let names = &mut grouped.names;
        piece.group = *groups.entry(key).or_insert_with_key(|key| {
            names.push(name(key));
            names.len() - 1
        });
    }
    grouped
}

fn function_of(trace: &Trace, group: GroupIdx) -> &str {
    trace.groups().get(group.index()).map_or("", |row| trace.symbols().string(row.function))
}

/// Function, line and file of the innermost frame of the creator.
type Site = (StringIdx, u32, StringIdx);

fn creation_site(trace: &Trace, go: GoIdx) -> Option<Site> {
    let symbols = trace.symbols();
    let frame = *symbols.stack(trace.goroutines()[go.index()].creation_stack).first()?;
    let frame = symbols.frame(frame);
    Some((frame.function, frame.line, frame.file))
}

fn creation_name(trace: &Trace, site: Option<Site>) -> GroupName {
    let Some((function, line, file)) = site else {
        return GroupName { label: "(creation not in this trace)".to_owned(), ..GroupName::default() };
    };
    let symbols = trace.symbols();
    let name = format!("{}:{line}", symbols.string(function));
    GroupName { label: name.clone(), name, file: symbols.string(file).to_owned(), lane: None }
}

/// Each goroutine in the group of every type of task that it took part in, while it did; what is left in one more.
fn by_task<'s>(scope: &'s Scope<'_>) -> Grouped<'s> {
    let trace = scope.trace();
    let rest = trace.task_types().len();
    let mut parts: BTreeMap<GoIdx, BTreeMap<TaskTypeIdx, Vec<(i64, i64)>>> = BTreeMap::new();
    for ((go, task), part) in participation(trace, |_| true) {
        let of_go = parts.entry(go).or_default();
        for kind in kinds_around(trace, task) {
            of_go.entry(kind).or_default().push(part);
        }
    }
    let mut pieces = Vec::new();
    for piece in whole(scope) {
        let mut left = piece.stretches.to_vec();
        for (kind, parts) in parts.remove(&piece.go).unwrap_or_default() {
            let parts = union(parts);
            left = without(&left, &parts);
            let stretches = common(&piece.stretches, &parts);
            if !stretches.is_empty() {
                pieces.push(Piece { go: piece.go, group: kind.index(), stretches: Cow::Owned(stretches) });
            }
        }
        if !left.is_empty() {
            pieces.push(Piece { go: piece.go, group: rest, stretches: Cow::Owned(left) });
        }
    }
    let name = |kind: u32| {
        let kind = TaskTypeIdx(kind);
        let label = names::task_type(trace, kind);
        GroupName { name: label.clone(), label, file: String::new(), lane: Some(Lane::TaskType(kind)) }
    };
    let mut names: Vec<GroupName> = (0..rest as u32).map(name).collect();
    names.push(GroupName { label: "(no task)".to_owned(), ..GroupName::default() });
    Grouped { names, pieces }
}

/// The types of a task and of those that it is below.
fn kinds_around(trace: &Trace, task: TaskIdx) -> BTreeSet<TaskTypeIdx> {
    let mut kinds = BTreeSet::new();
    let mut at = task;
    // Parents are begun before their children, but damaged files may say otherwise: no longer than there are tasks.
    for _ in 0..=trace.tasks().len() {
        let Some(row) = trace.tasks().get(at.index()) else { break };
        kinds.insert(row.kind);
        at = row.parent;
    }
    kinds
}

/// What two ordered lists of stretches have in common, if it lasts.
fn common(a: &[(i64, i64)], b: &[(i64, i64)]) -> Vec<(i64, i64)> {
    let mut found = Vec::new();
    let (mut i, mut j) = (0, 0);
    while let (Some(&(a_from, a_to)), Some(&(b_from, b_to))) = (a.get(i), b.get(j)) {
        let (from, to) = (a_from.max(b_from), a_to.min(b_to));
        if from < to {
            found.push((from, to));
        }
        if a_to <= b_to {
            i += 1;
        } else {
            j += 1;
        }
    }
    found
}

/// What is left of ordered stretches without others.
fn without(stretches: &[(i64, i64)], others: &[(i64, i64)]) -> Vec<(i64, i64)> {
    let mut left = Vec::new();
    let mut next = 0;
    for &(from, to) in stretches {
        let mut at = from;
        while let Some(&(other_from, other_to)) = others.get(next).filter(|other| other.0 < to) {
            if other_to > from && at < other_from {
                left.push((at, other_from));
            }
            at = at.max(other_to);
            if other_to > to {
                break;
            }
            next += 1;
        }
        if at < to || from == to {
            left.push((at.min(to), to));
        }
    }
    left
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn stretches_of_two_lists() {
        let a = [(0, 10), (20, 30), (40, 50), (60, 60)];
        for (b, both, left) in [
            (vec![], vec![], a.to_vec()),
            (vec![(5, 25)], vec![(5, 10), (20, 25)], vec![(0, 5), (25, 30), (40, 50), (60, 60)]),
            (vec![(-5, 0), (10, 20), (30, 40)], vec![], a.to_vec()),
            (
                vec![(2, 3), (4, 5), (45, 99)],
                vec![(2, 3), (4, 5), (45, 50)],
                vec![(0, 2), (3, 4), (5, 10), (20, 30), (40, 45), (60, 60)],
            ),
            (vec![(-9, 99)], vec![(0, 10), (20, 30), (40, 50)], vec![(60, 60)]),
        ] {
            assert_eq!(common(&a, &b), both, "{b:?}");
            assert_eq!(without(&a, &b), left, "{b:?}");
        }
    }
}
