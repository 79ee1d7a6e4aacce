//! A tile: 512 adjacent cells of one lane, drawn as exact spans where few touch it and as true shares where many do.
//!
//! The cells of level ℓ are 2^ℓ ns wide and aligned to absolute time, so panning never changes what a cell covers.
//! Where a tile is exact or empty, finer levels need not be asked for.

mod curve;
mod exact;
mod label;
mod marks;
mod shares;
mod strip;
mod window;

#[cfg(test)]
mod tests;

pub use label::TileLabel;

use crate::Lane;
use crate::curves::Curve;
pub(crate) use exact::state_label;
use goroscope_model::{Class, Trace};
use window::Window;

/// Cells of a tile.
pub const CELLS: usize = 512;

/// The coarsest level: a cell of 2^62 ns.
pub const MAX_LEVEL: u8 = 62;

/// The most spans, and the most marks, of an exact tile.
pub const EXACT_LIMIT: usize = 512;

/// What a tile shows.
#[derive(Clone, Debug, PartialEq, Eq)]
pub enum Tile {
    /// Nothing is there.
    Empty,
    /// Everything that touches it, with its true extent.
    Exact(ExactTile),
    /// The share of each class in each cell.
    Strip(StripTile),
    /// Every change of a value.
    Steps(StepTile),
    /// The least and the largest value in each cell.
    Band(BandTile),
}

/// All spans and marks that touch a tile, by begin.
#[derive(Clone, Debug, Default, PartialEq, Eq)]
pub struct ExactTile {
    /// Spans, at most [`EXACT_LIMIT`], with their true begin and end.
    pub spans: Vec<TileSpan>,
    /// Marks, at most [`EXACT_LIMIT`].
    pub marks: Vec<TileMark>,
}

/// A span.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct TileSpan {
    /// Begin, ns.
    pub start: i64,
    /// End, ns.
    pub end: i64,
    /// What is written on it.
    pub label: TileLabel,
    /// Its row in the lane's table, for [`crate::span_row`].
    pub row: u32,
    /// What is drawn.
    pub class: Class,
}

/// A mark: something without duration.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct TileMark {
    /// When, ns.
    pub ts: i64,
    /// What is written at it.
    pub label: TileLabel,
    /// What it is.
    pub kind: MarkKind,
}

/// What a mark is. The numbers are part of the tile format.
#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord, Hash)]
#[repr(u8)]
pub enum MarkKind {
    /// A log message.
    Log = 1,
    /// A CPU profile sample.
    Sample = 2,
}

/// The shares of the classes in each cell.
///
/// A share is in 255ths of the cell, for groups, task types and all goroutines in 255ths of the cell times the most
/// members that lived at once. A class that is present has at least 1, the shares of a cell sum to at most 255, and
/// what is missing to 255 does not exist.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct StripTile {
    /// The classes that are present in any cell, ascending, with their share of each cell.
    pub classes: Vec<(Class, Box<[u8; CELLS]>)>,
    /// Spans that begin in the cell, as ⌈log2(1 + n)⌉; all 0 for groups of more than one and for all goroutines.
    pub transitions: Box<[u8; CELLS]>,
    /// Log messages in the cell, at most 255.
    pub logs: Box<[u8; CELLS]>,
    /// CPU profile samples in the cell, at most 255.
    pub samples: Box<[u8; CELLS]>,
}

/// The points of a curve in a tile and the one that holds where it begins, by time: at most [`EXACT_LIMIT`] and one.
/// A value holds until the next one; `None` is none.
#[derive(Clone, Debug, Default, PartialEq, Eq)]
pub struct StepTile {
    /// From when on, ns, and the value.
    pub points: Vec<(i64, Option<i64>)>,
}

/// The least and the largest value of a curve in each cell, the one that it enters with included; `None` where there is
/// none.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct BandTile {
    /// [`CELLS`] cells.
    pub cells: Vec<Option<(i64, i64)>>,
}

/// The tile `x` of a lane at a level. Lanes, levels and places that do not exist are empty.
pub fn tile(trace: &Trace, lane: Lane, level: u8, x: i64) -> Tile {
    let Some(window) = Window::new(trace, level, x) else { return Tile::Empty };
    if !lane.exists(trace) {
        return Tile::Empty;
    }
    match lane {
        Lane::Proc(_)
        | Lane::Thread(_)
        | Lane::Go(_)
        | Lane::Gc
        | Lane::Stw
        | Lane::Task(_)
        | Lane::Regions(..)
        | Lane::GoRanges(_)
        | Lane::ProcRanges(_)
        | Lane::ProcOff(_)
        | Lane::ThreadOff(_) => match exact::build(trace, lane, &window) {
            Some(exact) if exact.spans.is_empty() && exact.marks.is_empty() => Tile::Empty,
            Some(exact) => Tile::Exact(exact),
            None => strip::build(trace, lane, &window),
        },
        Lane::All | Lane::Group(_) | Lane::TaskType(_) => strip::build(trace, lane, &window),
        Lane::Counter(curve) => Curve::of(trace, curve).map_or(Tile::Empty, |curve| curve::build(&curve, &window)),
    }
}
