//! Cycles of the collector against what the runtime itself printed of them while the trace was recorded
//! (`GODEBUG=gctrace=1`; recipe: `testdata/README.md`).
//!
//! It prints two digits of times, and megabytes without their fractions. Its clock of mark termination begins when the
//! world has stopped, ours when stopping it begins.

use goroscope_analysis::{Filter, GcPhase, GcTable, OrderedPage, Trace, Trigger, gc};
use std::fs;
use std::io::Read;
use std::path::Path;

fn file(name: &str) -> Vec<u8> {
    fs::read(Path::new(env!("CARGO_MANIFEST_DIR")).join("../../testdata").join(name)).expect("a file of testdata")
}

fn trace(name: &str) -> Trace {
    let packed = file(&format!("{name}.trace.zst"));
    let mut bytes = Vec::new();
    ruzstd::decoding::StreamingDecoder::new(packed.as_slice()).expect("zstd").read_to_end(&mut bytes).expect("zstd");
    Trace::read(&bytes, &mut |_| {}).expect("a trace")
}

/// What a line of the runtime says of a cycle.
struct Printed {
    /// Milliseconds of sweep termination, marking and mark termination.
    clock: Vec<f64>,
    /// Megabytes: live at the begin, live at the end, marked.
    heap: Vec<u64>,
    goal: u64,
    is_forced: bool,
}

impl Printed {
    /// `gc 2 @0.028s 2%: 0.070+1.1+0.003 ms clock, 0.14+0.79/0/0.18+0.007 ms cpu, 5->5->3 MB, 5 MB goal, …`
    fn of(line: &str) -> Self {
        let behind = line.split_once("%: ").expect("a line of a cycle").1;
        let mut parts = behind.split(", ");
        let mut next = |unit: &str| {
            let part = parts.find(|part| part.contains(unit)).unwrap_or_else(|| panic!("no {unit} in {line}"));
            part.split_once(' ').expect("a unit").0.to_owned()
        };
        let clock = next("ms clock").split('+').map(|ms| ms.parse().expect("milliseconds")).collect();
        let heap = next("->").split("->").map(|mb| mb.parse().expect("megabytes")).collect();
        let goal = next("MB goal").parse().expect("megabytes");
        Self { clock, heap, goal, is_forced: line.ends_with("(forced)") }
    }
}

#[track_caller]
fn check(name: &str) {
    let text = String::from_utf8(file(&format!("golden/{name}.gctrace.txt"))).expect("text");
    let printed: Vec<Printed> = text.lines().map(Printed::of).collect();
    let table = GcTable::parse(Some("cycles"), None).expect("a table");
    let found = gc(&trace(name), &Filter::default(), table, &OrderedPage::default()).expect("no filter");
    assert_eq!(found.cycles.rows.len(), printed.len(), "{name}");
    for (cycle, printed) in found.cycles.rows.iter().zip(&printed) {
        let number = cycle.number;
        let lasted = |wanted: GcPhase| {
            let of = cycle.phases.iter().find(|phase| phase.phase == wanted).expect("the phase");
            (of.end - of.start) as f64 / 1e6
        };
        for (phase, ms) in [GcPhase::SweepTermination, GcPhase::Mark].into_iter().zip(&printed.clock) {
            assert!((lasted(phase) - ms).abs() <= 0.06 * ms + 0.03, "{name} {number}: {ms} ms, not {}", lasted(phase));
        }
        let (last, stopped) = (printed.clock[2], lasted(GcPhase::MarkTermination));
        assert!(stopped >= 0.95 * last, "{name} {number}: {last} ms, not {stopped}");
        let megabytes = |bytes: Option<u64>| bytes.expect("a size") >> 20;
        let heap = [cycle.heap_before, cycle.heap_mark_end, cycle.heap_after].map(megabytes);
        assert_eq!((&heap[..], megabytes(cycle.goal)), (&printed.heap[..], printed.goal), "{name} {number}");
        assert_eq!(cycle.forced == Some(Trigger::Call), printed.is_forced, "{name} {number}");
    }
}

#[test]
fn the_runtime_says_the_same() {
    check("collect-1.22");
    check("collect-1.27");
}
