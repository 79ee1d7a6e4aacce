//! What the names in a trace mean, as tables: a new reason, range or runtime goroutine needs a row, not code.
//!
//! `since` is the Go release that brought the name. It is there for readers: a name is understood in every trace.

use crate::Class;

/// One name and what it is drawn as.
struct Rule {
    name: &'static str,
    class: Class,
    #[cfg_attr(not(test), expect(dead_code, reason = "documents the table; only tests read it"))]
    since: &'static str,
}

const fn rule(name: &'static str, class: Class, since: &'static str) -> Rule {
    Rule { name, class, since }
}

/// Why a goroutine waits, by the whole text.
static WAIT_REASONS: &[Rule] = &[
    rule("network", Class::WaitNetwork, "1.22"),
    rule("chan send", Class::WaitChannel, "1.22"),
    rule("chan receive", Class::WaitChannel, "1.22"),
    rule("select", Class::WaitSelect, "1.22"),
    rule("sync", Class::WaitSync, "1.22"),
    rule("sync.(*Cond).Wait", Class::WaitSync, "1.22"),
    rule("synctest", Class::WaitSync, "1.25"),
    rule("sleep", Class::WaitSleep, "1.22"),
    rule("GC mark assist wait for work", Class::WaitGc, "1.22"),
    rule("GC background sweeper wait", Class::WaitGc, "1.22"),
    rule("wait until GC ends", Class::WaitGc, "1.22"),
    rule("GC weak to strong wait", Class::WaitGc, "1.23"),
    rule("forever", Class::WaitOther, "1.22"),
    rule("preempted", Class::WaitOther, "1.22"),
    rule("system goroutine wait", Class::WaitOther, "1.22"),
    rule("unspecified", Class::WaitOther, "1.22"),
    rule("wait for debug call", Class::WaitOther, "1.22"),
];

/// Ranges of the runtime, by how their name begins.
static RANGES: &[Rule] = &[
    rule("GC concurrent mark phase", Class::GcMark, "1.22"),
    rule("stop-the-world", Class::StopTheWorld, "1.22"),
    rule("GC incremental sweep", Class::Sweep, "1.22"),
    rule("GC mark assist", Class::Assist, "1.22"),
];

/// What a proc shows while it runs a goroutine, by the goroutine's whole start function.
static START_FUNCTIONS: &[Rule] =
    &[rule("runtime.main", Class::Running, "1.22"), rule("runtime.gcBgMarkWorker", Class::RunningGc, "1.22")];

/// The same for functions without a row, by how their name begins.
static START_PACKAGES: &[Rule] = &[rule("runtime.", Class::RunningRuntime, "1.22")];

/// What a wait for this reason is drawn as.
pub(crate) fn wait_class(reason: &str) -> Class {
    exact(WAIT_REASONS, reason).unwrap_or(Class::WaitOther)
}

/// What a range with this name is drawn as.
pub(crate) fn range_class(name: &str) -> Class {
    prefix(RANGES, name).unwrap_or(Class::OtherRange)
}

/// What procs and threads show while they run a goroutine with this start function.
pub(crate) fn running_class(function: &str) -> Class {
    exact(START_FUNCTIONS, function).or_else(|| prefix(START_PACKAGES, function)).unwrap_or(Class::Running)
}

fn exact(rules: &[Rule], name: &str) -> Option<Class> {
    rules.iter().find(|rule| rule.name == name).map(|rule| rule.class)
}

fn prefix(rules: &[Rule], name: &str) -> Option<Class> {
    rules.iter().find(|rule| name.starts_with(rule.name)).map(|rule| rule.class)
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn names_have_their_classes() {
        for (name, class) in [
            ("chan receive", Class::WaitChannel),
            ("GC weak to strong wait", Class::WaitGc),
            ("a reason of tomorrow", Class::WaitOther),
            ("", Class::WaitOther),
        ] {
            assert_eq!(wait_class(name), class, "{name}");
        }
        for (name, class) in [
            ("stop-the-world (GC mark termination)", Class::StopTheWorld),
            ("GC mark assist", Class::Assist),
            ("GC something", Class::OtherRange),
        ] {
            assert_eq!(range_class(name), class, "{name}");
        }
        for (name, class) in [
            ("runtime.main", Class::Running),
            ("runtime.gcBgMarkWorker", Class::RunningGc),
            ("runtime.bgsweep", Class::RunningRuntime),
            ("main.main", Class::Running),
            ("", Class::Running),
        ] {
            assert_eq!(running_class(name), class, "{name}");
        }
    }

    #[test]
    fn every_row_is_reached_and_dated() {
        let tables = [WAIT_REASONS, RANGES, START_FUNCTIONS, START_PACKAGES];
        let lookups = [wait_class, range_class, running_class, running_class];
        for (rules, class_of) in tables.into_iter().zip(lookups) {
            for rule in rules {
                assert_eq!(class_of(rule.name), rule.class, "{}", rule.name);
                assert!(rule.since.starts_with("1."), "{}", rule.name);
            }
        }
    }
}
