//! The project's chores, each one command: `cargo xtask test`, `tidy`, `web`, `fuzz`, `bench`, `stress`,
//! `synth`.

mod bench;
mod fuzz;
mod run;
mod stress;
mod synth;
mod test;
mod tidy;
mod web;

use anyhow::{Result, bail};
use std::path::{Path, PathBuf};
use std::process::ExitCode;

const USAGE: &str = "\
usage: cargo xtask CHORE

  test            everything that must pass: format, lints, tidiness, Rust tests, web tests, browser tests
  ci              the same
  tidy            only the checks of the tree itself
  web             build the page and put it where the server crate embeds it
  fuzz [TARGET …] [--seconds N] [--seed N|random]
                  build the fuzz targets and run each for a minute, or N seconds; with other inputs every
                  time, or with those that follow from a number: the tests have 1
  fuzz --keep     pack the smallest set of inputs that covers what all cover, to be committed
  bench NAME …    one of: varint, read, bytes, viewport, open, frames; then a trace file (made if there is none)
  bench record    what recording costs a Rust program; with words after it, rows that begin with them
  bench peers     the same beside its peers and Go's tracer
  bench files TRACE …
                  what every way to read these traces costs, as one table
  bench profile [FILE]
                  what every report of a profile costs, as one table
  stress [NAME …] [--runs N] [--kills N] [--go 1.N=PATH …]
                  play the recorder's stress scenarios and the examples (100 times), kill recorded processes
                  (500), and read their files, also with Go's readers: PATH is a `go` command or a `trace` tool
  synth OUT [N]   write a synthetic but valid trace of about N events (10 million)";

fn main() -> ExitCode {
    let args: Vec<String> = std::env::args().skip(1).collect();
    let args: Vec<&str> = args.iter().map(String::as_str).collect();
    match chore(&args) {
        Ok(()) => ExitCode::SUCCESS,
        Err(error) => {
            say(&format!("\nxtask: {error:#}"));
            ExitCode::FAILURE
        }
    }
}

fn chore(args: &[&str]) -> Result<()> {
    match args {
        ["test" | "ci"] => test::everything(),
        ["tidy"] => tidy::check_tree(),
        ["web"] => web::build(),
        ["fuzz", rest @ ..] => fuzz::run(rest),
        ["stress", rest @ ..] => stress::run(rest),
        ["bench", name, rest @ ..] => bench::run(name, rest),
        ["synth", out] => synth::write(Path::new(out), 10_000_000),
        ["synth", out, events] => synth::write(Path::new(out), events.replace('_', "").parse()?),
        _ => bail!("{USAGE}"),
    }
}

/// The root of the repository.
fn root() -> PathBuf {
    let here = Path::new(env!("CARGO_MANIFEST_DIR"));
    here.parent().unwrap_or(here).to_path_buf()
}

/// The one place that prints.
#[expect(clippy::print_stderr, reason = "chores report on standard error")]
fn say(line: &str) {
    eprintln!("{line}");
}
