//! Numbers as people read them.

use goroscope_reader::listing::date;

/// `12,345,678`
pub fn count(number: u64) -> String {
    let digits = number.to_string();
    let mut text = String::with_capacity(digits.len() + digits.len() / 3);
    for (i, digit) in digits.chars().enumerate() {
        if i > 0 && (digits.len() - i).is_multiple_of(3) {
            text.push(',');
        }
        text.push(digit);
    }
    text
}

/// A number of things, in the plural unless it is one: `1 task`, `12,345 tasks`, `2 addresses`.
pub fn counted(number: u64, thing: &str) -> String {
    let plural = match number {
        1 => "",
        _ if thing.ends_with('s') => "es",
        _ => "s",
    };
    format!("{} {thing}{plural}", count(number))
}

/// How often: `once`, `12,345 times`.
pub fn times(number: u64) -> String {
    if number == 1 { "once".to_owned() } else { format!("{} times", count(number)) }
}

/// Lines of a text without what would move the cursor of a terminal: names in a trace can be anything.
pub fn printable(text: &str) -> String {
    text.chars().map(|c| if matches!(c, '\n' | '\t') { c } else { still(c) }).collect()
}

/// A character, or `·` in place of one that would move the cursor, or turn round what stands behind it in its line.
pub fn still(c: char) -> char {
    let turns = matches!(c, '\u{61c}' | '\u{200e}' | '\u{200f}' | '\u{202a}'..='\u{202e}' | '\u{2066}'..='\u{2069}');
    if c.is_control() || turns { '·' } else { c }
}

/// `14.2 MB`: decimal, as disks and networks count.
pub fn bytes(number: u64) -> String {
    scaled(number as f64, &[(1e9, "GB"), (1e6, "MB"), (1e3, "kB")]).unwrap_or_else(|| {
        let unit = if number == 1 { "byte" } else { "bytes" };
        format!("{number} {unit}")
    })
}

/// `1.234 s`
pub fn duration(ns: i64) -> String {
    scaled(ns as f64, &[(1e9, "s"), (1e6, "ms"), (1e3, "µs")]).unwrap_or_else(|| format!("{ns} ns"))
}

/// `12.3 %`
pub fn percent(part: u64, whole: u64) -> String {
    if whole == 0 { "–".to_owned() } else { format!("{:.1} %", part as f64 * 100.0 / whole as f64) }
}

/// In the largest unit that fits, with three to four digits.
fn scaled(number: f64, units: &[(f64, &str)]) -> Option<String> {
    let (scale, unit) = units.iter().find(|(scale, _)| number.abs() >= *scale)?;
    let value = number / scale;
    let decimals = if value.abs() >= 100.0 { 1 } else { 2 };
    Some(format!("{value:.decimals$} {unit}"))
}

/// `2025-11-23 18:40:00.123456789 UTC`
pub fn wall_clock(sec: u64, nsec: u32) -> String {
    let (days, second) = (sec / 86_400, sec % 86_400);
    let (year, month, day) = date(days as i64);
    let (hour, minute, second) = (second / 3_600, second / 60 % 60, second % 60);
    format!("{year}-{month:02}-{day:02} {hour:02}:{minute:02}:{second:02}.{nsec:09} UTC")
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn readable() {
        assert_eq!(count(0), "0");
        assert_eq!(count(999), "999");
        assert_eq!(count(1_234_567), "1,234,567");
        assert_eq!(bytes(1), "1 byte");
        assert_eq!(bytes(999), "999 bytes");
        assert_eq!(bytes(14_213_000), "14.21 MB");
        assert_eq!(duration(17), "17 ns");
        assert_eq!(duration(2_503_000_000), "2.50 s");
        assert_eq!(duration(250_000_000), "250.0 ms");
        assert_eq!(percent(1, 3), "33.3 %");
        assert_eq!(percent(0, 0), "–");
    }

    #[test]
    fn texts_stay_where_they_are() {
        assert_eq!(printable("a\tb\nc\r\u{1b}[2J"), "a\tb\nc··[2J");
        // Letters of all scripts stay, marks that turn the line round do not.
        assert_eq!(printable("שלום 漢字 \u{202e}txt\u{2069}"), "שלום 漢字 ·txt·");
    }

    #[test]
    fn dates() {
        for (sec, expected) in [
            (0, "1970-01-01 00:00:00.000000007 UTC"),
            (951_782_399, "2000-02-28 23:59:59.000000007 UTC"),
            (951_782_400, "2000-02-29 00:00:00.000000007 UTC"),
            (1_709_251_200, "2024-03-01 00:00:00.000000007 UTC"),
            (1_763_923_200, "2025-11-23 18:40:00.000000007 UTC"),
            (4_102_444_800, "2100-01-01 00:00:00.000000007 UTC"),
        ] {
            assert_eq!(wall_clock(sec, 7), expected);
        }
    }
}
