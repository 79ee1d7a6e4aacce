//! The scenarios: each plays in a process of its own, and says what is to be found in its files.

mod clocks;
mod edges;
mod memory;
mod moving;
mod processes;
mod tasks;
mod threads;

use std::collections::BTreeMap;
use std::path::Path;
use std::process::{Command, Output, Stdio};

use crate::files::{self, Facts};
use crate::options::Options;
use crate::say;
use crate::stage::{Kernel, Stage};

/// How a scenario's process ends.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
enum End {
    /// With success.
    Well,
    /// In any way.
    Anyhow,
}

/// A program that is recorded.
struct Scenario {
    name: &'static str,
    play: fn(&Stage),
    end: End,
    /// Of so many runs one is made: some take long.
    every: u64,
}

const fn scenario(name: &'static str, play: fn(&Stage)) -> Scenario {
    Scenario { name, play, end: End::Well, every: 1 }
}

const fn ending_anyhow(name: &'static str, play: fn(&Stage)) -> Scenario {
    Scenario { end: End::Anyhow, ..scenario(name, play) }
}

/// The end of the names of what is played while the kernel is asked, too.
pub const WITH_KERNEL: &str = "_with_kernel";

static SCENARIOS: &[Scenario] = &[
    scenario("aborts", tasks::aborts),
    scenario("panics", tasks::panics),
    scenario("blocking", tasks::blocking),
    scenario("runtime_dropped_while_busy", tasks::runtime_dropped_while_busy),
    scenario("two_runtimes", tasks::two_runtimes),
    scenario("many_runtimes", tasks::many_runtimes),
    scenario("local_set", tasks::local_set),
    scenario("nested", tasks::nested),
    Scenario { every: 20, ..scenario("a_million_tasks", tasks::a_million) },
    scenario("moved_between_runtimes", moving::between_runtimes),
    scenario("late_wakers", moving::late_wakers),
    scenario("foreign_wakers", moving::foreign_wakers),
    scenario("dropped_elsewhere", moving::dropped_elsewhere),
    scenario("shared_by_several", moving::shared_by_several),
    scenario("a_thousand_threads", threads::a_thousand),
    scenario("a_thousand_threads_with_kernel", threads::a_thousand),
    Scenario { every: 5, ..scenario("threads_while_the_disk_waits", threads::while_the_disk_waits) },
    scenario("thread_local_destructors", threads::local_destructors),
    scenario("restarts", threads::restarts),
    scenario("restarts_with_kernel", threads::restarts),
    scenario("forks_and_goes_on", processes::forks_and_goes_on),
    scenario("forks_and_executes", processes::forks_and_executes),
    scenario("forks_and_exits", processes::forks_and_exits),
    scenario("forks_and_records", processes::forks_and_records),
    scenario("forks_and_goes_on_with_kernel", processes::forks_and_goes_on),
    scenario("forks_and_records_with_kernel", processes::forks_and_records),
    scenario("forks_with_triggers", processes::forks_with_triggers),
    ending_anyhow("exits", processes::exits),
    ending_anyhow("aborts_the_process", processes::aborts_the_process),
    ending_anyhow("panics_for_good", processes::panics_for_good),
    scenario("clock_steps", clocks::steps),
    scenario("long_names", edges::long_names),
    scenario("nothing", edges::nothing),
    scenario("snapshots", edges::snapshots),
    scenario("rotation", edges::rotation),
    scenario("cannot_be_written", edges::cannot_be_written),
    scenario("tiny_memory", memory::tiny),
    scenario("no_memory_for_threads", memory::none_for_threads),
];

/// Plays a scenario in this process.
pub fn play(name: &str, folder: &Path, compat: &str, scale: u64) {
    processes::end_if_stuck();
    let kernel = if name.ends_with(WITH_KERNEL) { Kernel::Asked } else { Kernel::Ignored };
    let stage = Stage { folder: folder.to_owned(), compat: compat.parse().unwrap(), scale, kernel };
    if name.strip_suffix(WITH_KERNEL).unwrap_or(name) == crate::kills::PLAYED {
        return crate::kills::play(&stage);
    }
    let scenario = SCENARIOS.iter().find(|scenario| scenario.name == name);
    (scenario.unwrap_or_else(|| panic!("no scenario {name}")).play)(&stage);
}

/// Plays all scenarios as often as is wanted; how many runs failed.
pub fn try_all(options: &Options) -> usize {
    let mut failures = 0;
    for scenario in SCENARIOS.iter().filter(|scenario| options.includes(scenario.name)) {
        let runs = options.runs.div_ceil(scenario.every);
        let mut failed = 0;
        let mut files = 0;
        for run in 0..runs {
            match try_one(scenario, run, options) {
                Ok(checked) => files += checked,
                Err(trouble) => {
                    failed += 1;
                    say(&format!("{} {run}: {trouble}", scenario.name));
                }
            }
        }
        say(&format!("{:<28} {runs} runs, {files} files, {failed} failed", scenario.name));
        failures += failed;
    }
    failures
}

fn try_one(scenario: &Scenario, run: u64, options: &Options) -> Result<usize, String> {
    let folder = tempfile::tempdir().unwrap();
    let compat = compat_of(run);
    let output = start(scenario.name, folder.path(), compat, options.scale).output().unwrap();
    let result = judge(scenario, folder.path(), &output, options);
    if result.is_err() {
        say(&format!("compat {compat}; files are in {}", folder.keep().display()));
    }
    result
}

/// The versions take turns.
pub fn compat_of(run: u64) -> &'static str {
    ["1.25", "1.26", "1.22"][run as usize % 3]
}

/// The command that plays a scenario.
pub fn start(name: &str, folder: &Path, compat: &str, scale: u64) -> Command {
    let mut command = Command::new(std::env::current_exe().unwrap());
    command.args(["--play", name]).arg(folder).args([compat, &scale.to_string()]);
    command.stdin(Stdio::null()).stdout(Stdio::piped()).stderr(Stdio::piped());
    command
}

fn judge(scenario: &Scenario, folder: &Path, output: &Output, options: &Options) -> Result<usize, String> {
    if scenario.end == End::Well && !output.status.success() {
        return Err(format!("{}: {}", output.status, String::from_utf8_lossy(&output.stderr)));
    }
    let mut expected: BTreeMap<String, Facts> = BTreeMap::new();
    for line in String::from_utf8_lossy(&output.stdout).lines() {
        let Some((name, fact)) = line.strip_prefix("expect ").and_then(|line| line.split_once(' ')) else { continue };
        let (key, value) = fact.split_once('=').unwrap();
        expected.entry(name.to_owned()).or_default().insert(key.to_owned(), value.parse().unwrap());
    }
    let mut checked = 0;
    for path in files_of(folder) {
        let name = path.file_stem().unwrap().to_string_lossy().into_owned();
        let facts = expected.remove(&name).unwrap_or_default();
        files::check(&path, &facts, &options.tools).map_err(|trouble| format!("{name}: {trouble}"))?;
        checked += 1;
    }
    if expected.is_empty() { Ok(checked) } else { Err(format!("there is no file for {expected:?}")) }
}

/// The traces in a folder, in the order of their names.
pub fn files_of(folder: &Path) -> Vec<std::path::PathBuf> {
    let entries = std::fs::read_dir(folder).unwrap().map(|entry| entry.unwrap().path());
    let mut paths: Vec<_> = entries.filter(|path| path.extension().is_some_and(|end| end == "trace")).collect();
    paths.sort();
    paths
}
