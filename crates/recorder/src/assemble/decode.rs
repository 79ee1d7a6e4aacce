//! From slots to events: definitions are taken out, and what belongs to a record is put with it.

use crate::chunk::Slot;
use crate::record::{Head, Kind, bytes_of};

use super::names::Names;

/// A record that tells of something that happened, with all that belongs to it.
#[derive(Clone, Debug)]
pub struct Event {
    pub head: Head,
    /// Hardly any has more than its head.
    pub extra: Option<Box<Extra>>,
}

/// What does not fit into a record.
#[derive(Clone, Debug, Default)]
pub struct Extra {
    pub more: [u64; 2],
    /// More stacks at which a task waits.
    pub also: Vec<u64>,
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
    pub fn waits(&self) -> [u64; 4] {
        let also = self.extra.iter().flat_map(|extra| &extra.also);
        let mut waits = [self.head.b, 0, 0, 0];
        for (to, from) in waits.iter_mut().skip(1).zip(also.filter(|stack| **stack != 0)) {
            *to = *from;
        }
        waits
    }
}

/// Decodes slots that begin and end with records, as threads publish them.
pub fn decode(mut slots: &[Slot], names: &mut Names, mut take: impl FnMut(Event)) {
    let mut extra = Extra::default();
    let mut has_extra = false;
    while let [first, rest @ ..] = slots {
        let Some(head) = Head::of_slot(*first) else {
            slots = rest;
            continue;
        };
        let (following, rest) = rest.split_at_checked(head.following()).unwrap_or((rest, &[]));
        slots = rest;
        match head.kind {
            Kind::With => (extra.more, has_extra) = ([head.a, head.b], true),
            Kind::Also => {
                extra.also.push(head.a);
                has_extra = true;
            }
            Kind::Inline => (extra.text, has_extra) = (text(following, head.long), true),
            Kind::Text => names.define_text(head.a, text(following, head.long)),
            Kind::Site => names.define_site(head.a, head.b, &text(following, head.long)),
            Kind::Stack => {
                let addresses = following.as_flattened().iter().copied().take(head.long as usize);
                names.define_stack(head.a, addresses.collect());
            }
            _ => {
                let extra = std::mem::take(&mut has_extra).then(|| Box::new(std::mem::take(&mut extra)));
                take(Event { head, extra });
            }
        }
    }
}

fn text(slots: &[Slot], len: u64) -> String {
    String::from_utf8_lossy(&bytes_of(slots, len)).into_owned()
}
