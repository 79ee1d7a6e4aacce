//! Start functions of goroutines: the root of the best of their stacks.

use goroscope_reader::{StackIdx, StringIdx};

use super::lexicon::Lexicon;
use crate::{Class, GoIdx};

/// Which stack a goroutine's start function is read from: later ones are better.
#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord)]
pub(crate) enum RootSource {
    None,
    Executor,
    Transition,
    Creation,
}

/// The start function of a goroutine as far as known.
#[derive(Clone, Copy, Debug)]
struct Root {
    function: StringIdx,
    source: RootSource,
    /// What its proc shows while it runs, if the function is known.
    running: Option<Class>,
}

/// What goroutines are called.
#[derive(Default)]
pub(crate) struct Naming {
    pub lexicon: Lexicon,
    roots: Vec<Root>,
}

impl Naming {
    /// Adds a goroutine.
    pub fn add(&mut self) {
        self.roots.push(Root { function: StringIdx(0), source: RootSource::None, running: None });
    }

    /// A stack of the goroutine: its root is the start function unless a better stack says so. A goroutine preempted at
    /// an unlucky moment has a stack of one frame without function, which says nothing.
    #[inline]
    pub fn saw_stack(&mut self, go: GoIdx, stack: StackIdx, source: RootSource) {
        if stack != StackIdx(0) && self.roots.get(go.index()).is_some_and(|root| root.source < source) {
            self.take_root(go, stack, source);
        }
    }

    #[cold]
    fn take_root(&mut self, go: GoIdx, stack: StackIdx, source: RootSource) {
        let Some(root) = self.roots.get_mut(go.index()) else { return };
        let function = self.lexicon.root(stack);
        if function != StringIdx(0) {
            *root = Root { function, source, running: Some(self.lexicon.running_class(function)) };
        }
    }

    /// The start function, or the empty string.
    pub fn function(&self, go: GoIdx) -> StringIdx {
        self.roots.get(go.index()).map_or(StringIdx(0), |root| root.function)
    }

    /// What a proc shows while it runs the goroutine, if its start function is known.
    #[inline]
    pub fn running_class(&self, go: GoIdx) -> Option<Class> {
        self.roots.get(go.index()).and_then(|root| root.running)
    }
}
