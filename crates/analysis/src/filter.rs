//! What part of a trace an answer is about: one grammar for the command line, HTTP and the page's filter box.
//!
//! A filter is a list of terms `key=value`, all of which must hold:
//!
//! ```text
//! from=620ms to=1.5s goroutine=17,18 func=main\.worker state=waiting,runnable reason=chan
//! task=request region="parse body" min=1ms max=10ms
//! ```
//!
//! | key | value | what passes |
//! | --- | --- | --- |
//! | `from`, `to` | time since the start of the trace: `620ms`, `1.5s` | what lies between |
//! | `goroutine` | ids, with or without `G` | these goroutines |
//! | `func` | regular expression | goroutines whose start function matches |
//! | `state` | classes or kinds of states (`running`, `runnable`, `waiting`, `syscall`, `network`, `sleep`, …) | spans in one of them |
//! | `reason` | regular expression | spans that began for such a reason |
//! | `task` | id (`#3`) or regular expression on the type | what goroutines did for such a task or one below it |
//! | `region` | regular expression on the type | what goroutines did inside such a region |
//! | `min`, `max` | duration | what is listed (a region, task, goroutine, span) and lasts so long, both ends included |
//!
//! Regular expressions match anywhere in a text unless they are anchored. A value with blanks stands in double quotes,
//! in which `\"` and `\\` are a quote and a backslash. The flags of the command line have the same names.

mod allowed;
mod pattern;
mod scope;
mod slowest;
mod states;
#[cfg(test)]
mod tests;
mod words;

use crate::duration;
use goroscope_model::{GoId, Trace};
use std::fmt;

pub use self::allowed::Subject;
pub use self::pattern::Pattern;
pub(crate) use self::scope::Passing;
pub use self::scope::{Scope, Stretch};
pub(crate) use self::scope::{chosen_tasks, is_named, meant_tasks, participation, union, with_children};
pub use self::slowest::Slowest;
pub use self::states::States;

/// What part of a trace an answer is about. The default is all of it.
#[derive(Clone, Debug, Default, PartialEq, Eq)]
pub struct Filter {
    /// Begin, ns since the start of the trace.
    pub from: Option<i64>,
    /// End, ns.
    pub to: Option<i64>,
    /// Only these goroutines; all if empty.
    pub goroutines: Vec<GoId>,
    /// Only goroutines whose start function matches.
    pub func: Option<Pattern>,
    /// Only spans in these states.
    pub states: States,
    /// Only spans that began for such a reason.
    pub reason: Option<Pattern>,
    /// Only what was done for such tasks.
    pub task: Option<TaskChoice>,
    /// Only what was done inside such regions.
    pub region: Option<Pattern>,
    /// Only what lasts at least so long, ns.
    pub min: Option<i64>,
    /// Only what lasts at most so long, ns.
    pub max: Option<i64>,
}

/// Which tasks are meant.
#[derive(Clone, Debug, PartialEq, Eq)]
pub enum TaskChoice {
    /// The one with this id.
    Id(u64),
    /// Those whose type matches.
    Type(Pattern),
}

/// A filter that cannot be understood: what is wrong with which term, and what would be right.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct FilterError(String);

impl fmt::Display for FilterError {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str(&self.0)
    }
}

impl std::error::Error for FilterError {}

/// The keys of the grammar, in the order in which a filter is written.
pub const FILTER_KEYS: [&str; 10] =
    ["from", "to", "goroutine", "func", "state", "reason", "task", "region", "min", "max"];

impl Filter {
    /// The filter that this text is; the empty text is the filter that lets all pass.
    pub fn parse(text: &str) -> Result<Self, FilterError> {
        let mut filter = Self::default();
        let mut seen = Vec::new();
        for word in words::split(text).map_err(FilterError)? {
            let Some((key, value)) = word.split_once('=') else {
                return Err(FilterError(format!("{word:?} is no term: write key=value, with one of {}", keys())));
            };
            if seen.iter().any(|one| one == key) {
                return Err(FilterError(format!("{key} stands there twice")));
            }
            seen.push(key.to_owned());
            filter.set(key, value)?;
        }
        Ok(filter)
    }

    /// Sets the term of one key, as a flag of the command line does.
    pub fn set(&mut self, key: &str, value: &str) -> Result<(), FilterError> {
        let wrong = |why: String| FilterError(format!("{key}={value}: {why}"));
        match key {
            "from" => self.from = Some(duration::parse(value).map_err(wrong)?),
            "to" => self.to = Some(duration::parse(value).map_err(wrong)?),
            "min" => self.min = Some(duration::parse(value).map_err(wrong)?),
            "max" => self.max = Some(duration::parse(value).map_err(wrong)?),
            "goroutine" => self.goroutines = goroutines(value).map_err(wrong)?,
            "func" => self.func = Some(Pattern::new(value).map_err(wrong)?),
            "state" => self.states = States::parse(value).map_err(wrong)?,
            "reason" => self.reason = Some(Pattern::new(value).map_err(wrong)?),
            "task" => self.task = Some(task(value).map_err(wrong)?),
            "region" => self.region = Some(Pattern::new(value).map_err(wrong)?),
            _ => return Err(FilterError(format!("{key} is no key of a filter: use one of {}", keys()))),
        }
        if let (Some(from), Some(to)) = (self.from, self.to)
            && from >= to
        {
            return Err(FilterError("from is not before to".to_owned()));
        }
        if let (Some(min), Some(max)) = (self.min, self.max)
            && min > max
        {
            return Err(FilterError("min is above max".to_owned()));
        }
        Ok(())
    }

    /// Whether all of the trace passes.
    pub fn is_everything(&self) -> bool {
        *self == Self::default()
    }

    /// The stretch between `from` and `to` within a trace, ns.
    pub fn window(&self, trace: &Trace) -> (i64, i64) {
        let from = self.from.unwrap_or(i64::MIN).clamp(trace.start(), trace.end());
        (from, self.to.unwrap_or(i64::MAX).clamp(from, trace.end()))
    }

    /// Refuses a filter with terms that an answer of this name could only ignore.
    pub fn allow(&self, answer: &str, keys: &[&str]) -> Result<(), FilterError> {
        match FILTER_KEYS.iter().zip(self.terms()).find(|(key, term)| term.is_some() && !keys.contains(key)) {
            Some((key, _)) => {
                let known = if keys.is_empty() { "no filter".to_owned() } else { format!("only {}", keys.join(", ")) };
                Err(FilterError(format!("{key} does not apply to {answer}, which knows {known}")))
            }
            None => Ok(()),
        }
    }

    /// Whether something that lasts so long, in ns, passes `min` and `max`.
    pub fn lasts(&self, ns: i64) -> bool {
        self.min.is_none_or(|min| ns >= min) && self.max.is_none_or(|max| ns <= max)
    }
}

impl Filter {
    /// The value of each key that there is, in the order of the keys.
    fn terms(&self) -> [Option<String>; FILTER_KEYS.len()] {
        let time = |ns: Option<i64>| ns.map(duration::exact);
        let pattern = |pattern: &Option<Pattern>| pattern.as_ref().map(|pattern| pattern.text().to_owned());
        let ids: Vec<String> = self.goroutines.iter().map(|go| go.0.to_string()).collect();
        [
            time(self.from),
            time(self.to),
            (!ids.is_empty()).then(|| ids.join(",")),
            pattern(&self.func),
            self.states.text(),
            pattern(&self.reason),
            self.task.as_ref().map(|task| match task {
                TaskChoice::Id(id) => format!("#{id}"),
                TaskChoice::Type(pattern) => pattern.text().to_owned(),
            }),
            pattern(&self.region),
            time(self.min),
            time(self.max),
        ]
    }
}

impl fmt::Display for Filter {
    /// The text that [`Filter::parse`] reads as this filter.
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        let mut first = true;
        for (key, value) in FILTER_KEYS.iter().zip(self.terms()) {
            let Some(value) = value else { continue };
            if !std::mem::take(&mut first) {
                f.write_str(" ")?;
            }
            write!(f, "{key}={}", words::quoted(&value))?;
        }
        Ok(())
    }
}

fn keys() -> String {
    FILTER_KEYS.join(", ")
}

fn goroutines(value: &str) -> Result<Vec<GoId>, String> {
    let id = |text: &str| {
        let digits = text.trim().trim_start_matches(['G', 'g', 'T', 't']);
        digits.parse().map(GoId).map_err(|_| format!("{text:?} is no goroutine: write 17 or G17, several with commas"))
    };
    value.split(',').map(id).collect()
}

fn task(value: &str) -> Result<TaskChoice, String> {
    match value.strip_prefix('#') {
        Some(digits) => {
            digits.parse().map(TaskChoice::Id).map_err(|_| format!("{digits:?} is no id of a task: write #3"))
        }
        None => Ok(TaskChoice::Type(Pattern::new(value)?)),
    }
}
