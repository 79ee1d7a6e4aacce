//! Regular expressions as Go writes them.
//!
//! The `regex` crate and Go's `regexp` accept nearly the same. Where they differ, a pattern is written as Go means it:
//! `\d`, `\w`, `\s` and `\b` are about ASCII, `\Q…\E` quotes, a `{` that begins no repetition is itself, and inside a
//! class `[`, `&&`, `--` and `~~` have no meaning of their own.

use regex::{Regex, RegexBuilder};
use std::fmt;

/// A compiled expression, which matches anywhere in a text.
#[derive(Clone, Debug)]
pub struct Pattern {
    source: String,
    regex: Regex,
}

/// Why an expression could not be compiled.
#[derive(Clone, Debug)]
pub struct PatternError {
    /// The expression as it was given.
    pub pattern: String,
    /// What is wrong with it.
    pub reason: String,
}

impl fmt::Display for PatternError {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        write!(f, "expression `{}`: {}", self.pattern, self.reason)
    }
}

impl std::error::Error for PatternError {}

impl Pattern {
    /// Compiles an expression. One that would need more than 10 MB is refused.
    pub fn new(source: &str) -> Result<Pattern, PatternError> {
        Pattern::compile(source, &translated(source))
    }

    /// An expression that matches whole texts only.
    pub(crate) fn whole(source: &str) -> Result<Pattern, PatternError> {
        Pattern::compile(source, &format!("^(?:{})$", translated(source)))
    }

    /// An expression that matches texts that have this text in them.
    pub fn literal(text: &str) -> Result<Pattern, PatternError> {
        Pattern::compile(text, &regex::escape(text))
    }

    fn compile(source: &str, translated: &str) -> Result<Pattern, PatternError> {
        match RegexBuilder::new(translated).size_limit(10 << 20).build() {
            Ok(regex) => Ok(Pattern { source: source.to_owned(), regex }),
            Err(error) => {
                let text = error.to_string();
                let reason = text.lines().last().unwrap_or_default().trim_start_matches("error: ").to_owned();
                Err(PatternError { pattern: source.to_owned(), reason })
            }
        }
    }

    /// The expression as it was given.
    pub fn source(&self) -> &str {
        &self.source
    }

    /// Whether it matches somewhere in the text.
    pub fn matches(&self, text: &str) -> bool {
        self.regex.is_match(text)
    }
}

/// What Go's pattern is for the `regex` crate.
fn translated(source: &str) -> String {
    let mut out = String::with_capacity(source.len());
    let mut rest = source;
    let mut in_class = false;
    while let Some(first) = rest.chars().next() {
        let after = &rest[first.len_utf8()..];
        rest = match first {
            '\\' => escape(after, in_class, &mut out),
            '[' if !in_class => {
                in_class = true;
                // A bracket that is the first in a class is itself.
                let (head, tail) = class_head(rest);
                out.push_str(head);
                tail
            }
            '[' if after.starts_with(':') && after.contains(":]") => {
                let end = after.find(":]").map_or(0, |at| at + 2);
                out.push('[');
                out.push_str(&after[..end]);
                &after[end..]
            }
            '[' | '&' | '~' | '-' if in_class && (first == '[' || after.starts_with(first)) => {
                out.push('\\');
                out.push(first);
                after
            }
            '{' if !in_class && !is_repetition(after) => {
                out.push_str("\\{");
                after
            }
            other => {
                in_class = in_class && other != ']';
                out.push(other);
                after
            }
        };
    }
    out
}

/// The beginning of a class with what may only stand there, in the crate's terms, and the rest.
fn class_head(rest: &str) -> (&'static str, &str) {
    for (go, ours) in [("[^]", "[^\\]"), ("[]", "[\\]"), ("[^", "[^"), ("[", "[")] {
        if let Some(tail) = rest.strip_prefix(go) {
            return (ours, tail);
        }
    }
    ("", rest)
}

fn escape<'a>(after: &'a str, in_class: bool, out: &mut String) -> &'a str {
    if let Some(quoted) = after.strip_prefix('Q') {
        let (text, tail) = quoted.split_once("\\E").unwrap_or((quoted, ""));
        out.push_str(&regex::escape(text));
        return tail;
    }
    let Some(letter) = after.chars().next() else {
        out.push('\\');
        return after;
    };
    match (letter, in_class) {
        ('d', false) => out.push_str("[0-9]"),
        ('D', false) => out.push_str("[^0-9]"),
        ('w', false) => out.push_str("[0-9A-Za-z_]"),
        ('W', false) => out.push_str("[^0-9A-Za-z_]"),
        ('s', false) => out.push_str("[\\t\\n\\f\\r ]"),
        ('S', false) => out.push_str("[^\\t\\n\\f\\r ]"),
        ('b', false) => out.push_str("(?-u:\\b)"),
        ('d', true) => out.push_str("0-9"),
        ('w', true) => out.push_str("0-9A-Za-z_"),
        ('s', true) => out.push_str("\\t\\n\\f\\r "),
        _ => {
            out.push('\\');
            out.push(letter);
        }
    }
    &after[letter.len_utf8()..]
}

/// Whether a `{` before this begins `{2}`, `{2,}` or `{2,3}`.
fn is_repetition(after: &str) -> bool {
    let Some((inside, _)) = after.split_once('}') else {
        return false;
    };
    let (low, high) = inside.split_once(',').unwrap_or((inside, ""));
    !low.is_empty() && (low.to_owned() + high).bytes().all(|byte| byte.is_ascii_digit())
}

#[cfg(test)]
mod tests {
    use super::*;

    fn check(pattern: &str, yes: &[&str], no: &[&str]) {
        let compiled = Pattern::new(pattern).unwrap();
        for text in yes {
            assert!(compiled.matches(text), "`{pattern}` and `{text}`");
        }
        for text in no {
            assert!(!compiled.matches(text), "`{pattern}` and `{text}`");
        }
    }

    #[test]
    fn patterns_mean_what_they_mean_to_go() {
        check("main", &["main.run", "xmain"], &["Main"]);
        check(r"\Qa.(b\E+", &["a.(bb"], &["axb"]);
        check(r"^\w+$", &["abc_1"], &["día"]);
        check(r"x{a", &["x{a"], &["xa"]);
        check(r"xa{2}$", &["xaa"], &["xa{2}"]);
        check("go[[]shape", &["go[shape"], &["goshape"]);
        check("[]a]", &["]", "a"], &["["]);
        check("[a&&b]", &["&", "a", "b"], &["c"]);
        check(r"[\d\]-]", &["7", "]", "-"], &["a"]);
        check("[[:digit:]]x", &["7x"], &[":x"]);
        check(r"\bab\b", &["ab", "é ab"], &["abc"]);
    }

    #[test]
    fn a_wrong_pattern_says_what_is_wrong() {
        let error = Pattern::new("a(b").unwrap_err();
        assert_eq!(error.to_string(), "expression `a(b`: unclosed group");
    }
}
