//! The page: its packages, its build, its tests.

use crate::{root, run};
use anyhow::{Result, bail};
use std::collections::BTreeMap;
use std::fs;
use std::path::{Path, PathBuf};

fn folder() -> PathBuf {
    root().join("web")
}

fn assets() -> PathBuf {
    root().join("crates/server/assets")
}

/// Runs npm in `web/`.
pub fn npm(args: &[&str]) -> Result<()> {
    run::run_in(&folder(), "npm", args, &[])
}

/// Installs exactly what the lock file names.
pub fn install() -> Result<()> {
    npm(&["ci", "--no-audit", "--no-fund"])
}

/// Builds the page into the folder that the server crate embeds.
pub fn build() -> Result<()> {
    install()?;
    npm(&["run", "build"])
}

/// Builds the page and fails if that changes the committed bundle.
pub fn check_fresh() -> Result<()> {
    let committed = contents(&assets())?;
    npm(&["run", "build"])?;
    let built = contents(&assets())?;
    let mut stale: Vec<&PathBuf> =
        built.iter().filter(|(path, bytes)| committed.get(*path) != Some(bytes)).map(|f| f.0).collect();
    stale.extend(committed.keys().filter(|path| !built.contains_key(*path)));
    if stale.is_empty() {
        return Ok(());
    }
    bail!("the committed bundle was stale in {stale:?}; it is built now: commit it");
}

/// Drives the page in a real headless browser.
pub fn browser_tests() -> Result<()> {
    run::run_in(&folder(), "npm", &["run", "e2e"], &[("GOROSCOPE_BIN", &release_binary()?)])
}

/// Runs one of the benches in `web/bench/` with the release binary on a trace.
pub fn bench(name: &str, trace: &str) -> Result<()> {
    let script = format!("bench/{name}.mjs");
    run::run_in(&folder(), "node", &[&script, trace], &[("GOROSCOPE_BIN", &release_binary()?)])
}

fn release_binary() -> Result<String> {
    let target = std::env::var_os("CARGO_TARGET_DIR").map_or_else(|| root().join("target"), PathBuf::from);
    let binary = target.join("release").join(format!("goroscope{}", std::env::consts::EXE_SUFFIX));
    let Some(binary) = binary.to_str() else {
        bail!("the target folder's path is not UTF-8");
    };
    Ok(binary.to_owned())
}

fn contents(folder: &Path) -> Result<BTreeMap<PathBuf, Vec<u8>>> {
    let mut files = BTreeMap::new();
    let mut folders = vec![folder.to_path_buf()];
    while let Some(next) = folders.pop() {
        for entry in fs::read_dir(&next)? {
            let path = entry?.path();
            if path.is_dir() {
                folders.push(path);
            } else {
                files.insert(path.clone(), fs::read(&path)?);
            }
        }
    }
    Ok(files)
}
