//! What goroutines did with their time: one by one, and in groups.
//!
//! 1. A filter says which goroutines are meant, and of each which stretches of time (`crate::filter`).
//! 2. A grouping may cut these further, or leave only some (`grouping`).
//! 3. Of every goroutine that is left, the times of its states within its stretches are summed up (`lives`).
//! 4. Groups and lists are sums and pages of these (`groups`, `list`), sorted by any of their columns (`columns`).

mod columns;
mod grouping;
mod groups;
mod list;
mod lives;
mod sweeps;
mod times;

#[cfg(test)]
mod tests;

pub use columns::{GroupColumn, ListColumn};
pub use grouping::{Grouping, UnknownGrouping};
pub use groups::{GoroutineGroup, GoroutineGroups, GoroutineSum, GroupDistribution, GroupQuery, groups};
pub use list::{GoroutineList, GoroutineRow, ListQuery, Membership, goroutines};
pub use times::{BlockedTime, GoTimes};

pub(crate) use lives::first_run;
pub(crate) use sweeps::sweeps_of;
