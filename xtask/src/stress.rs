//! `cargo xtask stress`: plays the recorder's stress scenarios many times, kills recorded processes, and has Go's tools
//! read all files, too.
//!
//! The scenarios are a test of the recorder, where each is played once and small; here they are played at full size.

use crate::{run, say};
use anyhow::{Context, Result, bail};

const USAGE: &str = "usage: cargo xtask stress [NAME …] [--runs N] [--kills N] [--go 1.N=PATH …]";

/// Reads the arguments after `stress`, of which all but the defaults are the test's own.
pub fn run(args: &[&str]) -> Result<()> {
    let mut passed = vec!["test", "--locked", "-p", "goroscope-recorder", "--test", "stress", "--", "--scale", "5"];
    let defaults = [("--runs", "100"), ("--kills", "500")];
    let mut rest = args.iter();
    while let Some(&arg) = rest.next() {
        match arg {
            "--runs" | "--kills" => {
                let number = rest.next().context(USAGE)?;
                number.parse::<u64>().context(USAGE)?;
                passed.extend([arg, number]);
            }
            "--go" => {
                let tool = rest.next().context(USAGE)?;
                if !tool.starts_with("1.") || !tool.contains('=') {
                    bail!(
                        "`--go` needs a version and the path of its `trace` tool, such as 1.27=/usr/lib/go/pkg/tool/trace"
                    );
                }
                passed.extend([arg, tool]);
            }
            option if option.starts_with('-') => bail!(USAGE),
            name => passed.push(name),
        }
    }
    for (option, number) in defaults {
        if !args.contains(&option) {
            passed.extend([option, number]);
        }
    }
    if !args.contains(&"--go") {
        say("without `--go 1.N=PATH` no tool of Go reads the files");
    }
    run::run("cargo", &passed)
}
