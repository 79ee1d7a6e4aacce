//! Spans while they are being read: a short row of raw spans per lane, packed when it is full.
//!
//! The last span of a lane that has not ended is still raw, so that what is learnt of it later can be added. Full rows are
//! packed by a thread of the table's own as soon as there are some.

use std::panic::resume_unwind;
use std::sync::mpsc::{Receiver, SyncSender, channel, sync_channel};
use std::thread::JoinHandle;

use super::packing::{Full, Kind, Packing, Raw, Written};
use crate::packed::BLOCK;
use crate::storage::{Arena, long_words, words};
use crate::zoom::{ZoomIndex, ZoomWriter};

/// What is known of a lane while it grows: what the next span depends on without looking at the last one, which is far
/// away if there are many lanes.
#[derive(Debug)]
#[repr(align(64))]
struct Lane<const E: usize, const X: usize> {
    raw: Vec<Raw<E, X>>,
    packed: u32,
    /// The first number of its last span's entry, or `NOTHING` if it has none that has not ended.
    state: u32,
    /// When its last span began; `i64::MIN` if it has none.
    last_start: i64,
    /// When the lane ended, or `i64::MAX`.
    end: i64,
}

/// The spans of all lanes of a kind, with `X` columns beside begin and entry.
#[derive(Debug)]
pub(crate) struct LaneWriter<const E: usize, const X: usize> {
    lanes: Vec<Lane<E, X>>,
    /// Rows to be packed that the thread has not got yet.
    full: Vec<Full<E, X>>,
    /// Memory of rows that are packed.
    spare: Vec<Vec<Raw<E, X>>>,
    kind: Kind,
    packer: Packer<E, X>,
}

/// Who packs.
#[derive(Debug)]
enum Packer<const E: usize, const X: usize> {
    /// Nobody yet.
    Later(Arena),
    Thread {
        full: SyncSender<Vec<Full<E, X>>>,
        spare: Receiver<Vec<Raw<E, X>>>,
        packing: JoinHandle<Packing<E, X>>,
    },
}

/// No state.
const NOTHING: u32 = u32::MAX;
/// Raw spans of a new lane: most lanes are short.
const FIRST: usize = 4;
/// Hand-overs that may wait.
const WAITING: usize = 8;
/// Rows that are handed over at a time.
const AT_A_TIME: usize = 64;

impl<const E: usize, const X: usize> LaneWriter<E, X> {
    /// No lanes; packed spans go to the arena.
    pub fn new(kind: Kind, arena: &Arena) -> Self {
        let packer = Packer::Later(arena.clone());
        Self { lanes: Vec::new(), full: Vec::new(), spare: Vec::new(), kind, packer }
    }

    /// Adds a lane without spans.
    pub fn add_lane(&mut self) {
        self.lanes.push(Lane { raw: Vec::new(), packed: 0, state: NOTHING, last_start: i64::MIN, end: i64::MAX });
    }

    /// Number of lanes.
    pub fn lanes(&self) -> usize {
        self.lanes.len()
    }

    /// How many spans a lane has.
    pub fn rows(&self, lane: u32) -> u32 {
        let lane = &self.lanes[lane as usize];
        lane.packed + lane.raw.len() as u32
    }

    /// Whether the lane has ended for good: nothing can be added any longer.
    #[inline]
    pub fn has_ended(&self, lane: u32) -> bool {
        self.lanes[lane as usize].end != i64::MAX
    }

    /// When the last span of a lane began; `i64::MIN` if it has none.
    #[inline]
    pub fn last_start(&self, lane: u32) -> i64 {
        self.lanes[lane as usize].last_start
    }

    /// The first number of the entry of the last span of a lane that has not ended.
    #[inline]
    pub fn state(&self, lane: u32) -> Option<u32> {
        let state = self.lanes[lane as usize].state;
        (state != NOTHING).then_some(state)
    }

    /// The last span of a lane that has not ended.
    #[inline]
    pub fn last(&self, lane: u32) -> Option<&Raw<E, X>> {
        self.lanes[lane as usize].raw.last()
    }

    /// Changes that span, whose begin stays.
    #[inline]
    pub fn change_last(&mut self, lane: u32, change: impl FnOnce(&mut Raw<E, X>)) {
        let lane = &mut self.lanes[lane as usize];
        if let Some(last) = lane.raw.last_mut() {
            change(last);
            lane.state = last.entry.first().copied().unwrap_or(0);
        }
    }

    /// Begins a span, not before the last one.
    #[inline]
    pub fn push(&mut self, lane: u32, span: Raw<E, X>) {
        let it = &mut self.lanes[lane as usize];
        it.last_start = span.start;
        it.state = span.entry.first().copied().unwrap_or(0);
        let raw = &mut it.raw;
        if raw.len() == raw.capacity() {
            self.grow(lane);
        }
        self.lanes[lane as usize].raw.push(span);
    }

    /// Makes room for a span.
    #[cold]
    fn grow(&mut self, lane: u32) {
        let raw = &mut self.lanes[lane as usize].raw;
        match raw.len() {
            0 => raw.reserve_exact(FIRST),
            BLOCK => {
                let fresh = self.spare.pop().unwrap_or_else(|| Vec::with_capacity(BLOCK));
                self.flush(lane, fresh);
            }
            len => raw.reserve_exact((len * 3).min(BLOCK - len)),
        }
    }

    /// Ends a lane for good.
    pub fn end(&mut self, lane: u32, ts: i64) {
        let it = &mut self.lanes[lane as usize];
        (it.end, it.state) = (ts, NOTHING);
        self.flush(lane, Vec::new());
    }

    fn flush(&mut self, lane: u32, fresh: Vec<Raw<E, X>>) {
        let state = &mut self.lanes[lane as usize];
        let raw = std::mem::replace(&mut state.raw, fresh);
        if raw.is_empty() {
            return;
        }
        state.packed += raw.len() as u32;
        self.full.push(Full { lane, raw });
        if self.full.len() == AT_A_TIME {
            self.hand_over();
        }
    }

    fn hand_over(&mut self) {
        if let Packer::Later(arena) = &self.packer {
            let packing = Packing::new(self.kind, arena.clone());
            let (full, jobs) = sync_channel::<Vec<Full<E, X>>>(WAITING);
            let (giver, spare) = channel();
            let packing = std::thread::spawn(move || pack_all(packing, &jobs, &giver));
            self.packer = Packer::Thread { full, spare, packing };
        }
        if let Packer::Thread { full, spare, .. } = &self.packer {
            let jobs = std::mem::replace(&mut self.full, Vec::with_capacity(AT_A_TIME));
            // It only fails if the thread panicked, which is told when it is joined.
            let _ = full.send(jobs);
            self.spare.extend(spare.try_iter());
        }
    }

    /// Packs what is left. Lanes that did not end do so at `end`. Then `change` changes entries of the spans in
    /// `changed`, each a lane and a number in it, of which there are few.
    pub fn finish(
        mut self,
        end: i64,
        changed: &[(u32, u32)],
        change: impl Fn(&mut Raw<E, X>),
    ) -> (Directory, ZoomIndex) {
        for lane in 0..self.lanes.len() as u32 {
            let state = &mut self.lanes[lane as usize];
            if state.end == i64::MAX {
                state.end = end.max(state.last_start);
            }
            self.flush(lane, Vec::new());
        }
        let mut packing = match self.packer {
            Packer::Later(arena) => Packing::new(self.kind, arena),
            Packer::Thread { full, packing, .. } => {
                drop(full);
                packing.join().unwrap_or_else(|panic| resume_unwind(panic))
            }
        };
        for full in &self.full {
            packing.pack(full);
        }
        packing.patch(self.lanes.len(), changed, change);
        directory(&self.lanes, &packing.written, &packing.sums)
    }
}

/// Packs rows until there are no more, and gives back their memory.
fn pack_all<const E: usize, const X: usize>(
    mut packing: Packing<E, X>,
    jobs: &Receiver<Vec<Full<E, X>>>,
    giver: &std::sync::mpsc::Sender<Vec<Raw<E, X>>>,
) -> Packing<E, X> {
    for full in jobs.iter().flatten() {
        packing.pack(&full);
        let Full { mut raw, .. } = full;
        if raw.capacity() >= BLOCK {
            raw.clear();
            // Nobody wants it any longer at the end.
            let _ = giver.send(raw);
        }
    }
    packing
}

/// Where the spans of each lane are, as bytes.
#[derive(Debug)]
pub(crate) struct Directory {
    pub first_row: Vec<u8>,
    pub first_block: Vec<u8>,
    pub end: Vec<u8>,
    pub block_start: Vec<u8>,
    pub block_at: Vec<u8>,
}

/// Where the spans of each lane are, and the sums of what they show.
fn directory<const E: usize, const X: usize>(
    lanes: &[Lane<E, X>],
    written: &[Written],
    sums: &[u64],
) -> (Directory, ZoomIndex) {
    let mut first_block = vec![0u32; lanes.len() + 1];
    for block in written {
        first_block[block.lane as usize + 1] += 1;
    }
    for lane in 0..lanes.len() {
        first_block[lane + 1] += first_block[lane];
    }
    let mut next = first_block.clone();
    let mut by_lane: Vec<&Written> = vec![];
    if let Some(any) = written.first() {
        by_lane.resize(written.len(), any);
    }
    for block in written {
        let place = &mut next[block.lane as usize];
        by_lane[*place as usize] = block;
        *place += 1;
    }
    let mut zoom = ZoomWriter::default();
    for (number, lane) in lanes.iter().enumerate() {
        let blocks = first_block[number] as usize..first_block[number + 1] as usize;
        zoom.add_lane(number as u32, by_lane[blocks].iter().map(|block| (block.start, block.times)), lane.end, sums);
    }
    let mut rows = 0;
    let first_row = std::iter::once(0).chain(lanes.iter().map(|lane| {
        rows += lane.packed;
        rows
    }));
    let directory = Directory {
        first_row: words(first_row),
        first_block: words(first_block),
        end: long_words(lanes.iter().map(|lane| lane.end as u64)),
        block_start: long_words(by_lane.iter().map(|block| block.start as u64)),
        block_at: long_words(by_lane.iter().map(|block| block.at)),
    };
    (directory, zoom.finish())
}
