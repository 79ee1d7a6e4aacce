//! Recorded traces edited and read again: what must be the same is the same, and nothing is wrong with the output.
//!
//! That Go's own reader takes the output is tried by hand, with the same windows and damages: it needs Go.

mod anonymity;
mod damage;
mod experiments;
mod forced;
mod identity;
mod lanes;
mod merging;
mod recorded;
mod recordings;
mod several;
mod texts;
mod windows;
