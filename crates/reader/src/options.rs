//! How a file is read, and why it cannot be.

use std::fmt;

use goroscope_wire::HeaderError;

/// How a file is read.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq)]
pub struct ReadOptions {
    /// What to do with a file of a version that is not known.
    pub unknown_version: UnknownVersion,
}

/// What to do with a file whose header names a version of Go that is not known, but could be one.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq)]
pub enum UnknownVersion {
    /// It is an error.
    #[default]
    Refuse,
    /// Read it as the newest known version that is not newer, and keep events of unknown numbers as they are.
    Attempt,
}

/// Why a file cannot be opened as a trace.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum OpenError {
    /// The first bytes are not a trace header.
    NotATrace,
    /// A trace of Go 1.5 to 1.10, by the number in its header.
    OldVersion(u16),
    /// A trace of a Go newer than this program knows, or of a version that there is not.
    /// [`Reader::forced`](crate::Reader::forced) reads it as far as it can.
    NewVersion(u16),
}

impl From<HeaderError> for OpenError {
    fn from(error: HeaderError) -> Self {
        match error {
            HeaderError::NotATrace => Self::NotATrace,
            HeaderError::Old(minor) => Self::OldVersion(minor),
            HeaderError::New(minor) => Self::NewVersion(minor),
        }
    }
}

impl fmt::Display for OpenError {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        match self {
            Self::NotATrace => HeaderError::NotATrace.fmt(f),
            Self::OldVersion(minor) => HeaderError::Old(*minor).fmt(f),
            Self::NewVersion(minor) => HeaderError::New(*minor).fmt(f),
        }
    }
}

impl std::error::Error for OpenError {}
