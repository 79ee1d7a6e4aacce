//! The most intervals that hold at one moment: how high a group's lane is.

/// The most of these `[from, to)` that hold at once; 1 at least if there are any.
pub fn most_at_once(intervals: impl Iterator<Item = (i64, i64)>) -> u32 {
    let (mut begins, mut ends): (Vec<i64>, Vec<i64>) = intervals.unzip();
    begins.sort_unstable();
    ends.sort_unstable();
    let mut ended = 0;
    let mut most = 0;
    for (begun, &begin) in begins.iter().enumerate() {
        while ends[ended] <= begin && ended < begun {
            ended += 1;
        }
        most = most.max(begun + 1 - ended);
    }
    most as u32
}

#[cfg(test)]
mod tests {
    use super::most_at_once;

    #[test]
    fn ends_come_before_begins() {
        for (intervals, most) in [
            (&[][..], 0),
            (&[(5, 5)], 1),
            (&[(0, 10), (10, 20)], 1),
            (&[(0, 11), (10, 20), (19, 30)], 2),
            (&[(0, 9), (0, 9), (3, 4), (5, 6)], 3),
        ] {
            assert_eq!(most_at_once(intervals.iter().copied()), most, "{intervals:?}");
        }
    }
}
