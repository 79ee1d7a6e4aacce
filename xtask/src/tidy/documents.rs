//! Rules for documents: every path they name exists, and they keep to their length.

use super::tree::{File, Tree};

const LONGEST: &[(&str, usize)] = &[("README.md", 150), ("ARCHITECTURE.md", 300)];
const FOLDERS: &[&str] = &["crates/", "docs/", "examples/", "fuzz/", "testdata/", "web/", "xtask/", ".ci/", ".cargo/"];

/// All breaches in the tree's documents.
pub fn check(tree: &Tree) -> Vec<String> {
    let mut wrong = Vec::new();
    for name in ["README.md", "ARCHITECTURE.md", "CONTRIBUTING.md", "LICENSE-MIT", "LICENSE-APACHE"] {
        if !tree.paths.iter().any(|path| path == name) {
            wrong.push(format!("{name}: missing"));
        }
    }
    for file in tree.files.iter().filter(|file| file.is_a(&["md"])) {
        wrong.extend(length(file));
        for path in named_paths(&file.text) {
            if !exists(tree, &path) {
                wrong.push(format!("{}: names `{path}`, which does not exist", file.path));
            }
        }
    }
    wrong
}

fn length(file: &File) -> Option<String> {
    let (_, most) = LONGEST.iter().find(|(name, _)| *name == file.path)?;
    let lines = file.text.lines().count();
    (lines > *most).then(|| format!("{}: {lines} lines; keep it to {most}", file.path))
}

/// Repository paths in backquotes or link targets.
fn named_paths(text: &str) -> Vec<String> {
    let mut paths = Vec::new();
    for word in text.split(|c: char| c.is_whitespace() || "`()[]<>\"',;".contains(c)) {
        let word = word.trim_end_matches(['.', ':']);
        if FOLDERS.iter().any(|folder| word.starts_with(folder)) && !word.contains(['*', '…', '$', '{']) {
            paths.push(word.split('#').next().unwrap_or(word).to_owned());
        }
    }
    paths
}

fn exists(tree: &Tree, path: &str) -> bool {
    let path = path.trim_end_matches('/');
    tree.paths.iter().any(|known| known == path || known.strip_prefix(path).is_some_and(|rest| rest.starts_with('/')))
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_path_that_is_not_there_is_named() {
        let paths = vec!["docs/http-api.md".to_owned()];
        let text = "see `docs/http-api.md`, [x](docs/gone.md) and docs/*.md".to_owned();
        let tree = Tree { files: vec![File { path: "docs/http-api.md".to_owned(), text }], paths };
        let wrong: Vec<String> = check(&tree).into_iter().filter(|line| !line.ends_with("missing")).collect();
        assert_eq!(wrong, ["docs/http-api.md: names `docs/gone.md`, which does not exist"]);
    }
}
