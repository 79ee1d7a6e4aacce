//! Inputs to begin with, in the form that each target takes, from what the tree has: recorded traces, traces in text
//! form and the reader's corner cases.

use crate::root;
use anyhow::{Context, Result};
use goroscope_wire::{BatchKind, Batches, HEADER_LEN, Item, Version, parse_header, text};
use std::fs;
use std::io::Read;
use std::path::Path;

/// The longest file that is a seed, in bytes.
const LONGEST: usize = 48 << 10;

/// How much of a v1 trace is taken: its strings and stacks come last, so more than the whole is not there.
const V1_PARTS: [usize; 3] = [600, 4000, LONGEST];

/// Writes the seeds of a target into a folder that is made anew.
pub fn write(target: &str, folder: &Path) -> Result<()> {
    if folder.exists() {
        fs::remove_dir_all(folder)?;
    }
    fs::create_dir_all(folder)?;
    for (number, seed) in seeds(target)?.iter().enumerate() {
        fs::write(folder.join(format!("seed-{number:04}")), seed)?;
    }
    Ok(())
}

/// Makes seeds of a trace.
type Make<'m> = &'m dyn Fn(Version, &[u8]) -> Vec<Vec<u8>>;

fn seeds(target: &str) -> Result<Vec<Vec<u8>>> {
    let files = files()?;
    let of_files = |make: Make<'_>| {
        let versions = files.iter().filter_map(|file| Some((parse_header(file).ok()?, file)));
        versions.flat_map(|(version, file)| make(version, file)).collect()
    };
    Ok(match target {
        "header" => Version::ALL.iter().map(|version| version.header().to_vec()).collect(),
        "batches" => of_files(&|version, file| {
            number(version)
                .map(|first| [&[first, 0], file.get(HEADER_LEN..).unwrap_or_default()].concat())
                .into_iter()
                .collect()
        }),
        "timed_events" => of_files(&|version, file| batches(version, file, |kind| kind == BatchKind::Events)),
        "tables" => of_files(&|version, file| batches(version, file, |kind| kind != BatchKind::Events)),
        "v1_records" => of_files(&|version, file| parts(version, file, &[40])),
        "reader_v1" => of_files(&|version, file| parts(version, file, &[])),
        "text" => {
            let mut seeds: Vec<Vec<u8>> = texts()?.into_iter().map(String::into_bytes).collect();
            seeds.extend(files.into_iter().filter(|file| file.len() < 8000));
            seeds
        }
        "reader" | "model" => files,
        "profile" => profiles()?,
        _ => Vec::new(),
    })
}

/// The recorded profiles, unpacked, behind the byte that says how they are looked at.
fn profiles() -> Result<Vec<Vec<u8>>> {
    let mut seeds = Vec::new();
    for entry in fs::read_dir(root().join("crates/profile/testdata"))? {
        let path = entry?.path();
        if path.extension().is_some_and(|extension| extension == "gz") {
            let mut seed = vec![0];
            flate2::read::GzDecoder::new(fs::read(&path)?.as_slice()).read_to_end(&mut seed)?;
            seeds.push(seed);
        }
    }
    seeds.sort();
    Ok(seeds)
}

/// The first byte of inputs that name a version of the v2 format.
fn number(version: Version) -> Option<u8> {
    Version::V2.iter().position(|&other| other == version).map(|number| number as u8)
}

/// The data of some kinds of batches behind the byte for the version.
fn batches(version: Version, file: &[u8], wanted: impl Fn(BatchKind) -> bool) -> Vec<Vec<u8>> {
    let Some(first) = number(version) else { return Vec::new() };
    let items = Batches::new(version, file, HEADER_LEN as u64).map_while(Result::ok);
    items
        .filter_map(|item| match item {
            Item::Batch(batch) if wanted(batch.kind) => Some([&[first], batch.data].concat()),
            Item::Batch(_) | Item::EndOfGeneration { .. } => None,
        })
        .take(8)
        .collect()
}

/// Beginnings and the end of a v1 trace behind the byte for the version and `more` bytes.
fn parts(version: Version, file: &[u8], more: &[u8]) -> Vec<Vec<u8>> {
    let first = match version {
        Version::Go111 => 0,
        Version::Go119 => 1,
        Version::Go121 => 2,
        Version::Go122 | Version::Go123 | Version::Go125 | Version::Go126 => return Vec::new(),
    };
    let records = file.get(HEADER_LEN..).unwrap_or_default();
    let part = |bytes: &[u8]| [&[first], more, bytes].concat();
    let begins = V1_PARTS.iter().map(|&len| part(records.get(..len).unwrap_or(records)));
    begins.chain([part(records.get(records.len().saturating_sub(3000)..).unwrap_or_default())]).collect()
}

/// The recorded traces that are short enough, and those that are written as text.
fn files() -> Result<Vec<Vec<u8>>> {
    let mut files: Vec<Vec<u8>> = texts()?.iter().filter_map(|trace| text::parse(trace).ok()).collect();
    for path in folder("testdata")? {
        if path.to_string_lossy().ends_with(".trace.zst") {
            let packed = fs::read(&path)?;
            let mut file = Vec::new();
            ruzstd::decoding::StreamingDecoder::new(packed.as_slice())
                .map_err(|error| anyhow::anyhow!("{}: {error}", path.display()))?
                .read_to_end(&mut file)
                .with_context(|| format!("unpack {}", path.display()))?;
            files.extend((file.len() <= LONGEST).then_some(file));
        }
    }
    Ok(files)
}

/// Traces in text form: the reader's cases without what they expect.
fn texts() -> Result<Vec<String>> {
    let mut texts = vec![fs::read_to_string(root().join("crates/reader/tests/all_kinds.txt"))?];
    for path in folder("crates/reader/testdata")? {
        let case = fs::read_to_string(&path)?;
        let trace = case.split("-- trace --\n").nth(1).and_then(|rest| rest.split("-- events --\n").next());
        texts.extend(trace.map(str::to_owned));
    }
    Ok(texts)
}

fn folder(name: &str) -> Result<Vec<std::path::PathBuf>> {
    let mut paths = Vec::new();
    for entry in fs::read_dir(root().join(name)).with_context(|| format!("the folder {name}"))? {
        let path = entry?.path();
        paths.extend(path.is_file().then_some(path));
    }
    paths.sort();
    Ok(paths)
}

#[cfg(test)]
mod tests {
    use super::*;

    fn check(target: &str, least: usize) {
        let seeds = seeds(target).expect("the files of the tree");
        assert!(seeds.len() >= least, "{} seeds of {target}", seeds.len());
        assert!(seeds.iter().all(|seed| !seed.is_empty()), "{target}");
    }

    #[test]
    fn every_target_has_seeds() {
        check("header", 7);
        check("batches", 40);
        check("timed_events", 40);
        check("tables", 40);
        check("v1_records", 8);
        check("text", 40);
        check("reader", 60);
        check("reader_v1", 8);
        check("model", 60);
        check("profile", 8);
    }
}
