//! Weighted stacks, and everything that pprof does with them.
//!
//! A [`Profile`] says how much of something (time, bytes, waits) was seen under which stack. It is made by a [`Builder`]
//! or read from a `profile.proto` file, and it can be written as one. Functions that make a profile of others
//! ([`merge`](merge::merge), [`diff`](merge::diff), [`filter`](filter::filter), …) leave theirs alone; reports are plain data,
//! and their texts are those of `go tool pprof`, byte for byte but for what `README.md` lists.
//!
//! Nothing here reads a file, a clock or the environment, and nothing here panics on what a file says.

mod builder;
pub mod filter;
pub mod flame;
pub mod graph;
pub mod merge;
mod pattern;
mod profile;
mod proto;
pub mod report;
mod rows;
mod strings;
pub mod units;
pub mod view;

pub use builder::{Builder, ValueCount};
pub use pattern::{Pattern, PatternError};
pub use profile::{
    Function, FunctionIdx, Header, Known, Label, LabelValue, LabelsIdx, Line, Location, LocationIdx, Mapping,
    MappingIdx, Profile, Sample, SampleIdx, StackIdx, TypeIdx, ValueType,
};
pub use proto::{DecodeError, Fault, Table, decode, decode_uncompressed, encode, encode_uncompressed};
pub use strings::{StringId, Strings};
