//! The orders of nodes and edges in reports.

use super::{Graph, GraphNode};
use crate::view::{Node, NodeIdx, Seen};

/// By what the nodes of a report are sorted.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq)]
pub enum Order {
    /// By what they are worth themselves.
    #[default]
    Flat,
    /// By what they are worth with all they called.
    Cum,
}

/// The place of each wanted node in the order of names. Equal names have equal places.
pub(crate) fn name_ranks(seen: &Seen, wanted: impl Fn(NodeIdx) -> bool) -> Vec<u32> {
    let mut order: Vec<NodeIdx> = seen.node_handles().filter(|node| wanted(*node)).collect();
    order.sort_unstable_by(|a, b| seen.name(*a).cmp(seen.name(*b)));
    let mut ranks = vec![0; seen.nodes.len()];
    let mut rank = 0;
    for (at, node) in order.iter().enumerate() {
        if at > 0 && seen.name(*node) != seen.name(order[at - 1]) {
            rank += 1;
        }
        ranks[node.row()] = rank;
    }
    ranks
}

/// Sorts nodes for a table.
pub(super) fn sort(seen: &Seen, graph: &mut Graph, order: Order) {
    match order {
        Order::Flat => sort_by(seen, graph, |node| node.flat.value, |node| node.cum.value),
        Order::Cum => sort_by(seen, graph, |node| node.cum.value, |node| node.flat.value),
    }
}

/// Sorts nodes for a picture: those first at which much happens, by the score of [`interest`].
pub(super) fn sort_for_picture(seen: &Seen, graph: &mut Graph) {
    let mut scores = vec![0_i64; seen.nodes.len()];
    for node in &graph.nodes {
        scores[node.node.row()] = interest(graph, node);
    }
    sort_by(seen, graph, |node| scores[node.node.row()], |node| node.flat.value);
}

fn sort_by(seen: &Seen, graph: &mut Graph, first: impl Fn(&GraphNode) -> i64, then: impl Fn(&GraphNode) -> i64) {
    let size = |value: i64| value.wrapping_abs();
    graph.nodes.sort_by(|a, b| {
        size(first(b))
            .cmp(&size(first(a)))
            .then_with(|| seen.name(a.node).cmp(seen.name(b.node)))
            .then_with(|| size(then(b)).cmp(&size(then(a))))
            .then_with(|| told(seen, a).cmp(&told(seen, b)))
            .then_with(|| a.node.cmp(&b.node))
    });
}

/// All that is known of a node, as text: nodes with the same name are in the order of this.
fn told(seen: &Seen, node: &GraphNode) -> String {
    let Node { name, address, file, start_line, line, column, object } = &seen.nodes[node.node.row()];
    let text = |id| seen.profile.text(id);
    let (name, file, object) = (text(*name), text(*file), text(*object));
    format!("{{{name}  {address} {file} {start_line} {line} {column} {object}}}")
}

/// How much there is to see at a node. One that only hands on what it got, all from one and all to one, is worth least:
/// the score is its cum times the entropies (in bits) of where that comes from and goes to, and its flat.
fn interest(graph: &Graph, node: &GraphNode) -> i64 {
    let side = |edges: &[usize], own: i64| if edges.is_empty() { 1.0 } else { entropy(graph, edges, own) };
    let score = side(&node.incoming, 0) + side(&node.outgoing, node.flat.value);
    ((score * node.cum.value as f64) as i64).wrapping_add(node.flat.value)
}

fn entropy(graph: &Graph, edges: &[usize], own: i64) -> f64 {
    let weights = || edges.iter().map(|row| graph.edges[*row].weight.value);
    let total = weights().filter(|weight| *weight > 0).fold(own, i64::wrapping_add);
    if total == 0 {
        return 0.0;
    }
    let part = |weight: i64| {
        let share = weight.wrapping_abs() as f64 / total as f64;
        -share * share.log2()
    };
    let calls: f64 = weights().filter(|weight| *weight != 0).map(part).sum();
    if own > 0 { calls + part(own) } else { calls }
}
