//! Every dependency's licence is one that MIT OR Apache-2.0 programs may carry.

use crate::run;
use anyhow::{Context, Result};

const ALLOWED: &[&str] = &[
    "MIT",
    "Apache-2.0",
    "Apache-2.0 WITH LLVM-exception",
    "BSD-1-Clause",
    "BSD-2-Clause",
    "BSD-3-Clause",
    "ISC",
    "Zlib",
    "0BSD",
    "Unicode-3.0",
    "CC0-1.0",
    "Unlicense",
    "MIT-0",
    "BSL-1.0",
    "NCSA", // LLVM's before 2019; libFuzzer has it
];

/// The program's packages, and those of the fuzz targets. That their lock files are fresh is checked on the way.
const MANIFESTS: &[&str] = &["Cargo.toml", "fuzz/Cargo.toml"];

/// Dependencies with another licence, or none.
pub fn check() -> Result<Vec<String>> {
    let mut wrong = Vec::new();
    for manifest in MANIFESTS {
        wrong.extend(check_packages(manifest)?);
    }
    Ok(wrong)
}

fn check_packages(manifest: &str) -> Result<Vec<String>> {
    let args = ["metadata", "--format-version", "1", "--locked", "--manifest-path", manifest];
    let text = run::output("cargo", &args).with_context(|| {
        format!("if the lock file is old, `cargo metadata --manifest-path {manifest}` writes it anew")
    })?;
    let metadata: serde_json::Value = serde_json::from_str(&text)?;
    let packages = metadata["packages"].as_array().context("cargo metadata has no packages")?;
    Ok(packages
        .iter()
        .filter_map(|package| {
            let licence = package["license"].as_str().unwrap_or("none");
            (!allowed(licence)).then(|| format!("{} {}: licence `{licence}`", package["name"], package["version"]))
        })
        .collect())
}

/// Whether some choice of an SPDX expression is allowed in all its parts.
fn allowed(expression: &str) -> bool {
    let plain = expression.replace(['(', ')'], "").replace('/', " OR ");
    if expression.contains(") AND") || expression.contains("AND (") {
        return plain.split(" AND ").all(|part| part.split(" OR ").any(|one| ALLOWED.contains(&one.trim())));
    }
    plain.split(" OR ").any(|choice| choice.split(" AND ").all(|one| ALLOWED.contains(&one.trim())))
}

#[cfg(test)]
mod tests {
    use super::allowed;

    #[test]
    fn expressions() {
        assert!(allowed("MIT OR Apache-2.0"));
        assert!(allowed("MIT/Apache-2.0"));
        assert!(allowed("(MIT OR Apache-2.0) AND Unicode-3.0"));
        assert!(allowed("GPL-3.0 OR MIT"));
        assert!(!allowed("GPL-3.0"));
        assert!(!allowed("(MIT OR Apache-2.0) AND GPL-3.0"));
        assert!(!allowed("none"));
    }
}
