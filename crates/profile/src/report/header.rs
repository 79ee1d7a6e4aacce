//! The lines above a report: of what profile it is, and how much of it is shown.

use crate::graph::{self, Trimmed};
use crate::units::{self, Shown, percentage};
use crate::view::{Seen, Zone, base_name};

/// A rule is not shown past so many bytes.
const LONGEST_RULE: usize = 80;

/// The lines about the profile, with values in this unit.
pub fn profile_lines(seen: &Seen, shown: &Shown) -> Vec<String> {
    let (profile, header) = (&seen.profile, &seen.profile.header);
    let mut lines = Vec::new();
    if let Some(main) = profile.mappings.first() {
        if !main.file.is_empty() {
            lines.push(format!("File: {}", base_name(profile.text(main.file))));
        }
        if !main.build_id.is_empty() {
            lines.push(format!("Build ID: {}", profile.text(main.build_id)));
        }
    }
    let comments = header.comments.iter().map(|comment| profile.text(*comment));
    lines.extend(comments.filter(|comment| !comment.starts_with('#')).map(str::to_owned));
    let kind = seen.kind();
    if !kind.is_empty() {
        lines.push(format!("Type: {kind}"));
    }
    if !header.doc_url.is_empty() {
        lines.push(format!("Doc: {}", profile.text(header.doc_url)));
    }
    if header.time_nanos != 0 {
        lines.push(format!("Time: {}", time_of_day(header.time_nanos, &seen.view.zone)));
    }
    if header.duration_nanos != 0 {
        let duration = units::label(header.duration_nanos, "nanoseconds", &Shown::Auto);
        let (nanos, unit) = units::scale(seen.total, seen.unit(), &Shown::Unit("nanoseconds".to_owned()));
        let share = match unit.as_str() {
            "ns" if nanos != 0.0 => format!("({})", percentage(nanos as i64, header.duration_nanos)),
            _ => String::new(),
        };
        lines.push(format!("Duration: {duration}, Total samples = {} {share}", seen.label(seen.total, shown)));
    }
    lines
}

/// The lines about the profile, the filters, and what of the graph is shown.
pub fn graph_lines(seen: &Seen, trimmed: &Trimmed, shown: &Shown) -> Vec<String> {
    let mut lines = profile_lines(seen, shown);
    let rules = seen.view.filter.described();
    if !rules.is_empty() {
        lines.push("Active filters:".to_owned());
        lines.extend(rules.iter().map(|rule| format!("   {}", shortened(rule))));
    }
    let sum = trimmed.graph.shown_sum();
    let (sum_text, total_text) = (seen.label(sum, shown), seen.label(seen.total, shown));
    let share = percentage(sum, seen.total);
    lines.push(format!("Showing nodes accounting for {sum_text}, {} of {total_text} total", share.trim()));
    if seen.total == 0 {
        return lines;
    }
    let cut = |fraction: f64| seen.label(graph::cut(seen.total, fraction), shown);
    if trimmed.dropped_nodes > 0 {
        lines.push(dropped(trimmed.dropped_nodes, "node", "cum", &cut(trimmed.node_fraction)));
    }
    let nodes = trimmed.graph.nodes.len();
    if nodes > 0 && nodes < trimmed.candidates {
        lines.push(format!("Showing top {nodes} nodes out of {}", trimmed.candidates));
    }
    lines
}

fn dropped(count: usize, what: &str, by: &str, cut: &str) -> String {
    let plural = if count > 1 { "s" } else { "" };
    format!("Dropped {count} {what}{plural} ({by} <= {cut})")
}

fn shortened(rule: &str) -> String {
    if rule.len() <= LONGEST_RULE {
        return rule.to_owned();
    }
    format!("{}…", &rule[..rule.floor_char_boundary(LONGEST_RULE)])
}

/// Nanoseconds since 1970 as date, time and zone.
fn time_of_day(nanos: i64, zone: &Zone) -> String {
    format!("{} {}", date_and_time(nanos, zone), zone.name)
}

/// Nanoseconds since 1970 as date and time. The calendar is counted in eras of 400 years that begin in March, as
/// in Howard Hinnant's "chrono-compatible low-level date algorithms".
pub(super) fn date_and_time(nanos: i64, zone: &Zone) -> String {
    let seconds = nanos.div_euclid(1_000_000_000) + i64::from(zone.offset_seconds);
    let (days, second) = (seconds.div_euclid(86_400), seconds.rem_euclid(86_400));
    let days = days + 719_468;
    let (era, day) = (days.div_euclid(146_097), days.rem_euclid(146_097));
    let year = (day - day / 1460 + day / 36_524 - day / 146_096) / 365;
    let day_of_year = day - (365 * year + year / 4 - year / 100);
    let march_month = (5 * day_of_year + 2) / 153;
    let day_of_month = day_of_year - (153 * march_month + 2) / 5 + 1;
    let month = if march_month < 10 { march_month + 3 } else { march_month - 9 };
    let year = era * 400 + year + i64::from(month <= 2);
    let (hour, minute, second) = (second / 3600, second / 60 % 60, second % 60);
    format!("{year:04}-{month:02}-{day_of_month:02} {hour:02}:{minute:02}:{second:02}")
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn times_of_day() {
        let check = |seconds: i64, offset_seconds: i32, name: &str, expected: &str| {
            let zone = Zone { offset_seconds, name: name.to_owned() };
            assert_eq!(time_of_day(seconds * 1_000_000_000, &zone), expected);
        };
        check(0, 0, "UTC", "1970-01-01 00:00:00 UTC");
        check(951_782_400, 0, "UTC", "2000-02-29 00:00:00 UTC");
        check(1_700_000_000, 3600, "CET", "2023-11-14 23:13:20 CET");
        check(-1, 0, "UTC", "1969-12-31 23:59:59 UTC");
    }
}
