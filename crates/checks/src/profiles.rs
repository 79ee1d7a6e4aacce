//! Bytes to profiles: what is read is written and read again the same, and every report of it ends.

use crate::meter::{Bound, within};
use goroscope_profile::filter::{Filter, drop_uninteresting, filter};
use goroscope_profile::flame::{Direction, Shape, flame, sandwich, svg};
use goroscope_profile::graph::{Style, Trim, trimmed};
use goroscope_profile::merge::{Against, Normalize, diff, merge};
use goroscope_profile::report::{folded, list, list_text, top, top_text, traces_text, tree, tree_text};
use goroscope_profile::view::{Granularity, Inlined, Measure, Seen, View};
use goroscope_profile::{Pattern, Profile, decode, decode_uncompressed, encode_uncompressed};
use std::collections::BTreeMap;

/// What reading a profile may take.
pub const MEMORY: Bound = Bound { per_byte: 128, fixed: 64 << 10 };

/// Profiles with more frames in all stacks together are read and written only, not looked at.
const MOST_FRAMES: usize = 20_000;

/// The first byte says how the profile is looked at.
pub fn any(bytes: &[u8]) {
    let Some((&choice, file)) = bytes.split_first() else { return };
    // What is compressed has its own bound, which is far above what a fuzzer has memory for.
    if file.starts_with(&[0x1f, 0x8b]) {
        let _ = decode(file);
        return;
    }
    let (read, _) = within(MEMORY, file.len(), || decode_uncompressed(file));
    match read {
        Ok(profile) => written_again(&profile, choice),
        Err(error) => {
            assert!(error.at <= file.len() as u64, "{error}");
            assert!(!error.to_string().is_empty());
        }
    }
}

fn written_again(profile: &Profile, choice: u8) {
    let written = encode_uncompressed(profile);
    let again = decode_uncompressed(&written).expect("what was written is read");
    assert_eq!(written, encode_uncompressed(&again), "the same again");
    assert_eq!(profile.sample_count(), again.sample_count());
    let frames: usize = (profile.samples())
        .flat_map(|sample| profile.stack(sample.stack))
        .map(|location| profile.lines(*location).len().max(1))
        .sum();
    if frames <= MOST_FRAMES {
        looked_at(profile, choice);
    }
}

fn looked_at(profile: &Profile, choice: u8) {
    let granularities = [
        Granularity::Functions,
        Granularity::FileFunctions,
        Granularity::Files,
        Granularity::Lines,
        Granularity::Addresses,
    ];
    let view = View {
        granularity: granularities[usize::from(choice) % granularities.len()],
        inlined: if choice & 0x20 == 0 { Inlined::Apart } else { Inlined::Merged },
        measure: if choice & 0x40 == 0 { Measure::Sum } else { Measure::Mean },
        ..View::default()
    };
    let seen = Seen::new(profile, &view);
    reports(&seen, choice);
    let name = seen.node_handles().last().map_or("", |node| seen.name(node)).to_owned();
    let pattern = Pattern::literal(&name).expect("a text is an expression");
    let listing = list(profile, &view, &pattern);
    list_text(&listing, &BTreeMap::new());
    for rule in 0..4 {
        let mut rules = Filter::default();
        let slot = match rule {
            0 => &mut rules.focus,
            1 => &mut rules.hide,
            2 => &mut rules.show_from,
            _ => &mut rules.prune_from,
        };
        *slot = Some(pattern.clone());
        let left = filter(profile, &rules);
        assert!(left.sample_count() <= profile.sample_count());
        top(&Seen::new(&left, &view), &Trim::default());
    }
    let _ = drop_uninteresting(profile);
    if let Ok(nothing) = diff(profile, profile, Against::Base, Normalize::No) {
        assert_eq!(nothing.sample_count(), 0, "a profile less itself is nothing");
    }
    if let Ok(once) = merge(&[profile]) {
        let twice = merge(&[&once]).expect("it goes with itself");
        assert_eq!(once.sample_count(), twice.sample_count());
    }
}

fn reports(seen: &Seen, choice: u8) {
    let trim = Trim { nodes: usize::from(choice >> 4), ..Trim::default() };
    top_text(seen, &top(seen, &trim));
    tree_text(seen, &tree(seen, &trim));
    traces_text(seen);
    trimmed(seen, &trim, Style::Picture);
    let sum = folded(seen).iter().fold(0, |sum: i64, stack| sum.wrapping_add(stack.value));
    for direction in [Direction::FromRoot, Direction::FromLeaf] {
        let shape = Shape { direction, parts: 1 + u32::from(choice), depth: 100 };
        let graph = flame(seen, &shape);
        assert_eq!(graph.total.value, sum, "the first row is all stacks");
        svg(seen, &graph, "a profile");
    }
    if let Some(node) = seen.node_handles().next() {
        let halves = sandwich(seen, node, &Shape::default());
        assert_eq!(halves.callers.total, halves.callees.total);
    }
}
