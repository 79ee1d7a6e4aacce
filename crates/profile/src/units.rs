//! Values as text: units, percentages, and the rules by which pprof chooses them.
//!
//! A unit belongs to a family (bytes, times, compute units); within one, values are converted. Names of units are
//! compared in lower case and without a plural `s`.

/// A unit with its other names and its size in the family's smallest terms.
struct Unit {
    name: &'static str,
    aliases: &'static [&'static str],
    factor: f64,
}

struct Family {
    units: &'static [Unit],
    /// Shown where none fits.
    fallback: (&'static str, f64),
}

const fn unit(name: &'static str, aliases: &'static [&'static str], factor: f64) -> Unit {
    Unit { name, aliases, factor }
}

const KIB: f64 = 1024.0;

static FAMILIES: [Family; 3] = [
    Family {
        units: &[
            unit("B", &["b", "byte"], 1.0),
            unit("kB", &["kb", "kbyte", "kilobyte"], KIB),
            unit("MB", &["mb", "mbyte", "megabyte"], KIB * KIB),
            unit("GB", &["gb", "gbyte", "gigabyte"], KIB * KIB * KIB),
            unit("TB", &["tb", "tbyte", "terabyte"], KIB * KIB * KIB * KIB),
            unit("PB", &["pb", "pbyte", "petabyte"], KIB * KIB * KIB * KIB * KIB),
        ],
        fallback: ("B", 1.0),
    },
    Family {
        units: &[
            unit("ns", &["ns", "nanosecond"], 1.0),
            unit("us", &["μs", "us", "microsecond"], 1e3),
            unit("ms", &["ms", "millisecond"], 1e6),
            unit("s", &["s", "sec", "second"], 1e9),
            unit("hrs", &["hour", "hr"], 3600e9),
        ],
        fallback: ("s", 1e9),
    },
    Family {
        units: &[
            unit("n*GCU", &["nanogcu"], 1e-9),
            unit("u*GCU", &["microgcu"], 1e-6),
            unit("m*GCU", &["milligcu"], 1e-3),
            unit("GCU", &["gcu"], 1.0),
            unit("k*GCU", &["kilogcu"], 1e3),
            unit("M*GCU", &["megagcu"], 1e6),
            unit("G*GCU", &["gigagcu"], 1e9),
            unit("T*GCU", &["teragcu"], 1e12),
            unit("P*GCU", &["petagcu"], 1e15),
        ],
        fallback: ("GCU", 1.0),
    },
];

impl Family {
    fn find(&self, name: &str) -> Option<&Unit> {
        let mut name = name.to_lowercase();
        if name.len() > 2 && name.ends_with('s') {
            name.pop();
        }
        self.units.iter().find(|unit| unit.aliases.contains(&name.as_str()))
    }
}

/// The unit to show a value in.
#[derive(Clone, Debug, Default, PartialEq, Eq)]
pub enum Shown {
    /// One for the whole report, so small that the smallest value is still seen.
    #[default]
    Minimum,
    /// The best one for each value.
    Auto,
    /// This one. One that no family has is used as it is; one of another family becomes the family's default.
    Unit(String),
}

impl Shown {
    fn named(&self) -> Option<&str> {
        match self {
            Shown::Minimum | Shown::Auto => None,
            Shown::Unit(name) => Some(name),
        }
    }
}

/// What values are multiplied with before they are shown.
#[derive(Clone, Copy, Debug, PartialEq)]
pub struct Ratio(f64);

impl Default for Ratio {
    /// Values as they are.
    fn default() -> Ratio {
        Ratio(1.0)
    }
}

impl Ratio {
    /// One part in so many; `None` if that is none.
    pub fn one_in(parts: f64) -> Option<Ratio> {
        (parts != 0.0 && !parts.is_nan()).then_some(Ratio(1.0 / parts))
    }

    /// What is left of a value, without what is behind the point. Values have no negative parts.
    pub fn of(self, value: i64) -> i64 {
        let Ratio(ratio) = self;
        if ratio > 0.0 && ratio.to_bits() != 1.0_f64.to_bits() { (value as f64 * ratio) as i64 } else { value }
    }
}

/// A value of unit `from` in the unit to show it in, and that unit's name; empty for counts.
pub fn scale(value: i64, from: &str, shown: &Shown) -> (f64, String) {
    if value < 0 && value != i64::MIN {
        let (positive, unit) = scale(-value, from, shown);
        return (-positive, unit);
    }
    for family in &FAMILIES {
        let Some(known) = family.find(from) else {
            continue;
        };
        let base = value as f64 * known.factor;
        let chosen = match shown.named() {
            // Sizes increase, so the last one that the value fills is the best.
            None => family.units.iter().rfind(|unit| base / unit.factor >= 1.0),
            Some(name) => family.find(name),
        };
        let (name, factor) = chosen.map_or(family.fallback, |unit| (unit.name, unit.factor));
        return (base / factor, name.to_owned());
    }
    let unit = match shown.named() {
        None | Some("count" | "sample" | "unit") => "",
        Some(name) => name,
    };
    (value as f64, unit.to_owned())
}

/// How many of unit `to` one of unit `from` is; `None` if they are of different families or of none.
pub fn ratio(from: &str, to: &str) -> Option<f64> {
    FAMILIES.iter().find_map(|family| Some(family.find(from)?.factor / family.find(to)?.factor))
}

/// A value as text: at most two decimals, then the unit.
pub fn label(value: i64, from: &str, shown: &Shown) -> String {
    let (scaled, unit) = scale(value, from, shown);
    let mut text = format!("{scaled:.2}");
    if let Some(whole) = text.strip_suffix(".00") {
        text.truncate(whole.len());
    }
    if text == "0" || text == "-0" {
        return "0".to_owned();
    }
    text + &unit
}

/// The share of a value as text, at least five characters and a percent sign; at least two digits count.
/// The sign is not shown, as in pprof.
pub fn percentage(value: i64, total: i64) -> String {
    let share = if total == 0 { 0.0 } else { (value as f64 / total as f64).abs() * 100.0 };
    if (99.95..=100.05).contains(&share) {
        "  100%".to_owned()
    } else if share >= 1.0 {
        format!("{share:5.2}%")
    } else {
        format!("{:>5}%", two_digits(share))
    }
}

/// A number below 1 with two digits that count and no zeros behind them.
fn two_digits(share: f64) -> String {
    if share == 0.0 {
        return "0".to_owned();
    }
    let scientific = format!("{share:.1e}");
    let Some((digits, exponent)) = scientific.split_once('e') else {
        return scientific;
    };
    let exponent: i32 = exponent.parse().unwrap_or_default();
    if exponent < -4 {
        let digits = digits.strip_suffix(".0").unwrap_or(digits);
        return format!("{digits}e-{:02}", -exponent);
    }
    let text = format!("{share:.*}", (1 - exponent).max(0) as usize);
    text.trim_end_matches('0').trim_end_matches('.').to_owned()
}

#[cfg(test)]
mod tests {
    use super::*;

    fn check(value: i64, from: &str, to: &str, expected: &str) {
        let shown = match to {
            "minimum" => Shown::Minimum,
            "auto" => Shown::Auto,
            name => Shown::Unit(name.to_owned()),
        };
        assert_eq!(label(value, from, &shown), expected, "{value} {from} to {to}");
    }

    #[test]
    fn labels() {
        check(0, "nanoseconds", "auto", "0");
        check(1, "nanoseconds", "auto", "1ns");
        check(1500, "ns", "auto", "1.50us");
        check(-1_500_000, "Nanosecond", "auto", "-1.50ms");
        check(90_000_000_000, "ns", "auto", "90s");
        check(7_200_000_000_000, "ns", "auto", "2hrs");
        check(1, "ns", "s", "0");
        check(20_000_000, "ns", "s", "0.02s");
        check(20_000_000, "ns", "furlong", "0.02s");
        check(2048, "bytes", "auto", "2kB");
        check(1536, "bytes", "ms", "1536B");
        check(1536, "kilobytes", "minimum", "1.50MB");
        check(12, "count", "auto", "12");
        check(12, "count", "count", "12");
        check(12, "packets", "packets", "12packets");
        check(i64::MIN, "count", "auto", "-9223372036854775808");
    }

    #[test]
    fn percentages() {
        let cases = [
            (1, 1, "  100%"),
            (1, 0, "    0%"),
            (1, 3, "33.33%"),
            (-1, 3, "33.33%"),
            (1, 300, " 0.33%"),
            (1, 3000, "0.033%"),
            (1, 100_000, "0.001%"),
            (1, 10_000_000, "1e-05%"),
            (123, 10_000_000_000, "1.2e-06%"),
            (9_999, 1_000_000, "    1%"),
            (9_995, 10_000, "  100%"),
            (20_785, 100, "20785.00%"),
        ];
        for (value, total, expected) in cases {
            assert_eq!(percentage(value, total), expected, "{value} of {total}");
        }
    }
}
