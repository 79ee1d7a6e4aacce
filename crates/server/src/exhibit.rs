//! What there is to show: a trace that is still being read, one that was read, or why there is none.

use crate::failure::Failure;
use goroscope_analysis::Loading;
use goroscope_model::Trace;
use serde::Serialize;
use std::sync::{Arc, Mutex, MutexGuard, PoisonError};
use std::time::Instant;

/// What a server shows. Clones are the same exhibit: one is served while another is told how the reading goes on.
#[derive(Clone, Debug)]
pub struct Exhibit {
    stage: Arc<Mutex<Stage>>,
    begin: Instant,
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
        Self { stage: Arc::new(Mutex::new(stage)), begin: Instant::now() }
    }

    /// The reading came so far.
    pub fn report(&self, progress: Loading) {
        *self.stage() = Stage::Loading(Box::new(progress));
    }

    /// The trace was read.
    pub fn show(&self, trace: Trace) {
        *self.stage() = Stage::Ready(Arc::new(trace));
    }

    /// There is no trace, for this reason.
    pub fn fail(&self, reason: &str) {
        *self.stage() = Stage::Failed(reason.to_owned());
    }

    /// Whether there is no trace and will be none.
    pub fn has_failed(&self) -> bool {
        matches!(&*self.stage(), Stage::Failed(_))
    }

    /// The trace, or the answer to whoever asks for something of it.
    pub(crate) fn trace(&self) -> Result<Arc<Trace>, Failure> {
        match &*self.stage() {
            Stage::Loading(_) => Err(Failure::Loading),
            Stage::Ready(trace) => Ok(Arc::clone(trace)),
            Stage::Failed(reason) => Err(Failure::Unreadable(reason.clone())),
        }
    }

    /// How far the reading is.
    pub(crate) fn progress(&self) -> Report {
        let (stage, error, progress) = match self.stage().clone() {
            Stage::Loading(progress) => ("loading", None, Some(*progress)),
            Stage::Ready(_) => ("ready", None, None),
            Stage::Failed(reason) => ("failed", Some(reason), None),
        };
        Report { stage, error, elapsed_ms: self.begin.elapsed().as_millis() as u64, progress }
    }

    /// Whoever panicked while holding it left it whole: a stage is replaced at once.
    fn stage(&self) -> MutexGuard<'_, Stage> {
        self.stage.lock().unwrap_or_else(PoisonError::into_inner)
    }
}
