//! One WebSocket: requests in, frames out, errors as text.
//!
//! One task owns the socket; the tiles are computed on blocking threads, one frame at a time, while the task goes on
//! reading. A frame that is finished is sent even if it is superseded, because later frames rely on its texts.

use super::job::{Job, Step};
use super::request::Request;
use super::texts::Texts;
use axum::extract::ws::{CloseFrame, Message, WebSocket, close_code};
use goroscope_model::Trace;
use serde_json::json;
use std::collections::VecDeque;
use std::sync::Arc;
use std::sync::atomic::{AtomicU64, Ordering};
use tokio::task::JoinHandle;

/// Requests with one viewport that may wait.
const WAITING: usize = 64;
/// The count of supersessions when the connection is gone.
const GONE: u64 = u64::MAX;

type Computed = (Job, Texts, Step);

struct Session {
    trace: Arc<Trace>,
    /// The newest viewport.
    viewport: u32,
    /// How often a newer viewport came: a job that started under an older count is not wanted.
    superseded: Arc<AtomicU64>,
    /// Requests that wait, all of the newest viewport.
    waiting: VecDeque<Request>,
    /// At rest, the texts and the job that goes on; while computing, none.
    texts: Option<Texts>,
    job: Option<Job>,
}

/// Answers requests for tiles until the browser closes the socket.
pub async fn run(mut socket: WebSocket, trace: Arc<Trace>) {
    let superseded = Arc::new(AtomicU64::new(0));
    let mut session = Session {
        trace,
        viewport: 0,
        superseded: Arc::clone(&superseded),
        waiting: VecDeque::new(),
        texts: Some(Texts::default()),
        job: None,
    };
    // An error is the browser's: it went away.
    let _ = session.serve(&mut socket).await;
    superseded.store(GONE, Ordering::Relaxed);
}

impl Session {
    async fn serve(&mut self, socket: &mut WebSocket) -> Result<(), axum::Error> {
        let mut computing = None;
        loop {
            computing = computing.or_else(|| self.start());
            let computed = match &mut computing {
                None => None,
                Some(handle) => tokio::select! {
                    biased;
                    message = socket.recv() => {
                        if !self.receive(socket, message).await? { return Ok(()); }
                        continue;
                    }
                    computed = handle => Some(computed),
                },
            };
            let Some(computed) = computed else {
                let message = socket.recv().await;
                if !self.receive(socket, message).await? {
                    return Ok(());
                }
                continue;
            };
            computing = None;
            let Ok((job, texts, step)) = computed else {
                // The texts went with the panic; a new connection begins with none.
                let reason = "a bug in goroscope: computing a tile panicked";
                return close(socket, close_code::ERROR, reason).await;
            };
            self.texts = Some(texts);
            match step {
                Step::More(bytes) => {
                    self.job = Some(job).filter(|job| job.viewport() == self.viewport);
                    socket.send(Message::Binary(bytes.into())).await?;
                }
                Step::Last(bytes) => socket.send(Message::Binary(bytes.into())).await?,
                Step::Superseded => {}
            }
        }
    }

    /// Starts to compute the next frame, if there is anything to do.
    fn start(&mut self) -> Option<JoinHandle<Computed>> {
        let mut job = self.job.take().or_else(|| self.waiting.pop_front().map(Job::new))?;
        let mut texts = self.texts.take()?;
        let trace = Arc::clone(&self.trace);
        let superseded = Arc::clone(&self.superseded);
        let count = superseded.load(Ordering::Relaxed);
        Some(tokio::task::spawn_blocking(move || {
            let step = job.frame(&trace, &mut texts, &|| superseded.load(Ordering::Relaxed) == count);
            (job, texts, step)
        }))
    }

    /// Takes in a message; `false` when the connection is over.
    async fn receive(
        &mut self,
        socket: &mut WebSocket,
        message: Option<Result<Message, axum::Error>>,
    ) -> Result<bool, axum::Error> {
        let problem = match message {
            None | Some(Ok(Message::Close(_))) => return Ok(false),
            Some(Err(error)) => {
                close(socket, close_code::POLICY, &error.to_string()).await?;
                return Ok(false);
            }
            Some(Ok(Message::Ping(_) | Message::Pong(_))) => return Ok(true),
            Some(Ok(Message::Binary(_))) => Some("a request is text, not binary".to_owned()),
            Some(Ok(Message::Text(text))) => Request::parse(&text).and_then(|request| self.accept(request)).err(),
        };
        if let Some(problem) = problem {
            socket.send(Message::Text(json!({ "error": problem }).to_string().into())).await?;
        }
        Ok(true)
    }

    fn accept(&mut self, request: Request) -> Result<(), String> {
        if request.viewport > self.viewport {
            self.viewport = request.viewport;
            self.superseded.fetch_add(1, Ordering::Relaxed);
            self.waiting.clear();
            self.job = None;
        }
        if request.viewport < self.viewport {
            // Superseded before it came.
            return Ok(());
        }
        if self.waiting.len() >= WAITING {
            return Err(format!("more than {WAITING} requests of viewport {} wait", self.viewport));
        }
        self.waiting.push_back(request);
        Ok(())
    }
}

async fn close(socket: &mut WebSocket, code: u16, reason: &str) -> Result<(), axum::Error> {
    // The reason of a close frame may have 123 bytes.
    let reason: String = reason.chars().filter(char::is_ascii).take(120).collect();
    socket.send(Message::Close(Some(CloseFrame { code, reason: reason.into() }))).await
}
