//! Labels of the nodes of a picture: they are drawn beside the nodes and take room from them.
//!
//! As in pprof, a sample's texts are one tag together, and of its numbers only those of the key `bytes` are shown.

use super::trim::size;
use super::{Graph, GraphNode, Tag, TagKey};
use crate::merge::BASE_LABEL;
use crate::profile::{LabelValue, LabelsIdx};
use crate::units::{self, Shown};
use crate::view::Seen;
use rustc_hash::FxHashMap;

/// At most so many tags of a node are drawn.
const MOST_TAGS: usize = 4;

/// Adds up the labels of the samples at each of these nodes, and leaves out those that are below the cut.
pub(super) fn add_tags(seen: &Seen, nodes: &mut [GraphNode], node_cut: i64) {
    let mut table = TagTable::default();
    let keys: Vec<Vec<u32>> = (0..seen.profile.label_sets.len())
        .map(|row| tag_keys(seen, row).into_iter().map(|key| table.key(key)).collect())
        .collect();
    if table.keys.is_empty() {
        return;
    }
    let mut rows: Vec<Option<u32>> = vec![None; seen.nodes.len()];
    for (row, node) in nodes.iter().enumerate() {
        rows[node.node.row()] = Some(row as u32);
    }
    let mut visited = vec![0; nodes.len()];
    for (number, sample) in (1_u32..).zip(seen.profile.samples()) {
        let weight = seen.weight(sample.values);
        let keys = &keys[sample.labels.row()];
        if keys.is_empty() || (weight.value == 0 && weight.divisor == 0) {
            continue;
        }
        let frames = seen.frames_of(sample.stack);
        for row in frames.iter().filter_map(|frame| rows[frame.node().row()]) {
            if std::mem::replace(&mut visited[row as usize], number) != number {
                for key in keys {
                    table.tag(row, *key).cum.add(weight);
                }
            }
        }
        if let Some(row) = frames.last().and_then(|leaf| rows[leaf.node().row()]) {
            for key in keys {
                table.tag(row, *key).flat.add(weight);
            }
        }
    }
    for (row, key, tag) in table.tags {
        if size(tag.flat.value) >= node_cut || size(tag.cum.value) >= node_cut {
            nodes[row as usize].tags.insert(table.keys[key as usize].clone(), tag);
        }
    }
}

/// Tags while samples are walked, by the rows of their nodes and by numbers in place of their keys.
#[derive(Default)]
struct TagTable {
    keys: Vec<TagKey>,
    numbers: FxHashMap<TagKey, u32>,
    tags: Vec<(u32, u32, Tag)>,
    places: FxHashMap<(u32, u32), usize>,
}

impl TagTable {
    fn key(&mut self, key: TagKey) -> u32 {
        let next = self.keys.len() as u32;
        let number = *self.numbers.entry(key.clone()).or_insert(next);
        if number == next {
            self.keys.push(key);
        }
        number
    }

    fn tag(&mut self, row: u32, key: u32) -> &mut Tag {
        let next = self.tags.len();
        let place = *self.places.entry((row, key)).or_insert(next);
        if place == next {
            self.tags.push((row, key, Tag::default()));
        }
        &mut self.tags[place].2
    }
}

fn tag_keys(seen: &Seen, row: usize) -> Vec<TagKey> {
    let profile = &seen.profile;
    let labels = profile.labels(LabelsIdx(row as u32));
    let mut texts: Vec<String> = labels
        .iter()
        .filter(|label| profile.text(label.key) != BASE_LABEL.0)
        .filter_map(|label| match label.value {
            LabelValue::Text(text) => Some(format!("{}:{}", profile.text(label.key), profile.text(text))),
            LabelValue::Number(..) => None,
        })
        .collect();
    texts.sort();
    let together = texts.join("\\n");
    let numbers = labels.iter().filter_map(|label| match label.value {
        LabelValue::Number(value, unit) if profile.text(label.key) == "bytes" && (value != 0 || !unit.is_empty()) => {
            let text = units::label(value, seen.label_units.get(label.key), &Shown::Minimum);
            Some(TagKey::Number(together.clone(), text))
        }
        LabelValue::Number(..) | LabelValue::Text(_) => None,
    });
    let mut keys: Vec<TagKey> = numbers.collect();
    if !together.is_empty() {
        keys.push(TagKey::Texts(together));
    }
    keys
}

/// How many of the first nodes fit where `room` boxes do, tags included.
pub(super) fn nodes_in(graph: &Graph, room: usize) -> usize {
    let mut used = 0;
    for (row, node) in graph.nodes.iter().enumerate() {
        let tags = node.tags.values().filter(|tag| tag.flat.value != 0).count();
        used += 1 + tags.min(MOST_TAGS);
        if used >= room {
            return row + 1;
        }
    }
    room
}
