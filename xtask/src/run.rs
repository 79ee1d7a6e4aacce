//! Starting other programs, with what is run shown and a failure named.

use crate::{root, say};
use anyhow::{Context, Result, bail};
use std::path::Path;
use std::process::Command;

/// Runs `program` with `args` in the repository's root.
pub fn run(program: &str, args: &[&str]) -> Result<()> {
    run_in(&root(), program, args, &[])
}

/// Runs `program` with `args` in a folder, with more environment variables.
pub fn run_in(folder: &Path, program: &str, args: &[&str], env: &[(&str, &str)]) -> Result<()> {
    say(&format!("\n$ {program} {}", args.join(" ")));
    let status = Command::new(program)
        .args(args)
        .envs(env.iter().copied())
        .current_dir(folder)
        .status()
        .with_context(|| format!("`{program}` cannot be started; is it installed and on the PATH?"))?;
    if !status.success() {
        bail!("`{program} {}` ended with {status}", args.join(" "));
    }
    Ok(())
}

/// What `program` prints on standard output.
pub fn output(program: &str, args: &[&str]) -> Result<String> {
    let output = Command::new(program)
        .args(args)
        .current_dir(root())
        .output()
        .with_context(|| format!("`{program}` cannot be started; is it installed and on the PATH?"))?;
    if !output.status.success() {
        bail!("`{program} {}` ended with {}", args.join(" "), output.status);
    }
    Ok(String::from_utf8(output.stdout)?)
}
