//! `cargo xtask test`: the whole of what must pass, in the order that fails soonest.

use crate::{fuzz, root, run, say, tidy, web};
use anyhow::{Context, Result};
use std::time::Instant;

/// Runs everything.
pub fn everything() -> Result<()> {
    let begin = Instant::now();
    step("format", || run::run("cargo", &["fmt", "--all", "--check"]))?;
    step("tidy", tidy::check_tree)?;
    step("lints", || {
        run::run(
            "cargo",
            &["clippy", "--workspace", "--all-targets", "--all-features", "--locked", "--", "-D", "warnings"],
        )
    })?;
    // What programs embed must also build as little of itself as they ask for.
    step("recorder without its features", || {
        run::run("cargo", &["check", "--package", "goroscope-recorder", "--no-default-features", "--locked"])
    })?;
    step("rust tests", || run::run("cargo", &["test", "--workspace", "--all-features", "--locked", "--no-fail-fast"]))?;
    step("stacks of optimised programs", optimised_stacks)?;
    step("documentation", || {
        let docs = ["doc", "--workspace", "--locked", "--no-deps", "--quiet"];
        run::run_in(&root(), "cargo", &docs, &[("RUSTDOCFLAGS", "-D warnings")])
    })?;
    step("fuzzing", fuzz::everything)?;
    step("web packages", web::install)?;
    step("web types", || web::npm(&["run", "check"]))?;
    step("web unit tests", || web::npm(&["test"]))?;
    step("web bundle is fresh", web::check_fresh)?;
    step("release binary", || run::run("cargo", &["build", "--release", "--locked", "--bin", "goroscope"]))?;
    step("browser tests", web::browser_tests)?;
    say(&format!("\nall passed in {} s", begin.elapsed().as_secs()));
    Ok(())
}

/// Where an optimised program waits, by both ways from frame to frame. What is built for this has few other crates.
fn optimised_stacks() -> Result<()> {
    let version = run::output("rustc", &["-vV"])?;
    let host = version.lines().find_map(|line| line.strip_prefix("host: ")).context("rustc does not say its host")?;
    let mut ways = vec![("-C force-frame-pointers=yes", "frame pointers")];
    if host.starts_with("x86_64-unknown-linux-") {
        ways.push(("", "unwind tables"));
    }
    // With a target, flags are for the program only, and the macros are built once.
    let args = ["test", "--profile", "optimised", "--target", host, "--locked", "--package", "goroscope-chains"];
    for (flags, way) in ways {
        let args = [&args[..], &["--test", "chains"]].concat();
        run::run_in(&root(), "cargo", &args, &[("RUSTFLAGS", flags), ("STACKS_BY", way)])?;
    }
    Ok(())
}

fn step(name: &str, work: impl FnOnce() -> Result<()>) -> Result<()> {
    say(&format!("\n== {name}"));
    work().with_context(|| format!("step `{name}`"))
}
