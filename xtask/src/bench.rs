//! `cargo xtask bench`: the few benches, each named after a promise, on a trace of yours or a synthetic one.

mod files;
mod peers;
mod profiles;

use crate::{root, run, synth, web};
use anyhow::{Result, bail};
use std::path::PathBuf;

/// All there are.
const NAMES: &str = "varint, read, bytes, viewport, open, frames, files, profile, record, peers";

/// Runs a bench on the trace file in `rest`, or on a synthetic one of ten million events.
pub fn run(name: &str, rest: &[&str]) -> Result<()> {
    if name == "files" {
        return files::run(rest);
    }
    if name == "profile" {
        return profiles::run(rest);
    }
    if name == "record" {
        let bench = ["bench", "--locked", "-p", "goroscope-recorder", "--bench", "record_event", "--"];
        return run::run("cargo", &[&bench, rest].concat());
    }
    if name == "peers" {
        return peers::run(rest);
    }
    let trace = match rest {
        [] => synthetic()?,
        [path] => std::fs::canonicalize(path)?,
        _ => bail!("a bench takes one trace file"),
    };
    let trace = trace.to_string_lossy();
    let cargo_bench = |package: &str, bench: &str| {
        run::run("cargo", &["bench", "--locked", "-p", package, "--bench", bench, "--", &trace])
    };
    match name {
        "varint" => cargo_bench("goroscope-wire", "varint_floor"),
        "read" => cargo_bench("goroscope-reader", "read_events_per_second"),
        "bytes" => cargo_bench("goroscope-model", "bytes_per_event"),
        "viewport" => cargo_bench("goroscope-analysis", "viewport_query"),
        "open" | "frames" => {
            run::run("cargo", &["build", "--release", "--locked", "--bin", "goroscope"])?;
            web::install()?;
            web::bench(name, &trace)
        }
        other => {
            bail!("no bench `{other}`; there are {NAMES}")
        }
    }
}

fn synthetic() -> Result<PathBuf> {
    let path = root().join("target/synthetic-10m.trace");
    if !path.exists() {
        std::fs::create_dir_all(root().join("target"))?;
        synth::write(&path, 10_000_000)?;
    }
    Ok(path)
}
