//! Processor time.

use std::time::Duration;

/// Of whom.
#[derive(Clone, Copy)]
pub enum Whose {
    /// The calling thread.
    Thread,
    /// All threads.
    Process,
}

/// Processor time so far.
pub fn processor(whose: Whose) -> Duration {
    let clock = match whose {
        Whose::Thread => libc::CLOCK_THREAD_CPUTIME_ID,
        Whose::Process => libc::CLOCK_PROCESS_CPUTIME_ID,
    };
    let mut time = libc::timespec { tv_sec: 0, tv_nsec: 0 };
    // SAFETY: `time` is a place for the result, and the call has no other effect.
    unsafe { libc::clock_gettime(clock, &raw mut time) };
    Duration::new(time.tv_sec as u64, time.tv_nsec as u32)
}
