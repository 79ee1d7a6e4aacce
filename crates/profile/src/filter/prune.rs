//! Filters that cut stacks off leafward: what a profiler leaves of itself, and `prune_from`.

use super::frames::{Kept, rewrite_stacks};
use crate::pattern::{Pattern, PatternError};
use crate::profile::{LocationIdx, Profile};
use crate::rows::Rows;

/// Brackets in these do not begin an argument list.
const NOT_ARGUMENTS: [&str; 2] = ["(anonymous namespace)", "operator()"];

/// A function's name without a leading dot and without its arguments.
fn simplified(name: &str) -> &str {
    let name = name.strip_prefix('.').unwrap_or(name);
    let mut from = 0;
    while let Some(at) = name[from..].find('(').map(|at| from + at) {
        let reserved = NOT_ARGUMENTS.iter().find_map(|reserved| {
            let begin = at.checked_sub(reserved.find('(')?)?;
            (begin >= from && name.get(begin..)?.starts_with(reserved)).then_some(begin + reserved.len())
        });
        match reserved {
            Some(end) => from = end,
            None => return &name[..at],
        }
    }
    name
}

/// Which functions match, by their simplified names.
fn matching(profile: &Profile, matches: impl Fn(&str) -> bool) -> Vec<bool> {
    profile
        .functions
        .iter()
        .map(|function| !function.name.is_empty() && matches(simplified(profile.text(function.name))))
        .collect()
}

/// What a location does to the stack.
#[derive(Clone, Copy, PartialEq, Eq)]
enum Cut {
    No,
    Before,
    Behind,
}

/// Cuts off every stack at the first frame, seen from the root, that matches `drop` and not `keep`, but only behind one
/// that does not, so that a stack of nothing else stays.
pub fn prune(profile: &Profile, drop: &Pattern, keep: Option<&Pattern>) -> Profile {
    let mut left = profile.clone();
    let matched = matching(&left, |name| drop.matches(name) && !keep.is_some_and(|keep| keep.matches(name)));
    let mut lines = Rows::default();
    let mut cuts = Vec::with_capacity(left.locations.len());
    for row in left.location_handles() {
        let all = left.lines(row);
        match all.iter().rposition(|line| matched[line.function.row()]) {
            None => {
                cuts.push(Cut::No);
                lines.push(all);
            }
            Some(outermost) if outermost + 1 == all.len() => {
                cuts.push(Cut::Before);
                lines.push(all);
            }
            // Calls that were inlined into one that stays.
            Some(inner) => {
                cuts.push(Cut::Behind);
                lines.push(&all[inner + 1..]);
            }
        }
    }
    left.lines = lines;
    rewrite_stacks(&mut left, |stack, new| {
        let cut = |location: &LocationIdx| cuts[location.row()];
        let first_kept = stack.iter().rposition(|location| cut(location) == Cut::No);
        let at = first_kept.and_then(|kept| stack[..kept].iter().rposition(|location| cut(location) != Cut::No));
        let from = at.map_or(0, |at| if cut(&stack[at]) == Cut::Before { at + 1 } else { at });
        new.extend_from_slice(&stack[from..]);
        Kept::Yes
    });
    left
}

/// Prunes what the profile itself says is not interesting.
pub fn drop_uninteresting(profile: &Profile) -> Result<Profile, PatternError> {
    let header = &profile.header;
    if header.drop_frames.is_empty() {
        return Ok(profile.clone());
    }
    let drop = Pattern::whole(profile.text(header.drop_frames))?;
    let keep =
        if header.keep_frames.is_empty() { None } else { Some(Pattern::whole(profile.text(header.keep_frames))?) };
    Ok(prune(profile, &drop, keep.as_ref()))
}

/// Cuts off what is leafward of the match nearest to the leaf.
pub(super) fn prune_from(profile: &mut Profile, pattern: &Pattern) {
    let matched = matching(profile, |name| pattern.matches(name));
    end_with(profile, &matched);
}

/// Cuts off what is leafward of the function nearest to the leaf that `may_end` a stack, which itself stays; a stack
/// without such a function stays whole.
pub(crate) fn end_stacks(profile: &mut Profile, may_end: fn(&str) -> bool) {
    let matched: Vec<bool> = profile.functions.iter().map(|function| may_end(profile.text(function.name))).collect();
    end_with(profile, &matched);
}

fn end_with(profile: &mut Profile, matched: &[bool]) {
    let mut lines = Rows::default();
    let mut cuts = Vec::with_capacity(profile.locations.len());
    for row in profile.location_handles() {
        let all = profile.lines(row);
        let innermost = all.iter().position(|line| matched[line.function.row()]);
        cuts.push(innermost.is_some());
        lines.push(&all[innermost.unwrap_or(0)..]);
    }
    profile.lines = lines;
    rewrite_stacks(profile, |stack, new| {
        let from = stack.iter().position(|location| cuts[location.row()]).unwrap_or(0);
        new.extend_from_slice(&stack[from..]);
        Kept::Yes
    });
}

#[cfg(test)]
mod tests {
    use super::simplified;

    #[test]
    fn names_without_arguments() {
        for (name, expected) in [
            ("foo(int)", "foo"),
            (".foo", "foo"),
            ("(anonymous namespace)::foo(int)", "(anonymous namespace)::foo"),
            ("x::operator()(int)", "x::operator()"),
            ("main.(*T).run", "main."),
            ("plain", "plain"),
        ] {
            assert_eq!(simplified(name), expected);
        }
    }
}
