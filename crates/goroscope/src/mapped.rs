//! A file as memory, without a copy: the system brings in what is looked at, and may drop it again.
//!
//! # A file that gets shorter
//!
//! Where another program cuts the file short while it is mapped, there is no memory behind the lost part, and looking
//! at it raises SIGBUS; the same happens where the disk gives an error. Nothing can be made of the trace then, since
//! bytes that were read before have changed as well. So the program ends, as it would by itself, but with a message and
//! exit code 1. A file that grows is no trouble: it is seen as long as it was when it was opened.
#![allow(unsafe_code, reason = "mapping a file is unsafe: see the SAFETY comments; it saves a copy of the whole trace")]

use memmap2::Mmap;
use std::fs::File;
use std::io;
use std::ops::Deref;

/// The content of a file.
#[derive(Debug)]
pub struct Mapped(Mmap);

impl Mapped {
    /// Maps a whole file. Pipes, devices, files of `/proc` and empty files cannot be mapped.
    pub fn new(file: &File) -> io::Result<Self> {
        let about = file.metadata()?;
        if !about.is_file() || about.len() == 0 {
            return Err(io::ErrorKind::Unsupported.into());
        }
        #[cfg(target_os = "linux")]
        bus_error::expect();
        // SAFETY: nobody may change the bytes behind the slice. This program does not; another one that writes to the
        // file can, which no program can prevent. What is made of the bytes is checked against nothing that was read
        // before, so that changed bytes are at worst a damaged trace; lost bytes end the program, see above.
        let map = unsafe { Mmap::map(file)? };
        #[cfg(unix)]
        // Reading goes from front to end; without the advice it is slower, not wrong.
        let _ = map.advise(memmap2::Advice::Sequential);
        Ok(Self(map))
    }
}

impl Deref for Mapped {
    type Target = [u8];

    fn deref(&self) -> &[u8] {
        &self.0
    }
}

/// A message instead of a core dump where a mapped file was cut short.
#[cfg(target_os = "linux")]
mod bus_error {
    use std::mem::MaybeUninit;
    use std::ptr;
    use std::sync::Once;

    const TEXT: &[u8] = b"\r\x1b[Kerror: the file was cut short while it was read, or its disk failed; \
        wait until nobody writes to it, and open it again\n";

    /// Is prepared from now on.
    pub fn expect() {
        static ONCE: Once = Once::new();
        ONCE.call_once(|| {
            // SAFETY: all zeros are a sigaction; the handler has the signature that SA_SIGINFO asks for, and calls only
            // what signal handlers may call.
            unsafe {
                let mut action: libc::sigaction = MaybeUninit::zeroed().assume_init();
                action.sa_sigaction = handle as *const () as usize;
                action.sa_flags = libc::SA_SIGINFO | libc::SA_ONSTACK;
                libc::sigaction(libc::SIGBUS, &raw const action, ptr::null_mut());
            }
        });
    }

    extern "C" fn handle(_: libc::c_int, about: *mut libc::siginfo_t, _: *mut libc::c_void) {
        // SAFETY: the system hands over a valid siginfo_t; write, _exit and signal may be called in a signal handler.
        unsafe {
            if (*about).si_code == libc::BUS_ADRERR {
                libc::write(libc::STDERR_FILENO, TEXT.as_ptr().cast(), TEXT.len());
                libc::_exit(1);
            }
            // Not of a mapped file: happens again on return, and ends the program as it always does.
            libc::signal(libc::SIGBUS, libc::SIG_DFL);
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use std::io::Write;

    #[test]
    fn what_can_be_mapped() {
        let mut file = tempfile::tempfile().expect("a file");
        assert!(Mapped::new(&file).is_err(), "an empty file");
        file.write_all(b"bytes").expect("room");
        assert_eq!(&*Mapped::new(&file).expect("a file with content"), b"bytes");
        #[cfg(unix)]
        for place in ["/", "/dev/null"] {
            assert!(Mapped::new(&File::open(place).expect("it is there")).is_err(), "{place}");
        }
    }
}
