//! The program from outside: arguments in; standard output, standard error and exit code in one snapshot.

#![allow(clippy::needless_raw_string_hashes, clippy::too_many_lines, reason = "snapshots are written by their tool")]

mod annotations;
mod answers;
mod checking;
mod contents;
mod damage;
mod debugging;
mod editing;
mod goroutines;
mod index;
mod mistakes;
mod profile_rows;
mod profiles;
mod program;
mod refusals;
mod rows;
mod runtime;
mod rust;
mod serving;
#[cfg(all(target_os = "linux", target_arch = "x86_64"))]
mod symbolize;
