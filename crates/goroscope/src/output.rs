//! Files that are written: whole or not at all.

use anyhow::{Context, Result, anyhow, bail};
use std::fs::{self, File};
use std::io::{self, IsTerminal, Write};
use std::path::{Path, PathBuf};

/// Where a trace is written to.
#[derive(Debug)]
pub enum Output {
    /// Standard output.
    Standard,
    /// A file, which is replaced when all is there.
    File(PathBuf),
    /// Something that cannot be replaced, such as a pipe.
    Stream(PathBuf),
}

/// Looks at where to write before anything is read: `-` is standard output, and no input may be overwritten.
pub fn prepare(path: &Path, inputs: &[&Path]) -> Result<Output> {
    if path.as_os_str() == "-" {
        if io::stdout().is_terminal() {
            bail!("a trace is not for a terminal: name a file, or send standard output into one");
        }
        return Ok(Output::Standard);
    }
    let Ok(about) = fs::metadata(path) else {
        let folder = path.parent().filter(|folder| !folder.as_os_str().is_empty()).unwrap_or(Path::new("."));
        if !folder.is_dir() {
            bail!("{}: there is no folder {}", path.display(), folder.display());
        }
        return Ok(Output::File(path.to_owned()));
    };
    if about.is_dir() {
        bail!("{}: it is a folder; name a file in it", path.display());
    }
    if let Some(input) = inputs.iter().find(|input| is_same(input, path)) {
        bail!("{}: it is the trace that is read ({}); name another file", path.display(), input.display());
    }
    if about.is_file() {
        // Through links, so that these stay.
        Ok(Output::File(fs::canonicalize(path).with_context(|| path.display().to_string())?))
    } else {
        Ok(Output::Stream(path.to_owned()))
    }
}

/// Writes the bytes.
pub fn write(output: &Output, bytes: &[u8]) -> Result<()> {
    match output {
        Output::Standard => {
            let mut stdout = io::stdout().lock();
            let written = stdout.write_all(bytes).and_then(|()| stdout.flush());
            written.context("standard output")
        }
        Output::Stream(path) => fs::write(path, bytes).with_context(|| path.display().to_string()),
        Output::File(path) => replace(path, bytes).with_context(|| path.display().to_string()),
    }
}

/// Writes beside the file, and puts it in its place when all is written.
fn replace(path: &Path, bytes: &[u8]) -> Result<()> {
    let name = path.file_name().ok_or_else(|| anyhow!("it names no file"))?;
    let mut beside = name.to_owned();
    beside.push(format!(".{}.part", std::process::id()));
    let beside = path.with_file_name(beside);
    let written = File::create_new(&beside).and_then(|mut file| file.write_all(bytes)).and_then(|()| {
        if let Ok(about) = fs::metadata(path) {
            fs::set_permissions(&beside, about.permissions())?;
        }
        fs::rename(&beside, path)
    });
    if written.is_err() {
        // The error to tell is the first one.
        let _ = fs::remove_file(&beside);
    }
    Ok(written?)
}

fn is_same(a: &Path, b: &Path) -> bool {
    #[cfg(unix)]
    {
        use std::os::unix::fs::MetadataExt;
        if let (Ok(a), Ok(b)) = (fs::metadata(a), fs::metadata(b)) {
            return (a.dev(), a.ino()) == (b.dev(), b.ino());
        }
    }
    matches!((fs::canonicalize(a), fs::canonicalize(b)), (Ok(a), Ok(b)) if a == b)
}
