//! How a file is read.

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
