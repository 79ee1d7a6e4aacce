//! The arguments of commands that list what the program marked itself: tasks, regions, messages.

use super::asking::{Asked, Format};
use crate::failure::Failure;
use clap::Args;
use goroscope_analysis::{
    Completeness, LogQuery, Order, PAGE, Paging, RegionQuery, RegionTypeSort, SortKey, TaskQuery, TaskTypeSort,
    UnknownWord, parse_sort,
};

/// Which rows of a list, and in which order.
#[derive(Clone, Debug, Args)]
#[command(next_help_heading = "Rows")]
pub struct Listing {
    /// Sort by this; a wrong word tells which there are
    #[arg(long, value_name = "KEY")]
    sort: Option<String>,
    /// asc or desc; otherwise what suits the key
    #[arg(long, value_name = "ORDER")]
    order: Option<String>,
    /// Leave out so many rows
    #[arg(long, value_name = "N", default_value_t = 0, hide_default_value = true)]
    offset: usize,
    /// Show so many rows; 100 unless as CSV, of which there is no limit
    #[arg(long, value_name = "N")]
    limit: Option<usize>,
}

impl Listing {
    fn paging<S: SortKey>(&self, format: Format) -> Result<Paging<S>, Failure> {
        let wrong = |name: &str, word: &str, error: &UnknownWord| Failure::usage(&format!("--{name} {word}: {error}"));
        let sort = match &self.sort {
            Some(word) => parse_sort(word).map_err(|error| wrong("sort", word, &error))?,
            None => S::default(),
        };
        let order = match &self.order {
            Some(word) => Some(word.parse::<Order>().map_err(|error| wrong("order", word, &error))?),
            None => None,
        };
        Ok(Paging { sort, order, offset: self.offset, limit: format.rows(self.limit, PAGE) })
    }
}

/// What is asked about tasks.
#[derive(Clone, Debug)]
pub enum TaskQuestion {
    /// Their types.
    Types(Paging<TaskTypeSort>),
    /// Which there are.
    List(TaskQuery),
    /// One of them.
    One {
        /// Its id.
        id: u64,
        /// How many rows are left out.
        offset: usize,
        /// How many rows are shown.
        limit: usize,
    },
}

/// `goroscope tasks`
#[derive(Clone, Debug, Args)]
pub struct TaskArguments {
    /// List the tasks rather than their types
    #[arg(long)]
    list: bool,
    /// Show one task with all that happened for it
    #[arg(long, value_name = "ID", value_parser = task_id, conflicts_with_all = ["list", "sort", "order"])]
    id: Option<u64>,
    /// Only tasks that begin and end in the trace (yes), or others (no)
    #[arg(long, value_name = "yes|no|any", requires = "list", value_parser = completeness)]
    complete: Option<Completeness>,
    /// Only tasks whose type, regions or messages contain this
    #[arg(long, value_name = "TEXT", requires = "list")]
    text: Option<String>,
    #[command(flatten)]
    asked: Asked,
    #[command(flatten)]
    listing: Listing,
}

impl TaskArguments {
    /// What is asked, and about what.
    pub fn understood(self) -> Result<(TaskQuestion, Asked), Failure> {
        let Self { asked, list, id, complete, text, listing } = self;
        let question = match id {
            Some(id) => {
                if !asked.filtering.filter()?.is_everything() {
                    return Err(Failure::usage("--id is one task, whatever a filter says"));
                }
                TaskQuestion::One { id, offset: listing.offset, limit: asked.format.rows(listing.limit, PAGE) }
            }
            None if list => {
                let complete = complete.unwrap_or_default();
                TaskQuestion::List(TaskQuery { complete, text, paging: listing.paging(asked.format)? })
            }
            None => TaskQuestion::Types(listing.paging(asked.format)?),
        };
        Ok((question, asked))
    }
}

/// What is asked about regions.
#[derive(Clone, Debug)]
pub enum RegionQuestion {
    /// Their types.
    Types(Paging<RegionTypeSort>),
    /// Which there are.
    List(RegionQuery),
}

/// `goroscope regions`
#[derive(Clone, Debug, Args)]
pub struct RegionArguments {
    /// List the regions rather than their types
    #[arg(long)]
    list: bool,
    /// Only regions that begin and end in the trace (yes), or others (no)
    #[arg(long, value_name = "yes|no|any", requires = "list", value_parser = completeness)]
    complete: Option<Completeness>,
    /// Only regions that the program begins at this place, as the types have it: main.worker:22
    #[arg(long, value_name = "FUNCTION:LINE", requires = "list")]
    at: Option<String>,
    #[command(flatten)]
    asked: Asked,
    #[command(flatten)]
    listing: Listing,
}

impl RegionArguments {
    /// What is asked, and about what.
    pub fn understood(self) -> Result<(RegionQuestion, Asked), Failure> {
        let Self { asked, list, complete, at, listing } = self;
        let question = if list {
            let complete = complete.unwrap_or_default();
            RegionQuestion::List(RegionQuery { complete, at, paging: listing.paging(asked.format)? })
        } else {
            RegionQuestion::Types(listing.paging(asked.format)?)
        };
        Ok((question, asked))
    }
}

/// `goroscope logs`
#[derive(Clone, Debug, Args)]
pub struct LogArguments {
    /// Only messages of this category
    #[arg(long, value_name = "TEXT")]
    category: Option<String>,
    /// Only messages that contain this
    #[arg(long, value_name = "TEXT")]
    text: Option<String>,
    #[command(flatten)]
    asked: Asked,
    #[command(flatten)]
    listing: Listing,
}

impl LogArguments {
    /// What is asked, and about what.
    pub fn understood(self) -> Result<(LogQuery, Asked), Failure> {
        let Self { asked, category, text, listing } = self;
        Ok((LogQuery { category, text, paging: listing.paging(asked.format)? }, asked))
    }
}

/// `3`, or `#3` as filters and tables write it.
fn task_id(text: &str) -> Result<u64, String> {
    text.trim_start_matches('#').parse().map_err(|_| "no id of a task: write 3 or #3".into())
}

fn completeness(word: &str) -> Result<Completeness, String> {
    word.parse().map_err(|error: UnknownWord| error.to_string())
}
