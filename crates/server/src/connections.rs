//! The accept loop: HTTP/1.1 connections with a bounded number, bounded headers and a bounded patience.
//!
//! `axum::serve` would be shorter, but a client that never ends its headers would hold a connection forever.

use axum::Router;
use hyper_util::rt::{TokioIo, TokioTimer};
use hyper_util::service::TowerToHyperService;
use std::future::Future;
use std::pin::pin;
use std::sync::Arc;
use std::time::Duration;
use tokio::net::TcpListener;
use tokio::sync::Semaphore;
use tokio::task::JoinSet;

/// Connections at once; a browser uses six and a WebSocket.
const CONNECTIONS: usize = 256;
/// How long the headers of a request may take, and how long a connection may idle between two.
const HEADER_TIME: Duration = Duration::from_secs(30);
/// Bytes of request line and headers.
const HEADER_BYTES: usize = 64 * 1024;
/// Headers of a request.
const HEADERS: usize = 100;

/// Serves until `shutdown` is ready, then closes what is open.
pub async fn serve(listener: TcpListener, router: Router, shutdown: impl Future<Output = ()>) {
    let mut shutdown = pin!(shutdown);
    let free = Arc::new(Semaphore::new(CONNECTIONS));
    let mut open = JoinSet::new();
    loop {
        // The semaphore is never closed, so a permit always comes.
        let permit = tokio::select! {
            permit = Arc::clone(&free).acquire_owned() => permit,
            () = &mut shutdown => return,
        };
        let accepted = tokio::select! {
            accepted = listener.accept() => accepted,
            () = &mut shutdown => return,
        };
        while open.try_join_next().is_some() {}
        let Ok((stream, _)) = accepted else {
            // Out of file handles, most likely: give the others time to end.
            tokio::time::sleep(Duration::from_millis(50)).await;
            continue;
        };
        // Small frames must not wait for large ones; without it the page is slower, not wrong.
        let _ = stream.set_nodelay(true);
        let service = TowerToHyperService::new(router.clone());
        open.spawn(async move {
            // An error here is the client's: it went away or did not speak HTTP, and hyper has answered that.
            let _ = hyper::server::conn::http1::Builder::new()
                .timer(TokioTimer::new())
                .header_read_timeout(HEADER_TIME)
                .max_headers(HEADERS)
                .max_buf_size(HEADER_BYTES)
                .serve_connection(TokioIo::new(stream), service)
                .with_upgrades()
                .await;
            drop(permit);
        });
    }
}
