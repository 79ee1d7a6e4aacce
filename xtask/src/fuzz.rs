//! `cargo xtask fuzz`: builds the fuzz targets of `fuzz/` with the pinned toolchain and runs each for a while.
//!
//! What `cargo fuzz` does with `--sanitizer none` needs no nightly compiler: the counters of libFuzzer are a pass of
//! LLVM, which stable passes on. `cargo +nightly fuzz run TARGET` works on the same folder for whoever has it.
//!
//! A target reads inputs from three places: `fuzz/corpus/` is what it found itself here and is not committed; the seeds
//! are made anew from the recorded traces, the text traces and the packed finds of earlier runs; and `fuzz/regressions/`
//! holds the cases that once were wrong.
//!
//! By hand, each run tries other inputs. The tests try the same ones in the same order every time, so that a change does
//! not fail for what was wrong before it: only a run by hand goes on searching.

mod pack;
mod seeds;

use crate::{root, run, say};
use anyhow::{Context, Result, bail};
use std::ffi::OsString;
use std::fs::{self, File};
use std::path::PathBuf;
use std::process::{Child, Command};
use std::time::{Duration, Instant};

/// What `cargo fuzz build --sanitizer none` gives the compiler.
const FLAGS: &str = "-Cpasses=sancov-module -Cllvm-args=-sanitizer-coverage-level=4 \
    -Cllvm-args=-sanitizer-coverage-inline-8bit-counters -Cllvm-args=-sanitizer-coverage-pc-table \
    -Cllvm-args=-sanitizer-coverage-trace-compares --cfg fuzzing";

/// Seconds for each target where nothing else is said.
pub const SECONDS: u64 = 60;

/// How many targets run at the same time.
const AT_ONCE: usize = 2;

/// The longest input that is tried, in bytes.
const LONGEST: usize = 1 << 16;

/// Megabytes that a target may take, its corpus included, and a single allocation. The checks themselves hold the
/// memory of a file against its size; these limits stop what they do not measure.
const MOST_MEMORY: usize = 1024;
const MOST_ALLOCATED: usize = 256;

/// Seconds after which one input is taken to hang.
const PATIENCE: usize = 20;

/// The number that the tests make their inputs of.
const SEED: u32 = 1;

/// Which inputs are tried.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
enum Course {
    /// Others every time; what is found is kept for the next one.
    Random,
    /// Those that follow from a number, as many of them as there is time for.
    Seeded(u32),
}

/// Reads the arguments after `fuzz`.
pub fn run(args: &[&str]) -> Result<()> {
    let (mut chosen, mut seconds, mut rest) = (Vec::new(), SECONDS, args.iter());
    let mut keeps = false;
    let mut course = Course::Random;
    while let Some(&arg) = rest.next() {
        match arg {
            "--seconds" => seconds = rest.next().context("`--seconds` needs a number")?.parse()?,
            "--keep" => keeps = true,
            "--seed" => course = self::course(rest.next().context("`--seed` needs a number, or the word `random`")?)?,
            name => chosen.push(name.to_owned()),
        }
    }
    let targets = targets()?;
    if let Some(unknown) = chosen.iter().find(|name| !targets.contains(name)) {
        bail!("no fuzz target `{unknown}`; there are {}", targets.join(", "));
    }
    let chosen = if chosen.is_empty() { targets } else { chosen };
    build()?;
    if keeps { chosen.iter().try_for_each(|name| keep(name)) } else { run_all(&chosen, seconds, course) }
}

/// What `--seed` says. libFuzzer takes 0 for none.
fn course(seed: &str) -> Result<Course> {
    match seed.parse() {
        _ if seed == "random" => Ok(Course::Random),
        Ok(seed) if seed > 0 => Ok(Course::Seeded(seed)),
        Ok(_) | Err(_) => bail!("`--seed {seed}`: neither a number from 1 to {} nor the word `random`", u32::MAX),
    }
}

/// Runs every target for a while, each time in the same way.
pub fn everything() -> Result<()> {
    build()?;
    run_all(&targets()?, SECONDS, Course::Seeded(SEED))
}

/// The names of the targets, which are those of their files.
fn targets() -> Result<Vec<String>> {
    let mut names = Vec::new();
    for entry in fs::read_dir(root().join("fuzz/fuzz_targets"))? {
        let name = entry?.file_name();
        names.extend(name.to_string_lossy().strip_suffix(".rs").map(str::to_owned));
    }
    names.sort();
    Ok(names)
}

fn build() -> Result<()> {
    let host = host()?;
    let args = ["build", "--release", "--locked", "--manifest-path", "fuzz/Cargo.toml", "--target", &host];
    run::run_in(&root(), "cargo", &args, &[("RUSTFLAGS", FLAGS)]).context(
        "the fuzz targets need a C++ compiler; if a dependency of a crate changed, \
         `cargo metadata --manifest-path fuzz/Cargo.toml` writes their lock file anew",
    )
}

/// The triple of this machine. With `--target`, build scripts are built without the flags.
fn host() -> Result<String> {
    let version = run::output("rustc", &["-vV"])?;
    let host = version.lines().find_map(|line| line.strip_prefix("host: ")).context("`rustc -vV` names no host")?;
    Ok(host.to_owned())
}

fn binary(name: &str) -> Result<PathBuf> {
    Ok(root().join("fuzz/target").join(host()?).join("release").join(name))
}

/// A target that is running.
struct Running {
    name: String,
    process: Child,
    log: PathBuf,
}

/// Runs targets side by side; the first that finds something does not stop the others.
fn run_all(names: &[String], seconds: u64, course: Course) -> Result<()> {
    let begin = Instant::now();
    let mut waiting = names.iter();
    let mut running: Vec<Running> = Vec::new();
    let mut findings = Vec::new();
    loop {
        while running.len() < AT_ONCE {
            let Some(name) = waiting.next() else { break };
            running.push(start(name, seconds, course)?);
        }
        let Some(first) = running.first_mut() else { break };
        let status = first.process.wait()?;
        let done = running.remove(0);
        let log = fs::read_to_string(&done.log)?;
        say(&summary(&done.name, &log));
        if !status.success() {
            say(&finding(&log));
            findings.push(done.name);
        }
    }
    if findings.is_empty() {
        say(&format!("fuzz: {} targets without a finding in {} s", names.len(), begin.elapsed().as_secs()));
        return Ok(());
    }
    bail!("fuzzing found something in {}; the input is in `fuzz/artifacts/`", findings.join(", "));
}

fn start(name: &str, seconds: u64, course: Course) -> Result<Running> {
    let fuzz = root().join("fuzz");
    let artifacts = fuzz.join("artifacts").join(name);
    let logs = fuzz.join("target/logs");
    for folder in [&artifacts, &logs] {
        fs::create_dir_all(folder)?;
    }
    let log = logs.join(format!("{name}.log"));
    let output = File::create(&log)?;
    let mut command = Command::new(binary(name)?);
    command
        .args(inputs(name, course)?)
        .arg(format!("-max_total_time={seconds}"))
        .arg(format!("-max_len={LONGEST}"))
        .arg(format!("-rss_limit_mb={MOST_MEMORY}"))
        .arg(format!("-malloc_limit_mb={MOST_ALLOCATED}"))
        .arg(format!("-timeout={PATIENCE}"))
        .arg(format!("-artifact_prefix={}/", artifacts.display()))
        .args(["-print_final_stats=1", "-verbosity=1"])
        .stdout(output.try_clone()?)
        .stderr(output)
        .current_dir(&fuzz);
    let process = command.spawn().with_context(|| format!("start the fuzz target `{name}`"))?;
    Ok(Running { name: name.to_owned(), process, log })
}

/// Tells a target where its inputs are, and how to make others of them.
fn inputs(name: &str, course: Course) -> Result<Vec<OsString>> {
    let folders = folders(name)?;
    match course {
        Course::Random => Ok([corpus(name)?].into_iter().chain(folders).map(PathBuf::into_os_string).collect()),
        Course::Seeded(seed) => {
            let list = root().join("fuzz/target/seeds").join(format!("{name}.list"));
            let seeds = in_order(&folders)?;
            fs::write(&list, seeds.join(","))?;
            let mut options = vec![
                format!("-seed={seed}").into(),
                // Otherwise inputs are made of what was compared, addresses among it, which are others every time.
                "-use_cmp=0".into(),
            ];
            // A target that has none yet begins with nothing.
            if !seeds.is_empty() {
                options.push(format!("-seed_inputs=@{}", list.display()).into());
            }
            Ok(options)
        }
    }
}

/// The files of folders, not in the order of the disk.
fn in_order(folders: &[PathBuf]) -> Result<Vec<String>> {
    let mut files = Vec::new();
    for folder in folders {
        let entries = fs::read_dir(folder)?.map(|entry| Ok(entry?.path().display().to_string()));
        let mut paths = entries.collect::<Result<Vec<_>>>()?;
        paths.sort_unstable();
        files.append(&mut paths);
    }
    Ok(files)
}

/// Where a target's own finds are.
fn corpus(name: &str) -> Result<PathBuf> {
    let corpus = root().join("fuzz/corpus").join(name);
    fs::create_dir_all(&corpus)?;
    Ok(corpus)
}

/// Where its other inputs are: the seeds, the cases that once were wrong.
fn folders(name: &str) -> Result<Vec<PathBuf>> {
    let fuzz = root().join("fuzz");
    let seeds = fuzz.join("target/seeds").join(name);
    seeds::write(name, &seeds)?;
    pack::unpack(&fuzz.join("seeds").join(format!("{name}.pack.zst")), &seeds)?;
    let regressions = fuzz.join("regressions").join(name);
    Ok([seeds, regressions].into_iter().filter(|folder| folder.is_dir()).collect())
}

/// A line with what a run did, from the log that libFuzzer wrote.
fn summary(name: &str, log: &str) -> String {
    let stat = |key: &str| {
        let line = log.lines().rev().find_map(|line| line.strip_prefix("stat::")?.strip_prefix(key)?.strip_prefix(':'));
        line.map_or("?", str::trim)
    };
    let covered = log.lines().rev().find_map(|line| line.split("cov: ").nth(1)?.split(' ').next()).unwrap_or("?");
    format!(
        "fuzz {name:<13} {:>10} runs, {covered:>5} edges covered, {:>5} new inputs, {:>4} MB at most",
        stat("number_of_executed_units"),
        stat("new_units_added"),
        stat("peak_rss_mb"),
    )
}

/// The part of a log that says what is wrong.
fn finding(log: &str) -> String {
    let lines: Vec<&str> = log.lines().collect();
    let marks = ["panicked at", "ERROR: libFuzzer"];
    let from = lines.iter().position(|line| marks.iter().any(|mark| line.contains(mark))).unwrap_or(lines.len());
    let to = (from + 40).min(lines.len());
    lines.get(from.min(lines.len().saturating_sub(40))..to).unwrap_or_default().join("\n")
}

/// Packs the smallest set of a target's inputs that covers all that they cover, for the next machine to begin with.
fn keep(name: &str) -> Result<()> {
    let merged = root().join("fuzz/target/merged").join(name);
    if merged.exists() {
        fs::remove_dir_all(&merged)?;
    }
    fs::create_dir_all(&merged)?;
    let begin = Instant::now();
    let status = Command::new(binary(name)?)
        .arg("-merge=1")
        .arg(format!("-max_len={}", pack::LONGEST))
        .arg(&merged)
        .arg(corpus(name)?)
        .args(folders(name)?)
        .current_dir(root().join("fuzz"))
        .status()?;
    if !status.success() {
        bail!("the inputs of `{name}` cannot be merged: {status}");
    }
    let packed = root().join("fuzz/seeds").join(format!("{name}.pack.zst"));
    let (count, bytes) = pack::pack(&merged, &packed)?;
    let took = Duration::as_secs(&begin.elapsed());
    say(&format!("fuzz {name}: {count} inputs in {bytes} bytes, {took} s"));
    Ok(())
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_log_becomes_a_line() {
        let log = "#2\tINITED cov: 3 ft: 3 corp: 1/1b\n#9\tDONE   cov: 41 ft: 60 corp: 9/1Kb\nDone 9 runs in 1 second(s)\n\
                   stat::number_of_executed_units: 9\nstat::new_units_added:          4\nstat::peak_rss_mb:              40\n";
        let line = summary("text", log);
        assert_eq!(line, "fuzz text                   9 runs,    41 edges covered,     4 new inputs,   40 MB at most");
    }

    #[test]
    fn a_finding_is_shown_from_its_beginning() {
        let log = format!("{}thread panicked at x.rs:1\nwhy\n{}", "noise\n".repeat(90), "after\n".repeat(90));
        assert!(finding(&log).contains("why"));
        assert_eq!(finding("short"), "short");
    }

    #[test]
    fn targets_are_those_that_the_checks_know() {
        let checks = fs::read_to_string(root().join("crates/checks/src/lib.rs")).expect("the checks");
        let manifest = fs::read_to_string(root().join("fuzz/Cargo.toml")).expect("the manifest");
        let targets = targets().expect("the folder of targets");
        assert_eq!(checks.matches("Target { name: \"").count(), targets.len());
        for name in targets {
            assert!(checks.contains(&format!("Target {{ name: \"{name}\"")), "{name}");
            assert!(manifest.contains(&format!("name = \"{name}\"")), "{name}");
        }
    }

    #[test]
    fn seeds_that_there_are() {
        for (text, expected) in [("random", Course::Random), ("1", Course::Seeded(1)), ("77", Course::Seeded(77))] {
            assert_eq!(course(text).ok(), Some(expected), "{text}");
        }
        for text in ["0", "-1", "", "4294967296", "reader"] {
            assert!(course(text).is_err(), "{text}");
        }
    }
}
