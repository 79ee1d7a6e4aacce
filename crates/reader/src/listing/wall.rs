//! The wall clock as Go writes it.

use std::io::Write as _;

/// Appends a time since 1970 in a zone so many seconds east of UTC, with the nanoseconds that are not zero, in the form of
/// RFC 3339.
pub fn push_wall(out: &mut Vec<u8>, sec: i64, nsec: u32, zone: i32) {
    let local = sec.wrapping_add(i64::from(zone));
    let (days, second) = (local.div_euclid(86_400), local.rem_euclid(86_400));
    let (year, month, day) = date(days);
    let (hour, minute, second) = (second / 3600, second / 60 % 60, second % 60);
    // Writing to a vector cannot fail.
    let _ = write!(out, "{year:04}-{month:02}-{day:02}T{hour:02}:{minute:02}:{second:02}");
    if nsec > 0 {
        let _ = write!(out, ".{}", format!("{nsec:09}").trim_end_matches('0'));
    }
    let minutes = zone / 60;
    if minutes == 0 {
        out.push(b'Z');
    } else {
        let sign = if minutes < 0 { '-' } else { '+' };
        let _ = write!(out, "{sign}{:02}:{:02}", minutes.abs() / 60, minutes.abs() % 60);
    }
}

/// The year, month and day so many days after the first of January 1970.
///
/// This is Howard Hinnant's `civil_from_days`: years begin in March, so that the leap day is the last of its year, and 400
/// years are a whole number of days.
pub fn date(days: i64) -> (i64, i64, i64) {
    let days = days + 719_468;
    let era = days.div_euclid(146_097);
    let day_of_era = days.rem_euclid(146_097);
    let year_of_era = (day_of_era - day_of_era / 1460 + day_of_era / 36_524 - day_of_era / 146_096) / 365;
    let day_of_year = day_of_era - (365 * year_of_era + year_of_era / 4 - year_of_era / 100);
    let march_month = (5 * day_of_year + 2) / 153;
    let day = day_of_year - (153 * march_month + 2) / 5 + 1;
    let month = if march_month < 10 { march_month + 3 } else { march_month - 9 };
    (year_of_era + era * 400 + i64::from(month <= 2), month, day)
}

#[cfg(test)]
mod tests {
    use super::*;

    fn check(sec: i64, nsec: u32, zone: i32, expected: &str) {
        let mut out = Vec::new();
        push_wall(&mut out, sec, nsec, zone);
        assert_eq!(String::from_utf8(out).as_deref(), Ok(expected));
    }

    #[test]
    fn dates_and_zones() {
        check(0, 0, 0, "1970-01-01T00:00:00Z");
        check(1_795_460_857, 507_288_658, 0, "2026-11-23T19:07:37.507288658Z");
        check(1_795_460_857, 507_000_000, 3600, "2026-11-23T20:07:37.507+01:00");
        check(951_782_400, 100, -12_600, "2000-02-28T20:30:00.0000001-03:30");
        check(1_709_251_199, 0, 20_700, "2024-03-01T05:44:59+05:45");
        check(-1, 0, 0, "1969-12-31T23:59:59Z");
    }
}
