//! The end of an index: what it is of, where its parts are, and that all of it is as it was written.

use super::fingerprint::{Stamp, hash};
use goroscope_model::{EventType, Trace};
use std::ops::Range;

/// Bytes with a checksum of their own.
pub const CHUNK: usize = 16 << 20;

const MAGIC: &[u8; 16] = b"goroscope index\n";
/// Number of the format; larger with every change of what blocks and tables mean.
const FORMAT: u64 = 5;
const LEN: usize = 16 + 8 * 9;

/// What the footer says.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct Footer {
    /// Bytes of blocks, from the beginning of the file.
    pub blocks: u64,
    /// Bytes of tables behind them.
    pub tables: u64,
    /// Bytes of the trace's file.
    pub trace_len: u64,
    /// Hash of the whole content of the trace's file.
    pub trace_hash: u64,
    /// That of the trace's file.
    pub trace_stamp: Stamp,
}

impl Footer {
    /// The footer of these checksums, with the checksums before it.
    pub fn to_bytes(self, checksums: &[u64]) -> Vec<u8> {
        let mut bytes: Vec<u8> = checksums.iter().flat_map(|sum| sum.to_le_bytes()).collect();
        let sums = hash(&bytes);
        let Self { blocks, tables, trace_len, trace_hash, trace_stamp } = self;
        let begin = bytes.len();
        bytes.extend_from_slice(MAGIC);
        for number in [FORMAT, program(), blocks, tables, trace_len, trace_hash, trace_stamp.0, sums] {
            bytes.extend(number.to_le_bytes());
        }
        bytes.extend(hash(&bytes[begin..]).to_le_bytes());
        bytes
    }

    /// The footer at the end of an index, and the checksums of its chunks; or why it cannot be used.
    pub fn of(index: &[u8]) -> Result<(Self, Vec<u64>), &'static str> {
        let at = index.len().checked_sub(LEN).ok_or("it is too short")?;
        let footer = &index[at..];
        if &footer[..16] != MAGIC {
            return Err("it is cut short, or no index");
        }
        let number = |i: usize| {
            let mut bytes = [0; 8];
            bytes.copy_from_slice(&footer[16 + 8 * i..][..8]);
            u64::from_le_bytes(bytes)
        };
        if number(8) != hash(&footer[..LEN - 8]) {
            return Err("its end is damaged");
        }
        if (number(0), number(1)) != (FORMAT, program()) {
            return Err("another version of goroscope wrote it");
        }
        let (blocks, tables) = (number(2), number(3));
        let length = blocks.checked_add(tables).and_then(|length| usize::try_from(length).ok());
        let chunks = length.map(|length| length.div_ceil(CHUNK));
        if chunks.zip(length).is_none_or(|(chunks, length)| length.checked_add(chunks * 8) != Some(at)) {
            return Err("its parts do not make its length");
        }
        let sums = &index[at - chunks.unwrap_or(0) * 8..at];
        if hash(sums) != number(7) {
            return Err("its checksums are damaged");
        }
        let checksums = sums.chunks_exact(8).map(|sum| sum.iter().rev().fold(0, |sum, &b| sum << 8 | u64::from(b)));
        let footer =
            Self { blocks, tables, trace_len: number(4), trace_hash: number(5), trace_stamp: Stamp(number(6)) };
        Ok((footer, checksums.collect()))
    }

    /// Where blocks and tables are.
    pub fn parts(&self) -> (Range<usize>, Range<usize>) {
        let (blocks, tables) = (self.blocks as usize, self.tables as usize);
        (0..blocks, blocks..blocks + tables)
    }
}

/// Whether all chunks of an index have their checksums. All cores check.
pub fn is_whole(content: &[u8], checksums: &[u64]) -> bool {
    let cores = std::thread::available_parallelism().map_or(1, std::num::NonZero::get);
    let share = checksums.len().div_ceil(cores).max(1);
    let is_whole = |(part, sums): (&[u8], &[u64])| part.chunks(CHUNK).zip(sums).all(|(chunk, &sum)| hash(chunk) == sum);
    std::thread::scope(|threads| {
        let parts = content.chunks(share * CHUNK).zip(checksums.chunks(share));
        let checks: Vec<_> = parts.map(|part| threads.spawn(move || is_whole(part))).collect();
        checks.into_iter().all(|check| check.join().unwrap_or(false))
    })
}

/// What else decides what an index means: the release, and all that numbers in it stand for.
fn program() -> u64 {
    let mut text = format!("{} {}", env!("CARGO_PKG_VERSION"), size_of::<Trace>());
    for number in 0..=u8::MAX {
        text.push_str(EventType::from_byte(number).map_or("", EventType::name));
    }
    hash(text.as_bytes())
}
