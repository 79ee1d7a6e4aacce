//! `perf_event_open`, which no library has that is small and knows all processors: of its many fields eight are needed.

#![expect(unsafe_code, reason = "system calls that nothing safe stands for")]

use std::fs::File;
use std::io;
use std::os::fd::{FromRawFd, OwnedFd};
use std::sync::Arc;
use std::sync::atomic::{AtomicUsize, Ordering};

pub use super::ring::Ring;
use super::{Callers, Switches, Wanted, refusal};

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
const REGISTERS: u64 = 1 << 12;
const STACK: u64 = 1 << 13;
/// In `registers`, on x86-64, where alone these are asked for: frame pointer, stack pointer, place in the code.
const NEEDED: u64 = 0b111 << 6;
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

/// Bytes of a stack that are copied at most: from the leaf to the executor there are seldom more than some thousand.
const COPY: usize = 16 << 10;

/// Bytes of a sample around what is copied.
const AROUND: usize = 64;

/// A ring should hold so many copies, and those of the fortieth part of a second: the assembler may be late.
const HELD: usize = 8;

impl Attributes {
    fn of(wanted: Wanted, callers: Callers) -> Self {
        let mut flags = EXCLUDE_HYPERVISOR | TIME_OF_ALL | EXCLUDE_KERNEL_OF_CHAIN | USE_CLOCK;
        if wanted.switches == Switches::Recorded {
            flags |= CONTEXT_SWITCH;
        }
        let period = SECOND.checked_div(u64::from(wanted.samples));
        let copies = period.is_some() && callers == Callers::Copied;
        Self {
            kind: SOFTWARE,
            size: size_of::<Self>() as u32,
            config: if period.is_some() { CPU_CLOCK } else { DUMMY },
            period: period.unwrap_or(0),
            sample: TIME | if copies { REGISTERS | STACK } else { CHAIN },
            registers: if copies { NEEDED } else { 0 },
            stack: if copies { COPY as u32 } else { 0 },
            flags: if period.is_some() { flags } else { flags | EXCLUDE_KERNEL },
            clock: libc::CLOCK_MONOTONIC,
            ..Self::default()
        }
    }

    /// For a ring of so many bytes: in a small one there is room for small copies only.
    fn in_ring(self, bytes: usize) -> Self {
        if self.stack == 0 {
            return self;
        }
        let copy = (bytes / held(SECOND / self.period)).saturating_sub(AROUND).clamp(8, COPY);
        Self { stack: (copy & !7) as u32, ..self }
    }

    /// What is sampled.
    pub fn sampled(&self) -> &'static str {
        if self.flags & EXCLUDE_KERNEL == 0 { "all processor time" } else { "processor time outside of the kernel" }
    }
}

/// How many copies a ring should hold, with so many of them in a second.
fn held(samples: u64) -> usize {
    HELD.max(samples as usize / 40)
}

/// What the kernel allows of that, or why it allows nothing.
pub fn allowed(wanted: Wanted, callers: Callers) -> Result<Attributes, String> {
    let all = Attributes::of(wanted, callers);
    let result = event(&all).map(|_| all).or_else(|_| {
        // Without privilege time within the kernel is not sampled.
        let own = Attributes { flags: all.flags | EXCLUDE_KERNEL, ..all };
        event(&own).map(|_| own)
    });
    result.map_err(|error| refusal::why(&error, paranoid()))
}

/// Begins an event of this thread, with a ring for it.
pub fn open(attributes: &Attributes, room: &Room) -> Result<Ring, String> {
    let mut pages = room.pages().ok_or_else(|| room.none())?;
    loop {
        let attributes = attributes.in_ring(pages * super::ring::page());
        let file = event(&attributes).map_err(|error| refusal::why(&error, paranoid()))?;
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
    size: Size,
    most: usize,
    used: Arc<AtomicUsize>,
}

/// What rings may take.
#[derive(Clone, Copy, Debug, Default)]
struct Size {
    /// Bytes of all.
    all: usize,
    /// Pages of one, beside its first; a power of two.
    one: usize,
    /// A ring gets this part of what is free, so that those that come later get something, too.
    part: usize,
}

impl Size {
    /// For switches, and samples of which the kernel knows the callers.
    const SMALL: Self = Self { all: 32 << 20, one: 16, part: 256 };

    fn of(wanted: Wanted, callers: Callers) -> Self {
        match callers {
            Callers::Unknown | Callers::Chain => Self::SMALL,
            Callers::Copied => {
                let one = COPY * held(u64::from(wanted.samples)) / super::ring::page();
                Self { all: 64 << 20, one: one.next_power_of_two(), part: 128 }
            }
        }
    }
}

impl Room {
    /// As much as the kernel lets the process lock.
    pub fn of_process(wanted: Wanted, callers: Callers) -> Self {
        let size = Size::of(wanted, callers);
        // SAFETY: asks for numbers only.
        let (is_root, processors) = unsafe { (libc::geteuid() == 0, libc::sysconf(libc::_SC_NPROCESSORS_ONLN)) };
        let mut limit = libc::rlimit { rlim_cur: 0, rlim_max: 0 };
        // SAFETY: `limit` is a place for the result.
        unsafe { libc::getrlimit(libc::RLIMIT_MEMLOCK, &raw mut limit) };
        let of_user = number("/proc/sys/kernel/perf_event_mlock_kb").unwrap_or(516).saturating_mul(1024);
        let of_user = usize::try_from(of_user.saturating_mul(processors.max(1))).unwrap_or(0);
        let of_process = usize::try_from(limit.rlim_cur).unwrap_or(usize::MAX);
        let most = if is_root { size.all } else { of_user.saturating_add(of_process).min(size.all) };
        Self { size, most, used: Arc::default() }
    }

    /// Why there is no room for another ring.
    fn none(&self) -> String {
        if self.most < self.size.all {
            return refusal::NO_ROOM.to_owned();
        }
        format!("rings take no more than {} MiB", self.size.all >> 20)
    }

    /// Pages of the next ring; a power of two.
    fn pages(&self) -> Option<usize> {
        let free = self.most.saturating_sub(self.used.load(Ordering::Relaxed));
        let page = super::ring::page();
        let most = self.size.one.min((free / self.size.part.max(1) / page).saturating_sub(1));
        let pages = if most == 0 { 1 } else { 1 << most.ilog2() };
        (free >= (pages + 1) * page).then_some(pages)
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn the_structure_is_as_the_kernel_has_it() {
        assert_eq!((size_of::<Attributes>(), std::mem::offset_of!(Attributes, clock)), (104, 92));
        let wanted = |samples, switches| Attributes::of(Wanted { samples, switches }, Callers::Chain);
        let both = wanted(100, Switches::Recorded);
        assert_eq!((both.config, both.period, both.flags & EXCLUDE_KERNEL), (CPU_CLOCK, 10_000_000, 0));
        let switches = wanted(0, Switches::Recorded);
        assert_eq!((switches.config, switches.period), (DUMMY, 0));
        assert_eq!(wanted(100, Switches::Ignored).flags & CONTEXT_SWITCH, 0);
    }

    #[test]
    fn copies_fit_the_ring() {
        // Samples a second, bytes of the ring, bytes of a copy.
        let check = |samples, ring, expected| {
            let wanted = Wanted { samples, switches: Switches::Ignored };
            let attributes = Attributes::of(wanted, Callers::Copied).in_ring(ring);
            assert_eq!((attributes.stack, attributes.stack % 8), (expected, 0));
            assert!(ring < 8 << 10 || (attributes.stack as usize + AROUND) * held(u64::from(samples)) <= ring);
            assert_eq!(Attributes::of(wanted, Callers::Chain).in_ring(ring).stack, 0);
        };
        check(97, 1 << 20, 16 << 10);
        check(97, 64 << 10, (8 << 10) - 64);
        check(1000, 256 << 10, 10_416);
        check(97, 4 << 10, 448);
        check(10_000, 4 << 10, 8);
    }

    #[test]
    fn rings_become_smaller_before_there_are_none() {
        let check = |wanted, callers, at_least| {
            let size = Size::of(wanted, callers);
            let room = Room { size, most: size.all, used: Arc::default() };
            let page = super::super::ring::page();
            let (mut rings, mut last) = (0, usize::MAX);
            while let Some(pages) = room.pages() {
                assert!(pages <= last && pages.is_power_of_two());
                last = pages;
                rings += 1;
                room.used.fetch_add((pages + 1) * page, Ordering::Relaxed);
            }
            assert!(last == 1 && room.used.load(Ordering::Relaxed) <= size.all);
            // Where pages are of the usual size.
            assert!(page != 4096 || rings > at_least, "{rings}");
        };
        let wanted = |samples| Wanted { samples, switches: Switches::Ignored };
        check(wanted(97), Callers::Chain, 1000);
        check(wanted(97), Callers::Copied, 600);
        check(wanted(10_000), Callers::Copied, 600);
    }
}
