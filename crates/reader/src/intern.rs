//! Finds the row of a string, frame or stack that is in [`Symbols`] already, while the trace is being read.

use std::hash::{BuildHasher, Hash};

use rustc_hash::FxBuildHasher;

use crate::{Frame, FrameIdx, StackIdx, StringIdx, Symbols};

/// Symbols and the hash tables over their rows.
#[derive(Debug, Default)]
pub struct Interner {
    symbols: Symbols,
    strings: RowTable,
    frames: RowTable,
    stacks: RowTable,
}

impl Interner {
    /// The symbols so far.
    pub fn symbols(&self) -> &Symbols {
        &self.symbols
    }

    /// The symbols, without the hash tables.
    pub fn into_symbols(self) -> Symbols {
        self.symbols
    }

    /// The row of a text.
    pub fn string(&mut self, text: &str) -> StringIdx {
        self.bytes(text.as_bytes())
    }

    /// The row of a text that need not be UTF-8.
    pub fn bytes(&mut self, bytes: &[u8]) -> StringIdx {
        if bytes.is_empty() {
            return StringIdx(0);
        }
        let hash = hash_of(bytes);
        if let Some(row) = self.strings.find(hash, |row| self.symbols.bytes(StringIdx(row)) == bytes) {
            return StringIdx(row);
        }
        let row = self.symbols.push_bytes(bytes);
        self.strings.insert(hash, row.0);
        row
    }

    /// The row of a frame.
    pub fn frame(&mut self, frame: Frame) -> FrameIdx {
        let hash = hash_of(&frame);
        if let Some(row) = self.frames.find(hash, |row| self.symbols.frame(FrameIdx(row)) == frame) {
            return FrameIdx(row);
        }
        let row = self.symbols.push_frame(frame);
        self.frames.insert(hash, row.0);
        row
    }

    /// The row of a stack, leaf first.
    pub fn stack(&mut self, frames: &[FrameIdx]) -> StackIdx {
        if frames.is_empty() {
            return StackIdx(0);
        }
        let hash = hash_of(frames);
        if let Some(row) = self.stacks.find(hash, |row| self.symbols.stack(StackIdx(row)) == frames) {
            return StackIdx(row);
        }
        let row = self.symbols.push_stack(frames);
        self.stacks.insert(hash, row.0);
        row
    }
}

fn hash_of<T: Hash + ?Sized>(value: &T) -> u32 {
    // The upper half is the better mixed one.
    (FxBuildHasher.hash_one(value) >> 32) as u32
}

/// An open hash table of row numbers; what a row holds is known to its user.
#[derive(Debug, Default)]
struct RowTable {
    /// Hash and row of each filled slot; a power of two of them, at most three quarters filled.
    slots: Vec<(u32, u32)>,
    len: usize,
}

/// A slot without a row.
const FREE: u32 = u32::MAX;

impl RowTable {
    fn find(&self, hash: u32, is_same: impl Fn(u32) -> bool) -> Option<u32> {
        let mask = self.slots.len().checked_sub(1)?;
        let mut at = hash as usize & mask;
        loop {
            let (slot_hash, row) = self.slots[at];
            if row == FREE {
                return None;
            }
            if slot_hash == hash && is_same(row) {
                return Some(row);
            }
            at = (at + 1) & mask;
        }
    }

    fn insert(&mut self, hash: u32, row: u32) {
        if (self.len + 1) * 4 > self.slots.len() * 3 {
            let larger = vec![(0, FREE); (self.slots.len() * 2).max(64)];
            for (hash, row) in std::mem::replace(&mut self.slots, larger) {
                if row != FREE {
                    self.place(hash, row);
                }
            }
        }
        self.place(hash, row);
        self.len += 1;
    }

    fn place(&mut self, hash: u32, row: u32) {
        let mask = self.slots.len() - 1;
        let mut at = hash as usize & mask;
        while self.slots[at].1 != FREE {
            at = (at + 1) & mask;
        }
        self.slots[at] = (hash, row);
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn equal_contents_share_a_row() {
        let mut interner = Interner::default();
        let rows: Vec<_> = (0..1000).map(|n| interner.string(&format!("text {n}"))).collect();
        for (n, &row) in rows.iter().enumerate() {
            assert_eq!(interner.string(&format!("text {n}")), row);
            assert_eq!(interner.symbols().string(row), format!("text {n}"));
        }
        assert_eq!(interner.symbols().string_count(), 1001);
        let frame = Frame { pc: 1, function: rows[0], file: rows[1], line: 3 };
        let a = interner.frame(frame);
        let b = interner.frame(Frame { line: 4, ..frame });
        assert_eq!(interner.frame(frame), a);
        let stack = interner.stack(&[a, b]);
        assert_eq!(interner.stack(&[a, b]), stack);
        assert_ne!(interner.stack(&[b, a]), stack);
        assert_eq!(interner.symbols().stack(stack), [a, b]);
    }

    #[test]
    fn what_is_not_utf8_is_kept_beside_its_text() {
        let mut interner = Interner::default();
        let plain = interner.string("a\u{fffd}");
        let rows = [b"a\xff", b"a\xfe"].map(|bytes| interner.bytes(bytes));
        let last = interner.string("z");
        assert_eq!([b"a\xff", b"a\xfe"].map(|bytes| interner.bytes(bytes)), rows);
        assert!(rows[0] != rows[1] && !rows.contains(&plain));
        let symbols = interner.symbols();
        assert_eq!(
            [plain, rows[0], rows[1], last].map(|row| symbols.string(row)),
            ["a\u{fffd}", "a\u{fffd}", "a\u{fffd}", "z"]
        );
        let bytes: [&[u8]; 4] = ["a\u{fffd}".as_bytes(), b"a\xff", b"a\xfe", b"z"];
        assert_eq!([plain, rows[0], rows[1], last].map(|row| symbols.bytes(row)), bytes);
    }

    #[test]
    fn nothing_is_row_zero() {
        let mut interner = Interner::default();
        assert_eq!(interner.string(""), StringIdx(0));
        assert_eq!(interner.stack(&[]), StackIdx(0));
        assert_eq!(interner.symbols().string(StringIdx(0)), "");
        assert!(interner.symbols().stack(StackIdx(0)).is_empty());
    }
}
