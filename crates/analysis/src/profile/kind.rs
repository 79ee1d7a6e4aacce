//! What a profile counts.

use crate::{ClassKind, Filter, classes};
use goroscope_model::Class;

/// What a profile counts.
#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord)]
pub enum Kind {
    /// Waits for the network.
    Net,
    /// Waits for other goroutines: channels, `select`, mutexes, conditions, wait groups.
    Sync,
    /// System calls.
    Syscall,
    /// System calls that lost their proc, from then on.
    SyscallBlock,
    /// Ready, waiting for a proc.
    Sched,
    /// All waits.
    Blocking,
    /// Sleeping.
    Sleep,
    /// Helping the garbage collector, and waiting for work while doing so.
    GcAssist,
    /// Every state but running.
    OffCpu,
    /// Every state, which is the outermost frame.
    Wall,
    /// Goroutines by where they were created.
    Create,
    /// CPU samples.
    Cpu,
}

/// A kind, its name and what it counts, for people.
const KINDS: [(Kind, &str, &str); 12] = [
    (Kind::Net, "net", "waits for the network"),
    (Kind::Sync, "sync", "waits for channels, select, mutexes and the like"),
    (Kind::Syscall, "syscall", "system calls"),
    (Kind::SyscallBlock, "syscall-block", "system calls that lost their proc, from then on"),
    (Kind::Sched, "sched", "ready, waiting for a proc"),
    (Kind::Blocking, "blocking", "all waits"),
    (Kind::Sleep, "sleep", "sleeping"),
    (Kind::GcAssist, "gc-assist", "helping the garbage collector"),
    (Kind::OffCpu, "off-cpu", "everything but running"),
    (Kind::Wall, "wall", "every state, which is the outermost frame"),
    (Kind::Create, "create", "goroutines by where they were created"),
    (Kind::Cpu, "cpu", "CPU samples"),
];

impl Kind {
    /// The kind of this name; otherwise what names there are.
    pub fn parse(name: &str) -> Result<Self, String> {
        let found = KINDS.iter().find(|(_, known, _)| *known == name);
        found.map(|&(kind, ..)| kind).ok_or_else(|| {
            let known: Vec<&str> = Self::names().collect();
            format!("{name:?} is no kind of profile: use {}", known.join(", "))
        })
    }

    /// The names of all kinds.
    pub fn names() -> impl Iterator<Item = &'static str> {
        KINDS.iter().map(|&(_, name, _)| name)
    }

    /// Its name.
    pub fn name(self) -> &'static str {
        self.row().1
    }

    /// What it counts.
    pub fn counts(self) -> &'static str {
        self.row().2
    }

    /// What its values are, and in what.
    pub fn types(self) -> &'static [(&'static str, &'static str)] {
        match self {
            Self::Create => &[("goroutines", "count")],
            Self::Cpu => &[("samples", "count"), ("cpu", "nanoseconds")],
            Self::Net
            | Self::Sync
            | Self::Syscall
            | Self::SyscallBlock
            | Self::Sched
            | Self::Blocking
            | Self::Sleep
            | Self::GcAssist
            | Self::OffCpu
            | Self::Wall => &[("contentions", "count"), ("delay", "nanoseconds")],
        }
    }

    /// The keys of a filter that mean something to it. A sample has no duration: its region or task has.
    pub fn keys(self, filter: &Filter) -> &'static [&'static str] {
        let has_intervals = filter.region.is_some() || filter.task.is_some();
        match self {
            Self::Create => &["from", "to", "goroutine", "func"],
            Self::Cpu if !has_intervals => &["from", "to", "goroutine", "func", "task", "region"],
            Self::Cpu | Self::GcAssist => &["from", "to", "goroutine", "func", "task", "region", "min", "max"],
            Self::Net
            | Self::Sync
            | Self::Syscall
            | Self::SyscallBlock
            | Self::Sched
            | Self::Blocking
            | Self::Sleep
            | Self::OffCpu
            | Self::Wall => &crate::FILTER_KEYS,
        }
    }

    /// Whether it counts states, which can be listed one by one.
    pub fn counts_states(self) -> bool {
        match self {
            Self::GcAssist | Self::Create | Self::Cpu => false,
            Self::Net
            | Self::Sync
            | Self::Syscall
            | Self::SyscallBlock
            | Self::Sched
            | Self::Blocking
            | Self::Sleep
            | Self::OffCpu
            | Self::Wall => true,
        }
    }

    /// Whether a goroutine counts while it is in a state; never for kinds that do not count states.
    pub(super) fn has(self, class: Class) -> bool {
        let kind = classes::kind(class);
        match self {
            Self::Net => class == Class::WaitNetwork,
            Self::Sync => matches!(class, Class::WaitChannel | Class::WaitSync | Class::WaitSelect),
            Self::Syscall => kind == ClassKind::Syscall,
            Self::SyscallBlock => class == Class::SyscallBlocked,
            Self::Sched => kind == ClassKind::Ready,
            Self::Blocking => kind == ClassKind::Wait,
            Self::Sleep => class == Class::WaitSleep,
            // What is not known may have been running.
            Self::OffCpu => kind != ClassKind::Run && kind != ClassKind::Unknown,
            Self::Wall => true,
            Self::GcAssist | Self::Create | Self::Cpu => false,
        }
    }

    fn row(self) -> &'static (Self, &'static str, &'static str) {
        &KINDS[self as usize]
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn names() {
        for (place, (kind, name, _)) in KINDS.iter().enumerate() {
            assert_eq!(*kind as usize, place, "{name}");
            assert_eq!(Kind::parse(name), Ok(*kind));
        }
        assert!(Kind::parse("io").unwrap_err().ends_with(
            "use net, sync, syscall, syscall-block, sched, blocking, sleep, gc-assist, off-cpu, wall, create, cpu"
        ));
    }
}
