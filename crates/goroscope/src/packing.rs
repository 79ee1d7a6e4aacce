//! Unpacking gzip and zstd: told by the first bytes, not by the name, and never without end.

mod zstd;

use crate::numbers;
use std::io::{self, Read, Write};

/// How a file is packed.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Packing {
    /// gzip.
    Gzip,
    /// Zstandard.
    Zstd,
}

/// Traces shrink to a quarter or a tenth; what grows more than this is no trace.
const RATIO: u64 = 200;
/// What may come out of even the smallest file.
const FREE: u64 = 1 << 30;
/// Bytes unpacked at a time.
const PIECE: usize = 256 << 10;

/// Where the content goes, and how much there was.
struct Output<'a> {
    to: &'a mut dyn Write,
    /// Bytes that went there.
    length: u64,
    /// Bytes of it that come again.
    again: u64,
    /// Bytes past which no more is wanted.
    limit: u64,
    failure: Option<io::Error>,
}

impl Packing {
    /// How a file that begins like this is packed, if it is.
    pub fn of(head: &[u8]) -> Option<Self> {
        match head {
            [0x1f, 0x8b, ..] => Some(Self::Gzip),
            [0x28, 0xb5, 0x2f, 0xfd, ..] => Some(Self::Zstd),
            _ => None,
        }
    }

    /// Its name.
    pub fn name(self) -> &'static str {
        match self {
            Self::Gzip => "gzip",
            Self::Zstd => "zstd",
        }
    }

    /// Unpacks to `to`, and tells `report` how many bytes of `packed` are done. What comes before a damage comes out; the
    /// answer is what is wrong then. An error is a size out of bounds, or that of `to`.
    pub fn unpack(
        self,
        packed: &[u8],
        to: &mut dyn Write,
        report: &mut dyn FnMut(u64),
    ) -> Result<Option<String>, String> {
        self.unpack_at_most(packed, FREE + RATIO * packed.len() as u64, to, report)
    }

    /// The first bytes of the content, `wanted` if that many come out of a file that begins with `packed`; and what is
    /// wrong with `packed`, if it is all of the file.
    pub fn peek(self, packed: &[u8], wanted: usize) -> (Vec<u8>, Option<String>) {
        let mut head = Vec::new();
        let problem = self.unpack_at_most(packed, wanted as u64, &mut head, &mut |_| {}).unwrap_or_default();
        head.truncate(wanted);
        (head, problem)
    }

    fn unpack_at_most(
        self,
        packed: &[u8],
        limit: u64,
        to: &mut dyn Write,
        report: &mut dyn FnMut(u64),
    ) -> Result<Option<String>, String> {
        let mut output = Output { to, length: 0, again: 0, limit, failure: None };
        let end = match self {
            Self::Gzip => gzip(packed, &mut output, report),
            Self::Zstd => zstd::unpack(packed, &mut output, report),
        };
        if let Some(error) = output.failure {
            return Err(error.to_string());
        }
        if output.length > limit {
            let (packed, limit) = (numbers::bytes(packed.len() as u64), numbers::bytes(limit));
            return Err(format!(
                "{packed} of {} unpack to more than {limit}: unpack it yourself if it is a trace",
                self.name()
            ));
        }
        Ok(end.err().map(|error| {
            format!(
                "the {} data is damaged or cut short, after {} unpacked: {error}",
                self.name(),
                numbers::bytes(output.length)
            )
        }))
    }
}

/// Unpacks all members of a gzip file. An error says what is wrong after what came out.
fn gzip(packed: &[u8], output: &mut Output<'_>, report: &mut dyn FnMut(u64)) -> Result<(), String> {
    let mut decoder = flate2::bufread::MultiGzDecoder::new(packed);
    let mut piece = vec![0; PIECE];
    while output.wants_more() {
        let length = decoder.read(&mut piece).map_err(|error| error.to_string())?;
        if length == 0 {
            break;
        }
        output.take(&piece[..length]);
        report((packed.len() - decoder.get_ref().len()) as u64);
    }
    Ok(())
}

impl Output<'_> {
    /// Whether there is a use for more.
    fn wants_more(&self) -> bool {
        self.failure.is_none() && self.length <= self.limit
    }

    /// Takes the next piece.
    fn take(&mut self, piece: &[u8]) {
        let known = self.again.min(piece.len() as u64);
        self.again -= known;
        let piece = &piece[known as usize..];
        match self.to.write_all(piece) {
            Ok(()) => self.length += piece.len() as u64,
            Err(error) => self.failure = Some(error),
        }
    }
}

impl Write for Output<'_> {
    fn write(&mut self, piece: &[u8]) -> io::Result<usize> {
        self.take(piece);
        Ok(piece.len())
    }

    fn flush(&mut self) -> io::Result<()> {
        Ok(())
    }
}

#[cfg(test)]
mod tests;
