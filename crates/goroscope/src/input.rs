//! Files and standard input: recognised by their first bytes, then brought in as a whole, unpacked.
//!
//! 1. [`open`] looks at no more than it takes to tell whether this is a trace; whatever else it is, is an error here.
//! 2. [`Input::load`] does the rest, which may take long: it waits for a pipe, and unpacks.
//!
//! A file is mapped, not read, where the system can do that.

use crate::index::Stamp;
use crate::mapped::Mapped;
use crate::packing::Packing;
use crate::sniff;
use crate::store::{Bytes, Store};
use anyhow::{Context, Result, anyhow, bail};
use goroscope_analysis::Phase;
use goroscope_model::{ReadOptions, Trace};
use std::fmt;
use std::fs::File;
use std::io::{self, IsTerminal, Read, Write};
use std::path::Path;

/// Bytes that tell what a file is that is not a trace.
const HEAD: usize = 512;
/// Bytes that tell that it is one.
const HEADER: usize = 16;
/// Bytes taken from a pipe at a time.
const PIECE: usize = 256 << 10;
/// Bytes of a packed file that are looked at first; more if no header comes out.
const FIRST: usize = 64 << 10;

/// A trace that was recognised.
#[derive(Debug)]
pub struct Input {
    /// What messages call it.
    pub name: String,
    packing: Option<Packing>,
    source: Source,
    /// That of its file, if it is one.
    stamp: Stamp,
}

/// Where the bytes are.
enum Source {
    Whole(Bytes),
    /// The first ones were taken to look at.
    Stream(Vec<u8>, Box<dyn Read + Send>),
}

/// A trace's bytes.
#[derive(Debug)]
pub struct Content {
    /// The content, unpacked.
    pub bytes: Bytes,
    /// What is wrong with the packing, or with where the bytes came from.
    pub problem: Option<String>,
}

/// Whom to tell that so many bytes of so many are done.
pub type Report<'a> = &'a mut dyn FnMut(Phase, u64, Option<u64>);

/// Opens a file, or standard input for `-`, and recognises it.
pub fn open(path: &Path, options: ReadOptions) -> Result<Input> {
    if path.as_os_str() == "-" {
        let stdin = io::stdin();
        if stdin.is_terminal() {
            bail!("standard input is a terminal: pipe a trace into it, or name a file");
        }
        let name = "standard input";
        return stream(name.to_owned(), Box::new(stdin), options).context(name);
    }
    let name = path.display().to_string();
    open_file(path)
        .and_then(|file| match Mapped::new(&file) {
            Ok(mapped) => {
                let stamp = file.metadata().map_or_else(|_| Stamp::default(), |about| Stamp::of(&about));
                whole(name.clone(), Bytes::Mapped(mapped), options).map(|input| Input { stamp, ..input })
            }
            // A pipe, an empty file, one that the system makes up, or a system that cannot.
            Err(_) => stream(name.clone(), Box::new(file), options),
        })
        .context(name)
}

/// Takes what the program itself has recorded.
pub fn recorded(name: &str, bytes: Vec<u8>) -> Result<Input> {
    whole(name.to_owned(), Bytes::Memory(bytes), ReadOptions::default())
}

fn open_file(path: &Path) -> Result<File> {
    let file = File::open(path).map_err(|error| match error.kind() {
        io::ErrorKind::NotFound => anyhow!("no such file; is the path right, and has the program written its trace?"),
        io::ErrorKind::PermissionDenied => anyhow!("no permission to read it; try as the user who recorded it"),
        _ => anyhow!(error),
    })?;
    if file.metadata()?.is_dir() {
        bail!("it is a folder; name the trace file in it");
    }
    Ok(file)
}

fn whole(name: String, bytes: Bytes, options: ReadOptions) -> Result<Input> {
    let mut looked_at = FIRST;
    loop {
        let head = &bytes[..bytes.len().min(looked_at)];
        match look(head, head.len() == bytes.len(), options)? {
            Look::Trace(packing) => {
                return Ok(Input { name, packing, source: Source::Whole(bytes), stamp: Stamp::default() });
            }
            Look::TooShort => looked_at *= 2,
        }
    }
}

fn stream(name: String, mut rest: Box<dyn Read + Send>, options: ReadOptions) -> Result<Input> {
    let mut head = Vec::new();
    let mut next_look = 1;
    loop {
        let is_all = take_some(&mut rest, &mut head, FIRST)? == 0;
        // Unpacking begins anew with every look.
        if head.len() < next_look && !is_all {
            continue;
        }
        next_look = if head.len() < FIRST { 1 } else { head.len() * 2 };
        if let Look::Trace(packing) = look(&head, is_all, options)? {
            return Ok(Input { name, packing, source: Source::Stream(head, rest), stamp: Stamp::default() });
        }
    }
}

/// Takes what is there, `most` bytes at most; 0 only at the end.
fn take_some(from: &mut dyn Read, to: &mut Vec<u8>, most: usize) -> io::Result<usize> {
    let begin = to.len();
    to.resize(begin + most, 0);
    loop {
        match from.read(&mut to[begin..]) {
            Err(error) if error.kind() == io::ErrorKind::Interrupted => {}
            result => {
                to.truncate(begin + result.as_ref().copied().unwrap_or(0));
                return result;
            }
        }
    }
}

/// What the first bytes say, if it is not that this is no trace.
enum Look {
    /// It is one, packed or not.
    Trace(Option<Packing>),
    /// More is needed to tell; never said of a whole file.
    TooShort,
}

/// Looks at the first bytes of a file, or at all of it.
fn look(head: &[u8], is_all: bool, options: ReadOptions) -> Result<Look> {
    let Some(packing) = Packing::of(head) else {
        // The magic of a packed file is four bytes long.
        let enough = if head.starts_with(b"go 1.") { HEADER } else { HEAD };
        return if head.len() < enough && !is_all { Ok(Look::TooShort) } else { header(head, None, options) };
    };
    let (content, problem) = packing.peek(head, HEAD);
    if content.is_empty()
        && is_all
        && let Some(problem) = problem
    {
        bail!("{problem}; pack or copy it again");
    }
    let enough = if content.starts_with(b"go 1.") { HEADER } else { HEAD };
    if content.len() < enough && !is_all { Ok(Look::TooShort) } else { header(&content, Some(packing), options) }
}

fn header(head: &[u8], packing: Option<Packing>, options: ReadOptions) -> Result<Look> {
    match Trace::recognise(head, options) {
        Ok(_) => Ok(Look::Trace(packing)),
        Err(error) => bail!(sniff::refusal(error, &head[..head.len().min(HEAD)], packing)),
    }
}

impl Input {
    /// One that nobody looked at.
    #[cfg(test)]
    pub fn unseen(name: &str, bytes: &[u8]) -> Self {
        Self {
            name: name.to_owned(),
            packing: None,
            source: Source::Whole(Bytes::Memory(bytes.to_vec())),
            stamp: Stamp::default(),
        }
    }

    /// The content of its file as it is, and the file's stamp; nothing of what is no file.
    pub fn file(&self) -> Option<(&[u8], Stamp)> {
        match &self.source {
            Source::Whole(bytes @ Bytes::Mapped(_)) => Some((bytes, self.stamp)),
            Source::Whole(Bytes::Memory(_)) | Source::Stream(..) => None,
        }
    }

    /// Brings in the rest, and unpacks it.
    pub fn load(self, report: Report<'_>) -> Result<Content> {
        let Self { name, packing, source, stamp: _ } = self;
        bring_in(source, packing, report).context(name)
    }
}

fn bring_in(source: Source, packing: Option<Packing>, report: Report<'_>) -> Result<Content> {
    let Content { bytes, problem } = match source {
        Source::Whole(bytes) => Content { bytes, problem: None },
        Source::Stream(head, rest) => receive(&head, rest, report)?,
    };
    let Some(packing) = packing else {
        return Ok(Content { bytes, problem });
    };
    let mut store = Store::new();
    let total = Some(bytes.len() as u64);
    let unpacked = packing
        .unpack(&bytes, &mut store, &mut |done| report(Phase::Unpacking, done, total))
        .map_err(|error| anyhow!(error))?;
    drop(bytes);
    Ok(Content { bytes: store.finish()?, problem: problem.or(unpacked) })
}

/// Takes a stream to its end. One that breaks off is as good as a file that was cut.
fn receive(head: &[u8], mut rest: Box<dyn Read + Send>, report: Report<'_>) -> Result<Content> {
    let mut store = Store::new();
    store.write_all(head)?;
    let mut length = head.len() as u64;
    let mut piece = Vec::new();
    let mut problem = None;
    loop {
        report(Phase::Receiving, length, None);
        piece.clear();
        match take_some(&mut rest, &mut piece, PIECE) {
            Ok(0) => break,
            Ok(_) => {}
            Err(error) => {
                problem = Some(format!("byte {length}: it breaks off: {error}"));
                break;
            }
        }
        store.write_all(&piece)?;
        length += piece.len() as u64;
    }
    Ok(Content { bytes: store.finish()?, problem })
}

impl fmt::Debug for Source {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        match self {
            Self::Whole(bytes) => write!(f, "{} bytes", bytes.len()),
            Self::Stream(head, _) => write!(f, "a stream, {} bytes so far", head.len()),
        }
    }
}
