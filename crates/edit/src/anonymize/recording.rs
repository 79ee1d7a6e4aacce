//! What goroscope-recorder says of its recording, without what identifies the program.
//!
//! How it was recorded and how much of what there was stays. Which program it was, which process, and what is where in
//! its memory does not: with the file that a build identifies, addresses are as good as names. Of what is not known
//! nothing is kept.

use super::{Anonymous, Kind};
use crate::recording::Recording;

/// Facts that are about the recording and not about the program.
const KEPT: [&str; 17] = [
    "recorder",
    "clock",
    "stacks",
    "frame_pointers",
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
    "numbers",
    "symbols",
];

/// What the recorder asks each runtime.
const OF_RUNTIME: [&str; 2] = ["global_queue", "alive_tasks"];

/// How names of counters say their unit.
const UNITS: [&str; 2] = ["_bytes", "_ns"];

/// The same with other names.
pub fn anonymous(names: &mut Anonymous, mut recording: Recording) -> Recording {
    let program = recording.facts.get("program").map(|program| names.name(Kind::Program, program));
    recording.facts.retain(|key, _| KEPT.contains(&key.as_str()));
    // Why the kernel refused may have a path in it.
    if let Some(perf) = recording.facts.get_mut("perf") {
        perf.truncate(perf.find(':').unwrap_or(perf.len()));
    }
    // What they would be looked up with is not there any more.
    if recording.facts.get("symbols").is_some_and(|symbols| symbols == "addresses") {
        recording.facts.remove("symbols");
    }
    recording.facts.extend(program.map(|program| ("program".to_owned(), program)));
    recording.several.retain(|(key, _)| key == "snapshot");
    for (_, cause) in &mut recording.several {
        *cause = names.name(Kind::Message, cause);
    }
    for name in recording.threads.values_mut() {
        *name = thread(names, name);
    }
    let counters = std::mem::take(&mut recording.counters);
    recording.counters = counters.into_iter().map(|(name, curve)| (counter(names, &name), curve)).collect();
    recording.forget_unknown();
    recording
}

/// Names that libraries give their threads stay.
fn thread(names: &mut Anonymous, name: &str) -> String {
    let is_numbered = name.strip_prefix("rayon-").is_some_and(|number| number.parse::<u32>().is_ok());
    match name {
        "" | "main" | "tokio-rt-worker" | "tokio-runtime-worker" => name.to_owned(),
        _ if is_numbered => name.to_owned(),
        _ => names.name(Kind::Thread, name),
    }
}

/// What is counted of a runtime stays, and so does a unit.
fn counter(names: &mut Anonymous, name: &str) -> String {
    let of_runtime = name.strip_prefix("tokio.").and_then(|rest| rest.rsplit_once('.'));
    if let Some((runtime, what)) = of_runtime.filter(|(_, what)| OF_RUNTIME.contains(what)) {
        let runtime = match runtime.parse::<u64>() {
            Ok(number) => number.to_string(),
            Err(_) => names.name(Kind::Runtime, runtime),
        };
        return format!("tokio.{runtime}.{what}");
    }
    let unit = UNITS.into_iter().find(|unit| name.ends_with(unit)).unwrap_or_default();
    format!("{}{unit}", names.name(Kind::Counter, name))
}

#[cfg(test)]
mod tests {
    use goroscope_wire::NOTE_PREFIX;

    use super::*;
    use crate::Pseudonyms;
    use crate::recording::Part;

    fn check(texts: &[&str], expected: &[&str]) {
        let texts: Vec<Box<str>> = texts.iter().map(|&text| text.into()).collect();
        let recording = Recording::of(&texts).expect("a recording");
        let mut recording = anonymous(&mut Anonymous::new(Pseudonyms::Counted), recording);
        let written = recording.texts(Part::First, u64::MAX);
        let written: Vec<&str> = written.iter().map(|text| text.strip_prefix(NOTE_PREFIX).expect("a note")).collect();
        assert_eq!(written, expected);
    }

    #[test]
    fn nothing_of_the_program_is_left() {
        check(
            &[
                "recorder=goroscope-recorder 0.1.0",
                "program=/home/alice/shop",
                "pid=77",
                "secret=alice",
                "symbols=addresses",
                "perf=refused: /home/alice",
                "map.0=1000-2000 0 abcd /home/alice/shop",
                "snapshot=panic: alice",
                "thread.1=main",
                "thread.2=alice",
                "thread.3=rayon-1",
                "thread.4=rayon-alice",
                "thread.5=alice",
                "series.new=alice",
                "series.counter.alice_bytes=eAYFAQ",
                "series.counter.tokio.alice.b.alive_tasks=eAYFAQ",
                "series.counter.tokio.1.global_queue=eAYFAQ",
                "series.counter.tokio.1.alice=eAYFAQ",
            ],
            &[
                "perf=refused",
                "program=program1",
                "recorder=goroscope-recorder 0.1.0",
                "thread.1=main",
                "thread.2=thread1",
                "thread.3=rayon-1",
                "thread.4=thread2",
                "thread.5=thread1",
                "snapshot=text1",
                "series.counter.counter1_bytes=eAYFAQ",
                "series.counter.counter2=eAYFAQ",
                "series.counter.tokio.1.global_queue=eAYFAQ",
                "series.counter.tokio.runtime1.alive_tasks=eAYFAQ",
            ],
        );
    }
}
