//! Files and standard input as bytes, unpacked.

use crate::packing::{Packing, Unpacked};
use crate::progress::Progress;
use crate::sniff;
use anyhow::{Context, Result, anyhow, bail};
use std::fs::File;
use std::io::{self, IsTerminal, Read};
use std::path::Path;

/// Bytes that tell what a file is.
const HEAD: usize = 512;
/// Bytes read at a time.
const PIECE: u64 = 4 << 20;

/// A trace's bytes, not understood yet.
#[derive(Debug)]
pub struct Input {
    /// What messages call it.
    pub name: String,
    /// The content, unpacked.
    pub bytes: Vec<u8>,
    /// How it was packed.
    pub packing: Option<Packing>,
    /// What is wrong with the packing.
    pub problem: Option<String>,
}

/// Reads a file, or standard input for `-`.
pub fn read(path: &Path, progress: &mut Progress) -> Result<Input> {
    if path.as_os_str() == "-" {
        let stdin = io::stdin();
        if stdin.is_terminal() {
            bail!("standard input is a terminal: pipe a trace into it, or name a file");
        }
        let name = "standard input".to_owned();
        return read_from(stdin.lock(), 0, progress).and_then(|bytes| unpack(name, bytes)).context("standard input");
    }
    let name = path.display().to_string();
    open_file(path)
        .and_then(|(file, length)| read_from(file, length, progress))
        .and_then(|bytes| unpack(name.clone(), bytes))
        .with_context(|| name)
}

/// Takes what is in memory already.
pub fn embedded(name: &str, packed: &[u8]) -> Result<Input> {
    unpack(name.to_owned(), packed.to_vec())
}

fn open_file(path: &Path) -> Result<(File, u64)> {
    let file = File::open(path).map_err(|error| match error.kind() {
        io::ErrorKind::NotFound => anyhow!("no such file; is the path right, and has the program written its trace?"),
        io::ErrorKind::PermissionDenied => anyhow!("no permission to read it; try as the user who recorded it"),
        _ => anyhow!(error),
    })?;
    let about = file.metadata()?;
    if about.is_dir() {
        bail!("it is a folder; name the trace file in it");
    }
    Ok((file, about.len()))
}

/// Reads all, or only the head of something that cannot be a trace: standard input may have no end.
fn read_from(mut source: impl Read, length: u64, progress: &mut Progress) -> Result<Vec<u8>> {
    let mut bytes = Vec::with_capacity(length.min(1 << 32) as usize + 1);
    (&mut source).take(HEAD as u64).read_to_end(&mut bytes)?;
    if Packing::of(&bytes).is_none() && !bytes.starts_with(b"go 1.") {
        bail!("not an execution trace: {}", sniff::describe(&bytes, None));
    }
    while (&mut source).take(PIECE).read_to_end(&mut bytes)? > 0 {
        progress.report("loading", bytes.len() as u64, length);
    }
    Ok(bytes)
}

fn unpack(name: String, bytes: Vec<u8>) -> Result<Input> {
    let Some(packing) = Packing::of(&bytes) else {
        return Ok(Input { name, bytes, packing: None, problem: None });
    };
    let Unpacked { bytes, problem } = packing.unpack(&bytes).map_err(|error| anyhow!(error))?;
    if bytes.is_empty()
        && let Some(problem) = problem
    {
        bail!("{problem}; pack or copy it again");
    }
    Ok(Input { name, bytes, packing: Some(packing), problem })
}
