//! The files of the repository as the checks see them: tracked text files with their contents.

use crate::{root, run};
use anyhow::Result;

/// A text file of the repository.
pub struct File {
    /// Path from the root, with `/`.
    pub path: String,
    /// Its text.
    pub text: String,
}

/// The tracked text files, and the paths of all tracked files.
pub struct Tree {
    /// Text files, built bundles and traces left out.
    pub files: Vec<File>,
    /// Every tracked path, text or not.
    pub paths: Vec<String>,
}

impl File {
    /// Whether the name ends in a dot and one of these.
    pub fn is_a(&self, endings: &[&str]) -> bool {
        self.path.rsplit_once('.').is_some_and(|(_, ending)| endings.contains(&ending))
    }
}

impl Tree {
    /// Reads what git tracks or would track.
    pub fn of_repository() -> Result<Self> {
        let listing = run::output("git", &["ls-files", "--cached", "--others", "--exclude-standard"])?;
        let paths: Vec<String> = listing.lines().map(str::to_owned).filter(|path| root().join(path).exists()).collect();
        let files = paths
            .iter()
            .filter(|path| {
                !path.contains("/assets/") && !["Cargo.lock", "web/package-lock.json"].contains(&path.as_str())
            })
            .filter_map(|path| {
                let text = String::from_utf8(std::fs::read(root().join(path)).ok()?).ok()?;
                Some(File { path: path.clone(), text })
            })
            .collect();
        Ok(Self { files, paths })
    }
}
