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

mod order;
mod pictured;
mod trim;
pub(crate) use trim::cut;

pub use order::Order;
pub use trim::{Style, Trim, Trimmed, trimmed};

use crate::view::{Negative, NodeIdx, Seen, Weight};
use rustc_hash::FxHashMap;
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
#[derive(Clone, Debug, PartialEq, Eq, PartialOrd, Ord)]
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
    /// The edges, in no order that means something.
    pub edges: Vec<Edge>,
}

impl Graph {
    /// Makes the graph of the nodes that `kept` marks, or of all.
    pub(crate) fn new(seen: &Seen, kept: Option<&[bool]>) -> Graph {
        let mut sums = Sums::new(seen);
        for (row, (frames, weight)) in seen.stacks().enumerate() {
            let here = row as u32 + 1;
            let mut parent: Option<NodeIdx> = None;
            let mut residual = false;
            for frame in frames {
                if kept.is_some_and(|kept| !kept[frame.node.row()]) {
                    residual = true;
                    continue;
                }
                sums.visit(frame.node, weight, here);
                if let Some(from) = parent.filter(|from| *from != frame.node) {
                    let edge = Edge { from, to: frame.node, weight, residual, inlined: frame.inlined };
                    sums.call(edge, here);
                }
                parent = Some(frame.node);
                residual = false;
            }
            if let Some(leaf) = parent.filter(|_| !residual) {
                sums.flat[leaf.row()].add(weight);
            }
        }
        sums.finish(seen)
    }

    /// The sum of what the nodes are worth themselves, as sums.
    pub fn flat_sum(&self) -> i64 {
        self.nodes.iter().fold(0, |sum, node| sum.wrapping_add(node.flat.value))
    }

    /// The same of what is shown of them, which may be means.
    pub fn shown_sum(&self) -> i64 {
        self.nodes.iter().fold(0, |sum, node| sum.wrapping_add(node.flat.shown()))
    }
}

/// Weights by node and call while stacks are walked. `last` of each says for which stack it was last added to.
struct Sums {
    flat: Vec<Weight>,
    cum: Vec<Weight>,
    visited: Vec<u32>,
    edges: Vec<Edge>,
    called: Vec<u32>,
    rows: FxHashMap<(NodeIdx, NodeIdx), u32>,
}

impl Sums {
    fn new(seen: &Seen) -> Sums {
        let count = seen.nodes.len();
        Sums {
            flat: vec![Weight::default(); count],
            cum: vec![Weight::default(); count],
            visited: vec![0; count],
            edges: Vec::new(),
            called: Vec::new(),
            rows: FxHashMap::default(),
        }
    }

    fn visit(&mut self, node: NodeIdx, weight: Weight, here: u32) {
        if std::mem::replace(&mut self.visited[node.row()], here) != here {
            self.cum[node.row()].add(weight);
        }
    }

    /// Adds a call. Only the first one in a stack counts, for its marks as well as for its weight.
    fn call(&mut self, edge: Edge, here: u32) {
        let next = self.edges.len() as u32;
        let row = *self.rows.entry((edge.from, edge.to)).or_insert(next) as usize;
        if row == self.edges.len() {
            self.edges.push(edge);
            self.called.push(here);
            return;
        }
        if std::mem::replace(&mut self.called[row], here) == here {
            return;
        }
        let known = &mut self.edges[row];
        known.weight.add(edge.weight);
        known.residual |= edge.residual;
        known.inlined &= edge.inlined;
    }

    fn finish(self, seen: &Seen) -> Graph {
        let mut nodes: Vec<GraphNode> = seen
            .node_handles()
            .map(|node| GraphNode {
                node,
                flat: self.flat[node.row()],
                cum: self.cum[node.row()],
                incoming: Vec::new(),
                outgoing: Vec::new(),
                tags: BTreeMap::new(),
            })
            .collect();
        let edges = self.edges;
        for (row, edge) in edges.iter().enumerate() {
            nodes[edge.from.row()].outgoing.push(row);
            nodes[edge.to.row()].incoming.push(row);
        }
        let names = &seen.names;
        for node in &mut nodes {
            node.incoming.sort_by(|a, b| order::edges(names, &edges[*a], &edges[*b]));
            node.outgoing.sort_by(|a, b| order::edges(names, &edges[*a], &edges[*b]));
        }
        nodes.retain(|node| {
            let (flat, cum) = (node.flat.value, node.cum.value);
            let negative = flat < 0 || (flat == 0 && cum < 0);
            (flat != 0 || cum != 0) && !(negative && seen.view.negative == Negative::Dropped)
        });
        Graph { nodes, edges }
    }
}
