//! The kernel's records in the bytes of a ring.
//!
//! Each begins with its kind (32 bits), flags (16) and length (16), and goes on as the event was asked to: a sample is a
//! time and a chain of addresses, or a time, registers and a part of the stack, and everything else ends with a time.

use super::Callers;
use crate::walk::Copied;

/// What the kernel tells; times on the monotonic clock, ns.
#[derive(Clone, Debug, PartialEq, Eq)]
pub enum Item<'a> {
    /// The thread runs here: return addresses, as in any stack, leaf first.
    Sample { time: u64, addresses: Vec<u64> },
    /// The thread runs here, and its stack is to be walked.
    Copy { time: u64, copied: Copied<'a> },
    /// The thread has no processor any more.
    Off { time: u64, left: Left },
    /// It has one again.
    On { time: u64 },
    /// So many records had no room.
    Lost(u64),
    /// Samples are left out for a while.
    Throttled,
}

/// How a thread lost the processor.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Left {
    /// It waits for something.
    Slept = 0,
    /// It could go on.
    Preempted = 1,
}

const LOST: u32 = 2;
const THROTTLE: u32 = 5;
const SAMPLE: u32 = 9;
const SWITCH: u32 = 14;
/// Flags of a switch.
const OUT: u16 = 1 << 13;
const PREEMPTED: u16 = 1 << 14;
/// From here on numbers in a chain are no addresses: they say of which world those are that follow.
const WORLDS: u64 = -4095_i64 as u64;
/// The world of programs.
const PROGRAM: u64 = -512_i64 as u64;

/// Registers of a program with addresses of 64 bits.
const WIDE: u64 = 2;

/// Gives what is in the bytes, which begin with a record; what makes no sense is left out.
pub fn read<'a>(mut bytes: &'a [u8], callers: Callers, mut take: impl FnMut(Item<'a>)) {
    while let Some((head, rest)) = bytes.split_first_chunk::<8>() {
        let head = u64::from_le_bytes(*head);
        let (kind, flags) = (head as u32, (head >> 32) as u16);
        let len = ((head >> 48) as usize).saturating_sub(size_of_val(&head));
        // Nothing is shorter than its head, nor longer than what there is.
        let Some((body, behind)) = rest.split_at_checked(len) else { return };
        bytes = behind;
        if kind == SAMPLE && callers == Callers::Copied {
            if let Some(item) = copy(body) {
                take(item);
            }
            continue;
        }
        let words: Vec<u64> = body.as_chunks::<8>().0.iter().map(|word| u64::from_le_bytes(*word)).collect();
        take(match (kind, words.as_slice()) {
            (SAMPLE, [time, _, chain @ ..]) => Item::Sample { time: *time, addresses: addresses(chain) },
            (SWITCH, [.., time]) if flags & OUT == 0 => Item::On { time: *time },
            (SWITCH, [.., time]) => {
                let left = if flags & PREEMPTED == 0 { Left::Slept } else { Left::Preempted };
                Item::Off { time: *time, left }
            }
            (LOST, [_, lost, ..]) => Item::Lost(*lost),
            (THROTTLE, _) => Item::Throttled,
            _ => continue,
        });
    }
}

/// A sample with registers and a part of the stack: as many bytes as there was room for, and how many of these were copied.
fn copy(body: &[u8]) -> Option<Item<'_>> {
    let (head, rest) = body.split_first_chunk::<48>()?;
    let mut words = head.as_chunks::<8>().0.iter().map(|word| u64::from_le_bytes(*word));
    // In the order of the registers' numbers.
    let mut next = || words.next();
    let [time, kind, frame, stack, here, room] = [next()?, next()?, next()?, next()?, next()?, next()?];
    if kind != WIDE {
        return None;
    }
    let (bytes, rest) = rest.split_at_checked(usize::try_from(room).ok()?)?;
    let copied = rest.first_chunk().map_or(0, |len| u64::from_le_bytes(*len));
    let bytes = bytes.get(..usize::try_from(copied).ok()?).unwrap_or(bytes);
    Some(Item::Copy { time, copied: Copied { here, stack, frame, bytes } })
}

/// The addresses of a chain that are the program's: where it is as if it had called from there, and return addresses.
fn addresses(chain: &[u64]) -> Vec<u64> {
    let is_world = |word: &u64| *word >= WORLDS;
    let own = chain.iter().rposition(|word| *word == PROGRAM).map_or(0, |at| at + 1);
    let own = chain.get(own..).unwrap_or(&[]).iter().copied().take_while(|word| !is_world(word));
    let mut addresses: Vec<u64> = own.take_while(|address| *address != 0).collect();
    if let Some(leaf) = addresses.first_mut() {
        *leaf += 1;
    }
    addresses
}

#[cfg(test)]
mod tests {
    use super::*;

    /// Bytes of a record with so many of them left out at the end.
    fn record(kind: u32, flags: u16, words: &[u64]) -> Vec<u8> {
        let len = 8 + words.len() as u16 * 8;
        let mut bytes = [&kind.to_le_bytes()[..], &flags.to_le_bytes(), &len.to_le_bytes()].concat();
        bytes.extend(words.iter().flat_map(|word| word.to_le_bytes()));
        bytes
    }

    fn check(bytes: &[u8], expected: &[Item<'_>]) {
        check_as(Callers::Chain, bytes, expected);
    }

    fn check_as(callers: Callers, bytes: &[u8], expected: &[Item<'_>]) {
        let mut items = Vec::new();
        read(bytes, callers, |item| items.push(item));
        assert_eq!(items, expected);
    }

    #[test]
    fn copies_are_as_long_as_what_was_copied() {
        let words = |words: &[u64]| -> Vec<u8> { words.iter().flat_map(|word| word.to_le_bytes()).collect() };
        let stack = words(&[1, 2, 3]);
        let item = |len: usize| {
            let copied = Copied { here: 0x30, stack: 0x20, frame: 0x10, bytes: &stack[..len] };
            Item::Copy { time: 70, copied }
        };
        let check = |rest: &[u64], expected: &[Item<'_>]| {
            let sample = record(SAMPLE, 2, &[&[70, WIDE, 0x10, 0x20, 0x30], rest].concat());
            let behind = record(SWITCH, 0, &[72]);
            let all = [expected, &[Item::On { time: 72 }]].concat();
            check_as(Callers::Copied, &[sample, behind].concat(), &all);
        };
        check(&[24, 1, 2, 3, 24], &[item(24)]);
        check(&[24, 1, 2, 0, 16], &[item(16)]);
        check(&[24, 1, 2, 3, 99], &[item(24)]);
        check(&[0], &[item(0)]);
        // Nonsense.
        check(&[24, 1, 2], &[]);
        check(&[], &[]);
        check_as(Callers::Copied, &record(SAMPLE, 2, &[70, 0, 24, 1, 2, 3, 24]), &[]);
    }

    #[test]
    fn records_are_told_apart() {
        let all = [
            record(SAMPLE, 2, &[70, 3, PROGRAM, 0x100, 0x200]),
            record(SWITCH, OUT, &[71]),
            record(SWITCH, 0, &[72]),
            record(99, 0, &[1, 2, 3]),
            record(SWITCH, OUT | PREEMPTED, &[73]),
            record(LOST, 0, &[5, 6, 74]),
            record(THROTTLE, 0, &[75, 1, 1, 75]),
        ];
        let expected = [
            Item::Sample { time: 70, addresses: vec![0x101, 0x200] },
            Item::Off { time: 71, left: Left::Slept },
            Item::On { time: 72 },
            Item::Off { time: 73, left: Left::Preempted },
            Item::Lost(6),
            Item::Throttled,
        ];
        check(&all.concat(), &expected);
    }

    #[test]
    fn only_the_program_has_addresses() {
        let kernel = -128_i64 as u64;
        assert_eq!(addresses(&[kernel, 0xffff_8000_0000_0000, PROGRAM, 16, 32]), [17, 32]);
        assert_eq!(addresses(&[PROGRAM, 16, 0, 32]), [17]);
        assert_eq!(addresses(&[PROGRAM]), [0; 0]);
        assert_eq!(addresses(&[]), [0; 0]);
    }

    #[test]
    fn what_is_cut_or_makes_no_sense_ends_it() {
        let whole = record(SWITCH, 0, &[72]);
        check(&[&whole[..], &whole[..15]].concat(), &[Item::On { time: 72 }]);
        check(&[0; 15], &[]);
        check(&[255; 64], &[]);
        check(&record(SAMPLE, 0, &[70]), &[]);
        check(&record(SWITCH, 0, &[]), &[]);
    }
}
