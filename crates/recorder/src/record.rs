//! Records: what threads write, in slots of four words, and what the assembler reads.
//!
//! | word | holds |
//! | --- | --- |
//! | 0 | time on the raw clock |
//! | 1 | kind (8 bits), small number (16 bits), sequence number or length (40 bits) |
//! | 2, 3 | two arguments |
//!
//! A record with text or addresses goes on in the slots after it. Records that say more than fits begin with a record
//! `With`, which belongs to the next one; both are written in one piece.

use crate::chunk::{SLOT_WORDS, Slot};

macro_rules! kinds {
    ($($(#[$doc:meta])* $name:ident = $number:literal;)*) => {
        /// What a record tells.
        #[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord, Hash)]
        #[repr(u8)]
        pub enum Kind {
            $($(#[$doc])* $name = $number,)*
        }

        impl Kind {
            /// All kinds, as bits.
            const ALL: u64 = $(1 << $number)|*;

            /// The kind with this number.
            pub const fn from_byte(byte: u8) -> Option<Self> {
                match byte {
                    $($number => Some(Self::$name),)*
                    _ => None,
                }
            }
        }
    };
}

kinds! {
    /// Two more arguments of the next record.
    With = 1;
    /// The text of the next record.
    Inline = 2;
    /// Text `a`.
    Text = 3;
    /// Stack `a`: its return addresses, leaf first.
    Stack = 4;
    /// Site `a` is line `b` of the file; file and name, with a zero between them.
    Site = 5;
    /// Runtime `a` has `b` workers; the small number is 1 if a thread of the program drives it.
    Runtime = 6;
    /// Task `a` is created at site `b`; with the stack and what it is.
    Create = 10;
    /// Task `a` of runtime `b` begins to run on the worker of the small number.
    Start = 11;
    /// As `Start`, of a task that is dropped.
    Drop = 9;
    /// Task `a` waits at stack `b`.
    Block = 12;
    /// Task `a` goes on soon, from stack `b`.
    Stop = 13;
    /// Task `a` is over.
    Destroy = 14;
    /// Task `a` is woken from stack `b`.
    Wake = 15;
    /// The next record's task waits at stack `a`, too.
    Also = 16;
    /// Task `a` waits on its thread at stack `b`, for a reason with the small number.
    Wait = 17;
    /// Task `a` goes on on its thread; `b` is the release that let it, a thread with `BY_THREAD`, `IN_VAIN`, or 0.
    GoOn = 18;
    /// Release `a` from stack `b`: one that waits for it may go on. Which one it was is told by that one.
    Release = 19;
    /// Release `a` let nobody go on.
    Dismiss = 26;
    /// Task `a` was let go on from stack `b`. No thread writes it: it is a release of which that is known.
    Released = 27;
    /// The thread goes to sleep as a worker.
    Park = 20;
    /// The thread goes on as the worker of the small number of runtime `a`.
    Unpark = 21;
    /// The thread begins or ends.
    ThreadBegin = 22;
    /// See `ThreadBegin`.
    ThreadEnd = 23;
    /// The task is about to block its thread, at stack `b`.
    BlockingBegin = 24;
    /// It has done so.
    BlockingEnd = 25;
    /// User task `a` named `b` begins; with its parent and the stack.
    TaskBegin = 30;
    /// User task `a` ends.
    TaskEnd = 31;
    /// A region of user task `a` named `b` begins; with the stack.
    RegionBegin = 32;
    /// A region of user task `a` named `b` ends.
    RegionEnd = 33;
    /// A message, which is the inline text, of user task `a` in category `b`; with the stack.
    Log = 34;
    /// The counter named `a` has the value `b`.
    Count = 40;
    /// The thread runs here. No thread writes it: the kernel tells that.
    Sample = 41;
}

impl Kind {
    /// Those of records that say something of themselves, as bits.
    const TELLING: u64 = Self::ALL
        & !(1 << Self::With as u8 | 1 << Self::Also as u8 | 1 << Self::Inline as u8)
        & !(1 << Self::Text as u8 | 1 << Self::Site as u8 | 1 << Self::Stack as u8);

    /// Whether a record of this kind tells of something that happened, and is no definition nor a part of another record.
    #[inline]
    pub const fn tells(self) -> bool {
        Self::TELLING >> self as u8 & 1 != 0
    }
}

/// What a task is, as `Create` tells: something that runs once.
pub const JOB: u64 = 0;
/// See `JOB`: a future, which is polled.
pub const POLLED: u64 = 1;
/// See `JOB`: a task of which only tokio's hooks tell.
pub const FOREIGN: u64 = 2;

/// Marks the number of a thread in `GoOn`.
pub const BY_THREAD: u64 = 1 << 63;

/// In `GoOn`: nobody let the task go on, as its time was over. No thread has the number 0.
pub const IN_VAIN: u64 = BY_THREAD;

/// No worker.
pub const NO_WORKER: u16 = u16::MAX;

/// The most bytes or addresses that follow a record.
pub const MAX_TEXT: usize = 1024;
/// See `MAX_TEXT`.
pub const MAX_STACK: usize = 128;

/// A record's own slot, decoded.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct Head {
    pub time: u64,
    pub kind: Kind,
    pub small: u16,
    /// Sequence number, or how many bytes or addresses follow.
    pub long: u64,
    pub a: u64,
    pub b: u64,
}

impl Head {
    /// The release because of which somebody goes on, if that is known.
    pub fn release(&self) -> Option<u64> {
        (self.kind == Kind::GoOn && self.b != 0 && self.b & BY_THREAD == 0).then_some(self.b)
    }

    /// A record of this kind with nothing in it.
    pub const fn new(kind: Kind, time: u64) -> Self {
        Self { time, kind, small: 0, long: 0, a: 0, b: 0 }
    }

    /// As it is written.
    pub const fn slot(&self) -> Slot {
        [self.time, self.kind as u64 | (self.small as u64) << 8 | self.long << 24, self.a, self.b]
    }

    /// As it is read; `None` for an unknown kind.
    pub fn of_slot([time, word, a, b]: Slot) -> Option<Self> {
        let kind = Kind::from_byte(word as u8)?;
        Some(Self { time, kind, small: (word >> 8) as u16, long: word >> 24, a, b })
    }

    /// How many slots follow it.
    pub fn following(&self) -> usize {
        let bytes = match self.kind {
            Kind::Inline | Kind::Text | Kind::Site => self.long,
            Kind::Stack => self.long * 8,
            _ => 0,
        };
        (bytes as usize).div_ceil(SLOT_WORDS * 8)
    }
}

/// Room for the slots of one record with all that follows it.
pub const LONGEST: usize = 2 + MAX_TEXT / (SLOT_WORDS * 8) + 1;

/// A record with bytes after it, on the stack.
#[derive(Debug)]
pub struct Long {
    slots: [Slot; LONGEST],
    len: usize,
}

impl Long {
    /// The head, then the texts with a zero between them, as much as there is room for.
    pub fn texts(mut head: Head, texts: &[&str]) -> Self {
        let mut bytes = [0_u8; MAX_TEXT];
        let mut len = 0;
        for (at, text) in texts.iter().enumerate() {
            len = (len + usize::from(at > 0)).min(MAX_TEXT);
            let room = bytes.get_mut(len..).unwrap_or_default();
            // The last text has what the others leave, and those at most half of it.
            let most = if at + 1 < texts.len() { room.len() / 2 } else { room.len() };
            let part = crate::text::shortened(text, most);
            for (to, from) in room.iter_mut().zip(part.bytes()) {
                *to = from;
            }
            len += part.len();
        }
        head.long = len as u64;
        let (words, _) = bytes.as_chunks::<8>();
        Self::words(head, words.iter().map(|word| u64::from_le_bytes(*word)).take(len.div_ceil(8)))
    }

    /// The head, then the addresses.
    pub fn addresses(mut head: Head, addresses: &[u64]) -> Self {
        let addresses = addresses.get(..MAX_STACK).unwrap_or(addresses);
        head.long = addresses.len() as u64;
        Self::words(head, addresses.iter().copied())
    }

    fn words(head: Head, words: impl Iterator<Item = u64>) -> Self {
        let mut slots = [[0; SLOT_WORDS]; LONGEST];
        let [first, rest @ ..] = &mut slots;
        *first = head.slot();
        for (to, from) in rest.as_flattened_mut().iter_mut().zip(words) {
            *to = from;
        }
        Self { slots, len: 1 + head.following() }
    }

    /// What to write.
    pub fn slots(&self) -> &[Slot] {
        self.slots.get(..self.len).unwrap_or(&self.slots)
    }
}

/// The bytes in the slots after a record.
pub fn bytes_of(slots: &[Slot], len: u64) -> Vec<u8> {
    slots.as_flattened().iter().flat_map(|word| word.to_le_bytes()).take(len as usize).collect()
}
