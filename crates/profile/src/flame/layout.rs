//! Where the boxes of a flame graph are.
//!
//! 1. A box is a stretch of stacks that begin alike, up to a depth.
//! 2. Its children are found by sorting the stretch by what comes next. They are placed from the heaviest to the lightest.
//! 3. Those that are too narrow are not looked into, nor sorted any further; they become one box at the end. So the work is
//!    the stacks under the boxes that are shown.

use crate::view::{Frame, NodeIdx, Seen, Weight};
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

/// A stack, root first.
pub(super) struct Path<'a> {
    pub(super) frames: &'a [Frame],
    pub(super) weight: Weight,
}

/// A box whose children are still to be laid out: those of its paths that go on.
struct Pending {
    paths: Range<usize>,
    depth: u32,
    start: i64,
    parent: Option<u32>,
}

/// Paths that go on alike: a box to be.
struct Group {
    what: NodeIdx,
    weight: Weight,
    /// What ends in it.
    own: Weight,
    /// How many go on.
    longer: usize,
    /// Where these begin among the paths, once that is known.
    begin: Option<usize>,
}

pub(super) fn lay_out(seen: &Seen, paths: Vec<Path<'_>>, shape: &Shape) -> Flame {
    let is_empty = |path: &&Path<'_>| path.frames.is_empty();
    let mut flame = Flame {
        without_frames: super::sum(paths.iter().filter(is_empty).map(|path| path.weight)),
        total: super::sum(paths.iter().filter(|path| !is_empty(path)).map(|path| path.weight)),
        ..Flame::default()
    };
    let order: Vec<u32> = (0..paths.len() as u32).filter(|row| !paths[*row as usize].frames.is_empty()).collect();
    let first = Pending { paths: 0..order.len(), depth: 0, start: 0, parent: None };
    let mut sorter =
        Sorter { paths, direction: shape.direction, order, slots: vec![0; seen.nodes.len()], of: Vec::new() };
    let narrowest = (flame.total.size / i64::from(shape.parts.max(1))).max(1);
    let mut pending = vec![first];
    // The last one added is looked at first: what is under a box comes before its neighbour to the right.
    while let Some(next) = pending.pop() {
        if next.depth < shape.depth {
            let under = place(seen, &mut sorter, narrowest, &next, &mut flame);
            pending.extend(under.into_iter().rev());
        } else if let Some(parent) = next.parent.filter(|_| !next.paths.is_empty()) {
            flame.boxes[parent as usize].deeper = true;
        }
    }
    flame
}

/// Lays out the boxes of a pending stretch, and says what is to be laid out on them.
fn place(seen: &Seen, sorter: &mut Sorter<'_>, narrowest: i64, next: &Pending, flame: &mut Flame) -> Vec<Pending> {
    flame.rows = flame.rows.max(next.depth + u32::from(!next.paths.is_empty()));
    let groups = sorter.sort(next.paths.clone(), next.depth as usize, |group| group.weight.size >= narrowest);
    let (mut wide, narrow): (Vec<&Group>, Vec<&Group>) =
        groups.iter().partition(|group| group.weight.size >= narrowest);
    wide.sort_unstable_by_key(|group| (Reverse(group.weight.size), seen.name(group.what), group.what));
    let mut start = next.start;
    let mut under = Vec::new();
    for group in wide {
        let row = flame.boxes.len() as u32;
        flame.boxes.push(Boxed {
            what: What::Node(group.what),
            parent: next.parent,
            depth: next.depth,
            start,
            weight: group.weight,
            own: group.own,
            deeper: false,
        });
        if let Some(begin) = group.begin.filter(|_| group.longer > 0) {
            under.push(Pending { paths: begin..begin + group.longer, depth: next.depth + 1, start, parent: Some(row) });
        }
        start = start.wrapping_add(group.weight.size);
    }
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
    under
}

/// Paths in an order in which those that go on alike are next to each other, as far as anybody looks.
struct Sorter<'a> {
    paths: Vec<Path<'a>>,
    direction: Direction,
    order: Vec<u32>,
    /// The group of each node, plus 1, while paths are sorted; 0 at all other times.
    slots: Vec<u32>,
    /// The paths that are sorted, with their groups.
    of: Vec<(u32, u32)>,
}

impl Sorter<'_> {
    /// Puts the paths of a stretch that have the same node at a depth next to each other, if their group `is_wanted` and
    /// they go on. All of them must be that long. The order of the groups has no meaning.
    fn sort(&mut self, stretch: Range<usize>, depth: usize, is_wanted: impl Fn(&Group) -> bool) -> Vec<Group> {
        let mut groups: Vec<Group> = Vec::new();
        self.of.clear();
        for path in &self.order[stretch.clone()] {
            let Path { frames, weight } = &self.paths[*path as usize];
            let at = match self.direction {
                Direction::FromRoot => depth,
                Direction::FromLeaf => frames.len() - 1 - depth,
            };
            let what = frames[at].node();
            let slot = &mut self.slots[what.row()];
            if *slot == 0 {
                let nothing = Weight::default();
                groups.push(Group { what, weight: nothing, own: nothing, longer: 0, begin: None });
                *slot = groups.len() as u32;
            }
            let number = *slot - 1;
            let group = &mut groups[number as usize];
            group.weight.add(*weight);
            if frames.len() == depth + 1 {
                group.own.add(*weight);
            } else {
                group.longer += 1;
                self.of.push((*path, number));
            }
        }
        let mut next = stretch.start;
        let mut places = Vec::with_capacity(groups.len());
        for group in &mut groups {
            self.slots[group.what.row()] = 0;
            places.push(next);
            if is_wanted(group) {
                group.begin = Some(next);
                next += group.longer;
            }
        }
        for (path, number) in &self.of {
            if groups[*number as usize].begin.is_some() {
                let place = &mut places[*number as usize];
                self.order[*place] = *path;
                *place += 1;
            }
        }
        groups
    }
}
