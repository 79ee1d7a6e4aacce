//! What is written on spans and marks, as something small that can be compared; the text is made once per label.

use crate::{class_names, names};
use goroscope_model::{Class, GoIdx, StackIdx, StringIdx, TaskIdx, Trace};

/// What is written on a span or at a mark.
#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord, Hash)]
pub enum TileLabel {
    /// Nothing.
    None,
    /// A string of the trace: a region's or range's name.
    Text(StringIdx),
    /// The reason of a wait.
    Reason(StringIdx),
    /// The name of a state.
    State(Class),
    /// A goroutine: its id and start function.
    Go(GoIdx),
    /// A task: its type and id.
    Task(TaskIdx),
    /// A log message: a row of the logs.
    Log(u32),
    /// A CPU profile sample: the function at the leaf of its stack.
    Leaf(StackIdx),
}

impl TileLabel {
    /// The text.
    pub fn text(&self, trace: &Trace) -> String {
        match *self {
            Self::None => String::new(),
            Self::Text(string) => trace.symbols().string(string).to_owned(),
            Self::Reason(string) => names::reason(trace, string).to_owned(),
            Self::State(class) => class_names(trace)[class as usize].state.to_owned(),
            Self::Go(go) => names::go(trace, go),
            Self::Task(task) => names::task(trace, task),
            Self::Log(row) => log(trace, row),
            Self::Leaf(stack) => names::leaf(trace, stack).to_owned(),
        }
    }
}

/// `category: message`
fn log(trace: &Trace, row: u32) -> String {
    let Some(log) = trace.logs().get(row as usize) else { return String::new() };
    let symbols = trace.symbols();
    match (symbols.string(log.category), symbols.string(log.message)) {
        ("", message) => message.to_owned(),
        (category, message) => format!("{category}: {message}"),
    }
}
