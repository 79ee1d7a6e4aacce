//! `perf_event_open`, which no library has that is small and knows all processors: of its many fields eight are needed.

#![expect(unsafe_code, reason = "system calls that nothing safe stands for")]

use std::fs::File;
use std::io;
use std::os::fd::{FromRawFd, OwnedFd};
use std::sync::Arc;
use std::sync::atomic::{AtomicUsize, Ordering};

pub use super::ring::Ring;
use super::{Switches, Wanted, refusal};

/// What an event is to be: `struct perf_event_attr`, as it was in Linux 4.1, which newer ones understand.
#[derive(Clone, Copy, Debug, Default)]
#[repr(C)]
pub struct Attributes {
    kind: u32,
    size: u32,
    config: u64,
    /// Nanoseconds between two samples.
    period: u64,
    sample: u64,
    read_format: u64,
    flags: u64,
    wakeup: u32,
    breakpoint: u32,
    config_1: u64,
    config_2: u64,
    branches: u64,
    registers: u64,
    stack: u32,
    clock: i32,
    registers_of_kernel: u64,
}

const SOFTWARE: u32 = 1;
/// Events of `SOFTWARE`: time on the processor, and nothing at all.
const CPU_CLOCK: u64 = 0;
const DUMMY: u64 = 9;
/// In `sample`.
const TIME: u64 = 1 << 2;
const CHAIN: u64 = 1 << 5;
/// In `flags`.
const EXCLUDE_KERNEL: u64 = 1 << 5;
const EXCLUDE_HYPERVISOR: u64 = 1 << 6;
const TIME_OF_ALL: u64 = 1 << 18;
const EXCLUDE_KERNEL_OF_CHAIN: u64 = 1 << 21;
const USE_CLOCK: u64 = 1 << 25;
const CONTEXT_SWITCH: u64 = 1 << 26;
/// Of the call: programs that are executed do not get the file.
const CLOSE_ON_EXECUTE: libc::c_ulong = 1 << 3;

const SECOND: u64 = 1_000_000_000;

impl Attributes {
    fn of(wanted: Wanted) -> Self {
        let mut flags = EXCLUDE_HYPERVISOR | TIME_OF_ALL | EXCLUDE_KERNEL_OF_CHAIN | USE_CLOCK;
        if wanted.switches == Switches::Recorded {
            flags |= CONTEXT_SWITCH;
        }
        let period = SECOND.checked_div(u64::from(wanted.samples));
        Self {
            kind: SOFTWARE,
            size: size_of::<Self>() as u32,
            config: if period.is_some() { CPU_CLOCK } else { DUMMY },
            period: period.unwrap_or(0),
            sample: TIME | CHAIN,
            flags: if period.is_some() { flags } else { flags | EXCLUDE_KERNEL },
            clock: libc::CLOCK_MONOTONIC,
            ..Self::default()
        }
    }

    /// What is sampled.
    pub fn sampled(&self) -> &'static str {
        if self.flags & EXCLUDE_KERNEL == 0 { "all processor time" } else { "processor time outside of the kernel" }
    }
}

/// What the kernel allows of that, or why it allows nothing.
pub fn allowed(wanted: Wanted) -> Result<Attributes, String> {
    let all = Attributes::of(wanted);
    let result = event(&all).map(|_| all).or_else(|_| {
        // Without privilege time within the kernel is not sampled.
        let own = Attributes { flags: all.flags | EXCLUDE_KERNEL, ..all };
        event(&own).map(|_| own)
    });
    result.map_err(|error| refusal::why(&error, paranoid()))
}

/// Begins an event of this thread, with a ring for it.
pub fn open(attributes: &Attributes, room: &Room) -> Result<Ring, String> {
    let file = event(attributes).map_err(|error| refusal::why(&error, paranoid()))?;
    let mut pages = room.pages().ok_or_else(|| room.none())?;
    loop {
        match Ring::new(&file, pages, Arc::clone(&room.used)) {
            Ok(ring) => return Ok(ring),
            Err(_) if pages > 1 => pages /= 2,
            Err(error) => return Err(refusal::no_room(&error)),
        }
    }
}

/// An event of this thread, on whatever processor it runs.
fn event(attributes: &Attributes) -> io::Result<File> {
    let (this_thread, any_processor, no_group) = (0, -1, -1);
    // SAFETY: the structure is as large as it says, and the kernel only reads it.
    let file = unsafe {
        libc::syscall(
            libc::SYS_perf_event_open,
            std::ptr::from_ref(attributes),
            this_thread,
            any_processor,
            no_group,
            CLOSE_ON_EXECUTE,
        )
    };
    match i32::try_from(file) {
        // SAFETY: the kernel has just made the descriptor, for this call.
        Ok(file @ 0..) => Ok(File::from(unsafe { OwnedFd::from_raw_fd(file) })),
        Ok(_) | Err(_) => Err(io::Error::last_os_error()),
    }
}

fn paranoid() -> Option<i64> {
    number("/proc/sys/kernel/perf_event_paranoid")
}

fn number(path: &str) -> Option<i64> {
    std::fs::read_to_string(path).ok()?.trim().parse().ok()
}

/// The memory that rings may take, and take.
#[derive(Debug, Default)]
pub struct Room {
    most: usize,
    used: Arc<AtomicUsize>,
}

/// Bytes that all rings may take, and pages that one has at least and at most beside its first.
const MOST: usize = 32 << 20;
const PAGES: std::ops::RangeInclusive<usize> = 1..=16;

/// A ring gets this part of what is free, so that those that come later get something, too.
const PART: usize = 256;

impl Room {
    /// As much as the kernel lets the process lock.
    pub fn of_process() -> Self {
        // SAFETY: asks for numbers only.
        let (is_root, processors) = unsafe { (libc::geteuid() == 0, libc::sysconf(libc::_SC_NPROCESSORS_ONLN)) };
        let mut limit = libc::rlimit { rlim_cur: 0, rlim_max: 0 };
        // SAFETY: `limit` is a place for the result.
        unsafe { libc::getrlimit(libc::RLIMIT_MEMLOCK, &raw mut limit) };
        let of_user = number("/proc/sys/kernel/perf_event_mlock_kb").unwrap_or(516).saturating_mul(1024);
        let of_user = usize::try_from(of_user.saturating_mul(processors.max(1))).unwrap_or(0);
        let of_process = usize::try_from(limit.rlim_cur).unwrap_or(usize::MAX);
        let most = if is_root { MOST } else { of_user.saturating_add(of_process).min(MOST) };
        Self { most, used: Arc::default() }
    }

    /// Why there is no room for another ring.
    fn none(&self) -> String {
        if self.most < MOST {
            return refusal::NO_ROOM.to_owned();
        }
        format!("rings take no more than {} MiB", MOST >> 20)
    }

    /// Pages of the next ring; a power of two.
    fn pages(&self) -> Option<usize> {
        let free = self.most.saturating_sub(self.used.load(Ordering::Relaxed));
        let page = super::ring::page();
        let most = (*PAGES.end()).min((free / PART / page).saturating_sub(1));
        let pages = if most == 0 { *PAGES.start() } else { 1 << most.ilog2() };
        (free >= (pages + 1) * page).then_some(pages)
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn the_structure_is_as_the_kernel_has_it() {
        assert_eq!((size_of::<Attributes>(), std::mem::offset_of!(Attributes, clock)), (104, 92));
        let wanted = |samples, switches| Attributes::of(Wanted { samples, switches });
        let both = wanted(100, Switches::Recorded);
        assert_eq!((both.config, both.period, both.flags & EXCLUDE_KERNEL), (CPU_CLOCK, 10_000_000, 0));
        let switches = wanted(0, Switches::Recorded);
        assert_eq!((switches.config, switches.period), (DUMMY, 0));
        assert_eq!(wanted(100, Switches::Ignored).flags & CONTEXT_SWITCH, 0);
    }

    #[test]
    fn rings_become_smaller_before_there_are_none() {
        let room = Room { most: MOST, used: Arc::default() };
        let page = super::super::ring::page();
        let (mut rings, mut last) = (0, usize::MAX);
        while let Some(pages) = room.pages() {
            assert!(pages <= last && pages.is_power_of_two());
            last = pages;
            rings += 1;
            room.used.fetch_add((pages + 1) * page, Ordering::Relaxed);
        }
        assert!(last == 1 && room.used.load(Ordering::Relaxed) <= MOST);
        // Where pages are of the usual size.
        assert!(page != 4096 || rings > 1000, "{rings}");
    }
}
