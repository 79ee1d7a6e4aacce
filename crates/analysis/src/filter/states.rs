//! The states of a filter: classes, or kinds of classes, by their names.

use crate::{CLASSES, ClassKind};
use goroscope_model::Class;

/// A set of the states that goroutines can be in; empty means all of them.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq)]
pub struct States(u32);

/// Names for several classes.
const KINDS: [(&str, ClassKind); 4] = [
    ("running", ClassKind::Run),
    ("runnable", ClassKind::Ready),
    ("waiting", ClassKind::Wait),
    ("syscall", ClassKind::Syscall),
];

impl States {
    /// The states that these names, separated by commas, mean.
    pub fn parse(text: &str) -> Result<Self, String> {
        let mut set = 0;
        for name in text.split(',').map(str::trim) {
            let classes = classes_of(name);
            if classes == 0 {
                let mut known: Vec<&str> = KINDS.iter().map(|(name, _)| *name).collect();
                let finer = CLASSES.iter().filter(|row| is_of_goroutines(row) && !known.contains(&row.key));
                let finer: Vec<&str> = finer.map(|row| row.key).collect();
                known.extend(finer);
                return Err(format!("{name:?} is no state: use {}", known.join(", ")));
            }
            set |= classes;
        }
        Ok(Self(set))
    }

    /// Whether a span of this class passes.
    pub fn has(self, class: Class) -> bool {
        self.0 == 0 || self.0 & bit(class) != 0
    }

    /// Whether every state passes.
    pub fn is_all(self) -> bool {
        self.0 == 0
    }

    /// The names, coarse ones where they fit; `None` for all states.
    pub(crate) fn text(self) -> Option<String> {
        let mut left = self.0;
        let mut names = Vec::new();
        let rows = KINDS.iter().map(|(name, _)| *name).chain(CLASSES.iter().map(|row| row.key));
        for name in rows {
            let classes = classes_of(name);
            if classes != 0 && left & classes == classes {
                names.push(name);
                left &= !classes;
            }
        }
        (!names.is_empty()).then(|| names.join(","))
    }
}

fn bit(class: Class) -> u32 {
    1 << class as u32
}

fn classes_of(name: &str) -> u32 {
    let kind = KINDS.iter().find(|(kind, _)| *kind == name).map(|(_, kind)| *kind);
    let is_meant = |row: &&crate::ClassName| {
        is_of_goroutines(row) && (kind == Some(row.kind) || (kind.is_none() && row.key == name))
    };
    CLASSES.iter().filter(is_meant).fold(0, |set, row| set | bit(row.class))
}

/// Only procs and threads show what kind of goroutine they run: of itself a goroutine runs.
fn is_of_goroutines(row: &crate::ClassName) -> bool {
    match row.kind {
        ClassKind::Run if row.class != Class::Running => false,
        ClassKind::Run | ClassKind::Ready | ClassKind::Wait | ClassKind::Syscall | ClassKind::Unknown => true,
        ClassKind::Idle | ClassKind::Range | ClassKind::User | ClassKind::Off | ClassKind::Value => false,
    }
}
