//! The raw clock that records are stamped with, and the clocks of the system it is compared with.
//!
//! On x86-64 with an invariant time stamp counter that is the counter itself, at half the cost of a clock of the system;
//! on 64-bit ARM it is the virtual counter. Everywhere else it is the monotonic clock in nanoseconds.

#![expect(unsafe_code, reason = "instructions and system calls; the bench `record_event` shows the gain")]

use std::time::{Duration, SystemTime, UNIX_EPOCH};

/// Which clock stamps records.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Clock {
    /// The processor's own: the time stamp counter, or the virtual counter.
    Counter,
    /// The system's monotonic clock, ns.
    Monotonic,
}

/// Raw and monotonic clock at one moment.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct Anchor {
    /// On the raw clock.
    pub raw: u64,
    /// Nanoseconds on the system's monotonic clock.
    pub mono: u64,
}

impl Clock {
    /// The best clock of this machine.
    pub fn best() -> Self {
        if has_invariant_counter() { Self::Counter } else { Self::Monotonic }
    }

    /// Its name in the file.
    pub fn name(self) -> &'static str {
        match self {
            Self::Counter if cfg!(target_arch = "aarch64") => "virtual counter",
            Self::Counter => "time stamp counter",
            Self::Monotonic => "monotonic",
        }
    }

    /// Now.
    #[inline]
    pub fn now(self) -> u64 {
        match self {
            Self::Counter => counter(),
            Self::Monotonic => monotonic(),
        }
    }

    /// Both clocks at one moment: of a few readings the one that took the least time.
    pub fn anchor(self) -> Anchor {
        let readings = std::iter::repeat_with(|| {
            let before = self.now();
            let mono = monotonic();
            let after = self.now();
            (after.wrapping_sub(before), Anchor { raw: before + after.wrapping_sub(before) / 2, mono })
        });
        let best = readings.take(5).min_by_key(|(took, _)| *took);
        best.map_or(Anchor { raw: 0, mono: 0 }, |(_, anchor)| anchor)
    }
}

/// The wall clock since 1970.
pub fn wall() -> Duration {
    SystemTime::now().duration_since(UNIX_EPOCH).unwrap_or_default()
}

#[cfg(target_arch = "x86_64")]
#[inline]
fn counter() -> u64 {
    // SAFETY: every x86-64 processor has the instruction.
    unsafe { std::arch::x86_64::_rdtsc() }
}

#[cfg(all(target_arch = "aarch64", any(target_os = "linux", target_vendor = "apple")))]
#[inline]
fn counter() -> u64 {
    let count: u64;
    // SAFETY: these systems let every program read it. The barrier keeps the processor from reading it too early, which
    // could be before a wake of another thread that is seen already.
    unsafe { std::arch::asm!("isb", "mrs {}, cntvct_el0", out(reg) count, options(nostack, preserves_flags)) };
    count
}

#[cfg(not(any(
    target_arch = "x86_64",
    all(target_arch = "aarch64", any(target_os = "linux", target_vendor = "apple"))
)))]
fn counter() -> u64 {
    monotonic()
}

/// Whether the counter runs at one rate, whatever the processor does.
#[cfg(target_arch = "x86_64")]
fn has_invariant_counter() -> bool {
    use std::arch::x86_64::__cpuid;
    const POWER: u32 = 0x8000_0007;
    __cpuid(0x8000_0000).eax >= POWER && __cpuid(POWER).edx & 1 << 8 != 0
}

/// The counter always runs at one rate; whether that is fine enough to tell events apart.
#[cfg(all(target_arch = "aarch64", any(target_os = "linux", target_vendor = "apple")))]
fn has_invariant_counter() -> bool {
    const LEAST: u64 = 10_000_000;
    let per_second: u64;
    // SAFETY: as for the counter itself.
    unsafe { std::arch::asm!("mrs {}, cntfrq_el0", out(reg) per_second, options(nomem, nostack, preserves_flags)) };
    per_second >= LEAST
}

#[cfg(not(any(
    target_arch = "x86_64",
    all(target_arch = "aarch64", any(target_os = "linux", target_vendor = "apple"))
)))]
fn has_invariant_counter() -> bool {
    false
}

/// Nanoseconds on the system's monotonic clock, as Go takes them: traces of one machine share it.
#[cfg(unix)]
fn monotonic() -> u64 {
    let mut time = libc::timespec { tv_sec: 0, tv_nsec: 0 };
    // SAFETY: `time` is a place for the result, and the call has no other effect.
    unsafe { libc::clock_gettime(libc::CLOCK_MONOTONIC, &raw mut time) };
    time.tv_sec as u64 * 1_000_000_000 + time.tv_nsec as u64
}

/// Nanoseconds since the clock was first asked.
#[cfg(not(unix))]
fn monotonic() -> u64 {
    use std::sync::OnceLock;
    use std::time::Instant;
    static FIRST: OnceLock<Instant> = OnceLock::new();
    FIRST.get_or_init(Instant::now).elapsed().as_nanos() as u64 + 1
}
