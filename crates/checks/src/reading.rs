//! Whole files to ordered events.

use std::collections::BTreeMap;
use std::num::NonZero;

use goroscope_reader::{
    Event, EventKind, Finished, GoId, GoState, ProcId, ProcState, ReadAhead, ReadOptions, Reader, StackIdx, StringIdx,
    ThreadId, Ts, read_ahead,
};
use goroscope_wire::Version;

use crate::meter::{Bound, within};

/// What reading may take, events not kept.
///
/// The dearest bytes known are those of a batch without events: five of them are a thread with its cursor, its context
/// and its place among those that wait, 92 bytes for each byte of the file. Twice that, because a vector that grows is
/// there twice.
pub const MEMORY: Bound = Bound { per_byte: 192, fixed: 256 << 10 };

/// The most ordered events for each byte of the file: a batch of six bytes can lose or find again three resources.
const EVENTS_PER_BYTE: usize = 3;

/// A file, whatever its version.
pub fn any(file: &[u8]) {
    if let Ok(reader) = Reader::new(file) {
        let (finished, _) = within(MEMORY, file.len(), || drain(reader));
        check_finished(file, &finished);
        check_events(file, &finished);
    }
}

/// Records of the v1 format, the header not counted; the first byte says the version.
pub fn v1(bytes: &[u8]) {
    let Some((first, records)) = bytes.split_first() else { return };
    let versions = [Version::Go111, Version::Go119, Version::Go121];
    let version = versions[usize::from(*first) % versions.len()];
    any(&[&version.header(), records].concat());
}

/// What is decoded and ordered on other threads comes out as the same, event for event and in all that is said of the
/// file, which is `what`.
pub fn ahead(file: &[u8], what: &str) {
    let everything = |mut reader: Reader<'_>| {
        let events: Vec<_> = std::iter::from_fn(|| reader.next()).collect();
        (events, format!("{:?}", reader.finish()))
    };
    if let Ok(reader) = Reader::new(file) {
        let (events, said) = everything(reader);
        for threads in [2, 4] {
            let crew = ReadAhead::on(NonZero::new(threads).unwrap_or(NonZero::<usize>::MIN));
            let ahead = read_ahead(file, ReadOptions::default(), crew, everything);
            let (events_ahead, said_ahead) = ahead.unwrap_or_else(|error| panic!("{error}"));
            let different = events.iter().zip(&events_ahead).position(|(one, other)| one != other);
            assert_eq!(
                (different, events_ahead.len()),
                (None, events.len()),
                "{what} on {threads} threads: first different event, and how many"
            );
            assert_eq!(said_ahead, said, "{what} on {threads} threads");
        }
    }
}

fn drain(mut reader: Reader<'_>) -> Finished {
    while reader.next().is_some() {}
    reader.finish()
}

fn check_finished(file: &[u8], finished: &Finished) {
    let len = file.len() as u64;
    let lost: u64 = finished.diagnostics.iter().map(|diagnostic| diagnostic.lost_bytes).sum();
    assert!(lost <= len, "{lost} bytes lost of {len}");
    assert!(finished.diagnostics.iter().all(|diagnostic| diagnostic.offset <= len && !diagnostic.message.is_empty()));
    let in_generations: u64 = finished.generations.iter().map(|generation| generation.bytes).sum();
    assert!(in_generations <= len, "{in_generations} bytes in generations of {len}");
    let counted: u64 = finished.bytes.iter().sum();
    assert!(counted <= len, "{counted} bytes in records of {len}");
    assert!(finished.counts.iter().zip(finished.bytes.iter()).all(|(count, bytes)| count <= bytes));
}

/// Reads the file again and looks at each event.
fn check_events(file: &[u8], finished: &Finished) {
    let Ok(mut reader) = Reader::new(file) else { return };
    let (mut states, mut count, mut position) = (States::default(), 0, 0);
    while let Some(event) = reader.next() {
        count += 1;
        assert!(count <= EVENTS_PER_BYTE * file.len(), "{count} events in {} bytes", file.len());
        assert!(reader.position() >= position, "{} after {position}", reader.position());
        assert!(reader.position() <= file.len() as u64, "{}", reader.position());
        position = reader.position();
        check_rows(&event, &reader);
        states.check(&event);
    }
    assert!(states.has_ended, "the last event is a sync");
    assert_eq!(reader.position(), file.len() as u64);
    assert!(reader.next().is_none(), "the end is the end");
    assert_eq!(reader.generations(), finished.generations, "twice the same");
    assert_eq!(reader.symbols().string_count(), finished.symbols.string_count(), "twice the same");
}

/// Every row that an event names is known when it is delivered.
fn check_rows(event: &Event, reader: &Reader<'_>) {
    let symbols = reader.symbols();
    let (strings, stacks) = match event.kind {
        EventKind::Sync { .. }
        | EventKind::Lost
        | EventKind::AnotherTrace
        | EventKind::Metric { .. }
        | EventKind::Sample
        | EventKind::Proc { .. }
        | EventKind::Unknown { .. }
        | EventKind::Experimental { .. } => ([None; 2], None),
        EventKind::Label { label, .. } => ([Some(label), None], None),
        EventKind::RangeBegin { name, .. }
        | EventKind::RangeActive { name, .. }
        | EventKind::RangeEnd { name, .. }
        | EventKind::TaskBegin { name, .. }
        | EventKind::TaskEnd { name, .. }
        | EventKind::RegionBegin { name, .. }
        | EventKind::RegionEnd { name, .. } => ([Some(name), None], None),
        EventKind::Log { category, message, .. } => ([Some(category), Some(message)], None),
        EventKind::Go { reason, stack, .. } => ([Some(reason), None], Some(stack)),
    };
    for StringIdx(row) in strings.into_iter().flatten() {
        assert!((row as usize) < symbols.string_count(), "{event:?}");
    }
    for StackIdx(row) in [Some(event.stack), stacks].into_iter().flatten() {
        assert!((row as usize) < symbols.stack_count(), "{event:?}");
        for frame in symbols.stack(StackIdx(row)) {
            assert!(frame.index() < symbols.frame_count(), "{event:?}");
            let frame = symbols.frame(*frame);
            assert!([frame.function, frame.file].iter().all(|row| row.index() < symbols.string_count()), "{event:?}");
        }
    }
}

/// What events said so far.
#[derive(Default)]
struct States {
    goroutines: BTreeMap<GoId, GoState>,
    procs: BTreeMap<ProcId, ProcState>,
    syncs: u32,
    has_ended: bool,
}

impl States {
    /// A state is left that was entered, unless it was lost.
    fn check(&mut self, event: &Event) {
        self.has_ended = false;
        match event.kind {
            EventKind::Sync { sync } => {
                self.syncs += 1;
                assert_eq!(sync, self.syncs, "syncs are counted");
                let executor = (event.thread, event.proc, event.go);
                assert_eq!(executor, (ThreadId::NONE, ProcId::NONE, GoId::NONE), "nobody's event");
                self.has_ended = true;
            }
            EventKind::Lost | EventKind::AnotherTrace => {
                self.goroutines.clear();
                self.procs.clear();
            }
            EventKind::Go { go, from, to, .. } => {
                let known = self.goroutines.insert(go, to).unwrap_or(GoState::Undetermined);
                // An id can begin a new life where the end of the one before was lost.
                let is_new = [GoState::Undetermined, GoState::NotExist].contains(&from);
                let follows = from == known || is_new || known == GoState::Undetermined;
                assert!(follows, "{known:?} before {event:?}");
            }
            EventKind::Proc { proc, from, to } => {
                let known = self.procs.insert(proc, to).unwrap_or(ProcState::Undetermined);
                let follows = from == known || from == ProcState::Undetermined || known == ProcState::Undetermined;
                assert!(follows, "{known:?} before {event:?}");
            }
            EventKind::RangeBegin { .. }
            | EventKind::RangeActive { .. }
            | EventKind::RangeEnd { .. }
            | EventKind::Metric { .. }
            | EventKind::Label { .. }
            | EventKind::Sample
            | EventKind::TaskBegin { .. }
            | EventKind::TaskEnd { .. }
            | EventKind::RegionBegin { .. }
            | EventKind::RegionEnd { .. }
            | EventKind::Log { .. }
            | EventKind::Unknown { .. }
            | EventKind::Experimental { .. } => {}
        }
        assert!(event.ts != Ts(i64::MIN), "{event:?}");
    }
}
