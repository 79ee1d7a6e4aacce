//! Where the stack of a thread lies, which the operating system knows.

/// The addresses of a stack: from the lowest one to the one behind the highest.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct Bounds {
    low: usize,
    end: usize,
}

impl Bounds {
    /// Of a thread whose stack is not known, or not walked.
    pub const NOTHING: Self = Self { low: 0, end: 0 };

    /// Whether both are on the stack.
    #[inline]
    pub fn hold(self, here: usize, top: usize) -> bool {
        here >= self.low && top <= self.end && here < top
    }

    /// Of the thread that asks.
    #[cfg(target_os = "linux")]
    pub fn of_thread() -> Self {
        let mut attributes = std::mem::MaybeUninit::<libc::pthread_attr_t>::uninit();
        let (mut low, mut size) = (std::ptr::null_mut(), 0);
        // SAFETY: the first call fills the attributes of a thread that is there, or fails; only then are they read, and
        // given up. The others are places for results.
        let is_known = unsafe {
            let is_filled = libc::pthread_getattr_np(libc::pthread_self(), attributes.as_mut_ptr()) == 0;
            is_filled && {
                let read = libc::pthread_attr_getstack(attributes.as_ptr(), &raw mut low, &raw mut size);
                libc::pthread_attr_destroy(attributes.as_mut_ptr());
                read == 0
            }
        };
        if is_known { Self { low: low.addr(), end: low.addr().saturating_add(size) } } else { Self::NOTHING }
    }

    /// Of the thread that asks.
    #[cfg(target_vendor = "apple")]
    pub fn of_thread() -> Self {
        // SAFETY: both ask for what is known of a thread that is there.
        let (end, size) = unsafe {
            let thread = libc::pthread_self();
            (libc::pthread_get_stackaddr_np(thread).addr(), libc::pthread_get_stacksize_np(thread))
        };
        Self { low: end.saturating_sub(size), end }
    }

    /// Nobody has found out how to ask there, so stacks are not walked.
    #[cfg(not(any(target_os = "linux", target_vendor = "apple")))]
    pub fn of_thread() -> Self {
        Self::NOTHING
    }
}
