//! A trace for the tests of the modules beside this one.

use goroscope_model::Trace;

/// One goroutine that runs and is preempted.
pub(super) fn preempted() -> Trace {
    let file = goroscope_wire::text::parse(PREEMPTED).expect("a trace");
    Trace::read(&file, &mut |_| {}).expect("a trace")
}

const PREEMPTED: &str = r#"
Trace Go1.26
Generation 1 sec=1700000000 nsec=5
EventBatch m=1 time=1000
ProcStatus at=1000 p=0 pstatus=Running
GoStatus at=1000 g=1 m=1 gstatus=Running
GoStop at=1200 reason_string="preempted"
"#;
