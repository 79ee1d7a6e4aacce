//! When an event can happen, and what it leaves behind, as far as the order depends on it.

use goroscope_wire::v1::EventType;
use rustc_hash::FxHashMap;

/// What a goroutine does.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq, PartialOrd, Ord)]
pub enum Status {
    /// Not there; also what the garbage collector always is.
    #[default]
    Dead,
    Runnable,
    Running,
    Waiting,
}

/// What has a state.
#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord, Hash)]
pub enum Subject {
    Go(u64),
    Collector,
}

/// A state to be in: the sequence number is `None` where any is right.
#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord)]
pub struct Need {
    pub subject: Subject,
    pub status: Status,
    pub number: Option<u64>,
}

/// What becomes of a sequence number.
#[derive(Clone, Copy, Debug)]
enum Next {
    Keep,
    Increase,
    Set(u64),
}

/// What an event needs and leaves.
#[derive(Clone, Copy, Debug)]
pub struct Rule {
    pub need: Need,
    status: Status,
    next: Next,
}

impl Rule {
    /// The rule for an event in the context of goroutine `go`; none if it can always happen.
    #[rustfmt::skip]
    pub fn of(kind: EventType, go: u64, args: [u64; 3]) -> Option<Self> {
        let (subject, from, number, to, next) = match kind {
            EventType::GoCreate => {
                (Subject::Go(args[0]), Status::Dead, Some(0), Status::Runnable, Next::Set(1))
            }
            EventType::GoWaiting | EventType::GoInSyscall => {
                (Subject::Go(args[0]), Status::Runnable, Some(1), Status::Waiting, Next::Set(2))
            }
            EventType::GoStart | EventType::GoStartLabel => {
                (Subject::Go(args[0]), Status::Runnable, Some(args[1]), Status::Running, after(args[1]))
            }
            EventType::GoStartLocal => {
                (Subject::Go(args[0]), Status::Runnable, None, Status::Running, Next::Increase)
            }
            EventType::GoUnblock | EventType::GoSysExit => {
                (Subject::Go(args[0]), Status::Waiting, Some(args[1]), Status::Runnable, after(args[1]))
            }
            EventType::GoUnblockLocal | EventType::GoSysExitLocal => {
                (Subject::Go(args[0]), Status::Waiting, None, Status::Runnable, Next::Increase)
            }
            EventType::GoBlock | EventType::GoBlockSend | EventType::GoBlockRecv | EventType::GoBlockSelect
            | EventType::GoBlockSync | EventType::GoBlockCond | EventType::GoBlockNet | EventType::GoBlockGC
            | EventType::GoSleep | EventType::GoSysBlock => {
                (Subject::Go(go), Status::Running, None, Status::Waiting, Next::Keep)
            }
            EventType::GoSched | EventType::GoPreempt => {
                (Subject::Go(go), Status::Running, None, Status::Runnable, Next::Keep)
            }
            EventType::GCStart => {
                (Subject::Collector, Status::Dead, Some(args[0]), Status::Dead, after(args[0]))
            }
            EventType::Batch | EventType::Frequency | EventType::Stack | EventType::String
            | EventType::TimerGoroutine | EventType::CPUSample | EventType::Gomaxprocs | EventType::ProcStart
            | EventType::ProcStop | EventType::GCDone | EventType::STWStart | EventType::STWDone
            | EventType::GCSweepStart | EventType::GCSweepDone | EventType::GoEnd | EventType::GoStop
            | EventType::GoSysCall | EventType::HeapAlloc | EventType::HeapGoal | EventType::FutileWakeup
            | EventType::GCMarkAssistStart | EventType::GCMarkAssistDone | EventType::UserTaskCreate
            | EventType::UserTaskEnd | EventType::UserRegion | EventType::UserLog => return None,
        };
        Some(Self { need: Need { subject, status: from, number }, status: to, next })
    }
}

fn after(number: u64) -> Next {
    Next::Set(number.wrapping_add(1))
}

/// The states at one point of the order.
#[derive(Debug, Default)]
pub struct States {
    known: FxHashMap<Subject, (Status, u64)>,
}

impl States {
    /// Whether this is the state that is needed.
    pub fn is(&self, need: Need) -> bool {
        let (status, number) = self.known.get(&need.subject).copied().unwrap_or_default();
        status == need.status && need.number.is_none_or(|needed| needed == number)
    }

    /// Applies a rule, whether or not its need is met; gives the new state.
    pub fn apply(&mut self, rule: Rule) -> (Status, u64) {
        let state = self.known.entry(rule.need.subject).or_default();
        state.0 = rule.status;
        state.1 = match rule.next {
            Next::Keep => state.1,
            Next::Increase => state.1.wrapping_add(1),
            Next::Set(number) => number,
        };
        *state
    }
}
