//! What frames are worth in values of every type at once, as a table with a column for each shows it.

use crate::profile::StackIdx;
use crate::view::{NodeIdx, Seen};

/// A frame, and its sums of each type.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Worth {
    /// Which.
    pub node: NodeIdx,
    /// What it is worth itself.
    pub flat: Vec<i64>,
    /// What it is worth with all it called.
    pub cum: Vec<i64>,
}

/// The frames that are worth something of some type, in no order that means something. The type that the view is of
/// makes no difference.
pub fn worth(seen: &Seen) -> Vec<Worth> {
    let profile = &seen.profile;
    let types = profile.sample_types.len();
    let mut of_stacks = vec![0_i64; profile.stacks.len() * types];
    for sample in profile.samples() {
        add(&mut of_stacks[sample.stack.row() * types..], sample.values);
    }
    let (mut flat, mut cum) = (vec![0_i64; seen.nodes.len() * types], vec![0_i64; seen.nodes.len() * types]);
    // For which stack a node was last added to.
    let mut visited = vec![0_u32; seen.nodes.len()];
    for row in 0..profile.stacks.len() {
        let values = &of_stacks[row * types..(row + 1) * types];
        if values.iter().all(|value| *value == 0) {
            continue;
        }
        let here = row as u32 + 1;
        for (depth, frame) in seen.stack_frames(StackIdx(row as u32)).enumerate() {
            let node = frame.node().row();
            if depth == 0 {
                add(&mut flat[node * types..], values);
            }
            if std::mem::replace(&mut visited[node], here) != here {
                add(&mut cum[node * types..], values);
            }
        }
    }
    let of = |sums: &[i64], node: NodeIdx| sums[node.row() * types..(node.row() + 1) * types].to_vec();
    let all = seen.node_handles().map(|node| Worth { node, flat: of(&flat, node), cum: of(&cum, node) });
    all.filter(|one| one.flat.iter().chain(&one.cum).any(|value| *value != 0)).collect()
}

fn add(sums: &mut [i64], values: &[i64]) {
    for (sum, value) in sums.iter_mut().zip(values) {
        *sum = sum.wrapping_add(*value);
    }
}
