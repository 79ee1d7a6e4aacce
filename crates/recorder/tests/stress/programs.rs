//! The programs of `examples/`, whose files must be without fault, too. Nothing is known of what they count.

use std::path::Path;
use std::process::Command;

use crate::files::{self, Facts};
use crate::options::Options;
use crate::say;
use crate::scenarios::compat_of;

/// Programs and their arguments.
static PROGRAMS: &[(&str, &[&str])] = &[
    ("pubsub", &["--mode", "serial"]),
    ("pubsub", &["--mode", "concurrent"]),
    ("waits", &["lock-convoy", "before"]),
    ("waits", &["lock-convoy", "after"]),
    ("waits", &["blocking-call", "before"]),
    ("waits", &["blocking-call", "after"]),
    ("waits", &["starving-task", "before"]),
    ("waits", &["starving-task", "after"]),
    ("waits", &["select-loop", "before"]),
    ("waits", &["select-loop", "after"]),
    ("waits", &["threads-and-tasks", "before"]),
    ("waits", &["threads-and-tasks", "after"]),
    ("waits", &["held-lock", "before"]),
    ("waits", &["held-lock", "after"]),
    ("waits", &["uneven-chunks", "before"]),
    ("waits", &["uneven-chunks", "after"]),
];

/// Runs all of them as often as is wanted; how many runs failed.
pub fn try_all(options: &Options) -> usize {
    let Some(folder) = &options.examples else { return 0 };
    let mut failures = 0;
    for (program, arguments) in PROGRAMS {
        let name = format!("{program} {}", arguments.join(" "));
        if !options.includes(&name) {
            continue;
        }
        let mut failed = 0;
        for run in 0..options.runs {
            if let Err(trouble) = try_one(&folder.join(program), arguments, run, options) {
                failed += 1;
                say(&format!("{name} {run}: {trouble}"));
            }
        }
        say(&format!("{name:<36} {} runs, {failed} failed", options.runs));
        failures += failed;
    }
    failures
}

fn try_one(program: &Path, arguments: &[&str], run: u64, options: &Options) -> Result<(), String> {
    let folder = tempfile::tempdir().unwrap();
    let path = folder.path().join("example.trace");
    let mut command = Command::new(program);
    command.args(arguments).args(["--compat", compat_of(run), "--output"]).arg(&path);
    let output = command.output().map_err(|error| format!("{}: {error}", program.display()))?;
    if !output.status.success() {
        return Err(format!("{}: {}", output.status, String::from_utf8_lossy(&output.stderr)));
    }
    let result = files::check(&path, &Facts::new(), &options.tools);
    result.map_err(|trouble| format!("{trouble}; the file is {}", folder.keep().join("example.trace").display()))
}
