//! A window of a trace as a trace.
//!
//! The output begins with the states that everything had at the window's start and ends with those at its end. Events
//! are taken in their logical order, from the first one in the window to the last one in it; what lies between these
//! and has a time outside of it, because clocks of threads differ, gets that of the window's edge.
//!
//! What began before the window is treated as Go's flight recorder does: a task or region that is open has no begin,
//! a wait has its stack but no reason. Only a stop of the world begins at the window's start, because nothing in the
//! format says that one goes on.

use goroscope_reader::{OpenError, ReadOptions};

use crate::Progress;
use crate::encode::AsRecorded;
use crate::rewrite::{Edited, Experiments, Plan, rewrite};
use crate::survey::{Survey, Window};

/// Why there is no such window.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum CutError {
    /// The file is no trace.
    Open(OpenError),
    /// Nothing happens from the window's start on.
    Beyond {
        /// When the last event is, in nanoseconds since the start.
        end: i64,
    },
}

impl From<OpenError> for CutError {
    fn from(error: OpenError) -> Self {
        Self::Open(error)
    }
}

/// The window of the trace.
pub fn cut(file: &[u8], options: ReadOptions, window: Window, progress: &mut Progress<'_>) -> Result<Edited, CutError> {
    progress.expect(2 * file.len() as u64);
    let survey = Survey::of(file, options, window, progress)?;
    if survey.first.is_none() {
        return Err(CutError::Beyond { end: survey.latest });
    }
    progress.next(file.len() as u64);
    let plan = Plan { options, window, naming: Box::new(AsRecorded), experiments: Experiments::Keep, survey: &survey };
    Ok(rewrite(file, plan, progress)?)
}
