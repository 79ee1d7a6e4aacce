//! The frames of stacks as text: most of a listing, and always the same, so that each is made once.

use goroscope_wire::text::push_number;

use crate::{StackIdx, Symbols};

/// The most bytes of texts that are kept; a real trace has far less.
const MOST: usize = 64 << 20;

/// Texts of stacks.
#[derive(Debug, Default)]
pub struct StackTexts {
    texts: Vec<u8>,
    /// Where in `texts` that of each stack is, if it is there.
    places: Vec<Option<(u32, u32)>>,
}

impl StackTexts {
    /// Appends two lines for each frame, leaf first.
    pub fn push(&mut self, out: &mut Vec<u8>, stack: StackIdx, symbols: &Symbols) {
        let at = stack.index();
        if at >= self.places.len() {
            self.places.resize(symbols.stack_count(), None);
        }
        let (start, end) = self.places[at].unwrap_or_else(|| self.make(stack, symbols));
        out.extend_from_slice(&self.texts[start as usize..end as usize]);
    }

    fn make(&mut self, stack: StackIdx, symbols: &Symbols) -> (u32, u32) {
        if self.texts.len() > MOST {
            self.texts.clear();
            self.places.fill(None);
        }
        let start = self.texts.len() as u32;
        for &frame in symbols.stack(stack) {
            push_frame(&mut self.texts, frame, symbols);
        }
        let place = (start, self.texts.len() as u32);
        self.places[stack.index()] = Some(place);
        place
    }
}

fn push_frame(out: &mut Vec<u8>, frame: crate::FrameIdx, symbols: &Symbols) {
    let frame = symbols.frame(frame);
    out.push(b'\t');
    out.extend_from_slice(symbols.bytes(frame.function));
    out.extend_from_slice(b" @ 0x");
    push_hex(out, frame.pc);
    out.extend_from_slice(b"\n\t\t");
    out.extend_from_slice(symbols.bytes(frame.file));
    out.push(b':');
    push_number(out, u64::from(frame.line));
    out.push(b'\n');
}

fn push_hex(out: &mut Vec<u8>, value: u64) {
    let digits = (u64::BITS - (value | 1).leading_zeros()).div_ceil(4);
    for digit in (0..digits).rev() {
        let digit = (value >> (4 * digit)) as u8 & 0xf;
        out.push(if digit < 10 { b'0' + digit } else { b'a' - 10 + digit });
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn hexadecimal() {
        for value in [0, 9, 10, 0xf, 0x10, 0x48_0f2c, u64::MAX] {
            let mut out = Vec::new();
            push_hex(&mut out, value);
            assert_eq!(out, format!("{value:x}").into_bytes());
        }
    }
}
