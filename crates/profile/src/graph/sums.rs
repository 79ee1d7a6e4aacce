//! The walks over all stacks: what each node is worth, and what went along each call.
//!
//! What a node is worth does not depend on which others are shown, so it is added up once. Calls do: they lead over
//! nodes that are not there. They are most of the work, so only those are added up that somebody will look at.

use super::order::name_ranks;
use super::{Edge, Graph, GraphNode};
use crate::view::{Negative, NodeIdx, Seen, Weight};
use rustc_hash::FxHashMap;
use std::cmp::Reverse;
use std::collections::BTreeMap;

/// Which calls between the nodes of a graph are wanted.
#[derive(Clone, Copy, Debug)]
pub(crate) enum Calls<'a> {
    /// All.
    All,
    /// Those of nodes that were inlined at least once, which are all that tells whether they always were.
    OfInlined,
    /// Those by and of these nodes.
    Around(&'a [bool]),
}

/// The nodes that are worth something, without their calls.
pub(super) fn nodes(seen: &Seen) -> Vec<GraphNode> {
    let count = seen.nodes.len();
    let (mut flat, mut cum) = (vec![Weight::default(); count], vec![Weight::default(); count]);
    // For which stack a node was last added to.
    let mut visited = vec![0_u32; count];
    for (row, (frames, weight)) in seen.stacks().enumerate() {
        let here = row as u32 + 1;
        for frame in frames {
            let node = frame.node().row();
            if std::mem::replace(&mut visited[node], here) != here {
                cum[node].add(weight);
            }
        }
        if let Some(leaf) = frames.last() {
            flat[leaf.node().row()].add(weight);
        }
    }
    let is_shown = |node: &NodeIdx| {
        let (flat, cum) = (flat[node.row()].value, cum[node.row()].value);
        let is_negative = flat < 0 || (flat == 0 && cum < 0);
        (flat != 0 || cum != 0) && !(is_negative && seen.view.negative == Negative::Dropped)
    };
    let bare = |node: NodeIdx| GraphNode {
        node,
        flat: flat[node.row()],
        cum: cum[node.row()],
        incoming: Vec::new(),
        outgoing: Vec::new(),
        tags: BTreeMap::new(),
    };
    seen.node_handles().filter(is_shown).map(bare).collect()
}

/// Joins the nodes of a graph by the calls between those that `kept` marks, or between all.
pub(super) fn join(seen: &Seen, graph: &mut Graph, kept: Option<&[bool]>, calls: Calls<'_>) {
    graph.edges = edges(seen, kept, calls);
    let mut rows = vec![None; seen.nodes.len()];
    for (row, node) in graph.nodes.iter_mut().enumerate() {
        node.incoming.clear();
        node.outgoing.clear();
        rows[node.node.row()] = Some(row);
    }
    // Edges come in the order in which each node has them.
    for (edge, Edge { from, to, .. }) in graph.edges.iter().enumerate() {
        if let Some(row) = rows[from.row()] {
            graph.nodes[row].outgoing.push(edge);
        }
        if let Some(row) = rows[to.row()] {
            graph.nodes[row].incoming.push(edge);
        }
    }
}

/// A node that is not kept.
const GONE: u32 = u32::MAX;

/// The calls, the heaviest first, then by names.
fn edges(seen: &Seen, kept: Option<&[bool]>, calls: Calls<'_>) -> Vec<Edge> {
    let is_kept = |node: NodeIdx| kept.is_none_or(|kept| kept[node.row()]);
    let mut places = vec![GONE; seen.nodes.len()];
    let mut count = 0;
    for node in seen.node_handles().filter(|node| is_kept(*node)) {
        places[node.row()] = count;
        count += 1;
    }
    let inlined;
    let (by, of): (Option<&[bool]>, Option<&[bool]>) = match calls {
        Calls::All => (None, None),
        Calls::Around(marks) => (Some(marks), Some(marks)),
        Calls::OfInlined => {
            inlined = inlined_nodes(seen);
            if !inlined.contains(&true) {
                return Vec::new();
            }
            (Some(&[]), Some(&inlined))
        }
    };
    let has = |marks: Option<&[bool]>, node: NodeIdx| {
        marks.is_none_or(|marks| marks.get(node.row()).copied().unwrap_or_default())
    };
    let mut sums = Sums::new(count as usize);
    for (row, (frames, weight)) in seen.stacks().enumerate() {
        let here = row as u32 + 1;
        let mut parent: Option<(u32, NodeIdx)> = None;
        let mut residual = false;
        for frame in frames {
            let (to, inlined) = (frame.node(), frame.is_inlined());
            let place = places[to.row()];
            if place == GONE {
                residual = true;
                continue;
            }
            if let Some((caller, from)) = parent.filter(|(caller, _)| *caller != place)
                && (has(of, to) || has(by, from))
            {
                sums.call((caller, place), Edge { from, to, weight, residual, inlined }, here);
            }
            parent = Some((place, to));
            residual = false;
        }
    }
    let ranks = name_ranks(seen, |node| places[node.row()] != GONE);
    let rank = |node: NodeIdx| ranks[node.row()];
    sums.edges.sort_unstable_by_key(|edge| {
        let Edge { from, to, weight, .. } = *edge;
        (Reverse(weight.value.wrapping_abs()), rank(from), rank(to), from, to)
    });
    sums.edges
}

/// The nodes that are inlined in some stack.
fn inlined_nodes(seen: &Seen) -> Vec<bool> {
    let mut marks = vec![false; seen.nodes.len()];
    for frame in seen.location_nodes.iter().flatten().filter(|frame| frame.is_inlined()) {
        marks[frame.node().row()] = true;
    }
    marks
}

/// Calls while stacks are walked.
struct Sums {
    edges: Vec<Edge>,
    /// For which stack each was last added to.
    called: Vec<u32>,
    rows: EdgeRows,
}

impl Sums {
    fn new(count: usize) -> Sums {
        Sums { edges: Vec::new(), called: Vec::new(), rows: EdgeRows::new(count) }
    }

    /// Adds a call. Only the first one in a stack counts, for its marks as well as for its weight.
    fn call(&mut self, places: (u32, u32), edge: Edge, here: u32) {
        let row = self.rows.row(places, self.edges.len() as u32) as usize;
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
}

/// Finds the row of an edge by the places of its ends.
enum EdgeRows {
    /// A row, plus 1, for each pair: 16 MiB at the most.
    Table {
        width: usize,
        rows: Vec<u32>,
    },
    Map(FxHashMap<(u32, u32), u32>),
}

/// Up to so many nodes have a table.
const WIDEST_TABLE: usize = 2048;

impl EdgeRows {
    fn new(count: usize) -> EdgeRows {
        if count <= WIDEST_TABLE {
            EdgeRows::Table { width: count, rows: vec![0; count * count] }
        } else {
            EdgeRows::Map(FxHashMap::default())
        }
    }

    /// The row of an edge, `next` if it is new.
    fn row(&mut self, (from, to): (u32, u32), next: u32) -> u32 {
        match self {
            EdgeRows::Table { width, rows } => {
                let row = &mut rows[from as usize * *width + to as usize];
                if *row == 0 {
                    *row = next + 1;
                }
                *row - 1
            }
            EdgeRows::Map(rows) => *rows.entry((from, to)).or_insert(next),
        }
    }
}
