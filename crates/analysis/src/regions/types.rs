//! The types of regions, with how long theirs last.

use super::{Chosen, Doings, frame_view, place, start_frame};
use crate::class_time::ClassTime;
use crate::durations::{Durations, Latency, LatencyBucket};
use crate::paging::{Order, Paging, Picking, Rank, SortKey};
use crate::refs::FrameView;
use crate::{Filter, FilterError, Pattern, Subject};
use goroscope_model::{FrameIdx, GoIdx, StackIdx, StringIdx, Trace};
use serde::Serialize;
use std::collections::BTreeMap;

/// A page of the types of regions. Times in ns.
#[derive(Clone, Debug, PartialEq, Eq, Serialize)]
pub struct RegionTypes {
    /// Begin of the stretch that is asked about.
    pub from: i64,
    /// Its end.
    pub to: i64,
    /// How many types.
    pub total: usize,
    /// Which row the page begins with.
    pub offset: usize,
    /// How many regions, of all types.
    pub regions: u64,
    /// The page.
    pub rows: Vec<RegionTypeRow>,
}

/// A type of regions.
#[derive(Clone, Debug, PartialEq, Eq, Serialize)]
pub struct RegionTypeRow {
    /// The name.
    pub name: String,
    /// Where they begin, as [`super::RegionQuery::at`] takes it; empty if that is not in the trace.
    pub at: String,
    /// The same as a frame.
    pub frame: Option<FrameView>,
    /// The filter that passes them and others of that name.
    pub filter: Option<String>,
    /// How many.
    pub count: u64,
    /// How many begin and end in the trace.
    pub complete: u64,
    /// How many do not.
    pub incomplete: u64,
    /// How long the complete ones last.
    pub latency: Option<Latency>,
    /// The same as a histogram.
    pub histogram: Vec<LatencyBucket>,
    /// Time inside them, within the stretch.
    pub ns: u64,
    /// The same without regions nested in them.
    pub self_ns: u64,
    /// How many goroutines have some.
    pub goroutines: u64,
    /// What the goroutines did inside.
    pub time: ClassTime,
}

/// What the types of regions can be sorted by.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq, Hash)]
pub enum RegionTypeSort {
    /// Time inside them.
    #[default]
    Ns,
    /// Time inside them, without regions nested in them.
    SelfNs,
    /// How many.
    Count,
    /// How many whose begin or end is not in the trace.
    Incomplete,
    /// The mean duration.
    Mean,
    /// The median duration.
    P50,
    /// The duration that 99 of a hundred do not exceed.
    P99,
    /// The longest.
    Max,
    /// The name.
    Name,
}

impl SortKey for RegionTypeSort {
    const ALL: &'static [(&'static str, Self, Order)] = &[
        ("ns", Self::Ns, Order::Descending),
        ("self_ns", Self::SelfNs, Order::Descending),
        ("count", Self::Count, Order::Descending),
        ("incomplete", Self::Incomplete, Order::Descending),
        ("mean", Self::Mean, Order::Descending),
        ("p50", Self::P50, Order::Descending),
        ("p99", Self::P99, Order::Descending),
        ("max", Self::Max, Order::Descending),
        ("name", Self::Name, Order::Ascending),
    ];
}

/// Function, file and line: one place in the source has a program counter for each function that it was inlined into.
type At = (StringIdx, StringIdx, u32);

type Types = BTreeMap<(StringIdx, Option<At>), Sums>;

#[derive(Default)]
struct Sums {
    frame: Option<FrameIdx>,
    incomplete: u64,
    durations: Durations,
    ns: u64,
    self_ns: u64,
    /// How many goroutines have some, which come one after the other, and the last of them.
    goroutines: u64,
    last_go: Option<GoIdx>,
    time: ClassTime,
}

impl Sums {
    fn add(&mut self, other: Self) {
        self.frame = other.frame;
        self.incomplete += other.incomplete;
        self.durations.append(other.durations);
        self.ns += other.ns;
        self.self_ns += other.self_ns;
        self.goroutines += other.goroutines;
        self.time.add(&other.time);
    }
}

/// The types of the regions of some goroutines.
fn sums(chosen: &Chosen<'_>, goroutines: &[GoIdx], window: (i64, i64)) -> Types {
    let trace = chosen.trace;
    let mut types: Types = BTreeMap::new();
    let mut frames: BTreeMap<StackIdx, Option<FrameIdx>> = BTreeMap::new();
    let mut doings = Doings::new(trace, window);
    chosen.each(goroutines, &mut |placed| {
        let region = &placed.region;
        let frame = *frames.entry(region.stack).or_insert_with(|| start_frame(trace, region.stack));
        let at: Option<At> =
            frame.map(|frame| trace.symbols().frame(frame)).map(|frame| (frame.function, frame.file, frame.line));
        let sums = types.entry((region.name, at)).or_default();
        sums.frame = frame;
        if region.start.is_some() && region.end.is_some() {
            sums.durations.push((placed.end - placed.start) as u64);
        } else {
            sums.incomplete += 1;
        }
        sums.ns += placed.ns;
        sums.self_ns += placed.self_ns;
        if sums.last_go != Some(region.go) {
            sums.last_go = Some(region.go);
            sums.goroutines += 1;
        }
        sums.time.add(&doings.inside(placed));
    });
    types
}

/// A page of the types of regions that a filter lets pass.
pub fn region_types(
    trace: &Trace,
    filter: &Filter,
    paging: &Paging<RegionTypeSort>,
) -> Result<RegionTypes, FilterError> {
    Subject::Regions.allows(filter)?;
    let (from, to) = filter.window(trace);
    let chosen = Chosen::of(trace, filter);
    let mut types: Types = BTreeMap::new();
    for part in chosen.in_parallel(|goroutines| sums(&chosen, goroutines, (from, to))) {
        for (kind, sums) in part {
            types.entry(kind).or_default().add(sums);
        }
    }
    let rows: Vec<RegionTypeRow> = types.into_iter().map(|((name, _), sums)| row(trace, filter, name, sums)).collect();
    let regions = rows.iter().map(|row| row.count).sum();
    let mut picking = Picking::new(paging);
    for (number, row) in rows.iter().enumerate() {
        picking.push(rank(row, paging.sort), number);
    }
    let (total, page) = picking.into_page();
    let rows = page.into_iter().map(|number| rows[number].clone()).collect();
    Ok(RegionTypes { from, to, total, offset: paging.offset, regions, rows })
}

fn row(trace: &Trace, filter: &Filter, name: StringIdx, sums: Sums) -> RegionTypeRow {
    let Sums { frame, incomplete, durations, ns, self_ns, goroutines, time, .. } = sums;
    let name = trace.symbols().string(name).to_owned();
    let complete = durations.len() as u64;
    let (latency, histogram) = durations.finish();
    RegionTypeRow {
        at: place(trace, frame),
        frame: frame.map(|frame| frame_view(trace, frame)),
        filter: narrowed(filter, &name),
        name,
        count: complete + incomplete,
        complete,
        incomplete,
        latency,
        histogram,
        ns,
        self_ns,
        goroutines,
        time,
    }
}

/// The filter that passes the regions of this name among those that `filter` does; `None` if there is none, because
/// durations would be about other things then.
fn narrowed(filter: &Filter, name: &str) -> Option<String> {
    if filter.region.is_none() && filter.task.is_some() && (filter.min.is_some() || filter.max.is_some()) {
        return None;
    }
    let region = Pattern::exactly(name).ok()?;
    Some(Filter { region: Some(region), ..filter.clone() }.to_string())
}

fn rank(row: &RegionTypeRow, sort: RegionTypeSort) -> Rank<'_> {
    let latency =
        |of: fn(&Latency) -> u64| Rank::of(row.latency.as_ref().map_or(-1, |latency| i128::from(of(latency))));
    match sort {
        RegionTypeSort::Ns => Rank::of(row.ns),
        RegionTypeSort::SelfNs => Rank::of(row.self_ns),
        RegionTypeSort::Count => Rank::of(row.count),
        RegionTypeSort::Incomplete => Rank::of(row.incomplete),
        RegionTypeSort::Mean => latency(|latency| latency.mean),
        RegionTypeSort::P50 => latency(|latency| latency.p50),
        RegionTypeSort::P99 => latency(|latency| latency.p99),
        RegionTypeSort::Max => latency(|latency| latency.max),
        RegionTypeSort::Name => Rank::Text(&row.name),
    }
}
