//! Flame graphs as boxes.

use goroscope_profile::flame::{self, Boxed, Direction, Flame, Shape, What};
use goroscope_profile::view::Seen;
use serde::Serialize;

/// Stacks that begin alike, as boxes that share what they share.
#[derive(Clone, Debug, PartialEq, Eq, Serialize)]
pub struct FlameView {
    /// How many rows, that of the root included.
    pub depth: u32,
    /// The boxes, parents before children.
    pub boxes: Vec<FlameBox>,
}

/// A box.
#[derive(Clone, Debug, PartialEq, Eq, Serialize)]
pub struct FlameBox {
    /// The box that it stands on, by its place in the list.
    pub parent: Option<usize>,
    /// Its row, from 0.
    pub depth: u32,
    /// The function; empty if it is `rest`.
    pub name: String,
    /// Its file, if frames are told apart by that.
    pub file: String,
    /// Where it begins, in values.
    pub x: i64,
    /// How wide it is: what it is worth.
    pub value: i64,
    /// What of that ends in it.
    #[serde(rename = "self")]
    pub own: i64,
    /// Whether it stands for several that are too narrow.
    pub rest: bool,
}

/// The functions around one of them.
#[derive(Clone, Debug, PartialEq, Eq, Serialize)]
pub struct SandwichView {
    /// The one in the middle.
    pub function: String,
    /// Who called it, who called those, and so on.
    pub callers: FlameView,
    /// Whom it called.
    pub callees: FlameView,
}

pub(super) fn whole(seen: &Seen, width: u32, direction: Direction) -> FlameView {
    let flame = flame::flame(seen, &Shape { direction, ..shape(width) });
    let value = flame.total.size.wrapping_add(flame.without_frames.size);
    let root = FlameBox {
        parent: None,
        depth: 0,
        name: "root".to_owned(),
        file: String::new(),
        x: 0,
        value,
        own: flame.without_frames.size,
        rest: false,
    };
    let others = flame.boxes.iter().map(|one| FlameBox {
        parent: Some(one.parent.map_or(0, |parent| parent as usize + 1)),
        depth: one.depth + 1,
        ..named(seen, one)
    });
    FlameView { depth: flame.rows + 1, boxes: std::iter::once(root).chain(others).collect() }
}

pub(super) fn sandwich(seen: &Seen, function: &str, width: u32) -> Option<SandwichView> {
    let halves = flame::sandwich(seen, seen.find(function)?, &shape(width));
    let half = |flame: &Flame| FlameView {
        depth: flame.rows,
        boxes: flame.boxes.iter().map(|one| named(seen, one)).collect(),
    };
    Some(SandwichView { function: function.to_owned(), callers: half(&halves.callers), callees: half(&halves.callees) })
}

fn shape(width: u32) -> Shape {
    Shape { parts: width, ..Shape::default() }
}

fn named(seen: &Seen, one: &Boxed) -> FlameBox {
    let (name, file) = match one.what {
        What::Node(node) => (seen.name(node).to_owned(), seen.profile().text(seen.nodes()[node.row()].file).to_owned()),
        What::Others(_) => (String::new(), String::new()),
    };
    FlameBox {
        parent: one.parent.map(|parent| parent as usize),
        depth: one.depth,
        name,
        file,
        x: one.start,
        value: one.weight.size,
        own: one.own.size,
        rest: matches!(one.what, What::Others(_)),
    }
}
