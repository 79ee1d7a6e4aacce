//! The program: arguments, files, the terminal, the browser and exit codes. What it knows about traces it asks the
//! crates below.

mod answers;
mod browser;
mod check;
mod cli;
mod console;
mod debugging;
mod demo;
mod editing;
mod failure;
mod go_profile;
mod index;
mod input;
mod mapped;
mod memory;
mod numbers;
mod opening;
mod output;
mod packing;
mod profiling;
mod progress;
mod serve;
mod sniff;
mod sources;
mod store;
mod summary;
mod symbolizing;
mod table;
mod watch;

use anyhow::Context;
use cli::{Command, Request};
use failure::Failure;
use index::Cache;
use std::path::PathBuf;
use std::process::ExitCode;
use watch::Watch;

fn main() -> ExitCode {
    // Every exit code of the program is here, but for Ctrl-C before there is a page: nothing has to be tidied up
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
        Err(Failure::Unsound) => ExitCode::from(3),
        Err(Failure::Trouble(error)) => {
            console::tell(&format!("error: {error:#}\n"));
            ExitCode::from(1)
        }
        Err(Failure::Told) => ExitCode::from(1),
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
            serve::run(&reading, &serving, input::open(&file, reading.options())?, Vec::new())
        }
        Command::Debug { mode, file } => debugging::run(&reading, mode, &file),
        Command::Pprof { kind, file } => go_profile::run(&reading, kind, &file),
        Command::Demo { which } => {
            serve::check(&serving)?;
            let recorded = demo::record(&reading, which)?;
            serve::run(&reading, &serving, recorded.first, vec![recorded.other])
        }
        Command::Info { file, json } => {
            let opened = opening::read(
                input::open(&file, reading.options())?,
                reading.options(),
                Cache::of(&reading)?.as_ref(),
                Watch::terminal(&reading),
            )?;
            if let Some(text) = opening::verdict(&opened) {
                console::tell(&text);
            }
            console::tell(&opening::cautions(&opened));
            console::answer(&summary::of(&opened, json)?).context("standard output")?;
            Ok(())
        }
        Command::Profile(asked) => profiling::run(&reading, &asked),
        Command::Ask { question, asked } => answers::run(&reading, &question, &asked),
        Command::CheckFile { file, json } => {
            let checked = check::read(&reading, &file)?;
            console::answer(&check::report(&checked, json)?).context("standard output")?;
            if checked.is_sound() { Ok(()) } else { Err(Failure::Unsound) }
        }
        Command::Cut { window, from, to } => editing::cut(&reading, window, &from, &to),
        Command::Merge { from, to } => {
            editing::merge(&reading, &from.iter().map(PathBuf::as_path).collect::<Vec<_>>(), &to)
        }
        Command::Anonymize { names, from, to } => editing::anonymize(&reading, names, &from, &to),
        Command::Repair { from, to } => editing::repair(&reading, &from, &to),
        Command::Symbolize { binaries, from, to } => symbolizing::run(&reading, &binaries, &from, &to),
    }
}
