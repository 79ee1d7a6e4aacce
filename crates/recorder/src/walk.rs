//! Return addresses on the stack of the running task.
//!
//! ```text
//!  higher  │ executor            │
//!          │ poll of the wrapper │ ◄── top: the walk ends here
//!          │ the program's own   │
//!          │ futures, each with  │
//!          │ a frame             │
//!  lower   │ the walk            │ ◄── here
//! ```
//!
//! Only words between the two are read, and only if both are on the stack that the thread was given (`bounds`): a program
//! may run parts of itself on stacks of its own. So what is read belongs to this thread and to frames that are alive, and
//! whatever the frames say, reading it is sound; at worst an address is wrong.
//!
//! Two ways lead from frame to frame. If the program has frame pointers (`-C force-frame-pointers=yes`), they are followed:
//! one to two nanoseconds each. If not, the unwind tables of the program's files are asked, which every Linux program has:
//! about ten times that, but for stacks that the thread saw lately. Which one works is tried when recording starts, on frames that are known.

#![expect(unsafe_code, reason = "reads the thread's own stack; the bench `record_event` shows the gain")]

mod bounds;
#[cfg(feature = "perf")]
mod copied;
#[cfg(all(target_os = "linux", target_arch = "x86_64"))]
mod recent;
#[cfg(all(target_os = "linux", target_arch = "x86_64"))]
mod tables;

use self::bounds::Bounds;
#[cfg(feature = "perf")]
pub use self::copied::{Copied, Copies};

/// How frames are found.
#[derive(Debug)]
pub enum Walker {
    /// Stacks stay empty: no way works.
    None,
    /// Stacks stay empty: nobody wants them.
    Off,
    /// By frame pointers.
    FramePointers,
    /// By unwind tables.
    #[cfg(all(target_os = "linux", target_arch = "x86_64"))]
    Tables(tables::Tables),
}

/// What a thread needs for it.
#[derive(Debug)]
pub struct Walk {
    bounds: Bounds,
    #[cfg(all(target_os = "linux", target_arch = "x86_64"))]
    cache: Option<Box<tables::Cache>>,
}

impl Walker {
    /// The cheapest one that works in this program.
    pub fn working() -> Self {
        let pointers = Self::FramePointers;
        if pointers.works() {
            return pointers;
        }
        #[cfg(all(target_os = "linux", target_arch = "x86_64"))]
        {
            let tables = Self::Tables(tables::Tables::of_process());
            if tables.works() {
                return tables;
            }
        }
        Self::None
    }

    /// Its name in the file.
    pub fn name(&self) -> &'static str {
        match self {
            Self::None => "none",
            Self::Off => "off",
            Self::FramePointers => "frame pointers",
            #[cfg(all(target_os = "linux", target_arch = "x86_64"))]
            Self::Tables(_) => "unwind tables",
        }
    }

    /// Whether there are frame pointers, also if nobody wants stacks.
    #[cfg(feature = "perf")]
    pub fn has_frame_pointers(&self) -> bool {
        match self {
            Self::FramePointers => true,
            Self::Off => Self::FramePointers.works(),
            Self::None => false,
            #[cfg(all(target_os = "linux", target_arch = "x86_64"))]
            Self::Tables(_) => false,
        }
    }

    /// What this thread needs to walk this way.
    pub fn walk(&self) -> Walk {
        Walk {
            bounds: match self {
                Self::None => Bounds::NOTHING,
                _ => Bounds::of_thread(),
            },
            #[cfg(all(target_os = "linux", target_arch = "x86_64"))]
            cache: match self {
                Self::Tables(_) => Some(Box::default()),
                Self::None | Self::Off | Self::FramePointers => None,
            },
        }
    }

    /// Whether frames are found that are known to be there: those of a function that called itself.
    pub fn works(&self) -> bool {
        const DEPTH: usize = 6;
        let mut walk = self.walk();
        let top = 0_usize;
        let mut addresses = [0; 32];
        let len = nested(DEPTH, self, &mut walk, std::ptr::from_ref(&top).addr(), &mut addresses);
        let own = nested as *const () as u64;
        let is_own = |address: &&u64| address.wrapping_sub(own) < 4096;
        addresses.iter().take(len).filter(is_own).count() >= DEPTH
    }
}

/// Walks from so many calls of itself.
#[inline(never)]
fn nested(depth: usize, walker: &Walker, walk: &mut Walk, top: usize, addresses: &mut [u64]) -> usize {
    let len = match depth {
        0 => walk.addresses(walker, top, addresses),
        _ => nested(depth - 1, walker, walk, top, addresses),
    };
    // Something to do after the call, so that it is one.
    std::hint::black_box(len)
}

impl Walk {
    /// Writes the return addresses between here and `top`, leaf first, and says how many.
    #[inline]
    pub fn addresses(&mut self, walker: &Walker, top: usize, addresses: &mut [u64]) -> usize {
        let here = 0_u8;
        if !self.bounds.hold(std::ptr::from_ref(std::hint::black_box(&here)).addr(), top) {
            return 0;
        }
        match walker {
            Walker::None | Walker::Off => 0,
            Walker::FramePointers => by_frame_pointers(top, addresses),
            #[cfg(all(target_os = "linux", target_arch = "x86_64"))]
            Walker::Tables(tables) => match &mut self.cache {
                Some(cache) => tables.addresses(cache, top, addresses),
                None => 0,
            },
        }
    }
}

/// The words of the stack between two addresses on it, of which the lower one is that of a live variable of the caller
/// and the upper one that of a live variable of a function further up.
#[derive(Clone, Copy, Debug)]
struct Stretch {
    low: usize,
    top: usize,
}

impl Stretch {
    #[cfg(any(test, all(target_os = "linux", target_arch = "x86_64")))]
    #[inline]
    fn word(self, address: usize) -> Option<u64> {
        let is_inside = address >= self.low && address < self.top && self.top - address >= 8;
        if !is_inside || !address.is_multiple_of(8) {
            return None;
        }
        // SAFETY: the word is aligned and lies between two live variables on the stack of this thread, so it is mapped
        // memory that no other thread writes. It is read as bytes that may mean anything.
        Some(unsafe { std::ptr::with_exposed_provenance::<u64>(address).read_volatile() })
    }
}

impl Stretch {
    /// Two words that follow each other.
    #[inline]
    fn pair(self, address: usize) -> Option<[u64; 2]> {
        // One comparison for both bounds: what lies below wraps around to more than any stack has.
        let is_inside = address.wrapping_sub(self.low) < self.top.saturating_sub(self.low).saturating_sub(15);
        if !is_inside || !address.is_multiple_of(8) {
            return None;
        }
        let words = std::ptr::with_exposed_provenance::<u64>(address);
        // SAFETY: both words are aligned and lie between the bounds, as in `word`.
        Some(unsafe { [words.read_volatile(), words.add(1).read_volatile()] })
    }
}

#[cfg(any(target_arch = "x86_64", target_arch = "aarch64"))]
#[inline]
fn by_frame_pointers(top: usize, addresses: &mut [u64]) -> usize {
    let mut frame: usize;
    // SAFETY: reads a register.
    unsafe {
        #[cfg(target_arch = "x86_64")]
        std::arch::asm!("mov {}, rbp", out(reg) frame, options(nomem, nostack, preserves_flags));
        #[cfg(target_arch = "aarch64")]
        std::arch::asm!("mov {}, x29", out(reg) frame, options(nomem, nostack, preserves_flags));
    }
    let low = 0_usize;
    let stretch = Stretch { low: std::ptr::from_ref(std::hint::black_box(&low)).addr(), top };
    let mut len = 0;
    for place in addresses.iter_mut() {
        let Some([above, address]) = stretch.pair(frame) else { break };
        *place = address;
        len += 1;
        if above as usize <= frame {
            break;
        }
        frame = above as usize;
    }
    len
}

#[cfg(not(any(target_arch = "x86_64", target_arch = "aarch64")))]
fn by_frame_pointers(_: usize, _: &mut [u64]) -> usize {
    0
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn some_way_works() {
        let walker = Walker::working();
        assert!(walker.works(), "{}", walker.name());
        assert!(!Walker::None.works());
    }

    #[test]
    fn only_the_stack_of_the_thread_is_walked() {
        let walker = Walker::working();
        let mut walk = walker.walk();
        let (mut addresses, top, elsewhere) = ([0; 8], 0_usize, Box::new(0_usize));
        let top = std::ptr::from_ref(std::hint::black_box(&top)).expose_provenance();
        assert!(nested(4, &walker, &mut walk, top, &mut addresses) > 4);
        for top in [std::ptr::from_ref(&*elsewhere).addr(), usize::MAX, 0] {
            assert_eq!(nested(4, &walker, &mut walk, top, &mut addresses), 0);
        }
        // A stack that is not the thread's own, as far as the walk knows.
        std::thread::scope(|scope| {
            let on_another = || {
                let top = 0_usize;
                let top = std::ptr::from_ref(std::hint::black_box(&top)).expose_provenance();
                nested(4, &walker, &mut walk, top, &mut addresses)
            };
            assert_eq!(scope.spawn(on_another).join().unwrap(), 0);
        });
    }

    #[test]
    fn nothing_outside_is_read() {
        let words = [1_u64, 2, 3];
        let low = std::ptr::from_ref(&words).expose_provenance();
        let stretch = Stretch { low, top: low + 20 };
        assert_eq!(stretch.word(low), Some(1));
        assert_eq!(stretch.word(low + 8), Some(2));
        assert_eq!(stretch.pair(low), Some([1, 2]));
        assert_eq!(stretch.pair(low + 8), None);
        for outside in [low.wrapping_sub(8), low + 4, low + 16, low + 24, usize::MAX, usize::MAX - 7, 0] {
            assert_eq!(stretch.word(outside), None);
            assert_eq!(stretch.pair(outside), None);
        }
    }
}
