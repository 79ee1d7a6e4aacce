//! A profile as text, table by table, as it is.

use super::header::date_and_time;
use crate::profile::{Known, LabelValue, LabelsIdx, Profile};
use crate::view::Zone;
use std::collections::BTreeMap;
use std::fmt::{Display, Write};

/// The profile as text. Rows have the numbers of their places, from 1, which are those of the file if that numbers them
/// in order.
pub fn raw_text(profile: &Profile, zone: &Zone) -> String {
    let mut out = String::new();
    // Writing to a text cannot fail.
    let _ = header(&mut out, profile, zone);
    let labels: Vec<String> = (0..profile.label_sets.len() as u32).map(|row| labels(profile, LabelsIdx(row))).collect();
    for sample in profile.samples() {
        for value in sample.values {
            let _ = write!(out, " {value:>10}");
        }
        out.push_str(": ");
        for location in profile.stack(sample.stack) {
            let _ = write!(out, "{} ", location.row() + 1);
        }
        out.push('\n');
        out.push_str(&labels[sample.labels.row()]);
    }
    let _ = tables(&mut out, profile);
    out
}

fn header(out: &mut String, profile: &Profile, zone: &Zone) -> std::fmt::Result {
    let header = &profile.header;
    for comment in &header.comments {
        writeln!(out, "Comment: {}", profile.text(*comment))?;
    }
    if !header.doc_url.is_empty() {
        writeln!(out, "Doc: {}", profile.text(header.doc_url))?;
    }
    let period = &header.period_type;
    writeln!(out, "PeriodType: {} {}", profile.text(period.kind), profile.text(period.unit))?;
    writeln!(out, "Period: {}", header.period)?;
    if header.time_nanos != 0 {
        writeln!(out, "Time: {}", moment(header.time_nanos, zone))?;
    }
    if header.duration_nanos != 0 {
        // pprof wants four digits and gets four letters.
        writeln!(out, "Duration: {:.4}", duration(header.duration_nanos))?;
    }
    let kind = |one: &crate::ValueType| {
        let chosen = if one.kind == header.default_sample_type { "[dflt]" } else { "" };
        format!("{}/{}{chosen}", profile.text(one.kind), profile.text(one.unit))
    };
    let kinds: Vec<String> = profile.sample_types.iter().map(kind).collect();
    writeln!(out, "Samples:\n{}", kinds.join(" ").trim())
}

fn tables(out: &mut String, profile: &Profile) -> std::fmt::Result {
    out.push_str("Locations\n");
    for row in profile.location_handles() {
        let one = &profile.locations[row.row()];
        write!(out, "{:>6}: {:#x} ", row.row() + 1, one.address)?;
        if let Some(mapping) = one.mapping {
            write!(out, "M={} ", mapping.row() + 1)?;
        }
        out.push_str(if one.folded { "[F] " } else { "" });
        let lines = profile.lines(row);
        for (place, line) in lines.iter().enumerate() {
            // Only the first line has the address before it.
            out.push_str(if place == 0 { "" } else { "             " });
            let function = &profile.functions[line.function.row()];
            let (name, file) = (profile.text(function.name), profile.text(function.file));
            write!(out, "{name} {file}:{}:{} s={}", line.line, line.column, function.start_line)?;
            if function.name != function.system_name {
                write!(out, "({})", profile.text(function.system_name))?;
            }
            out.push('\n');
        }
        out.push_str(if lines.is_empty() { "\n" } else { "" });
    }
    out.push_str("Mappings\n");
    for (row, one) in profile.mappings.iter().enumerate() {
        write!(out, "{}: {:#x}/{:#x}/{:#x} ", row + 1, one.start, one.limit, one.offset)?;
        write!(out, "{} {} ", profile.text(one.file), profile.text(one.build_id))?;
        for (flag, mark) in [
            (Known::FUNCTIONS, "[FN]"),
            (Known::FILENAMES, "[FL]"),
            (Known::LINE_NUMBERS, "[LN]"),
            (Known::INLINE_FRAMES, "[IN]"),
        ] {
            out.push_str(if one.known.has(flag) { mark } else { "" });
        }
        out.push('\n');
    }
    Ok(())
}

/// A line with the labels that are texts, and one with those that are numbers, as far as there are any.
fn labels(profile: &Profile, labels: LabelsIdx) -> String {
    let mut texts: BTreeMap<&str, Vec<&str>> = BTreeMap::new();
    let mut numbers: BTreeMap<&str, Vec<(i64, &str)>> = BTreeMap::new();
    for label in profile.labels(labels) {
        let key = profile.text(label.key);
        match label.value {
            LabelValue::Text(text) => texts.entry(key).or_default().push(profile.text(text)),
            // What was written as no number at all is not shown, as in pprof.
            LabelValue::Number(0, unit) if unit.is_empty() => {}
            LabelValue::Number(value, unit) => numbers.entry(key).or_default().push((value, profile.text(unit))),
        }
    }
    let texts = texts.iter().map(|(key, values)| format!("{key}:[{}]", values.join(" ")));
    let numbers = numbers.iter().map(|(key, values)| {
        let has_units = values.iter().any(|(_, unit)| !unit.is_empty());
        let number =
            |(value, unit): &(i64, &str)| if has_units { format!("{value} {unit}") } else { value.to_string() };
        format!("{key}:[{}]", values.iter().map(number).collect::<Vec<_>>().join(" "))
    });
    let line = |mut labels: Vec<String>| {
        labels.sort();
        if labels.is_empty() { String::new() } else { format!("                {}\n", labels.join(" ")) }
    };
    line(texts.collect()) + &line(numbers.collect())
}

/// A moment as Go prints it: date, time of day to the last digit that is not 0, difference to UTC and name of the zone.
fn moment(nanos: i64, zone: &Zone) -> String {
    let fraction = match nanos.rem_euclid(1_000_000_000) {
        0 => String::new(),
        part => format!(".{part:09}").trim_end_matches('0').to_owned(),
    };
    let minutes = zone.offset_seconds / 60;
    let sign = if minutes < 0 { '-' } else { '+' };
    let (hours, minutes) = (minutes.abs() / 60, minutes.abs() % 60);
    format!("{}{fraction} {sign}{hours:02}{minutes:02} {}", date_and_time(nanos, zone), zone.name)
}

/// A duration as Go prints it: `1m2.5s`, `3.25ms`.
fn duration(nanos: i64) -> String {
    let sign = if nanos < 0 { "-" } else { "" };
    let size = nanos.unsigned_abs();
    let part = |unit: u64, digits: usize, name: &dyn Display| {
        let fraction = match size % unit {
            0 => String::new(),
            rest => format!(".{rest:0digits$}").trim_end_matches('0').to_owned(),
        };
        format!("{}{fraction}{name}", size / unit % if digits == 9 { 60 } else { u64::MAX })
    };
    let text = match size {
        0 => "0s".to_owned(),
        1..1_000 => format!("{size}ns"),
        1_000..1_000_000 => part(1_000, 3, &"µs"),
        1_000_000..1_000_000_000 => part(1_000_000, 6, &"ms"),
        _ => {
            let (hours, minutes) = (size / 3_600_000_000_000, size / 60_000_000_000);
            let hours_text = if hours > 0 { format!("{hours}h") } else { String::new() };
            let minutes_text = if minutes > 0 { format!("{}m", minutes % 60) } else { String::new() };
            format!("{hours_text}{minutes_text}{}", part(1_000_000_000, 9, &"s"))
        }
    };
    format!("{sign}{text}")
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn durations() {
        for (nanos, expected) in [
            (0, "0s"),
            (17, "17ns"),
            (1_500, "1.5µs"),
            (-2_000_000, "-2ms"),
            (1_050_000_000, "1.05s"),
            (60_000_000_000, "1m0s"),
            (3_725_250_000_000, "1h2m5.25s"),
        ] {
            assert_eq!(duration(nanos), expected);
        }
    }

    #[test]
    fn moments() {
        let zone = Zone { offset_seconds: -12_600, name: "NST".to_owned() };
        assert_eq!(moment(1_700_000_000_120_000_000, &zone), "2023-11-14 18:43:20.12 -0330 NST");
    }
}
