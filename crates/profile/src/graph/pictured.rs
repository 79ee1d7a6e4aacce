//! Labels of the nodes of a picture: they are drawn beside the nodes and take room from them.
//!
//! As in pprof, a sample's texts are one tag together, and of its numbers only those of the key `bytes` are shown.

use super::trim::size;
use super::{Graph, Tag, TagKey};
use crate::merge::BASE_LABEL;
use crate::profile::{LabelValue, LabelsIdx};
use crate::units::{self, Shown};
use crate::view::{Seen, Weight};

/// At most so many tags of a node are drawn.
const MOST_TAGS: usize = 4;

/// Adds up the labels of the samples at each node of the graph.
pub(super) fn add_tags(seen: &Seen, graph: &mut Graph, kept: Option<&[bool]>) {
    let keys: Vec<Vec<TagKey>> = (0..seen.profile.label_sets.len()).map(|row| tag_keys(seen, row)).collect();
    if keys.iter().all(Vec::is_empty) {
        return;
    }
    let mut rows: Vec<Option<usize>> = vec![None; seen.nodes.len()];
    for (row, node) in graph.nodes.iter().enumerate() {
        rows[node.node.row()] = Some(row);
    }
    let mut visited = vec![0; seen.nodes.len()];
    for (number, sample) in seen.profile.samples().enumerate() {
        let weight = seen.weight(sample.values);
        let keys = &keys[sample.labels.row()];
        if keys.is_empty() || (weight.value == 0 && weight.divisor == 0) {
            continue;
        }
        let shown = |row: usize| kept.is_none_or(|kept| kept[row]);
        let mut leaf = None;
        for (depth, frame) in seen.stack_frames(sample.stack).enumerate() {
            let row = frame.node.row();
            if depth == 0 && shown(row) {
                leaf = rows[row];
            }
            if !shown(row) || std::mem::replace(&mut visited[row], number + 1) == number + 1 {
                continue;
            }
            if let Some(at) = rows[row] {
                add(graph, at, keys, weight, |tag| &mut tag.cum);
            }
        }
        if let Some(at) = leaf {
            add(graph, at, keys, weight, |tag| &mut tag.flat);
        }
    }
}

fn add(graph: &mut Graph, at: usize, keys: &[TagKey], weight: Weight, side: impl Fn(&mut Tag) -> &mut Weight) {
    for key in keys {
        side(graph.nodes[at].tags.entry(key.clone()).or_default()).add(weight);
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

/// Takes away tags below the cut.
pub(super) fn drop_tags(graph: &mut Graph, node_cut: i64) {
    for node in &mut graph.nodes {
        node.tags.retain(|_, tag| size(tag.flat.value) >= node_cut || size(tag.cum.value) >= node_cut);
    }
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
