//! A goroutine's life: where it came from, what it did with its time, who blocked it and whom it blocked.

use super::wakes::{self, WakeCount};
use crate::goroutines::{first_run, sweeps_of};
use crate::intervals::Interval;
use crate::refs::{self, FrameView, GoRef};
use crate::spread::percentile;
use crate::tally::Tally;
use crate::{ClassKind, Lane, Page, TileLabel, classes, intervals, names, states};
use goroscope_model::{Class, GoIdx, GoKind, RangeScope, Trace, each_in_parallel};
use serde::Serialize;
use std::cmp::Reverse;
use std::collections::BTreeMap;

/// A goroutine's life. Times in ns.
#[derive(Clone, Debug, PartialEq, Eq, Serialize)]
pub struct GoroutineDetails {
    /// The goroutine.
    pub go: GoRef,
    /// Its group.
    pub group: Lane,
    /// Its GC worker mode or other label, or empty.
    pub label: String,
    /// When it was created, if in the trace.
    pub created: Option<i64>,
    /// When it ended, if in the trace.
    pub ended: Option<i64>,
    /// When it is first seen.
    pub start: i64,
    /// When it is last seen.
    pub end: i64,
    /// From `start` to `end`; the sum of `time`.
    pub lifetime: i64,
    /// From its creation until it first ran, if both are in the trace.
    pub first_run: Option<i64>,
    /// Who created it, if in the trace.
    pub creator: Option<GoRef>,
    /// Where the creator stood then.
    pub creation_stack: Vec<FrameView>,
    /// How many goroutines it created.
    pub children_total: usize,
    /// A page of them, by creation.
    pub children: Vec<Child>,
    /// Time in each class, in the order of the classes.
    pub time: Vec<StateTime>,
    /// Why it waited, longest first.
    pub reasons: Vec<ReasonSpans>,
    /// Its ranges (mark assist, stop-the-world, its sweeps), longest first; they overlap with the time above.
    pub ranges: Vec<RangeTime>,
    /// Who ended its waits: the 10 for whom it waited longest.
    pub woken_by: Vec<WakeCount>,
    /// How many there are.
    pub woken_by_total: usize,
    /// Whose waits it ended: the 10 that waited longest for it.
    pub woke: Vec<WakeCount>,
    /// How many there are.
    pub woke_total: usize,
    /// How many regions.
    pub regions: usize,
    /// How many log messages.
    pub logs: usize,
    /// How many CPU profile samples.
    pub samples: usize,
    /// How many spans.
    pub spans: usize,
}

/// Time in a class.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Serialize)]
pub struct StateTime {
    /// The class.
    #[serde(serialize_with = "classes::class_number")]
    pub class: Class,
    /// Time.
    pub ns: u64,
    /// How many spans.
    pub spans: u64,
    /// The least length that half of them do not exceed.
    pub p50: u64,
    /// That nine of ten do not exceed.
    pub p90: u64,
    /// That 99 of 100 do not exceed.
    pub p99: u64,
    /// The longest.
    pub longest: u64,
    /// Its begin.
    pub longest_ts: i64,
}

/// Time waited for a reason.
#[derive(Clone, Debug, PartialEq, Eq, Serialize)]
pub struct ReasonSpans {
    /// The reason, in Go's words.
    pub reason: String,
    /// The class of these waits.
    #[serde(serialize_with = "classes::class_number")]
    pub class: Class,
    /// Time.
    pub ns: u64,
    /// How many.
    pub spans: u64,
    /// The least length that half of them do not exceed.
    pub p50: u64,
    /// That nine of ten do not exceed.
    pub p90: u64,
    /// That 99 of 100 do not exceed.
    pub p99: u64,
    /// The longest.
    pub longest: u64,
    /// Its begin.
    pub longest_ts: i64,
}

/// Time in ranges of one name.
#[derive(Clone, Debug, PartialEq, Eq, Serialize)]
pub struct RangeTime {
    /// The name.
    pub name: String,
    /// Time.
    pub ns: u64,
    /// How many.
    pub count: u64,
}

/// A goroutine that another created. Times in ns.
#[derive(Clone, Debug, PartialEq, Eq, Serialize)]
pub struct Child {
    /// Which.
    #[serde(flatten)]
    pub go: GoRef,
    /// When it was created.
    pub created: Option<i64>,
    /// When it is last seen.
    pub end: i64,
    /// How long it ran.
    pub running: u64,
}

/// A goroutine's life, with a page of its children; `None` if there is no such row.
pub fn goroutine(trace: &Trace, go: GoIdx, page: Page) -> Option<GoroutineDetails> {
    let row = trace.goroutines().get(go.index())?;
    let spans = states::of(trace, Lane::Go(go))?;
    let (start, end) = states::life(&spans).unwrap_or((trace.start(), trace.start()));
    let children: Vec<GoIdx> = children(trace, go);
    // Both walk over all of its spans: side by side on two cores.
    let mut walks = each_in_parallel(2, |walk| match walk {
        0 => Walked::Times(times(trace, go, spans.len())),
        _ => Walked::Wakers(wakes::woken_by(trace, go)),
    });
    let (Some(Walked::Wakers(woken_by)), Some(Walked::Times((time, reasons)))) = (walks.pop(), walks.pop()) else {
        return None;
    };
    let woke = wakes::woke(trace, go);
    let shown = children.iter().skip(page.offset).take(page.limit);
    Some(GoroutineDetails {
        go: GoRef::new(trace, go)?,
        group: Lane::Group(row.group),
        label: trace.symbols().string(row.label).to_owned(),
        created: row.created,
        ended: row.ended,
        start,
        end,
        lifetime: end - start,
        first_run: first_run(trace, go),
        creator: GoRef::new(trace, row.creator),
        creation_stack: refs::frames(trace, row.creation_stack),
        children_total: children.len(),
        children: shown.filter_map(|&child| Child::of(trace, child)).collect(),
        time,
        reasons,
        ranges: ranges(trace, go),
        woken_by: woken_by.first,
        woken_by_total: woken_by.total,
        woke: woke.first,
        woke_total: woke.total,
        regions: trace.go_regions(go).len(),
        logs: trace.go_logs(go).len(),
        samples: trace.go_samples(go).len(),
        spans: spans.len(),
    })
}

/// What a walk over the spans of a goroutine finds.
enum Walked {
    Times((Vec<StateTime>, Vec<ReasonSpans>)),
    Wakers(wakes::Wakes),
}

/// The goroutines that it created, by creation.
fn children(trace: &Trace, go: GoIdx) -> Vec<GoIdx> {
    (0..).zip(trace.goroutines()).filter(|(_, child)| child.creator == go).map(|(i, _)| GoIdx(i)).collect()
}

impl Child {
    fn of(trace: &Trace, go: GoIdx) -> Option<Self> {
        let spans = states::of(trace, Lane::Go(go))?;
        let time = states::time(trace, Lane::Go(go), trace.start(), trace.end());
        Some(Self {
            go: GoRef::new(trace, go)?,
            created: trace.goroutines()[go.index()].created,
            end: spans.end,
            running: classes::sum_of_kind(&time, ClassKind::Run),
        })
    }
}

/// A sum of spans.
struct Sum {
    ns: u64,
    lengths: Tally,
    longest: u64,
    longest_ts: i64,
}

impl Sum {
    const NOTHING: Self = Self { ns: 0, lengths: Tally::EMPTY, longest: 0, longest_ts: i64::MAX };

    fn of_class(self, class: Class) -> StateTime {
        let lengths = self.lengths.into_sorted();
        let spans = lengths.iter().map(|length| length.1).sum();
        let [p50, p90, p99] = [500, 900, 990].map(|per_mille| percentile(&lengths, spans, per_mille));
        StateTime { class, ns: self.ns, spans, p50, p90, p99, longest: self.longest, longest_ts: self.longest_ts }
    }

    fn add(&mut self, start: i64, end: i64) {
        let ns = (end - start) as u64;
        self.see(ns, start);
        self.ns += ns;
        self.lengths.push(ns);
    }

    fn append(&mut self, other: &Self) {
        self.see(other.longest, other.longest_ts);
        self.ns += other.ns;
        self.lengths.append(&other.lengths);
    }

    /// Of the longest, the first counts.
    fn see(&mut self, ns: u64, start: i64) {
        if (Reverse(ns), start) < (Reverse(self.longest), self.longest_ts) {
            (self.longest, self.longest_ts) = (ns, start);
        }
    }
}

fn times(trace: &Trace, go: GoIdx, spans: usize) -> (Vec<StateTime>, Vec<ReasonSpans>) {
    // A goroutine has few kinds of spans, so that a walk over them finds one.
    let mut by_kind: Vec<(GoKind, Sum)> = Vec::new();
    trace.go_spans().each_kind(go, 0..spans, |_, start, end, kind| {
        if let Some((_, sum)) = by_kind.iter_mut().find(|of_kind| of_kind.0 == kind) {
            sum.add(start, end);
        } else {
            let mut sum = Sum::NOTHING;
            sum.add(start, end);
            by_kind.push((kind, sum));
        }
    });
    by_kind.sort_by_key(|(kind, _)| (kind.class, kind.reason));
    let of_class = |class: Class| {
        let mut all = Sum::NOTHING;
        by_kind.iter().filter(|(kind, _)| kind.class == class).for_each(|(_, sum)| all.append(sum));
        all.of_class(class)
    };
    let time = crate::CLASSES.iter().map(|name| of_class(name.class)).filter(|time| time.spans > 0).collect();
    let waits = by_kind.into_iter().filter(|(kind, _)| classes::kind(kind.class) == ClassKind::Wait);
    let reason = |(GoKind { class, reason }, sum): (GoKind, Sum)| {
        let StateTime { class, ns, spans, p50, p90, p99, longest, longest_ts } = sum.of_class(class);
        let reason = names::reason(trace, reason).to_owned();
        ReasonSpans { reason, class, ns, spans, p50, p90, p99, longest, longest_ts }
    };
    let mut reasons: Vec<ReasonSpans> = waits.map(reason).collect();
    reasons.sort_by_key(|row| Reverse(row.ns));
    (time, reasons)
}

fn ranges(trace: &Trace, go: GoIdx) -> Vec<RangeTime> {
    let own = trace.scope_ranges(RangeScope::Go(go)).iter().map(|&row| intervals::range(trace, row));
    let mut by_name: BTreeMap<TileLabel, (u64, u64)> = BTreeMap::new();
    for Interval { start, end, label, .. } in own.chain(sweeps_of(trace, go)) {
        let (ns, count) = by_name.entry(label).or_default();
        *ns += (end - start) as u64;
        *count += 1;
    }
    let name = |label: TileLabel| label.text(trace);
    let row = |(label, (ns, count))| RangeTime { name: name(label), ns, count };
    let mut rows: Vec<RangeTime> = by_name.into_iter().map(row).collect();
    rows.sort_by_key(|row| Reverse(row.ns));
    rows
}
