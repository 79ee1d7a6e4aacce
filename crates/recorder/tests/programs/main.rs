//! Small programs that are recorded, whose files are read back with the strict reader and compared with what the programs
//! counted themselves.

#![expect(clippy::unwrap_used, reason = "a program that does not do what it should has failed its test")]

mod annotations;
mod counted;
mod facts;
#[cfg(tokio_unstable)]
mod foreign;
mod harness;
#[cfg(feature = "http")]
mod http;
#[cfg(all(feature = "perf", target_os = "linux"))]
mod kernel;
mod limits;
mod locks;
#[cfg(feature = "rayon")]
mod rayon_jobs;
mod ring;
mod rotation;
mod runtimes;
mod sets;
#[cfg(feature = "tracing")]
mod spans;
mod stacks;
mod tokio_locks;
mod triggers;
mod troubles;
mod wakes;
