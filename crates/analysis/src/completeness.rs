//! Whether begin and end of a task or region are in the trace.

use crate::paging::UnknownWord;
use std::str::FromStr;

/// Which tasks or regions are listed.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq, Hash)]
pub enum Completeness {
    /// All.
    #[default]
    Any,
    /// Those that begin and end in the trace.
    Complete,
    /// The others.
    Incomplete,
}

impl Completeness {
    /// Whether one whose begin and end are these is listed.
    pub(crate) fn has(self, start: Option<i64>, end: Option<i64>) -> bool {
        match self {
            Self::Any => true,
            Self::Complete => start.is_some() && end.is_some(),
            Self::Incomplete => start.is_none() || end.is_none(),
        }
    }
}

impl FromStr for Completeness {
    type Err = UnknownWord;

    fn from_str(text: &str) -> Result<Self, UnknownWord> {
        match text {
            "any" => Ok(Self::Any),
            "yes" => Ok(Self::Complete),
            "no" => Ok(Self::Incomplete),
            _ => Err(UnknownWord::of(["yes", "no", "any"].into_iter())),
        }
    }
}
