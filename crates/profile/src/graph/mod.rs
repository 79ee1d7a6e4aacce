//! The graph of calls: what each frame is worth itself and with all it called, and how much went along each call.
//!
//! It is made of stacks, from the root to the leaf:
//!
//! * a node gets the weight of a stack once, however often it is in it;
//! * so does a call from one node to another; a node that calls itself has no edge to itself;
//! * the last frame gets it as its own (*flat*), unless something below it was cut off.
//!
//! A graph of only some nodes is made of the stacks again, because a graph does not know which way its weights went: an
//! edge that leads over nodes that are not there is *residual*.

mod sums;

mod order;
mod pictured;
mod trim;

pub(crate) use order::name_ranks;
pub(crate) use sums::Calls;
pub(crate) use trim::{cut, trimmed_with};

pub use order::Order;
pub use trim::{Style, Trim, Trimmed, trimmed};

use crate::view::{NodeIdx, Weight};
use std::collections::BTreeMap;

/// A node of a graph with its weights.
#[derive(Clone, Debug)]
pub struct GraphNode {
    /// Which one.
    pub node: NodeIdx,
    /// What it is worth itself.
    pub flat: Weight,
    /// What it is worth with all that it called.
    pub cum: Weight,
    /// Those that called it: rows of [`Graph::edges`], the heaviest first.
    pub incoming: Vec<usize>,
    /// Those it called, likewise.
    pub outgoing: Vec<usize>,
    /// The labels of its samples by their text, in graphs that are drawn.
    pub tags: BTreeMap<TagKey, Tag>,
}

/// What tells tags of a node apart.
#[derive(Clone, Debug, PartialEq, Eq, Hash, PartialOrd, Ord)]
pub enum TagKey {
    /// All labels of a sample that are texts.
    Texts(String),
    /// A number, under the texts it came with.
    Number(String, String),
}

/// What samples with a label are worth at one node.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq)]
pub struct Tag {
    /// With the node as their leaf.
    pub flat: Weight,
    /// With the node anywhere.
    pub cum: Weight,
}

/// Calls from one node to another.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct Edge {
    /// The caller.
    pub from: NodeIdx,
    /// The callee.
    pub to: NodeIdx,
    /// What went along.
    pub weight: Weight,
    /// Whether some of it went over nodes that are not in the graph.
    pub residual: bool,
    /// Whether all of it was inlined.
    pub inlined: bool,
}

/// Nodes in the order of a report, and the edges between them.
#[derive(Clone, Debug, Default)]
pub struct Graph {
    /// The nodes.
    pub nodes: Vec<GraphNode>,
    /// The edges, the heaviest first.
    pub edges: Vec<Edge>,
}

impl Graph {
    /// The sum of what the nodes are worth themselves, as sums.
    pub fn flat_sum(&self) -> i64 {
        self.nodes.iter().fold(0, |sum, node| sum.wrapping_add(node.flat.value))
    }

    /// The same of what is shown of them, which may be means.
    pub fn shown_sum(&self) -> i64 {
        self.nodes.iter().fold(0, |sum, node| sum.wrapping_add(node.flat.shown()))
    }
}
