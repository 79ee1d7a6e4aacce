//! What is in the slots of a thread: definitions, which are taken out at once, and records with what belongs to them.

use crate::chunk::Slot;
use crate::record::{Head, Kind, bytes_of};

use super::names::Names;

/// A record that tells of something that happened, with all that belongs to it.
#[derive(Clone, Debug)]
pub struct Event {
    pub head: Head,
    /// Hardly any has more than its head.
    pub extra: Option<Extra>,
}

/// What does not fit into a record.
#[derive(Clone, Debug, Default)]
pub struct Extra {
    pub more: [u64; 2],
    /// More stacks at which a task waits, and how many.
    pub also: ([u64; 3], usize),
    /// Where the thread runs.
    #[cfg(feature = "perf")]
    pub addresses: Vec<u64>,
    pub text: String,
}

impl Event {
    /// The arguments of a `With` before it.
    pub fn more(&self) -> [u64; 2] {
        self.extra.as_ref().map_or([0; 2], |extra| extra.more)
    }

    /// Where a sample was taken.
    #[cfg(feature = "perf")]
    pub fn addresses(&self) -> &[u64] {
        self.extra.as_ref().map_or(&[], |extra| &extra.addresses)
    }

    /// The text before it.
    pub fn text(&self) -> &str {
        self.extra.as_ref().map_or("", |extra| &extra.text)
    }

    /// The stacks at which its task waits, as a key of `Names`.
    #[inline]
    pub fn waits(&self) -> [u64; 4] {
        let [one, other, third] = self.extra.as_ref().map_or([0; 3], |extra| extra.also.0);
        [self.head.b, one, other, third]
    }
}

/// What a slot begins.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Part {
    /// A record that tells of something that happened.
    Record(Head),
    /// What belongs to the next one, in so many slots.
    Extra(usize),
    /// A definition, or nothing, in so many slots.
    Other(usize),
}

impl Part {
    /// Of this slot.
    #[inline]
    pub fn of(slot: Slot) -> Self {
        let Some(head) = Head::of_slot(slot) else { return Self::Other(1) };
        if head.kind.tells() {
            return Self::Record(head);
        }
        match head.kind {
            Kind::With | Kind::Also | Kind::Inline => Self::Extra(1 + head.following()),
            _ => Self::Other(1 + head.following()),
        }
    }
}

/// Takes the definitions out of slots that begin and end with records, as threads publish them, and gives the records to
/// `listen`. Says how many slots are behind the last one.
pub fn define(mut slots: &[Slot], names: &mut Names, mut listen: impl FnMut(Head)) -> usize {
    let mut behind = slots.len();
    while let [first, rest @ ..] = slots {
        match Part::of(*first) {
            Part::Record(head) => {
                listen(head);
                slots = rest;
                behind = rest.len();
            }
            Part::Extra(len) | Part::Other(len) => {
                let (following, rest) = rest.split_at_checked(len - 1).unwrap_or((rest, &[]));
                slots = rest;
                let Some(head) = Head::of_slot(*first) else { continue };
                match head.kind {
                    Kind::Text => names.define_text(head.a, text(following, head.long)),
                    Kind::Site => names.define_site(head.a, head.b, &text(following, head.long)),
                    Kind::Stack => {
                        let addresses = following.as_flattened().iter().copied().take(head.long as usize);
                        names.define_stack(head.a, addresses.collect());
                    }
                    _ => {}
                }
            }
        }
    }
    behind
}

/// What the slots before a record say that belongs to it.
pub fn extra(mut slots: &[Slot]) -> Option<Extra> {
    let mut found = None;
    while let [first, rest @ ..] = slots {
        let len = match Part::of(*first) {
            Part::Record(_) => 1,
            Part::Extra(len) | Part::Other(len) => len,
        };
        let (following, rest) = rest.split_at_checked(len - 1).unwrap_or((rest, &[]));
        slots = rest;
        let Some(head) = Head::of_slot(*first) else { continue };
        match head.kind {
            Kind::With => found.get_or_insert_with(Extra::default).more = [head.a, head.b],
            Kind::Also if head.a != 0 => {
                let (also, len) = &mut found.get_or_insert_with(Extra::default).also;
                if let Some(place) = also.get_mut(*len) {
                    *place = head.a;
                    *len += 1;
                }
            }
            Kind::Inline => found.get_or_insert_with(Extra::default).text = text(following, head.long),
            _ => {}
        }
    }
    found
}

fn text(slots: &[Slot], len: u64) -> String {
    String::from_utf8_lossy(&bytes_of(slots, len)).into_owned()
}
