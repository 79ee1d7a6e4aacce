//! Spans and events of `tracing`.

use goroscope_recorder::{FutureExt, TraceLayer, spawn, thread};
use tracing::{Instrument, Level, event, info, info_span, span};
use tracing_subscriber::Layer as _;
use tracing_subscriber::filter::LevelFilter;
use tracing_subscriber::layer::SubscriberExt as _;

use crate::harness::{Told, record};

fn told(main: impl Future<Output = ()>) -> Told {
    let subscriber = tracing_subscriber::registry().with(TraceLayer::new().with_filter(LevelFilter::INFO));
    let told = record(|| {
        let runtime = tokio::runtime::Builder::new_current_thread().build().unwrap();
        tracing::subscriber::with_default(subscriber, || runtime.block_on(main.traced()));
    });
    assert_eq!((told.summary.repaired, told.summary.outside_annotations), (0, 0));
    told
}

#[test]
fn within_a_poll_spans_are_regions() {
    let told = told(async {
        let outer = info_span!("outer", number = 7, name = "x").entered();
        info!(answer = 42, "in {}", "outer");
        info_span!("inner").in_scope(|| event!(Level::WARN, "careful"));
        span!(Level::DEBUG, "too fine").in_scope(|| event!(Level::DEBUG, "nobody hears"));
        drop(outer);
        tokio::task::yield_now().await;
        info!("outside");
    });
    assert_eq!(told.regions, ["outer", "inner", "/inner", "/outer"]);
    assert!(told.tasks.is_empty(), "{:?}", told.tasks);
    let target = "programs::spans";
    assert_eq!(
        told.logs,
        [
            "outer: number=7 name=x".to_owned(),
            format!("INFO {target}: in outer answer=42"),
            format!("WARN {target}: careful"),
            format!("INFO {target}: outside"),
        ]
    );
}

#[test]
fn spans_over_awaits_are_tasks() {
    let told = told(async {
        let inner = async {
            tokio::task::yield_now().await;
            info_span!("step").in_scope(|| info!("here"));
            tokio::task::yield_now().await;
        };
        let outer = async {
            inner.instrument(info_span!("inner", late = tracing::field::Empty)).await;
            tracing::Span::current().record("status", 200);
        };
        outer.instrument(info_span!("outer", status = tracing::field::Empty)).await;
    });
    let stretch = ["outer", "inner", "/inner", "/outer"];
    let middle = ["outer", "inner", "step", "/step", "/inner", "/outer"];
    // To drop a future `tracing` enters its span once more.
    let last = ["outer", "inner", "/inner", "inner", "/inner", "/outer", "outer", "/outer"];
    assert_eq!(told.regions, [&stretch[..], &middle[..], &last[..]].concat());
    assert_eq!(told.tasks, ["outer", "inner", "/inner", "/outer"]);
    assert_eq!(told.logs, ["INFO programs::spans: here", "outer: status=200"]);
}

#[test]
fn spans_that_go_elsewhere() {
    let told = told(async {
        let span = info_span!("moved");
        span.in_scope(|| {});
        let other = spawn(
            async move {
                tokio::task::yield_now().await;
            }
            .instrument(info_span!("spawned")),
        );
        other.await.unwrap();
        let dispatch = tracing::dispatcher::get_default(Clone::clone);
        let thread = thread::spawn(move || {
            tracing::dispatcher::with_default(&dispatch, || span.in_scope(|| drop(span.clone())));
        });
        thread.join().unwrap();
    });
    assert_eq!(
        told.regions,
        ["moved", "/moved", "spawned", "/spawned", "spawned", "/spawned", "spawned", "/spawned", "moved", "/moved"]
    );
    assert_eq!(told.tasks, ["moved", "spawned", "/spawned", "/moved"]);
}

#[test]
fn spans_that_do_not_lie_inside_each_other() {
    let told = told(async {
        let (one, two, three) = (info_span!("one"), info_span!("two"), info_span!("three"));
        let (one, two, three) = (one.entered(), two.entered(), three.entered());
        drop(one);
        drop(two);
        // A guard that is held over an await: its region ends with the poll.
        tokio::task::yield_now().await;
        drop(three);
    });
    let regions =
        ["one", "two", "three", "/three", "/two", "/one", "two", "three", "/three", "/two", "three", "/three"];
    assert_eq!(told.regions, regions);
    assert_eq!(told.tasks, ["three", "/three"]);
}

#[test]
fn spans_end_where_nothing_is_traced() {
    let told = told(async {
        for _ in 0..2 {
            let request = info_span!("request");
            tokio::task::yield_now().instrument(request.clone()).await;
            tokio::spawn(async move { drop(request) }).await.unwrap();
        }
    });
    assert_eq!(told.tasks, ["request", "/request", "request", "/request"]);
    assert_eq!((told.named("(not traced)").len(), told.summary.tasks), (1, 1));
}

#[test]
fn what_is_cancelled_or_outside() {
    let told = told(async {
        let endless = spawn(std::future::pending::<()>().instrument(info_span!("endless")));
        tokio::task::yield_now().await;
        endless.abort();
        endless.await.unwrap_err();
        // Nothing is traced there.
        tokio::spawn(async { info!("unheard") }.instrument(info_span!("nobody's"))).await.unwrap();
        let long = "ä".repeat(2000);
        info!(long);
    });
    assert_eq!(
        (&told.regions[..2], &told.tasks[..]),
        (&["endless".into(), "/endless".into()][..], &["endless".into(), "/endless".into()][..])
    );
    assert_eq!(told.logs.len(), 1);
    assert!(told.logs[0].ends_with("ää"), "{:?}", told.logs);
}
