//! `cargo xtask bench peers`: the same work recorded by goroscope-recorder, by its peers, and in Go by Go's own tracer.
//!
//! All programs are built first and then run in turns, so that a machine that is busy for a while is so for all of them;
//! of each figure the best counts. What cannot be built or run is in the tables as that.

use std::fmt::Write as _;
use std::path::{Path, PathBuf};
use std::process::Command;

use anyhow::{Context, Result, bail};

use crate::{root, say};

const FOLDER: &str = "crates/recorder/benches/peers";

/// How often every program runs.
const TURNS: usize = 3;

/// Requests per second that a server is asked for.
const RATES: [&str; 3] = ["1000", "10000", "100000"];

/// A way to build the program.
struct Build {
    name: &'static str,
    features: &'static str,
    flags: &'static str,
    /// What it records with, by name and in the table.
    tracers: &'static [(&'static str, &'static str)],
}

const BUILDS: [Build; 4] = [
    Build {
        name: "tables",
        features: "",
        flags: "",
        tracers: &[
            ("without", "not traced"),
            ("off", "goroscope-recorder, off"),
            ("events", "goroscope-recorder, no stacks"),
            ("full", "goroscope-recorder, unwind tables"),
        ],
    },
    Build {
        name: "pointers",
        features: "",
        flags: "-C force-frame-pointers=yes",
        tracers: &[("full", "goroscope-recorder, frame pointers")],
    },
    Build { name: "dial9", features: "dial9", flags: "--cfg tokio_unstable", tracers: &[("dial9", "dial9")] },
    Build {
        name: "tracing",
        features: "console,chrome",
        flags: "--cfg tokio_unstable",
        tracers: &[("console", "console-subscriber"), ("chrome", "tracing-chrome, to nowhere")],
    },
];

/// A line of a table: the best of every figure, or why there is none.
#[derive(Clone)]
struct Row {
    label: &'static str,
    program: Result<PathBuf, String>,
    language: Language,
    tracer: &'static str,
    best: Vec<f64>,
}

/// What a program is written in: the one in Go knows nothing but the operations.
#[derive(Clone, Copy)]
enum Language {
    Rust,
    Go,
}

/// Which of two figures counts.
#[derive(Clone, Copy)]
enum Better {
    Less,
    More,
}

/// Builds, measures and prints the tables.
pub fn run(rest: &[&str]) -> Result<()> {
    if !rest.is_empty() {
        bail!("`bench peers` measures all of them");
    }
    let built = rows();
    let mut operations = built.clone();
    operations.extend(twins());
    in_turns(&mut operations, &[Better::Less; 5], |row, program| match row.language {
        Language::Rust => figures(program, &["operations", row.tracer]),
        Language::Go => figures(program, &[row.tracer]),
    });
    let head = "| ns per operation | yield | wake and back | spawn and join | contended lock | all threads, all four |\n\
                | --- | --- | --- | --- | --- | --- |";
    say(&format!("\n{head}\n{}", table(&operations)));
    for rate in RATES {
        let mut servers = built.clone();
        let better = [Better::More, Better::Less, Better::Less, Better::Less];
        in_turns(&mut servers, &better, |row, program| figures(program, &["server", row.tracer, rate]));
        let head = format!(
            "| {rate} requests/s asked for | answered/s | median, µs | 99th, µs | server's processor, ns per request |\n\
             | --- | --- | --- | --- | --- |"
        );
        say(&format!("\n{head}\n{}", table(&servers)));
    }
    Ok(())
}

fn rows() -> Vec<Row> {
    let built = BUILDS.iter().map(|build| (build, told(self::build(build))));
    let rows = built.flat_map(|(build, program)| {
        build.tracers.iter().map(move |&(tracer, label)| Row {
            label,
            program: program.clone(),
            language: Language::Rust,
            tracer,
            best: Vec::new(),
        })
    });
    rows.collect()
}

/// An error is told in each of its rows.
fn told(program: Result<PathBuf>) -> Result<PathBuf, String> {
    program.map_err(|error| format!("{error:#}"))
}

/// The program built so, at a place of its own.
fn build(build: &Build) -> Result<PathBuf> {
    let target = root().join("target/peers");
    let mut cargo = Command::new("cargo");
    // Not locked: where the recorder's own dependencies change, this lock file follows.
    cargo.args(["build", "--release", "--target-dir"]).arg(&target).current_dir(root().join(FOLDER));
    if !build.features.is_empty() {
        cargo.args(["--features", build.features]);
    }
    if !build.flags.is_empty() {
        cargo.env("RUSTFLAGS", build.flags);
    }
    if !cargo.status().context("cargo cannot be started")?.success() {
        bail!("cannot be built here");
    }
    let program = target.join(build.name);
    std::fs::copy(target.join("release/goroscope-recorder-peers"), &program)?;
    Ok(program)
}

/// The twin in Go, traced and not.
fn twins() -> Vec<Row> {
    let build = || {
        let program = root().join("target/peers/twin");
        let mut go = Command::new("go");
        go.args(["build", "-o"]).arg(&program).arg("main.go").current_dir(root().join(FOLDER).join("twin"));
        if !go.status().context("there is no Go")?.success() {
            bail!("cannot be built here");
        }
        Ok(program)
    };
    [("without", "the same in Go, not traced"), ("trace", "the same in Go, Go's tracer")]
        .map(|(tracer, label)| Row { label, program: told(build()), language: Language::Go, tracer, best: Vec::new() })
        .into()
}

fn in_turns(rows: &mut [Row], better: &[Better], measure: impl Fn(&Row, &Path) -> Result<Vec<f64>>) {
    for _ in 0..TURNS {
        for row in &mut *rows {
            let Ok(program) = &row.program else { continue };
            match measure(row, program) {
                Ok(figures) if row.best.is_empty() => row.best = figures,
                Ok(figures) => {
                    for ((best, figure), better) in row.best.iter_mut().zip(figures).zip(better) {
                        *best = match better {
                            Better::Less => best.min(figure),
                            Better::More => best.max(figure),
                        };
                    }
                }
                Err(error) => row.program = told(Err(error)),
            }
        }
    }
}

/// The numbers that a program prints.
fn figures(program: &Path, arguments: &[&str]) -> Result<Vec<f64>> {
    let output = Command::new(program).args(arguments).output().context("cannot be started")?;
    if !output.status.success() {
        bail!("breaks down: {}", output.status);
    }
    let printed = String::from_utf8_lossy(&output.stdout);
    Ok(printed.split_whitespace().filter_map(|word| word.parse().ok()).collect())
}

fn table(rows: &[Row]) -> String {
    let mut table = String::new();
    for row in rows {
        let _ = write!(table, "| {} |", row.label);
        match &row.program {
            Ok(_) => row.best.iter().for_each(|figure| {
                let _ = write!(table, " {figure:.0} |");
            }),
            Err(error) => {
                let _ = write!(table, " {error} |");
            }
        }
        table.push('\n');
    }
    table
}
