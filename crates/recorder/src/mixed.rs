//! Numbers that stand for what is longer: a stack, a text.

/// A number that stands for these; never 0. Different ones have different numbers, as far as 64 bits can tell.
///
/// The products of pairs do not wait for each other; that each counts in its place is the rotation's work.
#[inline]
pub fn mixed(words: &[u64]) -> u64 {
    let (pairs, rest) = words.as_chunks::<2>();
    let mut sum = words.len() as u64;
    for &pair in pairs {
        sum = sum.rotate_left(23).wrapping_add(folded(pair));
    }
    for &word in rest {
        sum = sum.rotate_left(23).wrapping_add(folded([word, 0]));
    }
    folded([sum, sum.rotate_left(32)]).max(1)
}

/// A 128-bit product folded in two, of which both halves depend on all bits.
#[inline]
fn folded([first, second]: [u64; 2]) -> u64 {
    let product = u128::from(first ^ 0x9e37_79b9_7f4a_7c15) * u128::from(second ^ 0xa0c1_34a7_1c8f_0b3d);
    (product >> 64) as u64 ^ product as u64
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn numbers_of_stacks_differ() {
        let mut seen = std::collections::BTreeSet::new();
        for first in 0..100_u64 {
            for second in 0..100_u64 {
                seen.insert(mixed(&[0x5555_0000_0000 + first * 4, 0x5555_0000_1000 + second]));
                seen.insert(mixed(&[7, 8, 0x5555_0000_0000 + first * 4, 0x5555_0000_1000 + second, 9]));
            }
            seen.insert(mixed(&[first]));
        }
        assert_eq!(seen.len(), 20_100);
    }

    #[test]
    fn each_word_counts_in_its_place() {
        let words = [0x5555_0000_0000, 0x5555_0000_1000, 0x5555_0000_2000, 0x5555_0000_3000, 0x5555_0000_4000_u64];
        let mut seen = std::collections::BTreeSet::new();
        for first in 0..words.len() {
            for second in 0..words.len() {
                let mut swapped = words;
                swapped.swap(first, second);
                seen.insert(mixed(&swapped));
            }
            seen.insert(mixed(&words[..first]));
        }
        // Each pair of places, the words as they are, and the five that are shorter.
        assert_eq!(seen.len(), 10 + 1 + 5);
    }
}
