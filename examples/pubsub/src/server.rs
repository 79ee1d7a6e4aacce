//! The two doors of the bus: publishers come over HTTP, subscribers are plain TCP connections.
//!
//! `axum::serve` would spawn the tasks of its connections with tokio, where the recorder does not see them. So this
//! accepts connections itself and gives each to hyper in a traced task.

use std::io;
use std::sync::Arc;

use axum::Json;
use axum::extract::State;
use axum::http::StatusCode;
use axum::routing::{get, post};
use bytes::Bytes;
use goroscope_recorder::{FutureExt, JoinSetExt, log, task};
use hyper::server::conn::http1;
use hyper_util::rt::TokioIo;
use hyper_util::service::TowerToHyperService;
use serde::{Deserialize, Serialize};
use tokio::net::{TcpListener, TcpStream};
use tokio::sync::watch;
use tokio::task::JoinSet;

use crate::bus::{Bus, Message, Queue};

/// What publishers post and subscribers get, as JSON.
#[derive(Debug, Deserialize, Serialize)]
pub struct Event {
    pub id: u64,
    pub topic: String,
    pub body: String,
}

/// Ready when it is time to stop.
pub type Stop = watch::Receiver<bool>;

/// What the handlers of requests need.
#[derive(Clone)]
struct Doors {
    bus: Arc<Bus>,
    queue: Queue,
}

/// Answers `POST /publish` and `GET /subscribers` until it is told to stop; ends when its connections have ended.
pub async fn serve(listener: TcpListener, bus: Arc<Bus>, queue: Queue, mut stop: Stop) -> io::Result<()> {
    let router = axum::Router::new()
        .route("/publish", post(handle_publish))
        .route("/subscribers", get(handle_subscribers))
        .with_state(Doors { bus, queue });
    let mut connections = JoinSet::new();
    while let Some(socket) = next(&listener, &mut stop).await? {
        socket.set_nodelay(true)?;
        connections.spawn_traced(connection(socket, router.clone()));
    }
    drop(router);
    while connections.join_next().await.is_some() {}
    Ok(())
}

/// Makes a subscriber of every connection, until it is told to stop.
pub async fn accept(listener: TcpListener, bus: Arc<Bus>, mut stop: Stop) -> io::Result<()> {
    while let Some(socket) = next(&listener, &mut stop).await? {
        bus.add(socket).await;
    }
    Ok(())
}

async fn next(listener: &TcpListener, stop: &mut Stop) -> io::Result<Option<TcpStream>> {
    tokio::select! {
        accepted = listener.accept() => accepted.map(|(socket, _)| Some(socket)),
        _ = stop.wait_for(|&stop| stop) => Ok(None),
    }
}

/// Answers the requests of one connection until the client hangs up.
async fn connection(socket: TcpStream, router: axum::Router) {
    let service = TowerToHyperService::new(router);
    if let Err(error) = http1::Builder::new().serve_connection(TokioIo::new(socket), service).await {
        log("error", &error.to_string());
    }
}

/// What a handler answers.
type Answer = Result<StatusCode, (StatusCode, String)>;

/// A future of its own in the trace: its connection waits for its client at the same time, and would hide for what this
/// waits.
async fn handle_publish(State(doors): State<Doors>, body: Bytes) -> Answer {
    publish(doors, body).traced().await
}

async fn publish(doors: Doors, body: Bytes) -> Answer {
    let task = task("message");
    let _publishing = task.region("publish");
    let event: Event = serde_json::from_slice(&body).map_err(|error| (StatusCode::BAD_REQUEST, error.to_string()))?;
    task.log("topic", &event.topic);
    let frame = frame(&event).map_err(|error| (StatusCode::PAYLOAD_TOO_LARGE, error.to_string()))?;
    // This waits while the queue is full.
    let sent = doors.queue.send(Arc::new(Message { task, frame })).await;
    sent.map_err(|_| (StatusCode::SERVICE_UNAVAILABLE, "the bus is closed".to_owned()))?;
    Ok(StatusCode::ACCEPTED)
}

async fn handle_subscribers(State(doors): State<Doors>) -> Json<usize> {
    Json(count(doors).traced().await)
}

async fn count(doors: Doors) -> usize {
    doors.bus.count().await
}

/// What subscribers get of an event: the length of its JSON in four bytes, then that.
fn frame(event: &Event) -> io::Result<Bytes> {
    let body = serde_json::to_vec(event)?;
    let length = u32::try_from(body.len()).map_err(|_| io::Error::other("a message of more than 4 GB"))?;
    Ok([&length.to_be_bytes()[..], &body].concat().into())
}
