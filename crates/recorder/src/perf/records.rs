//! The kernel's records in the bytes of a ring.
//!
//! Each begins with its kind (32 bits), flags (16) and length (16), and goes on as the event was asked to: a sample is a
//! time and a chain of addresses, and everything else ends with a time.

/// What the kernel tells; times on the monotonic clock, ns.
#[derive(Clone, Debug, PartialEq, Eq)]
pub enum Item {
    /// The thread runs here: return addresses, as in any stack, leaf first.
    Sample { time: u64, addresses: Vec<u64> },
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

/// Gives what is in the bytes, which begin with a record; what makes no sense is left out.
pub fn read(mut bytes: &[u8], mut take: impl FnMut(Item)) {
    while let Some((head, rest)) = bytes.split_first_chunk::<8>() {
        let head = u64::from_le_bytes(*head);
        let (kind, flags) = (head as u32, (head >> 32) as u16);
        let len = ((head >> 48) as usize).saturating_sub(size_of_val(&head));
        // Nothing is shorter than its head, nor longer than what there is.
        let Some((body, behind)) = rest.split_at_checked(len) else { return };
        bytes = behind;
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

    fn check(bytes: &[u8], expected: &[Item]) {
        let mut items = Vec::new();
        read(bytes, |item| items.push(item));
        assert_eq!(items, expected);
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
