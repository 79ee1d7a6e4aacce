//! Traces of Go 1.11 to 1.21, converted at the door into the events of everything newer.
//!
//! ```text
//!  file ──► scan ──► merge ──► convert ──► events
//!           batches   │  ▲
//!           by proc,  ▼  │ ready, must wait
//!           tables   state
//! ```
//!
//! Here procs write, not threads, and the whole trace is one generation whose clock and tables stand at its end: nothing
//! can be said before all of it was seen. What is kept of an event until then is its place in the file.
//!
//! 1. [`scan`] goes through the file once: tables, CPU samples, and for each proc where its batches are. If something
//!    cannot be, it goes a second time and leaves out what makes no sense ([`sense`]).
//! 2. [`merge`] brings the events of the procs into an order that the states of the goroutines allow. Where a trace
//!    contradicts itself, the earliest event happens anyway. Ends of system calls then go to the time they really were.
//! 3. [`convert`] reads the arguments again and says what happened in the words of the newer format.
//!
//! Where such a trace ends and another one in the same file begins, [`extent`] finds out before.
//!
//! Go's own conversion gives some events to procs that do not exist, to which its old viewer drew extra rows. Here they
//! stay with the proc that executed them.

mod convert;
mod extent;
mod merge;
mod scan;
mod sense;
mod state;
mod tail;

use goroscope_wire::{HEADER_LEN, Version};
use rustc_hash::FxHashSet;

use crate::clock::USUAL_FREQUENCY;
use crate::diagnostic::{Log, Place};
use crate::names::Names;
use crate::tally::Tally;
use crate::{Diagnostic, Event, Generation, GoId, LostTime, Ts};
pub use extent::Extents;

use convert::Converter;
use merge::{Merged, merge};
use scan::Scan;
use tail::Tail;

/// Events that are handed out at once.
const PORTION: usize = 4096;

/// The bytes of a trace.
#[derive(Clone, Copy, Debug)]
pub struct Part<'a> {
    pub version: Version,
    /// The file up to the end of the trace.
    pub file: &'a [u8],
    /// Where its records begin, behind its header.
    pub begin: u64,
    /// The time of its first event on the timeline of the file.
    pub base: i64,
}

/// A trace being converted.
#[derive(Debug)]
pub struct Conversion<'a> {
    part: Part<'a>,
    ready: Option<Ready<'a>>,
    /// Whether it was begun, and whether all events were handed on.
    has_begun: bool,
    is_done: bool,
    timers: Vec<u64>,
    /// System calls of which Go's reader does not see that they block, from when all events were handed on.
    sampled_calls: FxHashSet<(Ts, GoId)>,
    /// If the end of the file is missing: until when something is known of whom, and what was said of that.
    tail: Option<(Tail, Place)>,
    latest: Ts,
}

/// What is known once the whole file was seen.
#[derive(Debug)]
struct Ready<'a> {
    merged: Merged,
    converter: Converter<'a>,
    total: usize,
}

/// What of the reader a conversion writes to.
#[derive(Debug)]
pub struct Sinks<'r> {
    pub names: &'r mut Names,
    pub log: &'r mut Log,
    pub tally: &'r mut Tally,
    pub events: &'r mut Vec<Event>,
}

impl<'a> Conversion<'a> {
    /// Reads nothing yet.
    pub fn new(part: Part<'a>) -> Self {
        let latest = Ts(part.base);
        let sampled_calls = FxHashSet::default();
        Self {
            part,
            ready: None,
            has_begun: false,
            is_done: false,
            timers: Vec::new(),
            sampled_calls,
            tail: None,
            latest,
        }
    }

    /// Whether [`Conversion::begin`] was called.
    pub fn has_begun(&self) -> bool {
        self.has_begun
    }

    /// Where the trace ends in the file.
    pub fn end(&self) -> u64 {
        self.part.file.len() as u64
    }

    /// The time of its first event.
    pub fn base(&self) -> i64 {
        self.part.base
    }

    /// Sees the whole file and brings its events into order. What is known of it as a generation, if it has events.
    pub fn begin(&mut self, to: &mut Sinks<'_>) -> Option<Generation> {
        self.has_begun = true;
        let Part { version, file, begin, base } = self.part;
        let scan = Scan::of(&self.part, to);
        if scan.frequency.is_none() {
            // It stands near the end, so that the end is missing with it.
            let message = "no frequency of the clock: 64 ns per tick are assumed";
            let place = to.log.push(Diagnostic::loss(file.len() as u64, message));
            self.tail = Some((Tail::default(), place));
        }
        let frequency = scan.frequency.unwrap_or(USUAL_FREQUENCY);
        let events = scan.events;
        let is_whole = scan.is_whole && scan.frequency.is_some();
        self.timers.clone_from(&scan.timers);
        let procs = scan.streams.iter().map(|stream| stream.proc).collect();
        let merged = merge(version, file, &scan, frequency, to.log);
        let first = merged.first_time()?;
        let is_consistent = merged.is_consistent;
        let total = merged.left();
        let converter = Converter::new(&self.part, procs, (first, frequency));
        self.ready = Some(Ready { merged, converter, total });
        Some(Generation {
            number: 1,
            offset: begin,
            bytes: (file.len() as u64).saturating_sub(begin),
            events,
            start: Ts(base),
            frequency,
            clock: None,
            complete: is_whole && is_consistent,
        })
    }

    /// Appends the next events; `false` if there were no more.
    pub fn fill(&mut self, to: &mut Sinks<'_>) -> bool {
        let Some(ready) = &mut self.ready else { return false };
        let begin = to.events.len();
        let end = begin + PORTION;
        while to.events.len() < end {
            let Some(row) = ready.merged.next() else {
                ready.converter.report(to.log);
                self.sampled_calls = std::mem::take(&mut ready.converter.sampled_calls);
                self.ready = None;
                self.is_done = true;
                break;
            };
            ready.converter.convert(row, to.names, to.events);
        }
        if let Some((tail, place)) = &mut self.tail {
            for event in to.events.iter().skip(begin) {
                self.latest = self.latest.max(event.ts);
                tail.hear(event);
            }
            if self.ready.is_none() {
                let uncertain = tail.end(self.latest, to.events);
                let lost_time = uncertain.map_or(LostTime::Unknown, |(from, until)| LostTime::Between(from, until));
                to.log.set_lost_time(*place, lost_time);
            }
        }
        true
    }

    /// Bytes of the file that the events so far stand for.
    pub fn position(&self) -> u64 {
        let begin = self.part.begin - HEADER_LEN as u64;
        let len = self.end() - begin;
        begin
            + match &self.ready {
                None if self.is_done => len,
                None => 0,
                Some(Ready { total: 0, .. }) => len,
                Some(ready) => (len as f64 * (1.0 - ready.merged.left() as f64 / ready.total as f64)) as u64,
            }
    }

    /// Whether the runtime runs timers on this goroutine. `GoId::NONE` are the procs themselves.
    pub fn is_timer(&self, go: GoId) -> bool {
        self.timers.contains(&go.get().unwrap_or(0))
    }

    /// Whether a CPU sample was taken of a goroutine between the begin of its system call, which was then, and the moment
    /// when its proc was taken away.
    pub fn is_sampled_call(&self, ts: Ts, go: GoId) -> bool {
        let calls = self.ready.as_ref().map_or(&self.sampled_calls, |ready| &ready.converter.sampled_calls);
        calls.contains(&(ts, go))
    }
}

#[cfg(test)]
mod tests;
