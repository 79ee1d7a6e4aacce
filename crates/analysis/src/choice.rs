//! Words of which one is chosen: parameters of answers, as the command line and HTTP write them.

use std::fmt;

/// The text names no choice; says which there are.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct UnknownChoice {
    text: String,
    choices: &'static [&'static str],
}

impl UnknownChoice {
    /// Of these, none is called that.
    pub(crate) fn new(text: &str, choices: &'static [&'static str]) -> Self {
        Self { text: text.to_owned(), choices }
    }
}

impl fmt::Display for UnknownChoice {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        write!(f, "{:?} is no choice: use one of {}", self.text, self.choices.join(", "))
    }
}

impl std::error::Error for UnknownChoice {}

/// Declares an enum whose values have names; the first is the default. A name behind a bar is an older one, which is
/// still taken.
macro_rules! choice {
    ($(#[$about:meta])* pub enum $name:ident { $(#[$first_about:meta])* $first:ident = $first_word:literal $(| $first_old:literal)?,
        $($(#[$other_about:meta])* $other:ident = $word:literal $(| $old:literal)?,)* }) => {
        $(#[$about])*
        #[derive(Clone, Copy, Debug, Default, PartialEq, Eq, serde::Serialize)]
        pub enum $name {
            $(#[$first_about])*
            #[default]
            #[serde(rename = $first_word)]
            $first,
            $($(#[$other_about])* #[serde(rename = $word)] $other,)*
        }

        impl $name {
            /// The names, in the order of the values.
            pub const NAMES: &'static [&'static str] = &[$first_word, $($word),*];

            /// The name.
            pub fn name(self) -> &'static str {
                match self {
                    Self::$first => $first_word,
                    $(Self::$other => $word,)*
                }
            }
        }

        impl std::str::FromStr for $name {
            type Err = $crate::UnknownChoice;

            fn from_str(text: &str) -> Result<Self, $crate::UnknownChoice> {
                match text {
                    $first_word $(| $first_old)? => Ok(Self::$first),
                    $($word $(| $old)? => Ok(Self::$other),)*
                    _ => Err($crate::UnknownChoice::new(text, Self::NAMES)),
                }
            }
        }
    };
}

pub(crate) use choice;
