//! The labels of a profile: what each value of each key is worth.

use crate::profile::LabelValue;
use crate::units::percentage;
use crate::view::Seen;
use std::cmp::Reverse;
use std::collections::BTreeMap;
use std::fmt::Write;

/// A key, and what samples with it are worth.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct KeySum {
    /// The key.
    pub key: String,
    /// What all of its values are worth. A sample that has several counts for each.
    pub total: i64,
    /// Its values, the heaviest first.
    pub values: Vec<ValueSum>,
}

/// A value of a key.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct ValueSum {
    /// The value as text; a number in the unit that suits it.
    pub text: String,
    /// What samples with it are worth.
    pub sum: i64,
}

/// The labels of the samples that the filter left, by key. Values that come to nothing are there.
pub fn tags(seen: &Seen) -> Vec<KeySum> {
    let profile = &seen.profile;
    let mut sets: Vec<Option<i64>> = vec![None; profile.label_sets.len()];
    for sample in profile.samples() {
        let sum = sets[sample.labels.row()].get_or_insert(0);
        *sum = sum.wrapping_add(seen.weight(sample.values).value);
    }
    let mut keys: BTreeMap<&str, BTreeMap<String, i64>> = BTreeMap::new();
    for (labels, sum) in profile.label_sets.iter().zip(sets) {
        let Some(own) = sum else { continue };
        for label in labels {
            let text = match label.value {
                LabelValue::Text(text) => profile.text(text).to_owned(),
                // What was written as no number at all is not shown, as in pprof.
                LabelValue::Number(0, unit) if unit.is_empty() => continue,
                LabelValue::Number(value, _) => {
                    crate::units::label(value, seen.label_units.get(label.key), &seen.view.shown)
                }
            };
            let sum = keys.entry(profile.text(label.key)).or_default().entry(text).or_default();
            *sum = sum.wrapping_add(own);
        }
    }
    let key = |(key, values): (&str, BTreeMap<String, i64>)| {
        let total = values.values().fold(0, |total: i64, sum| total.wrapping_add(*sum));
        let mut values: Vec<ValueSum> = values.into_iter().map(|(text, sum)| ValueSum { text, sum }).collect();
        // Those of one weight stay in the order of their texts.
        values.sort_by_key(|value| Reverse(value.sum.wrapping_abs()));
        KeySum { key: key.to_owned(), total, values }
    };
    keys.into_iter().map(key).collect()
}

/// The labels as text. Columns are as wide as what is in them, key by key.
pub fn tags_text(seen: &Seen, keys: &[KeySum]) -> String {
    let value = |value: i64| seen.label(value, &seen.view.shown);
    let share = |sum: i64| match seen.total {
        1.. => format!(" ({})", percentage(sum, seen.total)),
        _ => String::new(),
    };
    let mut text = String::new();
    for KeySum { key, total, values } in keys {
        let cells: Vec<String> = values.iter().map(|one| format!("{}{}:", value(one.sum), share(one.sum))).collect();
        let wide = cells.iter().map(|cell| cell.chars().count() + 1).max().unwrap_or_default();
        let narrow = key.chars().count() + 2;
        // Writing to a text cannot fail.
        let _ = writeln!(text, " {key}: Total {} of {}{}", value(*total), value(seen.total), share(*total));
        for (cell, one) in cells.iter().zip(values) {
            let _ = writeln!(text, "{:narrow$}{cell:>wide$} {}", "", one.text);
        }
        text.push('\n');
    }
    text
}
