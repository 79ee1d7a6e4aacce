//! Functions line by line.

use goroscope_profile::report;
use goroscope_profile::view::View;
use goroscope_profile::{Pattern, Profile};
use serde::Serialize;
use std::cmp::Reverse;

/// Functions that are listed at once.
const FUNCTIONS: usize = 20;
/// Lines of one function.
const LINES: i64 = 2000;

/// Lines of functions.
#[derive(Clone, Debug, PartialEq, Eq, Serialize)]
pub struct ListView {
    /// The functions, the heaviest first.
    pub functions: Vec<ListedFunction>,
    /// How many more match.
    pub more: usize,
}

/// A function in a file.
#[derive(Clone, Debug, PartialEq, Eq, Serialize)]
pub struct ListedFunction {
    /// Its name.
    pub name: String,
    /// The file.
    pub file: String,
    /// Whether there is such a file to take the texts from.
    pub source: bool,
    /// What its lines are worth themselves.
    pub flat: i64,
    /// With all they called.
    pub cum: i64,
    /// The lines from a little before the first to a little behind the last that is worth something.
    pub lines: Vec<SourceLine>,
}

/// A line.
#[derive(Clone, Debug, PartialEq, Eq, Serialize)]
pub struct SourceLine {
    /// Its number, from 1.
    pub line: i64,
    /// What it is worth itself.
    pub flat: i64,
    /// With all it called.
    pub cum: i64,
    /// What it says.
    pub text: Option<String>,
}

impl ListView {
    /// Fills in the texts. `read` gives the text of a file that frames of the trace name, if there is such a file.
    pub fn add_source(&mut self, read: &dyn Fn(&str) -> Option<String>) {
        for function in &mut self.functions {
            let Some(text) = read(&function.file) else { continue };
            let lines: Vec<&str> = text.lines().collect();
            function.source = true;
            // Nothing is shown behind the end of the file, unless something happened there: then it is another file.
            let count = lines.len() as i64;
            function.lines.retain(|line| line.line <= count || line.cum != 0 || line.flat != 0);
            for line in &mut function.lines {
                line.text = usize::try_from(line.line - 1).ok().and_then(|i| lines.get(i)).map(|&text| text.to_owned());
            }
        }
    }
}

pub(super) fn of(profile: &Profile, view: &View, functions: &Pattern) -> ListView {
    let listing = report::list(profile, view, functions);
    let mut found: Vec<ListedFunction> = Vec::new();
    for function in listing.functions {
        for file in function.files {
            let first = file.first.max(1);
            let mut known = file.lines.iter().peekable();
            let line = |number: i64| {
                let there = known.next_if(|line| line.line == number);
                SourceLine {
                    line: number,
                    flat: there.map_or(0, |line| line.flat),
                    cum: there.map_or(0, |line| line.cum),
                    text: None,
                }
            };
            // A line that is not known is 0 and stands before all others.
            let unknown = file.lines.first().filter(|line| line.line < first).map(|line| line.line);
            let lines = unknown.into_iter().chain(first..=file.last.min(first + LINES)).map(line).collect();
            let (name, source) = (function.name.clone(), false);
            found.push(ListedFunction { name, file: file.file, source, flat: file.flat, cum: file.cum, lines });
        }
    }
    found.sort_by(|a, b| (Reverse(a.cum), Reverse(a.flat), &a.name).cmp(&(Reverse(b.cum), Reverse(b.flat), &b.name)));
    let more = found.len().saturating_sub(FUNCTIONS);
    found.truncate(FUNCTIONS);
    ListView { functions: found, more }
}
