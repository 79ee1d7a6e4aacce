//! The crate picture in `ARCHITECTURE.md` against what cargo says the crates depend on.

use super::tree::Tree;
use crate::run;
use anyhow::{Context, Result};
use std::collections::{BTreeMap, BTreeSet};

/// A package of the workspace by its short name, and the ones of ours it needs to run.
pub type Packages = BTreeMap<String, BTreeSet<String>>;

/// Asks cargo for the workspace's packages and their edges; development dependencies do not count.
pub fn workspace_packages() -> Result<Packages> {
    let text = run::output("cargo", &["metadata", "--format-version", "1", "--no-deps"])?;
    let metadata: serde_json::Value = serde_json::from_str(&text)?;
    let packages = metadata["packages"].as_array().context("cargo metadata has no packages")?;
    let names: BTreeSet<&str> = packages.iter().filter_map(|package| package["name"].as_str()).collect();
    let mut edges = Packages::new();
    for package in packages {
        let name = package["name"].as_str().context("a package has no name")?;
        let needs = package["dependencies"].as_array().into_iter().flatten();
        let ours = needs
            .filter(|dependency| dependency["kind"].is_null())
            .filter_map(|dependency| dependency["name"].as_str())
            .filter(|needed| names.contains(needed))
            .map(short)
            .collect();
        edges.insert(short(name), ours);
    }
    Ok(edges)
}

/// Compares the lines `crate → crate crate` of the document with the packages.
pub fn check(tree: &Tree, packages: &Packages) -> Vec<String> {
    let Some(document) = tree.files.iter().find(|file| file.path == "ARCHITECTURE.md") else {
        return Vec::new();
    };
    let drawn = drawn_edges(&document.text);
    let mut wrong = Vec::new();
    for (name, needs) in packages {
        match drawn.get(name) {
            None => wrong.push(format!("ARCHITECTURE.md: crate `{name}` is not in the list of edges")),
            Some(drawn) if drawn != needs => {
                wrong.push(format!("ARCHITECTURE.md: `{name}` is drawn with edges to {drawn:?} but has {needs:?}"));
            }
            Some(_) => {}
        }
    }
    wrong.extend(
        drawn
            .keys()
            .filter(|name| !packages.contains_key(*name))
            .map(|name| format!("ARCHITECTURE.md: no crate `{name}`")),
    );
    wrong
}

fn drawn_edges(text: &str) -> Packages {
    let lines =
        text.lines().skip_while(|line| line.trim() != "```edges").skip(1).take_while(|line| line.trim() != "```");
    lines
        .filter_map(|line| line.split_once('→'))
        .map(|(name, needs)| (name.trim().to_owned(), needs.split_whitespace().map(str::to_owned).collect()))
        .collect()
}

fn short(name: &str) -> String {
    name.strip_prefix("goroscope-").unwrap_or(name).to_owned()
}

#[cfg(test)]
mod tests {
    use super::super::tree::File;
    use super::*;

    #[test]
    fn an_edge_that_is_not_drawn_is_named() {
        let text = "```edges\nreader → wire\nwire →\n```\n".to_owned();
        let tree = Tree { files: vec![File { path: "ARCHITECTURE.md".to_owned(), text }], paths: Vec::new() };
        let packages = |edges: &[(&str, &[&str])]| -> Packages {
            edges
                .iter()
                .map(|(name, needs)| ((*name).to_owned(), needs.iter().map(|n| (*n).to_owned()).collect()))
                .collect()
        };
        assert!(check(&tree, &packages(&[("reader", &["wire"]), ("wire", &[])])).is_empty());
        assert_eq!(check(&tree, &packages(&[("reader", &[]), ("wire", &[])])).len(), 1);
        assert_eq!(check(&tree, &packages(&[("reader", &["wire"]), ("wire", &[]), ("model", &[])])).len(), 1);
    }
}
