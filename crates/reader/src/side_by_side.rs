//! Orders the next generations on other threads while this one orders the one at hand.
//!
//! ```text
//!  this thread                            the others
//!  generation 1 ─ ordered here            2, 3 … from a begin that is not known (crates/reader/src/order/assume.rs),
//!    its end is known                        each until it is through, has put out so much, or is wanted
//!  generation 2 ─ is wanted ───────────►  hands over what there is, and takes the next one
//!    agrees with the end of 1?
//!      yes: its events are told, the rest of it is ordered here
//!      no: it is ordered here from its begin
//! ```
//!
//! Only generations are given away of which nothing is known to be damaged, and what meets damage on the way is given up.
//! So nothing of what is said of a file depends on these threads.

use std::collections::VecDeque;
use std::sync::atomic::{AtomicU8, Ordering};
use std::sync::mpsc::{Receiver, Sender, channel};
use std::sync::{Arc, Mutex, PoisonError};

use crate::decode::{Decoder, Measure};
use crate::diagnostic::Log;
use crate::framing::{Framing, Pieces};
use crate::merge::{Aside, Merge, Surroundings, Ties};
use crate::names::Names;
use crate::order::{Order, Output};
use crate::supply::Supply;
use crate::tally::Tally;
use crate::{Event, Ts, generation};

/// Events that are ordered at a time, after which it is looked whether the generation is wanted.
const CHUNK: usize = 4096;

/// This thread's end.
#[derive(Debug)]
pub struct Ahead<'a> {
    jobs: Sender<Job<'a>>,
    /// The file from the next generation on that was not looked at yet.
    framing: Option<Framing<'a>>,
    /// How many generations were looked at.
    framed: u32,
    pending: VecDeque<Pending<'a>>,
    /// How many generations may be ahead of the one at hand.
    most: u32,
    /// How many events of each.
    most_events: usize,
    spare: Spare,
}

/// The other end, of which each thread has one.
#[derive(Clone, Debug)]
pub struct Worker<'a>(Arc<Mutex<Receiver<Job<'a>>>>);

/// A generation that was given away.
#[derive(Debug)]
struct Pending<'a> {
    number: u32,
    offset: u64,
    bytes: u64,
    claim: Claim,
    answer: Receiver<Option<Box<Ordered<'a>>>>,
}

/// A generation to be ordered.
#[derive(Debug)]
struct Job<'a> {
    pieces: Pieces<'a>,
    number: u32,
    zero: i64,
    frequency: Option<u64>,
    ties: Ties,
    most_events: usize,
    claim: Claim,
    spare: Spare,
    answer: Sender<Option<Box<Ordered<'a>>>>,
}

/// A generation as far as it is ordered.
#[derive(Debug)]
pub struct Ordered<'a> {
    pub order: Order,
    pub merge: Merge,
    pub decoders: Vec<Decoder<'a>>,
    pub chunks: Chunks,
    /// Records of its threads.
    pub tally: Tally,
    /// Whether there are no more events.
    pub is_through: bool,
}

/// Events that were ordered and not told yet.
#[derive(Debug)]
pub struct Chunks {
    chunks: VecDeque<Chunk>,
    spare: Spare,
}

/// Events that were put out together.
#[derive(Debug)]
pub struct Chunk {
    pub events: Vec<Event>,
    /// Bytes of all records of the generation up to here.
    pub bytes: u64,
}

/// Room for events that nobody uses: what is new must be cleared by the system first.
#[derive(Clone, Debug, Default)]
struct Spare(Arc<Mutex<Vec<Vec<Event>>>>);

/// Who has a generation.
#[derive(Clone, Debug)]
struct Claim(Arc<AtomicU8>);

impl Claim {
    const WAITING: u8 = 0;
    const BEGUN: u8 = 1;
    const WANTED: u8 = 2;

    fn new() -> Self {
        Self(Arc::new(AtomicU8::new(Self::WAITING)))
    }

    /// Whoever gave it away wants it back. Whether it was begun.
    fn want(&self) -> bool {
        self.0.swap(Self::WANTED, Ordering::AcqRel) == Self::BEGUN
    }

    fn is_wanted(&self) -> bool {
        self.0.load(Ordering::Acquire) == Self::WANTED
    }

    /// A thread takes it. Whether it may.
    fn begin(&self) -> bool {
        self.0.compare_exchange(Self::WAITING, Self::BEGUN, Ordering::AcqRel, Ordering::Acquire).is_ok()
    }
}

/// Two ends of a connection to `threads` others, which put out events of so many bytes at most before they are wanted.
pub fn connection<'a>(threads: usize, bytes: usize) -> (Ahead<'a>, Worker<'a>) {
    let (jobs, for_workers) = channel();
    // One more than there are threads, so that none has to wait for the next one.
    let most = threads as u32 + 1;
    let ahead = Ahead {
        jobs,
        framing: None,
        framed: 0,
        pending: VecDeque::new(),
        most,
        most_events: bytes / size_of::<Event>() / most as usize,
        spare: Spare::default(),
    };
    (ahead, Worker(Arc::new(Mutex::new(for_workers))))
}

impl<'a> Ahead<'a> {
    /// Gives away the generations behind the one with this number, which `framing` has just passed. `clock` is what is
    /// known of the trace's: its zero and its frequency.
    pub fn give_away(&mut self, framing: &Framing<'a>, number: u32, clock: (i64, Option<u64>), ties: Ties) {
        let (zero, frequency) = clock;
        if self.framing.is_none() && self.framed == 0 {
            self.framing = Some(framing.clone());
            self.framed = number;
        }
        while self.framed < number + self.most {
            let Some(framing) = &mut self.framing else { return };
            // What is said of the file is said when the generation is at hand.
            let mut log = Log::default();
            let Some(pieces) = framing.next(&mut log, &mut Tally::default()) else {
                self.framing = None;
                return;
            };
            self.framed += 1;
            if !log.is_empty() || !pieces.is_complete || pieces.follows_gap || !pieces.holes.is_empty() {
                continue;
            }
            let (sender, answer) = channel();
            let claim = Claim::new();
            let pending = Pending {
                number: self.framed,
                offset: pieces.offset,
                bytes: pieces.bytes,
                claim: claim.clone(),
                answer,
            };
            let (most_events, spare) = (self.most_events, self.spare.clone());
            let number = self.framed;
            let job = Job { pieces, number, zero, frequency, ties, most_events, claim, spare, answer: sender };
            // It fails if there are no threads.
            if self.jobs.send(job).is_err() {
                self.framing = None;
                return;
            }
            self.pending.push_back(pending);
        }
    }

    /// What comes now is another trace.
    pub fn forget(&mut self) {
        (self.framing, self.framed) = (None, 0);
        self.pending.clear();
    }

    /// What was ordered of a generation that is at hand now, and has this number.
    pub fn want(&mut self, number: u32, pieces: &Pieces<'a>) -> Option<Box<Ordered<'a>>> {
        while self.pending.front().is_some_and(|pending| pending.number < number) {
            self.pending.pop_front();
        }
        let pending = self.pending.pop_front_if(|pending| pending.number == number)?;
        let is_same = pending.offset == pieces.offset && pending.bytes == pieces.bytes;
        if !pending.claim.want() || !is_same {
            return None;
        }
        pending.answer.recv().ok()?
    }
}

impl Drop for Pending<'_> {
    fn drop(&mut self) {
        // Whoever orders it may stop.
        self.claim.want();
    }
}

impl Worker<'_> {
    /// Orders what is given away, until nobody is there to want it.
    pub fn run(self) {
        loop {
            let job = self.0.lock().unwrap_or_else(PoisonError::into_inner).recv();
            let Ok(job) = job else { return };
            if job.claim.begin() {
                let answer = job.answer.clone();
                let _ = answer.send(order(job));
            }
        }
    }
}

/// Orders a generation; `None` if there is anything unusual in it.
fn order(job: Job<'_>) -> Option<Box<Ordered<'_>>> {
    let Job { mut pieces, number, zero, frequency, ties, most_events, claim, spare, answer: _ } = job;
    let (mut log, mut told_later, mut tally) = (Log::default(), Tally::default(), Tally::default());
    let timing = generation::timing(pieces.version, &pieces, frequency, &mut log, &mut told_later);
    pieces.settle_times(timing.clock.far(), &mut log);
    let mut names = Names::of_ids(&pieces.strings, &pieces.stacks);
    let samples = generation::samples(&pieces, timing.clock, &mut names, &mut log, &mut told_later);
    let asides = samples.into_iter().map(Aside::Sample).collect();
    let mut order = Order::unknown(number, zero, pieces.threads.len());
    let measure = Measure { version: pieces.version, clock: timing.clock };
    let (cursors, decoders) = generation::cursors(measure, &mut pieces, &mut order);
    let mut supply = Supply::Here(decoders);
    let mut chunks = Chunks { chunks: VecDeque::new(), spare: spare.clone() };
    let mut events = spare.take();
    let mut count = 0;
    let mut merge = Merge::new(
        pieces.number,
        cursors,
        asides,
        &mut Surroundings {
            order: &mut order,
            out: Output { names: &mut names, events: &mut events, latest: Ts(i64::MIN) },
            log: &mut log,
            tally: &mut tally,
            supply: &mut supply,
            full: CHUNK,
        },
    );
    merge.break_ties(ties);
    let is_through = loop {
        let goes_on = merge.fill(&mut Surroundings {
            order: &mut order,
            out: Output { names: &mut names, events: &mut events, latest: Ts(i64::MIN) },
            log: &mut log,
            tally: &mut tally,
            supply: &mut supply,
            full: CHUNK,
        });
        count += events.len();
        chunks.push(std::mem::take(&mut events), &tally);
        if merge.is_damaged || order.is_in_doubt() || names.has_odd_ids() || !log.is_empty() {
            return None;
        }
        if !goes_on || count >= most_events || claim.is_wanted() {
            break !goes_on;
        }
        events = spare.take();
    };
    order.sort_assumed();
    let decoders = supply.into_decoders();
    Some(Box::new(Ordered { order, merge, decoders, chunks, tally, is_through }))
}

impl Chunks {
    fn push(&mut self, events: Vec<Event>, tally: &Tally) {
        self.chunks.push_back(Chunk { events, bytes: tally.bytes.iter().sum() });
    }

    /// The events that come next.
    pub fn first(&self) -> Option<&Chunk> {
        self.chunks.front()
    }

    /// Those were told.
    pub fn pass_first(&mut self) {
        if let Some(chunk) = self.chunks.pop_front() {
            self.spare.put(chunk.events);
        }
    }
}

impl Drop for Chunks {
    fn drop(&mut self) {
        while self.first().is_some() {
            self.pass_first();
        }
    }
}

impl Spare {
    fn take(&self) -> Vec<Event> {
        let mut spare = self.0.lock().unwrap_or_else(PoisonError::into_inner);
        spare.pop().unwrap_or_else(|| Vec::with_capacity(CHUNK + CHUNK / 16))
    }

    fn put(&self, mut events: Vec<Event>) {
        events.clear();
        self.0.lock().unwrap_or_else(PoisonError::into_inner).push(events);
    }
}
