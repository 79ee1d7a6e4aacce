//! What the kernel tells of threads: samples go among the threads' own records, time off the processor into series.
//!
//! A sample belongs to what its thread runs at that moment. That is known where the thread's records before it have been
//! gone through and those after it have not, so it takes its place among them. It is held back as long as records may
//! come that are earlier.

use std::fmt::Write as _;
use std::sync::atomic::Ordering;

use goroscope_wire::{SeriesTexts, Slice};

use crate::local::{ThreadLog, mixed};
use crate::perf::{Callers, Heard, Item, Left, Perf, Ring, read};
use crate::record::{Head, Kind};
use crate::walk::Copies;

use super::Assembler;
use super::decode::{Event, Extra};
use super::generation::StackKey;
use super::series;
use super::timeline::Timeline;

/// What the kernel tells of one thread.
#[derive(Debug)]
pub struct Kernel {
    ring: Ring,
    told: Told,
    /// All is told that there was of a thread that is over.
    pub is_done: bool,
}

/// What was told, and is not written.
#[derive(Debug)]
struct Told {
    /// Samples in their order.
    samples: Vec<Sample>,
    /// Since when the thread has no processor, and why.
    off: Option<(u64, Left)>,
    /// Those that are over, and not written.
    slices: Option<SeriesTexts>,
}

/// A thread runs somewhere.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Sample {
    /// ns.
    pub time: u64,
    /// Leaf first.
    pub addresses: Vec<u64>,
}

/// What all threads told.
#[derive(Debug, Default)]
pub struct Kernels {
    pub heard: Heard,
    /// Bytes of slices that are to be written.
    pub bytes: usize,
    /// How samples tell their callers.
    callers: Callers,
    /// For those that are to be walked.
    copies: Option<Copies>,
    /// The slices of threads that are over.
    over: String,
    /// Room for what a ring has.
    scratch: Vec<u8>,
}

impl Kernel {
    /// Nothing yet, of the thread with this number.
    pub fn new(ring: Ring, thread: u64) -> Self {
        Self { ring, told: Told::new(thread), is_done: false }
    }

    /// Takes what the kernel wrote, and gives the samples up to a time.
    pub fn hear(&mut self, until: u64, log: &ThreadLog, kernels: &mut Kernels, give: impl FnMut(Sample)) {
        let has_ended = log.has_ended.load(Ordering::Acquire);
        kernels.scratch.clear();
        self.ring.drain(&mut kernels.scratch);
        let scratch = std::mem::take(&mut kernels.scratch);
        read(&scratch, kernels.callers, |item| self.told.take(item, kernels));
        kernels.scratch = scratch;
        let ripe = self.told.samples.partition_point(|sample| sample.time <= until);
        self.told.samples.drain(..ripe).for_each(give);
        self.is_done = has_ended && self.told.samples.is_empty();
    }

    /// Writes the slices; one that is not over is written up to a time, and goes on from there.
    pub fn write(&mut self, until: u64, note: &mut String) {
        self.told.cut(until);
        self.told.write(note);
    }

    /// The thread is over: its slices stay.
    pub fn end(&mut self, kernels: &mut Kernels) {
        self.told.write(&mut kernels.over);
    }
}

impl Kernels {
    /// Nothing told yet.
    pub fn new(perf: &Perf) -> Self {
        Self { callers: perf.callers, copies: perf.take_copies(), ..Self::default() }
    }

    /// Writes the slices of threads that are over.
    pub fn write(&mut self, note: &mut String) {
        note.push_str(&self.over);
        self.over.clear();
        self.bytes = 0;
    }
}

impl Sample {
    /// As an event among the records of its thread.
    pub fn event(self, timeline: &Timeline) -> Event {
        let head = Head::new(Kind::Sample, timeline.raw(self.time));
        Event { head, extra: Some(Extra { addresses: self.addresses, ..Extra::default() }) }
    }
}

impl Assembler {
    /// Writes a sample of a thread.
    pub(super) fn sampled(&mut self, thread: u64, time: u64, event: &Event) {
        self.open(time);
        let all = event.addresses();
        // Without frame pointers, callers are whatever stood there; where the thread is, is known.
        let addresses = match self.kernels.callers {
            Callers::Chain | Callers::Copied => all,
            Callers::Unknown => all.get(..1).unwrap_or(all),
        };
        let key = StackKey::Sampled(mixed(addresses));
        let out = &mut self.lanes.out;
        let stack = out.known_stack(key).unwrap_or_else(|| out.stack(key, Some(&self.names.sampled(addresses))));
        self.lanes.sample(thread, time, stack);
    }

    /// Writes to a generation's notes what the kernel told.
    pub(super) fn write_kernel(&mut self, note: &mut String) {
        let heard = self.kernels.heard;
        (self.summary.cpu_samples, self.summary.kernel_lost) = (heard.samples, heard.lost);
        // Writing to a string cannot go wrong.
        let _ = writeln!(note, "perf={}", self.shared.perf.text(heard));
        for kernel in self.sources.iter_mut().filter_map(|source| source.kernel.as_mut()) {
            kernel.write(self.wall.0.mono, note);
        }
        self.kernels.write(note);
    }
}

impl Told {
    fn new(thread: u64) -> Self {
        Self { samples: Vec::new(), off: None, slices: SeriesTexts::new(&format!("series.off_cpu.{thread}")) }
    }

    fn take(&mut self, item: Item<'_>, kernels: &mut Kernels) {
        match item {
            Item::Sample { time, addresses } => {
                kernels.heard.samples += 1;
                self.samples.push(Sample { time, addresses });
            }
            Item::Copy { time, copied } => {
                kernels.heard.samples += 1;
                let addresses = kernels.copies.as_mut().map_or_else(Vec::new, |copies| copies.addresses(&copied));
                self.samples.push(Sample { time, addresses });
            }
            Item::Off { time, left } => self.off = Some((time, left)),
            Item::On { time } => {
                if let Some((since, left)) = self.off.take() {
                    kernels.bytes += self.add(since, time, left);
                }
            }
            // The other end of what is open may be among that.
            Item::Lost(lost) => {
                kernels.heard.lost += lost;
                self.off = None;
            }
            Item::Throttled => kernels.heard.throttled += 1,
        }
    }

    fn cut(&mut self, until: u64) {
        if let Some((since, left)) = self.off.filter(|(since, _)| *since < until) {
            self.add(since, until, left);
            self.off = Some((until, left));
        }
    }

    /// Adds a slice, and says how many bytes it takes.
    fn add(&mut self, since: u64, until: u64, left: Left) -> usize {
        let slice = Slice { time: since, dur: until.saturating_sub(since), kind: left as u64 };
        self.slices.as_mut().map_or(0, |texts| texts.slice(slice))
    }

    fn write(&mut self, note: &mut String) {
        if let Some(texts) = &mut self.slices {
            series::take(texts, note);
        }
    }
}

#[cfg(test)]
mod tests {
    use goroscope_wire::Slices;

    use super::*;

    /// Begin, duration and kind of the slices that come of these, written once in between and once at 100.
    fn check(before: &[Item<'_>], cut: u64, behind: &[Item<'_>], expected: &[(u64, u64, u64)]) {
        let (mut told, mut kernels, mut note) = (Told::new(7), Kernels::default(), String::new());
        for (items, until) in [(before, cut), (behind, 100)] {
            for item in items {
                told.take(item.clone(), &mut kernels);
            }
            told.cut(until);
            told.write(&mut note);
        }
        let lines = note.lines().map(|line| line.strip_prefix("series.off_cpu.7=").unwrap());
        let slices = lines.flat_map(|line| Slices::new(line).unwrap().map(|slice| slice.unwrap()));
        let found: Vec<_> = slices.map(|slice| (slice.time, slice.dur, slice.kind)).collect();
        assert_eq!(found, expected);
    }

    #[test]
    fn slices_are_from_off_to_on() {
        let off = |time, left| Item::Off { time, left };
        let on = |time| Item::On { time };
        let (slept, preempted) = (Left::Slept, Left::Preempted);
        check(&[off(10, slept), on(15), off(20, preempted), on(21)], 30, &[], &[(10, 5, 0), (20, 1, 1)]);
        // One that goes on is cut where it is written.
        check(&[off(10, slept)], 30, &[on(35)], &[(10, 20, 0), (30, 5, 0)]);
        check(&[off(10, slept)], 30, &[], &[(10, 20, 0), (30, 70, 0)]);
        // What was told after the time of the cut waits for the next one.
        check(&[off(40, slept)], 30, &[on(45)], &[(40, 5, 0)]);
        check(&[on(5), off(10, slept), off(12, preempted), on(13)], 30, &[], &[(12, 1, 1)]);
        check(&[off(10, slept), Item::Lost(3), on(20)], 30, &[], &[]);
    }
}
