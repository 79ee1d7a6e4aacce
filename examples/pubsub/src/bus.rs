//! The bus: messages go from a queue to every subscriber.

use std::collections::BTreeMap;
use std::sync::Arc;
use std::sync::atomic::{AtomicU64, Ordering};

use bytes::Bytes;
use goroscope_recorder::{UserTask, spawn};
use tokio::io::AsyncWriteExt;
use tokio::net::TcpStream;
use tokio::sync::mpsc::error::TrySendError;
use tokio::sync::{Mutex, mpsc};
use tokio::task::{JoinError, JoinHandle};

use crate::Mode;

/// Messages that are accepted but not fanned out yet.
const QUEUE: usize = 16;
/// Messages that one subscriber may lag behind in concurrent mode.
const BACKLOG: usize = 32;

/// One frame on its way to every subscriber.
///
/// Its task begins with the request, and ends with the last of those that hold the message: when everyone is served.
pub struct Message {
    pub task: UserTask,
    pub frame: Bytes,
}

/// Where publishers put their messages. The bus ends when nobody has one any longer.
pub type Queue = mpsc::Sender<Arc<Message>>;

/// The subscribers, and how messages get to them.
pub struct Bus {
    mode: Mode,
    subscribers: Mutex<BTreeMap<u64, Subscriber>>,
    next: AtomicU64,
    delivered: AtomicU64,
    dropped: AtomicU64,
}

/// The bus's end of one connection.
enum Subscriber {
    /// Whoever fans out writes to the socket.
    Serial(TcpStream),
    /// A task of its own does, which finds the messages in an inbox.
    Concurrent { inbox: Queue, writer: JoinHandle<()> },
}

impl Bus {
    /// A bus without subscribers, the queue that leads to it, and the task that empties that.
    pub fn start(mode: Mode) -> (Arc<Self>, Queue, JoinHandle<Result<(), JoinError>>) {
        let bus = Arc::new(Self {
            mode,
            subscribers: Mutex::default(),
            next: AtomicU64::new(0),
            delivered: AtomicU64::new(0),
            dropped: AtomicU64::new(0),
        });
        let (queue, messages) = mpsc::channel(QUEUE);
        let fan_out = spawn(fan_out(Arc::clone(&bus), messages));
        (bus, queue, fan_out)
    }

    /// Makes a connection a subscriber.
    pub async fn add(self: &Arc<Self>, socket: TcpStream) {
        let id = self.next.fetch_add(1, Ordering::Relaxed);
        let subscriber = match self.mode {
            Mode::Serial => Subscriber::Serial(socket),
            Mode::Concurrent => {
                let (inbox, messages) = mpsc::channel(BACKLOG);
                let writer = spawn(write_all(Arc::clone(self), id, socket, messages));
                Subscriber::Concurrent { inbox, writer }
            }
        };
        self.subscribers.lock().await.insert(id, subscriber);
    }

    /// Number of subscribers.
    pub async fn count(&self) -> usize {
        self.subscribers.lock().await.len()
    }

    /// Writes of whole messages so far.
    pub fn delivered(&self) -> u64 {
        self.delivered.load(Ordering::Relaxed)
    }

    /// Messages that a subscriber did not get, so far.
    pub fn dropped(&self) -> u64 {
        self.dropped.load(Ordering::Relaxed)
    }

    /// Writes a message to a socket, and waits while the socket is full.
    async fn write(&self, id: u64, socket: &mut TcpStream, message: &Message) {
        let _writing = message.task.region("write");
        match socket.write_all(&message.frame).await {
            Ok(()) => {
                self.delivered.fetch_add(1, Ordering::Relaxed);
            }
            Err(error) => self.drop_message(message, "error", &format!("subscriber {id}: {error}")),
        }
    }

    /// Leaves a message to the subscriber's own task. This never waits: a subscriber that lags too far behind misses
    /// messages.
    fn offer(&self, id: u64, inbox: &Queue, message: &Arc<Message>) {
        match inbox.try_send(Arc::clone(message)) {
            Ok(()) => {}
            Err(TrySendError::Full(message)) => {
                self.drop_message(&message, "dropped", &format!("subscriber {id} is {BACKLOG} messages behind"));
            }
            Err(TrySendError::Closed(message)) => {
                self.drop_message(&message, "dropped", &format!("subscriber {id} is gone"));
            }
        }
    }

    fn drop_message(&self, message: &Message, category: &str, why: &str) {
        message.task.log(category, why);
        self.dropped.fetch_add(1, Ordering::Relaxed);
    }
}

/// The task that this example is about: it walks the map of subscribers for each message, and in serial mode writes to
/// every socket itself, with the map locked.
///
/// When nobody can publish any longer it hangs up on every subscriber, as soon as that one has got what it is owed.
async fn fan_out(bus: Arc<Bus>, mut messages: mpsc::Receiver<Arc<Message>>) -> Result<(), JoinError> {
    while let Some(message) = messages.recv().await {
        let _walking = message.task.region("fan-out");
        let mut subscribers = bus.subscribers.lock().await;
        for (&id, subscriber) in subscribers.iter_mut() {
            match subscriber {
                Subscriber::Serial(socket) => bus.write(id, socket, &message).await,
                Subscriber::Concurrent { inbox, .. } => bus.offer(id, inbox, &message),
            }
        }
    }
    let subscribers = std::mem::take(&mut *bus.subscribers.lock().await);
    let mut writers = Vec::new();
    for subscriber in subscribers.into_values() {
        // Dropping a socket or an inbox is hanging up.
        if let Subscriber::Concurrent { inbox: _, writer } = subscriber {
            writers.push(writer);
        }
    }
    for writer in writers {
        writer.await?;
    }
    Ok(())
}

/// Writes what is put into a subscriber's inbox, and hangs up at its end.
async fn write_all(bus: Arc<Bus>, id: u64, mut socket: TcpStream, mut inbox: mpsc::Receiver<Arc<Message>>) {
    while let Some(message) = inbox.recv().await {
        bus.write(id, &mut socket, &message).await;
    }
}
