//! What a page shows of a profile: tables, flame graphs, call graphs and listings, each no larger than the screen.

mod flame;
mod graph;
mod list;
mod rows;

use crate::own::is_own;
use goroscope_model::Trace;
use goroscope_profile::filter::{self, Filter as FrameFilter};
pub use goroscope_profile::flame::Direction;
use goroscope_profile::view::{Granularity, Seen, View};
use goroscope_profile::{Pattern, PatternError, Profile};
use serde::Serialize;

pub use self::flame::{FlameBox, FlameView, SandwichView};
pub use self::graph::{GraphEdge, GraphRow, GraphView};
pub use self::list::{ListView, ListedFunction, SourceLine};
pub(super) use self::rows::stack_rows;
pub use self::rows::{Page, TopRow, TopSort, TraceFrame, TraceLabel, TraceRow};

/// Which part of a profile is looked at, and how finely.
#[derive(Clone, Debug, Default)]
pub struct Lens {
    /// The values: by name or number; the last ones if not said.
    pub value: Option<String>,
    /// Samples and frames that are left out.
    pub frames: FrameFilter,
    /// What frames are told apart by.
    pub granularity: Granularity,
    /// Whose functions a table of them has at the ends of stacks.
    pub ends: Ends,
}

/// Whose functions stand at the ends of stacks.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq)]
pub enum Ends {
    /// Those that were recorded.
    #[default]
    Recorded,
    /// Those of the program: what it waits through counts as the function that called it. A stack without any stays whole.
    Own,
}

impl Ends {
    /// What tables of functions show of a trace unless somebody says otherwise. In Rust the ends of stacks are the same for
    /// all that waits in one way; in Go the runtime leaves most of them out itself, and its tools count the rest.
    pub fn usual(trace: &Trace) -> Self {
        if trace.recording().is_some() { Self::Own } else { Self::Recorded }
    }

    /// The same for a [`View`].
    pub fn rule(self) -> Option<fn(&str) -> bool> {
        match self {
            Self::Recorded => None,
            Self::Own => Some(is_own),
        }
    }
}

impl Lens {
    /// Sets a filter on frames: `focus`, `ignore`, `hide` or `show`.
    pub fn set(&mut self, name: &str, pattern: &str) -> Result<(), PatternError> {
        let place = match name {
            "focus" => &mut self.frames.focus,
            "ignore" => &mut self.frames.ignore,
            "hide" => &mut self.frames.hide,
            _ => &mut self.frames.show,
        };
        *place = Some(Pattern::new(pattern)?);
        Ok(())
    }

    /// What the filters on frames leave of a profile.
    pub fn filtered(&self, profile: &Profile) -> Profile {
        filter::filter(profile, &self.frames)
    }
}

/// What is shown.
#[derive(Clone, Debug)]
pub enum Show {
    /// A page of the functions.
    Top {
        /// In which order.
        sort: TopSort,
        /// Whether the order is turned around.
        reverse: Reverse,
        /// From which row on.
        offset: usize,
        /// How many rows.
        limit: usize,
    },
    /// Stacks from the root on, for so many pixels.
    Flame {
        /// How wide.
        width: u32,
        /// From which end the stacks are followed.
        direction: Direction,
    },
    /// One function between its callers and callees.
    Sandwich {
        /// Its name.
        function: String,
        /// How wide, in pixels.
        width: u32,
    },
    /// Who calls whom.
    Graph {
        /// The most functions.
        nodes: usize,
    },
    /// A page of the stacks, the heaviest first.
    Traces {
        /// From which on.
        offset: usize,
        /// How many.
        limit: usize,
    },
    /// Lines of the functions that match.
    List {
        /// Of which functions.
        functions: Pattern,
    },
}

/// Which end of an order comes first.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq)]
pub enum Reverse {
    /// The usual one: large values, small names.
    #[default]
    No,
    /// The other one.
    Yes,
}

/// What is known of a profile beside what it holds.
#[derive(Clone, Copy, Debug)]
pub struct About {
    /// What it counts.
    pub kind: &'static str,
    /// Begin of the stretch of time that it is of, ns.
    pub from: i64,
    /// End of that stretch, ns.
    pub to: i64,
    /// From what duration on regions or tasks are the slowest, ns, if that was asked for.
    pub min: Option<i64>,
}

/// What a page shows of a profile.
#[derive(Clone, Debug, PartialEq, Serialize)]
pub struct ProfileView {
    /// What it counts.
    pub kind: &'static str,
    /// Which view `body` is.
    pub view: &'static str,
    /// Begin, ns.
    pub from: i64,
    /// End, ns.
    pub to: i64,
    /// From what duration on regions or tasks are the slowest, ns.
    pub min: Option<i64>,
    /// What the values are.
    pub types: Vec<TypeName>,
    /// Which of them is looked at.
    #[serde(rename = "type")]
    pub value: usize,
    /// The sums of the whole profile, one of each type.
    pub total: Vec<i64>,
    /// The sums of what the filters on frames leave.
    pub shown: Vec<i64>,
    /// How many samples these leave.
    pub samples: usize,
    /// How many different stacks.
    pub stacks: usize,
    /// What is to be known of the profile.
    pub comments: Vec<String>,
    /// The view itself.
    pub body: Body,
}

/// What values are, and in what.
#[derive(Clone, Debug, PartialEq, Eq, Serialize)]
pub struct TypeName {
    /// What they count.
    pub kind: String,
    /// In what.
    pub unit: String,
}

/// A view.
#[derive(Clone, Debug, PartialEq, Serialize)]
#[serde(untagged)]
pub enum Body {
    /// Functions.
    Top(Page<TopRow>),
    /// Stacks as boxes.
    Flame(FlameView),
    /// A function in the middle.
    Sandwich(SandwichView),
    /// Calls.
    Graph(GraphView),
    /// Stacks as lists.
    Traces(Page<TraceRow>),
    /// Lines.
    List(ListView),
}

/// Why there is no view.
#[derive(Clone, Debug, PartialEq, Eq)]
pub enum NoView {
    /// The profile has no such values: these are the names.
    Value(String),
    /// No function of this name.
    Function(String),
}

/// Looks at a profile.
pub fn view(about: About, profile: &Profile, lens: &Lens, show: &Show) -> Result<ProfileView, NoView> {
    let types: Vec<TypeName> = (profile.sample_types().iter())
        .map(|one| TypeName { kind: profile.text(one.kind).to_owned(), unit: profile.text(one.unit).to_owned() })
        .collect();
    let value = match &lens.value {
        Some(name) => profile.find_type(name).ok_or_else(|| {
            let names: Vec<&str> = types.iter().map(|one| one.kind.as_str()).collect();
            NoView::Value(names.join(", "))
        })?,
        None => profile.default_type().ok_or_else(|| NoView::Value(String::new()))?,
    };
    let shown = lens.filtered(profile);
    let ends = match show {
        Show::Top { .. } => lens.ends.rule(),
        Show::Flame { .. } | Show::Sandwich { .. } | Show::Graph { .. } | Show::Traces { .. } | Show::List { .. } => {
            None
        }
    };
    let view = View { value: Some(value), ends, granularity: lens.granularity, ..View::default() };
    let seen = || Seen::new(&shown, &view);
    let (name, body) = match show {
        Show::Top { sort, reverse, offset, limit } => {
            let wanted = rows::Wanted { sort: *sort, reverse: *reverse, offset: *offset, limit: *limit };
            ("top", Body::Top(rows::top(&seen(), wanted)))
        }
        Show::Flame { width, direction } => ("flame", Body::Flame(flame::whole(&seen(), *width, *direction))),
        Show::Sandwich { function, width } => {
            let found = flame::sandwich(&seen(), function, *width);
            ("sandwich", Body::Sandwich(found.ok_or_else(|| NoView::Function(function.clone()))?))
        }
        Show::Graph { nodes } => ("graph", Body::Graph(graph::of(&seen(), *nodes))),
        Show::Traces { offset, limit } => ("traces", Body::Traces(rows::traces(&shown, value, *offset, *limit))),
        Show::List { functions } => ("list", Body::List(list::of(&shown, &view, functions))),
    };
    Ok(ProfileView {
        kind: about.kind,
        view: name,
        from: about.from,
        to: about.to,
        min: about.min,
        value: profile.types().position(|one| one == value).unwrap_or_default(),
        total: sums(profile, types.len()),
        shown: sums(&shown, types.len()),
        samples: shown.sample_count(),
        stacks: {
            let mut stacks: Vec<_> = shown.samples().map(|sample| sample.stack).collect();
            stacks.sort_unstable();
            stacks.dedup();
            stacks.len()
        },
        comments: profile.header().comments.iter().map(|&comment| profile.text(comment).to_owned()).collect(),
        types,
        body,
    })
}

fn sums(profile: &Profile, types: usize) -> Vec<i64> {
    let mut sums = vec![0_i64; types];
    for sample in profile.samples() {
        for (sum, value) in sums.iter_mut().zip(sample.values) {
            *sum = sum.wrapping_add(*value);
        }
    }
    sums
}
