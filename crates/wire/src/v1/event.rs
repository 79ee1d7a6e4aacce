//! The records of the v1 format, declared as data: number, name, the header that brought them and their arguments.

use crate::Version;

/// One row of the table: a record and its arguments, the time delta not counted.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct EventSpec {
    /// The record.
    pub event: EventType,
    /// Its name.
    pub name: &'static str,
    /// How its bytes are laid out.
    pub class: RecordClass,
    /// The oldest version that has it, of those that this crate reads.
    pub since: Version,
    /// Argument names in wire order; a stack of the executor is always the last and called `stack`.
    pub args: &'static [&'static str],
}

/// How the bytes of a record are laid out.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum RecordClass {
    /// Proc and time.
    Batch,
    /// One number.
    Number,
    /// Id, length and text.
    String,
    /// Id, number of frames, and four numbers for each.
    Stack,
    /// A time delta and the arguments.
    Event,
}

macro_rules! events {
    ($($number:literal $name:ident $class:ident $since:ident [$($arg:literal),*];)*) => {
        /// The low six bits of a record's first byte.
        #[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord, Hash)]
        #[repr(u8)]
        pub enum EventType {
            $(#[doc = concat!("`", stringify!($name), "`")] $name = $number,)*
        }

        /// All records in the order of their numbers.
        pub static EVENTS: &[EventSpec] = &[$(*EventType::$name.spec(),)*];

        impl EventType {
            /// The record with this number, if the table has it.
            #[inline]
            pub const fn from_byte(byte: u8) -> Option<Self> {
                match byte {
                    $($number => Some(Self::$name),)*
                    _ => None,
                }
            }

            /// The table row of this record.
            #[inline]
            pub const fn spec(self) -> &'static EventSpec {
                match self {
                    $(Self::$name => &EventSpec {
                        event: Self::$name,
                        name: stringify!($name),
                        class: RecordClass::$class,
                        since: Version::$since,
                        args: &[$($arg),*],
                    },)*
                }
            }
        }
    };
}

events! {
    1 Batch Batch Go111 ["p", "ticks"];
    2 Frequency Number Go111 ["freq"];
    3 Stack Stack Go111 ["id", "nframes"];
    4 Gomaxprocs Event Go111 ["procs", "stack"];
    5 ProcStart Event Go111 ["thread"];
    6 ProcStop Event Go111 [];
    7 GCStart Event Go111 ["seq", "stack"];
    8 GCDone Event Go111 [];
    9 STWStart Event Go111 ["kind"];
    10 STWDone Event Go111 [];
    11 GCSweepStart Event Go111 ["stack"];
    12 GCSweepDone Event Go111 ["swept", "reclaimed"];
    13 GoCreate Event Go111 ["g", "new_stack", "stack"];
    14 GoStart Event Go111 ["g", "seq"];
    15 GoEnd Event Go111 [];
    16 GoStop Event Go111 ["stack"];
    17 GoSched Event Go111 ["stack"];
    18 GoPreempt Event Go111 ["stack"];
    19 GoSleep Event Go111 ["stack"];
    20 GoBlock Event Go111 ["stack"];
    21 GoUnblock Event Go111 ["g", "seq", "stack"];
    22 GoBlockSend Event Go111 ["stack"];
    23 GoBlockRecv Event Go111 ["stack"];
    24 GoBlockSelect Event Go111 ["stack"];
    25 GoBlockSync Event Go111 ["stack"];
    26 GoBlockCond Event Go111 ["stack"];
    27 GoBlockNet Event Go111 ["stack"];
    28 GoSysCall Event Go111 ["stack"];
    29 GoSysExit Event Go111 ["g", "seq", "ts"];
    30 GoSysBlock Event Go111 [];
    31 GoWaiting Event Go111 ["g"];
    32 GoInSyscall Event Go111 ["g"];
    33 HeapAlloc Event Go111 ["mem"];
    34 HeapGoal Event Go111 ["mem"];
    35 TimerGoroutine Number Go111 ["g"];
    36 FutileWakeup Event Go111 [];
    37 String String Go111 ["id", "len"];
    38 GoStartLocal Event Go111 ["g"];
    39 GoUnblockLocal Event Go111 ["g", "stack"];
    40 GoSysExitLocal Event Go111 ["g", "ts"];
    41 GoStartLabel Event Go111 ["g", "seq", "label"];
    42 GoBlockGC Event Go111 ["stack"];
    43 GCMarkAssistStart Event Go111 ["stack"];
    44 GCMarkAssistDone Event Go111 [];
    45 UserTaskCreate Event Go111 ["task", "parent", "name", "stack"];
    46 UserTaskEnd Event Go111 ["task", "stack"];
    47 UserRegion Event Go111 ["task", "mode", "name", "stack"];
    48 UserLog Event Go111 ["task", "key", "stack"];
    49 CPUSample Event Go119 ["ts", "p", "g", "stack"];
}

impl EventType {
    /// The low six bits of the record's first byte.
    #[inline]
    pub const fn byte(self) -> u8 {
        self as u8
    }

    /// Its name.
    pub const fn name(self) -> &'static str {
        self.spec().name
    }

    /// Whether the last argument is the stack of the executor.
    #[inline]
    pub fn has_stack(self) -> bool {
        self.spec().args.last() == Some(&"stack")
    }
}
