//! A pub/sub bus that records itself: the twin of `examples/pubsub-go`.
//!
//! ```sh
//! cargo run --release -p goroscope-recorder --example pubsub -- serial serial.trace
//! cargo run --release -p goroscope-recorder --example pubsub -- concurrent concurrent.trace
//! goroscope serial.trace
//! ```
//!
//! Publishers put messages on a queue; one task takes them off and writes them to the sockets of all subscribers. In the
//! mode `serial` it does all the writing itself. In the mode `concurrent` each subscriber has a task and a short inbox of
//! its own, and one that lags too far behind misses messages. One of the subscribers reads slowly.

#![expect(clippy::print_stdout, reason = "prints its result")]

use std::io;
use std::path::Path;
use std::time::{Duration, Instant};

use goroscope_recorder::{FutureExt, Recorder, UserTask, attach, log, region, spawn, task};
use tokio::io::{AsyncReadExt, AsyncWriteExt};
use tokio::net::{TcpListener, TcpSocket, TcpStream};
use tokio::sync::mpsc;

const PUBLISHERS: usize = 8;
const SUBSCRIBERS: usize = 12;
const MESSAGES: usize = 250;
const BYTES: usize = 8192;

#[derive(Clone, Copy)]
enum Mode {
    Serial,
    Concurrent,
}

/// A message, and the task of the program that ends when it was delivered.
struct Message {
    bytes: Vec<u8>,
    task: UserTask,
}

fn main() -> Result<(), Box<dyn std::error::Error>> {
    let mut arguments = std::env::args().skip(1);
    let mode = match arguments.next().as_deref() {
        Some("serial") => Mode::Serial,
        Some("concurrent") => Mode::Concurrent,
        _ => return Err("usage: pubsub serial|concurrent [TRACE]".into()),
    };
    let path = arguments.next().unwrap_or_else(|| "trace.out".to_owned());
    let recording = Recorder::builder().start(Path::new(&path))?;
    let runtime = attach(tokio::runtime::Builder::new_multi_thread().worker_threads(4)).enable_all().build()?;
    let begin = Instant::now();
    let received = runtime.block_on(run(mode).traced_as("main"))?;
    let took = begin.elapsed();
    drop(runtime);
    let summary = recording.stop()?;
    println!("{received} of {} messages received in {took:?}", MESSAGES * SUBSCRIBERS);
    println!("{path}: {} polls, {} wakes, {} bytes", summary.polls, summary.wakes, summary.bytes);
    Ok(())
}

/// Runs publishers, bus and subscribers to their end; how many messages were received in all.
async fn run(mode: Mode) -> io::Result<usize> {
    let listener = listen()?;
    let address = listener.local_addr()?;
    let mut readers = Vec::new();
    let mut sockets = Vec::new();
    for number in 0..SUBSCRIBERS {
        let pause = if number == 0 { Duration::from_millis(4) } else { Duration::ZERO };
        let socket = small(TcpSocket::new_v4()?)?.connect(address).await?;
        readers.push(spawn(subscribe(socket, pause)));
        sockets.push(listener.accept().await?.0);
    }
    let (queue, messages) = mpsc::channel(16);
    for number in 0..PUBLISHERS {
        spawn(publish(number, queue.clone()));
    }
    drop(queue);
    match mode {
        Mode::Serial => spawn(one_after_the_other(messages, sockets)).await??,
        Mode::Concurrent => spawn(side_by_side(messages, sockets)).await??,
    }
    let mut received = 0;
    for reader in readers {
        received += reader.await??;
    }
    Ok(received)
}

fn listen() -> io::Result<TcpListener> {
    let socket = small(TcpSocket::new_v4()?)?;
    socket.bind(([127, 0, 0, 1], 0).into())?;
    socket.listen(16)
}

/// With buffers that a slow reader fills at once.
fn small(socket: TcpSocket) -> io::Result<TcpSocket> {
    socket.set_send_buffer_size(4 * BYTES as u32)?;
    socket.set_recv_buffer_size(4 * BYTES as u32)?;
    Ok(socket)
}

async fn publish(number: usize, queue: mpsc::Sender<Message>) {
    for _ in (number..MESSAGES).step_by(PUBLISHERS) {
        let task = task("message");
        let publishing = task.region("publish");
        let room = queue.reserve().await;
        drop(publishing);
        if let Ok(room) = room {
            room.send(Message { bytes: vec![b'.'; BYTES], task });
        }
    }
}

async fn one_after_the_other(mut messages: mpsc::Receiver<Message>, mut sockets: Vec<TcpStream>) -> io::Result<()> {
    while let Some(message) = messages.recv().await {
        let _walk = message.task.region("fan-out");
        for socket in &mut sockets {
            let _write = message.task.region("write");
            socket.write_all(&message.bytes).await?;
        }
    }
    Ok(())
}

async fn side_by_side(mut messages: mpsc::Receiver<Message>, sockets: Vec<TcpStream>) -> io::Result<()> {
    let mut inboxes = Vec::new();
    let mut writers = Vec::new();
    for mut socket in sockets {
        let (inbox, mut mail) = mpsc::channel::<Vec<u8>>(128);
        inboxes.push(inbox);
        writers.push(spawn(async move {
            while let Some(bytes) = mail.recv().await {
                let _write = region("write");
                socket.write_all(&bytes).await?;
            }
            io::Result::Ok(())
        }));
    }
    while let Some(message) = messages.recv().await {
        let _walk = message.task.region("fan-out");
        for (number, inbox) in inboxes.iter().enumerate() {
            if inbox.try_send(message.bytes.clone()).is_err() {
                log("dropped", &format!("subscriber {number} lags behind"));
            }
        }
    }
    drop(inboxes);
    for writer in writers {
        writer.await??;
    }
    Ok(())
}

/// Reads to the end; how many messages there were.
async fn subscribe(mut socket: TcpStream, pause: Duration) -> io::Result<usize> {
    let (mut message, mut count) = (vec![0; BYTES], 0);
    while socket.read_exact(&mut message).await.is_ok() {
        count += 1;
        if !pause.is_zero() {
            tokio::time::sleep(pause).await;
        }
    }
    Ok(count)
}
