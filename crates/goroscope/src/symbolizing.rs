//! `goroscope symbolize`: reads the binaries that a Rust program ran, and names the functions of its trace.
//!
//! 1. The trace says which code was where: addresses, place in the file, build id, path.
//! 2. Of each piece of code in which an address lies, the binary is looked for: among those that were named, in the folders
//!    that were named, where it was. Only the very build that was recorded will do; without build ids, a file of the name.
//! 3. An address becomes one of the binary, and that the functions there, innermost first.

use crate::cli::Reading;
use crate::console;
use crate::failure::Failure;
use crate::input::{self, Content};
use crate::numbers;
use crate::output;
use crate::progress::Progress;
use addr2line::Loader;
use anyhow::{Result, anyhow};
use goroscope_edit::symbolize::{Completeness, Found, Place, addresses, symbolize};
use goroscope_reader::Reader;
use goroscope_recorder::naming::{self, ADDRESS_ONLY};
use object::read::ReadCache;
use object::{Object, ObjectSegment};
use std::borrow::Cow;
use std::collections::HashMap;
use std::fs::File;
use std::path::{Path, PathBuf};

/// Where binaries are looked for.
#[derive(Clone, Debug, Default)]
pub struct Binaries {
    /// Files.
    pub files: Vec<PathBuf>,
    /// Folders.
    pub folders: Vec<PathBuf>,
}

/// A piece of code in memory, as the trace tells it.
#[derive(Clone, Debug, PartialEq, Eq)]
struct Mapped {
    start: u64,
    end: u64,
    offset: u64,
    /// None if the binary has none.
    build_id: Option<String>,
    path: PathBuf,
}

/// A binary that was found.
struct Binary {
    loader: Loader,
    /// Of each part: where it stands in the file, its length there, and its address.
    parts: Vec<(u64, u64, u64)>,
}

/// Names the functions of the trace.
pub fn run(reading: &Reading, binaries: &Binaries, from: &Path, to: &Path) -> Result<(), Failure> {
    let place = output::prepare(to, &[from])?;
    let mut progress = Progress::new(reading);
    let input = input::open(from, reading.options())?;
    let name = input.name.clone();
    let Content { bytes, .. } = input.load(&mut |phase, done, total| progress.report(phase, done, total))?;
    drop(progress);
    let wanted = addresses(&bytes, ADDRESS_ONLY).map_err(|error| anyhow!("{name}: {error}"))?;
    let maps = maps(&bytes).ok_or_else(|| {
        anyhow!("{name}: it does not say which code was where; that is written only by goroscope-recorder on Linux")
    })?;
    let mut code = Code::new(reading, maps, binaries)?;
    let (mut known, mut missing) = (HashMap::new(), 0_u64);
    for &address in &wanted {
        let places = code.places(address);
        missing += u64::from(places.is_none());
        known.insert(address, places);
    }
    let total = wanted.len() as u64;
    if missing == total {
        return Err(Failure::Trouble(anyhow!(
            "{name}: none of {} has a name in any binary: name the program with --binary, or a folder with --search",
            numbers::counted(total, "address")
        )));
    }
    let is_done = if missing == 0 { Completeness::All } else { Completeness::Some };
    let done = symbolize(&bytes, ADDRESS_ONLY, is_done, &mut |stack| told(stack, &known))
        .map_err(|error| anyhow!("{name}: {error}"))?;
    output::write(&place, &done.bytes)?;
    let (stacks, named) = (numbers::counted(done.stacks, "stack"), numbers::count(total - missing));
    console::note(reading, &format!("{named} of {} on {stacks} are named", numbers::counted(total, "address")));
    Ok(())
}

/// What a stack of these addresses tells. Addresses without a name stay as the recorder wrote them.
fn told(stack: &[u64], known: &HashMap<u64, Option<Vec<naming::Place>>>) -> Found {
    let bare = |address: u64| naming::Place { function: format!("{address:#x}"), file: String::new(), line: 0 };
    let mut origins = Vec::new();
    let mut places = Vec::new();
    for &address in stack {
        let named = known.get(&address).and_then(Option::as_deref);
        let here = named.map_or_else(|| vec![bare(address)], <[_]>::to_vec);
        origins.extend((0..here.len() as u64).map(|depth| (address, depth)));
        places.extend(here);
    }
    let told = naming::told(&places);
    let kept = if told.places.is_empty() { places.into_iter().enumerate().collect() } else { told.places };
    let named = kept.into_iter().filter_map(|(row, place)| {
        let &(address, depth) = origins.get(row)?;
        let file = if place.file.is_empty() { ADDRESS_ONLY.to_owned() } else { place.file };
        Some(Place { address, depth, function: place.function, file, line: place.line.into() })
    });
    Found { places: named.collect(), reason: told.reason }
}

/// The pieces of code that the trace tells of; none if it tells of none.
fn maps(bytes: &[u8]) -> Option<Vec<Mapped>> {
    let notes = Reader::new(bytes).ok()?.finish().notes;
    let mut maps: Vec<Mapped> = notes.iter().filter_map(|note| mapped(note)).collect();
    maps.sort_by_key(|map| map.start);
    maps.dedup();
    (!maps.is_empty()).then_some(maps)
}

/// `map.K=START-END OFFSET BUILDID PATH`
fn mapped(note: &str) -> Option<Mapped> {
    let (_, value) = note.strip_prefix("map.")?.split_once('=')?;
    let mut words = value.splitn(4, ' ');
    let (start, end) = words.next()?.split_once('-')?;
    let hex = |digits| u64::from_str_radix(digits, 16).ok();
    let (start, end, offset) = (hex(start)?, hex(end)?, hex(words.next()?)?);
    let build_id = Some(words.next()?.to_owned()).filter(|id| id != "-");
    let path = PathBuf::from(words.next()?);
    (start < end).then_some(Mapped { start, end, offset, build_id, path })
}

/// The code of a program, as far as it was looked for.
struct Code<'a> {
    reading: &'a Reading,
    maps: Vec<Mapped>,
    folders: Vec<PathBuf>,
    /// Files that were named, with their build ids.
    files: Vec<(PathBuf, Option<String>)>,
    /// By the path that the trace tells.
    binaries: HashMap<PathBuf, Option<Binary>>,
}

impl<'a> Code<'a> {
    fn new(reading: &'a Reading, maps: Vec<Mapped>, binaries: &Binaries) -> Result<Self> {
        let mut files = Vec::new();
        for path in &binaries.files {
            let id = build_id(path).map_err(|error| anyhow!("{}: {error}", path.display()))?;
            let same = |map: &Mapped| match (&map.build_id, &id) {
                (Some(recorded), Some(id)) => recorded == id,
                (None, _) => map.path.file_name() == path.file_name(),
                (Some(_), None) => false,
            };
            if !maps.iter().any(same) {
                return Err(anyhow!("{}: {}", path.display(), mismatch(&maps, path, id.as_deref())));
            }
            files.push((path.clone(), id));
        }
        Ok(Self { reading, maps, folders: binaries.folders.clone(), files, binaries: HashMap::new() })
    }

    /// The functions at a return address, innermost first.
    fn places(&mut self, address: u64) -> Option<Vec<naming::Place>> {
        // The call is before it.
        let call = address.checked_sub(1)?;
        let behind = self.maps.partition_point(|map| map.start <= call);
        let map = self.maps.get(behind.checked_sub(1)?).filter(|map| call < map.end)?.clone();
        if !self.binaries.contains_key(&map.path) {
            let found = self.find(&map);
            self.binaries.insert(map.path.clone(), found);
        }
        let binary = self.binaries.get(&map.path)?.as_ref()?;
        binary.places(call - map.start + map.offset)
    }

    fn find(&self, map: &Mapped) -> Option<Binary> {
        let named = self.files.iter().filter(|(path, id)| match &map.build_id {
            Some(_) => *id == map.build_id,
            None => path.file_name() == map.path.file_name(),
        });
        let mut candidates: Vec<PathBuf> = named.map(|(path, _)| path.clone()).collect();
        for folder in &self.folders {
            if let Some((first, rest)) = map.build_id.as_deref().and_then(|id| id.split_at_checked(2)) {
                candidates.push(folder.join(".build-id").join(first).join(format!("{rest}.debug")));
            }
            candidates.extend(map.path.file_name().map(|name| folder.join(name)));
        }
        candidates.push(map.path.clone());
        for path in candidates.iter().filter(|path| path.is_file()) {
            match build_id(path) {
                Ok(id) if map.build_id.is_some() && id != map.build_id => {
                    let recorded = map.build_id.as_deref().unwrap_or("none");
                    let found = id.as_deref().unwrap_or("none");
                    let text = format!(
                        "{}: not the build that was recorded (build id {found} rather than {recorded}), so not used",
                        path.display()
                    );
                    console::note(self.reading, &text);
                }
                Ok(_) => match Binary::open(path) {
                    Ok(binary) => return Some(binary),
                    Err(error) => console::note(self.reading, &format!("{}: {error}", path.display())),
                },
                Err(error) => console::note(self.reading, &format!("{}: {error}", path.display())),
            }
        }
        let text = format!("{}: not found, its functions keep their addresses", map.path.display());
        console::note(self.reading, &text);
        None
    }
}

/// Why a file that was named will not do.
fn mismatch(maps: &[Mapped], path: &Path, id: Option<&str>) -> String {
    let of_name = maps.iter().find(|map| map.path.file_name() == path.file_name());
    let recorded = of_name.or(maps.first()).and_then(|map| map.build_id.as_deref()).unwrap_or("none");
    format!(
        "not a build that was recorded: its build id is {}, that of the recorded program {recorded}",
        id.unwrap_or("missing")
    )
}

impl Binary {
    fn open(path: &Path) -> Result<Self> {
        let file = ReadCache::new(File::open(path)?);
        let parsed = object::File::parse(&file)?;
        let parts = parsed.segments().map(|part| {
            let (offset, len) = part.file_range();
            (offset, len, part.address())
        });
        let parts = parts.collect();
        let loader = Loader::new(path).map_err(|error| anyhow!("{error}"))?;
        Ok(Self { loader, parts })
    }

    /// The functions at a place in the file, innermost first; none if nothing is known of it.
    fn places(&self, at: u64) -> Option<Vec<naming::Place>> {
        let part = self.parts.iter().find(|(offset, len, _)| at >= *offset && at - offset < *len);
        let address = part.map(|(offset, _, address)| at - offset + address)?;
        let mut places = Vec::new();
        if let Ok(mut frames) = self.loader.find_frames(address) {
            while let Ok(Some(frame)) = frames.next() {
                let name = frame.function.as_ref().and_then(|function| function.raw_name().ok());
                let file = frame.location.as_ref().and_then(|location| location.file).unwrap_or("");
                let line = frame.location.as_ref().and_then(|location| location.line).unwrap_or(0);
                places.push((name.map(Cow::into_owned), file.to_owned(), line));
            }
        }
        let symbol = || self.loader.find_symbol(address).map(str::to_owned);
        if places.is_empty() {
            places.push((None, String::new(), 0));
        }
        // Of what all others are inlined into, the table of symbols knows the name, too.
        if let Some(last) = places.last_mut()
            && last.0.is_none()
        {
            last.0 = symbol();
        }
        let named = places.into_iter().filter_map(|(name, file, line)| {
            let function = format!("{:#}", rustc_demangle::demangle(&name?));
            Some(naming::Place { function, file, line })
        });
        Some(named.collect::<Vec<_>>()).filter(|places| !places.is_empty())
    }
}

/// The build id of a binary, in hexadecimal.
fn build_id(path: &Path) -> Result<Option<String>> {
    let file = ReadCache::new(File::open(path)?);
    let parsed = object::File::parse(&file)?;
    let mut digits = String::new();
    for byte in parsed.build_id()?.unwrap_or_default() {
        use std::fmt::Write as _;
        // Writing to a string cannot fail.
        let _ = write!(digits, "{byte:02x}");
    }
    Ok(Some(digits).filter(|digits| !digits.is_empty()))
}

#[cfg(test)]
mod tests {
    use super::*;

    fn check(note: &str, expected: Option<(u64, u64, u64, Option<&str>, &str)>) {
        let found = mapped(note);
        let found = found.as_ref().map(|it| {
            (it.start, it.end, it.offset, it.build_id.as_deref(), it.path.to_str().expect("a path of this test"))
        });
        assert_eq!(found, expected, "{note}");
    }

    #[test]
    fn maps_of_notes() {
        check("map.0=1000-20f0 400 ab12 /srv/my app", Some((0x1000, 0x20f0, 0x400, Some("ab12"), "/srv/my app")));
        check("map.1=1000-20f0 400 - /lib/c.so", Some((0x1000, 0x20f0, 0x400, None, "/lib/c.so")));
        check("map.1=20f0-1000 400 - /lib/c.so", None);
        check("map.1=1000 400 - /lib/c.so", None);
        check("map.1=1000-20f0 400", None);
        check("thread.1=worker", None);
    }
}
