//! A profile as somebody wants to see it: which type, which samples, how finely, in which unit.
//!
//! [`Seen`] is the state that all reports share. It is made once for a profile and a [`View`]; the reports that are made
//! of it walk different stacks, not samples.
//!
//! A frame of a report is a [`Node`]: what is left of a line of a location after the granularity took the rest away.
//! Frames with the same node are one.

use crate::filter::{self, Filter, LabelUnits};
use crate::merge::BASE_LABEL;
use crate::profile::{LabelValue, LocationIdx, Profile, StackIdx, TypeIdx};
use crate::rows::Rows;
use crate::strings::StringId;
use crate::units::{self, Ratio, Shown};
use rustc_hash::FxHashMap;

/// How finely frames are told apart.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq)]
pub enum Granularity {
    /// By function name.
    #[default]
    Functions,
    /// By function name and file.
    FileFunctions,
    /// By file.
    Files,
    /// By function name, file and line.
    Lines,
    /// By address.
    Addresses,
}

/// Whether calls that the compiler inlined are frames of their own.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq)]
pub enum Inlined {
    /// They are.
    #[default]
    Apart,
    /// They belong to the function whose code they are in.
    Merged,
}

/// Whether columns count as places of their own.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq)]
pub enum Columns {
    /// A line is a place.
    #[default]
    Ignored,
    /// So is each of its columns.
    Apart,
}

/// What shares are of.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq)]
pub enum SharesOf {
    /// The whole profile.
    #[default]
    Whole,
    /// What the filter leaves.
    Filtered,
}

/// What is shown of the values.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq)]
pub enum Measure {
    /// Their sum.
    #[default]
    Sum,
    /// Their sum divided by that of the first type.
    Mean,
}

/// What to do with frames whose own value is negative, in the difference of profiles.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq)]
pub enum Negative {
    /// They are shown.
    #[default]
    Shown,
    /// They are not.
    Dropped,
}

/// A place on Earth's clocks, for the one line of a report that says when.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Zone {
    /// Seconds east of UTC.
    pub offset_seconds: i32,
    /// What it is called.
    pub name: String,
}

impl Default for Zone {
    fn default() -> Self {
        Zone { offset_seconds: 0, name: "UTC".to_owned() }
    }
}

/// How to look at a profile.
#[derive(Clone, Debug, Default)]
pub struct View {
    /// The type of values; `None` for the profile's default.
    pub value: Option<TypeIdx>,
    /// What is left out.
    pub filter: Filter,
    /// Which functions stacks may end with, if not with any: what is leafward of the innermost of them counts as that. What
    /// the filter leaves is cut off so.
    pub ends: Option<fn(&str) -> bool>,
    /// How finely.
    pub granularity: Granularity,
    /// What inlined calls are.
    pub inlined: Inlined,
    /// What columns are.
    pub columns: Columns,
    /// What shares are of.
    pub shares_of: SharesOf,
    /// Sum or mean.
    pub measure: Measure,
    /// What to do with negative frames.
    pub negative: Negative,
    /// The unit.
    pub shown: Shown,
    /// The part of each value that is shown.
    pub ratio: Ratio,
    /// Whose time of day.
    pub zone: Zone,
}

/// A frame of a report.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Hash, PartialOrd, Ord)]
pub struct NodeIdx(pub(crate) u32);

impl NodeIdx {
    /// The row in the table of nodes, from 0.
    pub fn row(self) -> usize {
        self.0 as usize
    }
}

/// What is known of a frame. Empty and zero are what the granularity took away, or what nobody knows.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq, Hash)]
pub struct Node {
    /// The function.
    pub name: StringId,
    /// The address.
    pub address: u64,
    /// The file.
    pub file: StringId,
    /// The line the function begins at; only if the node has no name, or for listings.
    pub start_line: i64,
    /// The line.
    pub line: i64,
    /// The column.
    pub column: i64,
    /// The program or library; only if the node has no name, or for listings.
    pub object: StringId,
}

/// What a stack is worth.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq)]
pub struct Weight {
    /// The sum of its values.
    pub value: i64,
    /// The sum of their absolute values, which is how large they are drawn.
    pub size: i64,
    /// What a mean is divided by; 0 for sums.
    pub divisor: i64,
}

impl Weight {
    pub(crate) fn add(&mut self, other: Weight) {
        self.value = self.value.wrapping_add(other.value);
        self.size = self.size.wrapping_add(other.size);
        self.divisor = self.divisor.wrapping_add(other.divisor);
    }

    /// The sum, or the mean if there is something to divide by.
    pub fn shown(self) -> i64 {
        mean(self.value, self.divisor)
    }
}

pub(crate) fn mean(value: i64, divisor: i64) -> i64 {
    if divisor == 0 { value } else { value.wrapping_div(divisor) }
}

/// A frame of one stack: the node, and whether it was inlined into the frame that called it. There are millions of them,
/// so they are four bytes each.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct Frame(u32);

impl Frame {
    const INLINED: u32 = 1 << 31;

    fn new(node: NodeIdx) -> Frame {
        Frame(node.0)
    }

    fn inlined(self) -> Frame {
        Frame(self.0 | Frame::INLINED)
    }

    /// The node.
    pub fn node(self) -> NodeIdx {
        NodeIdx(self.0 & !Frame::INLINED)
    }

    /// Whether it was inlined.
    pub fn is_inlined(self) -> bool {
        self.0 & Frame::INLINED != 0
    }
}

/// A profile, looked at.
#[derive(Clone, Debug)]
pub struct Seen {
    pub(crate) profile: Profile,
    pub(crate) view: View,
    pub(crate) value: Option<TypeIdx>,
    pub(crate) total: i64,
    pub(crate) nodes: Vec<Node>,
    pub(crate) names: Vec<String>,
    /// A row for each location, innermost first.
    pub(crate) location_nodes: Rows<Frame>,
    /// A row for each stack that a sample of some value has, root first.
    pub(crate) frames: Rows<Frame>,
    /// The weight of each of these rows.
    pub(crate) weights: Vec<Weight>,
    /// Which of these rows each stack is, [`NO_ROW`] for those without.
    frame_rows: Vec<u32>,
    pub(crate) label_units: LabelUnits,
}

/// What a listing needs of nodes beside the rest.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(crate) enum Objects {
    /// Only where there is no name.
    IfNeeded,
    Always,
}

impl Seen {
    /// Looks at a profile.
    pub fn new(profile: &Profile, view: &View) -> Seen {
        Seen::with_objects(profile, view, Objects::IfNeeded)
    }

    pub(crate) fn with_objects(profile: &Profile, view: &View, objects: Objects) -> Seen {
        let value = view.value.or_else(|| profile.default_type());
        let label_units = LabelUnits::of(profile);
        let mut filtered = filter::filter(profile, &view.filter);
        if let Some(may_end) = view.ends {
            filter::end_stacks(&mut filtered, may_end);
        }
        let total = match view.shares_of {
            SharesOf::Whole => total(profile, value, view.measure),
            SharesOf::Filtered => total(&filtered, value, view.measure),
        };
        let mut seen = Seen {
            profile: filtered,
            view: view.clone(),
            value,
            total,
            nodes: Vec::new(),
            names: Vec::new(),
            location_nodes: Rows::default(),
            frames: Rows::default(),
            weights: Vec::new(),
            frame_rows: Vec::new(),
            label_units,
        };
        seen.make_nodes(objects);
        seen.make_frames();
        seen
    }

    /// The profile that the filter left.
    pub fn profile(&self) -> &Profile {
        &self.profile
    }

    /// How it is looked at.
    pub fn view(&self) -> &View {
        &self.view
    }

    /// What shares are of: the sum of all absolute values, of the base only if this is compared with one.
    pub fn total(&self) -> i64 {
        self.total
    }

    /// The nodes.
    pub fn nodes(&self) -> &[Node] {
        &self.nodes
    }

    /// The handles of the nodes.
    pub fn node_handles(&self) -> impl Iterator<Item = NodeIdx> + use<> {
        (0..self.nodes.len() as u32).map(NodeIdx)
    }

    /// A node as reports call it; empty for a node of another view.
    pub fn name(&self, node: NodeIdx) -> &str {
        self.names.get(node.row()).map_or("", String::as_str)
    }

    /// The node that reports call this.
    pub fn find(&self, name: &str) -> Option<NodeIdx> {
        self.names.iter().position(|one| one == name).map(|row| NodeIdx(row as u32))
    }

    /// Every different stack that has a value, root first, with what it is worth.
    pub fn stacks(&self) -> impl Iterator<Item = (&[Frame], Weight)> {
        self.frames.iter().zip(self.weights.iter().copied())
    }

    /// The kind of the values, `mean_` before it if they are means.
    pub fn kind(&self) -> String {
        let kind = self.value.map_or("", |row| self.profile.text(self.profile.sample_types[row.row()].kind));
        match self.view.measure {
            Measure::Sum => kind.to_owned(),
            Measure::Mean => format!("mean_{kind}"),
        }
    }

    /// The unit the values are recorded in.
    pub fn unit(&self) -> &str {
        self.value.map_or("", |row| self.profile.text(self.profile.sample_types[row.row()].unit))
    }

    /// The part of a value that is shown, as text in a unit.
    pub fn label(&self, value: i64, shown: &Shown) -> String {
        units::label(self.view.ratio.of(value), self.unit(), shown)
    }

    pub(crate) fn weight(&self, values: &[i64]) -> Weight {
        let value = self.value.and_then(|row| values.get(row.row())).copied().unwrap_or_default();
        Weight { value, size: value.wrapping_abs(), divisor: divisor(values, self.view.measure) }
    }

    /// Makes the nodes of all locations, as one would if every location had only what the granularity leaves.
    fn make_nodes(&mut self, objects: Objects) {
        let files = self.clean_files();
        let mut known: FxHashMap<Node, NodeIdx> = FxHashMap::default();
        let (mut nodes, mut frames) = (Vec::new(), Vec::new());
        for row in self.profile.location_handles() {
            nodes.clear();
            self.location_lines(row, objects, &files, &mut nodes);
            frames.clear();
            for node in &nodes {
                let next = NodeIdx(self.nodes.len() as u32);
                let index = *known.entry(*node).or_insert(next);
                if index == next {
                    self.nodes.push(*node);
                }
                frames.push(Frame::new(index).inlined());
            }
            if let Some(outermost) = frames.last_mut() {
                *outermost = Frame::new(outermost.node());
            }
            self.location_nodes.push(&frames);
        }
        self.names = self.nodes.iter().map(|node| printed_name(&self.profile, node)).collect();
    }

    /// The file of each function by its shortest path, as far as the granularity wants files.
    fn clean_files(&mut self) -> Vec<StringId> {
        let mut known: FxHashMap<StringId, StringId> = FxHashMap::default();
        let strings = &mut self.profile.strings;
        let mut clean = |file: StringId| {
            *known.entry(file).or_insert_with(|| match (file.is_empty(), self.view.granularity) {
                (true, _) | (_, Granularity::Functions) => StringId::EMPTY,
                (false, _) => {
                    let cleaned = clean_path(strings.get(file));
                    strings.intern(&cleaned)
                }
            })
        };
        self.profile.functions.iter().map(|function| clean(function.file)).collect()
    }

    fn location_lines(&self, row: LocationIdx, objects: Objects, files: &[StringId], nodes: &mut Vec<Node>) {
        let granularity = self.view.granularity;
        let location = self.profile.locations[row.row()];
        let object = location.mapping.map_or(StringId::EMPTY, |mapping| self.profile.mappings[mapping.row()].file);
        let address = if granularity == Granularity::Addresses { location.address } else { 0 };
        let all = self.profile.lines.get(row.row());
        let lines = match self.view.inlined {
            Inlined::Apart => all,
            Inlined::Merged => &all[all.len().saturating_sub(1)..],
        };
        if lines.is_empty() {
            nodes.push(Node { address, object, ..Node::default() });
        }
        for line in lines {
            let function = self.profile.functions[line.function.row()];
            let mut node = Node { address, file: files[line.function.row()], ..Node::default() };
            if granularity != Granularity::Files {
                node.name = function.name;
            }
            if matches!(granularity, Granularity::Lines | Granularity::Addresses) {
                node.line = line.line;
                // Addresses with inlined calls apart are shown as they are, columns included.
                let whole = granularity == Granularity::Addresses && self.view.inlined == Inlined::Apart;
                node.column = if whole || self.view.columns == Columns::Apart { line.column } else { 0 };
            }
            if objects == Objects::Always || node.name.is_empty() {
                node.object = object;
                node.start_line = function.start_line;
            }
            nodes.push(node);
        }
    }

    fn make_frames(&mut self) {
        self.frame_rows = vec![NO_ROW; self.profile.stacks.len()];
        // A location has a frame at least.
        self.frames.reserve(self.profile.stacks.items());
        for sample in self.profile.samples() {
            let weight = self.weight(sample.values);
            if weight.value == 0 && weight.divisor == 0 {
                continue;
            }
            let row = &mut self.frame_rows[sample.stack.row()];
            if *row == NO_ROW {
                let locations = self.profile.stack(sample.stack).iter().rev();
                let nodes = &self.location_nodes;
                *row = self
                    .frames
                    .push_all(locations.flat_map(|location| nodes.get(location.row()).iter().rev().copied()));
                self.weights.push(weight);
            } else {
                self.weights[*row as usize].add(weight);
            }
        }
    }

    /// The frames of a stack that a sample of some value has, root first; none for another.
    pub(crate) fn frames_of(&self, stack: StackIdx) -> &[Frame] {
        match self.frame_rows.get(stack.row()) {
            None | Some(&NO_ROW) => &[],
            Some(row) => self.frames.get(*row as usize),
        }
    }

    /// The frames of a stack, leaf first.
    pub(crate) fn stack_frames(&self, stack: StackIdx) -> impl Iterator<Item = Frame> {
        self.profile.stack(stack).iter().flat_map(|location| self.location_nodes.get(location.row())).copied()
    }
}

/// Of a stack that has no frames here.
const NO_ROW: u32 = u32::MAX;

fn divisor(values: &[i64], measure: Measure) -> i64 {
    match measure {
        Measure::Sum => 0,
        Measure::Mean => values.first().copied().unwrap_or_default(),
    }
}

fn total(profile: &Profile, value: Option<TypeIdx>, measure: Measure) -> i64 {
    let base = profile.strings.find(BASE_LABEL.0).zip(profile.strings.find(BASE_LABEL.1));
    let is_base: Vec<bool> = profile
        .label_sets
        .iter()
        .map(|labels| {
            let marks =
                |(key, value)| labels.iter().any(|label| label.key == key && label.value == LabelValue::Text(value));
            base.is_some_and(marks)
        })
        .collect();
    let (mut all, mut of_base) = (Weight::default(), Weight::default());
    for sample in profile.samples() {
        let own = value.and_then(|row| sample.values.get(row.row())).copied().unwrap_or_default().wrapping_abs();
        let weight = Weight { value: own, size: own, divisor: divisor(sample.values, measure) };
        all.add(weight);
        if is_base[sample.labels.row()] {
            of_base.add(weight);
        }
    }
    if of_base.value > 0 { of_base.shown() } else { all.shown() }
}

/// A node as reports print it: address, function, file and line, as far as they are there.
fn printed_name(profile: &Profile, node: &Node) -> String {
    let mut parts = Vec::new();
    if node.address != 0 {
        parts.push(format!("{:016x}", node.address));
    }
    let name = profile.text(node.name);
    if !name.is_empty() {
        parts.push(name.to_owned());
    }
    let file = profile.text(node.file);
    let object = profile.text(node.object);
    if node.line != 0 {
        let column = if node.column == 0 { String::new() } else { format!(":{}", node.column) };
        parts.push(format!("{file}:{}{column}", node.line));
    } else if !file.is_empty() {
        parts.push(file.to_owned());
    } else if name.is_empty() && !object.is_empty() {
        parts.push(format!("[{}]", base_name(object)));
    } else if name.is_empty() {
        parts.push("<unknown>".to_owned());
    }
    parts.join(" ")
}

/// The last part of a path.
pub(crate) fn base_name(path: &str) -> &str {
    let trimmed = path.trim_end_matches('/');
    match trimmed.rsplit('/').next() {
        _ if path.is_empty() => ".",
        None | Some("") => "/",
        Some(name) => name,
    }
}

/// The path without empty and `.` parts, and without `..` where that is possible.
fn clean_path(path: &str) -> String {
    // Where a build was done in a sandbox, its root says nothing.
    let path = path.strip_prefix("/proc/self/cwd/").map_or(path, |rest| rest.strip_prefix("./").unwrap_or(rest));
    let rooted = path.starts_with('/');
    let mut parts: Vec<&str> = Vec::new();
    for part in path.split('/') {
        match part {
            "" | "." => {}
            ".." if parts.last().is_some_and(|last| *last != "..") => {
                parts.pop();
            }
            ".." if rooted => {}
            _ => parts.push(part),
        }
    }
    match (rooted, parts.join("/")) {
        (true, joined) => format!("/{joined}"),
        (false, joined) if joined.is_empty() => ".".to_owned(),
        (false, joined) => joined,
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn paths() {
        for (path, expected) in [
            ("/a/./b//c/../d.go", "/a/b/d.go"),
            ("../x.go", "../x.go"),
            ("/../x.go", "/x.go"),
            ("./", "."),
            ("/proc/self/cwd/x.go", "x.go"),
        ] {
            assert_eq!(clean_path(path), expected);
        }
        for (path, expected) in [("/usr/bin/demo", "demo"), ("demo/", "demo"), ("/", "/"), ("", ".")] {
            assert_eq!(base_name(path), expected);
        }
    }
}
