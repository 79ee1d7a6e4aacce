//! Numbers on the wire: unsigned LEB128, at most ten bytes, longer than needed allowed.
//!
//! The format pads batch sizes to ten bytes so that they can be written after the batch, and every other number is as
//! short as it can be. Reading loads eight bytes at once: the first clear top bit tells the length, and three steps of
//! shift and mask close the gaps between the groups of seven bits.

use crate::{WireError, WireErrorKind};

/// Bytes of the longest number.
pub(crate) const MAX_LEN: usize = 10;

/// A place in the data of a batch or of a file.
#[derive(Clone, Copy, Debug)]
pub(crate) struct Cursor<'a> {
    rest: &'a [u8],
    end: u64,
}

impl<'a> Cursor<'a> {
    /// A cursor at the start of `data`, which stands `offset` bytes into the file.
    #[inline]
    pub(crate) fn new(data: &'a [u8], offset: u64) -> Self {
        Self { rest: data, end: offset.saturating_add(data.len() as u64) }
    }

    /// Bytes from the start of the file.
    #[inline]
    pub(crate) fn offset(&self) -> u64 {
        self.end.saturating_sub(self.rest.len() as u64)
    }

    #[inline]
    pub(crate) fn is_empty(&self) -> bool {
        self.rest.is_empty()
    }

    /// The bytes not read yet.
    #[inline]
    pub(crate) fn rest(&self) -> &'a [u8] {
        self.rest
    }

    /// Goes on by `len` bytes, or to the end.
    #[inline]
    pub(crate) fn skip(&mut self, len: usize) {
        self.rest = self.rest.get(len..).unwrap_or(&[]);
    }

    /// Goes to the end, so that nothing more is read.
    pub(crate) fn finish(&mut self) {
        self.rest = &[];
    }

    /// An error at this place.
    #[cold]
    pub(crate) fn error(&self, kind: WireErrorKind, value: u64) -> WireError {
        WireError { kind, offset: self.offset(), value }
    }

    #[inline]
    pub(crate) fn byte(&mut self) -> Result<u8, WireError> {
        match self.rest.split_first() {
            Some((&byte, rest)) => {
                self.rest = rest;
                Ok(byte)
            }
            None => Err(self.error(WireErrorKind::UnexpectedEnd, 0)),
        }
    }

    /// The next `len` bytes.
    #[inline]
    pub(crate) fn bytes(&mut self, len: usize) -> Result<&'a [u8], WireError> {
        match self.rest.split_at_checked(len) {
            Some((bytes, rest)) => {
                self.rest = rest;
                Ok(bytes)
            }
            None => Err(self.error(WireErrorKind::UnexpectedEnd, 0)),
        }
    }

    #[inline]
    pub(crate) fn varint(&mut self) -> Result<u64, WireError> {
        match split_varint(self.rest) {
            Some((value, rest)) => {
                self.rest = rest;
                Ok(value)
            }
            None => Err(self.varint_error()),
        }
    }

    #[cold]
    fn varint_error(&self) -> WireError {
        match self.rest.get(MAX_LEN.saturating_sub(1)) {
            Some(&tenth) => self.error(WireErrorKind::VarintOverflow, u64::from(tenth)),
            None => WireError { kind: WireErrorKind::UnexpectedEnd, offset: self.end, value: 0 },
        }
    }
}

/// The number at the start of `bytes` and the bytes after it; `None` where it is cut or too large.
#[inline]
pub(crate) fn split_varint(bytes: &[u8]) -> Option<(u64, &[u8])> {
    let (&first, rest) = bytes.split_first()?;
    if first < 0x80 {
        return Some((u64::from(first), rest));
    }
    let Some(word) = bytes.first_chunk::<8>() else {
        return split_slowly(bytes);
    };
    let word = u64::from_le_bytes(*word);
    let stops = !word & 0x8080_8080_8080_8080;
    if stops == 0 {
        return split_slowly(bytes);
    }
    // `stops ^ (stops - 1)` has every bit up to the first stop set.
    let kept = word & (stops ^ stops.wrapping_sub(1)) & 0x7f7f_7f7f_7f7f_7f7f;
    let pairs = (kept & 0x007f_007f_007f_007f) | ((kept & 0x7f00_7f00_7f00_7f00) >> 1);
    let fours = (pairs & 0x0000_3fff_0000_3fff) | ((pairs & 0x3fff_0000_3fff_0000) >> 2);
    let value = (fours & 0x0fff_ffff) | ((fours & 0x0fff_ffff_0000_0000) >> 4);
    let len = (stops.trailing_zeros() / 8).wrapping_add(1) as usize;
    Some((value, bytes.get(len..)?))
}

/// So many bytes that an event ends inside, and a word may be read at each of the first 64.
pub(crate) type Window = [u8; 72];

/// The number at `at`, one of the first 64 bytes of the window, and the place after it; `None` for nine bytes and more.
///
/// As `split_varint`, in fewer steps: nothing has to be checked, and the numbers of up to four bytes, which are nearly all,
/// are put together in half a word.
#[inline(always)]
#[expect(clippy::inline_always, reason = "the bench `varint_floor` gains a quarter")]
pub(crate) fn window_varint(window: &Window, at: usize) -> Option<(u64, usize)> {
    let at = at % 64;
    let rest = window.get(at..)?;
    let &first = rest.first()?;
    if first < 0x80 {
        return Some((u64::from(first), at.wrapping_add(1)));
    }
    let word = u32::from_le_bytes(*rest.first_chunk()?);
    let stops = !word & 0x8080_8080;
    if stops == 0 {
        return long_varint(window, at);
    }
    let kept = word & (stops ^ stops.wrapping_sub(1)) & 0x7f7f_7f7f;
    let pairs = (kept & 0x007f_007f) | ((kept & 0x7f00_7f00) >> 1);
    let value = (pairs & 0x3fff) | ((pairs & 0x3fff_0000) >> 2);
    let len = (stops.trailing_zeros() / 8).wrapping_add(1) as usize;
    Some((u64::from(value), at.wrapping_add(len)))
}

/// A number of five to eight bytes.
#[inline(never)]
fn long_varint(window: &Window, at: usize) -> Option<(u64, usize)> {
    let rest = window.get(at..)?.first_chunk::<8>()?;
    if rest.iter().all(|&byte| byte >= 0x80) {
        return None;
    }
    let (value, after) = split_varint(rest)?;
    Some((value, at.wrapping_add(rest.len().wrapping_sub(after.len()))))
}

/// As `split_varint`, byte by byte: for the last bytes of a batch and for numbers of nine or ten bytes.
fn split_slowly(bytes: &[u8]) -> Option<(u64, &[u8])> {
    let mut value = 0_u64;
    let mut shift = 0_u32;
    let mut rest = bytes;
    for _ in 0..MAX_LEN {
        let (&byte, after) = rest.split_first()?;
        rest = after;
        let group = u64::from(byte & 0x7f);
        // The tenth byte has room for one bit.
        if shift == 63 && group > 1 {
            return None;
        }
        value |= group.wrapping_shl(shift);
        if byte < 0x80 {
            return Some((value, rest));
        }
        shift = shift.wrapping_add(7);
    }
    None
}

/// Appends a number in as few bytes as it takes.
#[inline]
pub fn push_varint(bytes: &mut Vec<u8>, mut value: u64) {
    while value >= 0x80 {
        bytes.push(value as u8 | 0x80);
        value >>= 7;
    }
    bytes.push(value as u8);
}

/// A number of at most 28 bits as it is written, its first byte lowest, and how many bytes those are; `None` for others.
#[inline]
pub(crate) fn short_varint(value: u64) -> Option<(u32, u32)> {
    if value < 0x80 {
        return Some((value as u32, 1));
    }
    if value >= 1 << 28 {
        return None;
    }
    let value = value as u32;
    let groups = value & 0x7f | (value & 0x3f80) << 1 | (value & 0x001f_c000) << 2 | (value & 0x0fe0_0000) << 3;
    let unused = u32::from(value < 1 << 14).wrapping_add(u32::from(value < 1 << 21));
    // All but the last say that another one follows.
    let more = 0x0080_8080 >> unused.wrapping_mul(8);
    Some((groups | more, 4_u32.wrapping_sub(unused)))
}

/// Appends a number in ten bytes.
pub(crate) fn push_padded_varint(bytes: &mut Vec<u8>, mut value: u64) {
    for _ in 1..MAX_LEN {
        bytes.push(value as u8 | 0x80);
        value >>= 7;
    }
    bytes.push(value as u8);
}

#[cfg(test)]
mod tests {
    use proptest::prelude::*;

    use super::*;

    fn check(bytes: &[u8], expected: Result<u64, (WireErrorKind, u64)>) {
        let mut cursor = Cursor::new(bytes, 100);
        let read = cursor.varint().map_err(|error| (error.kind, error.offset));
        assert_eq!(read, expected, "{bytes:02x?}");
        // With bytes after it, the number is read from a word and must be the same.
        if let Ok(value) = expected {
            for after in [0x00, 0xff] {
                let longer = [bytes, [after; 16].as_slice()].concat();
                assert_eq!(Cursor::new(&longer, 100).varint(), Ok(value), "{longer:02x?}");
            }
        }
    }

    #[test]
    fn numbers() {
        check(&[0], Ok(0));
        check(&[0x7f], Ok(127));
        check(&[0x80, 0x01], Ok(128));
        check(&[0x80, 0x00], Ok(0));
        check(&[0xa5, 0x80, 0x80, 0x80, 0x80, 0x80, 0x80, 0x80, 0x80, 0x00], Ok(0x25));
        check(&[0xff, 0xff, 0xff, 0xff, 0xff, 0xff, 0xff, 0x7f], Ok((1 << 56) - 1));
        check(&[0xff, 0xff, 0xff, 0xff, 0xff, 0xff, 0xff, 0xff, 0x7f], Ok((1 << 63) - 1));
        check(&[0xff, 0xff, 0xff, 0xff, 0xff, 0xff, 0xff, 0xff, 0xff, 0x01], Ok(u64::MAX));
    }

    #[test]
    fn broken_numbers() {
        check(&[], Err((WireErrorKind::UnexpectedEnd, 100)));
        check(&[0x80], Err((WireErrorKind::UnexpectedEnd, 101)));
        check(&[0xff; 9], Err((WireErrorKind::UnexpectedEnd, 109)));
        check(&[0xff; 10], Err((WireErrorKind::VarintOverflow, 100)));
        check(&[0x80; 10], Err((WireErrorKind::VarintOverflow, 100)));
        let two_too_large = [0x80, 0x80, 0x80, 0x80, 0x80, 0x80, 0x80, 0x80, 0x80, 0x02];
        check(&two_too_large, Err((WireErrorKind::VarintOverflow, 100)));
    }

    proptest! {
        #[test]
        fn written_numbers_read_back(value: u64, bits in 0_u32..64, rest: Vec<u8>) {
            let value = value >> bits;
            for push in [push_varint, push_padded_varint] {
                let mut bytes = Vec::new();
                push(&mut bytes, value);
                bytes.extend_from_slice(&rest);
                prop_assert_eq!(split_varint(&bytes), Some((value, rest.as_slice())));
            }
        }

        #[test]
        fn short_ones_are_written_alike(value in any::<u64>(), shift in 0_u32..64) {
            let value = value >> shift;
            let mut bytes = Vec::new();
            push_varint(&mut bytes, value);
            let short = short_varint(value).map(|(word, len)| word.to_le_bytes().into_iter().take(len as usize).collect());
            prop_assert_eq!(short, (value < 1 << 28).then_some(bytes));
        }

        #[test]
        fn words_and_bytes_agree(bytes in proptest::collection::vec(any::<u8>(), 0..24)) {
            prop_assert_eq!(split_varint(&bytes), split_slowly(&bytes));
        }

        #[test]
        fn windows_and_bytes_agree(mut bytes in proptest::collection::vec(any::<u8>(), 72), at in 0_usize..64, long in 0_usize..12) {
            for byte in bytes.iter_mut().skip(at).take(long) {
                *byte |= 0x80;
            }
            let window = bytes.first_chunk().unwrap();
            let expected = split_slowly(&bytes[at..]).map(|(value, after)| (value, bytes.len() - after.len()));
            prop_assert_eq!(window_varint(window, at), expected.filter(|(_, end)| end - at <= 8));
        }
    }
}
