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
