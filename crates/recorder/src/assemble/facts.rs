//! What the file says of the process and of the recording itself.

use std::fmt::Write as _;
use std::sync::atomic::Ordering;

use super::Source;
use crate::local::ThreadLog;
use crate::walk::Walker;

/// What does not change while something is recorded.
#[derive(Debug)]
pub struct Process {
    id: u32,
    program: Option<String>,
    frame_pointers: &'static str,
}

impl Process {
    /// This process.
    pub fn this() -> Self {
        let program = std::env::current_exe().ok().map(|path| path.to_string_lossy().replace(char::is_control, "_"));
        let frame_pointers = if Walker::FramePointers.works() { "works" } else { "absent" };
        Self { id: std::process::id(), program, frame_pointers }
    }

    /// Writes its lines.
    pub fn write(&self, note: &mut String) {
        // Writing to a string cannot go wrong.
        let _ = writeln!(note, "pid={}", self.id);
        if let Some(program) = &self.program {
            let _ = writeln!(note, "program={program}");
        }
        let hooks = if cfg!(all(feature = "tokio", tokio_unstable)) { "unstable" } else { "stable" };
        let _ = writeln!(note, "frame_pointers={}\nhooks={hooks}", self.frame_pointers);
    }
}

/// What threads count, those that are over included.
#[derive(Clone, Copy, Debug, Default)]
pub struct Counts {
    /// Records that there was no room for.
    pub dropped: u64,
    /// Wakes of tasks that were woken already.
    pub superfluous_wakes: u64,
}

impl Counts {
    /// With those of a thread.
    pub fn and(self, log: &ThreadLog) -> Self {
        Self {
            dropped: self.dropped + log.dropped.load(Ordering::Relaxed),
            superfluous_wakes: self.superfluous_wakes + log.superfluous_wakes.load(Ordering::Relaxed),
        }
    }

    /// With those of threads.
    pub(super) fn and_all(self, sources: &[Source]) -> Self {
        sources.iter().fold(self, |counts, source| counts.and(&source.log))
    }
}
