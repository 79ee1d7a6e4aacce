//! Tasks and regions against the pages of Go's trace viewer (recipe: `testdata/README.md`), but for what it says wrong.
//!
//! Go moves times apart where two are equal, so that what it tells may differ by some nanoseconds.

use goroscope_analysis::{
    Filter, Paging, RegionQuery, RegionRow, TaskQuery, TaskRow, Trace, region_types, regions, task_types, tasks,
};
use std::collections::BTreeMap;
use std::fs;
use std::io::Read;
use std::path::Path;

const TRACES: [&str; 4] = ["tasks-1.21", "tasks-1.22", "tasks-1.25", "tasks-1.27"];

/// How much Go may move the begin or end of something, ns: less than two ticks of the clock.
const MOVED: u64 = 100;

fn unpacked(name: &str) -> Vec<u8> {
    let path = Path::new(env!("CARGO_MANIFEST_DIR")).join("../../testdata").join(name);
    let packed = fs::read(path).expect("a file of testdata");
    let mut bytes = Vec::new();
    ruzstd::decoding::StreamingDecoder::new(packed.as_slice()).expect("zstd").read_to_end(&mut bytes).expect("zstd");
    bytes
}

fn trace(name: &str) -> Trace {
    Trace::read(&unpacked(&format!("{name}.trace.zst")), &mut |_| {}).expect("a trace")
}

/// The lines of Go's pages, by path.
fn pages(name: &str) -> Vec<(String, Vec<String>)> {
    let text = String::from_utf8(unpacked(&format!("golden/{name}.pages.zst"))).expect("text");
    let mut pages: Vec<(String, Vec<String>)> = Vec::new();
    for line in text.lines() {
        match (line.strip_prefix("== "), pages.last_mut()) {
            (Some(path), _) => pages.push((path.to_owned(), Vec::new())),
            (None, Some((_, lines))) => lines.push(line.replace("&#34;", "\"")),
            (None, None) => {}
        }
    }
    pages
}

fn page(name: &str, path: &str) -> Vec<String> {
    pages(name).into_iter().find(|page| page.0 == path).expect("the page").1
}

/// Nanoseconds of a duration as Go prints it.
fn duration(text: &str) -> Option<u64> {
    let units = [("ns", 1.0), ("µs", 1e3), ("ms", 1e6), ("s", 1e9)];
    let (unit, scale) = units.iter().find(|(unit, _)| text.ends_with(unit))?;
    let number: f64 = text.strip_suffix(unit)?.parse().ok()?;
    Some((number * scale).round() as u64)
}

/// What Go's table of types has of one.
#[derive(Debug)]
struct GoType {
    name: String,
    count: u64,
    /// Where each bucket begins, and how many are in it.
    buckets: Vec<(u64, u64)>,
}

/// The rows of a page of types, behind its heading.
fn go_types(lines: &[String]) -> Vec<GoType> {
    let heading = lines.iter().position(|line| line.starts_with("Duration distribution")).expect("a heading");
    let mut types: Vec<GoType> = Vec::new();
    let mut lines = lines[heading + 1..].iter();
    while let Some(name) = lines.next() {
        let count = lines.next().and_then(|line| line.parse().ok()).unwrap_or_else(|| panic!("no count behind {name}"));
        // The last edge has no number; a type without complete ones has no histogram at all.
        let bucket = |line: &String| {
            let mut cells = line.split('\t');
            Some((duration(cells.next()?)?, cells.nth(1)?.parse().ok()?))
        };
        types.push(GoType { name: name.clone(), count, buckets: lines.by_ref().map_while(bucket).collect() });
    }
    types
}

fn all<S: Default>() -> Paging<S> {
    Paging { limit: usize::MAX, ..Paging::default() }
}

fn our_tasks(trace: &Trace) -> Vec<TaskRow> {
    let query = TaskQuery { paging: all(), ..TaskQuery::default() };
    tasks(trace, &Filter::default(), &query).expect("no filter").rows
}

fn our_regions(trace: &Trace) -> Vec<RegionRow> {
    let query = RegionQuery { paging: all(), ..RegionQuery::default() };
    regions(trace, &Filter::default(), &query).expect("no filter").rows
}

/// Types that Go has otherwise: the nameless one has the background task as a task, and that which ended twice, of which
/// it forgets the type.
const OTHER_TASKS: [&str; 3] = ["-", "", "ends twice"];

#[test]
fn types_of_tasks() {
    for name in TRACES {
        let ours = task_types(&trace(name), &Filter::default(), &all()).expect("no filter").rows;
        let theirs = go_types(&page(name, "/usertasks"));
        let known = theirs.iter().filter(|row| !OTHER_TASKS.contains(&row.name.as_str())).count();
        let mut compared = 0;
        for row in ours.iter().filter(|row| !OTHER_TASKS.contains(&row.name.as_str())) {
            let theirs = theirs.iter().find(|theirs| theirs.name == row.name).expect("the type");
            assert_eq!(row.count, theirs.count, "{name} {row:?}");
            // Go's edges are cut to whole nanoseconds, ours are the first that belongs to the bucket.
            let agree = |(ours, theirs): (&goroscope_analysis::LatencyBucket, &(u64, u64))| {
                ours.min.abs_diff(theirs.0) <= 1 && ours.count == theirs.1
            };
            let are_as_many = row.histogram.len() == theirs.buckets.len();
            assert!(are_as_many && row.histogram.iter().zip(&theirs.buckets).all(agree), "{name} {row:?} {theirs:?}");
            compared += 1;
        }
        assert_eq!(compared, known, "{name}");
    }
}

#[test]
fn every_task() {
    for name in TRACES {
        let ours = our_tasks(&trace(name));
        let ours: Vec<&TaskRow> = ours.iter().filter(|row| !OTHER_TASKS.contains(&row.name.as_str())).collect();
        let lines = page(name, "/usertask");
        let mut compared = 0;
        for (at, line) in lines.iter().enumerate() {
            let Some(id) = line.strip_prefix("Task ").and_then(|id| id.parse::<u64>().ok()) else { continue };
            let Some(row) = ours.iter().find(|row| row.id == id) else { continue };
            assert_eq!(row.complete, lines[at + 2] == "(complete)", "{name} {row:?}");
            // Where the end is not in the trace Go knows no duration.
            let elapsed = lines[at - 2..at].iter().find_map(|line| duration(line)).unwrap_or(0);
            assert!(!row.complete || row.duration.abs_diff(elapsed) <= MOVED, "{name} {elapsed} {row:?}");
            compared += 1;
        }
        assert_eq!(compared, ours.len(), "{name}");
    }
}

/// Go groups regions by the root of their stack, counts open ones as complete, and has a nameless region for each
/// goroutine that is created inside one. The counts of each name agree.
#[test]
fn types_of_regions() {
    for name in TRACES {
        let ours = region_types(&trace(name), &Filter::default(), &all()).expect("no filter").rows;
        let theirs = go_types(&page(name, "/userregions"));
        let mut counts: BTreeMap<&str, [u64; 2]> = BTreeMap::new();
        for row in &theirs {
            let kind = row.name.split('\t').next().unwrap_or_default().trim_matches('"');
            let sums = counts.entry(kind).or_default();
            *sums = [sums[0] + row.count, sums[1] + row.buckets.iter().map(|bucket| bucket.1).sum::<u64>()];
        }
        counts.remove("");
        let mut own: BTreeMap<&str, [u64; 2]> = BTreeMap::new();
        for row in &ours {
            assert_eq!(row.histogram.iter().map(|bucket| bucket.count).sum::<u64>(), row.complete);
            let sums = own.entry(&row.name).or_default();
            *sums = [sums[0] + row.count, sums[1] + row.complete + row.incomplete];
        }
        assert_eq!(own, counts, "{name}");
        let mut work: Vec<&str> = ours.iter().filter(|row| row.name == "work").map(|row| row.at.as_str()).collect();
        work.sort_unstable();
        assert_eq!(work, ["main.parse:109", "main.store:114"], "{name}");
        assert!(theirs.iter().all(|row| !row.name.contains("main.parse")), "{name}");
    }
}

/// A region on Go's page.
#[derive(Debug)]
struct GoRegion {
    kind: String,
    go: u64,
    task: u64,
    ns: u64,
    columns: BTreeMap<String, u64>,
}

impl GoRegion {
    fn is(&self, row: &RegionRow) -> bool {
        row.name == self.kind
            && row.go.as_ref().is_some_and(|go| go.id == self.go)
            && row.task.as_ref().map_or(0, |task| task.id) == self.task
    }
}

/// The rows of a table of all pages about the regions of one type; those without a name are left out.
fn go_regions(name: &str, heading: &str) -> Vec<GoRegion> {
    let mut rows = Vec::new();
    for (path, lines) in pages(name) {
        let kind = path.strip_prefix("/userregion?type=").and_then(|rest| rest.split_once("&pc="));
        let Some((kind, _)) = kind.filter(|(kind, _)| !kind.is_empty()) else { continue };
        let from = lines.iter().rposition(|line| line == heading).expect("the table");
        let total = lines[from..].iter().position(|line| line == "Total").expect("a column");
        let columns = &lines[from + total + 1..];
        let names: Vec<&String> = columns.iter().take_while(|line| line.parse::<u64>().is_err()).collect();
        let mut cells = columns[names.len()..].iter().peekable();
        while let Some(go) = cells.next().and_then(|cell| cell.parse().ok()) {
            // A region without a task has an empty cell, which is not among the words of the page.
            let task = cells.next_if(|cell| cell.parse::<u64>().is_ok()).map_or(0, |cell| cell.parse().unwrap_or(0));
            let mut value = || cells.next().and_then(|cell| duration(cell)).unwrap_or_else(|| panic!("{name} {path}"));
            let ns = value();
            let columns = names.iter().map(|name| ((*name).clone(), value())).collect();
            rows.push(GoRegion { kind: kind.replace("%20", " "), go, task, ns, columns });
        }
    }
    rows
}

/// What the goroutine did inside every region, by class and by reason.
#[test]
fn every_region() {
    for name in TRACES {
        let ours = our_regions(&trace(name));
        let theirs = go_regions(name, "Breakdown");
        assert_eq!(theirs.len(), ours.len(), "{name}");
        // Go takes a goroutine that waits for ever for one that ended.
        for region in theirs.iter().filter(|region| region.kind != "waits at the end") {
            let differences: Vec<u64> =
                ours.iter().filter(|row| region.is(row)).map(|row| difference(row, region)).collect();
            assert!(differences.iter().any(|ns| *ns <= 20 * MOVED), "{name} {region:?} {differences:?}");
        }
    }
}

/// By how much Go's times of a region differ from ours, together.
fn difference(row: &RegionRow, theirs: &GoRegion) -> u64 {
    let column = |name: &str| theirs.columns.get(name).copied().unwrap_or(0);
    let mut sum = row.duration.abs_diff(theirs.ns)
        + row.time.running.abs_diff(column("Execution time"))
        + row.time.runnable.abs_diff(column("Sched wait time"))
        + row.time.in_syscalls().abs_diff(column("Syscall execution time") + column("Block time (syscall)"));
    let mut reasons: BTreeMap<&str, [u64; 2]> = BTreeMap::new();
    for reason in &row.reasons {
        reasons.entry(&reason.reason).or_default()[0] += reason.ns;
    }
    for (name, ns) in &theirs.columns {
        let reason = name.strip_prefix("Block time (").and_then(|rest| rest.strip_suffix(')'));
        if let Some(reason) = reason.filter(|reason| *reason != "syscall") {
            let reason = if reason.is_empty() { "reason not in this trace" } else { reason };
            reasons.entry(reason).or_default()[1] += ns;
        }
    }
    sum += reasons.values().map(|[ours, theirs]| ours.abs_diff(*theirs)).sum::<u64>();
    sum
}

/// Assists, sweeps and stopping the world inside every region that has some.
#[test]
fn ranges_inside_regions() {
    for name in TRACES {
        let ours = our_regions(&trace(name));
        let theirs = go_regions(name, "Special ranges");
        for region in &theirs {
            let own =
                |row: &RegionRow, range: &str| row.ranges.iter().find(|row| row.name == range).map_or(0, |row| row.ns);
            let agrees =
                |row: &&RegionRow| region.columns.iter().all(|(range, ns)| own(row, range).abs_diff(*ns) <= 4 * MOVED);
            let found: Vec<&RegionRow> = ours.iter().filter(|row| region.is(row)).collect();
            assert!(found.iter().any(agrees), "{name} {region:?} {found:?}");
        }
        assert!(!theirs.is_empty(), "{name}");
    }
}
