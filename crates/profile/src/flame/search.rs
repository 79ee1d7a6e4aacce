//! How much of a profile has to do with a name.

use crate::pattern::Pattern;
use crate::view::{NodeIdx, Seen, Weight};

/// What a search found.
#[derive(Clone, Debug, Default)]
pub struct Found {
    /// The nodes whose names match.
    pub nodes: Vec<NodeIdx>,
    /// What the stacks with at least one of them are worth; each counts once.
    pub weight: Weight,
    /// What all stacks are worth.
    pub total: Weight,
}

/// Looks for names.
pub fn search(seen: &Seen, pattern: &Pattern) -> Found {
    let matched: Vec<bool> = seen.node_handles().map(|node| pattern.matches(seen.name(node))).collect();
    let mut found =
        Found { nodes: seen.node_handles().filter(|node| matched[node.row()]).collect(), ..Found::default() };
    for (frames, weight) in seen.stacks() {
        found.total.add(weight);
        if frames.iter().any(|frame| matched[frame.node().row()]) {
            found.weight.add(weight);
        }
    }
    found
}
