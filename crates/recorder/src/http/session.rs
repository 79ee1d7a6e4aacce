//! What happens for one request for a trace, on a thread of its own: to begin and to end a recording takes milliseconds,
//! in which no worker may stand still.

use std::io;
use std::sync::Arc;
use std::sync::atomic::{AtomicU32, AtomicU64, AtomicUsize, Ordering};
use std::sync::mpsc::{self, Receiver, RecvTimeoutError, Sender};
use std::time::{Duration, Instant};

use hyper::body::Bytes;
use tokio::sync::mpsc::UnboundedSender;
use tokio::sync::{mpsc as parts, oneshot};

use super::service::{Stream, TraceBody};
use crate::recorder::{Builder, RecordError, Recording};
use crate::snapshot::{Access, Follower, Part, Request};
use crate::switch;

/// What a client asks for.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Wanted {
    /// What is in memory, or else so much from now on.
    Kept(Duration),
    /// So much from now on.
    Next(Duration),
}

/// The process in which somebody has a trace of the next seconds made, or 0: not in its children.
static TAKEN_IN: AtomicU32 = AtomicU32::new(0);

/// The turn of the one who does, until this is dropped.
struct Turn;

impl Turn {
    fn new() -> Result<Self, RecordError> {
        let process = std::process::id();
        if TAKEN_IN.swap(process, Ordering::Acquire) == process { Err(RecordError::AlreadyOn) } else { Ok(Self) }
    }
}

impl Drop for Turn {
    fn drop(&mut self) {
        TAKEN_IN.store(0, Ordering::Release);
    }
}

/// Where the bytes of a trace go.
type Bytestream = UnboundedSender<Result<Bytes, RecordError>>;

/// Begins what is wanted; the body ends with it.
pub async fn begin(builder: Builder, wanted: Wanted) -> Result<TraceBody, RecordError> {
    let (ready, is_ready) = oneshot::channel();
    let work = move || match start(builder, wanted) {
        Ok((source, output, body)) => {
            // If the client is gone already, the body is dropped here, and says so.
            drop(ready.send(Ok(body)));
            if let Err(error) = source.give(&output) {
                // A client that is gone needs no error.
                let _ = output.send(Err(error));
            }
        }
        Err(error) => drop(ready.send(Err(error))),
    };
    std::thread::Builder::new().name("goroscope-http".to_owned()).spawn(work).map_err(RecordError::Thread)?;
    is_ready.await.map_err(|_| RecordError::Over)?
}

/// Where a trace comes from.
enum Source {
    Kept(Vec<Arc<[u8]>>),
    Next(Next),
}

/// The next seconds.
struct Next {
    access: Access,
    number: u64,
    parts: Receiver<Part>,
    until: Option<Instant>,
    /// The recording that is on for this only. It ends before the turn does.
    _own: Option<Recording>,
    _turn: Turn,
}

fn start(builder: Builder, wanted: Wanted) -> Result<(Source, Bytestream, TraceBody), RecordError> {
    let (output, received) = parts::unbounded_channel();
    let pending = Arc::new(AtomicUsize::new(0));
    let (back, parts) = mpsc::channel();
    let (source, version) = match (wanted, switch::access()) {
        (Wanted::Kept(_), Some(Access { snapshots, has_ring: true })) => {
            (Source::Kept(snapshots.generations()?), snapshots.version)
        }
        (Wanted::Kept(period) | Wanted::Next(period), access) => {
            let next = follow(builder, period, access, (parts, back.clone()), Arc::clone(&pending))?;
            let version = next.access.snapshots.version;
            (Source::Next(next), version)
        }
    };
    // The other end is here.
    let _ = output.send(Ok(Bytes::copy_from_slice(&version.header())));
    Ok((source, output, TraceBody::of(Stream { received, pending, back })))
}

fn follow(
    builder: Builder,
    period: Duration,
    access: Option<Access>,
    (parts, sender): (Receiver<Part>, Sender<Part>),
    pending: Arc<AtomicUsize>,
) -> Result<Next, RecordError> {
    static NUMBERS: AtomicU64 = AtomicU64::new(0);
    let turn = Turn::new()?;
    let (own, access) = if let Some(access) = access {
        (None, access)
    } else {
        let own = builder.start_writer(io::sink())?;
        (Some(own), switch::access().ok_or(RecordError::Over)?)
    };
    let number = NUMBERS.fetch_add(1, Ordering::Relaxed);
    let follower = Follower { number, parts: sender, pending };
    access.snapshots.requests.send(Request::Follow(follower)).map_err(|_| RecordError::Over)?;
    Ok(Next { access, number, parts, until: Instant::now().checked_add(period), _own: own, _turn: turn })
}

impl Source {
    fn give(self, output: &Bytestream) -> Result<(), RecordError> {
        match self {
            Self::Kept(generations) => {
                let mut sent = generations.into_iter().map(|part| output.send(Ok(Bytes::from_owner(part))));
                // A client that is gone needs no more.
                let _ = sent.try_for_each(|sent| sent);
                Ok(())
            }
            Self::Next(next) => next.give(output),
        }
    }
}

impl Next {
    fn give(mut self, output: &Bytestream) -> Result<(), RecordError> {
        loop {
            match self.next() {
                Ok(Part::Generation(bytes)) => {
                    if output.send(Ok(Bytes::from_owner(bytes))).is_err() {
                        return self.ask_for_end();
                    }
                }
                Ok(Part::End) => return Ok(()),
                Ok(Part::Behind) => return Err(RecordError::Behind),
                Ok(Part::Gone) => return self.ask_for_end(),
                Err(RecvTimeoutError::Timeout) => {
                    self.until = None;
                    self.ask_for_end()?;
                }
                Err(RecvTimeoutError::Disconnected) => return Err(RecordError::Over),
            }
        }
    }

    /// What comes next, before the time is over.
    fn next(&self) -> Result<Part, RecvTimeoutError> {
        match self.until {
            Some(until) => self.parts.recv_timeout(until.saturating_duration_since(Instant::now())),
            None => self.parts.recv().map_err(|_| RecvTimeoutError::Disconnected),
        }
    }

    fn ask_for_end(&self) -> Result<(), RecordError> {
        self.access.snapshots.requests.send(Request::Unfollow(self.number)).map_err(|_| RecordError::Over)
    }
}
