//! The atomics that the hand-over of chunks and the states of tasks are made of, in one place.
//!
//! `tests/loom.rs` compiles `chunk.rs` and `state.rs` against another module of this name, with loom's types, and tries
//! every interleaving.

pub use std::sync::Arc;
pub use std::sync::atomic::{AtomicU64, AtomicUsize, Ordering};

use std::sync::OnceLock;

/// A place that is filled once, by one thread, and looked at by another.
#[derive(Debug)]
pub struct Once<T>(OnceLock<T>);

impl<T: Clone> Once<T> {
    /// An empty place.
    pub fn new() -> Self {
        Self(OnceLock::new())
    }

    /// Fills it; what is there already stays.
    pub fn set(&self, value: T) {
        // Only the writer of a chunk sets its follower, and only once.
        let _ = self.0.set(value);
    }

    /// What is there.
    pub fn get(&self) -> Option<T> {
        self.0.get().cloned()
    }

    /// What was there.
    pub fn take(&mut self) -> Option<T> {
        self.0.take()
    }
}
