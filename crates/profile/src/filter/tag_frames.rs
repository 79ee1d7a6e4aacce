//! `tagroot` and `tagleaf`: labels as frames, so that every report can tell samples apart by them.

use crate::profile::{Function, FunctionIdx, LabelValue, LabelsIdx, Line, Location, LocationIdx, Profile, StackIdx};
use crate::rows::{RowIndex, Rows};
use crate::strings::StringId;
use crate::units::{self, Shown};
use rustc_hash::FxHashMap;
use std::sync::Arc;

/// Labels that become frames, by their keys.
#[derive(Clone, Debug, Default, PartialEq, Eq)]
pub struct TagFrames {
    /// Above the root; the first key is the outermost.
    pub root: Vec<String>,
    /// Below the leaf; the last key is the innermost.
    pub leaf: Vec<String>,
}

impl TagFrames {
    /// The keys in a list with commas.
    pub fn keys(list: &str) -> Vec<String> {
        list.split(',').filter(|key| !key.is_empty()).map(str::to_owned).collect()
    }
}

/// A profile with labels as frames. The name of such a frame is what the sample's labels of the key say, with commas if
/// there are several, and its file is the key; a sample that has no such label has a frame without a name. Handles of the
/// old profile stay good, but for those of stacks.
pub fn tag_frames(profile: &Profile, tags: &TagFrames, shown: &Shown) -> Profile {
    let mut all = profile.clone();
    if tags.root.is_empty() && tags.leaf.is_empty() {
        return all;
    }
    let mut maker = Maker { shown, places: FxHashMap::default() };
    let (mut stacks, mut index) = (Rows::default(), RowIndex::default());
    let mut known: FxHashMap<(StackIdx, LabelsIdx), StackIdx> = FxHashMap::default();
    let mut stack = Vec::new();
    for row in 0..all.samples.stacks.len() {
        let (old, labels) = (all.samples.stacks[row], all.samples.labels[row]);
        all.samples.stacks[row] = *known.entry((old, labels)).or_insert_with(|| {
            let mut frames = |keys: &[String]| -> Vec<LocationIdx> {
                keys.iter().rev().map(|key| maker.frame(&mut all, labels, key)).collect()
            };
            // In the order in which pprof gives numbers to them.
            let (root, leaf) = (frames(&tags.root), frames(&tags.leaf));
            stack.clear();
            for part in [&leaf, profile.stack(old), &root] {
                stack.extend_from_slice(part);
            }
            StackIdx(index.intern(&mut stacks, &stack))
        });
    }
    all.stacks = Arc::new(stacks);
    all
}

/// Makes each frame once.
struct Maker<'a> {
    shown: &'a Shown,
    places: FxHashMap<(StringId, StringId), LocationIdx>,
}

impl Maker<'_> {
    fn frame(&mut self, profile: &mut Profile, labels: LabelsIdx, key: &str) -> LocationIdx {
        let name = self.name(profile, labels, key);
        let (name, file) = (profile.strings.intern(&name), profile.strings.intern(key));
        *self.places.entry((name, file)).or_insert_with(|| {
            let function = FunctionIdx(profile.functions.len() as u32);
            profile.functions.push(Function { name, system_name: StringId::EMPTY, file, start_line: 0 });
            profile.locations.push(Location::default());
            profile.lines.push(&[Line { function, line: 0, column: 0 }]);
            LocationIdx(profile.locations.len() as u32 - 1)
        })
    }

    /// What the labels say of a key: texts first.
    fn name(&self, profile: &Profile, labels: LabelsIdx, key: &str) -> String {
        let of_key = || profile.labels(labels).iter().filter(|label| profile.text(label.key) == key);
        let texts = of_key().filter_map(|label| match label.value {
            LabelValue::Text(text) => Some(profile.text(text).to_owned()),
            LabelValue::Number(..) => None,
        });
        let numbers = of_key().filter_map(|label| match label.value {
            // What was written as no number at all is not there, as in pprof.
            LabelValue::Number(0, StringId::EMPTY) | LabelValue::Text(_) => None,
            LabelValue::Number(value, StringId::EMPTY) => Some(value.to_string()),
            LabelValue::Number(value, unit) => Some(units::label(value, profile.text(unit), self.shown)),
        });
        texts.chain(numbers).collect::<Vec<_>>().join(",")
    }
}
