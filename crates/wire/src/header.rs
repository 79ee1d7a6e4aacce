//! The sixteen bytes at the start of a trace: who wrote it, in which format.

/// Bytes of the header.
pub const HEADER_LEN: usize = 16;

/// A v2 format version, named after the Go release that brought it.
#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord, Hash)]
pub enum Version {
    /// `go 1.22 trace`
    Go122,
    /// `go 1.23 trace`, also written by Go 1.24
    Go123,
    /// `go 1.25 trace`
    Go125,
    /// `go 1.26 trace`, also written by Go 1.27
    Go126,
}
