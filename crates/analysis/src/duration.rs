//! Durations as Go writes them: `620ms`, `1.5s`, `12us`, `1m30s`.

/// Nanoseconds of each unit, by the names that Go takes.
const UNITS: [(&str, f64); 8] =
    [("ns", 1.0), ("us", 1e3), ("µs", 1e3), ("μs", 1e3), ("ms", 1e6), ("s", 1e9), ("m", 60e9), ("h", 3600e9)];

const NO_DURATION: &str = "not a duration: try 620ms or 1.5s";

/// Nanoseconds since the start of a trace, as an argument says them.
pub fn parse(text: &str) -> Result<i64, String> {
    if text == "0" {
        return Ok(0);
    }
    if let Some(behind) = text.strip_prefix('-') {
        let is_number = behind.starts_with(|c: char| c.is_ascii_digit() || c == '.');
        let why = if is_number { "nothing is before the start of the trace" } else { NO_DURATION };
        return Err(why.into());
    }
    let mut rest = text.strip_prefix('+').unwrap_or(text);
    if rest.is_empty() {
        return Err(NO_DURATION.into());
    }
    let mut nanoseconds = 0.0;
    while !rest.is_empty() {
        let digits = rest.find(|c: char| !c.is_ascii_digit() && c != '.').unwrap_or(rest.len());
        let (number, behind) = rest.split_at(digits);
        if number.is_empty() {
            return Err(NO_DURATION.into());
        }
        let unit_end = behind.find(|c: char| c.is_ascii_digit() || c == '.').unwrap_or(behind.len());
        let (unit, next) = behind.split_at(unit_end);
        let value: f64 = number.parse().map_err(|_| format!("{number:?} is no number: try 620ms or 1.5s"))?;
        if unit.is_empty() {
            return Err(format!("{number:?} has no unit: ns, us, ms, s, m or h"));
        }
        let (_, scale) = UNITS
            .iter()
            .find(|(name, _)| *name == unit)
            .ok_or_else(|| format!("unknown unit {unit:?}: ns, us, ms, s, m or h"))?;
        nanoseconds += value * scale;
        rest = next;
    }
    // Twice the age of the oldest computer, and exact as a floating-point number down to microseconds.
    if nanoseconds > 4e18 { Err("longer than any trace".into()) } else { Ok(nanoseconds.round() as i64) }
}

/// As [`parse`] reads it again: in the largest unit that fits, with as many decimals as it takes.
pub(crate) fn exact(ns: i64) -> String {
    // Beyond that, decimals would not be read exactly.
    let is_short = (0..1_i64 << 50).contains(&ns);
    let units = [(1_000_000_000, 9, "s"), (1_000_000, 6, "ms"), (1_000, 3, "us")];
    match units.into_iter().find(|(scale, ..)| is_short && ns >= *scale) {
        Some((scale, digits, unit)) => {
            let text = format!("{}.{:0digits$}", ns / scale, ns % scale);
            format!("{}{unit}", text.trim_end_matches('0').trim_end_matches('.'))
        }
        None => format!("{ns}ns"),
    }
}

#[cfg(test)]
mod tests {
    use super::{exact, parse};

    #[test]
    fn what_is_written_is_read_again() {
        for (ns, expected) in [
            (0, "0ns"),
            (999, "999ns"),
            (1_000, "1us"),
            (1_500, "1.5us"),
            (12_345_678, "12.345678ms"),
            (620_000_000, "620ms"),
            (1_500_000_000, "1.5s"),
            (60_000_000_001, "60.000000001s"),
        ] {
            assert_eq!(exact(ns), expected);
            assert_eq!(parse(expected), Ok(ns), "{expected}");
        }
    }

    #[test]
    fn as_go_parses_them() {
        for (text, expected) in [
            ("620ms", 620_000_000),
            ("1.5s", 1_500_000_000),
            ("12us", 12_000),
            ("12µs", 12_000),
            ("100ns", 100),
            ("1m30s", 90_000_000_000),
            ("1h", 3_600_000_000_000),
            (".5s", 500_000_000),
            ("1.s", 1_000_000_000),
            ("+1s", 1_000_000_000),
            ("0", 0),
        ] {
            assert_eq!(parse(text), Ok(expected), "{text}");
        }
        for text in ["", "620", "1.5", "-1s", "-", "--to", "ms", "1x", "1 s", "1..5s", "s1", "1s5", "99999999h", "+"] {
            assert!(parse(text).is_err(), "{text}");
        }
    }
}
