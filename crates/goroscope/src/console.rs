//! The only place that prints.

use crate::cli::Reading;
use crate::table::{Ink, Look};
use std::io::{self, IsTerminal, Write};

/// Whether a person looks at standard error.
pub fn is_terminal() -> bool {
    io::stderr().is_terminal()
}

/// How tables look: on a terminal as wide as it is, and coloured unless `NO_COLOR` says otherwise.
pub fn look() -> Look {
    if !io::stdout().is_terminal() {
        return Look::PLAIN;
    }
    let is_wanted = std::env::var_os("NO_COLOR").is_none_or(|value| value.is_empty());
    Look { ink: if is_wanted { Ink::Coloured } else { Ink::Plain }, width: columns().unwrap_or(Look::PLAIN.width) }
}

/// Columns of the terminal; of one that does not know, none.
#[cfg(unix)]
fn columns() -> Option<usize> {
    let columns = rustix::termios::tcgetwinsize(io::stdout()).ok()?.ws_col;
    (columns > 0).then_some(columns.into())
}

#[cfg(not(unix))]
fn columns() -> Option<usize> {
    None
}

/// Prints what was asked for to standard output.
pub fn answer(text: &str) -> io::Result<()> {
    let printed = io::stdout().write_all(text.as_bytes()).and_then(|()| io::stdout().flush());
    // A reader that went away, such as `head`, has what it wanted.
    printed.or_else(|error| if error.kind() == io::ErrorKind::BrokenPipe { Ok(()) } else { Err(error) })
}

/// Bytes that are written to standard output at a time.
const PIECE: usize = 256 << 10;

/// Whether anybody takes what is printed.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Taker {
    /// Somebody does.
    There,
    /// A reader that went away, such as `head`, has what it wanted.
    Gone,
}

/// An answer that is too long to be held. What is appended to `text` is printed piece by piece.
#[derive(Debug)]
pub struct LongAnswer {
    /// What is not printed yet.
    pub text: Vec<u8>,
}

impl LongAnswer {
    /// One of which nothing is printed.
    pub fn new() -> Self {
        Self { text: Vec::with_capacity(2 * PIECE) }
    }

    /// Prints what there is if it is enough.
    pub fn go_on(&mut self) -> io::Result<Taker> {
        if self.text.len() < PIECE { Ok(Taker::There) } else { self.flush() }
    }

    /// Prints what is left.
    pub fn flush(&mut self) -> io::Result<Taker> {
        let mut stdout = io::stdout().lock();
        let printed = stdout.write_all(&self.text).and_then(|()| stdout.flush());
        self.text.clear();
        match printed {
            Ok(()) => Ok(Taker::There),
            Err(error) if error.kind() == io::ErrorKind::BrokenPipe => Ok(Taker::Gone),
            Err(error) => Err(error),
        }
    }
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
