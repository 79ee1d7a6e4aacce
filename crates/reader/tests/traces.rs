//! Every `testdata/*.trace.txt`: a trace in text form and what the reader must make of it.
//!
//! A file says in comment lines what it shows. Then follow, each after a line `-- name --`, the trace, its events in
//! order, and its generations and diagnostics. Run with `UPDATE_EXPECT=1` to have the last two written anew.

mod support;

use std::path::Path;
use std::{fs, io};

use goroscope_wire::text;

/// A file of `testdata`, in sections.
struct Case<'t> {
    /// Everything up to the expectation.
    head: &'t str,
    trace: &'t str,
    expected: &'t str,
}

fn cut(text: &str) -> Case<'_> {
    let (_, after) = text.split_once("-- trace --\n").expect("has a trace");
    let (trace, expected) = after.split_once("-- events --\n").unwrap_or((after, ""));
    let head_len = text.len() - after.len() + trace.len();
    Case { head: &text[..head_len], trace, expected }
}

/// What is wrong with the file at `path`, if anything.
fn check(path: &Path, updates: bool) -> io::Result<Option<String>> {
    let text = fs::read_to_string(path)?;
    let case = cut(&text);
    let file = match text::parse(case.trace) {
        Ok(file) => file,
        Err(error) => return Ok(Some(format!("{}: {error} of the trace", path.display()))),
    };
    let dump = support::dump(&file);
    let actual = format!("{}-- outcome --\n{}", dump.events, support::outcome(&dump.finished));
    if actual == case.expected {
        return Ok(None);
    }
    if updates {
        fs::write(path, format!("{}-- events --\n{actual}", case.head))?;
        return Ok(None);
    }
    let (line, (expected, actual)) = case
        .expected
        .lines()
        .chain(std::iter::repeat("(end)"))
        .zip(actual.lines().chain(["(end)"]))
        .enumerate()
        .find(|(_, (expected, actual))| expected != actual)
        .unwrap_or_default();
    let line = case.head.lines().count() + line + 2;
    Ok(Some(format!("{}:{line}\n  expected {expected}\n  actual   {actual}", path.display())))
}

#[test]
fn testdata() -> io::Result<()> {
    let updates = std::env::var_os("UPDATE_EXPECT").is_some();
    let folder = Path::new(env!("CARGO_MANIFEST_DIR")).join("testdata");
    let mut paths: Vec<_> =
        fs::read_dir(folder)?.map(|entry| entry.map(|entry| entry.path())).collect::<Result<_, _>>()?;
    paths.retain(|path| path.to_string_lossy().ends_with(".trace.txt"));
    paths.sort();
    assert!(paths.len() > 20, "the test data is there");
    let mut wrong = Vec::new();
    for path in paths {
        wrong.extend(check(&path, updates)?);
    }
    assert!(wrong.is_empty(), "{}", wrong.join("\n"));
    Ok(())
}
