//! Problems of the file: what could not be read, where, and what was lost by it.

use std::fmt;

/// One problem of the file.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Diagnostic {
    /// How bad it is.
    pub severity: Severity,
    /// Byte offset in the (decompressed) file.
    pub offset: u64,
    /// Generation, if known.
    pub generation: Option<u64>,
    /// Thread, if it concerns one.
    pub thread: Option<u64>,
    /// Bytes that could not be used because of it.
    pub lost_bytes: u64,
    /// What happened: a lower-case fragment without position.
    pub message: String,
}

/// How bad a diagnostic is.
#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord)]
pub enum Severity {
    /// Unusual, nothing lost.
    Note,
    /// Something was lost.
    Loss,
}

/// The most diagnostics that are kept one by one.
const MOST: usize = 1000;

/// Collects diagnostics; past [`MOST`] it only counts.
#[derive(Debug, Default)]
pub(crate) struct Log {
    kept: Vec<Diagnostic>,
    more: u64,
    more_bytes: u64,
}

impl Log {
    /// Whether there are none.
    pub fn is_empty(&self) -> bool {
        self.kept.is_empty()
    }

    /// Adds one.
    pub fn push(&mut self, diagnostic: Diagnostic) {
        if self.kept.len() < MOST {
            self.kept.push(diagnostic);
        } else {
            self.more += 1;
            self.more_bytes += diagnostic.lost_bytes;
        }
    }

    /// All of them in the order of the file, the last one telling how many are not here.
    pub fn finish(mut self, end_of_file: u64) -> Vec<Diagnostic> {
        self.kept.sort_by_key(|diagnostic| diagnostic.offset);
        if self.more > 0 {
            self.kept.push(Diagnostic {
                severity: Severity::Loss,
                offset: end_of_file,
                generation: None,
                thread: None,
                lost_bytes: self.more_bytes,
                message: format!("{} more problems", self.more),
            });
        }
        self.kept
    }
}

impl fmt::Display for Diagnostic {
    /// `generation 3, thread 7, byte 81234: message`
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        if let Some(generation) = self.generation {
            write!(f, "generation {generation}, ")?;
        }
        if let Some(thread) = self.thread {
            write!(f, "thread {thread}, ")?;
        }
        write!(f, "byte {}: {}", self.offset, self.message)
    }
}
