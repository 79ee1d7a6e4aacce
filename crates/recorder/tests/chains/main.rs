//! A program that knows of each of its waits where it is, why, and from when to when; and its trace, which must say the
//! same of every one.

#![expect(clippy::unwrap_used, reason = "a program that does not do what it should has failed its test")]

mod compared;
mod own;
mod scenarios;
mod threads;
mod told;
