//! Makes a generation ready to be ordered: its clock, its tables, a cursor for each thread.

use goroscope_wire::{Batch, BatchKind, CpuSamples, RawClock, Version, cpu_samples, sync};

use crate::clock::{Clock, USUAL_FREQUENCY};
use crate::cursor::Cursor;
use crate::decode::{Decoder, Measure};
use crate::diagnostic::Log;
use crate::entries::{Gap, Sense};
use crate::framing::Pieces;
use crate::merge::Sample;
use crate::names::{Fault, Names};
use crate::order::Order;
use crate::tally::Tally;
use crate::{Diagnostic, EventType, ExperimentalBatch, GoId, ProcId, ThreadId};

/// Samples are believed behind damage if they are no further from the generation's start than this part of what is far.
const PARTS_OF_FAR: u64 = 24 * 12;

/// What the sync batches of a generation say.
#[derive(Debug)]
pub struct Timing {
    /// Ticks per second, from the file or assumed.
    pub frequency: u64,
    pub clock: Clock,
    /// Three clocks at one moment, if recorded.
    pub snapshot: Option<RawClock>,
    /// Whether nothing that should be there is missing.
    pub is_complete: bool,
}

/// Reads the sync batches; `before` is the frequency of the generations before.
///
/// A process has one clock: what says another frequency is damaged.
pub fn timing(version: Version, pieces: &Pieces<'_>, before: Option<u64>, log: &mut Log, tally: &mut Tally) -> Timing {
    let mut frequency = None;
    let mut snapshot = None;
    for batch in &pieces.syncs {
        match sync(version, batch) {
            Ok(found) => {
                let bytes = count_sync(found.frequency, found.clock.is_some(), batch, tally);
                let is_second =
                    (frequency.is_some() && found.frequency.is_some()) || (snapshot.is_some() && found.clock.is_some());
                if is_second {
                    log.push(loss(batch, bytes, "second clock in one generation; the first one holds"));
                }
                let own = found.frequency.filter(|&frequency| frequency > 0);
                if let (Some(own), Some(before), None) = (own, before, frequency)
                    && own != before
                {
                    let message =
                        format!("the clock ticks {own} times a second, elsewhere {before} times: so here, too");
                    log.push(loss(batch, 0, message));
                }
                frequency = frequency.or(own.map(|own| before.unwrap_or(own)));
                snapshot = snapshot.or(found.clock);
            }
            Err(error) => {
                log.push(Diagnostic {
                    offset: error.offset,
                    ..loss(batch, batch.data.len() as u64, error.to_string())
                });
            }
        }
    }
    if frequency.is_none() {
        let instead = match before {
            Some(_) => "that of the generation before holds",
            None => "64 ns per tick are assumed",
        };
        log.push(missing(pieces, format!("no frequency of the clock: {instead}")));
    }
    if snapshot.is_none() && version >= Version::Go125 {
        log.push(missing(pieces, "no snapshot of the clocks".into()));
    }
    let is_complete = frequency.is_some() && (snapshot.is_some() || version < Version::Go125);
    let frequency = frequency.or(before).unwrap_or(USUAL_FREQUENCY);
    Timing { frequency, clock: Clock::new(frequency), snapshot, is_complete }
}

/// Counts the records of a sync batch; gives their bytes.
fn count_sync(frequency: Option<u64>, has_clock: bool, batch: &Batch<'_>, tally: &mut Tally) -> u64 {
    let records = batch.data.len() as u64 - u64::from(batch.data.first() == Some(&EventType::Sync.byte()));
    let mut rest = records;
    if let Some(frequency) = frequency {
        let varint = (u64::BITS - frequency.leading_zeros()).div_ceil(7).max(1);
        let bytes = if has_clock { u64::from(varint) + 1 } else { records };
        tally.add(EventType::Frequency, bytes);
        rest = records.saturating_sub(bytes);
    }
    if has_clock {
        tally.add(EventType::ClockSnapshot, rest);
    }
    records
}

/// Reads strings and stacks into `names`; whether all could be read.
pub fn tables(pieces: &Pieces<'_>, names: &mut Names, log: &mut Log, tally: &mut Tally) -> bool {
    let mut is_complete = true;
    let mut fail = |batch: &Batch<'_>, fault: Fault| {
        is_complete = false;
        log.push(match fault {
            Fault::Gap(gap) => gap_loss(batch, gap),
            Fault::Twice(count) => {
                let message = format!("{count} ids in the {} are taken; the first entry holds", batch_name(batch.kind));
                loss(batch, 0, message)
            }
        });
    };
    names.add_strings(&pieces.strings, tally, &mut fail);
    names.add_stacks(&pieces.stacks, tally, &mut fail);
    is_complete
}

/// Reads the CPU samples.
pub fn samples(pieces: &Pieces<'_>, clock: Clock, names: &mut Names, log: &mut Log, tally: &mut Tally) -> Vec<Sample> {
    let reach = clock.far() / PARTS_OF_FAR;
    let sense = Sense::Samples { start: pieces.start, reach, most_stack: names.greatest_stack() };
    let mut samples = Vec::new();
    for batch in &pieces.samples {
        let before = samples.len();
        let mut far = 0;
        let mut entries = cpu_samples(batch);
        loop {
            let start = entries.offset();
            match entries.next() {
                Some(Ok(sample)) if sample.time.abs_diff(pieces.start) > clock.far() => far += 1,
                Some(Ok(sample)) => samples.push(Sample {
                    time: clock.nanoseconds(sample.time),
                    thread: ThreadId(sample.thread),
                    proc: ProcId(sample.proc),
                    go: if sample.go == 0 { GoId::NONE } else { GoId(sample.go) },
                    stack: names.stack(sample.stack),
                }),
                Some(Err(error)) => {
                    let gap = sense.pass(batch, error, start, None);
                    log.push(gap_loss(batch, gap));
                    let rest = gap.to.and_then(|to| batch.data.get((to - batch.data_offset) as usize..));
                    entries = CpuSamples::behind(rest.unwrap_or_default(), gap.to.unwrap_or(start));
                }
                None => break,
            }
        }
        if far > 0 {
            log.push(loss(batch, 0, format!("{far} CPU samples at times far from the generation's are dropped")));
        }
        tally.add_entries(EventType::CPUSample, (samples.len() - before) as u64, batch);
    }
    samples
}

/// A cursor and a decoder for each thread.
pub fn cursors<'a>(measure: Measure, pieces: &mut Pieces<'a>, order: &mut Order) -> (Vec<Cursor>, Vec<Decoder<'a>>) {
    let threads = std::mem::take(&mut pieces.threads).into_iter().enumerate();
    threads
        .map(|(number, thread)| {
            let index = order.thread_index(thread.thread);
            (Cursor::new(thread.thread, index, number as u32), Decoder::new(thread.batches, measure))
        })
        .unzip()
}

/// What is kept of the experimental batches.
pub fn experimental(pieces: &Pieces<'_>) -> Vec<ExperimentalBatch> {
    pieces
        .experimental
        .iter()
        .filter_map(|batch| match batch.kind {
            BatchKind::Experimental(experiment) => Some(ExperimentalBatch {
                experiment,
                generation: pieces.number,
                thread: ThreadId(batch.thread),
                offset: batch.data_offset,
                bytes: batch.data.len() as u32,
            }),
            BatchKind::Events | BatchKind::Strings | BatchKind::Stacks | BatchKind::CpuSamples | BatchKind::Sync => {
                None
            }
        })
        .collect()
}

fn batch_name(kind: BatchKind) -> &'static str {
    match kind {
        BatchKind::Events => "events",
        BatchKind::Strings => "string table",
        BatchKind::Stacks => "stack table",
        BatchKind::CpuSamples => "CPU samples",
        BatchKind::Sync => "sync batch",
        BatchKind::Experimental(_) => "experimental batch",
    }
}

/// That a part of a table cannot be read.
fn gap_loss(batch: &Batch<'_>, gap: Gap) -> Diagnostic {
    let end = batch.data_offset + batch.data.len() as u64;
    let lost = gap.to.unwrap_or(end).saturating_sub(gap.from);
    let message = match gap.to {
        Some(to) => format!("{} in the {}; what follows is lost up to byte {to}", gap.error, batch_name(batch.kind)),
        None => format!("{}; the rest of the {} is lost", gap.error, batch_name(batch.kind)),
    };
    Diagnostic { offset: if gap.takes_last { gap.from } else { gap.error.offset }, ..loss(batch, lost, message) }
}

fn loss(batch: &Batch<'_>, lost_bytes: u64, message: impl Into<String>) -> Diagnostic {
    Diagnostic {
        generation: Some(batch.generation),
        thread: ThreadId(batch.thread).get(),
        lost_bytes,
        ..Diagnostic::loss(batch.offset, message)
    }
}

fn missing(pieces: &Pieces<'_>, message: String) -> Diagnostic {
    Diagnostic { generation: Some(pieces.number), ..Diagnostic::loss(pieces.offset, message) }
}
