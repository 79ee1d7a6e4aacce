//! The events of the v2 format, declared as data: number, name, arguments and the version that brought them.
//!
//! Everything that must know an event's shape (decoder, encoder, text form, counts) reads this table.

use crate::Version;

/// What an argument means; the bytes are the same varint for all of them.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum ArgKind {
    /// A plain number.
    Value,
    /// A clock value in ticks.
    Tick,
    /// A goroutine id.
    Go,
    /// A proc id.
    Proc,
    /// A thread id.
    Thread,
    /// A user task id.
    Task,
    /// A sequence number within the generation.
    Seq,
    /// A goroutine or proc status.
    Status,
    /// A string id of the generation.
    String,
    /// A stack id of the generation.
    Stack,
}

/// Where an event may stand in the file.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum EventClass {
    /// Delimits batches and generations.
    Framing,
    /// Belongs to a table batch: strings, stacks, CPU samples, sync.
    Table,
    /// Stands in a thread's event batch with a time delta before its arguments.
    Timed,
    /// As `Timed`, written by an experiment.
    Experiment,
}

/// One row of the table: an event and its arguments, the time delta not counted.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct EventSpec {
    /// The event.
    pub event: EventType,
    /// Its name in the text form.
    pub name: &'static str,
    /// Where it may stand.
    pub class: EventClass,
    /// The version that brought it.
    pub since: Version,
    /// Argument names and meanings, in wire order.
    pub args: &'static [(&'static str, ArgKind)],
}

macro_rules! events {
    ($($number:literal $name:ident $class:ident $since:ident [$($arg:literal $kind:ident),*];)*) => {
        /// The number that begins an event on the wire.
        #[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord, Hash)]
        #[repr(u8)]
        pub enum EventType {
            $(#[doc = concat!("`", stringify!($name), "`")] $name = $number,)*
        }

        /// All events in the order of their numbers.
        pub static EVENTS: &[EventSpec] = &[$(*EventType::$name.spec(),)*];

        impl EventType {
            /// The event with this number, if the table has it.
            #[inline]
            pub const fn from_byte(byte: u8) -> Option<Self> {
                match byte {
                    $($number => Some(Self::$name),)*
                    _ => None,
                }
            }

            /// The event with this name in the text form, if the table has it.
            pub fn from_name(name: &str) -> Option<Self> {
                match name {
                    $(stringify!($name) => Some(Self::$name),)*
                    _ => None,
                }
            }

            /// The table row of this event.
            #[inline]
            pub const fn spec(self) -> &'static EventSpec {
                match self {
                    $(Self::$name => &EventSpec {
                        event: Self::$name,
                        name: stringify!($name),
                        class: EventClass::$class,
                        since: Version::$since,
                        args: &[$(($arg, ArgKind::$kind)),*],
                    },)*
                }
            }
        }
    };
}

events! {
    1 EventBatch Framing Go122 ["gen" Value, "m" Thread, "time" Tick, "size" Value];
    2 Stacks Table Go122 [];
    3 Stack Table Go122 ["id" Value, "nframes" Value];
    4 Strings Table Go122 [];
    5 String Table Go122 ["id" Value];
    6 CPUSamples Table Go122 [];
    7 CPUSample Table Go122 ["time" Tick, "m" Thread, "p" Proc, "g" Go, "stack" Stack];
    8 Frequency Table Go122 ["freq" Value];
    9 ProcsChange Timed Go122 ["procs_value" Value, "stack" Stack];
    10 ProcStart Timed Go122 ["p" Proc, "p_seq" Seq];
    11 ProcStop Timed Go122 [];
    12 ProcSteal Timed Go122 ["p" Proc, "p_seq" Seq, "m" Thread];
    13 ProcStatus Timed Go122 ["p" Proc, "pstatus" Status];
    14 GoCreate Timed Go122 ["new_g" Go, "new_stack" Stack, "stack" Stack];
    15 GoCreateSyscall Timed Go122 ["new_g" Go];
    16 GoStart Timed Go122 ["g" Go, "g_seq" Seq];
    17 GoDestroy Timed Go122 [];
    18 GoDestroySyscall Timed Go122 [];
    19 GoStop Timed Go122 ["reason_string" String, "stack" Stack];
    20 GoBlock Timed Go122 ["reason_string" String, "stack" Stack];
    21 GoUnblock Timed Go122 ["g" Go, "g_seq" Seq, "stack" Stack];
    22 GoSyscallBegin Timed Go122 ["p_seq" Seq, "stack" Stack];
    23 GoSyscallEnd Timed Go122 [];
    24 GoSyscallEndBlocked Timed Go122 [];
    25 GoStatus Timed Go122 ["g" Go, "m" Thread, "gstatus" Status];
    26 STWBegin Timed Go122 ["kind_string" String, "stack" Stack];
    27 STWEnd Timed Go122 [];
    28 GCActive Timed Go122 ["gc_seq" Seq];
    29 GCBegin Timed Go122 ["gc_seq" Seq, "stack" Stack];
    30 GCEnd Timed Go122 ["gc_seq" Seq];
    31 GCSweepActive Timed Go122 ["p" Proc];
    32 GCSweepBegin Timed Go122 ["stack" Stack];
    33 GCSweepEnd Timed Go122 ["swept_value" Value, "reclaimed_value" Value];
    34 GCMarkAssistActive Timed Go122 ["g" Go];
    35 GCMarkAssistBegin Timed Go122 ["stack" Stack];
    36 GCMarkAssistEnd Timed Go122 [];
    37 HeapAlloc Timed Go122 ["heapalloc_value" Value];
    38 HeapGoal Timed Go122 ["heapgoal_value" Value];
    39 GoLabel Timed Go122 ["label_string" String];
    40 UserTaskBegin Timed Go122 ["task" Task, "parent_task" Task, "name_string" String, "stack" Stack];
    41 UserTaskEnd Timed Go122 ["task" Task, "stack" Stack];
    42 UserRegionBegin Timed Go122 ["task" Task, "name_string" String, "stack" Stack];
    43 UserRegionEnd Timed Go122 ["task" Task, "name_string" String, "stack" Stack];
    44 UserLog Timed Go122 ["task" Task, "key_string" String, "value_string" String, "stack" Stack];
    45 GoSwitch Timed Go123 ["g" Go, "g_seq" Seq];
    46 GoSwitchDestroy Timed Go123 ["g" Go, "g_seq" Seq];
    47 GoCreateBlocked Timed Go123 ["new_g" Go, "new_stack" Stack, "stack" Stack];
    48 GoStatusStack Timed Go123 ["g" Go, "m" Thread, "gstatus" Status, "stack" Stack];
    49 ExperimentalBatch Framing Go123 ["exp" Value, "gen" Value, "m" Thread, "time" Tick, "size" Value];
    50 Sync Table Go125 [];
    51 ClockSnapshot Table Go125 ["mono" Tick, "sec" Value, "nsec" Value];
    52 EndOfGeneration Framing Go126 [];
    128 Span Experiment Go123 ["id" Value, "npages_value" Value, "kindclass" Value];
    129 SpanAlloc Experiment Go123 ["id" Value, "npages_value" Value, "kindclass" Value];
    130 SpanFree Experiment Go123 ["id" Value];
    131 HeapObject Experiment Go123 ["id" Value, "type" Value];
    132 HeapObjectAlloc Experiment Go123 ["id" Value, "type" Value];
    133 HeapObjectFree Experiment Go123 ["id" Value];
    134 GoroutineStack Experiment Go123 ["id" Value, "order" Value];
    135 GoroutineStackAlloc Experiment Go123 ["id" Value, "order" Value];
    136 GoroutineStackFree Experiment Go123 ["id" Value];
}

impl EventType {
    /// The number that begins the event on the wire.
    #[inline]
    pub const fn byte(self) -> u8 {
        self as u8
    }

    /// Its name in the text form.
    pub const fn name(self) -> &'static str {
        self.spec().name
    }
}

impl EventSpec {
    /// Whether a time delta stands between the event's number and its arguments.
    pub fn has_delta(&self) -> bool {
        match self.class {
            EventClass::Timed | EventClass::Experiment => true,
            EventClass::Table => self.event == EventType::ClockSnapshot,
            EventClass::Framing => false,
        }
    }
}
