//! Every number of the goroutine page of Go's own tool, against goldens that its summariser made.
//!
//! Go's reader was kept from moving times, so all are equal to the nanosecond, but for what Go has wrong:
//!
//! 1. An id that was used again has the numbers of its last life.
//! 2. A wait for ever is the end.
//! 3. A blocked system call that has not ended counts as a system call in full, and again as scheduler wait.
//! 4. One that has no proc from its first mention on, as when the trace begins or C calls Go, is one that is not blocked.
//! 5. Traces of the old format begin and end a nanosecond early and late.
//! 6. A goroutine whose transitions have no stack has no name, though other events show its stack.

use super::list;
use crate::goroutines::GoroutineRow;
use crate::{Lane, fixtures, states};
use goroscope_model::{Class, GoIdx, LaneSpans, Trace};
use std::collections::BTreeMap;

/// What Go says of a goroutine: by column or reason, ns.
type Said = BTreeMap<String, i64>;

/// The lines of a golden: id, start function, times, then reasons and ranges by name.
fn golden(name: &str) -> BTreeMap<u64, (String, Said)> {
    let bytes = fixtures::unpacked(&format!("golden/{name}.goroutines.zst"));
    let text = String::from_utf8(bytes).unwrap();
    let line = |line: &str| {
        let mut words = line.split('\t');
        let id = words.next().unwrap().parse().unwrap();
        let function = words.next().unwrap().to_owned();
        let columns = ["lifetime", "running", "runnable", "syscall", "syscall_blocked"];
        let mut said: Said = columns.map(|name| (name.to_owned(), words.next().unwrap().parse().unwrap())).into();
        for word in words {
            let (name, ns) = word.rsplit_once('=').unwrap();
            let name = match name {
                "block " => "block reason not in this trace",
                "range GC mark assist" => "assist",
                "range GC incremental sweep" => "sweep",
                name if name.starts_with("range stop-the-world") => "stw",
                name => name,
            };
            *said.entry(name.to_owned()).or_default() += ns.parse::<i64>().unwrap();
        }
        (id, (function, said))
    };
    text.lines().map(line).collect()
}

/// The same of ours, as Go would say it.
fn ours(trace: &Trace, row: &GoroutineRow) -> Said {
    let times = &row.times;
    let columns = [
        ("lifetime", times.lifetime),
        ("running", times.running),
        ("runnable", times.runnable),
        ("syscall", times.syscall),
        ("syscall_blocked", times.syscall_blocked),
        ("assist", times.assist),
        ("sweep", times.sweep),
        ("stw", times.stw),
    ];
    let mut said: Said = columns.map(|(name, ns)| (name.to_owned(), ns as i64)).into();
    said.extend(row.blocked.iter().map(|row| (format!("block {}", row.reason), row.ns as i64)));
    if let Some(forever) = said.remove("block forever") {
        add(&mut said, "lifetime", -forever);
    }
    let spans = states::of(trace, Lane::Go(GoIdx(row.goroutine.row))).unwrap();
    let last = spans.len() - 1;
    let is_blocked = |i: usize| spans.class(i) == Class::SyscallBlocked;
    if row.ended.is_none() && is_blocked(last) {
        let open = spans.end_of(last) - spans.start(last);
        let (syscall, twice) = if was_so_at_the_start(&spans, row) { (0, 0) } else { (open, open) };
        add(&mut said, "syscall", syscall);
        add(&mut said, "syscall_blocked", -syscall);
        add(&mut said, "runnable", twice);
    }
    said
}

fn add(said: &mut Said, name: &str, ns: i64) {
    *said.entry(name.to_owned()).or_default() += ns;
}

/// Whether the goroutine was in a blocked system call when the trace began, and is in it for as long as that lasts.
fn was_so_at_the_start(spans: &LaneSpans<'_>, row: &GoroutineRow) -> bool {
    row.created.is_none() && spans.len() == 1
}

#[track_caller]
fn check(name: &str) {
    let trace = fixtures::recorded(&format!("{name}.trace.zst"));
    let is_old = trace.version().minor() < 22;
    let go = golden(name);
    let rows = list(&trace, "", None).rows;
    let last_lives: BTreeMap<u64, &GoroutineRow> = rows.iter().map(|row| (row.goroutine.id, row)).collect();
    assert!(go.keys().eq(last_lives.keys()), "{name}: the same goroutines");
    for (id, row) in last_lives {
        let (function, mut theirs) = go[&id].clone();
        assert!(function == row.goroutine.function || function.is_empty(), "{name}: G{id} {function}");
        let mut ours = ours(&trace, row);
        let spans = states::of(&trace, Lane::Go(GoIdx(row.goroutine.row))).unwrap();
        if spans.class(0) == Class::SyscallBlocked {
            for said in [&mut ours, &mut theirs] {
                let calls = said.remove("syscall").unwrap_or(0) + said.remove("syscall_blocked").unwrap_or(0);
                add(said, "calls", calls);
            }
        }
        let names: std::collections::BTreeSet<&String> = ours.keys().chain(theirs.keys()).collect();
        for column in names {
            let [ours, theirs] = [&ours, &theirs].map(|said| said.get(column).copied().unwrap_or(0));
            let allowed = if is_old { 2 } else { 0 };
            assert!((ours - theirs).abs() <= allowed, "{name}: G{id} {column}: {ours}, Go says {theirs}");
        }
    }
}

#[test]
fn old_format() {
    for name in ["mix-1.19", "mix-1.21", "names-1.21"] {
        check(name);
    }
}

#[test]
fn every_release() {
    for release in ["1.22", "1.23", "1.24", "1.25", "1.26", "1.27"] {
        check(&format!("mix-{release}"));
    }
}

#[test]
fn every_program() {
    let callbacks = ["callback-1.22", "callback-1.25", "callback-1.27"];
    let coroutines = ["coro-1.23", "coro-1.27", "allocfree-1.23", "allocfree-1.27"];
    let beginnings = ["flight-1.25", "flight-1.27", "late-1.22", "late-1.25", "late-1.27"];
    let collections = ["collect-1.22", "collect-1.27"];
    let others = ["crowd-1.27", "names-1.22", "names-1.27", "steps-1.23", "steps-1.27"];
    let servers = ["pubsub-concurrent", "pubsub-serial"];
    for name in
        callbacks.into_iter().chain(coroutines).chain(beginnings).chain(collections).chain(others).chain(servers)
    {
        check(name);
    }
}
