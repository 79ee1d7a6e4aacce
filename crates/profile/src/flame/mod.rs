//! Flame graphs: stacks that begin alike share a box.
//!
//! A box is as wide as the absolute values under it, so that in a difference of profiles what grew and what shrank are
//! both seen; its value is their sum. Boxes that would be too narrow are one box together, so the number of boxes
//! depends on the width and depth of the screen, not on the profile.

mod layout;
mod sandwich;
mod search;
mod svg;

pub use layout::{Boxed, Direction, Flame, Shape, What};
pub use sandwich::{Sandwich, sandwich};
pub use search::{Found, search};
pub use svg::svg;

use crate::view::{Seen, Weight};
use layout::Path;

/// Lays out all stacks of a view.
pub fn flame(seen: &Seen, shape: &Shape) -> Flame {
    let paths = seen.stacks().map(|(frames, weight)| Path { frames, weight }).collect();
    layout::lay_out(seen, paths, shape)
}

fn sum(weights: impl Iterator<Item = Weight>) -> Weight {
    weights.fold(Weight::default(), |mut sum, weight| {
        sum.add(weight);
        sum
    })
}
