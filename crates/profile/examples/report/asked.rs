//! Command lines of pprof: what is asked for, and the answer as text.

use goroscope_profile::filter::{TagFilter, TagFrames, drop_uninteresting, filter, tag_frames};
use goroscope_profile::flame::{self, Shape};
use goroscope_profile::graph::{Order, Style, Trim, trimmed};
use goroscope_profile::merge::{Against, Normalize, as_opened, diff, divided, merge};
use goroscope_profile::units::{Ratio, Shown};
use goroscope_profile::view::{Columns, Granularity, Inlined, Measure, Negative, Seen, SharesOf, View};
use goroscope_profile::{Pattern, Profile, decode, report};
use std::collections::BTreeMap;
use std::error::Error;
use std::fmt::Write;
use std::fs;
use std::path::Path;

/// A command line.
pub struct Asked {
    report: (String, String),
    view: View,
    trim: Trim,
    nodes: Option<usize>,
    sample_index: Option<String>,
    files: Vec<String>,
    base: Option<(Against, String)>,
    normalize: Normalize,
    tags: TagFrames,
}

impl Asked {
    /// Reads a command line.
    pub fn new(arguments: impl Iterator<Item = String>) -> Result<Asked, Box<dyn Error>> {
        let mut asked = Asked {
            report: ("top".to_owned(), String::new()),
            view: View::default(),
            trim: Trim::default(),
            nodes: None,
            sample_index: None,
            files: Vec::new(),
            base: None,
            normalize: Normalize::No,
            tags: TagFrames::default(),
        };
        for argument in arguments {
            if let Some(option) = argument.strip_prefix('-') {
                let (name, value) = option.split_once('=').unwrap_or((option, ""));
                asked.option(name, value)?;
            } else {
                asked.files.push(argument);
            }
        }
        Ok(asked)
    }

    fn option(&mut self, name: &str, value: &str) -> Result<(), Box<dyn Error>> {
        let view = &mut self.view;
        let filter = &mut view.filter;
        match name {
            "focus" => filter.focus = Some(Pattern::new(value)?),
            "ignore" => filter.ignore = Some(Pattern::new(value)?),
            "hide" => filter.hide = Some(Pattern::new(value)?),
            "show" => filter.show = Some(Pattern::new(value)?),
            "show_from" => filter.show_from = Some(Pattern::new(value)?),
            "prune_from" => filter.prune_from = Some(Pattern::new(value)?),
            "tagshow" => filter.tag_show = Some(Pattern::new(value)?),
            "taghide" => filter.tag_hide = Some(Pattern::new(value)?),
            "tagfocus" => filter.tag_focus = Some(TagFilter::new(value)?),
            "tagignore" => filter.tag_ignore = Some(TagFilter::new(value)?),
            "functions" => view.granularity = Granularity::Functions,
            "filefunctions" => view.granularity = Granularity::FileFunctions,
            "files" => view.granularity = Granularity::Files,
            "lines" => view.granularity = Granularity::Lines,
            "addresses" => view.granularity = Granularity::Addresses,
            "noinlines" => view.inlined = Inlined::Merged,
            "showcolumns" => view.columns = Columns::Apart,
            "relative_percentages" => view.shares_of = SharesOf::Filtered,
            "mean" => view.measure = Measure::Mean,
            "drop_negative" => view.negative = Negative::Dropped,
            "tagroot" => self.tags.root = TagFrames::keys(value),
            "tagleaf" => self.tags.leaf = TagFrames::keys(value),
            "divide_by" => view.ratio = Ratio::one_in(value.parse()?).ok_or("zero divisor")?,
            "unit" => {
                view.shown = match value {
                    "minimum" => Shown::Minimum,
                    "auto" => Shown::Auto,
                    unit => Shown::Unit(unit.to_owned()),
                }
            }
            "cum" => self.trim.order = Order::Cum,
            "nodecount" => self.nodes = Some(value.parse()?),
            "nodefraction" => self.trim.node_fraction = value.parse()?,
            "edgefraction" => self.trim.edge_fraction = value.parse()?,
            "sample_index" => self.sample_index = Some(value.to_owned()),
            "base" => self.base = Some((Against::Base, value.to_owned())),
            "diff_base" => self.base = Some((Against::DiffBase, value.to_owned())),
            "normalize" => self.normalize = Normalize::ToBase,
            _ => self.report = (name.to_owned(), value.to_owned()),
        }
        Ok(())
    }

    /// The profile that is asked about, of files in a folder.
    pub fn profile(&self, folder: &Path) -> Result<Profile, Box<dyn Error>> {
        let open = |file: &String| -> Result<Profile, Box<dyn Error>> { Ok(decode(&fs::read(folder.join(file))?)?) };
        let profiles = self.files.iter().map(open).collect::<Result<Vec<_>, _>>()?;
        let mut profile = match profiles.as_slice() {
            [one] => one.clone(),
            several => merge(&several.iter().collect::<Vec<_>>())?,
        };
        if let Some((against, file)) = &self.base {
            profile = diff(&profile, &open(file)?, *against, self.normalize)?;
        }
        let profile = drop_uninteresting(&profile)?;
        Ok(match self.report() {
            "raw" => filter(&tag_frames(&as_opened(&profile), &self.tags, &self.view.shown), &self.view.filter),
            "proto" => divided(&tag_frames(&profile, &self.tags, &self.view.shown), self.view.ratio),
            _ => tag_frames(&profile, &self.tags, &self.view.shown),
        })
    }

    /// The name of the report.
    pub fn report(&self) -> &str {
        &self.report.0
    }

    /// The report as text.
    pub fn text(&self, profile: &Profile) -> Result<String, Box<dyn Error>> {
        let mut view = self.view.clone();
        if let Some(name) = &self.sample_index {
            view.value = Some(profile.find_type(name).ok_or("no such sample type")?);
        }
        let argument = &self.report.1;
        let seen = Seen::new(profile, &view);
        let trim = |usual: usize| Trim { nodes: self.nodes.unwrap_or(usual), ..self.trim };
        Ok(match self.report() {
            "top" => report::top_text(&seen, &report::top(&seen, &trim(0))),
            "tree" => report::tree_text(&seen, &report::tree(&seen, &trim(80))),
            "peek" => {
                let found = report::peek(&seen, &Pattern::new(argument)?, self.trim.order);
                report::tree_text(&seen, &found.ok_or("no function matches")?)
            }
            "tags" => report::tags_text(&seen, &report::tags(&seen)),
            "raw" => report::raw_text(profile, &view.zone),
            "traces" => report::traces_text(&seen),
            "folded" => report::folded_text(&seen),
            "list" => {
                let listing = report::list(profile, &view, &Pattern::new(argument)?);
                let files = listing.functions.iter().flat_map(|function| &function.files);
                let sources: BTreeMap<String, String> =
                    files.filter_map(|file| Some((file.file.clone(), fs::read_to_string(&file.file).ok()?))).collect();
                report::list_text(&listing, &sources)
            }
            "graph" => graph_text(&seen, &trim(80)),
            "svg" => flame::svg(&seen, &flame::flame(&seen, &Shape::default()), "Flame graph"),
            other => return Err(format!("no report `{other}`").into()),
        })
    }
}

/// The graph as lines: nodes with their weights, edges with theirs.
fn graph_text(seen: &Seen, trim: &Trim) -> String {
    let graph = trimmed(seen, trim, Style::Picture).graph;
    let mut text = String::new();
    for node in &graph.nodes {
        let _ = writeln!(text, "{} {} {}", node.flat.value, node.cum.value, seen.name(node.node));
        for row in &node.outgoing {
            let edge = &graph.edges[*row];
            let kind = if edge.residual { "..>" } else { "-->" };
            let _ = writeln!(text, "    {kind} {} {}", edge.weight.value, seen.name(edge.to));
        }
    }
    text
}
