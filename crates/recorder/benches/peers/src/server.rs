//! A server under load: axum on one worker, each connection a task, and each request one more.
//!
//! The load comes from a thread of the same process that is not recorded, over so many connections that no request
//! waits for another one's answer. Requests are due at even distances; a request that is sent late, because the answer
//! before it was, counts from when it was due.

use std::net::SocketAddr;
use std::time::{Duration, Instant};

use anyhow::{Context, Result};
use axum::Router;
use axum::routing::get;
use hyper::server::conn::http1;
use hyper_util::rt::TokioIo;
use hyper_util::service::TowerToHyperService;
use tokio::io::{AsyncReadExt, AsyncWriteExt};
use tokio::net::{TcpListener, TcpStream};
use tokio::sync::oneshot;

use crate::clocks::{Whose, processor};
use crate::tracer::{Tracer, spawn};

const CONNECTIONS: u32 = 64;
const SECONDS: u32 = 3;
const REQUEST: &[u8] = b"GET / HTTP/1.1\r\nhost: localhost\r\n\r\n";

/// Prints a line.
pub fn run(tracer: Tracer, rate: u32) -> Result<()> {
    let (address, ready) = std::sync::mpsc::channel();
    let (done, is_done) = oneshot::channel();
    let load = std::thread::spawn(move || {
        let load = ready.recv().context("the server did not begin").and_then(|address| under_load(address, rate));
        // Without the server there is nobody to tell.
        let _ = done.send(());
        load
    });
    let begin = processor(Whose::Process);
    tracer.run(1, async move {
        let listener = TcpListener::bind(("127.0.0.1", 0)).await?;
        let _ = address.send(listener.local_addr()?);
        tokio::select! {
            error = serve(listener) => error,
            _ = is_done => Ok(()),
        }
    })??;
    let all = processor(Whose::Process).saturating_sub(begin);
    let Ok(load) = load.join() else { anyhow::bail!("the load broke down") };
    let mut load = load?;
    load.latencies.sort_unstable();
    let at = |share: f64| {
        let place = (load.latencies.len() as f64 * share) as usize;
        load.latencies.get(place).map_or(0.0, |time| time.as_nanos() as f64 / 1000.0)
    };
    let requests = load.latencies.len() as f64;
    let server = all.saturating_sub(load.processor).as_nanos() as f64 / requests;
    println!("{:.0} {:.1} {:.1} {server:.0}", requests / load.took.as_secs_f64(), at(0.5), at(0.99));
    Ok(())
}

async fn serve(listener: TcpListener) -> Result<()> {
    let router = Router::new().route("/", get(answer));
    loop {
        let (stream, _) = listener.accept().await?;
        stream.set_nodelay(true)?;
        let service = TowerToHyperService::new(router.clone());
        // A connection that breaks ends.
        spawn(async move { http1::Builder::new().serve_connection(TokioIo::new(stream), service).await });
    }
}

/// Some work that is done in a task of its own.
async fn answer() -> String {
    spawn(async { (1..100_u64).map(|number| number * number).sum::<u64>().to_string() }).await.unwrap_or_default()
}

struct Load {
    latencies: Vec<Duration>,
    processor: Duration,
    took: Duration,
}

fn under_load(address: SocketAddr, rate: u32) -> Result<Load> {
    let runtime = tokio::runtime::Builder::new_current_thread().enable_all().build()?;
    let begin = Instant::now();
    let latencies = runtime.block_on(async {
        let connections: Vec<_> =
            (0..CONNECTIONS).map(|number| tokio::spawn(connection(address, rate, number, begin))).collect();
        let mut latencies = Vec::new();
        for connection in connections {
            latencies.extend(connection.await??);
        }
        anyhow::Ok(latencies)
    })?;
    Ok(Load { latencies, processor: processor(Whose::Thread), took: begin.elapsed() })
}

/// Every `CONNECTIONS`th request.
async fn connection(address: SocketAddr, rate: u32, number: u32, begin: Instant) -> Result<Vec<Duration>> {
    let mut stream = TcpStream::connect(address).await?;
    stream.set_nodelay(true)?;
    let mut answer = [0; 1024];
    let mut latencies = Vec::new();
    let between = Duration::from_secs(1) / rate;
    for turn in (number..).step_by(CONNECTIONS as usize) {
        let due = between * turn;
        if due > Duration::from_secs(1) * SECONDS || begin.elapsed() > Duration::from_secs(1) * SECONDS {
            break;
        }
        // The timer counts in milliseconds: what is due before the next one is sent at once, together.
        tokio::time::sleep_until((begin + due).into()).await;
        stream.write_all(REQUEST).await?;
        let read = stream.read(&mut answer).await?;
        anyhow::ensure!(answer.get(..read).is_some_and(|answer| answer.ends_with(b"328350")), "a wrong answer");
        latencies.push(begin.elapsed().saturating_sub(due));
    }
    Ok(latencies)
}
