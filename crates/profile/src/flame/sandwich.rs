//! One function between all that called it and all it called.
//!
//! A stack in which it is more than once counts once, from the call nearest to the root: what is above is who called it
//! first, what is below is all it caused, itself included. So both halves are worth what the function is with all it
//! called.

use super::layout::{Direction, Flame, Path, Shape, lay_out};
use crate::view::{NodeIdx, Seen};

/// The two halves.
#[derive(Clone, Debug)]
pub struct Sandwich {
    /// The function and its callers: the first row is the function, the next those that called it.
    pub callers: Flame,
    /// The function and its callees.
    pub callees: Flame,
}

/// Lays out both halves. The direction of the shape is not used.
pub fn sandwich(seen: &Seen, node: NodeIdx, shape: &Shape) -> Sandwich {
    let half = |direction: Direction| {
        let paths = seen
            .stacks()
            .filter_map(|(frames, weight)| {
                let at = frames.iter().position(|frame| frame.node() == node)?;
                let frames = match direction {
                    Direction::FromRoot => &frames[at..],
                    Direction::FromLeaf => &frames[..=at],
                };
                Some(Path { frames, weight })
            })
            .collect();
        lay_out(seen, paths, &Shape { direction, ..*shape })
    };
    Sandwich { callers: half(Direction::FromLeaf), callees: half(Direction::FromRoot) }
}
