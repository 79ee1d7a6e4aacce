//! What the builder must know of strings and stacks, which belong to the reader: it is told of new ones with the events.

use goroscope_reader::{StackIdx, StringIdx, Symbols};

use crate::{Class, rules};

/// What a string stands for where it is a reason, a range's name or a start function.
#[derive(Clone, Copy, Debug)]
pub(crate) struct Meaning {
    wait: Class,
    range: Class,
    running: Class,
}

/// Meanings of all strings so far, and the outermost function of all stacks so far.
#[derive(Debug, Default)]
pub(crate) struct Lexicon {
    meanings: Vec<Meaning>,
    roots: Vec<StringIdx>,
}

/// How much of the symbols has been told.
#[derive(Debug, Default)]
pub(crate) struct Told {
    strings: usize,
    stacks: usize,
}

impl Told {
    /// What is new in the symbols since the last time.
    pub fn news(&mut self, symbols: &Symbols) -> Lexicon {
        let strings = std::mem::replace(&mut self.strings, symbols.string_count());
        let stacks = std::mem::replace(&mut self.stacks, symbols.stack_count());
        Lexicon {
            meanings: (strings..self.strings).map(|row| Meaning::of(symbols.string(StringIdx(row as u32)))).collect(),
            roots: (stacks..self.stacks).map(|row| root_function(StackIdx(row as u32), symbols)).collect(),
        }
    }
}

impl Meaning {
    fn of(text: &str) -> Self {
        Self { wait: rules::wait_class(text), range: rules::range_class(text), running: rules::running_class(text) }
    }
}

impl Lexicon {
    /// Adds what is new.
    pub fn learn(&mut self, news: Lexicon) {
        self.meanings.extend(news.meanings);
        self.roots.extend(news.roots);
    }

    /// What a wait for this reason is drawn as.
    pub fn wait_class(&self, reason: StringIdx) -> Class {
        self.meanings.get(reason.index()).map_or(Class::WaitOther, |meaning| meaning.wait)
    }

    /// What a range with this name is drawn as.
    pub fn range_class(&self, name: StringIdx) -> Class {
        self.meanings.get(name.index()).map_or(Class::OtherRange, |meaning| meaning.range)
    }

    /// What a proc shows while it runs a goroutine with this start function.
    pub fn running_class(&self, function: StringIdx) -> Class {
        self.meanings.get(function.index()).map_or(Class::Running, |meaning| meaning.running)
    }

    /// The outermost function of a stack, or the empty string.
    pub fn root(&self, stack: StackIdx) -> StringIdx {
        self.roots.get(stack.index()).copied().unwrap_or(StringIdx(0))
    }
}

fn root_function(stack: StackIdx, symbols: &Symbols) -> StringIdx {
    symbols.stack(stack).last().map_or(StringIdx(0), |&root| symbols.frame(root).function)
}
