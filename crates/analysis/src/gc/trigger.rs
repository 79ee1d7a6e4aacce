//! Why a cycle began, by what stands on the stack at its begin.

use goroscope_model::{StackIdx, Trace};
use serde::Serialize;

/// What began a cycle.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Serialize)]
pub enum Trigger {
    /// An allocation reached the trigger.
    #[serde(rename = "heap")]
    Heap,
    /// The program called `runtime.GC`.
    #[serde(rename = "runtime.GC")]
    Call,
    /// The program called `debug.FreeOSMemory`.
    #[serde(rename = "debug.FreeOSMemory")]
    FreeMemory,
    /// There was no cycle for two minutes.
    #[serde(rename = "periodic")]
    Periodic,
}

impl Trigger {
    /// As JSON and people call it.
    pub fn name(self) -> &'static str {
        match self {
            Self::Heap => "heap",
            Self::Call => "runtime.GC",
            Self::FreeMemory => "debug.FreeOSMemory",
            Self::Periodic => "periodic",
        }
    }

    /// What the stack says, if it says anything. The outermost function that tells is the one that decides.
    pub(super) fn of(trace: &Trace, stack: StackIdx) -> Option<Self> {
        let symbols = trace.symbols();
        symbols.stack(stack).iter().rev().find_map(|&frame| {
            let function = symbols.string(symbols.frame(frame).function);
            FUNCTIONS.iter().find(|(name, _)| is_called(function, name)).map(|&(_, trigger)| trigger)
        })
    }
}

/// Functions that tell; those that end in a star by how their name begins.
static FUNCTIONS: &[(&str, Trigger)] = &[
    ("runtime.GC", Trigger::Call),
    ("runtime/debug.FreeOSMemory", Trigger::FreeMemory),
    ("runtime/debug.freeOSMemory", Trigger::FreeMemory),
    ("runtime.forcegchelper", Trigger::Periodic),
    ("runtime.mallocgc*", Trigger::Heap),
];

fn is_called(function: &str, name: &str) -> bool {
    match name.strip_suffix('*') {
        Some(begin) => function.starts_with(begin),
        None => function == name,
    }
}
