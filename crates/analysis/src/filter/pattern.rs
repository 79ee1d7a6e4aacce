//! A regular expression that knows its text.

use regex::{Regex, RegexBuilder};

/// Bytes that a compiled expression may take: enough for any that a person writes.
const SIZE: usize = 1 << 20;

/// A regular expression, in the syntax that Go has, too (RE2). It matches anywhere in a text.
#[derive(Clone, Debug)]
pub struct Pattern(Regex);

impl Pattern {
    /// The expression that this text is; otherwise what is wrong with it.
    pub fn new(text: &str) -> Result<Self, String> {
        RegexBuilder::new(text).size_limit(SIZE).build().map(Self).map_err(|error| match error {
            regex::Error::CompiledTooBig(_) => "this regular expression is too large".to_owned(),
            error => {
                let told = error.to_string();
                let why = told.lines().last().unwrap_or_default().trim_start_matches("error: ");
                format!("no regular expression: {why}")
            }
        })
    }

    /// The expression that matches this text and no other.
    pub(crate) fn exactly(text: &str) -> Result<Self, String> {
        Self::new(&format!("^{}$", regex::escape(text)))
    }

    /// Its text.
    pub fn text(&self) -> &str {
        self.0.as_str()
    }

    /// Whether it matches somewhere in a text.
    pub fn matches(&self, text: &str) -> bool {
        self.0.is_match(text)
    }

    /// What its first capture group matches in a text, or without such a group all of it; `None` if that does not match.
    pub(crate) fn part<'t>(&self, text: &'t str) -> Option<&'t str> {
        let captures = self.0.captures(text)?;
        let group = usize::from(self.0.captures_len() > 1);
        captures.get(group).map(|found| found.as_str())
    }
}

impl PartialEq for Pattern {
    fn eq(&self, other: &Self) -> bool {
        self.text() == other.text()
    }
}

impl Eq for Pattern {}
