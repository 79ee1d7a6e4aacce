//! `cargo xtask bench profile [FILE]`: what each report of a profile costs, here and in `go tool pprof`, as one table.
//!
//! Both are whole processes that read the file, make the report and print it into nothing. Without a file it is a large one
//! that no program recorded. pprof is measured if `GO_PPROF` is set to a built `cmd/pprof`; a process that takes more than
//! `MOST_GIB` (16) is stopped, and the table says so.

use super::files::{best, optional, to_the_end, told};
use crate::{root, run, say};
use anyhow::{Result, bail};
use std::fs;
use std::path::{Path, PathBuf};

/// The one that reads the file twice.
const MERGED: &str = "merged with itself";

/// A report, what asks for it here, and what in pprof.
const REPORTS: [(&str, &str, Option<&str>); 10] = [
    ("functions", "-top", Some("-top")),
    ("callers and callees", "-tree", Some("-tree")),
    ("around one function", "-peek=Step100$", Some("-peek=Step100$")),
    ("every sample", "-traces", Some("-traces")),
    ("labels", "-tags", Some("-tags")),
    ("folded stacks", "-folded", None),
    ("flame graph", "-svg", None),
    ("graph of 80 functions", "-graph", Some("-dot")),
    ("read and written", "-proto", Some("-proto")),
    (MERGED, "-proto", Some("-proto")),
];

/// How often each report is made here; the fastest counts. pprof makes it once.
const ROUNDS: usize = 2;

/// Measures every report, and prints the table.
pub fn run(rest: &[&str]) -> Result<()> {
    run::run("cargo", &["build", "--release", "--locked", "-p", "goroscope-profile", "--examples"])?;
    let examples = root().join("target/release/examples");
    let file = match rest {
        [] => synthetic(&examples)?,
        [path] => fs::canonicalize(path)?,
        _ => bail!("`bench profile` takes one profile"),
    };
    let file = file.to_string_lossy();
    let report = examples.join("report");
    let mut rows = Vec::new();
    for (name, ours, theirs) in REPORTS {
        let files = if name == MERGED { vec![&*file, &*file] } else { vec![&*file] };
        let cost = best(ROUNDS, || to_the_end(&report, &[&[ours], &files[..]].concat()))?;
        let theirs = match theirs {
            Some(theirs) => {
                let arguments = [&["-symbolize=none", "-output=/dev/null", theirs], &files[..]].concat();
                optional("GO_PPROF", 1, |program| to_the_end(program, &arguments))?.map_or_else(|| "?".into(), told)
            }
            None => "has none".to_owned(),
        };
        rows.push(format!("| {name} | {} | {theirs} |", told(cost)));
    }
    say(&format!("\n| report | Goroscope | `go tool pprof` |\n| --- | --- | --- |\n{}", rows.join("\n")));
    Ok(())
}

fn synthetic(examples: &Path) -> Result<PathBuf> {
    let path = root().join("target/synthetic.pb.gz");
    if !path.exists() {
        run::run(&examples.join("synthetic").to_string_lossy(), &[&path.to_string_lossy()])?;
    }
    Ok(path)
}
