//! Tables: functions, and stacks.

use super::Reverse;
use crate::own::first_own;
use goroscope_profile::report::{self, Worth};
use goroscope_profile::view::{NodeIdx, Seen};
use goroscope_profile::{LabelValue, Profile, TypeIdx};
use serde::Serialize;

/// A page of rows.
#[derive(Clone, Debug, PartialEq, Eq, Serialize)]
pub struct Page<T> {
    /// How many rows there are.
    pub total: usize,
    /// The number of the first one here.
    pub offset: usize,
    /// Those here.
    pub rows: Vec<T>,
}

/// A function, or what else frames are told apart by.
#[derive(Clone, Debug, PartialEq, Eq, Serialize)]
pub struct TopRow {
    /// Its name, or that of its file.
    pub name: String,
    /// Its file; empty if frames of several count here.
    pub file: String,
    /// Its line; 0 if frames of several count here.
    pub line: i64,
    /// What it is worth itself, of each type.
    pub flat: Vec<i64>,
    /// What it is worth with all it called.
    pub cum: Vec<i64>,
}

/// By what functions are sorted.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq)]
pub enum TopSort {
    /// What they are worth themselves.
    #[default]
    Flat,
    /// What they are worth with all they called.
    Cum,
    /// Their names.
    Name,
}

impl TopSort {
    /// The order of this name.
    pub fn parse(name: &str) -> Result<Self, String> {
        match name {
            "flat" => Ok(Self::Flat),
            "cum" => Ok(Self::Cum),
            "name" => Ok(Self::Name),
            _ => Err(format!("{name:?} is no order: use flat, cum or name")),
        }
    }
}

/// Which rows of a table are wanted.
#[derive(Clone, Copy, Debug)]
pub(super) struct Wanted {
    pub(super) sort: TopSort,
    pub(super) reverse: Reverse,
    pub(super) offset: usize,
    pub(super) limit: usize,
}

pub(super) fn top(seen: &Seen, Wanted { sort, reverse, offset, limit }: Wanted) -> Page<TopRow> {
    let profile = seen.profile();
    let mut rows = report::worth(seen);
    let chosen = profile.types().position(|one| seen.view().value == Some(one)).unwrap_or_default();
    let place = |node: NodeIdx| {
        let one = &seen.nodes()[node.row()];
        (seen.name(node), profile.text(one.file), one.line)
    };
    rows.sort_by(|a, b| {
        let (large, small) = ((b.flat[chosen].abs(), b.cum[chosen].abs()), (a.flat[chosen].abs(), a.cum[chosen].abs()));
        let names = || place(a.node).cmp(&place(b.node));
        let order = match sort {
            TopSort::Flat => large.cmp(&small).then_with(names),
            TopSort::Cum => (large.1, large.0).cmp(&(small.1, small.0)).then_with(names),
            TopSort::Name => names(),
        };
        match reverse {
            Reverse::No => order,
            Reverse::Yes => order.reverse(),
        }
    });
    let row = |Worth { node, flat, cum }: Worth| {
        let (name, file, line) = place(node);
        TopRow { name: name.to_owned(), file: file.to_owned(), line, flat, cum }
    };
    Page { total: rows.len(), offset, rows: rows.into_iter().skip(offset).take(limit).map(row).collect() }
}

/// Samples with one stack and the same labels.
#[derive(Clone, Debug, PartialEq, Eq, Serialize)]
pub struct TraceRow {
    /// Its values, one of each type.
    pub values: Vec<i64>,
    /// Its labels.
    pub labels: Vec<TraceLabel>,
    /// Its frames, leaf first.
    pub frames: Vec<TraceFrame>,
    /// Which of them is the first that is the program's own; the innermost one if none is.
    pub own: usize,
}

/// A label.
#[derive(Clone, Debug, PartialEq, Eq, Serialize)]
pub struct TraceLabel {
    /// What it says something about.
    pub key: String,
    /// What it says.
    pub text: String,
}

/// A frame.
#[derive(Clone, Debug, PartialEq, Eq, Serialize)]
pub struct TraceFrame {
    /// The function.
    pub name: String,
    /// Its file.
    pub file: String,
    /// The line; 0 if it is not known.
    pub line: i64,
}

/// All samples of a profile.
pub(in crate::profile) fn stack_rows(profile: &Profile) -> Vec<TraceRow> {
    profile.samples().map(|sample| trace_row(profile, &sample)).collect()
}

fn trace_row(profile: &Profile, sample: &goroscope_profile::Sample<'_>) -> TraceRow {
    let frames: Vec<TraceFrame> = (profile.stack(sample.stack).iter())
        .flat_map(|&location| profile.lines(location))
        .map(|line| {
            let function = profile.functions()[line.function.row()];
            let (name, file) = (profile.text(function.name).to_owned(), profile.text(function.file).to_owned());
            TraceFrame { name, file, line: line.line }
        })
        .collect();
    TraceRow {
        values: sample.values.to_vec(),
        labels: (profile.labels(sample.labels).iter())
            .map(|label| TraceLabel {
                key: profile.text(label.key).to_owned(),
                text: match label.value {
                    LabelValue::Text(text) => profile.text(text).to_owned(),
                    LabelValue::Number(number, unit) => format!("{number}{}", profile.text(unit)),
                },
            })
            .collect(),
        own: first_own(frames.iter().map(|frame| (frame.name.as_str(), frame.file.as_str()))),
        frames,
    }
}

pub(super) fn traces(profile: &Profile, value: TypeIdx, offset: usize, limit: usize) -> Page<TraceRow> {
    let chosen = profile.types().position(|one| one == value).unwrap_or_default();
    let mut order: Vec<_> = profile.samples().collect();
    order.sort_by_key(|sample| (std::cmp::Reverse(sample.values.get(chosen).map(|value| value.abs())), sample.row));
    Page {
        total: order.len(),
        offset,
        rows: order.iter().skip(offset).take(limit).map(|sample| trace_row(profile, sample)).collect(),
    }
}
