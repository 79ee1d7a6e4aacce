//! A goroutine's life: where it came from, what it did with its time, who woke it and whom it woke.

use crate::refs::{self, FrameView, GoRef};
use crate::{ClassKind, Lane, classes, intervals, names, states};
use goroscope_model::{Class, GoIdx, LaneSpans, RangeScope, StringIdx, Trace};
use serde::Serialize;
use std::cmp::Reverse;
use std::collections::BTreeMap;

/// The most children of one answer.
const CHILDREN: usize = 100;
/// The most wakers, and woken, of one answer.
const WAKES: usize = 10;

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
    /// Who created it, if in the trace.
    pub creator: Option<GoRef>,
    /// Where the creator stood then.
    pub creation_stack: Vec<FrameView>,
    /// How many goroutines it created.
    pub children_total: usize,
    /// The first 100 of them.
    pub children: Vec<GoRef>,
    /// Time in each class, in the order of the classes.
    pub time: Vec<StateTime>,
    /// Why it waited, longest first.
    pub reasons: Vec<ReasonSpans>,
    /// Its ranges (mark assist, stop-the-world), longest first; they overlap with the time above.
    pub ranges: Vec<RangeTime>,
    /// Who woke it most: the first 10.
    pub woken_by: Vec<WakeCount>,
    /// Whom it woke most: the first 10.
    pub woke: Vec<WakeCount>,
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

/// How often one goroutine woke another.
#[derive(Clone, Debug, PartialEq, Eq, Serialize)]
pub struct WakeCount {
    /// The other.
    pub go: GoRef,
    /// How often.
    pub count: u64,
}

/// A goroutine's life; `None` if there is no such row.
pub fn goroutine(trace: &Trace, go: GoIdx) -> Option<GoroutineDetails> {
    let row = trace.goroutines().get(go.index())?;
    let spans = states::of(trace, Lane::Go(go))?;
    let (start, end) = states::life(&spans).unwrap_or((trace.start(), trace.start()));
    let children: Vec<GoIdx> = children(trace, go);
    let (time, reasons) = times(trace, go, &spans);
    Some(GoroutineDetails {
        go: GoRef::new(trace, go)?,
        group: Lane::Group(row.group),
        label: trace.symbols().string(row.label).to_owned(),
        created: row.created,
        ended: row.ended,
        start,
        end,
        lifetime: end - start,
        creator: GoRef::new(trace, row.creator),
        creation_stack: refs::frames(trace, row.creation_stack),
        children_total: children.len(),
        children: children.iter().take(CHILDREN).filter_map(|&child| GoRef::new(trace, child)).collect(),
        time,
        reasons,
        ranges: ranges(trace, go),
        woken_by: most(trace, wakers(trace, go)),
        woke: most(trace, trace.wakes_by(go).iter().filter(|wake| !wake.is_creation).map(|wake| wake.to)),
        regions: trace.go_regions(go).len(),
        logs: trace.go_logs(go).len(),
        samples: trace.go_samples(go).len(),
        spans: spans.len(),
    })
}

/// The goroutines that it created, by creation.
fn children(trace: &Trace, go: GoIdx) -> Vec<GoIdx> {
    (0..).zip(trace.goroutines()).filter(|(_, child)| child.creator == go).map(|(i, _)| GoIdx(i)).collect()
}

/// A sum of spans.
#[derive(Clone, Copy, Default)]
struct Sum {
    ns: u64,
    spans: u64,
    longest: u64,
    longest_ts: i64,
}

impl Sum {
    fn add(&mut self, start: i64, end: i64) {
        let ns = (end - start) as u64;
        if self.spans == 0 || ns > self.longest {
            (self.longest, self.longest_ts) = (ns, start);
        }
        self.ns += ns;
        self.spans += 1;
    }
}

fn times(trace: &Trace, go: GoIdx, spans: &LaneSpans<'_>) -> (Vec<StateTime>, Vec<ReasonSpans>) {
    let mut by_class = [Sum::default(); Class::COUNT];
    let mut by_reason: BTreeMap<(Class, StringIdx), Sum> = BTreeMap::new();
    for (span, (start, end, class)) in trace.go_spans().iter_from(go, 0).zip(spans.iter()) {
        by_class[class as usize].add(start, end);
        if classes::kind(class) == ClassKind::Wait {
            by_reason.entry((class, span.reason)).or_default().add(start, end);
        }
    }
    let time = crate::CLASSES.iter().zip(by_class).filter(|(_, sum)| sum.spans > 0);
    let time = time.map(|(name, sum)| StateTime {
        class: name.class,
        ns: sum.ns,
        spans: sum.spans,
        longest: sum.longest,
        longest_ts: sum.longest_ts,
    });
    let reasons = by_reason.into_iter().map(|((class, reason), sum)| ReasonSpans {
        reason: names::reason(trace, reason).to_owned(),
        class,
        ns: sum.ns,
        spans: sum.spans,
        longest: sum.longest,
        longest_ts: sum.longest_ts,
    });
    let mut reasons: Vec<ReasonSpans> = reasons.collect();
    reasons.sort_by_key(|row| Reverse(row.ns));
    (time.collect(), reasons)
}

fn ranges(trace: &Trace, go: GoIdx) -> Vec<RangeTime> {
    let mut by_name: BTreeMap<StringIdx, (u64, u64)> = BTreeMap::new();
    for &row in trace.scope_ranges(RangeScope::Go(go)) {
        let interval = intervals::range(trace, row);
        let (ns, count) = by_name.entry(trace.ranges().at(row as usize).name).or_default();
        *ns += (interval.end - interval.start) as u64;
        *count += 1;
    }
    let mut rows: Vec<RangeTime> = by_name
        .into_iter()
        .map(|(name, (ns, count))| RangeTime { name: trace.symbols().string(name).to_owned(), ns, count })
        .collect();
    rows.sort_by_key(|row| Reverse(row.ns));
    rows
}

/// Who woke the goroutine, once for each time; its creation is not among them.
fn wakers(trace: &Trace, go: GoIdx) -> impl Iterator<Item = GoIdx> + use<'_> {
    trace.go_spans().iter_from(go, 1).filter_map(|span| span.cause.get())
}

/// The goroutines that occur most, those of lower row first.
fn most(trace: &Trace, goroutines: impl Iterator<Item = GoIdx>) -> Vec<WakeCount> {
    let mut counts: BTreeMap<GoIdx, u64> = BTreeMap::new();
    for go in goroutines {
        *counts.entry(go).or_default() += 1;
    }
    let mut counts: Vec<(GoIdx, u64)> = counts.into_iter().collect();
    counts.sort_by_key(|&(go, count)| (Reverse(count), go));
    counts
        .into_iter()
        .filter_map(|(go, count)| Some(WakeCount { go: GoRef::new(trace, go)?, count }))
        .take(WAKES)
        .collect()
}
