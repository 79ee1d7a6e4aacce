//! Pages of lists: in which order the rows stand, and which of them are asked for.
//!
//! Rows with equal keys keep the order of the trace, whichever way the keys are sorted, so that pages neither repeat nor
//! skip a row.

use crate::top::Smallest;
use std::cmp::{Ordering, Reverse};
use std::fmt;
use std::str::FromStr;

/// Which way the rows of a list are sorted.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Hash)]
pub enum Order {
    /// Smallest, earliest or first of the alphabet first.
    Ascending,
    /// Largest, latest or last of the alphabet first.
    Descending,
}

impl Order {
    /// Its name in URLs and answers.
    pub fn key(self) -> &'static str {
        match self {
            Self::Ascending => "asc",
            Self::Descending => "desc",
        }
    }
}

impl fmt::Display for Order {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str(self.key())
    }
}

/// What the rows of a list can be sorted by.
pub trait SortKey: Copy + Default + PartialEq + 'static {
    /// The keys, each with its name and the way in which it is sorted if none is asked for.
    const ALL: &'static [(&'static str, Self, Order)];
}

/// A page of a list.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct Paging<S> {
    /// What the rows are sorted by.
    pub sort: S,
    /// Which way; otherwise the way that suits the key.
    pub order: Option<Order>,
    /// How many rows come before the page.
    pub offset: usize,
    /// How many rows the page has at most.
    pub limit: usize,
}

/// The rows of a page when none is asked for.
pub const PAGE: usize = 100;

impl<S: Default> Default for Paging<S> {
    /// The first rows in the list's own order.
    fn default() -> Self {
        Self { sort: S::default(), order: None, offset: 0, limit: PAGE }
    }
}

/// A word that is none of those that a choice knows; says which it does.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct UnknownWord(String);

impl UnknownWord {
    /// None of these.
    pub(crate) fn of(known: impl Iterator<Item = &'static str>) -> Self {
        Self(format!("use one of {}", known.collect::<Vec<_>>().join(", ")))
    }
}

impl fmt::Display for UnknownWord {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str(&self.0)
    }
}

impl std::error::Error for UnknownWord {}

impl FromStr for Order {
    type Err = UnknownWord;

    fn from_str(text: &str) -> Result<Self, UnknownWord> {
        match text {
            "asc" => Ok(Self::Ascending),
            "desc" => Ok(Self::Descending),
            _ => Err(UnknownWord::of(["asc", "desc"].into_iter())),
        }
    }
}

/// The sort key of this name.
pub fn parse_sort<S: SortKey>(name: &str) -> Result<S, UnknownWord> {
    let found = S::ALL.iter().find(|(known, ..)| *known == name);
    found.map(|(_, key, _)| *key).ok_or_else(|| UnknownWord::of(S::ALL.iter().map(|(known, ..)| *known)))
}

/// What one row is sorted by.
#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord)]
pub(crate) enum Rank<'t> {
    /// A time, a duration or how many.
    Number(i128),
    /// A name.
    Text(&'t str),
}

impl Rank<'_> {
    /// A number of any width.
    pub(crate) fn of(number: impl Into<i128>) -> Self {
        Self::Number(number.into())
    }

    /// How many.
    pub(crate) fn count(number: usize) -> Self {
        Self::Number(number as i128)
    }
}

#[derive(PartialEq, Eq, PartialOrd, Ord)]
enum Place<'t> {
    Up(Rank<'t>),
    Down(Reverse<Rank<'t>>),
}

/// Picks the rows of a page out of all, without keeping what is behind it.
pub(crate) struct Picking<'t, T> {
    order: Order,
    offset: usize,
    total: usize,
    found: Smallest<(Place<'t>, T)>,
}

impl<'t, T: Ord> Picking<'t, T> {
    /// For this page.
    pub(crate) fn new<S: SortKey>(paging: &Paging<S>) -> Self {
        let natural = || S::ALL.iter().find(|(_, key, _)| *key == paging.sort).map(|(_, _, order)| *order);
        let order = paging.order.or_else(natural).unwrap_or(Order::Ascending);
        let found = Smallest::new(paging.offset.saturating_add(paging.limit));
        Self { order, offset: paging.offset, total: 0, found }
    }

    /// Adds a row. Of those with equal ranks the smaller rows come first.
    pub(crate) fn push(&mut self, rank: Rank<'t>, row: T) {
        self.total += 1;
        let place = match self.order {
            Order::Ascending => Place::Up(rank),
            Order::Descending => Place::Down(Reverse(rank)),
        };
        self.found.push((place, row));
    }

    /// How many rows there are, and those of the page.
    pub(crate) fn into_page(self) -> (usize, Vec<T>) {
        let page = self.found.into_sorted().into_iter().skip(self.offset).map(|(_, row)| row).collect();
        (self.total, page)
    }
}

/// Which rows of a list are wanted, where its columns are not a fixed few.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct Page {
    /// How many are skipped.
    pub offset: usize,
    /// How many there are at most.
    pub limit: usize,
}

impl Default for Page {
    /// The first hundred.
    fn default() -> Self {
        Self { offset: 0, limit: 100 }
    }
}

/// A column that a list does not have: which, and which there are.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct UnknownColumn(pub(crate) String);

impl fmt::Display for UnknownColumn {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str(&self.0)
    }
}

impl std::error::Error for UnknownColumn {}

/// What a row of such a list is sorted by.
#[derive(Clone, Debug, PartialEq, Eq, PartialOrd, Ord)]
pub(crate) enum RowKey {
    /// A time or a count.
    Number(i128),
    /// A name.
    Text(String),
    /// What this row does not have: it comes last, whatever the order.
    Nothing,
}

impl RowKey {
    /// A number that may be missing.
    pub(crate) fn maybe<N: Into<i128>>(number: Option<N>) -> Self {
        number.map_or(Self::Nothing, |number| Self::Number(number.into()))
    }
}

/// The numbers of `count` rows in order; those with equal keys stay as they are.
pub(crate) fn sorted(count: usize, order: Order, key: impl Fn(usize) -> RowKey) -> Vec<usize> {
    let mut keyed: Vec<(RowKey, usize)> = (0..count).map(|row| (key(row), row)).collect();
    keyed.sort_by(|(a, _), (b, _)| match (a, b) {
        (RowKey::Nothing, RowKey::Nothing) => Ordering::Equal,
        (RowKey::Nothing, _) => Ordering::Greater,
        (_, RowKey::Nothing) => Ordering::Less,
        (a, b) => match order {
            Order::Ascending => a.cmp(b),
            Order::Descending => b.cmp(a),
        },
    });
    keyed.into_iter().map(|(_, row)| row).collect()
}

#[cfg(test)]
mod tests {
    use super::*;

    #[derive(Clone, Copy, Default, PartialEq)]
    struct Only;

    impl SortKey for Only {
        const ALL: &'static [(&'static str, Self, Order)] = &[("only", Only, Order::Descending)];
    }

    #[test]
    fn pages_keep_the_order_of_equal_rows() {
        for (order, offset, limit, wanted) in [
            (None, 0, 9, vec![2, 0, 4, 1, 3]),
            (Some(Order::Ascending), 0, 9, vec![1, 3, 0, 4, 2]),
            (None, 1, 2, vec![0, 4]),
            (None, 5, 2, vec![]),
            (None, usize::MAX, usize::MAX, vec![]),
            (None, 0, 0, vec![]),
        ] {
            let mut picking = Picking::new(&Paging { sort: Only, order, offset, limit });
            for (row, number) in [5, 1, 9, 1, 5].into_iter().enumerate() {
                picking.push(Rank::of(number), row);
            }
            assert_eq!(picking.into_page(), (5, wanted), "{order:?} {offset} {limit}");
        }
    }

    #[test]
    fn words() {
        assert_eq!("desc".parse(), Ok(Order::Descending));
        assert_eq!("down".parse::<Order>().unwrap_err().to_string(), "use one of asc, desc");
        assert!(parse_sort::<Only>("only").is_ok());
        assert_eq!(parse_sort::<Only>("x").err().map(|error| error.to_string()), Some("use one of only".to_owned()));
    }

    #[test]
    fn what_is_missing_comes_last_and_equals_stay() {
        let numbers = [Some(2), None, Some(1), Some(2), None];
        let by = |order| sorted(numbers.len(), order, |row| RowKey::maybe(numbers[row]));
        assert_eq!(by(Order::Ascending), [2, 0, 3, 1, 4]);
        assert_eq!(by(Order::Descending), [0, 3, 2, 1, 4]);
    }
}
