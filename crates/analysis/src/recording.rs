//! How a Rust program was recorded: what goroscope-recorder says of itself, and what of it one must know before believing
//! the picture.

use goroscope_model::{Recording, Trace};
use serde::Serialize;

/// Tasks that were not traced are worth a warning from this share on.
const UNTRACED: f64 = 0.01;
/// Polls without a known wake are worth a warning from this share on.
const UNHEARD: f64 = 0.05;

/// What the recorder says. What it does not say is none.
#[derive(Clone, Debug, PartialEq, Eq, Serialize)]
pub struct RecordingFacts {
    /// The recorder and its version.
    pub recorder: String,
    /// Path of the executable.
    pub program: Option<String>,
    /// Its process.
    pub pid: Option<u64>,
    /// Which clock times are of.
    pub clock: Option<String>,
    /// How stacks were taken: `frame pointers`, `unwind tables`, `none` if neither works, `off` if nobody wants them.
    pub stacks: Option<String>,
    /// Whether frame pointers work in the program.
    pub frame_pointers: Option<String>,
    /// Whether functions have names yet: `resolved` or `addresses`.
    pub symbols: Option<String>,
    /// What the kernel told.
    pub perf: Option<String>,
    /// Which hooks of the runtime were used.
    pub hooks: Option<String>,
    /// Tasks, threads and jobs that were traced.
    pub tasks: Option<u64>,
    /// Tasks of known runtimes that were not.
    pub untraced_tasks: Option<u64>,
    /// Times that one of them began to run.
    pub polls: Option<u64>,
    /// Polls of a waiting task without a wake that is known.
    pub unheard_wakes: Option<u64>,
    /// Wakes of tasks that were runnable already.
    pub superfluous_wakes: Option<u64>,
    /// Regions, messages and user tasks outside of everything traced, which are not in the file.
    pub outside_annotations: Option<u64>,
    /// Records that there was no memory for.
    pub dropped: Option<u64>,
    /// Places where that had to be made up for.
    pub repaired: Option<u64>,
    /// Generations that were deleted or that a ring had no room for.
    pub forgotten_generations: Option<u64>,
    /// The threads that have names.
    pub threads: Vec<NamedThread>,
    /// Counters.
    pub counters: u64,
    /// Whatever else the recorder says, by key.
    pub others: Vec<(String, String)>,
    /// What one must know before believing the picture.
    pub warnings: Vec<RecordingWarning>,
}

/// A thread and its name.
#[derive(Clone, Debug, PartialEq, Eq, Serialize)]
pub struct NamedThread {
    /// Its id.
    pub id: u64,
    /// Its name.
    pub name: String,
}

/// Something that is missing in the recording.
#[derive(Clone, Debug, PartialEq, Eq, Serialize)]
pub struct RecordingWarning {
    /// A word for programs: `nothing`, `dropped`, `untraced`, `stacks`, `unheard`, `kernel`.
    pub kind: &'static str,
    /// What is missing, and what to do.
    pub text: String,
}

/// The facts that have a field.
const KNOWN: [&str; 18] = [
    "recorder",
    "program",
    "pid",
    "clock",
    "stacks",
    "frame_pointers",
    "symbols",
    "perf",
    "hooks",
    "tasks",
    "untraced_tasks",
    "polls",
    "unheard_wakes",
    "superfluous_wakes",
    "outside_annotations",
    "dropped",
    "repaired",
    "forgotten_generations",
];

/// How the program was recorded; `None` if the trace is not one of goroscope-recorder.
pub fn recording(trace: &Trace) -> Option<RecordingFacts> {
    let recording = trace.recording()?;
    let text = |key: &str| recording.fact(key).map(str::to_owned);
    let threads = recording.threads.iter().filter(|(_, name)| !name.is_empty());
    let others = recording.facts.iter().filter(|(key, _)| !KNOWN.contains(&key.as_str()));
    Some(RecordingFacts {
        recorder: text("recorder").unwrap_or_default(),
        program: text("program"),
        pid: recording.number("pid"),
        clock: text("clock"),
        stacks: text("stacks"),
        frame_pointers: text("frame_pointers"),
        symbols: text("symbols"),
        perf: text("perf"),
        hooks: text("hooks"),
        tasks: recording.number("tasks"),
        untraced_tasks: recording.number("untraced_tasks"),
        polls: recording.number("polls"),
        unheard_wakes: recording.number("unheard_wakes"),
        superfluous_wakes: recording.number("superfluous_wakes"),
        outside_annotations: recording.number("outside_annotations"),
        dropped: recording.number("dropped"),
        repaired: recording.number("repaired"),
        forgotten_generations: recording.number("forgotten_generations"),
        threads: threads.map(|(id, name)| NamedThread { id: *id, name: name.clone() }).collect(),
        counters: trace.counters() as u64,
        others: others.cloned().collect(),
        warnings: warnings(recording, trace.goroutines().len() as u64),
    })
}

/// What is missing, the worst first.
fn warnings(recording: &Recording, tasks_in_trace: u64) -> Vec<RecordingWarning> {
    let mut warnings = Vec::new();
    let mut warn = |kind, text| warnings.push(RecordingWarning { kind, text });
    let number = |key: &str| recording.number(key).unwrap_or(0);
    let traced = recording.number("tasks").unwrap_or(tasks_in_trace);
    let untraced = number("untraced_tasks");
    if traced == 0 || tasks_in_trace == 0 {
        let others = match untraced {
            0 => String::new(),
            1 => ", but 1 task ran untraced".to_owned(),
            _ => format!(", but {untraced} tasks ran untraced"),
        };
        let text = format!(
            "nothing was recorded{others}: spawn tasks with goroscope_recorder::spawn instead of the runtime's, and put \
             .traced() on the main future"
        );
        warn("nothing", text);
        return warnings;
    }
    let dropped = number("dropped");
    if dropped > 0 {
        let text = format!(
            "{dropped} records were dropped, as there was no memory for them: what happened meanwhile is missing or made \
             up; give the recording more with Builder::memory"
        );
        warn("dropped", text);
    }
    if is_more(untraced, traced.saturating_add(untraced), UNTRACED) {
        let text = format!(
            "{untraced} of {} tasks were not traced ({}): use goroscope_recorder::spawn, or .traced()",
            traced.saturating_add(untraced),
            percent(untraced, traced.saturating_add(untraced)),
        );
        warn("untraced", text);
    }
    let has_pointers = recording.fact("frame_pointers") != Some("absent");
    match recording.fact("stacks") {
        Some("off") => {
            let text = "the recording was made without stacks, so nothing tells where tasks wait, and hardly anything why: \
                        see Builder::stacks";
            warn("stacks", text.to_owned());
        }
        Some("none") if !has_pointers => {
            let text = "no stacks were taken, so nothing tells where and why tasks wait: the program has no frame pointers \
                        and no unwind tables; build it with -C force-frame-pointers=yes";
            warn("stacks", text.to_owned());
        }
        Some("frame pointers") if !has_pointers => {
            let text = "stacks are missing or wrong, as the program has no frame pointers: build it with \
                        -C force-frame-pointers=yes";
            warn("stacks", text.to_owned());
        }
        Some(_) | None => {}
    }
    let (unheard, polls) = (number("unheard_wakes"), number("polls"));
    if is_more(unheard, polls, UNHEARD) {
        let text = format!(
            "{unheard} of {polls} polls came without a known wake ({}): who woke these tasks is not in the trace",
            percent(unheard, polls)
        );
        warn("unheard", text);
    }
    if let Some(why) = recording.fact("perf").and_then(|perf| perf.strip_prefix("refused: ")) {
        warn(
            "kernel",
            format!("the kernel told nothing of samples and switches of the processor, as was asked: {why}"),
        );
    }
    warnings
}

fn is_more(part: u64, whole: u64, share: f64) -> bool {
    part as f64 > whole as f64 * share
}

fn percent(part: u64, whole: u64) -> String {
    format!("{:.1} %", part as f64 / whole.max(1) as f64 * 100.0)
}

#[cfg(test)]
mod tests {
    use super::*;
    use expect_test::{Expect, expect};

    fn check(facts: &[(&str, &str)], tasks_in_trace: u64, expected: &Expect) {
        let mut facts: Vec<_> = facts.iter().map(|&(key, value)| (key.to_owned(), value.to_owned())).collect();
        facts.sort();
        let warnings = warnings(&Recording { facts, ..Recording::default() }, tasks_in_trace);
        let lines: Vec<String> = warnings.iter().map(|it| format!("{}: {}\n", it.kind, it.text)).collect();
        expected.assert_eq(&lines.concat());
    }

    #[test]
    fn what_is_missing_is_said() {
        check(&[("dropped", "0"), ("tasks", "200"), ("untraced_tasks", "2"), ("stacks", "none")], 5, &expect![""]);
        check(
            &[("tasks", "0"), ("untraced_tasks", "9"), ("dropped", "1")],
            0,
            &expect![[r"
            nothing: nothing was recorded, but 9 tasks ran untraced: spawn tasks with goroscope_recorder::spawn instead of the runtime's, and put .traced() on the main future
        "]],
        );
        check(
            &[],
            0,
            &expect![[r"
            nothing: nothing was recorded: spawn tasks with goroscope_recorder::spawn instead of the runtime's, and put .traced() on the main future
        "]],
        );
        let all = [
            ("dropped", "7"),
            ("tasks", "90"),
            ("untraced_tasks", "10"),
            ("stacks", "none"),
            ("frame_pointers", "absent"),
            ("polls", "100"),
            ("unheard_wakes", "6"),
        ];
        check(
            &all,
            90,
            &expect![[r"
            dropped: 7 records were dropped, as there was no memory for them: what happened meanwhile is missing or made up; give the recording more with Builder::memory
            untraced: 10 of 100 tasks were not traced (10.0 %): use goroscope_recorder::spawn, or .traced()
            stacks: no stacks were taken, so nothing tells where and why tasks wait: the program has no frame pointers and no unwind tables; build it with -C force-frame-pointers=yes
            unheard: 6 of 100 polls came without a known wake (6.0 %): who woke these tasks is not in the trace
        "]],
        );
        check(&[("perf", "off"), ("tasks", "1")], 1, &expect![""]);
        check(
            &[("perf", "refused: a filter; do this"), ("tasks", "1")],
            1,
            &expect![[r"
            kernel: the kernel told nothing of samples and switches of the processor, as was asked: a filter; do this
        "]],
        );
        check(
            &[("tasks", "1"), ("stacks", "off"), ("frame_pointers", "absent")],
            1,
            &expect![[r"
            stacks: the recording was made without stacks, so nothing tells where tasks wait, and hardly anything why: see Builder::stacks
        "]],
        );
        check(&[("tasks", "what"), ("dropped", "-1"), ("polls", ""), ("stacks", "frame pointers")], 1, &expect![""]);
    }
}
