//! Lines of functions with what they are worth, to be put beside their source.
//!
//! What a whole function is worth counts each stack once. pprof adds up its lines there, so that a function that calls
//! itself is counted as often as it does.

use crate::pattern::Pattern;
use crate::profile::Profile;
use crate::units::{self, Ratio, Shown, percentage};
use crate::view::{Granularity, NodeIdx, Objects, Seen, View, Weight};
use std::collections::BTreeMap;

/// Lines that are shown before and behind those that are worth something.
const MARGIN: i64 = 5;

/// A line.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct ListedLine {
    /// Its number in the file.
    pub line: i64,
    /// What it is worth itself.
    pub flat: i64,
    /// What it is worth with all it called.
    pub cum: i64,
}

/// The lines of a function in one file.
#[derive(Clone, Debug)]
pub struct ListedFile {
    /// The file.
    pub file: String,
    /// The first line to show: where the function begins, or a little before its first value.
    pub first: i64,
    /// The last line to show.
    pub last: i64,
    /// What these lines are worth themselves.
    pub flat: i64,
    /// What they are worth with all they called, each stack once.
    pub cum: i64,
    /// The lines that are worth something, in order.
    pub lines: Vec<ListedLine>,
}

/// A function.
#[derive(Clone, Debug)]
pub struct ListedFunction {
    /// Its name.
    pub name: String,
    /// Its lines; none if no file is known.
    pub files: Vec<ListedFile>,
}

/// The functions that were asked for.
#[derive(Clone, Debug)]
pub struct Listing {
    /// In the order of names.
    pub functions: Vec<ListedFunction>,
    /// What shares are of.
    pub total: i64,
    unit: String,
    shown: Shown,
    ratio: Ratio,
}

/// Lists the functions whose names match. The view's granularity is not used: it is always lines.
pub fn list(profile: &Profile, view: &View, pattern: &Pattern) -> Listing {
    let view = View { granularity: Granularity::Lines, ..view.clone() };
    let seen = Seen::with_objects(profile, &view, Objects::Always);
    let mut by_file: BTreeMap<(&str, &str), (u32, Vec<NodeIdx>)> = BTreeMap::new();
    let mut group_of: Vec<Option<u32>> = vec![None; seen.nodes.len()];
    for node in seen.node_handles() {
        let one = seen.nodes[node.row()];
        let name = seen.profile.text(one.name);
        if !name.is_empty() && pattern.matches(name) {
            let next = by_file.len() as u32;
            let (group, nodes) = by_file.entry((name, seen.profile.text(one.file))).or_insert((next, Vec::new()));
            nodes.push(node);
            group_of[node.row()] = Some(*group);
        }
    }
    let sums = Sums::of(&seen, &group_of, by_file.len());
    let mut functions: Vec<ListedFunction> = Vec::new();
    for ((name, file), (group, nodes)) in by_file {
        let nodes: Vec<NodeIdx> = nodes.into_iter().filter(|node| sums.seen[node.row()]).collect();
        if nodes.is_empty() {
            continue;
        }
        if functions.last().is_none_or(|last| last.name != name) {
            functions.push(ListedFunction { name: name.to_owned(), files: Vec::new() });
        }
        if let Some(function) = functions.last_mut().filter(|_| !file.is_empty()) {
            function.files.push(listed_file(&seen, file, &nodes, group, &sums));
        }
    }
    Listing { functions, total: seen.total, unit: seen.unit().to_owned(), shown: view.shown, ratio: view.ratio }
}

/// What the nodes of listed functions are worth, and these functions.
struct Sums {
    seen: Vec<bool>,
    flat: Vec<Weight>,
    cum: Vec<Weight>,
    groups: Vec<Weight>,
}

impl Sums {
    fn of(seen: &Seen, group_of: &[Option<u32>], groups: usize) -> Sums {
        let count = seen.nodes.len();
        let mut sums = Sums {
            seen: vec![false; count],
            flat: vec![Weight::default(); count],
            cum: vec![Weight::default(); count],
            groups: vec![Weight::default(); groups],
        };
        // For which stack each was last added to.
        let (mut node_visited, mut group_visited) = (vec![0_u32; count], vec![0_u32; groups]);
        for (here, (frames, weight)) in (1_u32..).zip(seen.stacks()) {
            for node in frames.iter().map(|frame| frame.node().row()) {
                let Some(group) = group_of[node] else { continue };
                sums.seen[node] = true;
                if std::mem::replace(&mut node_visited[node], here) != here {
                    sums.cum[node].add(weight);
                }
                if std::mem::replace(&mut group_visited[group as usize], here) != here {
                    sums.groups[group as usize].add(weight);
                }
            }
            if let Some(leaf) = frames.last() {
                sums.flat[leaf.node().row()].add(weight);
            }
        }
        sums
    }
}

fn listed_file(seen: &Seen, file: &str, nodes: &[NodeIdx], group: u32, sums: &Sums) -> ListedFile {
    let mut lines: BTreeMap<i64, (Weight, Weight)> = BTreeMap::new();
    let mut whole = Weight::default();
    let (mut first, mut last) = (i64::MAX, i64::MIN);
    for node in nodes {
        let one = seen.nodes[node.row()];
        let (flat, cum) = lines.entry(one.line).or_default();
        flat.add(sums.flat[node.row()]);
        cum.add(sums.cum[node.row()]);
        whole.add(sums.flat[node.row()]);
        let begin = if one.start_line == 0 { one.line.saturating_sub(MARGIN) } else { one.start_line };
        first = first.min(begin);
        last = last.max(one.line.saturating_add(MARGIN));
    }
    let lines = lines.into_iter().map(|(line, (flat, cum))| ListedLine { line, flat: flat.shown(), cum: cum.shown() });
    ListedFile {
        file: file.to_owned(),
        first: first.max(1),
        last,
        flat: whole.shown(),
        cum: sums.groups[group as usize].shown(),
        lines: lines.collect(),
    }
}

/// The listing as text, with source by file. A file that is not there is said to be missing.
pub fn list_text(listing: &Listing, sources: &BTreeMap<String, String>) -> String {
    let value = |value: i64| units::label(listing.ratio.of(value), &listing.unit, &listing.shown);
    let or_dot = |number: i64| if number == 0 { ".".to_owned() } else { value(number) };
    let mut out = vec![format!("Total: {}", value(listing.total))];
    for function in &listing.functions {
        if function.files.is_empty() {
            out.push(format!("No source information for {}", function.name));
        }
        for file in &function.files {
            out.push(format!("ROUTINE ======================== {} in {}", function.name, file.file));
            let share = percentage(file.cum, listing.total);
            out.push(format!("{:>10} {:>10} (flat, cum) {share} of Total", value(file.flat), value(file.cum)));
            let Some(source) = sources.get(&file.file) else {
                out.push(format!(" Error: no source of {}", file.file));
                continue;
            };
            for (text, line) in source.lines().zip(1_i64..) {
                if !(file.first..=file.last).contains(&line) {
                    continue;
                }
                let found = file.lines.iter().find(|one| one.line == line);
                let (flat, cum) = found.map_or((0, 0), |one| (one.flat, one.cum));
                out.push(format!("{:>10} {:>10} {line:>6}:{text}", or_dot(flat), or_dot(cum)));
            }
        }
    }
    out.join("\n") + "\n"
}
