//! The background thread: takes what threads recorded, puts it in order and writes generations.
//!
//! ```text
//!  chunks ──► decode ──► order ──► lanes ──► generation ──► file
//!             (names)    one order  states,   batches,
//!                                   repairs   tables
//! ```
//!
//! Every few milliseconds (`pace`) it takes an anchor of the clocks, drains all threads, and goes through what is not younger
//! than the anchor. Everything that costs time happens here and not in the threads that are recorded: the order, the encoding,
//! the names of functions.

mod collect;
mod decode;
mod facts;
mod files;
#[cfg(feature = "http")]
mod follow;
mod generation;
#[cfg(feature = "perf")]
mod kernel;
mod lanes;
#[cfg(target_os = "linux")]
mod maps;
mod names;
mod numbers;
mod order;
mod output;
mod pace;
#[cfg(any(test, feature = "checks"))]
mod played;
mod qualified;
mod reasons;
mod sequence;
mod series;
mod stream;
mod symbols;
mod table;
mod timeline;

use std::io;
use std::sync::Arc;
use std::sync::mpsc::{Receiver, RecvTimeoutError, Sender};
use std::time::Duration;

use goroscope_wire::Version;

use self::facts::{Counts, Process};
pub use self::files::{Files, Rotation};
use self::lanes::Lanes;
use self::names::Names;
pub use self::names::of_program;
use self::order::{Order, Patience};
pub use self::output::{Output, Window};
use self::pace::Pace;
#[cfg(feature = "checks")]
pub use self::played::play;
pub use self::qualified::qualified as full_name;
pub use self::reasons::of as reason_of;
use self::series::Series;
#[cfg(unix)]
pub use self::symbols::hold_resolving;
pub use self::symbols::{Frame, NO_FILE};
use self::timeline::Timeline;
use crate::chunk::{Chunk, Reader};
use crate::clock::{self, Anchor};
use crate::local::{Shared, ThreadLog};
use crate::record::{Head, Kind};
use crate::recorder::Summary;
use crate::snapshot::{Asked, Request, Watch};
use crate::switch;
use crate::trigger::Notice;

/// Between two questions to the runtimes, ns.
#[cfg(feature = "tokio")]
const SAMPLING: u64 = 100_000_000;

/// Between two looks at what is not traced, ns.
#[cfg(all(feature = "tokio", not(tokio_unstable)))]
const LOOKING: u64 = 10_000_000;

/// What may be set.
#[derive(Clone, Copy, Debug)]
pub struct Limits {
    pub version: Version,
    /// How long a generation may be.
    pub period: Duration,
    /// Bytes of events after which a generation ends.
    pub bytes: usize,
    /// Whether functions are named here.
    pub symbols: crate::Symbols,
}

/// What the thread works with.
pub struct Assembler {
    shared: Arc<Shared>,
    limits: Limits,
    output: Output,
    sources: Vec<Source>,
    timeline: Timeline,
    pace: Pace,
    /// Wall clock at the last anchor, and that anchor.
    wall: (Anchor, Duration),
    order: Order,
    /// How often the order was not as it should be.
    missing: u64,
    /// Values of counters whose names were lost.
    nameless: u64,
    lanes: Lanes,
    names: Names,
    series: Series,
    /// Chunks that their threads have not let go of yet.
    left: Vec<Arc<Chunk>>,
    /// What threads had counted in the last round.
    counts: Counts,
    /// What threads that are over had.
    counts_before: Counts,
    process: Process,
    /// Why the snapshot was taken that ends the generation.
    causes: Vec<String>,
    #[cfg(feature = "http")]
    followers: follow::Followers,
    /// Who is told of polls that take too long.
    watcher: Option<Sender<Notice>>,
    /// When runtimes were asked last, ns.
    #[cfg(feature = "tokio")]
    sampled: u64,
    /// When tasks that nobody traced were looked for last, ns.
    #[cfg(all(feature = "tokio", not(tokio_unstable)))]
    compared: u64,
    /// Futures that had ended when runtimes were asked the last two times, the older one first.
    #[cfg(all(feature = "tokio", not(tokio_unstable)))]
    ended_before: [u64; 2],
    /// Threads that are over, but were there in the current generation.
    ended: Vec<Arc<ThreadLog>>,
    summary: Summary,
    #[cfg(feature = "perf")]
    kernels: kernel::Kernels,
    /// What is known of the files that are mapped as code.
    #[cfg(target_os = "linux")]
    maps: maps::Maps,
}

/// A thread.
#[derive(Debug)]
struct Source {
    log: Arc<ThreadLog>,
    reader: Reader,
    /// The thread is over, and all that it recorded was taken.
    is_drained: bool,
    #[cfg(feature = "perf")]
    kernel: Option<kernel::Kernel>,
}

/// Which round it is.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
enum Round {
    Normal,
    /// Nothing is recorded any more.
    Last,
}

impl Assembler {
    /// Nothing recorded yet.
    pub fn new(shared: Arc<Shared>, limits: Limits, output: Output) -> Self {
        let anchor = shared.clock.anchor();
        let mut timeline = Timeline::default();
        timeline.push(anchor);
        #[cfg(feature = "perf")]
        let kernels = kernel::Kernels::new(&shared.perf);
        Self {
            shared,
            limits,
            output,
            sources: Vec::new(),
            timeline,
            pace: Pace::new(anchor.mono),
            wall: (anchor, clock::wall()),
            order: Order::default(),
            missing: 0,
            nameless: 0,
            lanes: Lanes::new(limits.version),
            series: Series::default(),
            names: Names::new(limits.symbols),
            #[cfg(target_os = "linux")]
            maps: maps::Maps::default(),
            left: Vec::new(),
            counts: Counts::default(),
            counts_before: Counts::default(),
            process: Process::this(),
            causes: Vec::new(),
            #[cfg(feature = "http")]
            followers: follow::Followers::default(),
            watcher: None,
            #[cfg(feature = "tokio")]
            sampled: 0,
            #[cfg(all(feature = "tokio", not(tokio_unstable)))]
            compared: 0,
            #[cfg(all(feature = "tokio", not(tokio_unstable)))]
            ended_before: [crate::futures::ended(); 2],
            ended: Vec::new(),
            summary: Summary::default(),
            #[cfg(feature = "perf")]
            kernels,
        }
    }

    /// Works until it is asked to stop, or nobody is there to ask.
    ///
    /// If the file cannot be written, recording is turned off and the error is the result.
    pub fn run(mut self, requests: &Receiver<Request>) -> io::Result<Summary> {
        let result = self.rounds(requests);
        switch::turn_off();
        // Threads keep what they share until they record again, which may be never.
        self.shared.pool.empty();
        #[cfg(feature = "tokio")]
        self.shared.runtimes.forget_all();
        result.map(|()| self.summary)
    }

    fn rounds(&mut self, requests: &Receiver<Request>) -> io::Result<()> {
        self.summary.bytes = self.output.begin(self.limits.version)?;
        loop {
            let first = match requests.recv_timeout(self.pace.wait()) {
                Ok(request) => Some(request),
                Err(RecvTimeoutError::Timeout) => None,
                Err(RecvTimeoutError::Disconnected) => break,
            };
            // All that were asked for before the round get the same answer from it.
            let (mut asked, mut stops) = (Vec::new(), false);
            for request in first.into_iter().chain(requests.try_iter()) {
                match request {
                    Request::Stop => stops = true,
                    Request::Snapshot(one) => asked.push(one),
                    Request::Watch(watch) => self.watch(watch),
                    #[cfg(feature = "http")]
                    Request::Follow(follower) => self.followers.begin(follower),
                    #[cfg(feature = "http")]
                    Request::Unfollow(number) => self.followers.end(number),
                }
            }
            self.round(Round::Normal)?;
            #[cfg(feature = "http")]
            self.change_followers()?;
            if !asked.is_empty() {
                self.answer(&asked)?;
            }
            if stops {
                break;
            }
        }
        switch::turn_off();
        self.round(Round::Last)?;
        #[cfg(feature = "http")]
        {
            self.followers.end_all();
            self.change_followers()?;
        }
        self.close()?;
        // A file without a generation is no trace for Go's tools, but that nothing happened is an answer, too.
        if self.summary.generations == 0 {
            self.lanes.open_empty(self.wall.0.mono, self.wall.1, &mut self.names);
            self.close()?;
        }
        Ok(())
    }

    /// Ends the running generation and sends all that are kept.
    fn answer(&mut self, asked: &[Asked]) -> io::Result<()> {
        let (anchor, wall) = self.wall;
        // If nothing happened since the last one ended, that is told, too, with what everybody waits for meanwhile.
        if !self.lanes.is_open() {
            self.lanes.open_empty(anchor.mono, wall, &mut self.names);
        }
        let causes = asked.iter().filter(|asked| !asked.cause.is_empty());
        self.causes.extend(causes.map(|asked| asked.cause.replace(char::is_control, " ")));
        self.close()?;
        let kept = self.output.kept(anchor.mono);
        for Asked { sender, .. } in asked {
            // Who does not wait any more does not need it.
            let _ = sender.send(kept.clone());
        }
        Ok(())
    }

    fn round(&mut self, round: Round) -> io::Result<()> {
        #[cfg(feature = "tokio")]
        let ended = crate::futures::ended();
        let (anchor, behind) = self.collect_all(round)?;
        let is_lossy = self.counts.dropped > self.summary.dropped;
        self.summary.dropped = self.counts.dropped;
        self.summary.superfluous_wakes = self.counts.superfluous_wakes;
        let (horizon, patience) = match round {
            Round::Normal if is_lossy => (anchor.raw, Patience::None),
            Round::Normal => (anchor.raw, self.pace.patience(anchor.mono)),
            // If there was no loss, what is missing was about to be written at the end, and all behind it is later.
            Round::Last if self.counts.dropped == 0 => (u64::MAX, Patience::End),
            Round::Last => (u64::MAX, Patience::None),
        };
        #[cfg(all(feature = "tokio", not(tokio_unstable)))]
        self.look_for_tasks();
        self.advance(behind.map_or(horizon, |newest| newest.min(horizon)), patience)?;
        // In the end, threads may be over whose last records were not taken any more.
        if round == Round::Normal {
            self.forget_ended();
        }
        self.tell_slow();
        #[cfg(feature = "tokio")]
        self.sample(ended);
        let now = anchor.mono;
        #[cfg(feature = "perf")]
        if self.kernels.bytes > 0 {
            self.open(now);
        }
        if self.lanes.is_open() && now.saturating_sub(self.lanes.out.start) >= self.period() {
            self.close()?;
        }
        Ok(())
    }

    /// Goes through the records up to the horizon, and ends generations on the way.
    fn advance(&mut self, horizon: u64, patience: Patience) -> io::Result<()> {
        let period = self.period();
        let mut order = std::mem::take(&mut self.order);
        let mut result = Ok(());
        order.advance(horizon, patience, |thread, event| {
            let time = self.timeline.nanoseconds(event.head.time);
            let (out, bytes) = (&self.lanes.out, self.limits.bytes);
            let is_large = out.is_larger_than(bytes) || self.noted() > bytes;
            if (is_large || time.saturating_sub(out.start) >= period) && result.is_ok() {
                result = self.close();
            }
            if event.head.kind == Kind::Count {
                self.count(time, &event.head);
                return;
            }
            #[cfg(feature = "perf")]
            if event.head.kind == Kind::Sample {
                self.sampled(thread, time, event);
                return;
            }
            // It says when a generation begins, and takes longer than most events.
            let wall = if self.lanes.is_open() { Duration::ZERO } else { wall_at(self.wall, time) };
            self.lanes.apply(thread, time, wall, event, &mut self.names);
            #[cfg(all(feature = "tokio", not(tokio_unstable)))]
            if self.names.has_looked_up() {
                self.look_for_tasks();
            }
        });
        self.missing = order.gaps + order.late + self.nameless;
        self.order = order;
        result
    }

    /// Bytes of what is to be written beside the events.
    fn noted(&self) -> usize {
        #[cfg(feature = "perf")]
        let of_kernel = self.kernels.bytes;
        #[cfg(not(feature = "perf"))]
        let of_kernel = 0;
        self.series.len() + of_kernel
    }

    /// From now on polls that take too long are told of.
    fn watch(&mut self, Watch { limit, notices }: Watch) {
        self.lanes.slow.limit = Some(limit);
        self.watcher = Some(notices);
    }

    /// Tells of the polls that have taken too long, and of those that still do.
    fn tell_slow(&mut self) {
        let now = self.wall.0.mono;
        if self.lanes.has_slow(now) {
            self.open(now);
            self.lanes.mark_slow(now, &self.names);
        }
        for cause in self.lanes.slow.causes.drain(..) {
            // Whoever ended the trigger wants to know no more.
            if let Some(watcher) = &self.watcher
                && watcher.send(Notice::Slow(cause)).is_err()
            {
                self.watcher = None;
                self.lanes.slow.limit = None;
            }
        }
    }

    /// A counter of the program has a value.
    fn count(&mut self, time: u64, head: &Head) {
        self.open(time);
        let name = || self.names.text(head.a).map(|name| name.to_string());
        if !self.series.count(head.a, time, head.b as i64, name) {
            self.nameless += 1;
        }
    }

    /// Asks the runtimes that are known how they are, now and then; `ended` futures had ended when the round began.
    #[cfg(feature = "tokio")]
    fn sample(
        &mut self,
        #[cfg_attr(tokio_unstable, expect(unused_variables, reason = "hooks count exactly"))] ended: u64,
    ) {
        let now = self.wall.0.mono;
        if now.saturating_sub(self.sampled) < SAMPLING {
            return;
        }
        self.sampled = now;
        let runtimes = self.shared.runtimes.sample();
        if runtimes.is_empty() {
            return;
        }
        #[cfg(not(tokio_unstable))]
        {
            // So that whoever reads how many tasks there are also reads how many of them nobody traced.
            self.compared = 0;
            self.look_for_tasks();
            let [_, lately] = self.ended_before;
            self.ended_before = [lately, ended];
        }
        for runtime in runtimes {
            for (what, value) in [("global_queue", runtime.global_queue), ("alive_tasks", runtime.alive_tasks)] {
                let name = format!("tokio.{}.{what}", runtime.name);
                // A program that sleeps fills no files.
                if self.lanes.is_open() || self.series.last(&name) != Some(value) {
                    self.open(now);
                    self.series.sample(&name, now, value);
                }
            }
        }
    }

    /// What runtimes have beside what is traced is not traced.
    ///
    /// That is looked at in every round and within long ones: to name the first functions of a program may take until the
    /// program is over.
    #[cfg(all(feature = "tokio", not(tokio_unstable)))]
    fn look_for_tasks(&mut self) {
        let now = self.shared.clock.anchor().mono;
        if now.saturating_sub(self.compared) < LOOKING {
            return;
        }
        self.compared = now;
        let ended = crate::futures::ended();
        let Some((tasks, workers)) = self.shared.runtimes.alive() else { return };
        let [ended_before, _] = self.ended_before;
        let alive = crate::futures::Alive { tasks, workers, ended, ended_before };
        self.summary.untraced_tasks = self.summary.untraced_tasks.max(Some(crate::futures::untraced(alive)));
    }

    /// Sees to it that a generation is open, for what is not a part of any lane.
    fn open(&mut self, time: u64) {
        if !self.lanes.is_open() {
            self.lanes.open_empty(time, wall_at(self.wall, time), &mut self.names);
        }
        self.series.open(self.lanes.out.number, self.lanes.out.start);
    }

    /// Lets go of threads that are over and have nothing more to say.
    fn forget_ended(&mut self) {
        let (anchor, wall) = self.wall;
        let Self { sources, order, lanes, names, shared, counts_before, ended, .. } = self;
        #[cfg(feature = "perf")]
        let kernels = &mut self.kernels;
        sources.retain_mut(|source| {
            if !source.is_drained || !order.remove(source.log.number) {
                return true;
            }
            #[cfg(feature = "perf")]
            if let Some(kernel) = &mut source.kernel {
                kernel.end(kernels);
            }
            lanes.end_thread(source.log.number, anchor.mono, wall, names);
            *counts_before = counts_before.and(&source.log);
            shared.pool.forget_one();
            ended.push(Arc::clone(&source.log));
            false
        });
    }

    /// Ends the generation, if there is one, and writes it.
    fn close(&mut self) -> io::Result<()> {
        if !self.lanes.is_open() {
            return Ok(());
        }
        self.series.open(self.lanes.out.number, self.lanes.out.start);
        #[cfg(all(feature = "tokio", tokio_unstable))]
        {
            self.summary.untraced_tasks = Some(self.lanes.tally.foreign);
        }
        let mut note = self.note();
        self.series.take(&mut note);
        #[cfg(feature = "perf")]
        self.write_kernel(&mut note);
        let bytes = self.lanes.close(&note);
        self.summary.generations += 1;
        let tally = self.lanes.tally;
        self.summary.tasks = tally.tasks;
        self.summary.polls = tally.polls;
        self.summary.wakes = tally.wakes;
        self.summary.unheard_wakes = tally.unheard;
        self.summary.repeated_polls = tally.repeated;
        self.summary.outside_annotations = tally.outside;
        self.summary.repaired = tally.repaired + self.missing;
        #[cfg(feature = "http")]
        self.followers.give(&bytes);
        self.summary.bytes += self.output.push(bytes, self.lanes.out.start, self.wall.0.mono)?;
        self.summary.forgotten = self.output.forgotten();
        Ok(())
    }

    /// What the format has no place for, as lines of `key=value`.
    fn note(&mut self) -> String {
        use std::fmt::Write as _;

        let (summary, tally) = (&self.summary, &self.lanes.tally);
        let mut note = format!(
            "recorder=goroscope-recorder {}\nclock={}\nstacks={}\ndropped={}\npolls={}\nunheard_wakes={}\n\
             outside_annotations={}\nrepaired={}\nforgotten_generations={}\ntasks={}\nsuperfluous_wakes={}\n",
            env!("CARGO_PKG_VERSION"),
            self.shared.clock.name(),
            self.shared.walker.name(),
            summary.dropped,
            tally.polls,
            tally.unheard,
            tally.outside,
            tally.repaired + self.missing,
            summary.forgotten,
            tally.tasks,
            summary.superfluous_wakes,
        );
        if let Some(untraced) = summary.untraced_tasks {
            let _ = writeln!(note, "untraced_tasks={untraced}");
        }
        self.process.write(&mut note);
        #[cfg(not(feature = "perf"))]
        note.push_str("perf=off\n");
        match self.limits.symbols {
            crate::Symbols::Resolved => note.push_str("symbols=resolved\n"),
            crate::Symbols::Later => {
                note.push_str("symbols=addresses\n");
                #[cfg(target_os = "linux")]
                self.maps.note(&mut note);
            }
        }
        // In every generation: those before it may be gone.
        let live = self.sources.iter().map(|source| &source.log);
        for log in live.chain(&self.ended) {
            let name = log.name.as_deref().unwrap_or("").replace('\n', " ");
            // Writing to a string cannot go wrong.
            let _ = writeln!(note, "thread.{}={name}", log.number);
        }
        self.ended.clear();
        for cause in self.causes.drain(..) {
            let _ = writeln!(note, "snapshot={cause}");
        }
        note
    }

    fn period(&self) -> u64 {
        u64::try_from(self.limits.period.as_nanos()).unwrap_or(u64::MAX)
    }
}

/// The wall clock at a time, from both at an anchor.
fn wall_at((anchor, wall): (Anchor, Duration), time: u64) -> Duration {
    match time.checked_sub(anchor.mono) {
        Some(later) => wall + Duration::from_nanos(later),
        None => wall.saturating_sub(Duration::from_nanos(anchor.mono - time)),
    }
}
