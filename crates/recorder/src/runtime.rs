//! Which tokio runtime and which of its workers a thread is.
//!
//! A runtime's number is that of its `Id`. Without the feature `tokio` there are none.

#[cfg(feature = "tokio")]
pub use self::metrics::Runtimes;
use crate::local::Local;

#[cfg(feature = "tokio")]
mod metrics;

/// Nobody asked yet.
pub const UNKNOWN: u64 = u64::MAX;

/// There is no runtime.
pub const NONE: u64 = 0;

/// The worker that this thread is.
#[cfg(feature = "tokio")]
#[inline]
pub fn worker() -> Option<u16> {
    tokio::runtime::worker_index().and_then(|index| u16::try_from(index).ok())
}

/// The worker that this thread is.
#[cfg(not(feature = "tokio"))]
pub fn worker() -> Option<u16> {
    None
}

/// Whether the caller is a part of a task of a runtime.
#[cfg(feature = "tokio")]
pub fn is_in_task() -> bool {
    tokio::task::try_id().is_some()
}

/// Whether the caller is a part of a task of a runtime.
#[cfg(not(feature = "tokio"))]
pub fn is_in_task() -> bool {
    false
}

/// The runtime around the caller, of which the trace is told if it is not the one it was told of last.
#[cfg(feature = "tokio")]
#[cold]
pub fn tell(local: &mut Local) -> u64 {
    use crate::record::{Head, Kind};
    use tokio::runtime::{Handle, RuntimeFlavor};

    let Ok(handle) = Handle::try_current() else { return NONE };
    let runtime = number(handle.id());
    let is_met = local.has_met(runtime);
    if !is_met {
        local.runtimes().meet(runtime, &handle);
    }
    if runtime != local.runtime {
        let is_driven = u16::from(handle.runtime_flavor() == RuntimeFlavor::CurrentThread);
        let workers = handle.metrics().num_workers() as u64;
        let head = Head { small: is_driven, a: runtime, b: workers, ..Head::new(Kind::Runtime, local.now()) };
        local.record(head);
        local.runtime = runtime;
    }
    runtime
}

/// The runtime around the caller.
#[cfg(not(feature = "tokio"))]
pub fn tell(_: &mut Local) -> u64 {
    NONE
}

/// The number inside of an id, which hands it to nobody but a hasher.
#[cfg(feature = "tokio")]
fn number(id: tokio::runtime::Id) -> u64 {
    use std::hash::{Hash, Hasher};

    let mut only = Only::default();
    id.hash(&mut only);
    only.finish()
}

/// Keeps a number that is hashed as it is.
#[cfg(feature = "tokio")]
#[derive(Debug, Default)]
pub struct Only(u64);

#[cfg(feature = "tokio")]
impl std::hash::Hasher for Only {
    fn finish(&self) -> u64 {
        self.0
    }

    fn write(&mut self, bytes: &[u8]) {
        for &byte in bytes {
            self.0 = self.0 << 8 | u64::from(byte);
        }
    }

    fn write_u64(&mut self, number: u64) {
        self.0 = number;
    }
}
