//! The examples on recorded traces, against what `go tool trace` says of them.

mod packed;

#[path = "../examples/count_events.rs"]
#[expect(dead_code, reason = "its `main` is not called here")]
mod count_events;

#[path = "../examples/who_blocked_longest.rs"]
#[expect(dead_code, reason = "its `main` is not called here")]
mod who_blocked_longest;

use goroscope_reader::OpenError;
use goroscope_wire::text;

/// The count that the report gives for a kind.
fn counted(report: &str, kind: &str) -> usize {
    let line = report.lines().find_map(|line| line.trim_start().strip_suffix(kind)?.strip_suffix(' '));
    line.map_or(0, |count| count.parse().unwrap_or_else(|_| panic!("{kind} in {report}")))
}

/// Lines of Go's listing that say this behind thread, proc and goroutine.
fn listed(listing: &str, parts: [&str; 2]) -> usize {
    let events = listing.lines().filter(|line| line.starts_with("M="));
    events.filter(|line| parts.iter().all(|part| line.contains(part))).count()
}

#[test]
fn events_are_counted_as_go_lists_them() {
    for name in ["late-1.27", "mix-1.19", "mix-1.22", "mix-1.27", "callback-1.25", "pubsub-serial"] {
        let report = count_events::report_on(&packed::recorded(name)).expect("a trace");
        let listing = packed::listing(name);
        for (kind, parts) in [
            ("goroutine changes its state", [" StateTransition ", " GoID="]),
            ("proc changes its state", [" StateTransition ", " ProcID="]),
            ("metric", [" Metric ", ""]),
            ("range begins", [" RangeBegin ", ""]),
            ("log", [" Log ", ""]),
            ("task begins", [" TaskBegin ", ""]),
            ("region ends", [" RegionEnd ", ""]),
            ("CPU sample", [" StackSample ", ""]),
        ] {
            // Of old traces, Go's tool leaves out the first number of procs.
            if kind == "metric" && name == "mix-1.19" {
                continue;
            }
            assert_eq!(counted(&report, kind), listed(&listing, parts), "{kind} in {name}");
        }
        assert!(report.starts_with("go 1.") && counted(&report, "goroutine changes its state") > 50, "{report}");
    }
}

#[test]
fn problems_of_the_file_are_told() {
    let file = packed::recorded("mix-1.27");
    let report = count_events::report_on(&file[..file.len() / 2]).expect("a trace");
    assert!(report.contains("goes past the end of the file"), "{report}");
    assert_eq!(count_events::report_on(b"not a trace"), Err(OpenError::NotATrace));
    assert_eq!(who_blocked_longest::report_on(b"go 1.99 trace\0\0\0"), Err(OpenError::NewVersion(99)));
}

fn check(trace: &str, expected: &str) {
    let file = text::parse(trace).expect("the text is right");
    let report = who_blocked_longest::report_on(&file).expect("a trace");
    assert_eq!(report, expected);
}

/// Goroutine 2 is blocked twice in one place and once in another, goroutine 3 from the beginning, goroutine 1 until the
/// end; goroutine 4 belongs to the runtime. The clock of thread 2 is behind when it wakes goroutine 2 the second time.
#[test]
fn blocked_time_is_summed_by_reason_and_stack() {
    check(
        r#"Trace Go1.26
Generation 1
EventBatch m=1 time=100000
ProcStatus p=0 pstatus=Running
GoStatus g=1 m=1 gstatus=Running
GoCreate new_g=2 new_stack=[main.two main.go:1] stack=[main.main main.go:5]
GoStatusStack g=4 m=- gstatus=Waiting stack=[runtime.gopark proc.go:4; runtime.bgsweep mgc.go:3]
GoBlock at=110000 reason_string="select" stack=[main.main main.go:9]
GoStart at=120000 g=2 g_seq=1
GoBlock at=130000 reason_string="chan receive" stack=[runtime.chanrecv1 chan.go:1; main.two main.go:3]
GoStart at=150000 g=2 g_seq=3
GoBlock at=160000 reason_string="chan receive" stack=[runtime.chanrecv1 chan.go:1; main.two main.go:3]
GoStart at=170000 g=2 g_seq=5
GoBlock at=170000 reason_string="sleep" stack=[time.Sleep sleep.go:1; main.two main.go:4]
EventBatch m=2 time=100000
ProcStatus p=1 pstatus=Running
GoUnblock at=140000 g=2 g_seq=2
GoUnblock at=158000 g=2 g_seq=4
GoStatus at=180000 g=3 m=- gstatus=Waiting
GoUnblock at=181000 g=3 g_seq=1
ProcStop at=185000
"#,
        "\
goroutine 3 was blocked 81 µs
  81 µs of it: for no given reason
goroutine 1 was blocked 75 µs
  75 µs of it: select
    main.main main.go:9
goroutine 2 was blocked 25 µs
  15 µs of it: sleep
    time.Sleep sleep.go:1
    main.two main.go:4
",
    );
}

/// Nothing is known of the time when generations are missing.
#[test]
fn a_hole_is_not_taken_for_a_wait() {
    check(
        r#"Trace Go1.26
Generation 1
EventBatch m=1 time=100000
ProcStatus p=0 pstatus=Running
GoStatus g=1 m=1 gstatus=Running
GoBlock at=110000 reason_string="select" stack=[main.main main.go:9]
ProcStop at=122000
Generation 4
EventBatch m=1 time=500000
GoStatus at=500000 g=1 m=- gstatus=Waiting
GoStatus at=505000 g=2 m=- gstatus=Waiting
GoUnblock at=510000 g=1 g_seq=1
GoUnblock at=512000 g=2 g_seq=1
"#,
        "\
goroutine 1 was blocked 22 µs
  12 µs of it: select
    main.main main.go:9
goroutine 2 was blocked 7 µs
  7 µs of it: for no given reason
",
    );
}
