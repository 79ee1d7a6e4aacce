//! Filters by labels.

use crate::pattern::{Pattern, PatternError};
use crate::profile::{Label, LabelValue, LabelsIdx, Profile};
use crate::rows::{RowIndex, Rows};
use crate::strings::StringId;
use crate::units::{self, Shown};
use std::collections::BTreeMap;

/// The unit of each key that has numbers: the first one that is said, else the key itself.
#[derive(Clone, Debug, Default)]
pub struct LabelUnits {
    units: BTreeMap<StringId, String>,
}

impl LabelUnits {
    /// Those of a profile.
    pub fn of(profile: &Profile) -> LabelUnits {
        let mut seen: BTreeMap<StringId, StringId> = BTreeMap::new();
        let mut looked_at = vec![false; profile.label_sets.len()];
        for sample in profile.samples() {
            if std::mem::replace(&mut looked_at[sample.labels.row()], true) {
                continue;
            }
            for label in profile.labels(sample.labels) {
                if let LabelValue::Number(_, unit) = label.value {
                    let known = seen.entry(label.key).or_insert(unit);
                    if known.is_empty() {
                        *known = unit;
                    }
                }
            }
        }
        let named = |key: StringId, unit: StringId| match (profile.text(key), unit.is_empty()) {
            ("alignment" | "request", true) => "bytes".to_owned(),
            (key, true) => key.to_owned(),
            (_, false) => profile.text(unit).to_owned(),
        };
        LabelUnits { units: seen.into_iter().map(|(key, unit)| (key, named(key, unit))).collect() }
    }

    /// The unit of a key; empty if the key has no numbers.
    pub fn get(&self, key: StringId) -> &str {
        self.units.get(&key).map_or("", String::as_str)
    }
}

/// Which labels a filter is about: `expression`, `key=expression`, or a range of numbers in place of the expression.
///
/// A range is `N`, `N:`, `:N` or `N:M`, each with a unit; all that can be read as one is one.
/// Expressions are separated by commas. With a key, one of them must match a value of it; without, each must match some
/// `key:value`.
#[derive(Clone, Debug)]
pub struct TagFilter {
    source: String,
    key: Option<String>,
    test: Test,
}

#[derive(Clone, Debug)]
enum Test {
    Range { low: Option<f64>, high: Option<f64>, unit: String },
    Patterns(Vec<Pattern>),
}

impl TagFilter {
    /// Compiles a filter.
    pub fn new(source: &str) -> Result<TagFilter, PatternError> {
        let (key, expression) = match source.split_once('=') {
            Some((key, expression)) => (Some(key.to_owned()).filter(|key| !key.is_empty()), expression),
            None => (None, source),
        };
        let test = match range(expression) {
            Some(range) => range,
            None => Test::Patterns(expression.split(',').map(Pattern::new).collect::<Result<_, _>>()?),
        };
        Ok(TagFilter { source: source.to_owned(), key, test })
    }

    /// The filter as it was given.
    pub fn source(&self) -> &str {
        &self.source
    }

    fn matches(&self, profile: &Profile, labels: &[Label], label_units: &LabelUnits) -> bool {
        let of_key = |label: &&Label| self.key.as_ref().is_none_or(|key| profile.text(label.key) == key);
        match &self.test {
            Test::Range { low, high, unit } => labels.iter().filter(of_key).any(|label| match label.value {
                LabelValue::Text(_) => false,
                LabelValue::Number(value, _) => {
                    let (value, of) = units::scale(value, label_units.get(label.key), &Shown::Unit(unit.clone()));
                    of == *unit && low.is_none_or(|low| value >= low) && high.is_none_or(|high| value <= high)
                }
            }),
            Test::Patterns(patterns) => {
                let matched = |pattern: &Pattern| {
                    labels.iter().filter(of_key).any(|label| match label.value {
                        LabelValue::Text(value) if self.key.is_some() => pattern.matches(profile.text(value)),
                        LabelValue::Text(value) => {
                            pattern.matches(&format!("{}:{}", profile.text(label.key), profile.text(value)))
                        }
                        LabelValue::Number(..) => false,
                    })
                };
                if self.key.is_some() { patterns.iter().any(matched) } else { patterns.iter().all(matched) }
            }
        }
    }
}

/// A number with its unit, and what follows.
fn quantity(text: &str) -> Option<(i64, &str, &str)> {
    let signed = text.strip_prefix(['+', '-']).unwrap_or(text);
    let digits = signed.len() - signed.trim_start_matches(|c: char| c.is_ascii_digit()).len();
    let (number, rest) = text.split_at(text.len() - signed.len() + digits);
    let value = number.strip_prefix('+').unwrap_or(number).parse().ok()?;
    let letters = rest.len() - rest.trim_start_matches(|c: char| c.is_ascii_alphabetic()).len();
    let (unit, rest) = rest.split_at(letters);
    Some((value, unit, rest))
}

fn range(text: &str) -> Option<Test> {
    if let Some(above) = text.strip_prefix(':') {
        let (value, unit, "") = quantity(above)? else {
            return None;
        };
        let (high, unit) = units::scale(value, unit, &Shown::Unit(unit.to_owned()));
        return Some(Test::Range { low: None, high: Some(high), unit });
    }
    let (value, unit, rest) = quantity(text)?;
    let (low, unit) = units::scale(value, unit, &Shown::Unit(unit.to_owned()));
    match rest {
        "" => Some(Test::Range { low: Some(low), high: Some(low), unit }),
        ":" => Some(Test::Range { low: Some(low), high: None, unit }),
        _ => {
            let (value, other, "") = quantity(rest.strip_prefix(':')?)? else {
                return None;
            };
            let (high, other) = units::scale(value, other, &Shown::Unit(unit.clone()));
            (other == unit).then_some(Test::Range { low: Some(low), high: Some(high), unit })
        }
    }
}

/// `tagfocus` and `tagignore`.
pub(super) fn samples_by_tag(profile: &mut Profile, focus: Option<&TagFilter>, ignore: Option<&TagFilter>) {
    if focus.is_none() && ignore.is_none() {
        return;
    }
    let label_units = LabelUnits::of(profile);
    let kept: Vec<bool> = profile
        .label_sets
        .iter()
        .map(|labels| {
            let has = |filter: &TagFilter| filter.matches(profile, labels, &label_units);
            focus.is_none_or(has) && !ignore.is_some_and(has)
        })
        .collect();
    profile.retain_samples(|_, _, labels| kept[labels.row()]);
}

/// `tagshow` and `taghide`.
pub(super) fn tags_by_name(profile: &mut Profile, show: Option<&Pattern>, hide: Option<&Pattern>) {
    if show.is_none() && hide.is_none() {
        return;
    }
    retain_labels(profile, |profile, label| {
        let key = profile.text(label.key);
        show.is_none_or(|show| show.matches(key)) && !hide.is_some_and(|hide| hide.matches(key))
    });
}

/// Keeps the labels for which `keep` holds. Samples stay apart even if their labels become the same.
fn retain_labels(profile: &mut Profile, keep: impl Fn(&Profile, &Label) -> bool) {
    let (mut sets, mut index) = (Rows::default(), RowIndex::default());
    let moved: Vec<LabelsIdx> = profile
        .label_sets
        .iter()
        .map(|labels| {
            let kept: Vec<Label> = labels.iter().copied().filter(|label| keep(profile, label)).collect();
            LabelsIdx(index.intern(&mut sets, &kept))
        })
        .collect();
    profile.label_sets = sets;
    for labels in &mut profile.samples.labels {
        *labels = moved[labels.row()];
    }
}
