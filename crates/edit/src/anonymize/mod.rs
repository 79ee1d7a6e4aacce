//! A trace without the texts of the program that recorded it.
//!
//! Names of functions, files, tasks, regions, log categories and messages are replaced, each always by the same name.
//! What Go itself brought stays, because it says what the program does and not whose it is: the functions and files of
//! the standard library, reasons to wait, names of ranges, labels of the garbage collector's workers.
//!
//! Without a key the new names count from 1, in the order in which they are used, and say nothing else. With a key they
//! are keyed hashes: other traces that are anonymized with the same key get the same names for the same texts, and who
//! does not have the key cannot find out a text by trying.
//!
//! What goroscope-recorder says of its recording is told in [`recording`].
//!
//! Ids, times, addresses, line numbers and sizes stay. Batches of experiments are left out: nothing here understands
//! them, and those of `traceallocfree` contain the names of types.

mod hash;
mod known;
mod recording;

use std::borrow::Cow;

use goroscope_reader::{OpenError, ReadOptions};
use rustc_hash::FxHashMap;

use crate::Progress;
use crate::encode::{Naming, Role};
use crate::recording::Recording;
use crate::rewrite::{Edited, Experiments, Plan, rewrite};
use crate::survey::{Survey, Window};

/// How the new names are made.
#[derive(Clone, Debug, PartialEq, Eq)]
pub enum Pseudonyms {
    /// Counted, for this trace only.
    Counted,
    /// Hashed with this key, the same in all traces.
    Keyed(String),
}

/// Replaces the texts of the trace.
pub fn anonymize(
    file: &[u8],
    options: ReadOptions,
    names: Pseudonyms,
    progress: &mut Progress<'_>,
) -> Result<Edited, OpenError> {
    progress.expect(2 * file.len() as u64);
    let survey = Survey::of(file, options, Window::ALL, progress)?;
    progress.next(file.len() as u64);
    let naming = Box::new(Anonymous::new(names));
    let plan = Plan { options, window: Window::ALL, naming, experiments: Experiments::Drop, survey: &survey };
    rewrite(file, plan, progress)
}

/// What a new name stands for; the word is a part of it.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Hash, PartialOrd, Ord)]
enum Kind {
    Package,
    Function,
    File,
    Annotation,
    Message,
    Reason,
    Program,
    Thread,
    Counter,
    Runtime,
}

impl Kind {
    fn word(self) -> &'static str {
        match self {
            Self::Package => "pkg",
            Self::Function => "func",
            Self::File => "file",
            Self::Annotation => "name",
            Self::Message => "text",
            Self::Reason => "reason",
            Self::Program => "program",
            Self::Thread => "thread",
            Self::Counter => "counter",
            Self::Runtime => "runtime",
        }
    }
}

/// Gives each text its new one.
#[derive(Debug)]
struct Anonymous {
    names: Pseudonyms,
    given: FxHashMap<(Kind, String), String>,
    counts: FxHashMap<Kind, u64>,
}

impl Anonymous {
    fn new(names: Pseudonyms) -> Self {
        Self { names, given: FxHashMap::default(), counts: FxHashMap::default() }
    }

    fn name(&mut self, kind: Kind, text: &str) -> String {
        if let Some(name) = self.given.get(&(kind, text.to_owned())) {
            return name.clone();
        }
        let name = match &self.names {
            Pseudonyms::Counted => {
                let count = self.counts.entry(kind).or_insert(0);
                *count += 1;
                format!("{}{count}", kind.word())
            }
            Pseudonyms::Keyed(key) => {
                let hash = hash::keyed(key.as_bytes(), &[kind.word().as_bytes(), text.as_bytes()]);
                format!("{}{hash:016x}", kind.word())
            }
        };
        self.given.insert((kind, text.to_owned()), name.clone());
        name
    }

    /// The package and the rest of the name get new names of their own, so that functions can be grouped.
    fn function(&mut self, text: &str) -> String {
        let (package, _) = known::split(text);
        let package = self.name(Kind::Package, package);
        format!("{package}.{}", self.name(Kind::Function, text))
    }

    fn file(&mut self, text: &str) -> String {
        let ending =
            [".go", ".s", ".c", ".h", ".rs"].into_iter().find(|ending| text.ends_with(ending)).unwrap_or_default();
        format!("{}{ending}", self.name(Kind::File, text))
    }
}

impl Naming for Anonymous {
    fn text<'t>(&mut self, role: Role, text: &'t str) -> Cow<'t, str> {
        match role {
            Role::Function => known::function(text).unwrap_or_else(|| self.function(text).into()),
            Role::File => self.file(text).into(),
            Role::Reason | Role::Stop | Role::Label if known::is_of_runtime(text) => text.into(),
            Role::Reason | Role::Stop | Role::Label => self.name(Kind::Reason, text).into(),
            Role::Annotation if text.is_empty() => text.into(),
            Role::Annotation => self.name(Kind::Annotation, text).into(),
            Role::Message => self.name(Kind::Message, text).into(),
        }
    }

    fn file_of<'t>(&mut self, function: &str, text: &'t str) -> Cow<'t, str> {
        known::file(function, text).unwrap_or_else(|| self.text(Role::File, text))
    }

    fn recording(&mut self, recording: Recording) -> Recording {
        recording::anonymous(self, recording)
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    fn check(names: Pseudonyms, expected: &[(Role, &str, &str)]) {
        let mut anonymous = Anonymous::new(names);
        for &(role, text, expected) in expected {
            assert_eq!(anonymous.text(role, text), expected, "{text}");
            assert_eq!(anonymous.text(role, text), expected, "{text} again");
        }
    }

    #[test]
    fn texts_of_the_program_are_replaced_and_those_of_go_are_not() {
        check(
            Pseudonyms::Counted,
            &[
                (Role::Function, "runtime.gopark", "runtime.gopark"),
                (Role::Function, "example.com/secret/shop.(*Cart).Pay", "pkg1.func1"),
                (Role::Function, "example.com/secret/shop.New", "pkg1.func2"),
                (Role::Function, "main.main", "pkg2.func3"),
                (Role::File, "/home/alice/shop/cart.go", "file1.go"),
                (Role::Reason, "chan receive", "chan receive"),
                (Role::Reason, "alice waits", "reason1"),
                (Role::Message, "", "text1"),
            ],
        );
    }

    #[test]
    fn a_key_makes_the_same_names_everywhere() {
        let name = |key: &str, text: &str| {
            Anonymous::new(Pseudonyms::Keyed(key.into())).text(Role::Annotation, text).into_owned()
        };
        assert_eq!(name("a", "checkout"), name("a", "checkout"));
        assert_ne!(name("a", "checkout"), name("b", "checkout"));
        assert_ne!(name("a", "checkout"), name("a", "checkouts"));
    }
}
