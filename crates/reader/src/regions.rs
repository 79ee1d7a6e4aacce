//! Open regions of one goroutine. They nest, or the program misuses them: Go's tools refuse such a trace.

use crate::{StringIdx, TaskId};

/// How many open regions are looked through for the one that ends out of order: a bound on what a hostile file costs.
const SEARCHED: usize = 256;

/// What a program did to its regions, as a problem says it.
pub fn misuse(count: u64) -> String {
    format!(
        "regions that end while another one is open inside them, which go tool trace refuses and goroscope repair puts \
         right: {count}"
    )
}

/// The open regions of a goroutine, innermost last.
#[derive(Clone, Debug, Default, PartialEq, Eq)]
pub struct Regions(Vec<(TaskId, StringIdx)>);

impl Regions {
    /// One begins.
    pub fn begin(&mut self, task: TaskId, name: StringIdx) {
        self.0.push((task, name));
    }

    /// One ends; `false` if another one is open inside it. One that nobody saw begin may have begun before the trace.
    pub fn end(&mut self, task: TaskId, name: StringIdx) -> bool {
        let ended = (task, name);
        if self.0.last().is_none_or(|&innermost| innermost == ended) {
            self.0.pop();
            return true;
        }
        if let Some(inner) = self.0.iter().rev().take(SEARCHED).position(|&open| open == ended) {
            self.0.truncate(self.0.len() - 1 - inner);
        }
        false
    }
}
