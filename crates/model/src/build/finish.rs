//! What is left to do when all events were read.
//!
//! 1. Rows that had to wait for the end are sorted and packed: tasks, regions, logs, samples.
//! 2. Spans that are still raw are packed, and the sums of blocks become those of lanes; from here on blocks are only
//!    read.
//! 3. Groups of goroutines and their sums.
//! 4. Directories, sums and small tables become bytes behind the blocks, and a trace is what these bytes say: whether
//!    they were just made or come from an earlier time makes no difference.

use goroscope_reader::{Diagnostic, Finished};

use super::backwards::Backwards;
use super::{Builder, Source, groups, recording};
use crate::csr::RowsByKey;
use crate::facts::{Facts, symbols_to_bytes};
use crate::lanes::{Directory, LaneTable};
use crate::parallel::all;
use crate::population::{Lives, populations};
use crate::sections::SectionWriter;
use crate::storage::{Arena, Bytes, Memory, SharedBytes, words};
use crate::table::{Table, TableWriter};
use crate::{Class, GoIdx, Goroutine, Group, ProcIdx, Range, RangeScope, Trace};

impl Builder {
    /// The trace of all events so far.
    pub fn finish(self, source: Source, finished: Finished) -> Trace {
        let Self {
            mut scheduling,
            ranges,
            tasks,
            regions,
            metrics,
            samples,
            mut logs,
            labels,
            experimental: experiments,
            unknown,
            events,
            start,
            end,
        } = self;
        let mut finished = finished;
        forget_made_up_clocks(&mut finished);
        let Finished { symbols, notes, generations, mut diagnostics, lost, counts, bytes, clock_zero, .. } = finished;
        let batches = finished.experimental;
        let samples = samples.finish(&mut scheduling);
        scheduling.fill_empty_lanes();
        report(scheduling.backwards, &mut diagnostics);
        let super::Scheduling { mut goroutines, procs, threads, go_log, proc_log, thread_log, naming, arena, .. } =
            scheduling;
        for (i, goroutine) in goroutines.iter_mut().enumerate() {
            goroutine.function = naming.function(GoIdx(i as u32));
        }
        // The last spans are packed on threads of their own meanwhile.
        let (go_spans, wakes) = go_log.end_all(end);
        let (proc_spans, thread_spans) = (proc_log.end_all(end, &naming), thread_log.end_all(end, &naming));
        let regions = regions.finish(&mut goroutines);
        logs.sort_by_key(|log| log.ts);
        let (go_spans, wakes, proc_spans, thread_spans) =
            (go_spans.wait(), wakes.wait(), proc_spans.wait(), thread_spans.wait());
        // From here on everything before is written, so that it is known where it is.
        let tables = Directories {
            ranges: ranges.finish(&arena),
            metrics: metrics.finish(&arena),
            tasks: TableWriter::write(&tasks.finish(), &arena),
            regions: TableWriter::write(&regions, &arena),
            logs: TableWriter::write(&logs, &arena),
            labels: labels.finish(&arena),
            samples: TableWriter::write(&samples, &arena),
            experimental: experiments.finish(&arena),
            unknown: unknown.finish(&arena),
            procs: TableWriter::write(&procs, &arena),
            threads: TableWriter::write(&threads, &arena),
        };
        drop((regions, logs, samples));
        let (heard, series) = recording::hear(&notes, clock_zero, &arena, &mut diagnostics);
        drop(notes);
        let (proc_spans, thread_spans) = (proc_spans.name(&naming), thread_spans.name(&naming));
        drop(naming);
        let ((proc_spans, proc_zoom), (thread_spans, thread_zoom), (wakes, _), (go_spans, go_zoom)) =
            all(|| proc_spans.directory(), || thread_spans.directory(), || wakes.directory(), || go_spans.directory());

        let blocks = arena.blocks();
        let gos = table(&go_spans, &blocks);
        let groups = groups::groups(&mut goroutines, &gos, &go_zoom, &symbols);
        let populations = populations(&groups, Lives { spans: &gos, zoom: &go_zoom });
        let (by_scope, stops) = range_rows(&tables.ranges, &blocks, goroutines.len(), procs.len());

        let facts = Facts {
            version: source.version,
            header_minor: source.header_minor,
            file_bytes: source.bytes,
            start,
            end,
            events,
            clock_zero,
            counts,
            bytes,
            generations,
            batches,
            lost: lost.into_iter().map(|(from, to)| (from.0, to.0)).collect(),
            diagnostics,
        };
        let mut sections = SectionWriter::default();
        sections.add(facts.to_bytes());
        sections.add(symbols_to_bytes(&symbols));
        drop(symbols);
        add_goroutines(&goroutines, &mut sections);
        sections.add(words(proc_rows(&procs).into_iter().map(|proc| proc.0)));
        for directory in [go_spans, proc_spans, thread_spans, wakes] {
            sections.add_lanes(directory);
        }
        tables.add(&mut sections);
        for rows in [by_scope.firsts(), by_scope.rows(), &stops] {
            sections.add(words(rows.iter().copied()));
        }
        for zoom in [&go_zoom, &proc_zoom, &thread_zoom] {
            sections.add_zoom(zoom);
        }
        sections.add(groups_to_bytes(&groups));
        for population in &populations {
            sections.share(population.bytes());
        }
        sections.add(heard.to_bytes());
        series.into_iter().flatten().for_each(|section| sections.add(section));
        drop((gos, go_zoom, proc_zoom, thread_zoom, populations, goroutines));
        let tables = arena.finish(sections.finish());
        Trace::of_bytes(&blocks, &tables).expect("what was just written can be read")
    }
}

/// Where the rows of the packed tables are.
struct Directories {
    ranges: Vec<u8>,
    metrics: [Vec<u8>; 3],
    tasks: Vec<u8>,
    regions: Vec<u8>,
    logs: Vec<u8>,
    labels: Vec<u8>,
    samples: Vec<u8>,
    experimental: Vec<u8>,
    unknown: Vec<u8>,
    procs: Vec<u8>,
    threads: Vec<u8>,
}

impl Directories {
    fn add(self, sections: &mut SectionWriter) {
        let Self { ranges, metrics, tasks, regions, logs, labels, samples, experimental, unknown, procs, threads } =
            self;
        let [gomaxprocs, heap_live, heap_goal] = metrics;
        for directory in [
            ranges,
            gomaxprocs,
            heap_live,
            heap_goal,
            tasks,
            regions,
            logs,
            labels,
            samples,
            experimental,
            unknown,
            procs,
            threads,
        ] {
            sections.add(directory);
        }
    }
}

fn table(directory: &Directory, blocks: &SharedBytes) -> LaneTable {
    let len = (**blocks).as_ref().len();
    LaneTable {
        first_row: Bytes::owned(directory.first_row.clone()),
        first_block: Bytes::owned(directory.first_block.clone()),
        end: Bytes::owned(directory.end.clone()),
        block_start: Bytes::owned(directory.block_start.clone()),
        block_at: Bytes::owned(directory.block_at.clone()),
        blocks: Bytes::new(blocks, 0..len),
    }
}

/// Goroutines know their group only when all blocks are written, so their table has blocks of its own.
fn add_goroutines(goroutines: &[Goroutine], sections: &mut SectionWriter) {
    let arena = Arena::new(Box::new(Memory::default()));
    let directory = TableWriter::write(goroutines, &arena);
    let blocks = arena.blocks();
    sections.add(directory);
    sections.add((*blocks).as_ref().to_vec());
}

/// The row of each proc when they stand by id.
fn proc_rows(procs: &[crate::Proc]) -> Vec<ProcIdx> {
    let mut by_id: Vec<usize> = (0..procs.len()).collect();
    by_id.sort_by_key(|&proc| procs[proc].id);
    let mut rows = vec![ProcIdx(0); procs.len()];
    for (row, &proc) in by_id.iter().enumerate() {
        rows[proc] = ProcIdx(row as u32);
    }
    rows
}

/// Rows of ranges by their scope, each by begin, and those that stop the world.
fn range_rows(directory: &[u8], blocks: &SharedBytes, gos: usize, procs: usize) -> (RowsByKey, Vec<u32>) {
    let len = (**blocks).as_ref().len();
    let table = Table::<Range>::new(Bytes::owned(directory.to_vec()), Bytes::new(blocks, 0..len));
    // Procs by the numbers that the rows have of them.
    let numbers: Vec<ProcIdx> = (0..procs as u32).map(ProcIdx).collect();
    let rows = table.rows(&numbers);
    let key = |range: &Range| scope_key(range.scope, gos as u32);
    let keys: Vec<u32> = rows.iter().map(|range| key(&range)).collect();
    let mut by_scope = RowsByKey::new(1 + gos + procs, keys.iter().copied());
    let starts: Vec<Option<i64>> = rows.iter().map(|range| range.start).collect();
    by_scope.sort_by_key(|row| starts[row as usize]);
    let is_stop = |(_, range): &(u32, Range)| range.class == Class::StopTheWorld;
    let mut stops: Vec<u32> = (0..).zip(rows.iter()).filter(is_stop).map(|(row, _)| row).collect();
    stops.sort_by_key(|&row| starts[row as usize]);
    (by_scope, stops)
}

/// The key of a scope among rows of ranges: the program, then goroutines, then procs.
pub(crate) fn scope_key(scope: RangeScope, gos: u32) -> u32 {
    match scope {
        RangeScope::Global => 0,
        RangeScope::Go(go) => go.get().map_or(u32::MAX, |go| 1 + go.0),
        RangeScope::Proc(proc) => proc.get().map_or(u32::MAX, |proc| 1 + gos + proc.0),
    }
}

fn groups_to_bytes(groups: &[Group]) -> Vec<u8> {
    words(
        groups.iter().flat_map(|group| {
            [group.function.0, group.peak, u32::from(group.region_depth), u32::from(group.has_ranges)]
        }),
    )
}

/// A wall clock says when the first trace of a file was; how far from it the others stand on the timeline is made up.
fn forget_made_up_clocks(finished: &mut Finished) {
    let Some(another) = finished.traces.get(1) else { return };
    for generation in finished.generations.iter_mut().filter(|generation| generation.offset >= another.offset) {
        generation.clock = None;
    }
}

fn report(backwards: Backwards, diagnostics: &mut Vec<Diagnostic>) {
    if backwards.count > 0 {
        let Backwards { count, largest } = backwards;
        let message = format!(
            "clocks of threads disagree: {count} times moved forward to keep a goroutine, proc or thread in order, by \
             {largest} ns at most"
        );
        diagnostics.push(Diagnostic::note(0, message));
    }
}
