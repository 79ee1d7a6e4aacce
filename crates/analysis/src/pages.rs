//! A page of many rows, in an order.

use crate::paging::Order;
use serde::Serialize;
use std::cmp::Ordering;

/// Which rows are wanted.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct OrderedPage {
    /// How many are left out before.
    pub offset: usize,
    /// How many at most.
    pub limit: usize,
    /// In which direction; that which fits the column unless it is asked for.
    pub order: Option<Order>,
}

impl OrderedPage {
    /// Nothing but how many rows there are.
    pub const NONE: Self = Self { offset: 0, limit: 0, order: None };
}

impl Default for OrderedPage {
    fn default() -> Self {
        Self { offset: 0, limit: 100, order: None }
    }
}

/// A page of rows.
#[derive(Clone, Debug, PartialEq, Serialize)]
pub struct Paged<T> {
    /// How many rows there are on all pages.
    pub total: usize,
    /// Which row the page begins with.
    pub offset: usize,
    /// The page.
    pub rows: Vec<T>,
}

impl<T> Paged<T> {
    /// The page of these rows. `compare` is that of the order which fits the column; equal rows stay in their order.
    pub(crate) fn of(
        mut rows: Vec<T>,
        page: &OrderedPage,
        usual: Order,
        mut compare: impl FnMut(&T, &T) -> Ordering,
    ) -> Self {
        match page.order.unwrap_or(usual) {
            Order::Ascending => rows.sort_by(&mut compare),
            Order::Descending => rows.sort_by(|a, b| compare(b, a)),
        }
        let total = rows.len();
        let rows = rows.into_iter().skip(page.offset).take(page.limit).collect();
        Self { total, offset: page.offset, rows }
    }
}
