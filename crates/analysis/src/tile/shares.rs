//! Times to shares of 255: exact within one step, nothing present lost, never more than the whole.

use goroscope_model::Class;

/// A whole cell.
const WHOLE: u64 = 255;

/// Bits of times whose products with 255 fit into 64 bits: two years.
const BITS: u32 = 56;

/// The share of each class in a cell of `whole` ns, in 255ths. `time` and `shares` are of the same classes.
///
/// 1. The classes together get ⌊Σ time · 255 / whole⌋, so that a full cell is full and no cell is more.
/// 2. Each class gets its share rounded down; what is left goes to the largest remainders, the first class first.
/// 3. A class that is present but got nothing gets 1, taken from the largest share while there is one above 1.
pub(super) fn of(time: &[u64], whole: u128, shares: &mut [u8]) {
    let longest = u128::from(time.iter().copied().fold(0, u64::max)).max(whole);
    let shift = (u128::BITS - longest.leading_zeros()).saturating_sub(BITS);
    if shift == 0 {
        return of_short(time, whole as u64, shares);
    }
    // Of times longer than that the lowest bits do not matter, as long as nothing becomes nothing.
    let scaled = |ns: u64| if ns == 0 { 0 } else { (u128::from(ns) >> shift).max(1) as u64 };
    let scaled: Vec<u64> = time.iter().map(|&ns| scaled(ns)).collect();
    of_short(&scaled, (whole >> shift) as u64, shares);
}

/// The same for times of at most [`BITS`] bits.
fn of_short(time: &[u64], whole: u64, shares: &mut [u8]) {
    let total: u64 = time.iter().sum();
    shares.fill(0);
    if total == 0 {
        return;
    }
    // More than the whole cannot be; were it so, the shares would be of what there is.
    let whole = whole.max(total);
    let wanted = share(total, whole);
    let mut given = 0;
    let mut missing = 0;
    for (&ns, part) in time.iter().zip(&mut *shares) {
        if ns > 0 {
            *part = share(ns, whole) as u8;
            given += u64::from(*part);
            missing += u64::from(*part == 0);
        }
    }
    if given < wanted {
        share_out(time, whole, wanted - given, shares);
    }
    if missing > 0 {
        raise(time, wanted, shares);
    }
}

/// Gives what rounding down left over to the largest remainders.
fn share_out(time: &[u64], whole: u64, rest: u64, shares: &mut [u8]) {
    let mut remainders = [0; Class::COUNT];
    for ((remainder, &ns), &part) in remainders.iter_mut().zip(time).zip(&*shares) {
        *remainder = ns * WHOLE - u64::from(part) * whole;
    }
    for _ in 0..rest {
        let Some(class) = first_largest(&remainders) else { break };
        remainders[class] = 0;
        shares[class] += 1;
    }
}

/// Gives at least 1 to all that are present, at the cost of the largest.
fn raise(time: &[u64], wanted: u64, shares: &mut [u8]) {
    for (&ns, part) in time.iter().zip(&mut *shares) {
        if ns > 0 {
            *part = (*part).max(1);
        }
    }
    let mut given: u64 = shares.iter().map(|&part| u64::from(part)).sum();
    while given > wanted {
        let Some(largest) = first_largest(shares).filter(|&largest| shares[largest] > 1) else { break };
        shares[largest] -= 1;
        given -= 1;
    }
}

/// A time in 255ths of the whole, rounded down.
fn share(ns: u64, whole: u64) -> u64 {
    if ns == whole { WHOLE } else { ns * WHOLE / whole }
}

/// The first of the largest values, if any is above 0.
fn first_largest<T: Copy + Ord + Default>(values: &[T]) -> Option<usize> {
    let mut largest = 0;
    for i in 1..values.len() {
        if values[i] > values[largest] {
            largest = i;
        }
    }
    if values.get(largest).is_some_and(|&value| value > T::default()) { Some(largest) } else { None }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[track_caller]
    fn check(time: &[(Class, u64)], whole: u128, wanted: &[(Class, u8)]) {
        let mut sums = [0; Class::COUNT];
        for &(class, ns) in time {
            sums[class as usize] = ns;
        }
        let mut shares = [0; Class::COUNT];
        for &(class, share) in wanted {
            shares[class as usize] = share;
        }
        let mut found = [7; Class::COUNT];
        of(&sums, whole, &mut found);
        assert_eq!(found, shares);
    }

    #[test]
    fn shares() {
        use Class::{Idle, Runnable, Running, WaitChannel, WaitSleep};
        check(&[], 100, &[]);
        check(&[(Running, 100)], 100, &[(Running, 255)]);
        check(&[(Running, 50)], 100, &[(Running, 127)]);
        check(&[(Running, 50), (Idle, 50)], 100, &[(Running, 128), (Idle, 127)]);
        check(&[(Running, 1), (Runnable, 1), (Idle, 1)], 3, &[(Running, 85), (Runnable, 85), (Idle, 85)]);
        check(&[(Running, 1)], 1_000_000, &[(Running, 1)]);
        check(&[(Running, 1), (Idle, 999_999)], 1_000_000, &[(Running, 1), (Idle, 254)]);
        check(
            &[(Running, 1), (Runnable, 1), (WaitChannel, 1), (WaitSleep, 999_997)],
            1_000_000,
            &[(Running, 1), (Runnable, 1), (WaitChannel, 1), (WaitSleep, 252)],
        );
        // Three that are present in a sliver each keep their 1, although together they are less than that.
        check(&[(Running, 1), (Runnable, 1)], 1_000_000, &[(Running, 1), (Runnable, 1)]);
        check(&[(Running, 1 << 62)], 1 << 62, &[(Running, 255)]);
        check(&[(Running, u64::MAX), (Idle, u64::MAX)], u128::from(u64::MAX) * 2, &[(Running, 127), (Idle, 127)]);
        check(&[(Running, u64::MAX); 1], 1, &[(Running, 255)]);
        check(&[(Running, 1 << 62)], 1 << 100, &[(Running, 1)]);
    }

    #[test]
    fn whatever_the_times_nothing_present_is_lost_and_no_cell_overflows() {
        let mut seed = 1_u64;
        let mut random = || {
            seed = seed.wrapping_mul(6_364_136_223_846_793_005).wrapping_add(1_442_695_040_888_963_407);
            seed >> 33
        };
        for _ in 0..20_000 {
            let mut time = [0; Class::COUNT];
            for _ in 0..=random() % 8 {
                time[(random() % Class::COUNT as u64) as usize] = random() >> (random() % 32);
            }
            let total: u64 = time.iter().sum();
            let whole = u128::from(total + random() % 1_000);
            let mut shares = [7; Class::COUNT];
            of(&time, whole.max(1), &mut shares);
            let sum: u64 = shares.iter().map(|&share| u64::from(share)).sum();
            assert!(sum <= 255, "{time:?} of {whole}: {shares:?}");
            for (class, (&ns, &share)) in time.iter().zip(&shares).enumerate() {
                assert_eq!(ns > 0, share > 0, "class {class} of {time:?} of {whole}: {shares:?}");
                let true_share = ns as f64 * 255.0 / whole.max(1) as f64;
                assert!(
                    (f64::from(share) - true_share).abs() < 9.0,
                    "class {class} of {time:?} of {whole}: {shares:?}"
                );
            }
            if u128::from(total) == whole && total > 0 {
                assert_eq!(sum, 255, "{time:?}");
            }
        }
    }
}
