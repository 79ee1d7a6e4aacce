//! Traces as text: what `go tool trace -d=wire` prints, and a short form for writing traces by hand.
//!
//! `Printer` gives, byte for byte, what Go's tool prints, and `print` the same behind a line with the version; `parse`
//! reads it back without loss, except that every number becomes as short as it can be. Beyond that,
//! `parse` knows defaults, literals and directives, so that a corner case of scheduling is ten readable lines:
//!
//! ```text
//! Trace Go1.26
//! Generation 1 freq=1000000000          # sync batch, tables and end of generation come by themselves
//! EventBatch m=7 time=100
//! ProcStatus p=0 pstatus=Running
//! GoStatus   g=1 m=7 gstatus=Running
//! GoBlock at=150 reason_string="chan receive" stack=[main.work main.go:12; main.main main.go:5]
//! GoStart at=180 g=2 g_seq=1
//! ```
//!
//! # Lines
//!
//! ```text
//! text   := "Trace Go1." NN { line }
//! line   := [ name { word | field } ] [ "#" comment ]
//!         | { field }                                  belongs to the line before it: frames, data
//! field  := key "=" value                              in any order, no space around "="
//! value  := number | "-" | word | string | stack
//! number := decimal or 0x hexadecimal, "_" between digits; "-" and "-1" are 2^64 - 1, which means none
//! string := a Go string literal in double quotes
//! stack  := "[" { frame ";" } "]"                      leaf first
//! frame  := function [ file ":" line ] [ "@" pc ]
//! ```
//!
//! Names, and the keys of their arguments, are those of `EVENTS`; timed events have `dt` as well.
//!
//! * An argument left out is 0. But `dt` is 1, `gen` is the generation of the line before (at first 1), `size` and
//!   `nframes` are what is there. `size` and `nframes` that are given are written as they are, right or wrong.
//! * `at=N` in place of `dt` puts a timed event at tick N.
//! * `String`, `ExperimentalBatch` and `Bytes` have `data="…"`, on the same line or the next.
//! * Each line `pc= func= file= line=` after a `Stack` is a frame, leaf first.
//! * A string in place of a string id, and a stack in place of a stack id, are entered into the tables of the
//!   generation, which are written at its end. The ids are the lowest above 0 that the generation's text does not use.
//!   The empty string and the empty stack are 0.
//! * A frame without `@pc` gets one of its own, the same wherever function, file and line are the same.
//! * `gstatus` can be `Runnable`, `Running`, `Syscall` or `Waiting`; `pstatus` can be `Running`, `Idle`, `Syscall` or
//!   `SyscallAbandoned`.
//! * An event of a later version than the header's is written all the same; readers must refuse it.
//!
//! # Directives
//!
//! * `Generation N freq= time= mono= sec= nsec=` begins a generation with its sync batch: ticks per second (default
//!   10^9), time of the sync batch and of the clock snapshot (default: that of the earliest batch of the generation),
//!   monotonic clock (default: `time`), wall clock. The snapshot is written from version 1.25, the end of the
//!   generation from 1.26.
//! * A generation ends before the next `Generation`, before a batch of another generation, at `EndOfGeneration`, and at
//!   the end of the text. Begun without `Generation`, it gets its tables but no sync batch and no end.
//! * `Bytes data="…"` writes these bytes: into the batch if there is one whose `size` is not given, else after it.
//! * `Cut drop=N` ends the text without tables and without the end of the generation, and takes away the last N bytes.

//!
//! # The v1 format
//!
//! Its records are printed in the same way, with the names and keys of `v1::EVENTS`; `p` of a `Batch` that no proc wrote
//! is 2^64 - 1, the message of a `UserLog` stands in a line of `data` behind it. Go's tool cannot print them, and `parse`
//! does not read them.
//!
//! ```text
//! Batch p=0 ticks=61035156
//! GoStart dt=12 g=18 seq=3
//! UserLog dt=3 task=1 key=27 stack=9
//!     data="half way"
//! Stack id=9 nframes=1
//!     pc=4837713 func=28 file=29 line=42
//! ```

mod line;
mod parse;
mod print;
mod quote;
mod tables;
#[cfg(test)]
mod tests;

use std::fmt;

pub use parse::parse;
pub use print::{Printer, print, push_number};
pub use quote::push_quoted;

/// Why a text is not a trace.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct TextError {
    /// The line, from 1.
    pub line: usize,
    /// What is wrong there, as a lower-case fragment.
    pub message: String,
}

impl fmt::Display for TextError {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        write!(f, "line {}: {}", self.line, self.message)
    }
}

impl std::error::Error for TextError {}
