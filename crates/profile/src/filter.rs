//! Filters: which samples, frames and labels stay.
//!
//! A location matches an expression if the name or file of one of its lines does, or the file of its mapping. The
//! order is pprof's: first `focus`, `ignore`, `hide` and `show`, then `show_from`, `tagfocus` and `tagignore`, `tagshow`
//! and `taghide`, at last `prune_from`.
//!
//! Every expression is tried once for each different function, file and mapping, every rule once for each different
//! stack, so the number of samples hardly matters.

mod frames;
mod prune;
mod tag_frames;
mod tags;

use crate::pattern::Pattern;
use crate::profile::Profile;

pub(crate) use prune::end_stacks;
pub use prune::{drop_uninteresting, prune};
pub use tag_frames::{TagFrames, tag_frames};
pub use tags::{LabelUnits, TagFilter};

/// What stays. The default lets everything through.
#[derive(Clone, Debug, Default)]
pub struct Filter {
    /// Samples with a location that matches.
    pub focus: Option<Pattern>,
    /// No samples with a location that matches.
    pub ignore: Option<Pattern>,
    /// No lines that match; samples that are left without any go.
    pub hide: Option<Pattern>,
    /// Only lines that match; samples that are left without any go.
    pub show: Option<Pattern>,
    /// Nothing rootward of the match nearest to the root; samples without a match go.
    pub show_from: Option<Pattern>,
    /// Samples with such a label.
    pub tag_focus: Option<TagFilter>,
    /// No samples with such a label.
    pub tag_ignore: Option<TagFilter>,
    /// Only labels whose keys match.
    pub tag_show: Option<Pattern>,
    /// No labels whose keys match.
    pub tag_hide: Option<Pattern>,
    /// Nothing leafward of the match nearest to the leaf, which itself stays.
    pub prune_from: Option<Pattern>,
}

impl Filter {
    /// The rules that reports name, as `name=expression`, in the order in which pprof names them.
    pub fn described(&self) -> Vec<String> {
        let pattern = |name: &str, one: &Option<Pattern>| one.as_ref().map(|one| format!("{name}={}", one.source()));
        let tags = |name: &str, one: &Option<TagFilter>| one.as_ref().map(|one| format!("{name}={}", one.source()));
        let all = [
            pattern("focus", &self.focus),
            pattern("ignore", &self.ignore),
            pattern("hide", &self.hide),
            pattern("show", &self.show),
            pattern("show_from", &self.show_from),
            tags("tagfocus", &self.tag_focus),
            tags("tagignore", &self.tag_ignore),
            pattern("tagshow", &self.tag_show),
            pattern("taghide", &self.tag_hide),
        ];
        all.into_iter().flatten().collect()
    }
}

/// What a filter leaves. Handles of functions, locations, mappings and texts stay good; those of stacks and label sets
/// do not.
pub fn filter(profile: &Profile, filter: &Filter) -> Profile {
    let mut left = profile.clone();
    frames::by_name(&mut left, filter);
    if let Some(pattern) = &filter.show_from {
        frames::show_from(&mut left, pattern);
    }
    tags::samples_by_tag(&mut left, filter.tag_focus.as_ref(), filter.tag_ignore.as_ref());
    tags::tags_by_name(&mut left, filter.tag_show.as_ref(), filter.tag_hide.as_ref());
    if let Some(pattern) = &filter.prune_from {
        prune::prune_from(&mut left, pattern);
    }
    left
}
