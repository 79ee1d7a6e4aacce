//! The only place that prints.

use crate::cli::Reading;
use std::io::{self, IsTerminal, Write};

/// Whether a person looks at standard error.
pub fn is_terminal() -> bool {
    io::stderr().is_terminal()
}

/// Prints what was asked for to standard output.
pub fn answer(text: &str) -> io::Result<()> {
    let printed = io::stdout().write_all(text.as_bytes()).and_then(|()| io::stdout().flush());
    // A reader that went away, such as `head`, has what it wanted.
    printed.or_else(|error| if error.kind() == io::ErrorKind::BrokenPipe { Ok(()) } else { Err(error) })
}

/// Prints to standard error as it is.
pub fn tell(text: &str) {
    // There is nowhere else to complain.
    let _ = io::stderr().write_all(text.as_bytes());
}

/// Prints a line to standard error, unless `--quiet`.
pub fn note(reading: &Reading, text: &str) {
    if !reading.quiet {
        tell(&format!("note: {text}\n"));
    }
}
