//! What the records of a file take, for counts by kind.

use crate::walk::{Visitor, Walk};
use crate::{HeaderError, RawFrame, Version, WireError};

/// The records of a file with their sizes, in file order; what `go tool trace -d=footprint` adds up.
///
/// Sizes are those of numbers that are as short as they can be: the padding of batch sizes does not count. Traces of the
/// v1 format have none.
#[derive(Clone, Debug)]
pub struct RecordSizes<'a> {
    walk: Walk<'a>,
}

/// A record's number and size.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq)]
pub struct RecordSize {
    /// Its number, whose name `Version::record_name` knows.
    pub number: u8,
    /// Its bytes.
    pub bytes: u64,
}

impl<'a> RecordSizes<'a> {
    /// At the first record behind the header.
    pub fn new(file: &'a [u8]) -> Result<Self, HeaderError> {
        Walk::new(file).map(|walk| Self { walk })
    }

    /// The same of a file that is read as this version, whatever its header says. If it says another one, records of
    /// numbers that the version does not have are counted too.
    pub fn as_version(file: &'a [u8], version: Version) -> Self {
        Self { walk: Walk::as_version(file, version) }
    }

    /// The format version.
    pub fn version(&self) -> Version {
        self.walk.version()
    }

    /// Where the next record begins, in bytes from the start of the file.
    pub fn offset(&self) -> u64 {
        self.walk.offset()
    }
}

impl Iterator for RecordSizes<'_> {
    type Item = Result<RecordSize, WireError>;

    /// The next record. Behind one that cannot be read they go on where `offset` says then.
    fn next(&mut self) -> Option<Self::Item> {
        let start = self.offset();
        let mut size = RecordSize::default();
        let told = self.walk.next(&mut size)?;
        if self.version().is_v1() {
            size.bytes = self.offset().saturating_sub(start);
        }
        Some(told.map(|()| size))
    }
}

impl RecordSize {
    fn add(&mut self, bytes: u64) {
        self.bytes = self.bytes.saturating_add(bytes);
    }
}

impl Visitor for RecordSize {
    fn record(&mut self, number: u8, _: &'static str) {
        *self = Self { number, bytes: 1 };
    }

    fn argument(&mut self, _: &'static str, value: u64) {
        self.add(varint_len(value));
    }

    fn frame(&mut self, frame: RawFrame) {
        for value in [frame.pc, frame.function, frame.file, frame.line] {
            self.add(varint_len(value));
        }
    }

    fn bytes(&mut self, bytes: &[u8]) {
        self.add(varint_len(bytes.len() as u64));
        self.add(bytes.len() as u64);
    }

    fn unknown(&mut self, number: u8, bytes: &[u8]) {
        *self = Self { number, bytes: bytes.len() as u64 };
    }
}

/// Bytes of a number that is as short as it can be.
fn varint_len(value: u64) -> u64 {
    (value | 1).ilog2().wrapping_div(7).wrapping_add(1).into()
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::{Version, text};

    fn check(text: &str, expected: &[(&str, u64)]) {
        let file = text::parse(text).unwrap_or_else(|error| panic!("{error} in {text}"));
        let sizes = RecordSizes::new(&file).expect("a header");
        let found: Vec<_> = sizes
            .map(|size| {
                size.map(|RecordSize { number, bytes }| (Version::Go126.record_name(number).unwrap_or(""), bytes))
            })
            .collect::<Result<_, _>>()
            .expect("whole records");
        assert_eq!(found, expected);
    }

    #[test]
    fn numbers_frames_and_bytes_count() {
        check(
            "Trace Go1.26\nEventBatch gen=1 m=300 time=20000\nGoStart dt=1 g=2 g_seq=-1\nEventBatch\nStacks\n\
             Stack id=1\npc=127 func=128 file=1 line=16384\nEventBatch\nStrings\nString id=1 data=\"abc\"\nString id=2\n\
             EndOfGeneration",
            &[
                ("EventBatch", 8),
                ("GoStart", 13),
                ("EventBatch", 5),
                ("Stacks", 1),
                ("Stack", 10),
                ("EventBatch", 5),
                ("Strings", 1),
                ("String", 6),
                ("String", 3),
                ("EndOfGeneration", 1),
            ],
        );
    }

    #[test]
    fn lengths_of_numbers() {
        for bits in 0..64 {
            for value in [1_u64 << bits, (1 << bits) - 1] {
                let mut bytes = Vec::new();
                crate::varint::push_varint(&mut bytes, value);
                assert_eq!(varint_len(value), bytes.len() as u64, "{value}");
            }
        }
        assert_eq!(varint_len(u64::MAX), 10);
    }
}
