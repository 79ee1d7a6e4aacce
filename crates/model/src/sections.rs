//! The tables of a trace beside its blocks as bytes: written once, in one order, and read in the same.
//!
//! ```text
//! tables := sections : u32, ( length : u64 ) × sections, ( bytes ) × sections
//! ```

use crate::lanes::{Directory, LaneTable};
use crate::packed::{push_varint, varint};
use crate::storage::{Bytes, SharedBytes};
use crate::zoom::ZoomIndex;

/// Sections that are being written.
#[derive(Debug, Default)]
pub(crate) struct SectionWriter(Vec<Bytes>);

impl SectionWriter {
    /// Adds a section.
    pub fn add(&mut self, bytes: Vec<u8>) {
        self.0.push(Bytes::owned(bytes));
    }

    /// Adds a section that others read, too.
    pub fn share(&mut self, bytes: Bytes) {
        self.0.push(bytes);
    }

    /// Adds the directory of a table of lanes.
    pub fn add_lanes(&mut self, directory: Directory) {
        let Directory { first_row, first_block, end, block_start, block_at } = directory;
        self.0.extend([first_row, first_block, end, block_start, block_at].map(Bytes::owned));
    }

    /// Adds an index of sums.
    pub fn add_zoom(&mut self, zoom: &ZoomIndex) {
        self.0.extend([&zoom.lanes, &zoom.classes, &zoom.first, &zoom.sums].map(Bytes::clone));
    }

    /// All of them.
    pub fn finish(self) -> Vec<u8> {
        let size: usize = self.0.iter().map(|section| section.get().len() + 8).sum();
        let mut bytes = Vec::with_capacity(size + 4);
        bytes.extend((self.0.len() as u32).to_le_bytes());
        for section in &self.0 {
            bytes.extend((section.get().len() as u64).to_le_bytes());
        }
        for section in self.0 {
            bytes.extend_from_slice(section.get());
        }
        bytes
    }
}

/// Sections that are being read.
#[derive(Debug)]
pub(crate) struct SectionReader {
    sections: std::vec::IntoIter<Bytes>,
}

impl SectionReader {
    /// The sections in these bytes, if they are whole.
    pub fn new(tables: &SharedBytes) -> Option<Self> {
        let bytes: &[u8] = tables.as_ref().as_ref();
        let (&count, lengths) = bytes.split_first_chunk()?;
        let count = u32::from_le_bytes(count) as usize;
        let mut at = 4usize.checked_add(count.checked_mul(8)?)?;
        let mut sections = Vec::new();
        for length in lengths.get(..count * 8)?.chunks_exact(8) {
            let length = u64::from_le_bytes(length.try_into().ok()?);
            let end = at.checked_add(usize::try_from(length).ok()?)?;
            bytes.get(at..end)?;
            sections.push(Bytes::new(tables, at..end));
            at = end;
        }
        (at == bytes.len()).then(|| Self { sections: sections.into_iter() })
    }

    /// The next section.
    pub fn next(&mut self) -> Option<Bytes> {
        self.sections.next()
    }

    /// A table of lanes.
    pub fn lanes(&mut self, blocks: &Bytes) -> Option<LaneTable> {
        Some(LaneTable {
            first_row: self.next()?,
            first_block: self.next()?,
            end: self.next()?,
            block_start: self.next()?,
            block_at: self.next()?,
            blocks: blocks.clone(),
        })
    }

    /// An index of sums.
    pub fn zoom(&mut self) -> Option<ZoomIndex> {
        Some(ZoomIndex { lanes: self.next()?, classes: self.next()?, first: self.next()?, sums: self.next()? })
    }
}

/// Numbers and texts one after another.
#[derive(Debug, Default)]
pub(crate) struct Notes(pub Vec<u8>);

impl Notes {
    pub fn number(&mut self, number: u64) {
        push_varint(&mut self.0, number);
    }

    pub fn signed(&mut self, number: i64) {
        self.number((number << 1 ^ number >> 63) as u64);
    }

    pub fn text(&mut self, text: &str) {
        self.number(text.len() as u64);
        self.0.extend_from_slice(text.as_bytes());
    }

    pub fn maybe(&mut self, number: Option<u64>) {
        self.number(u64::from(number.is_some()));
        self.number(number.unwrap_or(0));
    }
}

/// Reads what [`Notes`] wrote.
pub(crate) struct NotesReader<'a>(pub &'a [u8]);

impl<'a> NotesReader<'a> {
    pub fn number(&mut self) -> Option<u64> {
        (!self.0.is_empty()).then(|| varint(&mut self.0))
    }

    /// A count of things that take a byte each at least.
    pub fn count(&mut self) -> Option<usize> {
        usize::try_from(self.number()?).ok().filter(|&count| count <= self.0.len())
    }

    pub fn signed(&mut self) -> Option<i64> {
        let number = self.number()?;
        Some((number >> 1) as i64 ^ -((number & 1) as i64))
    }

    pub fn text(&mut self) -> Option<&'a str> {
        let len = usize::try_from(self.number()?).ok()?;
        let text = std::str::from_utf8(self.0.get(..len)?).ok()?;
        self.0 = self.0.get(len..)?;
        Some(text)
    }

    /// A number that may be none; `none` behind the end.
    pub fn maybe(&mut self) -> Option<u64> {
        let is_some = self.number() == Some(1);
        self.number().filter(|_| is_some)
    }
}
