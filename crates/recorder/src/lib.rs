//! Execution traces of Rust programs: what Go's `runtime/trace` does for goroutines, for tokio tasks and threads.
//!
//! ```
//! use goroscope_recorder::{FutureExt, Recorder, attach, spawn};
//!
//! let folder = tempfile::tempdir()?;
//! let recording = Recorder::builder().start(&folder.path().join("trace.out"))?;
//! let runtime = attach(&mut tokio::runtime::Builder::new_multi_thread()).enable_all().build()?;
//! let main = async {
//!     let answer = spawn(async { 42 });
//!     answer.await
//! };
//! assert_eq!(runtime.block_on(main.traced())?, 42);
//! drop(runtime);
//! let summary = recording.stop()?;
//! assert_eq!(summary.tasks, 2);
//! # Ok::<(), Box<dyn std::error::Error>>(())
//! ```
//!
//! The file opens in Goroscope, in `go tool trace` and in other viewers of Go's traces. A task is a goroutine there, a
//! worker is a proc.
//!
//! * [`Recorder`] begins and ends a recording. One at a time; while none is on, everything here costs one relaxed load.
//! * [`Builder::start_ring`] keeps the last seconds in memory, for files of them whenever something is odd, and
//!   [`Builder::start_rotating`] writes one file after the other.
//! * [`FutureExt::traced`] records a future on any executor: its polls, where it waits, who wakes it.
//! * [`spawn`], [`spawn_local`], [`spawn_blocking`], [`block_in_place`] are tokio's, and so are the ways of
//!   [`JoinSetExt`]; [`attach`] lets a runtime tell when its
//!   workers sleep.
//! * [`thread`] is for threads of the program's own.
//! * `#[goroscope_recorder::main]` is for programs that are recorded from begin to end.
//! * [`task()`], [`region`] and [`log()`] say what the program means by what it does, [`counter!`] and [`Counter`] how much
//!   there is of something.
//! * [`sync`] has the locks and channels of the standard library, with their waits, and those of tokio in
//!   `sync::tokio`.
//!
//! # Features
//!
//! | | |
//! | --- | --- |
//! | `tokio`, `macros` | what is about tokio, and `#[goroscope_recorder::main]`; on unless default features are off |
//! | `perf` | `Builder::cpu_samples` and `Builder::kernel_switches` ask the kernel where threads run, and when they do not (Linux) |
//! | `http` | the module `http`: traces on request, as from Go's `net/http/pprof`, and requests as tasks |
//! | `tracing` | `TraceLayer`: spans and events of `tracing` |
//! | `signal` | `Recording::snapshot_on_signal` |
//! | `rayon` | the module `rayon`: jobs as tasks |
//! | `parking_lot` | the module `sync::parking_lot`: its locks, with their waits |
//!
//! # How
//!
//! ```text
//!  a task's poll, wake, wait                      background thread
//!  ─────────────────────────                      ─────────────────
//!  traced, waker ──► task ──► local ──► chunk ══► assemble ──► file
//!                    state    a record  lock-free
//! ```
//!
//! What happens in a recorded thread is little and always the same: a change of the task's state word, a reading of the
//! clock, 32 bytes into a chunk of the thread. No lock, no system call, and no allocation but for a thread's first record
//! and for a chunk in a burst. All else is done by `assemble`, from the order of events to the names of functions. It
//! makes a valid file of whatever it gets; what was dropped because memory ran out is counted, in the [`Summary`] and in
//! the file.

mod annotate;
mod assemble;
mod atomics;
mod chunk;
mod clock;
mod counter;
#[cfg(feature = "macros")]
#[doc(hidden)]
pub mod entry;
#[cfg(all(feature = "tokio", tokio_unstable))]
mod foreign;
#[cfg(unix)]
mod fork;
mod futures;
mod hold;
#[cfg(feature = "tokio")]
mod hooks;
#[cfg(feature = "http")]
pub mod http;
mod job;
#[cfg(feature = "tokio")]
mod join_set;
mod left;
mod local;
pub mod naming;
mod numbered;
#[cfg(feature = "perf")]
mod perf;
mod pool;
#[cfg(feature = "rayon")]
pub mod rayon;
mod record;
mod recorder;
mod registered;
mod runtime;
mod site;
mod snapshot;
#[cfg(feature = "tracing")]
mod spans;
#[cfg(feature = "tokio")]
mod spawn;
mod state;
mod switch;
pub mod sync;
mod task;
mod text;
pub mod thread;
mod traced;
mod trigger;
mod wait;
mod waker;
mod walk;

pub use annotate::{Region, UserTask, log, region, task};
pub use assemble::Rotation;
#[cfg(feature = "checks")]
#[doc(hidden)]
pub use assemble::play as played;
pub use counter::Counter;
/// Records the program while its main function runs on a runtime of tokio: as `#[tokio::main]`, with a trace.
///
/// ```
/// #[goroscope_recorder::main(flavor = "current_thread", path = "/dev/null")]
/// async fn main() -> Result<(), std::num::ParseIntError> {
///     let answer: u8 = "42".parse()?;
///     assert_eq!(goroscope_recorder::spawn(async move { answer }).await.ok(), Some(42));
///     Ok(())
/// }
/// ```
///
/// The function is a traced task, [`attach`] is called for the runtime, and the trace is complete where the function
/// returns, with an error or without, and where it panics. Only `std::process::exit` does not wait for that.
///
/// | argument | |
/// | --- | --- |
/// | `flavor`, `worker_threads`, `start_paused` | as tokio has them |
/// | `path = "trace.out"` | the file; this one if nothing is said |
/// | `compat = "1.22"` | the oldest of Go's tools that should read it, or `"1.25"`, or `"1.26"` |
/// | `ring`, `ring = 30` | only the last seconds are kept, and written at the end |
/// | `crate = "…"` | where this crate is, for those that hand it on |
///
/// The environment variable `GOROSCOPE_TRACE` is another path, or `off`: then nothing is recorded. If the trace cannot be
/// written, the program runs nevertheless, and its standard error says why.
///
/// ```compile_fail
/// #[goroscope_recorder::main]
/// fn main() {}
/// ```
///
/// ```compile_fail
/// #[goroscope_recorder::main(workers = 2)]
/// async fn main() {}
/// ```
#[cfg(feature = "macros")]
pub use goroscope_recorder_macros::main;
pub use hold::Holds;
#[cfg(feature = "tokio")]
pub use hooks::{Hooks, attach, attach_with};
#[cfg(feature = "tokio")]
pub use join_set::JoinSetExt;
#[cfg(feature = "perf")]
pub use perf::Switches;
pub use recorder::{Builder, Compat, RecordError, Recorder, Recording, Stacks, Summary, Symbols, UnknownVersion};
pub use snapshot::{Ring, Snapshot, Snapshots};
#[cfg(feature = "tracing")]
pub use spans::TraceLayer;
#[cfg(feature = "tokio")]
pub use spawn::{block_in_place, spawn, spawn_blocking, spawn_local};
pub use traced::{FutureExt, Traced};
pub use trigger::{SnapshotFiles, Taken};
