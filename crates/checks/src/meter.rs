//! Counts the bytes that are allocated, to show that memory is bounded by a multiple of the input.
//!
//! A program that wants to know makes [`Meter`] its allocator; in others the numbers stay zero.

#![expect(unsafe_code, reason = "an allocator is; every call is handed on unchanged")]

use std::alloc::{GlobalAlloc, Layout, System};
use std::sync::atomic::{AtomicUsize, Ordering};

/// The system's allocator, counted.
#[derive(Clone, Copy, Debug)]
pub struct Meter;

/// Bytes that are allocated now.
static NOW: AtomicUsize = AtomicUsize::new(0);
/// The most that were, since the last time somebody asked.
static MOST: AtomicUsize = AtomicUsize::new(0);

// SAFETY: every call goes to the system's allocator with the arguments it came with.
unsafe impl GlobalAlloc for Meter {
    unsafe fn alloc(&self, layout: Layout) -> *mut u8 {
        more(layout.size());
        // SAFETY: as promised by the caller.
        unsafe { System.alloc(layout) }
    }

    unsafe fn alloc_zeroed(&self, layout: Layout) -> *mut u8 {
        more(layout.size());
        // SAFETY: as promised by the caller.
        unsafe { System.alloc_zeroed(layout) }
    }

    unsafe fn dealloc(&self, at: *mut u8, layout: Layout) {
        NOW.fetch_sub(layout.size(), Ordering::Relaxed);
        // SAFETY: as promised by the caller.
        unsafe { System.dealloc(at, layout) }
    }

    unsafe fn realloc(&self, at: *mut u8, layout: Layout, size: usize) -> *mut u8 {
        // While it moves, both are there.
        more(size);
        NOW.fetch_sub(layout.size(), Ordering::Relaxed);
        // SAFETY: as promised by the caller.
        unsafe { System.realloc(at, layout, size) }
    }
}

fn more(bytes: usize) {
    let now = NOW.fetch_add(bytes, Ordering::Relaxed).wrapping_add(bytes);
    MOST.fetch_max(now, Ordering::Relaxed);
}

/// How much memory reading a file may take: a multiple of its size and something for small files.
#[derive(Clone, Copy, Debug)]
pub struct Bound {
    /// Bytes of memory for each byte of the file.
    pub per_byte: usize,
    /// And so many more.
    pub fixed: usize,
}

/// Does `work` for an input of `len` bytes; returns what it gave and the most bytes it had allocated at a time.
///
/// What other threads allocate meanwhile counts as well. Panics if it took more memory than `bound` allows.
pub fn within<T>(bound: Bound, len: usize, work: impl FnOnce() -> T) -> (T, usize) {
    let before = NOW.load(Ordering::Relaxed);
    MOST.store(before, Ordering::Relaxed);
    let answer = work();
    let took = MOST.load(Ordering::Relaxed).saturating_sub(before);
    let allowed = bound.per_byte * len + bound.fixed;
    assert!(took <= allowed, "{took} bytes of memory for {len} bytes of input; allowed are {allowed}");
    (answer, took)
}
