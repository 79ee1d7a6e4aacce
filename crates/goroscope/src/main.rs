//! The program: arguments, files, the terminal, the browser and exit codes. What it knows about traces it asks the
//! crates below.

mod browser;
mod cli;
mod console;
mod demo;
mod durations;
mod editing;
mod failure;
mod input;
mod numbers;
mod opening;
mod output;
mod packing;
mod progress;
mod serve;
mod sniff;
mod summary;

use anyhow::Context;
use cli::{Command, Request};
use failure::Failure;
use std::path::PathBuf;
use std::process::ExitCode;

fn main() -> ExitCode {
    // Every exit code of the program is here, but for Ctrl-C while a trace is being read: nothing has to be tidied up
    // then, so the signal ends the program as it ends any other, which shells report as 130.
    match run() {
        Ok(()) => ExitCode::SUCCESS,
        Err(Failure::Asked(text)) => {
            if console::answer(&text).is_ok() {
                ExitCode::SUCCESS
            } else {
                ExitCode::from(1)
            }
        }
        Err(Failure::Trouble(error)) => {
            console::tell(&format!("error: {error:#}\n"));
            ExitCode::from(1)
        }
        Err(Failure::Usage(text)) => {
            console::tell(&text);
            ExitCode::from(2)
        }
    }
}

fn run() -> Result<(), Failure> {
    let Request { command, reading, serving } = cli::parse(std::env::args_os())?;
    match command {
        Command::Open { file, ignored } => {
            if let Some(binary) = ignored {
                console::note(
                    &reading,
                    &format!("{} is not needed and ignored: traces name their functions", binary.display()),
                );
            }
            let opened = opening::open_file(&reading, &file)?;
            if let Some(text) = opening::damage(&opened) {
                console::tell(&text);
            }
            serve::run(&reading, &serving, opened)
        }
        Command::Demo { which } => {
            let opened = opening::open_demo(&reading, which)?;
            serve::run(&reading, &serving, opened)
        }
        Command::Info { file, json } => {
            let opened = opening::open_file(&reading, &file)?;
            if let Some(text) = opening::verdict(&opened) {
                console::tell(&text);
            }
            console::answer(&summary::of(&opened, json)?).context("standard output")?;
            Ok(())
        }
        Command::Cut { window, from, to } => editing::cut(&reading, window, &from, &to),
        Command::Merge { from, to } => {
            editing::merge(&reading, &from.iter().map(PathBuf::as_path).collect::<Vec<_>>(), &to)
        }
        Command::Anonymize { names, from, to } => editing::anonymize(&reading, names, &from, &to),
        Command::Repair { from, to } => editing::repair(&reading, &from, &to),
    }
}
