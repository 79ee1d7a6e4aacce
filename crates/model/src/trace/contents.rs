//! What a trace consists of, as it is in the bytes that it was written to.
//!
//! Small tables and what follows from others are made anew when a trace is opened; all that grows with the number of
//! events stays packed where it is.

use crate::build::TaskTables;
use crate::csr::{RowsByKey, offsets};
use crate::facts::{Facts, symbols_of_bytes};
use crate::lanes::{LaneTable, PackedLane};
use crate::population::{Lives, Population};
use crate::recording::Heard;
use crate::sections::SectionReader;
use crate::series::SeriesTable;
use crate::storage::{Bytes, SharedBytes, Words};
use crate::table::{Row, Table};
use crate::zoom::{self, LaneSums, Times, ZoomIndex};
use crate::{
    CounterPoint, Experimental, GoIdx, Goroutine, Group, GroupIdx, Label, Log, OffCpu, Point, Proc, ProcIdx, Range,
    Region, Sample, StringIdx, Symbols, Thread, ThreadIdx, UnknownEvent,
};

/// Everything.
pub(super) struct Contents {
    pub facts: Facts,
    pub symbols: Symbols,
    pub goroutines: Vec<Goroutine>,
    pub gos_by_id: Vec<GoIdx>,
    pub groups: Vec<Group>,
    pub procs: Vec<Proc>,
    /// Of each lane of procs its row.
    pub proc_rows: Vec<ProcIdx>,
    /// Of each row of procs its lane.
    pub proc_lanes: Vec<u32>,
    pub threads: Vec<Thread>,
    pub go_spans: LaneTable,
    pub proc_spans: LaneTable,
    pub thread_spans: LaneTable,
    pub wakes: LaneTable,
    pub ranges: Table<Range>,
    pub ranges_by_scope: RowsByKey,
    pub stops: Vec<u32>,
    pub metrics: [Table<Point>; 3],
    pub tasks: TaskTables,
    pub regions: Table<Region>,
    /// Where the regions of each goroutine begin; empty if there are no regions.
    pub first_region: Vec<u32>,
    pub logs: Table<Log>,
    pub labels: Table<Label>,
    pub go_logs: RowsByKey,
    pub task_logs: RowsByKey,
    pub samples: Table<Sample>,
    pub go_samples: RowsByKey,
    pub proc_samples: RowsByKey,
    pub thread_samples: RowsByKey,
    pub experimental: Table<Experimental>,
    pub unknown: Table<UnknownEvent>,
    pub go_zoom: ZoomIndex,
    pub proc_zoom: ZoomIndex,
    pub thread_zoom: ZoomIndex,
    /// By group.
    pub populations: Vec<Population>,
    pub heard: Heard,
    /// By counter.
    pub counters: Vec<SeriesTable<CounterPoint>>,
    /// Of each thread whose slices are known.
    pub off_cpu: Vec<(ThreadIdx, SeriesTable<OffCpu>)>,
}

impl Contents {
    /// What these bytes say, if they are whole.
    pub fn of_bytes(blocks: &SharedBytes, tables: &SharedBytes) -> Option<Self> {
        let len = (**blocks).as_ref().len();
        let blocks = Bytes::new(blocks, 0..len);
        let mut sections = SectionReader::new(tables)?;
        let facts = Facts::of_bytes(sections.next()?.get())?;
        let symbols = symbols_of_bytes(sections.next()?.get())?;
        let goroutines = Table::<Goroutine>::new(sections.next()?, sections.next()?);
        let mut goroutines: Vec<Goroutine> = goroutines.rows(&[]).iter().collect();
        let proc_rows: Vec<ProcIdx> = Words(sections.next()?.get()).iter().map(ProcIdx).collect();
        let (go_spans, proc_spans, thread_spans, wakes) =
            (sections.lanes(&blocks)?, sections.lanes(&blocks)?, sections.lanes(&blocks)?, sections.lanes(&blocks)?);
        let ranges = Table::new(sections.next()?, blocks.clone());
        let mut metric = || Some(Table::new(sections.next()?, blocks.clone()));
        let metrics = [metric()?, metric()?, metric()?];
        let tasks = Table::new(sections.next()?, blocks.clone());
        let tasks = TaskTables::new(tasks.rows(&[]).iter().collect());
        let regions = Table::<Region>::new(sections.next()?, blocks.clone());
        let logs = Table::<Log>::new(sections.next()?, blocks.clone());
        let labels = Table::new(sections.next()?, blocks.clone());
        let samples = Table::<Sample>::new(sections.next()?, blocks.clone());
        let experimental = Table::new(sections.next()?, blocks.clone());
        let unknown = Table::new(sections.next()?, blocks.clone());
        let procs = Table::<Proc>::new(sections.next()?, blocks.clone());
        let mut procs: Vec<(ProcIdx, Proc)> = proc_rows.iter().copied().zip(procs.rows(&[]).iter()).collect();
        let threads = Table::<Thread>::new(sections.next()?, blocks.clone());
        let mut numbers = || Some(Words(sections.next()?.get()).iter().collect::<Vec<u32>>());
        let ranges_by_scope = RowsByKey::of(numbers()?, numbers()?);
        let stops = numbers()?;
        let (go_zoom, proc_zoom, thread_zoom) = (sections.zoom()?, sections.zoom()?, sections.zoom()?);
        let groups = groups(&sections.next()?, &mut goroutines)?;
        let mut populations = Vec::with_capacity(groups.len());
        for _ in &groups {
            populations.push(Population::of_bytes(&sections.next()?)?);
        }
        let heard = Heard::of_bytes(sections.next()?.get())?;
        let mut counters = Vec::with_capacity(heard.counters.len());
        for _ in &heard.counters {
            counters.push(series(&mut sections, &blocks)?);
        }
        let threads: Vec<Thread> = threads.rows(&[]).iter().collect();
        let mut off_cpu = Vec::new();
        for &number in &heard.off_cpu {
            let table = series(&mut sections, &blocks)?;
            if let Some(thread) = threads.iter().position(|thread| thread.id.0 == number) {
                off_cpu.push((ThreadIdx(thread as u32), table));
            }
        }
        off_cpu.sort_by_key(|&(thread, _)| thread);
        let mut proc_lanes: Vec<u32> = (0..procs.len() as u32).collect();
        proc_lanes.sort_by_key(|&lane| procs[lane as usize].0);
        procs.sort_by_key(|&(row, _)| row);
        Some(Self {
            first_region: first_regions(&regions, goroutines.len()),
            go_logs: rows_of(goroutines.len(), logs.rows(&[]).iter().map(|log| log.go.0)),
            task_logs: rows_of(tasks.tasks.len(), logs.rows(&[]).iter().map(|log| log.task.0)),
            go_samples: rows_of(goroutines.len(), samples.rows(&[]).iter().map(|sample| sample.go.0)),
            proc_samples: rows_of(procs.len(), samples.rows(&proc_rows).iter().map(|sample| sample.proc.0)),
            thread_samples: rows_of(thread_spans.lanes(), samples.rows(&[]).iter().map(|s| s.thread.0)),
            gos_by_id: gos_by_id(&goroutines),
            procs: procs.into_iter().map(|(_, proc)| proc).collect(),
            threads,
            facts,
            symbols,
            goroutines,
            groups,
            proc_rows,
            proc_lanes,
            go_spans,
            proc_spans,
            thread_spans,
            wakes,
            ranges,
            ranges_by_scope,
            stops,
            metrics,
            tasks,
            regions,
            logs,
            labels,
            samples,
            experimental,
            unknown,
            go_zoom,
            proc_zoom,
            thread_zoom,
            populations,
            heard,
            counters,
            off_cpu,
        })
    }

    /// The lane of a proc.
    pub fn proc(&self, proc: ProcIdx) -> PackedLane<'_> {
        self.proc_spans.lane(self.proc_lanes.get(proc.index()).copied().unwrap_or(u32::MAX))
    }

    /// The sums of a proc.
    pub fn proc_zoom(&self, proc: ProcIdx) -> Option<LaneSums<'_>> {
        self.proc_zoom.lane(self.proc_lanes.get(proc.index()).copied()?)
    }

    /// Adds the goroutine-time of a group to cells.
    pub fn add_group_cells(&self, group: GroupIdx, from: i64, width: i64, out: &mut [Times]) {
        let row = &self.groups[group.index()];
        // One goroutine's lane says it all.
        if let [go] = *row.members {
            zoom::add_cells(self.go_spans.lane(go.0), self.go_zoom.lane(go.0), from, width, out);
        } else {
            let lives = Lives { spans: &self.go_spans, zoom: &self.go_zoom };
            self.populations[group.index()].add_cells(row, lives, from, width, out);
        }
    }
}

fn series<R: Row>(sections: &mut SectionReader, blocks: &Bytes) -> Option<SeriesTable<R>> {
    Some(SeriesTable { table: Table::new(sections.next()?, blocks.clone()), blocks: sections.next()? })
}

fn rows_of(keys: usize, of_rows: impl Iterator<Item = u32>) -> RowsByKey {
    let of_rows: Vec<u32> = of_rows.collect();
    RowsByKey::new(keys, of_rows.into_iter())
}

/// Groups with their members, who know to which they belong.
fn groups(bytes: &Bytes, goroutines: &mut [Goroutine]) -> Option<Vec<Group>> {
    let words: Vec<u32> = Words(bytes.get()).iter().collect();
    let mut groups: Vec<Group> = words
        .chunks_exact(4)
        .map(|words| Group {
            function: StringIdx(words[0]),
            members: Vec::new(),
            peak: words[1],
            region_depth: words[2] as u16,
            has_ranges: words[3] != 0,
        })
        .collect();
    for (i, goroutine) in goroutines.iter().enumerate() {
        groups.get_mut(goroutine.group.index())?.members.push(GoIdx(i as u32));
    }
    Some(groups)
}

fn first_regions(regions: &Table<Region>, goroutines: usize) -> Vec<u32> {
    let rows = regions.rows(&[]);
    if rows.is_empty() {
        return Vec::new();
    }
    offsets(goroutines, rows.iter().map(|region| region.go.0)).0
}

fn gos_by_id(goroutines: &[Goroutine]) -> Vec<GoIdx> {
    let mut gos: Vec<GoIdx> = (0..goroutines.len() as u32).map(GoIdx).collect();
    gos.sort_by_key(|go| goroutines[go.index()].id);
    gos
}
