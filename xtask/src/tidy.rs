//! `cargo xtask tidy`: what the tree promises about itself, checked file by file.

mod documents;
mod licences;
mod picture;
mod sources;
mod tree;

use crate::say;
use anyhow::{Result, bail};
use tree::Tree;

/// Runs every check over the tree and lists all that is wrong.
pub fn check_tree() -> Result<()> {
    let tree = Tree::of_repository()?;
    let packages = picture::workspace_packages()?;
    let mut wrong = Vec::new();
    wrong.extend(sources::check(&tree));
    wrong.extend(documents::check(&tree));
    wrong.extend(picture::check(&tree, &packages));
    wrong.extend(licences::check()?);
    if wrong.is_empty() {
        say(&format!("tidy: {} files in order", tree.files.len()));
        return Ok(());
    }
    for line in &wrong {
        say(line);
    }
    bail!("{} untidy places", wrong.len());
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn the_tree_is_tidy() {
        check_tree().expect("the list above");
    }
}
