//! Return addresses in a copy of a stack, which the kernel made where a thread was.
//!
//! ```text
//!  higher  │ …                   │ ◄── what is not in the copy is not walked
//!          │ return address of b │
//!          │ return address of a │
//!  lower   │ a                   │ ◄── the stack pointer of the registers: here the copy begins
//! ```
//!
//! The thread may be anywhere, also in code that no table speaks of. A stack ends where something does not lie in a file
//! that is mapped.

/// Registers of a thread, and its stack from the stack pointer on, as far as it was copied.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct Copied<'a> {
    /// In the code.
    pub here: u64,
    /// The stack pointer.
    pub stack: u64,
    /// The frame pointer, or whatever is in its register.
    pub frame: u64,
    pub bytes: &'a [u8],
}

impl Copied<'_> {
    /// A word of the stack.
    #[cfg(any(test, all(target_os = "linux", target_arch = "x86_64")))]
    pub fn word(&self, address: u64) -> Option<u64> {
        let offset = usize::try_from(address.checked_sub(self.stack)?).ok()?;
        self.bytes.get(offset..)?.first_chunk().map(|bytes| u64::from_le_bytes(*bytes))
    }
}

#[cfg(all(target_os = "linux", target_arch = "x86_64"))]
pub use self::by_tables::Copies;
#[cfg(not(all(target_os = "linux", target_arch = "x86_64")))]
pub use self::not::Copies;

#[cfg(all(target_os = "linux", target_arch = "x86_64"))]
mod by_tables {
    use std::ops::ControlFlow;

    use rustc_hash::FxHashSet;

    use super::Copied;
    use crate::record::MAX_STACK;
    use crate::walk::Walker;
    use crate::walk::tables::{Cache, Tables};

    /// Walks copies.
    #[derive(Debug)]
    pub struct Copies {
        tables: Tables,
        cache: Cache,
        /// Pages with code of no file, as far as they were met.
        foreign: FxHashSet<u64>,
    }

    /// Bytes of a page, as a power of two.
    const PAGE: u32 = 12;

    /// Pages that are kept apart; a program that makes so much code gets no more libraries.
    const MOST_FOREIGN: usize = 4096;

    impl Copies {
        /// If there is no other way to know the callers of a thread.
        pub fn of(walker: &Walker) -> Option<Self> {
            let tables = match walker {
                Walker::FramePointers | Walker::None => return None,
                Walker::Tables(tables) => tables.clone(),
                // Nobody wants the stacks of tasks, which says nothing of samples.
                Walker::Off => match Walker::working() {
                    Walker::Tables(tables) => tables,
                    Walker::FramePointers | Walker::None | Walker::Off => return None,
                },
            };
            Some(Self { tables, cache: Cache::default(), foreign: FxHashSet::default() })
        }

        /// Where the thread is, as if it had called from there, and return addresses.
        pub fn addresses(&mut self, copied: &Copied<'_>) -> Vec<u64> {
            let mut addresses = vec![copied.here.wrapping_add(1)];
            let Self { tables, cache, .. } = self;
            let mut unknown = (!tables.knows(copied.here)).then_some(copied.here);
            tables.copied(cache, copied, |address| {
                if !tables.knows(address) {
                    unknown = unknown.or(Some(address));
                    return ControlFlow::Break(());
                }
                addresses.push(address);
                if addresses.len() < MAX_STACK { ControlFlow::Continue(()) } else { ControlFlow::Break(()) }
            });
            match unknown {
                Some(address) if self.has_new_files(address) => self.addresses(copied),
                Some(_) | None => addresses,
            }
        }

        /// Whether the address lies in a file that was mapped after the last time that this was asked. Each page is looked
        /// up once.
        fn has_new_files(&mut self, address: u64) -> bool {
            if self.foreign.len() >= MOST_FOREIGN || !self.foreign.insert(address >> PAGE) {
                return false;
            }
            self.tables.add_files();
            self.tables.knows(address)
        }
    }
}

#[cfg(not(all(target_os = "linux", target_arch = "x86_64")))]
mod not {
    use super::Copied;
    use crate::walk::Walker;

    /// Nobody walks copies there.
    #[derive(Debug)]
    pub enum Copies {}

    impl Copies {
        /// None.
        pub fn of(_: &Walker) -> Option<Self> {
            None
        }

        /// Nobody gets here.
        pub fn addresses(&mut self, _: &Copied<'_>) -> Vec<u64> {
            match *self {}
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn words_of_a_copy() {
        let bytes: Vec<u8> = [7_u64, 8].iter().flat_map(|word| word.to_le_bytes()).collect();
        let check = |address, expected| {
            let copied = Copied { here: 1, stack: 0x100, frame: 2, bytes: &bytes };
            assert_eq!(copied.word(address), expected, "{address:#x}");
        };
        check(0x100, Some(7));
        check(0x108, Some(8));
        for outside in [0, 0xff, 0x109, 0x110, u64::MAX] {
            check(outside, None);
        }
    }
}
