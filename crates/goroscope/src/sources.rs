//! Source files that the frames of a trace name, if they are on this machine.
//!
//! A trace may come from anywhere, so what it names may be anything: only regular files of a name that source files have
//! are read, and no large ones.

use std::fs;
use std::path::Path;

/// The largest source file, in bytes.
const LARGEST: u64 = 8 << 20;
/// What source files are called.
const ENDINGS: [&str; 8] = ["go", "s", "c", "h", "cc", "cpp", "rs", "S"];

/// The text of a source file; `None` if there is none of this name.
pub fn read(file: &str) -> Option<String> {
    let path = Path::new(file);
    let is_source = path.extension().is_some_and(|ending| ENDINGS.iter().any(|known| ending == *known));
    // A path that is not whole would be looked for wherever the program was started.
    if !is_source || !path.is_absolute() {
        return None;
    }
    let about = fs::metadata(path).ok()?;
    if !about.is_file() || about.len() > LARGEST {
        return None;
    }
    fs::read(path).ok().map(|bytes| String::from_utf8_lossy(&bytes).into_owned())
}
