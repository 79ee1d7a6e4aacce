//! Why bytes are no profile, and at which byte.

use std::fmt;

/// What is wrong with a file, and where.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct DecodeError {
    /// The byte of the uncompressed profile, or of the file if it could not be uncompressed.
    pub at: u64,
    /// What is wrong there.
    pub fault: Fault,
}

/// What can be wrong.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
#[non_exhaustive]
pub enum Fault {
    /// There is nothing to read.
    Empty,
    /// The compressed data is damaged or cut off.
    Gzip,
    /// It unpacks to more than this many bytes.
    TooLarge(u64),
    /// A number goes on behind the end of what it is part of.
    CutNumber,
    /// A number is longer than ten bytes.
    LongNumber,
    /// A field says that it is this long, which is more than there is.
    CutField(u64),
    /// This field has this wire type, which it cannot have.
    WireType(u32, u8),
    /// There is no text table, or its first text is not empty.
    NoStrings,
    /// There is no text with this number.
    NoString(u64),
    /// A row of this table has the number 0, which is kept for "none".
    ZeroId(Table),
    /// Two rows of this table have this number.
    SameId(Table, u64),
    /// There is no row with this number.
    NoRow(Table, u64),
    /// A sample has another number of values than there are types: so many, not so many.
    ValueCount(u32, u32),
    /// The stacks have more frames than this, because long lists of inlined calls come again and again.
    TooManyFrames(u64),
    /// There are samples but no types for them.
    NoTypes,
    /// The time is there twice: two profiles in one file.
    Concatenated,
}

/// A table of the format.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Table {
    /// The mappings.
    Mappings,
    /// The locations.
    Locations,
    /// The functions.
    Functions,
}

impl fmt::Display for Table {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str(match self {
            Table::Mappings => "mapping",
            Table::Locations => "location",
            Table::Functions => "function",
        })
    }
}

impl fmt::Display for DecodeError {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        write!(f, "byte {}: ", self.at)?;
        match self.fault {
            Fault::Empty => write!(f, "an empty profile"),
            Fault::Gzip => write!(f, "the gzip data is damaged or cut off"),
            Fault::TooLarge(most) => write!(f, "unpacks to more than {most} bytes"),
            Fault::CutNumber => write!(f, "a number is cut off"),
            Fault::LongNumber => write!(f, "a number is longer than ten bytes"),
            Fault::CutField(length) => write!(f, "a field of {length} bytes is cut off"),
            Fault::WireType(field, wire) => write!(f, "field {field} has wire type {wire}"),
            Fault::NoStrings => write!(f, "the text table is missing or does not begin with the empty text"),
            Fault::NoString(index) => write!(f, "no text {index} in the table"),
            Fault::ZeroId(table) => write!(f, "a {table} has the number 0"),
            Fault::SameId(table, id) => write!(f, "two {table}s have the number {id}"),
            Fault::NoRow(table, id) => write!(f, "no {table} {id}"),
            Fault::ValueCount(values, types) => write!(f, "a sample has {values} values for {types} types"),
            Fault::TooManyFrames(most) => write!(f, "the stacks have more than {most} frames"),
            Fault::NoTypes => write!(f, "a sample but no sample types"),
            Fault::Concatenated => write!(f, "a second profile begins; read each by itself"),
        }
    }
}

impl std::error::Error for DecodeError {}
