//! Rules for source files: size, purpose line, names, tests that run, words that do not belong.

use super::tree::{File, Tree};

const LINES_OF_CODE: usize = 600;
const VAGUE_NAMES: &[&str] = &["util", "utils", "helper", "helpers", "common", "misc", "manager", "info", "data"];

/// All breaches in the tree's sources.
pub fn check(tree: &Tree) -> Vec<String> {
    let mut wrong = Vec::new();
    for file in &tree.files {
        if file.is_a(&["rs", "ts", "tsx", "mjs", "go"]) {
            wrong.extend(size(file));
            wrong.extend(name(file));
            wrong.extend(soft_spots(file));
        }
        if file.is_a(&["rs"]) {
            wrong.extend(purpose(file));
        }
        wrong.extend(foreign_words(file));
    }
    wrong
}

fn size(file: &File) -> Option<String> {
    if file.path.contains("test") {
        return None;
    }
    let code = file.text.split("#[cfg(test)]\nmod ").next().unwrap_or_default();
    let lines = code.lines().filter(|line| !line.trim().is_empty() && !line.trim_start().starts_with("//")).count();
    (lines > LINES_OF_CODE).then(|| format!("{}: {lines} lines of code; split it below {LINES_OF_CODE}", file.path))
}

fn name(file: &File) -> Option<String> {
    let stem = file.path.rsplit('/').next()?.split('.').next()?;
    let vague = VAGUE_NAMES.contains(&stem)
        && file.path != "crates/analysis/src/info.rs"
        && file.path != "crates/goroscope/src/info.rs";
    vague.then(|| format!("{}: `{stem}` does not say what is in it", file.path))
}

fn purpose(file: &File) -> Option<String> {
    let first = file.text.lines().find(|line| !line.trim().is_empty() && !line.starts_with("#!["));
    (!first.is_some_and(|line| line.starts_with("//!")))
        .then(|| format!("{}: begin with `//!` and why it exists", file.path))
}

fn soft_spots(file: &File) -> Vec<String> {
    let marks = [
        concat!("#[ig", "nore"),
        concat!("#[should_", "panic"),
        concat!("to", "do!("),
        concat!("unimple", "mented!("),
        concat!("FIX", "ME"),
        concat!("thread::sl", "eep("),
        concat!("it.sk", "ip("),
        concat!("test.sk", "ip("),
        concat!("it.on", "ly("),
    ];
    let mut wrong = Vec::new();
    for (number, line) in file.text.lines().enumerate() {
        for mark in marks.iter().filter(|mark| line.contains(**mark)) {
            wrong.push(format!("{}:{}: `{mark}` does not stay", file.path, number + 1));
        }
    }
    wrong
}

fn foreign_words(file: &File) -> Vec<String> {
    let words = [
        concat!("/wo", "rk/"),
        concat!("/tm", "p/goro"),
        concat!("registry.np", "mjs.org"),
        concat!("static.cra", "tes.io"),
    ];
    let mut wrong = Vec::new();
    for word in words.iter().filter(|word| file.text.contains(**word)) {
        wrong.push(format!("{}: `{word}` belongs to a machine, not to the project", file.path));
    }
    wrong
}

#[cfg(test)]
mod tests {
    use super::*;

    fn check_one(path: &str, text: &str, expected: &[&str]) {
        let file = File { path: path.to_owned(), text: text.to_owned() };
        let found = check(&Tree { files: vec![file], paths: vec![path.to_owned()] });
        assert_eq!(found.len(), expected.len(), "{found:?}");
        for (line, part) in found.iter().zip(expected) {
            assert!(line.contains(part), "{line} should contain {part}");
        }
    }

    #[test]
    fn a_tidy_file_passes() {
        check_one("crates/x/src/lane.rs", "//! Lanes.\n\nfn f() {}\n", &[]);
    }

    #[test]
    fn breaches_are_named() {
        check_one("crates/x/src/lane.rs", "fn f() {}\n", &["begin with"]);
        check_one("crates/x/src/utils.rs", "//! Lanes.\n", &["does not say"]);
        check_one("crates/x/src/lane.rs", &format!("//! L.\n{}\n", concat!("#[ig", "nore]")), &["does not stay"]);
        check_one("crates/x/src/lane.rs", &format!("//! L.\n{}", "let x = 1;\n".repeat(601)), &["split it"]);
    }
}
