//! Columns of an execution trace to answers.
//!
//! Every function here is pure: it takes a [`Trace`] and says what somebody wants to know about it. The page, the
//! command line and scripts show these answers and compute nothing themselves, so that a number that is shown twice is
//! computed once. What an answer contains is a struct that derives `Serialize`; its fields are the JSON of
//! `docs/http-api.md`. Times are nanoseconds since the start of the trace.
//!
//! Every function is total: a lane or row that is not in the trace gives `None`, "nothing" is empty, and no parameter,
//! however far off, makes it panic or take more than the trace's own size in memory.
//!
//! * [`Lane`]: what a row of the timeline shows, and its key as text.
//! * [`overview_meta`], [`lane_tree`], [`members`], [`locate`], [`overview`]: what there is.
//! * [`tile`]: the picture.
//! * [`span_at`], [`span_row`], [`goroutine`]: one thing in full.
//! * [`select`]: sums over lanes and a stretch of time.
//! * [`search`]: where a text occurs.
//! * [`info`]: the file.
//! * [`Loading`]: the picture while the trace is still being read.

mod classes;
mod contents;
mod details;
#[cfg(test)]
mod fixtures;
#[cfg(test)]
mod identities;
mod intervals;
mod lane;
mod loading;
mod members;
mod meta;
mod names;
mod overview;
mod refs;
mod search;
mod select;
mod states;
mod tile;
mod top;
mod tree;

pub use classes::{CLASSES, ClassKind, ClassName, class_name};
pub use contents::{EventCount, ExperimentCount, GenerationRow, Info, info};
pub use details::{
    Cause, CauseKind, Effect, GoroutineDetails, LogLine, Neighbour, RangeTime, ReasonSpans, RegionRef, SpanDetails,
    StateTime, WakeCount, goroutine, span_at, span_row,
};
pub use goroscope_model::{GoIdx, GroupIdx, ProcIdx, TaskIdx, TaskTypeIdx, ThreadIdx, Trace};
pub use lane::Lane;
pub use loading::{Loading, Phase};
pub use members::{Location, Member, Members, Sort, UnknownSort, locate, members};
pub use meta::{Counts, DiagnosticRow, Loss, LostTimeRow, TraceMeta, Wall, loss, overview_meta};
pub use overview::{MAX_CELLS, Overview, overview};
pub use refs::{FrameView, GoRef, ProcRef, TaskRef, ThreadRef};
pub use search::{Hit, HitCounts, HitKind, Hits, SearchQuery, UnknownHitKind, search};
pub use select::{ClassShare, LaneRunning, ReasonShare, Selection, select};
pub use tile::{
    CELLS, EXACT_LIMIT, ExactTile, MAX_LEVEL, MarkKind, StripTile, Tile, TileLabel, TileMark, TileSpan, tile,
};
pub use tree::{GroupRow, LaneRow, LaneTree, Section, lane_tree};
