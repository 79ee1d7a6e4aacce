//! Programs that do everything a recorder must endure, each in a process of its own, whose files are read by the strict
//! reader and, if they are named, by Go's tools.
//!
//! As a test every scenario is played once. `cargo xtask stress` plays them many times.

#![expect(clippy::unwrap_used, reason = "a program that does not do what it should has failed its test")]

mod counting;
mod files;
mod kills;
mod options;
mod programs;
mod scenarios;
mod stage;

use std::process::ExitCode;

fn main() -> ExitCode {
    let args: Vec<String> = std::env::args().skip(1).collect();
    let args: Vec<&str> = args.iter().map(String::as_str).collect();
    if let ["--play", name, folder, compat, scale] = args.as_slice() {
        scenarios::play(name, folder.as_ref(), compat, scale.parse().unwrap());
        return ExitCode::SUCCESS;
    }
    let options = options::Options::of(&args);
    let failures = scenarios::try_all(&options) + programs::try_all(&options) + kills::try_all(&options);
    if failures == 0 { ExitCode::SUCCESS } else { ExitCode::FAILURE }
}

/// The one place that prints.
#[expect(clippy::print_stdout, reason = "a test without the usual harness reports by itself")]
pub fn say(line: &str) {
    println!("{line}");
}
