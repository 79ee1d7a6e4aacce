//! What must hold for any profile: sums that are the same in every report, and operations that may be turned round.

#![expect(clippy::unwrap_used, reason = "a test that cannot go on fails")]

use goroscope_profile::filter::{Filter, filter};
use goroscope_profile::flame::{Direction, Flame, Shape, What, flame, sandwich, search, svg};
use goroscope_profile::graph::{Style, Trim, trimmed};
use goroscope_profile::merge::{Against, Normalize, diff, merge, scale};
use goroscope_profile::report::{folded, folded_text, list, top, top_text};
use goroscope_profile::view::{Granularity, Seen, View};
use goroscope_profile::{Builder, Function, Line, Location, Pattern, Profile};
use proptest::prelude::*;

/// A sample: the numbers of its frames, the leaf first, of its label, and its value.
type Drawn = (Vec<u8>, u8, i64);

/// Samples of programs with few functions, so that stacks begin alike and functions call themselves.
fn samples(values: std::ops::Range<i64>) -> impl Strategy<Value = Vec<Drawn>> {
    prop::collection::vec((prop::collection::vec(0_u8..7, 0..6), 0_u8..3, values), 0..12)
}

/// Function 6 is inlined into function 0, on a line of its own.
fn profile(samples: &[Drawn]) -> Profile {
    let mut made = Builder::new(&[("count", "count"), ("delay", "nanoseconds")]);
    let functions: Vec<_> = (0..7)
        .map(|number| {
            let (name, file) = (made.string(&format!("p.f{number}")), made.string("p.go"));
            made.function(Function { name, system_name: name, file, start_line: number })
        })
        .collect();
    let line = |number: usize, line: i64| Line { function: functions[number], line, column: 0 };
    let locations: Vec<_> = (0..7)
        .map(|number: usize| {
            let lines = if number == 6 { vec![line(6, 60), line(0, 7)] } else { vec![line(number, number as i64)] };
            made.location(Location { address: number as u64 + 1, ..Location::default() }, &lines)
        })
        .collect();
    for (frames, label, value) in samples {
        let stack: Vec<_> = frames.iter().map(|frame| locations[usize::from(*frame)]).collect();
        let label = made.text_label("k", &format!("v{label}"));
        let (stack, labels) = (made.stack(&stack), made.labels(&[label]));
        made.add(stack, labels, &[1, *value]).unwrap();
    }
    made.finish()
}

/// Stacks by name, whatever the rows are.
fn told(profile: &Profile) -> String {
    folded_text(&Seen::new(profile, &View { granularity: Granularity::Lines, ..View::default() }))
}

fn first_row(flame: &Flame) -> i64 {
    flame.boxes.iter().filter(|one| one.depth == 0).map(|one| one.weight.value).sum()
}

/// Boxes stand within the one below, and what is on a box and what ends in it are what it is worth.
fn check_layout(flame: &Flame, parts: u32) {
    let mut on: Vec<(i64, i64)> = flame.boxes.iter().map(|one| (one.own.value, one.own.size)).collect();
    for one in &flame.boxes {
        let Some(parent) = one.parent else {
            assert!(one.start >= 0 && one.start + one.weight.size <= flame.total.size);
            continue;
        };
        let below = flame.boxes[parent as usize];
        assert_eq!(below.depth + 1, one.depth);
        assert!(below.start <= one.start && one.start + one.weight.size <= below.start + below.weight.size);
        on[parent as usize].0 += one.weight.value;
        on[parent as usize].1 += one.weight.size;
    }
    for (one, sums) in flame.boxes.iter().zip(on) {
        match one.what {
            What::Node(_) if !one.deeper => assert_eq!(sums, (one.weight.value, one.weight.size)),
            What::Node(_) | What::Others(_) => {}
        }
    }
    for depth in 0..flame.rows {
        let wide = flame.boxes.iter().filter(|one| one.depth == depth && matches!(one.what, What::Node(_))).count();
        // A box is at least a part wide, rounded down, and at least 1.
        assert!(wide as i64 <= (flame.total.size / (flame.total.size / i64::from(parts)).max(1)).max(1));
    }
}

proptest! {
    #![proptest_config(ProptestConfig { failure_persistence: None, ..ProptestConfig::default() })]

    #[test]
    fn all_reports_sum_to_the_total(drawn in samples(1..1000), parts in 1_u32..50) {
        let profile = profile(&drawn);
        let seen = Seen::new(&profile, &View::default());
        let total: i64 = drawn.iter().map(|(_, _, value)| value).sum();
        prop_assert_eq!(seen.total(), total);
        let without: i64 = drawn.iter().filter(|(frames, ..)| frames.is_empty()).map(|(_, _, value)| value).sum();
        let table = top(&seen, &Trim::NOTHING);
        prop_assert_eq!(table.rows.iter().map(|row| row.flat).sum::<i64>(), total - without);
        prop_assert!(table.rows.iter().all(|row| row.flat <= row.cum && row.cum <= total));
        prop_assert_eq!(folded(&seen).iter().map(|stack| stack.value).sum::<i64>(), total - without);
        for direction in [Direction::FromRoot, Direction::FromLeaf] {
            let graph = flame(&seen, &Shape { direction, parts, ..Shape::default() });
            prop_assert_eq!(first_row(&graph), total - without);
            prop_assert_eq!(graph.without_frames.value, without);
            check_layout(&graph, parts);
            prop_assert!(svg(&seen, &graph, "<&>").ends_with("</svg>\n"));
        }
        for row in &table.rows {
            let found = search(&seen, &Pattern::new(&format!("^{}$", regex_of(seen.name(row.node)))).unwrap());
            prop_assert_eq!(found.weight.value, row.cum);
            let halves = sandwich(&seen, row.node, &Shape::default());
            prop_assert_eq!(halves.callers.total.value, row.cum);
            prop_assert_eq!(halves.callees.total.value, row.cum);
            prop_assert_eq!(first_row(&halves.callees), row.cum);
            let listed = list(&profile, &View::default(), &Pattern::new(&format!("^{}$", seen.name(row.node))).unwrap());
            prop_assert_eq!(listed.functions[0].files[0].cum, row.cum);
            prop_assert_eq!(listed.functions[0].files[0].flat, row.flat);
        }
    }

    #[test]
    fn trimming_leaves_a_part(drawn in samples(-500..1000), nodes in 0_usize..5, share in 0.0..0.5) {
        let profile = profile(&drawn);
        let seen = Seen::new(&profile, &View::default());
        let trim = Trim { nodes, node_fraction: share, edge_fraction: share, ..Trim::default() };
        for style in [Style::Table, Style::Picture] {
            let shown = trimmed(&seen, &trim, style);
            prop_assert!(nodes == 0 || shown.graph.nodes.len() <= nodes);
            prop_assert!(shown.graph.nodes.len() <= shown.candidates);
            for node in &shown.graph.nodes {
                prop_assert!(node.incoming.iter().all(|row| shown.graph.edges[*row].to == node.node));
                prop_assert!(node.outgoing.iter().all(|row| shown.graph.edges[*row].from == node.node));
            }
        }
        top_text(&seen, &top(&seen, &trim));
    }

    #[test]
    fn merge_has_no_order(a in samples(-50..1000), b in samples(-50..1000), c in samples(1..9)) {
        let (a, b, c) = (profile(&a), profile(&b), profile(&c));
        let ab = merge(&[&a, &b]).unwrap();
        prop_assert_eq!(told(&ab), told(&merge(&[&b, &a]).unwrap()));
        let left = merge(&[&ab, &c]).unwrap();
        let right = merge(&[&a, &merge(&[&b, &c]).unwrap()]).unwrap();
        prop_assert_eq!(told(&left), told(&right));
        prop_assert_eq!(told(&left), told(&merge(&[&a, &b, &c]).unwrap()));
    }

    #[test]
    fn a_profile_less_itself_is_nothing(drawn in samples(-50..1000)) {
        let profile = profile(&drawn);
        let nothing = diff(&profile, &profile, Against::Base, Normalize::No).unwrap();
        prop_assert_eq!(nothing.sample_count(), 0);
        let twice = scale(&profile, &[2.0, 2.0]);
        let once = diff(&twice, &profile, Against::DiffBase, Normalize::No).unwrap();
        let seen = Seen::new(&once, &View::default());
        prop_assert_eq!(seen.total(), Seen::new(&profile, &View::default()).total());
    }

    #[test]
    fn filters_do_nothing_twice(drawn in samples(1..1000), first in 0_u8..7, second in 0_u8..7, rule in 0_u8..6) {
        let profile = profile(&drawn);
        let pattern = Some(Pattern::new(&format!("f[{first}{second}]")).unwrap());
        let mut rules = Filter::default();
        let slot = match rule {
            0 => &mut rules.focus,
            1 => &mut rules.ignore,
            2 => &mut rules.hide,
            3 => &mut rules.show,
            4 => &mut rules.show_from,
            _ => &mut rules.prune_from,
        };
        *slot = pattern;
        let once = filter(&profile, &rules);
        prop_assert_eq!(told(&once), told(&filter(&once, &rules)));
        if rule == 0 {
            // What is in focus and what is ignored are the whole, but for stacks without frames.
            let others = filter(&profile, &Filter { ignore: rules.focus.take(), ..Filter::default() });
            let sum = |profile: &Profile| folded(&Seen::new(profile, &View::default())).iter().map(|one| one.value).sum::<i64>();
            prop_assert_eq!(sum(&once) + sum(&others), sum(&profile));
        }
    }
}

/// A name as an expression that matches just it.
fn regex_of(name: &str) -> String {
    name.replace('.', "\\.")
}
