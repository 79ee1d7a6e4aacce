//! Which nodes and edges of a graph are shown.
//!
//! 1. Nodes whose cum is below a share of all flats go.
//! 2. The rest is sorted. If there may only be so many nodes, the first ones stay: of a picture as many as fit with
//!    their labels, in an order that calls between all nodes of the rest make, and once more those between the few.
//! 3. Edges below their share go. Of a picture, so do residual edges between nodes that are joined in another way.

use super::order::{self, Order};
use super::pictured;
use super::sums::{self, Calls};
use super::{Graph, GraphNode};
use crate::view::{NodeIdx, Seen};
use std::collections::VecDeque;

/// How much of a graph is shown.
#[derive(Clone, Copy, Debug, PartialEq)]
pub struct Trim {
    /// The most nodes; 0 for no limit.
    pub nodes: usize,
    /// Nodes with a smaller share are not shown.
    pub node_fraction: f64,
    /// Edges with a smaller share are not shown.
    pub edge_fraction: f64,
    /// The order of tables.
    pub order: Order,
}

impl Default for Trim {
    fn default() -> Self {
        Trim { nodes: 0, node_fraction: 0.005, edge_fraction: 0.001, order: Order::Flat }
    }
}

impl Trim {
    /// Everything.
    pub const NOTHING: Trim = Trim { nodes: 0, node_fraction: 0.0, edge_fraction: 0.0, order: Order::Flat };
}

/// What the graph is for.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Style {
    /// A table.
    Table,
    /// A picture: other nodes are of interest, labels take room, and it must not be cluttered.
    Picture,
}

/// A graph and what is not shown of it.
#[derive(Clone, Debug)]
pub struct Trimmed {
    /// What is shown.
    pub graph: Graph,
    /// How many nodes are large enough to be shown.
    pub candidates: usize,
    /// How many are not.
    pub dropped_nodes: usize,
    /// How many edges between those that are shown are not.
    pub dropped_edges: usize,
    /// The share below which a node was dropped.
    pub node_fraction: f64,
    /// The share below which an edge was dropped.
    pub edge_fraction: f64,
}

/// The part of the graph that is worth showing.
pub fn trimmed(seen: &Seen, trim: &Trim, style: Style) -> Trimmed {
    trimmed_with(seen, trim, style, Calls::All)
}

/// The same, with some of its calls only. A picture needs all of them.
pub(crate) fn trimmed_with(seen: &Seen, trim: &Trim, style: Style, calls: Calls<'_>) -> Trimmed {
    let mut graph = Graph { nodes: sums::nodes(seen), edges: Vec::new() };
    let sum = graph.flat_sum();
    let (node_cut, edge_cut) = (cut(sum, trim.node_fraction), cut(sum, trim.edge_fraction));
    let all = graph.nodes.len();
    if node_cut > 0 {
        graph.nodes.retain(|node| size(node.cum.value) >= node_cut);
    }
    let candidates = graph.nodes.len();
    let mut kept = (candidates < all).then(|| marks(seen, &graph.nodes));
    let mut dropped_edges = 0;
    match style {
        Style::Table => {
            order::sort(seen, &mut graph, trim.order);
            if (1..candidates).contains(&trim.nodes) {
                graph.nodes.truncate(trim.nodes);
                kept = Some(marks(seen, &graph.nodes));
            }
            sums::join(seen, &mut graph, kept.as_deref(), calls);
        }
        Style::Picture => {
            sums::join(seen, &mut graph, kept.as_deref(), calls);
            order::sort_for_picture(seen, &mut graph);
            // No more nodes than there is room for are shown, and only of these the labels are wanted.
            let room = if trim.nodes > 0 { trim.nodes.min(candidates) } else { candidates };
            pictured::add_tags(seen, &mut graph.nodes[..room], node_cut);
            if trim.nodes > 0 {
                dropped_edges = drop_edges(&mut graph, edge_cut);
                let room = pictured::nodes_in(&graph, trim.nodes);
                if room < candidates {
                    graph.nodes.truncate(room);
                    kept = Some(marks(seen, &graph.nodes));
                    sums::join(seen, &mut graph, kept.as_deref(), calls);
                    order::sort_for_picture(seen, &mut graph);
                    dropped_edges = 0;
                }
            }
        }
    }
    dropped_edges += drop_edges(&mut graph, edge_cut);
    if style == Style::Picture {
        drop_redundant(seen, &mut graph);
    }
    let Trim { node_fraction, edge_fraction, .. } = *trim;
    Trimmed { graph, candidates, dropped_nodes: all - candidates, dropped_edges, node_fraction, edge_fraction }
}

/// The value that a share of a total is.
pub(crate) fn cut(total: i64, fraction: f64) -> i64 {
    ((total as f64 * fraction) as i64).wrapping_abs()
}

pub(super) fn size(value: i64) -> i64 {
    value.wrapping_abs()
}

fn marks(seen: &Seen, kept: &[GraphNode]) -> Vec<bool> {
    let mut marks = vec![false; seen.nodes.len()];
    for node in kept {
        marks[node.node.row()] = true;
    }
    marks
}

/// Takes edges below the cut out of the lists of their nodes. Those of nodes that are not shown are not counted.
fn drop_edges(graph: &mut Graph, edge_cut: i64) -> usize {
    let mut dropped = vec![false; graph.edges.len()];
    for node in &graph.nodes {
        for row in &node.incoming {
            dropped[*row] = size(graph.edges[*row].weight.value) < edge_cut;
        }
    }
    for node in &mut graph.nodes {
        node.incoming.retain(|row| !dropped[*row]);
        node.outgoing.retain(|row| !dropped[*row]);
    }
    dropped.iter().filter(|dropped| **dropped).count()
}

/// Drops residual edges whose ends are joined in another way: from the last node up, from the lightest edge up, until
/// one that is not residual.
fn drop_redundant(seen: &Seen, graph: &mut Graph) {
    let mut rows: Vec<Option<usize>> = vec![None; seen.nodes.len()];
    for (row, node) in graph.nodes.iter().enumerate() {
        rows[node.node.row()] = Some(row);
    }
    for at in (0..graph.nodes.len()).rev() {
        for edge in graph.nodes[at].incoming.clone().into_iter().rev() {
            if !graph.edges[edge].residual {
                break;
            }
            if !joined_otherwise(graph, &rows, edge) {
                continue;
            }
            let from = rows[graph.edges[edge].from.row()];
            graph.nodes[at].incoming.retain(|row| *row != edge);
            if let Some(from) = from {
                graph.nodes[from].outgoing.retain(|row| *row != edge);
            }
        }
    }
}

/// Whether the callee of an edge is reached from its caller without it.
fn joined_otherwise(graph: &Graph, rows: &[Option<usize>], edge: usize) -> bool {
    let (from, to) = (graph.edges[edge].from, graph.edges[edge].to);
    let incoming = |node: NodeIdx| -> &[usize] {
        rows[node.row()].map_or(&[], |row| {
            let node: &GraphNode = &graph.nodes[row];
            &node.incoming
        })
    };
    let mut seen = vec![false; rows.len()];
    seen[to.row()] = true;
    let mut queue = VecDeque::from([to]);
    while let Some(node) = queue.pop_front() {
        for row in incoming(node).iter().filter(|row| **row != edge) {
            let caller = graph.edges[*row].from;
            if caller == from {
                return true;
            }
            if !std::mem::replace(&mut seen[caller.row()], true) {
                queue.push_back(caller);
            }
        }
    }
    false
}
