//! Bytes to text, record by record; batch sizes are printed, not followed, as in Go's tool.

use super::quote::push_quoted;
use crate::walk::{Visitor, Walk};
use crate::{HeaderError, RawFrame, Version, WireError, WireErrorKind};

/// The text of a trace file, without the line for the version: what `go tool trace -d=wire` prints, record by record.
#[derive(Clone, Debug)]
pub struct Printer<'a> {
    walk: Walk<'a>,
}

impl<'a> Printer<'a> {
    /// At the first record behind the header.
    pub fn new(file: &'a [u8]) -> Result<Self, HeaderError> {
        Walk::new(file).map(|walk| Self { walk })
    }

    /// The same of a file that is read as this version, whatever its header says. If it says another one, records of
    /// numbers that the version does not have are printed as `Bytes`, which [`parse`](super::parse) reads too.
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

    /// Appends the next record, which may be several lines, with the end of its last line; `None` at the end.
    ///
    /// Of a record that cannot be read nothing is appended. Behind it the text goes on where `offset` says then.
    pub fn next(&mut self, text: &mut Vec<u8>) -> Option<Result<(), WireError>> {
        let whole = text.len();
        let printed = self.walk.next(&mut Lines { text })?;
        match printed {
            Ok(()) => text.push(b'\n'),
            Err(_) => text.truncate(whole),
        }
        Some(printed)
    }
}

/// The text of a trace file, up to the first error if there is one, behind a line with the version.
///
/// A file without a known header gives no text and `WireErrorKind::BadHeader`.
pub fn print(file: &[u8]) -> (String, Option<WireError>) {
    let Ok(mut printer) = Printer::new(file) else {
        let error = WireError { kind: WireErrorKind::BadHeader, offset: 0, value: 0 };
        return (String::new(), Some(error));
    };
    let mut text = format!("Trace Go1.{}\n", printer.version().minor()).into_bytes();
    let mut error = None;
    while error.is_none()
        && let Some(printed) = printer.next(&mut text)
    {
        error = printed.err();
    }
    // Nothing but UTF-8 was written.
    (String::from_utf8_lossy(&text).into_owned(), error)
}

/// Writes what a record consists of.
struct Lines<'t> {
    text: &'t mut Vec<u8>,
}

impl Lines<'_> {
    fn field(&mut self, name: &str, value: u64) {
        self.text.extend_from_slice(name.as_bytes());
        self.text.push(b'=');
        push_number(self.text, value);
    }
}

impl Visitor for Lines<'_> {
    fn record(&mut self, _: u8, name: &'static str) {
        self.text.extend_from_slice(name.as_bytes());
    }

    fn argument(&mut self, name: &'static str, value: u64) {
        self.text.push(b' ');
        self.field(name, value);
    }

    fn frame(&mut self, frame: RawFrame) {
        self.field("\n\tpc", frame.pc);
        self.field(" func", frame.function);
        self.field(" file", frame.file);
        self.field(" line", frame.line);
    }

    fn bytes(&mut self, bytes: &[u8]) {
        if !bytes.is_empty() {
            self.text.extend_from_slice(b"\n\tdata=");
            push_quoted(self.text, bytes);
        }
    }

    fn unknown(&mut self, _: u8, bytes: &[u8]) {
        self.text.extend_from_slice(b"Bytes");
        self.bytes(bytes);
    }
}

/// Appends a number in decimal.
pub fn push_number(text: &mut Vec<u8>, value: u64) {
    let mut digits = [0; 20];
    let mut rest = value;
    let mut len = 0_usize;
    for digit in digits.iter_mut().rev() {
        *digit = b'0' | (rest % 10) as u8;
        rest /= 10;
        len = len.wrapping_add(1);
        if rest == 0 {
            break;
        }
    }
    text.extend_from_slice(digits.get(digits.len().wrapping_sub(len)..).unwrap_or_default());
}

#[cfg(test)]
mod tests;
