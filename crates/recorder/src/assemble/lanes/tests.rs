//! Whatever records come in, the file is valid.

use goroscope_reader::{EventKind, Reader, Validator};
use proptest::prelude::*;

use super::super::decode::{Event, Extra};
use super::*;
use crate::record::{self, Head};

const KINDS: [Kind; 28] = [
    Kind::Runtime,
    Kind::Create,
    Kind::Create,
    Kind::Start,
    Kind::Start,
    Kind::Start,
    Kind::Drop,
    Kind::Block,
    Kind::Block,
    Kind::Stop,
    Kind::Destroy,
    Kind::Wake,
    Kind::Wake,
    Kind::Park,
    Kind::Unpark,
    Kind::ThreadEnd,
    Kind::BlockingBegin,
    Kind::BlockingEnd,
    Kind::Wait,
    Kind::Wait,
    Kind::GoOn,
    Kind::Released,
    Kind::RegionBegin,
    Kind::RegionEnd,
    Kind::Log,
    Kind::TaskBegin,
    Kind::TaskEnd,
    Kind::TaskEnd,
];

/// What a record says: thread, kind, task, worker, how much later it is, and how a generation ends after it, if so.
type Told = (u64, usize, u64, u16, u64, u8);

fn names() -> Names {
    let mut names = Names::default();
    names.define_text(0, "name".into());
    names.define_text(1, "another".into());
    names.define_site(0, 7, "src/main.rs\0app::serve::{{closure}}");
    names
}

/// What `Lanes::apply` does.
type Apply = fn(&mut Lanes, u64, u64, Duration, &Event, &mut Names);

/// As `Lanes::apply`, always in the long way.
fn apply_slowly(lanes: &mut Lanes, thread: u64, time: u64, wall: Duration, event: &Event, names: &mut Names) {
    if !lanes.is_open() {
        lanes.open_empty(time, wall, names);
    }
    lanes.apply_slowly(thread, time, event, names);
}

/// The file without the first so many generations, if there are more.
fn file(version: Version, told: &[Told], lost: usize, apply: Apply) -> Vec<u8> {
    let (mut lanes, mut names) = (Lanes::new(version), names());
    let (mut generations, mut time, wall) = (Vec::new(), 1_000_000, Duration::from_secs(1_700_000_000));
    for &(thread, kind, task, worker, later, cut) in told {
        // Clocks of threads may disagree.
        time += later;
        let at = time - later / 2 * (thread % 2);
        let small = if worker > 3 { NO_WORKER } else { worker };
        let kind = KINDS[kind % KINDS.len()];
        let b = match kind {
            Kind::Create => 0,
            Kind::GoOn => record::BY_THREAD | task,
            _ => task % 2,
        };
        let head = Head { a: task, b, small, ..Head::new(kind, at) };
        let extra = (kind == Kind::Log).then(|| Extra { text: "message".into(), ..Extra::default() });
        apply(&mut lanes, thread, at, wall + Duration::from_nanos(at), &Event { head, extra }, &mut names);
        if cut == 0 {
            generations.push(lanes.close("note"));
        }
    }
    for thread in 1..6 {
        lanes.end_thread(thread, time, wall + Duration::from_nanos(time), &mut names);
    }
    if lanes.is_open() {
        generations.push(lanes.close(""));
    }
    let mut bytes = version.header().to_vec();
    let kept = generations.len().saturating_sub(lost).max(generations.len().min(1));
    bytes.extend(generations.into_iter().rev().take(kept).rev().flatten());
    bytes
}

/// What tasks do that do nothing odd: the task of each choice goes on, on its thread or on the one of the choice.
fn orderly(choices: &[(u64, u64, u16, u64, u8)]) -> Vec<Told> {
    let mut last = std::collections::BTreeMap::new();
    let runtime = (1, Kind::Runtime, 1);
    let mut told: Vec<_> = [(runtime, 0, 0, 1)].into();
    for &(thread, task, how, later, cut) in choices {
        let (kind, on) = match last.get(&task) {
            None => (Kind::Create, thread),
            Some(&(Kind::Create | Kind::Stop | Kind::Wake, _)) => (Kind::Start, thread),
            Some(&(Kind::Start, on)) => (if how % 5 == 0 { Kind::Stop } else { Kind::Block }, on),
            Some(_) if how == 0 => (Kind::Park, thread),
            Some(_) => (Kind::Wake, thread),
        };
        if kind != Kind::Park {
            last.insert(task, (kind, on));
        }
        // Threads are workers of a runtime, and a thread in between that is none.
        let worker = if on == 3 { NO_WORKER } else { on as u16 };
        told.push(((on, kind, task), worker, later, cut));
    }
    let row = |kind| KINDS.iter().position(|other| *other == kind).unwrap();
    told.into_iter()
        .map(|((thread, kind, task), worker, later, cut)| (thread, row(kind), task, worker, later, cut))
        .collect()
}

/// Without any fault for the strict reader; says how many events each generation has.
fn check(bytes: &[u8]) -> Vec<u64> {
    let mut reader = Reader::new(bytes).unwrap();
    let mut validator = Validator::default();
    let mut events = Vec::new();
    while let Some(event) = reader.next() {
        validator.push(&event);
        match event.kind {
            EventKind::Sync { .. } => events.push(0),
            _ => *events.last_mut().unwrap() += 1,
        }
    }
    let finished = reader.finish();
    assert!(finished.diagnostics.is_empty(), "{:#?}", finished.diagnostics);
    let verdict = validator.finish(&finished);
    assert!(verdict.is_valid(), "{:#?}", verdict.violations);
    assert_eq!(verdict.misused_regions, 0);
    events
}

#[test]
fn no_generation_is_empty_for_tools_that_refuse_that() {
    for (version, events) in [(Version::Go122, 1), (Version::Go125, 0), (Version::Go126, 0)] {
        let (mut lanes, mut names) = (Lanes::new(version), names());
        let mut bytes = version.header().to_vec();
        for number in 0..3 {
            lanes.open_empty(1_000 * number, Duration::from_secs(number), &mut names);
            bytes.extend(lanes.close(""));
        }
        let told = check(&bytes);
        assert_eq!((told.len() >= 3, told.iter().sum::<u64>()), (true, 3 * events), "{version:?}");
    }
}

proptest! {
    #![proptest_config(ProptestConfig { cases: 400, failure_persistence: None, ..ProptestConfig::default() })]

    #[test]
    fn nonsense_makes_a_valid_file(
        told in proptest::collection::vec((1_u64..6, 0_usize..28, 1_u64..8, 0_u16..6, 0_u64..300, 0_u8..20), 1..120),
        lost in 0_usize..6,
        version in prop_oneof![Just(Version::Go122), Just(Version::Go125), Just(Version::Go126)],
    ) {
        drop(check(&file(version, &told, lost, Lanes::apply)));
    }

    #[test]
    fn the_usual_way_writes_what_the_long_way_does(
        nonsense in proptest::collection::vec((1_u64..6, 0_usize..28, 1_u64..8, 0_u16..6, 0_u64..300, 0_u8..20), 1..120),
        choices in proptest::collection::vec((1_u64..5, 1_u64..7, 0_u16..10, 0_u64..300, 0_u8..50), 1..300),
    ) {
        for told in [nonsense, orderly(&choices)] {
            let bytes = file(Version::Go125, &told, 0, Lanes::apply);
            drop(check(&bytes));
            prop_assert!(bytes == file(Version::Go125, &told, 0, apply_slowly));
        }
    }
}
