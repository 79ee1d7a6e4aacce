//! What is consistent of a damaged trace, as a trace without damage.

use goroscope_reader::OpenError;

use crate::Progress;
use crate::encode::AsRecorded;
use crate::rewrite::{Edited, Experiments, Plan, rewrite};
use crate::survey::{Survey, Window};

/// Writes all of the trace that can be read.
///
/// What a goroutine did in a hole is told as a wait whose reason says so: the format has nothing else for it.
pub fn repair(file: &[u8], progress: &mut Progress<'_>) -> Result<Edited, OpenError> {
    progress.expect(2 * file.len() as u64);
    let survey = Survey::of(file, Window::ALL, progress)?;
    progress.next(file.len() as u64);
    let naming = Box::new(AsRecorded);
    rewrite(file, Plan { window: Window::ALL, naming, experiments: Experiments::Keep, survey: &survey }, progress)
}
