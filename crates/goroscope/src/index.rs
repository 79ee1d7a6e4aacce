//! Columns and sums of traces that were read before, kept in files, so that the second opening costs nothing.
//!
//! An index is never trusted. It is used if its name and its footer say that it is of this content, in the format that
//! this program writes, and if every byte has the checksum that it was written with. Otherwise the trace is read again
//! and the index replaced. It is written beside its final name and renamed when it is whole, so that a program that is
//! stopped, a full disk or two programs at once leave nothing half done behind a name.
//!
//! ```text
//! index   := blocks, tables, checksum of each 16 MiB : u64, footer
//! ```
//!
//! Which trace it is of is told by the content: its length, a hash of samples of it for the name, and a hash of all of
//! it in the footer. The latter is computed only if it is not the very file, unchanged since, which the index was made
//! from.

mod cache;
mod fingerprint;
mod footer;
mod storage;

pub use cache::{Cache, Found};
pub use fingerprint::Stamp;
