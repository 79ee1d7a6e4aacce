//! The memory that the kernel writes its records into, and this process reads them from.
//!
//! ```text
//!  page 0                     pages after it, a power of two
//!  ┌──────────────────────┐   ┌──────────────────────────────┐
//!  │ … head, tail, …      │   │ ░░░░ tail ▓▓▓▓▓▓▓▓ head ░░░░░ │
//!  └──────────────────────┘   └──────────────────────────────┘
//! ```
//!
//! The kernel writes behind `head` and never over what is not behind `tail`; what has no room it counts. Both numbers
//! only grow.

#![expect(unsafe_code, reason = "memory that is shared with the kernel")]

use std::fs::File;
use std::io;
use std::os::fd::AsRawFd;
use std::ptr::NonNull;
use std::sync::Arc;
use std::sync::atomic::{AtomicU64, AtomicUsize, Ordering};

/// Where the numbers stand in the first page.
const HEAD: usize = 1024;
const TAIL: usize = 1032;

/// The ring of a thread, which lives as long as this does; so does the event.
#[derive(Debug)]
pub struct Ring {
    memory: NonNull<u8>,
    /// Of the mapping.
    len: usize,
    /// Bytes that all rings take.
    used: Arc<AtomicUsize>,
}

// SAFETY: the mapping belongs to the process, and only whoever has the ring reads from it.
unsafe impl Send for Ring {}

/// Bytes of a page.
pub fn page() -> usize {
    // SAFETY: asks for a number.
    usize::try_from(unsafe { libc::sysconf(libc::_SC_PAGESIZE) }).unwrap_or(4096)
}

impl Ring {
    /// A ring of so many pages, a power of two, for an event, whose file may be closed then.
    pub fn new(event: &File, pages: usize, used: Arc<AtomicUsize>) -> io::Result<Self> {
        let len = (pages + 1) * page();
        let (rights, flags) = (libc::PROT_READ | libc::PROT_WRITE, libc::MAP_SHARED);
        // SAFETY: the kernel chooses a place that is free.
        let memory = unsafe { libc::mmap(std::ptr::null_mut(), len, rights, flags, event.as_raw_fd(), 0) };
        if memory == libc::MAP_FAILED {
            return Err(io::Error::last_os_error());
        }
        let memory = NonNull::new(memory.cast()).ok_or(io::ErrorKind::OutOfMemory)?;
        used.fetch_add(len, Ordering::Relaxed);
        Ok(Self { memory, len, used })
    }

    /// Moves what the kernel has written since the last time to the end of `bytes`.
    pub fn drain(&mut self, bytes: &mut Vec<u8>) {
        let page = page();
        let size = self.len - page;
        let (head, tail) = (self.number(HEAD).load(Ordering::Acquire), self.number(TAIL).load(Ordering::Relaxed));
        let mut at = tail;
        // What is there is in one or two pieces.
        while at < head && head - at <= size as u64 {
            let offset = (at % size as u64) as usize;
            let len = (size - offset).min((head - at) as usize);
            // SAFETY: `offset + len` is not more than `size`, which is what follows the first page; between tail and head
            // the kernel does not write.
            bytes
                .extend_from_slice(unsafe { std::slice::from_raw_parts(self.memory.as_ptr().add(page + offset), len) });
            at += len as u64;
        }
        self.number(TAIL).store(head, Ordering::Release);
    }

    /// A number in the first page.
    fn number(&self, offset: usize) -> &AtomicU64 {
        // SAFETY: the offsets are aligned and within the first page, which is mapped as long as the ring is there; the
        // kernel and the process change these words in one piece only.
        unsafe { AtomicU64::from_ptr(self.memory.as_ptr().add(offset).cast()) }
    }
}

impl Drop for Ring {
    fn drop(&mut self) {
        // SAFETY: the mapping is the ring's, and nothing refers to it any more.
        unsafe { libc::munmap(self.memory.as_ptr().cast(), self.len) };
        self.used.fetch_sub(self.len, Ordering::Relaxed);
    }
}
