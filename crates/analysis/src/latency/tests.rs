//! Every wait, asked span by span.

use super::*;
use crate::{ClassKind, classes, fixtures, states};
use goroscope_model::{Class, GoIdx};

fn ask(trace: &Trace, filter: &str) -> SchedLatency {
    let options = LatencyOptions {
        worst: 1000,
        page: OrderedPage { limit: 1000, ..OrderedPage::default() },
        ..LatencyOptions::default()
    };
    latency(trace, &Filter::parse(filter).unwrap(), &options).unwrap()
}

/// Every wait of a trace, asked span by span: how long, and whether it begins and ends in the trace.
fn waits(trace: &Trace) -> Vec<(i64, i64, bool)> {
    let mut found = Vec::new();
    for go in (0..trace.goroutines().len() as u32).map(GoIdx) {
        let lane = trace.go_lane(go);
        for i in 0..lane.len() {
            if lane.class(i) != Class::Runnable || lane.start(i) == lane.end_of(i) {
                continue;
            }
            let is_begun = match i.checked_sub(1) {
                Some(before) => lane.class(before) != Class::Unknown,
                None => trace.goroutines()[go.index()].created.is_some(),
            };
            let is_over = i + 1 < lane.len() && lane.class(i + 1) == Class::Running;
            found.push((lane.start(i), lane.end_of(i), is_begun && is_over));
        }
    }
    found
}

#[track_caller]
fn check(trace: &Trace) {
    let wanted = waits(trace);
    let found = ask(trace, "");
    let mut durations: Vec<u64> = wanted.iter().filter(|wait| wait.2).map(|wait| (wait.1 - wait.0) as u64).collect();
    durations.sort_unstable();
    let total = &found.total.waits;
    assert_eq!((total.count, total.ns), (durations.len() as u64, durations.iter().sum()));
    let at = |share: f64| durations.get((durations.len() as f64 * share).ceil() as usize - 1).copied();
    if !durations.is_empty() {
        assert_eq!([total.p50, total.p90, total.p99], [0.5, 0.9, 0.99].map(|share| at(share).unwrap()));
        assert_eq!(Some(&total.max), durations.last());
    }
    assert_eq!(found.total.open, wanted.iter().filter(|wait| !wait.2).count() as u64);
    // All of it is the time in which goroutines could run.
    let mut ready = [0; Class::COUNT];
    for go in (0..trace.goroutines().len() as u32).map(GoIdx) {
        let time = states::time(trace, Lane::Go(go), trace.start(), trace.end());
        ready.iter_mut().zip(time).for_each(|(sum, ns)| *sum += ns);
    }
    let within: i64 = wanted.iter().map(|wait| wait.1.min(trace.end()) - wait.0.max(trace.start())).sum();
    assert_eq!(within as u64, classes::sum_of_kind(&ready, ClassKind::Ready));
    assert_eq!(total.ns + found.total.open_ns, wanted.iter().map(|wait| (wait.1 - wait.0) as u64).sum::<u64>());
    // Parts are parts of the whole.
    let groups = &found.groups.rows;
    assert_eq!(groups.iter().map(|row| row.sum.waits.count).sum::<u64>(), total.count);
    assert_eq!(found.causes.iter().map(|row| row.waits.ns).sum::<u64>(), total.ns);
    assert_eq!(found.histogram.iter().map(|bucket| bucket.count).sum::<u64>(), total.count);
    let worst: Vec<u64> = found.worst.iter().map(|wait| wait.duration).collect();
    let longest: Vec<u64> = durations.iter().rev().take(1000).copied().collect();
    assert_eq!(worst, longest);
    // Each wait begins in one half.
    let middle = i64::midpoint(trace.start(), trace.end());
    let halves = [format!("to={middle}ns"), format!("from={middle}ns")].map(|filter| ask(trace, &filter).total.waits);
    assert_eq!(halves[0].count + halves[1].count, total.count);
    assert_eq!(halves[0].ns + halves[1].ns, total.ns);
}

#[test]
fn every_wait_counts_once() {
    check(&fixtures::request());
    for seed in 0..8 {
        check(&fixtures::random(seed, 4, 200, 3000));
    }
    for name in ["mix-1.19", "mix-1.22", "mix-1.27", "pubsub-concurrent", "flight-1.27", "crowd-1.27"] {
        check(&fixtures::recorded(&format!("{name}.trace.zst")));
    }
}

#[test]
fn damaged_traces() {
    for seed in 0..16 {
        let trace = fixtures::damaged("mix-1.27.trace.zst", seed);
        let found = ask(&trace, "");
        let wanted = waits(&trace);
        assert_eq!(found.total.waits.count + found.total.open, wanted.len() as u64);
    }
}

/// Created, woken by the network, by another, and after a system call.
#[test]
fn causes_and_places() {
    let trace = fixtures::request();
    let rows: Vec<_> = ask(&trace, "")
        .worst
        .iter()
        .map(|wait| {
            let by = wait.by.as_ref().map(|go| go.id);
            (wait.start, wait.end, wait.go.as_ref().unwrap().id, wait.cause, by)
        })
        .collect();
    assert_eq!(
        rows,
        [
            (350, 600, 1, ReadyCause::Unblocked, Some(2)),
            (100, 250, 2, ReadyCause::Created, Some(1)),
            (500, 550, 3, ReadyCause::Unblocked, None),
            (750, 760, 3, ReadyCause::Unblocked, None),
        ]
    );
    let only = ask(&trace, "func=main.worker min=100ns");
    assert_eq!((only.total.waits.count, only.groups.rows[0].label.as_str()), (1, "main.worker"));
    let error = latency(&trace, &Filter::parse("state=running").unwrap(), &LatencyOptions::default()).unwrap_err();
    assert!(error.to_string().starts_with("state does not apply to latency"), "{error}");
}
