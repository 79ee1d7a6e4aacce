//! What there is to show: a trace that is still being read, one that was read, or why there is none.

use crate::failure::Failure;
use goroscope_analysis::Loading;
use goroscope_model::Trace;
use serde::Serialize;
use std::sync::Arc;
use std::time::{Duration, Instant};
use tokio::sync::watch;

/// How long an answer waits for news; then the time that went by is news enough.
const NEWS_TIME: Duration = Duration::from_millis(500);

/// What a server shows. Clones are the same exhibit: one is served while another is told how the reading goes on.
#[derive(Clone, Debug)]
pub struct Exhibit {
    now: watch::Sender<Numbered>,
    begin: Instant,
}

/// A stage, and how many were before it.
#[derive(Clone, Debug)]
struct Numbered {
    number: u64,
    stage: Stage,
}

#[derive(Clone, Debug)]
enum Stage {
    Loading(Box<Loading>),
    Ready(Arc<Trace>),
    Failed(String),
}

/// How far the reading is, as JSON.
#[derive(Debug, Serialize)]
pub struct Report {
    stage: &'static str,
    /// Grows with everything that is new.
    number: u64,
    /// Why there is no trace.
    error: Option<String>,
    /// Since the reading began.
    elapsed_ms: u64,
    progress: Option<Loading>,
}

impl Exhibit {
    /// A trace that is being read from now on.
    pub fn loading(progress: Loading) -> Self {
        Self::new(Stage::Loading(Box::new(progress)))
    }

    /// A trace that was read.
    pub fn ready(trace: Trace) -> Self {
        Self::new(Stage::Ready(Arc::new(trace)))
    }

    fn new(stage: Stage) -> Self {
        Self { now: watch::Sender::new(Numbered { number: 0, stage }), begin: Instant::now() }
    }

    /// The reading came so far.
    pub fn report(&self, progress: Loading) {
        self.put(Stage::Loading(Box::new(progress)));
    }

    /// The trace was read.
    pub fn show(&self, trace: Trace) {
        self.put(Stage::Ready(Arc::new(trace)));
    }

    /// There is no trace, for this reason.
    pub fn fail(&self, reason: &str) {
        self.put(Stage::Failed(reason.to_owned()));
    }

    /// Whether there is no trace and will be none.
    pub fn has_failed(&self) -> bool {
        matches!(self.now.borrow().stage, Stage::Failed(_))
    }

    /// The trace, or the answer to whoever asks for something of it.
    pub(crate) fn trace(&self) -> Result<Arc<Trace>, Failure> {
        match &self.now.borrow().stage {
            Stage::Loading(_) => Err(Failure::Loading),
            Stage::Ready(trace) => Ok(Arc::clone(trace)),
            Stage::Failed(reason) => Err(Failure::Unreadable(reason.clone())),
        }
    }

    /// How far the reading is. If nothing is newer than number `after`, waits a while for news.
    pub(crate) async fn progress(&self, after: Option<u64>) -> Report {
        if let Some(after) = after {
            let mut news = self.now.subscribe();
            // Without news in time, the old is said again; whoever could bring news is this exhibit itself.
            let _ = tokio::time::timeout(NEWS_TIME, news.wait_for(|now| now.number > after)).await;
        }
        let Numbered { number, stage } = self.now.borrow().clone();
        let (stage, error, progress) = match stage {
            Stage::Loading(progress) => ("loading", None, Some(*progress)),
            Stage::Ready(_) => ("ready", None, None),
            Stage::Failed(reason) => ("failed", Some(reason), None),
        };
        Report { stage, number, error, elapsed_ms: self.begin.elapsed().as_millis() as u64, progress }
    }

    fn put(&self, stage: Stage) {
        self.now.send_modify(|now| *now = Numbered { number: now.number + 1, stage });
    }
}
