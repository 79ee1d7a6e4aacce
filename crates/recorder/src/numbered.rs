//! Files to write, also those that follow each other: `trace.out` stands for `trace-000001.out` and so on. Errors say which
//! file it was.

use std::ffi::OsStr;
use std::fs::File;
use std::io;
use std::path::{Path, PathBuf};

/// The path that the numbers go into.
#[derive(Clone, Debug)]
pub struct Numbered {
    path: PathBuf,
}

/// Creates a file, or empties it.
pub fn create(path: &Path) -> io::Result<File> {
    File::create(path).map_err(|error| of_file(path, &error))
}

fn of_file(path: &Path, error: &io::Error) -> io::Error {
    io::Error::new(error.kind(), format!("{}: {error}", path.display()))
}

/// A file that is there.
#[derive(Debug)]
pub struct Found {
    pub number: u64,
    pub path: PathBuf,
    pub bytes: u64,
}

impl Numbered {
    /// Files called after this one.
    pub fn new(path: &Path) -> Self {
        Self { path: path.to_owned() }
    }

    /// Those that are there, by their numbers.
    pub fn found(&self) -> io::Result<Vec<Found>> {
        let folder = self.path.parent().filter(|folder| *folder != Path::new("")).unwrap_or(Path::new("."));
        let mut found = Vec::new();
        for entry in folder.read_dir().map_err(|error| of_file(folder, &error))? {
            let entry = entry?;
            if let Some(number) = self.number_of(&entry.file_name()) {
                match entry.metadata() {
                    Ok(metadata) => found.push(Found { number, path: entry.path(), bytes: metadata.len() }),
                    // Somebody may have deleted it meanwhile.
                    Err(error) if error.kind() == io::ErrorKind::NotFound => {}
                    Err(error) => return Err(error),
                }
            }
        }
        found.sort_unstable_by_key(|found| found.number);
        Ok(found)
    }

    /// The next file behind that of a number, which becomes its own.
    pub fn create_behind(&self, number: &mut u64) -> io::Result<(File, PathBuf)> {
        loop {
            *number += 1;
            let path = self.path_of(*number);
            match File::create_new(&path) {
                // Somebody else may have the same files.
                Err(error) if error.kind() == io::ErrorKind::AlreadyExists => {}
                Err(error) => return Err(of_file(&path, &error)),
                Ok(file) => return Ok((file, path)),
            }
        }
    }

    /// The file of a number.
    pub fn path_of(&self, number: u64) -> PathBuf {
        let mut name = self.path.file_stem().unwrap_or_default().to_owned();
        name.push(format!("-{number:06}"));
        if let Some(extension) = self.path.extension() {
            name.push(".");
            name.push(extension);
        }
        self.path.with_file_name(name)
    }

    /// The number of a file by its name, if it is one of these.
    fn number_of(&self, name: &OsStr) -> Option<u64> {
        let stem = Path::new(name).file_stem()?.to_str()?;
        let (_, digits) = stem.rsplit_once('-')?;
        let number = digits.parse().ok()?;
        (self.path_of(number).file_name() == Some(name)).then_some(number)
    }
}

/// Deletes a file, if nobody else did.
pub fn delete(path: &Path) -> io::Result<()> {
    match std::fs::remove_file(path) {
        Err(error) if error.kind() != io::ErrorKind::NotFound => Err(error),
        Ok(()) | Err(_) => Ok(()),
    }
}
