//! Where the boxes of a flame graph are.
//!
//! 1. The stacks are sorted, so that those that begin alike are next to each other.
//! 2. A box is a stretch of sorted stacks and a depth. Its children are the stretches within it that go on alike.
//! 3. Children are placed from the heaviest to the lightest. Those that are too narrow are not looked into; they become
//!    one box at the end. So the work is the stacks under the boxes that are shown.

use crate::view::{NodeIdx, Seen, Weight};
use std::cmp::Reverse;
use std::ops::Range;

/// From which end stacks are followed.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq)]
pub enum Direction {
    /// What did a function call?
    #[default]
    FromRoot,
    /// Who called a function? (An *inverted* graph.)
    FromLeaf,
}

/// What a flame graph may look like.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct Shape {
    /// From which end.
    pub direction: Direction,
    /// Boxes narrower than one part in so many are put together.
    pub parts: u32,
    /// Boxes deeper than this are not laid out.
    pub depth: u32,
}

impl Default for Shape {
    fn default() -> Self {
        Shape { direction: Direction::FromRoot, parts: 2000, depth: 500 }
    }
}

/// What a box stands for.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum What {
    /// Calls of one function.
    Node(NodeIdx),
    /// So many functions that are too narrow by themselves.
    Others(u32),
}

/// A box.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct Boxed {
    /// What it stands for.
    pub what: What,
    /// The box it stands on, as a place in the list; `None` for those of the first row.
    pub parent: Option<u32>,
    /// Its row, from 0.
    pub depth: u32,
    /// Where it begins, in the sizes before it.
    pub start: i64,
    /// What it is worth. `size` is its width.
    pub weight: Weight,
    /// What ends in it.
    pub own: Weight,
    /// Whether there is more on it than is laid out.
    pub deeper: bool,
}

/// A flame graph.
#[derive(Clone, Debug, Default)]
pub struct Flame {
    /// The boxes, each behind the one it stands on, and from left to right.
    pub boxes: Vec<Boxed>,
    /// What all boxes of the first row are worth together. `size` is the width of the whole.
    pub total: Weight,
    /// What stacks without any frame are worth, which have no box.
    pub without_frames: Weight,
    /// How many rows there are.
    pub rows: u32,
}

/// A stack in the direction it is followed.
pub(super) struct Path<'a> {
    pub(super) nodes: &'a [NodeIdx],
    pub(super) weight: Weight,
}

/// A stretch of paths that go on alike: a box to be.
struct Group {
    what: NodeIdx,
    paths: Range<usize>,
    weight: Weight,
}

/// A box whose children are still to be laid out.
struct Pending {
    paths: Range<usize>,
    depth: u32,
    start: i64,
    parent: Option<u32>,
}

pub(super) fn lay_out(seen: &Seen, mut paths: Vec<Path<'_>>, shape: &Shape) -> Flame {
    paths.sort_by(|a, b| a.nodes.cmp(b.nodes));
    let empty = paths.iter().take_while(|path| path.nodes.is_empty()).count();
    let mut flame = Flame {
        without_frames: super::sum(paths[..empty].iter().map(|path| path.weight)),
        total: super::sum(paths[empty..].iter().map(|path| path.weight)),
        ..Flame::default()
    };
    let narrowest = (flame.total.size / i64::from(shape.parts.max(1))).max(1);
    let first = Pending { paths: empty..paths.len(), depth: 0, start: 0, parent: None };
    let mut pending = vec![first];
    // The last one added is looked at first: what is under a box comes before its neighbour to the right.
    while let Some(next) = pending.pop() {
        if let Some(under) = place(seen, &paths, shape, narrowest, &next, &mut flame) {
            pending.extend(under);
        }
    }
    flame
}

/// Lays out the boxes of a pending stretch: its first one, and says what is left of it.
fn place(
    seen: &Seen,
    paths: &[Path<'_>],
    shape: &Shape,
    narrowest: i64,
    next: &Pending,
    flame: &mut Flame,
) -> Option<Vec<Pending>> {
    if next.depth >= shape.depth {
        if let Some(parent) = next.parent.filter(|_| !next.paths.is_empty()) {
            flame.boxes[parent as usize].deeper = true;
        }
        return None;
    }
    flame.rows = flame.rows.max(next.depth + u32::from(!next.paths.is_empty()));
    let mut groups = groups(paths, next.paths.clone(), next.depth as usize);
    groups.sort_by_key(|group| (Reverse(group.weight.size), seen.name(group.what), group.what));
    let wide = groups.iter().take_while(|group| group.weight.size >= narrowest).count();
    let mut start = next.start;
    let mut under = Vec::new();
    for group in &groups[..wide] {
        let row = flame.boxes.len() as u32;
        let depth = next.depth as usize + 1;
        let ended = group.paths.clone().take_while(|path| paths[*path].nodes.len() == depth).count();
        let deeper = group.paths.start + ended..group.paths.end;
        flame.boxes.push(Boxed {
            what: What::Node(group.what),
            parent: next.parent,
            depth: next.depth,
            start,
            weight: group.weight,
            own: super::sum(paths[group.paths.start..deeper.start].iter().map(|path| path.weight)),
            deeper: false,
        });
        if !deeper.is_empty() {
            under.push(Pending { paths: deeper, depth: next.depth + 1, start, parent: Some(row) });
        }
        start = start.wrapping_add(group.weight.size);
    }
    let narrow = &groups[wide..];
    if !narrow.is_empty() {
        flame.boxes.push(Boxed {
            what: What::Others(narrow.len() as u32),
            parent: next.parent,
            depth: next.depth,
            start,
            weight: super::sum(narrow.iter().map(|group| group.weight)),
            own: Weight::default(),
            deeper: true,
        });
    }
    under.reverse();
    Some(under)
}

/// The stretches that go on alike at a depth.
fn groups(paths: &[Path<'_>], range: Range<usize>, depth: usize) -> Vec<Group> {
    let mut groups: Vec<Group> = Vec::new();
    for row in range {
        let Some(node) = paths[row].nodes.get(depth).copied() else {
            continue;
        };
        match groups.last_mut() {
            Some(last) if last.what == node => {
                last.paths.end = row + 1;
                last.weight.add(paths[row].weight);
            }
            _ => groups.push(Group { what: node, paths: row..row + 1, weight: paths[row].weight }),
        }
    }
    groups
}
