//! Filters by the names of frames.

use super::Filter;
use crate::pattern::Pattern;
use crate::profile::{Line, LocationIdx, Profile, StackIdx};
use crate::rows::{RowIndex, Rows};
use std::sync::Arc;

/// What an expression matches, tried once for each text.
pub(super) struct Matches {
    functions: Vec<bool>,
    mappings: Vec<bool>,
}

impl Matches {
    fn of(profile: &Profile, pattern: &Pattern) -> Matches {
        let mut tried: Vec<Option<bool>> = vec![None; profile.strings.len()];
        let mut matches = |id: crate::strings::StringId| match tried.get_mut(id.0 as usize) {
            Some(slot) => *slot.get_or_insert_with(|| pattern.matches(profile.text(id))),
            None => false,
        };
        let functions = profile.functions.iter().map(|one| matches(one.name) || matches(one.file)).collect();
        let mappings = profile.mappings.iter().map(|one| matches(one.file)).collect();
        Matches { functions, mappings }
    }

    fn line(&self, line: &Line) -> bool {
        self.functions[line.function.row()]
    }

    fn mapping(&self, profile: &Profile, location: LocationIdx) -> bool {
        profile.locations[location.row()].mapping.is_some_and(|mapping| self.mappings[mapping.row()])
    }

    fn location(&self, profile: &Profile, location: LocationIdx) -> bool {
        self.mapping(profile, location) || profile.lines(location).iter().any(|line| self.line(line))
    }
}

/// Gives every stack its new one and drops the samples of those that get none.
pub(super) fn rewrite_stacks(
    profile: &mut Profile,
    mut rewrite: impl FnMut(&[LocationIdx], &mut Vec<LocationIdx>) -> Kept,
) {
    let (mut stacks, mut index) = (Rows::default(), RowIndex::default());
    let mut rewritten = Vec::new();
    let mut moved = Vec::with_capacity(profile.stacks.len());
    for stack in profile.stacks.iter() {
        rewritten.clear();
        moved.push(match rewrite(stack, &mut rewritten) {
            Kept::Yes => Some(StackIdx(index.intern(&mut stacks, &rewritten))),
            Kept::No => None,
        });
    }
    profile.stacks = Arc::new(stacks);
    profile.retain_samples(|_, stack, _| moved[stack.row()].is_some());
    for stack in &mut profile.samples.stacks {
        if let Some(new) = moved[stack.row()] {
            *stack = new;
        }
    }
}

/// Whether samples with a stack stay.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(super) enum Kept {
    Yes,
    No,
}

/// `focus`, `ignore`, `hide` and `show`.
pub(super) fn by_name(profile: &mut Profile, filter: &Filter) {
    let compiled = |pattern: &Option<Pattern>| pattern.as_ref().map(|pattern| Matches::of(profile, pattern));
    let [focus, ignore, hide, show] = [&filter.focus, &filter.ignore, &filter.hide, &filter.show].map(compiled);
    if [&focus, &ignore, &hide, &show].iter().all(|one| one.is_none()) {
        return;
    }
    let rows: Vec<LocationIdx> = profile.location_handles().collect();
    let marks = |matches: &Option<Matches>| -> Option<Vec<bool>> {
        let matches = matches.as_ref()?;
        Some(rows.iter().map(|row| matches.location(profile, *row)).collect())
    };
    let (focused, ignored) = (marks(&focus), marks(&ignore));
    let mut lines = Rows::default();
    let mut hidden = vec![false; rows.len()];
    for row in &rows {
        let mut left = profile.lines(*row).to_vec();
        // One that does not match stays, even if it has no lines at all.
        if let Some(hide) = hide.as_ref().filter(|hide| hide.location(profile, *row)) {
            let all = hide.mapping(profile, *row);
            left.retain(|line| !all && !hide.line(line));
            hidden[row.row()] |= left.is_empty();
        }
        if let Some(show) = &show {
            let all = show.mapping(profile, *row);
            left.retain(|line| all || show.line(line));
            hidden[row.row()] |= left.is_empty();
        }
        lines.push(&left);
    }
    profile.lines = lines;
    let any_hidden = hidden.contains(&true);
    rewrite_stacks(profile, |stack, new| {
        // A location that is ignored does not also count as focused on; a stack without locations is not in focus.
        let has =
            |marks: &Option<Vec<bool>>| marks.as_ref().map(|marks| stack.iter().any(|location| marks[location.row()]));
        if has(&ignored) == Some(true) || !has(&focused).unwrap_or(!stack.is_empty()) {
            return Kept::No;
        }
        new.extend(stack.iter().filter(|location| !hidden[location.row()]));
        if any_hidden && new.is_empty() { Kept::No } else { Kept::Yes }
    });
}

/// Cuts off what is rootward of the match nearest to the root.
pub(super) fn show_from(profile: &mut Profile, pattern: &Pattern) {
    let tested = Matches::of(profile, pattern);
    let rows: Vec<LocationIdx> = profile.location_handles().collect();
    let mut lines = Rows::default();
    let mut matched = Vec::with_capacity(rows.len());
    for row in &rows {
        let all = profile.lines(*row);
        let last = all.iter().rposition(|line| tested.line(line));
        let whole = tested.mapping(profile, *row);
        matched.push(whole || last.is_some());
        let kept = match last {
            Some(last) if !whole => &all[..=last],
            _ => all,
        };
        lines.push(kept);
    }
    profile.lines = lines;
    rewrite_stacks(profile, |stack, new| match stack.iter().rposition(|location| matched[location.row()]) {
        Some(root) => {
            new.extend_from_slice(&stack[..=root]);
            Kept::Yes
        }
        None => Kept::No,
    });
}
