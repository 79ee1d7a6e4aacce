//! Unpacking gzip and zstd: told by the first bytes, not by the name, and never without end.

mod zstd;

use crate::numbers;
use std::io::Read;

/// How a file is packed.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Packing {
    /// gzip.
    Gzip,
    /// Zstandard.
    Zstd,
}

/// What came out.
#[derive(Debug)]
pub struct Unpacked {
    /// The content, as far as it could be unpacked.
    pub bytes: Vec<u8>,
    /// What is wrong with the rest.
    pub problem: Option<String>,
}

/// Traces shrink to a quarter or a tenth; what grows more than this is no trace.
const RATIO: u64 = 200;
/// What may come out of even the smallest file.
const FREE: u64 = 1 << 30;

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

    /// Unpacks `packed`. What comes before a damage comes out, with the problem; an error is only a size out of bounds.
    pub fn unpack(self, packed: &[u8]) -> Result<Unpacked, String> {
        let limit = FREE + RATIO * packed.len() as u64;
        self.unpack_at_most(packed, limit)
    }

    fn unpack_at_most(self, packed: &[u8], limit: u64) -> Result<Unpacked, String> {
        let mut bytes = Vec::new();
        let end = match self {
            Self::Gzip => flate2::read::MultiGzDecoder::new(packed)
                .take(limit + 1)
                .read_to_end(&mut bytes)
                .map_or_else(|error| Err(error.to_string()), |_| Ok(())),
            Self::Zstd => zstd::unpack(packed, limit, &mut bytes),
        };
        if bytes.len() as u64 > limit {
            let (packed, limit) = (numbers::bytes(packed.len() as u64), numbers::bytes(limit));
            return Err(format!(
                "{packed} of {} unpack to more than {limit}: unpack it yourself if it is a trace",
                self.name()
            ));
        }
        let problem = end.err().map(|error| {
            format!(
                "the {} data is damaged or cut short, after {} unpacked: {error}",
                self.name(),
                numbers::bytes(bytes.len() as u64)
            )
        });
        Ok(Unpacked { bytes, problem })
    }
}

#[cfg(test)]
mod tests;
