//! Addresses to functions, files and lines: on the assembler's thread, once for each address.
//!
//! Readers know one place for each PC of a trace, but several functions may share an address: those that were inlined into
//! each other. So each of them gets an address of its own.

use std::rc::Rc;
use std::sync::{Mutex, MutexGuard, PoisonError};

use rustc_hash::FxHashMap;

use super::qualified::{qualified, without_line};

/// A function's place on a stack.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Frame {
    /// No two places have the same.
    pub pc: u64,
    pub function: Rc<str>,
    pub file: Rc<str>,
    pub line: u64,
}

impl Frame {
    /// A frame of these texts.
    pub fn of(pc: u64, function: &str, file: &str, line: u64) -> Self {
        Self { pc, function: function.into(), file: file.into(), line }
    }

    /// Whether both are in one function.
    pub fn is_same(&self, other: &Self) -> bool {
        without_line(&self.function) == without_line(&other.function) && self.file == other.file
    }
}

/// The frames of the addresses that were asked for.
#[derive(Debug, Default)]
pub struct Symbols {
    frames: FxHashMap<u64, Rc<[Frame]>>,
    /// How many PCs were made up.
    made_up: u64,
    /// An address was looked up, which takes long, and nobody has asked since.
    #[cfg(all(feature = "tokio", not(tokio_unstable)))]
    has_looked_up: bool,
    when: crate::Symbols,
}

/// Held while somebody resolves addresses: `backtrace` has a lock of its own, which a child that is forked meanwhile would
/// find locked for ever.
static RESOLVING: Mutex<()> = Mutex::new(());

/// Waits until nobody resolves addresses, and lets nobody do so until this is dropped.
pub fn hold_resolving() -> MutexGuard<'static, ()> {
    RESOLVING.lock().unwrap_or_else(PoisonError::into_inner)
}

/// PCs from here on belong to no code.
const MADE_UP: u64 = 1 << 60;

/// Functions at one address that get their PCs from it.
const DEPTHS: u64 = 16;

/// The file of functions of which the program does not say it. A line must be there, too, so it is the first one.
pub const NO_FILE: &str = "(no debug information)";

impl Symbols {
    /// Nothing looked up.
    pub fn new(when: crate::Symbols) -> Self {
        Self { when, ..Self::default() }
    }

    /// The functions at a return address, innermost first: more than one if they were inlined.
    pub fn of(&mut self, address: u64) -> Rc<[Frame]> {
        if let Some(frames) = self.frames.get(&address) {
            return Rc::clone(frames);
        }
        let mut found = Vec::new();
        if self.when == crate::Symbols::Later {
            let frames: Rc<[Frame]> =
                Rc::new([Frame::of(address.wrapping_mul(DEPTHS), &format!("{address:#x}"), NO_FILE, 1)]);
            self.frames.insert(address, Rc::clone(&frames));
            return frames;
        }
        #[cfg(all(feature = "tokio", not(tokio_unstable)))]
        {
            self.has_looked_up = true;
        }
        let resolving = hold_resolving();
        backtrace::resolve(std::ptr::without_provenance_mut(address as usize), |symbol| {
            let function = symbol.name().map(|name| format!("{name:#}"));
            let file = symbol.filename().map(|file| file.to_string_lossy().into_owned());
            found.push((function, file, symbol.lineno()));
        });
        drop(resolving);
        if found.is_empty() {
            found.push((None, None, None));
        }
        let frames: Rc<[Frame]> = (0..)
            .zip(found)
            .map(|(depth, (function, file, line))| {
                // Addresses of code are far smaller; others may be anything.
                let is_code = address > 0 && address < MADE_UP / DEPTHS;
                let pc = if depth < DEPTHS && is_code { address * DEPTHS + depth } else { self.next_pc() };
                let function = function.filter(|name| !name.is_empty()).unwrap_or_else(|| format!("{address:#x}"));
                match (file, line) {
                    (Some(file), Some(line)) if line > 0 && !file.is_empty() => {
                        Frame::of(pc, &qualified(&function, &file, line), &file, u64::from(line))
                    }
                    _ => Frame::of(pc, &function, NO_FILE, 1),
                }
            })
            .collect();
        self.frames.insert(address, Rc::clone(&frames));
        frames
    }

    /// Whether an address was looked up since the last time that this was asked.
    #[cfg(all(feature = "tokio", not(tokio_unstable)))]
    pub fn has_looked_up(&mut self) -> bool {
        std::mem::take(&mut self.has_looked_up)
    }

    /// A frame that no code belongs to.
    pub fn made_up(&mut self, function: &str, file: &str, line: u64) -> Frame {
        Frame::of(self.next_pc(), function, if file.is_empty() { NO_FILE } else { file }, line.max(1))
    }

    fn next_pc(&mut self) -> u64 {
        self.made_up += 1;
        MADE_UP + self.made_up
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_function_of_ours_is_found() {
        let mut symbols = Symbols::default();
        // A return address is one behind the call.
        let address = a_function_of_ours as *const () as u64 + 1;
        let frames = symbols.of(address);
        assert!(frames.iter().any(|frame| frame.function.ends_with("a_function_of_ours")), "{frames:?}");
        assert_eq!(symbols.of(address), frames);
        let unknown = symbols.of(3);
        assert_eq!(*unknown, [Frame::of(48, "0x3", NO_FILE, 1)]);
        let (one, other) = (symbols.made_up("f", "a.rs", 1), symbols.made_up("f", "a.rs", 1));
        assert_ne!(one.pc, other.pc);
    }

    #[inline(never)]
    fn a_function_of_ours() -> u32 {
        std::hint::black_box(7)
    }
}
