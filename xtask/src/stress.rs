//! `cargo xtask stress`: plays the recorder's stress scenarios and the examples many times, kills recorded processes, and has Go's
//! readers read all files, too.
//!
//! The scenarios are a test of the recorder, where each is played once and small; here they are played at full size.

use crate::{root, run, say};
use anyhow::{Context, Result, bail, ensure};
use std::path::{Path, PathBuf};
use std::process::Command;

const USAGE: &str = "usage: cargo xtask stress [NAME …] [--runs N] [--kills N] [--go 1.N=PATH …]";

/// The program that counts the events of a trace with Go's own reader.
const COUNTER: &str = include_str!("stress/count.go");

/// Reads the arguments after `stress`, of which all but the defaults are the test's own.
pub fn run(args: &[&str]) -> Result<()> {
    let test = ["test", "--locked", "-p", "goroscope-recorder", "--test", "stress", "--", "--scale", "5"];
    let mut passed: Vec<String> = test.map(str::to_owned).to_vec();
    let defaults = [("--runs", "100"), ("--kills", "500")];
    let mut rest = args.iter();
    while let Some(&arg) = rest.next() {
        match arg {
            "--runs" | "--kills" => {
                let number = rest.next().context(USAGE)?;
                number.parse::<u64>().context(USAGE)?;
                passed.extend([arg, number].map(str::to_owned));
            }
            "--go" => passed.extend(tool(rest.next().context(USAGE)?)?),
            option if option.starts_with('-') => bail!(USAGE),
            name => passed.push(name.to_owned()),
        }
    }
    for (option, number) in defaults {
        if !args.contains(&option) {
            passed.extend([option, number].map(str::to_owned));
        }
    }
    if !args.contains(&"--go") {
        say("without `--go 1.N=PATH` no tool of Go reads the files");
    }
    run::run("cargo", &["build", "--locked", "-p", "goroscope-pubsub", "-p", "goroscope-waits"])?;
    let target = std::env::var_os("CARGO_TARGET_DIR").map_or_else(|| root().join("target"), PathBuf::from);
    passed.extend(["--examples".to_owned(), target.join("debug").to_string_lossy().into_owned()]);
    let passed: Vec<&str> = passed.iter().map(String::as_str).collect();
    run::run("cargo", &passed)
}

/// The arguments for a version of Go, of which there is the `go` command or the `trace` tool.
fn tool(named: &str) -> Result<[String; 2]> {
    let parts = named.strip_prefix("1.").and_then(|rest| rest.split_once('='));
    let Some((minor, path)) = parts else {
        bail!("`--go` needs a version and the path of its `go` or `trace`, such as 1.27=/usr/local/go/bin/go");
    };
    let minor: u64 = minor.parse().context(USAGE)?;
    if Path::new(path).file_name().is_none_or(|name| name != "go") {
        return Ok(["--go".to_owned(), named.to_owned()]);
    }
    Ok(["--go-count".to_owned(), format!("1.{minor}={}", counter(minor, path)?)])
}

/// Builds the counter with this `go`, which prints a number where `trace` prints gigabytes.
///
/// Go's reader can be imported only in its own tree. So the source is laid over that, which stays as it is.
fn counter(minor: u64, go: &str) -> Result<String> {
    let goroot = ask(go, &["env", "GOROOT"], &root())?;
    let goroot = Path::new(goroot.trim());
    let folder = root().join(format!("target/stress/go1.{minor}"));
    std::fs::create_dir_all(&folder)?;
    let (source, overlay, counter) = (folder.join("count.go"), folder.join("overlay.json"), folder.join("count"));
    let package = if minor < 23 { "\"internal/trace/v2\"" } else { "\"internal/trace\"" };
    std::fs::write(&source, COUNTER.replace("\"internal/trace\"", package))?;
    let laid = goroot.join("src/cmd/goroscope-count/main.go");
    std::fs::write(&overlay, serde_json::json!({ "Replace": { laid.to_string_lossy(): source } }).to_string())?;
    let [overlay, counter] = [overlay, counter].map(|path| path.to_string_lossy().into_owned());
    let build = ["build", "-overlay", &overlay, "-o", &counter, "./goroscope-count"];
    ask(go, &build, &goroot.join("src/cmd"))?;
    Ok(counter)
}

/// What this very `go` prints, and not another one that it would fetch.
fn ask(go: &str, args: &[&str], folder: &Path) -> Result<String> {
    let mut command = Command::new(go);
    command.args(args).current_dir(folder).envs([("GOTOOLCHAIN", "local"), ("GOWORK", "off"), ("GOFLAGS", "")]);
    let output = command.output().with_context(|| format!("`{go}` cannot be started"))?;
    let said = String::from_utf8_lossy(&output.stderr);
    ensure!(output.status.success(), "`{go} {}` ended with {}: {said}", args.join(" "), output.status);
    Ok(String::from_utf8(output.stdout)?)
}
