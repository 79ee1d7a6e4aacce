//! Which code is where in memory, for whoever looks up functions later.

use std::collections::HashMap;
use std::fmt::Write as _;
use std::fs::File;

use object::Object;
use object::read::ReadCache;

/// The build ids of files by path, as far as they were looked at.
#[derive(Debug, Default)]
pub struct Maps {
    build_ids: HashMap<String, String>,
}

impl Maps {
    /// Adds a line for each mapping of code: `map.K=START-END OFFSET BUILDID PATH`.
    pub fn note(&mut self, note: &mut String) {
        let maps = std::fs::read_to_string("/proc/self/maps").unwrap_or_default();
        for (number, (range, offset, path)) in maps.lines().filter_map(code).enumerate() {
            let build_id = self.build_ids.entry(path.to_owned()).or_insert_with(|| build_id(path));
            // Writing to a string cannot go wrong.
            let _ = writeln!(note, "map.{number}={range} {offset} {build_id} {path}");
        }
    }
}

/// Addresses, place in the file and path of a line, if that maps code of a file.
fn code(line: &str) -> Option<(&str, &str, &str)> {
    let mut words = line.splitn(6, ' ').map(str::trim);
    let (range, rights, offset) = (words.next()?, words.next()?, words.next()?);
    let path = words.nth(2)?.trim();
    (rights.contains('x') && path.starts_with('/')).then_some((range, offset, path))
}

/// In hexadecimal, or `-` for none.
fn build_id(path: &str) -> String {
    let read = || {
        let file = ReadCache::new(File::open(path).ok()?);
        let file = object::File::parse(&file).ok()?;
        let id = file.build_id().ok()??;
        let mut digits = String::new();
        for byte in id {
            // Writing to a string cannot go wrong.
            let _ = write!(digits, "{byte:02x}");
        }
        Some(digits)
    };
    read().unwrap_or_else(|| "-".to_owned())
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn lines_of_code() {
        let check = |line: &str, expected| assert_eq!(code(line), expected, "{line}");
        check("5000-6000 r-xp 00001000 fd:01 77      /srv/my app", Some(("5000-6000", "00001000", "/srv/my app")));
        check("5000-6000 r--p 00001000 fd:01 77      /srv/app", None);
        check("5000-6000 r-xp 00000000 00:00 0       [vdso]", None);
        check("5000-6000 r-xp 00000000 00:00 0", None);
        check("", None);
    }

    #[test]
    fn this_program_is_there() {
        let mut note = String::new();
        Maps::default().note(&mut note);
        let own = std::env::current_exe().unwrap().to_string_lossy().into_owned();
        assert!(note.lines().any(|line| line.starts_with("map.") && line.ends_with(&own)), "{note}");
    }
}
