//! What a lane can show at a moment: the one palette of states for goroutines, procs, threads and ranges.
//!
//! Which reason, range or function has which class is said by the tables in `rules`.

/// A drawn state. The numbers are part of the tile format.
#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord, Hash)]
#[repr(u8)]
pub enum Class {
    /// Not known: before a resource is first seen in a damaged trace, or in a lost stretch.
    Unknown = 0,
    /// Goroutine running; on procs and threads: running a goroutine of the program.
    Running = 1,
    /// Goroutine ready, waiting for a proc.
    Runnable = 2,
    /// Blocked on the network poller.
    WaitNetwork = 3,
    /// Blocked on a channel.
    WaitChannel = 4,
    /// Blocked on a mutex, condition or other `sync` primitive.
    WaitSync = 5,
    /// Blocked in `select`.
    WaitSelect = 6,
    /// Sleeping.
    WaitSleep = 7,
    /// Blocked for the garbage collector.
    WaitGc = 8,
    /// Blocked for another or an unknown reason.
    WaitOther = 9,
    /// In a system call, holding its proc.
    Syscall = 10,
    /// In a system call that lost its proc.
    SyscallBlocked = 11,
    /// Procs and threads: running a GC worker.
    RunningGc = 12,
    /// Procs and threads: running another goroutine of the runtime.
    RunningRuntime = 13,
    /// Proc held by a thread without a goroutine: the scheduler.
    Scheduler = 14,
    /// Proc held by no thread; thread without proc and goroutine.
    Idle = 15,
    /// Range: concurrent mark phase.
    GcMark = 16,
    /// Range: stop the world.
    StopTheWorld = 17,
    /// Range: sweep.
    Sweep = 18,
    /// Range: mark assist.
    Assist = 19,
    /// Another range of the runtime.
    OtherRange = 20,
    /// A user region.
    Region = 21,
    /// A user task.
    Task = 22,
    /// A thread was taken from its processor.
    Preempted = 23,
    /// A thread slept in the kernel.
    Slept = 24,
    /// A value over time.
    Counter = 25,
}

impl Class {
    /// Number of classes.
    pub const COUNT: usize = 26;

    /// All classes in the order of their numbers.
    pub const ALL: [Self; Self::COUNT] = [
        Self::Unknown,
        Self::Running,
        Self::Runnable,
        Self::WaitNetwork,
        Self::WaitChannel,
        Self::WaitSync,
        Self::WaitSelect,
        Self::WaitSleep,
        Self::WaitGc,
        Self::WaitOther,
        Self::Syscall,
        Self::SyscallBlocked,
        Self::RunningGc,
        Self::RunningRuntime,
        Self::Scheduler,
        Self::Idle,
        Self::GcMark,
        Self::StopTheWorld,
        Self::Sweep,
        Self::Assist,
        Self::OtherRange,
        Self::Region,
        Self::Task,
        Self::Preempted,
        Self::Slept,
        Self::Counter,
    ];
}

#[cfg(test)]
mod tests {
    use super::Class;

    #[test]
    fn numbers_are_places() {
        for (number, class) in Class::ALL.into_iter().enumerate() {
            assert_eq!(class as usize, number, "{class:?}");
        }
    }
}
