//! Reports: plain data that a page or a file can show in its own way, and the text that `go tool pprof` prints of it.

mod folded;
mod header;
mod list;
mod raw;
mod tags;
mod top;
mod traces;
mod tree;
mod worth;

pub use folded::{Folded, folded, folded_text};
pub use header::{graph_lines, profile_lines};
pub use list::{ListedFile, ListedFunction, ListedLine, Listing, list, list_text};
pub use raw::raw_text;
pub use tags::{KeySum, ValueSum, tags, tags_text};
pub use top::{InlineMark, Top, TopRow, top, top_text};
pub use traces::{Trace, traces, traces_text};
pub use tree::{Neighbours, Tree, peek, tree, tree_text};
pub use worth::{Worth, worth};

use crate::graph::GraphNode;
use crate::units::{self, Shown};
use crate::view::Seen;

/// The unit for all values of a report about these nodes: the one in which the smallest is still seen. If the total has
/// a larger one and is more than a hundred times as much, the smallest may be as little as a hundredth.
fn unit_for(seen: &Seen, nodes: &[GraphNode]) -> Shown {
    if seen.view.shown != Shown::Minimum || nodes.is_empty() {
        return seen.view.shown.clone();
    }
    let size = |node: &GraphNode| match node.flat.shown().wrapping_abs() {
        0 => node.cum.shown().wrapping_abs(),
        flat => flat,
    };
    let least = nodes.iter().map(size).filter(|size| *size > 0).min().unwrap_or(seen.total);
    let (least, most) = (seen.view.ratio.of(least), seen.view.ratio.of(seen.total));
    let unit_of = |value: i64| units::scale(value, seen.unit(), &Shown::Minimum).1;
    let mut unit = unit_of(least);
    if unit != unit_of(most) && least.wrapping_mul(100) < most {
        unit = unit_of(least.wrapping_mul(100));
    }
    Shown::Unit(if unit.is_empty() { seen.unit().to_owned() } else { unit })
}
