//! Puts a load on a bus: publishers, subscribers, and a dashboard that asks how many subscribers there are.

use std::io;
use std::net::{Ipv4Addr, SocketAddr};
use std::sync::Arc;
use std::sync::atomic::{AtomicU64, Ordering};
use std::time::{Duration, Instant};

use anyhow::{Context, ensure};
use bytes::Bytes;
use goroscope_recorder::{JoinSetExt, log, region, spawn};
use http_body_util::{BodyExt, Full};
use hyper::client::conn::http1::{Connection, SendRequest, handshake};
use hyper::{Request, StatusCode};
use hyper_util::rt::TokioIo;
use tokio::io::{AsyncReadExt, BufReader};
use tokio::net::{TcpListener, TcpSocket, TcpStream};
use tokio::sync::watch;
use tokio::task::JoinSet;

use crate::Config;
use crate::bus::Bus;
use crate::server::{self, Event, Stop};

/// Bytes that the kernel may hold per direction of a subscription: few, so that a slow reader is felt soon.
const SOCKET_BUFFER: u32 = 64 << 10;
/// Connections that may wait for being accepted.
const BACKLOG: u32 = 1024;
/// How often somebody asks how many subscribers there are.
const POLL: Duration = Duration::from_millis(20);
/// How often to look whether all subscribers have joined.
const JOIN_POLL: Duration = Duration::from_micros(200);
const TOPICS: [&str; 3] = ["orders", "prices", "alerts"];

/// What came of it; `Summary` says what each means.
pub struct Outcome {
    pub delivered: u64,
    pub dropped: u64,
    pub received: u64,
    pub accepted: Duration,
    pub written: Duration,
    pub latencies: Vec<Duration>,
}

/// Starts a bus, puts the load on it, and takes everything down again.
pub async fn run(config: Config) -> anyhow::Result<Outcome> {
    let (bus, queue, fan_out) = Bus::start(config.mode);
    let (stop, stopping) = watch::channel(false);
    let subscriptions = listen().context("cannot listen on the loopback interface, 127.0.0.1")?;
    let requests = listen().context("cannot listen on the loopback interface, 127.0.0.1")?;
    let (subscribe_at, publish_at) = (subscriptions.local_addr()?, requests.local_addr()?);
    let accepting = spawn(server::accept(subscriptions, Arc::clone(&bus), stopping.clone()));
    let serving = spawn(server::serve(requests, Arc::clone(&bus), queue, stopping));

    let readers = subscribe(config, subscribe_at).await.context("cannot connect over loopback")?;
    while bus.count().await < config.subscribers {
        tokio::time::sleep(JOIN_POLL).await;
    }
    let begin = Instant::now();
    let latencies = publish(config, publish_at).await?;
    let accepted = begin.elapsed();
    stop.send_replace(true);
    serving.await??;
    accepting.await??;
    fan_out.await??;
    let written = begin.elapsed();
    let mut received = 0;
    for count in readers.join_all().await {
        received += count?;
    }
    let (delivered, dropped) = (bus.delivered(), bus.dropped());
    Ok(Outcome { delivered, dropped, received, accepted, written, latencies })
}

/// What accepted connections inherit is set before.
fn listen() -> io::Result<TcpListener> {
    let socket = TcpSocket::new_v4()?;
    socket.set_send_buffer_size(SOCKET_BUFFER)?;
    socket.bind(SocketAddr::from((Ipv4Addr::LOCALHOST, 0)))?;
    socket.listen(BACKLOG)
}

/// Posts messages from several clients at once; how long each request took, in order.
async fn publish(config: Config, address: SocketAddr) -> anyhow::Result<Vec<Duration>> {
    let (stop, stopping) = watch::channel(false);
    let dashboard = spawn(watch_subscribers(address, stopping));
    let next = Arc::new(AtomicU64::new(1));
    let mut publishers = JoinSet::new();
    for _ in 0..config.publishers {
        publishers.spawn_traced(post_messages(config, address, Arc::clone(&next)));
    }
    let mut latencies = Vec::new();
    for posted in publishers.join_all().await {
        latencies.extend(posted?);
    }
    stop.send_replace(true);
    dashboard.await??;
    latencies.sort_unstable();
    Ok(latencies)
}

/// One publisher: posts the next message when the last one was accepted.
async fn post_messages(config: Config, address: SocketAddr, next: Arc<AtomicU64>) -> anyhow::Result<Vec<Duration>> {
    let mut client = connect(address).await?;
    let body = "x".repeat(config.payload);
    let mut latencies = Vec::new();
    loop {
        let id = next.fetch_add(1, Ordering::Relaxed);
        if id > config.messages {
            return Ok(latencies);
        }
        let topic = TOPICS[id as usize % TOPICS.len()].to_owned();
        let event = serde_json::to_vec(&Event { id, topic, body: body.clone() })?;
        let request = Request::post("/publish").header("host", "bus").body(Full::new(Bytes::from(event)))?;
        let begin = Instant::now();
        let answer = client.send_request(request).await?;
        let status = answer.status();
        answer.into_body().collect().await?;
        ensure!(status == StatusCode::ACCEPTED, "message {id} was answered with {status}");
        latencies.push(begin.elapsed());
    }
}

/// Asks for the number of subscribers from time to time. In serial mode that waits for the lock of whoever fans out.
async fn watch_subscribers(address: SocketAddr, mut stop: Stop) -> anyhow::Result<()> {
    let mut client = connect(address).await?;
    loop {
        tokio::select! {
            () = tokio::time::sleep(POLL) => {}
            _ = stop.wait_for(|&stop| stop) => return Ok(()),
        }
        let _polling = region("poll");
        let request = Request::get("/subscribers").header("host", "bus").body(Full::default())?;
        let answer = client.send_request(request).await?.into_body().collect().await?.to_bytes();
        log("subscribers", &String::from_utf8_lossy(&answer));
    }
}

async fn connect(address: SocketAddr) -> anyhow::Result<SendRequest<Full<Bytes>>> {
    let socket = TcpStream::connect(address).await.context("cannot connect over loopback")?;
    socket.set_nodelay(true)?;
    let (client, connection) = handshake(TokioIo::new(socket)).await?;
    spawn(carry(connection));
    Ok(client)
}

/// Moves the bytes of a client's requests and answers.
async fn carry(connection: Connection<TokioIo<TcpStream>, Full<Bytes>>) {
    if let Err(error) = connection.await {
        log("error", &error.to_string());
    }
}

/// Connects all subscribers, of whom the first few are slow; each says in the end how many messages it got.
async fn subscribe(config: Config, address: SocketAddr) -> anyhow::Result<JoinSet<anyhow::Result<u64>>> {
    let mut readers = JoinSet::new();
    for number in 0..config.subscribers {
        let socket = TcpSocket::new_v4()?;
        socket.set_recv_buffer_size(SOCKET_BUFFER)?;
        let socket = socket.connect(address).await?;
        let pause = if number < config.slow { config.slowness } else { Duration::ZERO };
        readers.spawn_traced(read(socket, pause));
    }
    Ok(readers)
}

/// Counts the messages of one subscription until the bus hangs up.
async fn read(socket: TcpStream, pause: Duration) -> anyhow::Result<u64> {
    let mut socket = BufReader::new(socket);
    let mut body = Vec::new();
    let mut count = 0;
    loop {
        let length = match socket.read_u32().await {
            Ok(length) => length,
            Err(error) if error.kind() == io::ErrorKind::UnexpectedEof => return Ok(count),
            Err(error) => return Err(error.into()),
        };
        body.resize(length as usize, 0);
        socket.read_exact(&mut body).await.context("the bus hung up inside a message")?;
        count += 1;
        if !pause.is_zero() {
            tokio::time::sleep(pause).await;
        }
    }
}
