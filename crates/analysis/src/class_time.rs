//! What goroutines did, as a row of a list has it: time by class under the classes' own names.

use goroscope_model::Class;
use serde::Serialize;

/// Time of goroutines by class, ns.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq, Serialize)]
pub struct ClassTime {
    /// Running.
    pub running: u64,
    /// Ready, waiting for a proc.
    pub runnable: u64,
    /// Blocked on the network poller.
    pub network: u64,
    /// Blocked on a channel.
    pub channel: u64,
    /// Blocked on a mutex or another primitive of `sync`.
    pub sync: u64,
    /// Blocked in `select`.
    pub select: u64,
    /// Sleeping.
    pub sleep: u64,
    /// Blocked for the garbage collector.
    pub gc_wait: u64,
    /// Blocked for another or an unknown reason.
    pub other_wait: u64,
    /// In system calls, holding a proc.
    pub syscall: u64,
    /// In system calls that lost their proc.
    pub syscall_blocked: u64,
    /// Not known, in a damaged trace.
    pub unknown: u64,
}

impl ClassTime {
    /// What these sums of goroutines' lanes are.
    pub(crate) fn of(time: &[u64; Class::COUNT]) -> Self {
        let of = |class: Class| time[class as usize];
        Self {
            running: of(Class::Running),
            runnable: of(Class::Runnable),
            network: of(Class::WaitNetwork),
            channel: of(Class::WaitChannel),
            sync: of(Class::WaitSync),
            select: of(Class::WaitSelect),
            sleep: of(Class::WaitSleep),
            gc_wait: of(Class::WaitGc),
            other_wait: of(Class::WaitOther),
            syscall: of(Class::Syscall),
            syscall_blocked: of(Class::SyscallBlocked),
            unknown: of(Class::Unknown),
        }
    }

    /// Blocked for whatever reason, but for system calls.
    pub fn waiting(&self) -> u64 {
        self.network + self.channel + self.sync + self.select + self.sleep + self.gc_wait + self.other_wait
    }

    /// In system calls of either kind.
    pub fn in_syscalls(&self) -> u64 {
        self.syscall + self.syscall_blocked
    }

    /// All of it.
    pub fn total(&self) -> u64 {
        self.running + self.runnable + self.waiting() + self.in_syscalls() + self.unknown
    }

    /// Adds another's.
    pub(crate) fn add(&mut self, other: &Self) {
        self.running += other.running;
        self.runnable += other.runnable;
        self.network += other.network;
        self.channel += other.channel;
        self.sync += other.sync;
        self.select += other.select;
        self.sleep += other.sleep;
        self.gc_wait += other.gc_wait;
        self.other_wait += other.other_wait;
        self.syscall += other.syscall;
        self.syscall_blocked += other.syscall_blocked;
        self.unknown += other.unknown;
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    /// No class that a goroutine can be in is left out.
    #[test]
    fn all_states_of_goroutines_have_a_field() {
        let mut time = [0; Class::COUNT];
        for class in Class::ALL.into_iter().filter(|&class| class <= Class::SyscallBlocked) {
            time[class as usize] = 1 << class as u32;
        }
        assert_eq!(ClassTime::of(&time).total(), time.iter().sum::<u64>());
        let mut twice = ClassTime::of(&time);
        twice.add(&ClassTime::of(&time));
        assert_eq!(twice.total(), 2 * time.iter().sum::<u64>());
    }
}
