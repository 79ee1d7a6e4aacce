//! What is consistent of a damaged trace, as a trace without damage.

use goroscope_reader::{OpenError, ReadOptions};

use crate::Progress;
use crate::encode::AsRecorded;
use crate::rewrite::{Edited, Experiments, Plan, rewrite};
use crate::survey::{Survey, Window};

/// Writes all of the trace that can be read.
///
/// What a goroutine did in a hole is told as a wait whose reason says so: the format has nothing else for it.
pub fn repair(file: &[u8], options: ReadOptions, progress: &mut Progress<'_>) -> Result<Edited, OpenError> {
    progress.expect(2 * file.len() as u64);
    let survey = Survey::of(file, options, Window::ALL, progress)?;
    progress.next(file.len() as u64);
    let naming = Box::new(AsRecorded);
    let plan = Plan { options, window: Window::ALL, naming, experiments: Experiments::Keep, survey: &survey };
    rewrite(file, plan, progress)
}
