//! Traces on request, and requests as tasks.

use std::convert::Infallible;
use std::io;
use std::time::Duration;

use axum::Router;
use axum::body::Body;
use axum::extract::MatchedPath;
use axum::routing::{get, get_service};
use goroscope_recorder::http::{Executor, RequestLayer, trace_service};
use goroscope_recorder::{FutureExt, Recorder, Ring, attach, spawn};
use http_body_util::BodyExt;
use hyper::rt::Executor as _;
use hyper::{Request, Response, StatusCode};
use tokio::runtime::{Builder, Runtime};
use tower_service::Service;

use crate::harness::{Told, in_turn, keep, read, record, usual};

fn runtime() -> Runtime {
    attach(Builder::new_multi_thread().worker_threads(2)).enable_all().build().unwrap()
}

fn app() -> Router {
    Router::new().route("/debug/pprof/trace", get_service(trace_service()))
}

async fn ask(app: &mut Router, query: &str) -> Response<Body> {
    let request = Request::get(format!("/debug/pprof/trace{query}")).body(Body::empty()).unwrap();
    let response: Result<_, Infallible> = app.call(request).await;
    response.unwrap()
}

async fn file(response: Response<Body>) -> Told {
    assert_eq!(response.status(), StatusCode::OK);
    for (name, value) in [
        ("content-type", "application/octet-stream"),
        ("content-disposition", "attachment; filename=\"trace\""),
        ("x-content-type-options", "nosniff"),
    ] {
        assert_eq!(response.headers()[name], value);
    }
    let bytes = response.into_body().collect().await.unwrap().to_bytes().to_vec();
    let told = read(bytes);
    keep(&told.bytes, "");
    told
}

/// A status and a text.
async fn text(response: Response<Body>) -> (StatusCode, String) {
    let status = response.status();
    assert_eq!(response.headers()["content-type"], "text/plain; charset=utf-8");
    let bytes = response.into_body().collect().await.unwrap().to_bytes().to_vec();
    (status, String::from_utf8(bytes).unwrap())
}

/// Tasks until the future is ready.
async fn with_tasks<T>(future: impl Future<Output = T>) -> T {
    let mut future = std::pin::pin!(future);
    loop {
        tokio::select! {
            result = &mut future => return result,
            joined = spawn(async { tokio::time::sleep(Duration::from_millis(1)).await }) => joined.unwrap(),
        }
    }
}

#[test]
fn nothing_is_recorded_but_for_the_request() {
    in_turn(|| {
        runtime().block_on(async {
            let mut app = app();
            let told = with_tasks(async { file(ask(&mut app, "?seconds=0.1").await).await }).await;
            assert!(told.created() > 5, "{:?}", told.steps);
            // And once more, without anything going on.
            let told = file(ask(&mut app, "?seconds=0.01").await).await;
            assert!(told.generations > 0);
            // It is over.
            drop(Recorder::builder().start_writer(io::sink()).unwrap());
        });
    });
}

#[test]
fn while_something_is_recorded() {
    for is_ring in [true, false] {
        in_turn(|| {
            let recording =
                if is_ring { usual().start_ring(Ring::default()) } else { usual().start_writer(io::sink()) };
            let recording = recording.unwrap();
            runtime().block_on(async {
                with_tasks(tokio::time::sleep(Duration::from_millis(20))).await;
                let mut app = app();
                let told = with_tasks(async { file(ask(&mut app, "?seconds=0.05").await).await }).await;
                assert!(told.created() > 5, "{:?}", told.steps);
                if is_ring {
                    let kept = file(ask(&mut app, "").await).await;
                    assert!(kept.created() > told.created(), "{:?}", kept.steps);
                }
            });
            let summary = recording.stop().unwrap();
            assert_eq!((summary.dropped, summary.repaired), (0, 0));
        });
    }
}

#[test]
fn the_recording_ends_before_the_request() {
    in_turn(|| {
        let recording = usual().start_ring(Ring::default()).unwrap();
        runtime().block_on(async {
            let response = ask(&mut app(), "?seconds=1000000").await;
            recording.stop().unwrap();
            file(response).await;
        });
    });
}

#[test]
fn one_at_a_time_and_clients_that_leave() {
    in_turn(|| {
        runtime().block_on(async {
            let mut app = app();
            let endless = ask(&mut app, "?seconds=1000000").await;
            assert_eq!(endless.status(), StatusCode::OK);
            let (status, why) = text(ask(&mut app, "?seconds=1").await).await;
            assert_eq!(status, StatusCode::INTERNAL_SERVER_ERROR);
            assert!(why.starts_with("Could not enable tracing: "), "{why}");
            drop(endless);
            // As soon as that is noticed, others may.
            loop {
                let response = ask(&mut app, "?seconds=0.01").await;
                if response.status() == StatusCode::OK {
                    file(response).await;
                    break;
                }
                tokio::task::yield_now().await;
            }
            let (status, _) = text(ask(&mut app, "?seconds=-1").await).await;
            assert_eq!(status, StatusCode::BAD_REQUEST);
        });
        drop(Recorder::builder().start_writer(io::sink()).unwrap());
    });
}

#[test]
fn requests_are_tasks() {
    let told = record(|| {
        runtime().block_on(
            async {
                let pattern = |found: &hyper::http::Extensions| Some(found.get::<MatchedPath>()?.as_str().to_owned());
                let answer = || async {
                    tokio::task::yield_now().await;
                    "somebody"
                };
                let routes = Router::new().route("/users/{id}", get(answer)).route("/users/{id}/posts/7", get(answer));
                let named = routes.clone().layer(RequestLayer::new().named_by(pattern));
                let guessed = routes.layer(RequestLayer::new());
                for (app, path) in [(&named, "/users/1"), (&named, "/users/2"), (&guessed, "/users/3/posts/7")] {
                    let request = Request::get(path).body(Body::empty()).unwrap();
                    assert_eq!(app.clone().call(request).await.unwrap().status(), StatusCode::OK);
                }
                let (sender, over) = tokio::sync::oneshot::channel();
                Executor::new("connection").execute(async move { sender.send(()).unwrap() });
                over.await.unwrap();
            }
            .traced(),
        );
    });
    assert_eq!(told.named("GET /users/{id}@http.rs:").len(), 2, "{:?}", told.names);
    assert_eq!(told.named("GET /users/{}/posts/{}@http.rs:").len(), 1, "{:?}", told.names);
    assert_eq!(told.named("connection@http.rs:").len(), 1, "{:?}", told.names);
}
