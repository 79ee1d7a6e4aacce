//! Memory that the system does not give: a message and exit code 1, instead of a picture of the program's own calls and
//! a core dump. Most is refused under `ulimit -v`; a container's limit ends the program without a word.
#![allow(unsafe_code, reason = "an allocator is unsafe: this one hands everything on to the system's")]

use std::alloc::{GlobalAlloc, Layout, System};
use std::io::{self, Write};
use std::process;

#[global_allocator]
static MEMORY: Memory = Memory;

/// The system's allocator, after which the program ends where that has nothing left.
struct Memory;

// SAFETY: every call is handed on as it is, and what the system's allocator returns is returned, unless it is null.
unsafe impl GlobalAlloc for Memory {
    unsafe fn alloc(&self, layout: Layout) -> *mut u8 {
        // SAFETY: the caller keeps the promises that the other allocator asks for; they are the same.
        given(unsafe { System.alloc(layout) }, layout.size())
    }

    unsafe fn alloc_zeroed(&self, layout: Layout) -> *mut u8 {
        // SAFETY: as in `alloc`.
        given(unsafe { System.alloc_zeroed(layout) }, layout.size())
    }

    unsafe fn realloc(&self, memory: *mut u8, layout: Layout, size: usize) -> *mut u8 {
        // SAFETY: as in `alloc`.
        given(unsafe { System.realloc(memory, layout, size) }, size)
    }

    unsafe fn dealloc(&self, memory: *mut u8, layout: Layout) {
        // SAFETY: as in `alloc`.
        unsafe { System.dealloc(memory, layout) }
    }
}

fn given(memory: *mut u8, size: usize) -> *mut u8 {
    if memory.is_null() { end(size) } else { memory }
}

/// Ends the program without asking for memory.
#[cold]
fn end(size: usize) -> ! {
    let mut error = io::stderr().lock();
    // With nobody to tell there is nothing else to do.
    let _ = writeln!(
        error,
        "\r\x1b[Kerror: out of memory: {} MiB more are needed; raise the limit (`ulimit -v`), \
         or, if `--no-index` was given, leave it out: with an index, large traces need less",
        size.div_ceil(1 << 20)
    );
    process::exit(1)
}

#[cfg(test)]
mod tests {
    use std::process::Command;

    /// Set in a process that is to take more than there is.
    const GREEDY: &str = "GOROSCOPE_TEST_TAKES_ALL_MEMORY";

    #[test]
    fn a_program_without_memory_says_so() {
        if std::env::var_os(GREEDY).is_some() {
            std::hint::black_box(Vec::<u8>::with_capacity(1 << 60));
            return;
        }
        let program = std::env::current_exe().expect("this program");
        let mut command = Command::new(program);
        let name = "memory::tests::a_program_without_memory_says_so";
        let output = command.args([name, "--exact"]).env(GREEDY, "").output().expect("it starts");
        let said = String::from_utf8_lossy(&output.stderr);
        assert_eq!(output.status.code(), Some(1), "{said}");
        assert!(said.contains("error: out of memory: 1099511627776 MiB more are needed;"), "{said}");
    }
}
