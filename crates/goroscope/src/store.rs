//! Bytes that come in pieces and are wanted as one: in memory, and past a bound in a temporary file without a name that
//! is mapped, so that the memory of the program stays bounded however much a trace unpacks to.

use crate::mapped::Mapped;
use std::env;
use std::fs::File;
use std::io::{self, Write};
use std::ops::Deref;
use std::path::{Path, PathBuf};

/// What is kept in memory at most.
const BOUND: usize = 256 << 20;

/// A whole content.
#[derive(Debug)]
pub enum Bytes {
    /// In memory.
    Memory(Vec<u8>),
    /// In a file.
    Mapped(Mapped),
}

/// A content that grows.
#[derive(Debug)]
pub struct Store {
    memory: Vec<u8>,
    /// Where all of it is instead, past the bound.
    file: Option<File>,
    bound: usize,
}

impl Deref for Bytes {
    type Target = [u8];

    fn deref(&self) -> &[u8] {
        match self {
            Self::Memory(bytes) => bytes,
            Self::Mapped(bytes) => bytes,
        }
    }
}

impl Store {
    /// An empty one.
    pub fn new() -> Self {
        Self { memory: Vec::new(), file: None, bound: BOUND }
    }

    /// All that was written.
    pub fn finish(self) -> io::Result<Bytes> {
        match self.file {
            Some(file) => Ok(Bytes::Mapped(Mapped::new(&file)?)),
            None => Ok(Bytes::Memory(self.memory)),
        }
    }

    /// The file, made now.
    fn spill(&mut self) -> io::Result<&mut File> {
        let mut file = tempfile::tempfile_in(folder()).map_err(|error| explained(&error))?;
        file.write_all(&self.memory).map_err(|error| explained(&error))?;
        self.memory = Vec::new();
        Ok(self.file.insert(file))
    }
}

impl Write for Store {
    fn write(&mut self, piece: &[u8]) -> io::Result<usize> {
        if self.file.is_none() && self.memory.len() + piece.len() > self.bound {
            self.spill()?;
        }
        match &mut self.file {
            Some(file) => file.write_all(piece).map_err(|error| explained(&error))?,
            None => self.memory.extend_from_slice(piece),
        }
        Ok(piece.len())
    }

    fn flush(&mut self) -> io::Result<()> {
        Ok(())
    }
}

/// Where temporary files go that may be larger than memory: where the user says, else to the disk; the usual folder may
/// be memory itself.
fn folder() -> PathBuf {
    let on_disk = Path::new("/var/tmp");
    if cfg!(unix) && env::var_os("TMPDIR").is_none() && on_disk.is_dir() { on_disk.to_owned() } else { env::temp_dir() }
}

fn explained(error: &io::Error) -> io::Error {
    let folder = folder();
    let text = format!("temporary file in {}: {error}; name a folder with room in TMPDIR", folder.display());
    io::Error::new(error.kind(), text)
}

#[cfg(test)]
mod tests {
    use super::*;

    /// Writes pieces of a size up to a length with a bound, and says where the content ended up.
    fn check(length: usize, piece: usize, bound: usize, expected: &str) {
        let content: Vec<u8> = (0..length).map(|i| (i % 251) as u8).collect();
        let mut store = Store { bound, ..Store::new() };
        for piece in content.chunks(piece) {
            store.write_all(piece).expect("room");
        }
        let bytes = store.finish().expect("a file");
        assert!(*bytes == *content, "{length} bytes in pieces of {piece} up to {bound}");
        let place = match bytes {
            Bytes::Memory(_) => "memory",
            Bytes::Mapped(_) => "file",
        };
        assert_eq!(place, expected, "{length} bytes in pieces of {piece} up to {bound}");
    }

    #[test]
    fn memory_and_past_it_a_file() {
        check(0, 1, 10, "memory");
        check(1000, 10, 1000, "memory");
        check(1001, 10, 1000, "file");
        check(100_000, 7000, 50_000, "file");
        check(100_000, 100_000, 50_000, "file");
        check(1, 1, 0, "file");
    }
}
