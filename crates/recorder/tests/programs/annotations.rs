//! What programs say of themselves.

use goroscope_recorder::{FutureExt, Recorder, log, region, task, thread};

use crate::counted::block_on;
use crate::harness::{in_turn, record};

#[test]
fn tasks_regions_and_messages() {
    let told = record(|| {
        let main = async {
            let request = task("request");
            let parse = request.region("parse");
            request.log("path", "/index.html");
            drop(parse);
            let answer = request.part("answer");
            let write = region("write");
            tokio::task::yield_now().await;
            drop(write);
            log("status", &"ä".repeat(2000));
            drop(answer);
            thread::spawn(move || drop(request)).join().unwrap();
        };
        let runtime = tokio::runtime::Builder::new_current_thread().build().unwrap();
        runtime.block_on(main.traced());
    });
    assert_eq!(told.regions, ["parse", "/parse", "write", "/write"]);
    assert_eq!(told.tasks, ["request", "answer", "/answer", "/request"]);
    assert_eq!(told.logs, ["path: /index.html".to_owned(), format!("status: {}", "ä".repeat(512))]);
    assert_eq!(told.summary.outside_annotations, 0);
}

#[test]
fn regions_end_with_those_around_them() {
    let told = record(|| {
        let main = async {
            let (outer, inner) = (region("outer"), region("inner"));
            drop(outer);
            drop(inner);
            // Open at the end of its task, and dropped in another one.
            std::mem::forget(region("open"));
            let wanders = region("wanders");
            async move { drop(wanders) }.traced().await;
        };
        block_on(main.traced());
    });
    assert_eq!(told.regions, ["outer", "inner", "/inner", "/outer", "open", "wanders", "/wanders", "/open"]);
    // That is how the program is, and nothing was lost.
    assert_eq!(told.summary.repaired, 0);
}

#[test]
fn messages_are_formatted_if_they_are_recorded() {
    let mut formatted = Vec::new();
    let mut message = |text: &'static str| {
        formatted.push((text, Recorder::is_on()));
        text
    };
    let told =
        record(|| thread::scope(|scope| scope.spawn(|| log!("number", "{}-{}", message("first"), 1)).join().unwrap()));
    in_turn(|| log!("number", "{}", message("second")));
    assert_eq!(told.logs, ["number: first-1"]);
    assert_eq!(formatted, [("first", true)]);
}

#[test]
fn outside_of_everything_nothing_is_said() {
    let told = record(|| {
        drop(region("nobody's"));
        log("nobody", "hears");
        drop(task("nobody's"));
    });
    assert!(told.regions.is_empty() && told.tasks.is_empty() && told.logs.is_empty());
    assert_eq!(told.summary.outside_annotations, 5);
}
