//! The way from frame to frame by the unwind tables that panics use, too: for programs without frame pointers.
//!
//! The tables of each file that is mapped as code are read once, when recording starts; what they say of an address is
//! kept in a small cache of each thread, and so are the stacks that were walked last (`recent`). Threads do not know
//! libraries that are loaded later, and their stacks end at such frames.

use std::collections::BTreeMap;
use std::fmt;
use std::fs::File;
#[cfg(feature = "perf")]
use std::ops::ControlFlow;
use std::ops::Range;
use std::os::unix::fs::FileExt;

use framehop::x86_64::{CacheX86_64, UnwindRegsX86_64, UnwinderX86_64};
use framehop::{ExplicitModuleSectionInfo, FrameAddress, Module, MustNotAllocateDuringUnwind, Unwinder};
use object::read::ReadCache;
use object::{Object, ObjectSection, ObjectSegment, ReadRef};

use super::Stretch;
#[cfg(feature = "perf")]
use super::copied::Copied;
use super::recent::{DEPTH, Ends, Found, Recent};

/// The tables of the process. A copy of them takes little: it shares the bytes.
#[derive(Clone)]
pub struct Tables {
    unwinder: UnwinderX86_64<Vec<u8>, MustNotAllocateDuringUnwind>,
    /// Where files are mapped that were looked at, with tables or without.
    files: Vec<Range<u64>>,
}

impl fmt::Debug for Tables {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.debug_struct("Tables").finish_non_exhaustive()
    }
}

/// What they said of addresses, and the stacks that came of it.
#[derive(Default)]
pub struct Cache {
    rules: CacheX86_64<MustNotAllocateDuringUnwind>,
    recent: Recent,
}

impl fmt::Debug for Cache {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.debug_struct("Cache").finish_non_exhaustive()
    }
}

impl Tables {
    /// The tables of all files that are mapped now.
    pub fn of_process() -> Self {
        let mut tables = Self { unwinder: UnwinderX86_64::new(), files: Vec::new() };
        tables.add_files();
        tables
    }

    /// Adds those of files that have been mapped since.
    pub fn add_files(&mut self) {
        let maps = std::fs::read_to_string("/proc/self/maps").unwrap_or_default();
        for (path, mapped) in mapped_files(&maps) {
            if self.knows(mapped.start) {
                continue;
            }
            if let Some(module) = module(path, &mapped) {
                self.unwinder.add_module(module);
            }
            self.files.push(mapped.start..mapped.end);
        }
    }

    /// Whether the address lies in a file that was looked at.
    pub fn knows(&self, address: u64) -> bool {
        self.files.iter().any(|file| file.contains(&address))
    }

    /// Takes the return addresses in a copy of a stack, leaf first, until `take` wants no more of them.
    #[cfg(feature = "perf")]
    pub fn copied(&self, cache: &mut Cache, copied: &Copied<'_>, mut take: impl FnMut(u64) -> ControlFlow<()>) {
        let mut read = |address| copied.word(address).ok_or(());
        let mut registers = UnwindRegsX86_64::new(copied.here, copied.stack, copied.frame);
        let mut at = FrameAddress::from_instruction_pointer(copied.here);
        while let Ok(Some(address)) = self.unwinder.unwind_frame(at, &mut registers, &mut cache.rules, &mut read) {
            let Some(next) = FrameAddress::from_return_address(address) else { break };
            if take(address).is_break() {
                break;
            }
            at = next;
        }
    }

    /// Writes the return addresses between here and `top`, leaf first, and says how many.
    #[inline]
    pub fn addresses(&self, cache: &mut Cache, top: usize, addresses: &mut [u64]) -> usize {
        let (here, stack, frame): (u64, u64, u64);
        // SAFETY: reads registers.
        unsafe {
            std::arch::asm!(
                "lea {}, [rip]", "mov {}, rsp", "mov {}, rbp", out(reg) here, out(reg) stack, out(reg) frame,
                options(nomem, nostack, preserves_flags)
            );
        }
        let stretch = Stretch { low: stack as usize, top };
        let ends = Ends { here, stack, top };
        if let Some(len) = cache.recent.addresses(ends, stretch, addresses) {
            return len;
        }
        let mut found = [Found::default(); DEPTH];
        let mut read = |address: u64| stretch.word(address as usize).ok_or(());
        let mut registers = UnwindRegsX86_64::new(here, stack, frame);
        let mut at = FrameAddress::from_instruction_pointer(here);
        let mut len = 0;
        for place in addresses.iter_mut() {
            let Ok(Some(address)) = self.unwinder.unwind_frame(at, &mut registers, &mut cache.rules, &mut read) else {
                break;
            };
            let Some(next) = FrameAddress::from_return_address(address) else { break };
            *place = address;
            if let Some(found) = found.get_mut(len) {
                // The way back to the caller stands right below where its own part of the stack begins.
                *found = Found { place: registers.sp().wrapping_sub(8), address };
            }
            len += 1;
            at = next;
        }
        // What was not read there would never be recognized.
        if let Some(found) = found.get(..len) {
            cache.recent.keep(ends, found);
        }
        len
    }
}

/// A file's mapping with code in it.
#[derive(Clone, Debug, PartialEq, Eq)]
struct Mapped {
    /// Where its first part begins.
    start: u64,
    /// Where that part stands in the file.
    offset: u64,
    end: u64,
    is_code: bool,
}

/// The code that the kernel gives to every process, which no file has.
const OF_KERNEL: &str = "[vdso]";

/// The files that the lines of `/proc/self/maps` map as code.
fn mapped_files(maps: &str) -> impl Iterator<Item = (&str, Mapped)> {
    let mut files = BTreeMap::<&str, Mapped>::new();
    for line in maps.lines() {
        let mut words = line.splitn(6, ' ').map(str::trim);
        let (Some(range), Some(rights), Some(offset)) = (words.next(), words.next(), words.next()) else { continue };
        let Some(path) = words.nth(2).filter(|path| path.starts_with('/') || *path == OF_KERNEL) else { continue };
        let hex = |digits| u64::from_str_radix(digits, 16).ok();
        let Some((Some(start), Some(end))) = range.split_once('-').map(|(start, end)| (hex(start), hex(end))) else {
            continue;
        };
        let Some(offset) = hex(offset) else { continue };
        let is_code = rights.contains('x');
        let mapped = files.entry(path).or_insert(Mapped { start, offset, end, is_code });
        mapped.end = end;
        mapped.is_code |= is_code;
    }
    files.into_iter().filter(|(_, mapped)| mapped.is_code)
}

/// What a file's tables say, moved to where it is mapped.
fn module(path: &str, mapped: &Mapped) -> Option<Module<Vec<u8>>> {
    if path == OF_KERNEL {
        let mut bytes = vec![0; usize::try_from(mapped.end.checked_sub(mapped.start)?).ok()?];
        File::open("/proc/self/mem").ok()?.read_exact_at(&mut bytes, mapped.start).ok()?;
        return module_of(&object::File::parse(&*bytes).ok()?, path, mapped);
    }
    // The program's own file may have been replaced since it was started.
    let own = std::env::current_exe().is_ok_and(|own| own.as_os_str() == path);
    let file = ReadCache::new(File::open(if own { "/proc/self/exe" } else { path }).ok()?);
    module_of(&object::File::parse(&file).ok()?, path, mapped)
}

fn module_of<'a>(object: &object::File<'a, impl ReadRef<'a>>, path: &str, mapped: &Mapped) -> Option<Module<Vec<u8>>> {
    let first = object.segments().find(|segment| {
        let (offset, len) = segment.file_range();
        (offset..offset + len).contains(&mapped.offset)
    })?;
    let (offset, _) = first.file_range();
    let base = mapped.start.wrapping_sub(mapped.offset - offset).wrapping_sub(first.address());
    let section = |name: &str| {
        let section = object.section_by_name(name)?;
        Some((section.address()..section.address() + section.size(), section.data().ok()?.to_vec()))
    };
    let (eh_frame_svma, eh_frame) = section(".eh_frame").unzip();
    let (eh_frame_hdr_svma, eh_frame_hdr) = section(".eh_frame_hdr").unzip();
    let got_svma = section(".got").map(|(range, _)| range);
    let text_svma = object.section_by_name(".text").map(|text| text.address()..text.address() + text.size());
    let sections = ExplicitModuleSectionInfo {
        text_svma,
        got_svma,
        eh_frame_svma,
        eh_frame,
        eh_frame_hdr_svma,
        eh_frame_hdr,
        ..ExplicitModuleSectionInfo::default()
    };
    Some(Module::new(path.to_owned(), mapped.start..mapped.end, base, sections))
}

#[cfg(test)]
mod tests {
    use super::*;

    fn check(maps: &str, expected: &[(&str, u64, u64, u64)]) {
        let files: Vec<_> =
            mapped_files(maps).map(|(path, mapped)| (path, mapped.start, mapped.offset, mapped.end)).collect();
        assert_eq!(files, expected);
    }

    #[test]
    fn files_with_code() {
        check(
            "5500-5600 r--p 00000000 fe:00 12                    /bin/an app\n\
             5600-5900 r-xp 00000100 fe:00 12                    /bin/an app\n\
             5900-5a00 rw-p 00000400 fe:00 12                    /bin/an app\n\
             6000-6100 r--p 00000000 fe:00 13                    /usr/share/locale\n\
             7000-7100 r-xp 00000000 00:00 0                     [vdso]\n\
             8000-8100 rw-p 00000000 00:00 0 \n\
             nonsense\n",
            &[("/bin/an app", 0x5500, 0, 0x5a00), ("[vdso]", 0x7000, 0, 0x7100)],
        );
    }
}
