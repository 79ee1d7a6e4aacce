//! The arguments of `goroscope goroutines` and `goroscope goroutine`.

use super::asking::Asked;
use crate::answers::Question;
use crate::failure::Failure;
use clap::Args;
use goroscope_analysis::{GroupQuery, Grouping, ListQuery, Membership, Order, Page};
use std::str::FromStr;

/// What is asked about goroutines.
#[derive(Clone, Debug, Args)]
pub struct Goroutines {
    /// What makes a group: func, the start function; creation, the place where they were created; task, the type of task
    /// that they worked for; regex=EXPR, what an expression matches of the start function, or its first capture group
    #[arg(long, value_name = "GROUP")]
    group: Option<Grouping>,
    /// Goroutines one by one instead of groups
    #[arg(long)]
    list: bool,
    /// Only the members of the group with this name, one by one
    #[arg(long, value_name = "NAME", requires = "group")]
    of: Option<String>,
    /// The column to sort by, as --json names it, or reason:TEXT, the waits for one reason
    #[arg(long, value_name = "COLUMN")]
    sort: Option<String>,
    /// asc or desc; else numbers descending, names and times ascending
    #[arg(long)]
    order: Option<Order>,
    /// How many rows; 50 unless as CSV, of which there is no limit
    #[arg(long, value_name = "N")]
    limit: Option<usize>,
    /// How many rows to skip
    #[arg(long, value_name = "N", default_value_t = 0)]
    offset: usize,
    /// About what, and in which form.
    #[command(flatten)]
    asked: Asked,
}

impl Goroutines {
    /// The question, and what it is about.
    pub fn question(self) -> Result<(Question, Box<Asked>), Failure> {
        let page = Page { offset: self.offset, limit: self.asked.format.rows(self.limit, 50) };
        let question = if self.list || self.of.is_some() {
            let sort = column(self.sort.as_deref())?;
            let order = self.order.unwrap_or_else(|| goroscope_analysis::ListColumn::usual_order(&sort));
            let membership = match (self.group, self.of) {
                (Some(grouping), Some(name)) => Some(Membership { grouping, name }),
                (Some(_), None) => {
                    return Err(Failure::usage("--group with --list needs --of NAME, the group to list"));
                }
                (None, _) => None,
            };
            Question::Goroutines(ListQuery { membership, sort, order, page })
        } else {
            let sort = column(self.sort.as_deref())?;
            let order = self.order.unwrap_or_else(|| goroscope_analysis::GroupColumn::usual_order(&sort));
            Question::Groups(GroupQuery { grouping: self.group.unwrap_or(Grouping::Function), sort, order, page })
        };
        Ok((question, Box::new(self.asked)))
    }
}

/// The column that is named, or the usual one.
fn column<C: FromStr<Err: std::fmt::Display> + Default>(name: Option<&str>) -> Result<C, Failure> {
    match name {
        None => Ok(C::default()),
        Some(name) => name.parse().map_err(|error| Failure::usage(&format!("--sort {name}: {error}"))),
    }
}

/// Which goroutine is asked about.
#[derive(Clone, Debug, Args)]
pub struct OneGoroutine {
    /// The goroutine's id: 17 or G17
    #[arg(value_name = "ID", value_parser = id)]
    id: u64,
    /// About what, and in which form.
    #[command(flatten)]
    asked: Asked,
}

impl OneGoroutine {
    /// The question, and what it is about.
    pub fn question(self) -> (Question, Box<Asked>) {
        (Question::Goroutine(self.id), Box::new(self.asked))
    }
}

fn id(text: &str) -> Result<u64, String> {
    text.trim_start_matches(['G', 'g']).parse().map_err(|_| "no goroutine: write 17 or G17".to_owned())
}
