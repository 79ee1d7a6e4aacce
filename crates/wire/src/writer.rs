//! Traces written from raw events: the bytes that `Batches`, `TimedEvents` and the tables read.

use crate::tables::{RawClock, RawFrame, RawSample, StringEntry};
use crate::varint::{push_padded_varint, push_varint, short_varint};
use crate::{EventType, MAX_BATCH_LEN, NO_THREAD, RawEvent, Version};

/// How batch sizes are written; readers accept both.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum SizeStyle {
    /// In as few bytes as they take.
    Minimal,
    /// In ten bytes, as Go's runtime does, which writes the size after the batch.
    Padded,
}

/// Builds a trace file in memory, batch after batch.
///
/// It writes what it is told: that generations follow each other and that ids are unique is the caller's business.
#[derive(Clone, Debug)]
pub struct TraceWriter {
    version: Version,
    sizes: SizeStyle,
    bytes: Vec<u8>,
    batch: BatchWriter,
}

impl TraceWriter {
    /// A file with its header and minimal batch sizes.
    pub fn new(version: Version) -> Self {
        Self::with_sizes(version, SizeStyle::Minimal)
    }

    /// A file with its header and batch sizes of this style.
    pub fn with_sizes(version: Version, sizes: SizeStyle) -> Self {
        Self { version, sizes, bytes: version.header().to_vec(), batch: BatchWriter::default() }
    }

    /// Writes a batch with the events that `fill` adds; `thread` is `NO_THREAD` for none, `time` in ticks.
    ///
    /// Readers refuse a batch of more than `MAX_BATCH_LEN` bytes: `fill` can watch `BatchWriter::len`.
    pub fn batch(&mut self, generation: u64, thread: u64, time: u64, fill: impl FnOnce(&mut BatchWriter)) {
        let mut batch = std::mem::take(&mut self.batch);
        batch.bytes.clear();
        fill(&mut batch);
        self.push_batch([generation, thread, time], &batch.bytes);
        self.batch = batch;
    }

    /// Writes a batch with the events that `batch` holds, and empties it.
    ///
    /// For events of several threads that are collected side by side; the limit is as for `batch`.
    pub fn take_batch(&mut self, generation: u64, thread: u64, time: u64, batch: &mut BatchWriter) {
        self.push_batch([generation, thread, time], &batch.bytes);
        batch.bytes.clear();
    }

    /// Writes strings in as many batches as they take; readers refuse one of more than `MAX_STRING_LEN` bytes.
    pub fn strings<'a>(&mut self, generation: u64, time: u64, strings: impl IntoIterator<Item = StringEntry<'a>>) {
        self.table(generation, time, EventType::Strings, strings, |bytes, string| {
            bytes.push(EventType::String.byte());
            push_varint(bytes, string.id);
            push_varint(bytes, string.bytes.len() as u64);
            bytes.extend_from_slice(string.bytes);
        });
    }

    /// Writes stacks, each with its id and its frames, leaf first, in as many batches as they take.
    pub fn stacks<'a>(&mut self, generation: u64, time: u64, stacks: impl IntoIterator<Item = (u64, &'a [RawFrame])>) {
        self.table(generation, time, EventType::Stacks, stacks, |bytes, (id, frames)| {
            bytes.push(EventType::Stack.byte());
            push_varint(bytes, id);
            push_varint(bytes, frames.len() as u64);
            for frame in frames {
                for value in [frame.pc, frame.function, frame.file, frame.line] {
                    push_varint(bytes, value);
                }
            }
        });
    }

    /// Writes CPU samples in as many batches as they take.
    pub fn cpu_samples(&mut self, generation: u64, time: u64, samples: impl IntoIterator<Item = RawSample>) {
        self.table(generation, time, EventType::CPUSamples, samples, |bytes, sample| {
            bytes.push(EventType::CPUSample.byte());
            for value in [sample.time, sample.thread, sample.proc, sample.go, sample.stack] {
                push_varint(bytes, value);
            }
        });
    }

    /// Writes the clock of a generation: `frequency` in ticks per second and, from version 1.25, the snapshot.
    ///
    /// The snapshot's time is written as its distance from `time`, which it may not be before.
    pub fn sync(&mut self, generation: u64, time: u64, frequency: u64, clock: RawClock) {
        let version = self.version;
        self.batch(generation, NO_THREAD, time, |batch| {
            let bytes = &mut batch.bytes;
            if version >= Version::Go125 {
                bytes.push(EventType::Sync.byte());
            }
            bytes.push(EventType::Frequency.byte());
            push_varint(bytes, frequency);
            if version >= Version::Go125 {
                bytes.push(EventType::ClockSnapshot.byte());
                for value in [clock.time.wrapping_sub(time), clock.mono, clock.sec, clock.nsec] {
                    push_varint(bytes, value);
                }
            }
        });
    }

    /// Writes a batch of an experiment, from version 1.23.
    pub fn experimental(&mut self, experiment: u8, generation: u64, thread: u64, time: u64, data: &[u8]) {
        self.bytes.extend_from_slice(&[EventType::ExperimentalBatch.byte(), experiment]);
        self.push_header([generation, thread, time], data);
    }

    /// Ends the generation, from version 1.26; before, generations end where the next begins.
    pub fn end_of_generation(&mut self) {
        self.bytes.push(EventType::EndOfGeneration.byte());
    }

    /// The file so far.
    pub fn bytes(&self) -> &[u8] {
        &self.bytes
    }

    /// What was written since this was last asked: for files that are written out as they grow.
    pub fn take(&mut self) -> Vec<u8> {
        std::mem::take(&mut self.bytes)
    }

    /// The file.
    pub fn into_bytes(self) -> Vec<u8> {
        self.bytes
    }

    /// The file so far, for what the methods cannot write.
    pub(crate) fn raw(&mut self) -> &mut Vec<u8> {
        &mut self.bytes
    }

    /// Writes a table, beginning a new batch where an entry would make the last one too large.
    fn table<T>(
        &mut self,
        generation: u64,
        time: u64,
        header: EventType,
        entries: impl IntoIterator<Item = T>,
        mut write: impl FnMut(&mut Vec<u8>, T),
    ) {
        let address = [generation, NO_THREAD, time];
        let (mut data, mut entry) = (vec![header.byte()], Vec::new());
        for value in entries {
            entry.clear();
            write(&mut entry, value);
            if data.len() > 1 && data.len().saturating_add(entry.len()) > MAX_BATCH_LEN {
                self.push_batch(address, &data);
                data.truncate(1);
            }
            data.extend_from_slice(&entry);
        }
        if data.len() > 1 {
            self.push_batch(address, &data);
        }
    }

    fn push_batch(&mut self, address: [u64; 3], data: &[u8]) {
        self.bytes.push(EventType::EventBatch.byte());
        self.push_header(address, data);
    }

    /// Appends generation, thread and time, then the size of the data and the data.
    fn push_header(&mut self, address: [u64; 3], data: &[u8]) {
        for value in address {
            push_varint(&mut self.bytes, value);
        }
        match self.sizes {
            SizeStyle::Minimal => push_varint(&mut self.bytes, data.len() as u64),
            SizeStyle::Padded => push_padded_varint(&mut self.bytes, data.len() as u64),
        }
        self.bytes.extend_from_slice(data);
    }
}

/// The data of a batch that is being written.
#[derive(Clone, Debug, Default)]
pub struct BatchWriter {
    bytes: Vec<u8>,
}

impl BatchWriter {
    /// Adds an event; arguments that its kind does not have are not written.
    pub fn event(&mut self, event: RawEvent) {
        let args = event.args.get(..event.kind.spec().args.len());
        self.put(event.kind, event.dt, args.unwrap_or(&event.args));
    }

    /// As `event`, with just the arguments that the kind has.
    ///
    /// They are taken from where they are: a processor waits for what it has just written in other pieces than it reads
    /// it.
    #[inline]
    pub fn put(&mut self, kind: EventType, dt: u64, args: &[u64]) {
        let before = self.bytes.len();
        let Some((bytes, len)) = short_varint(dt) else { return self.put_long(kind, dt, args) };
        // Nearly all numbers are short. They are put together in a register, which is written where it may be full.
        let mut word = u64::from(kind.byte()) | u64::from(bytes) << 8;
        let mut len = len.wrapping_add(1);
        for &number in args {
            let Some((bytes, taken)) = short_varint(number) else {
                self.bytes.truncate(before);
                return self.put_long(kind, dt, args);
            };
            if len > 4 {
                self.put_word(word, len);
                (word, len) = (0, 0);
            }
            word |= u64::from(bytes) << len.wrapping_mul(8);
            len = len.wrapping_add(taken);
        }
        self.put_word(word, len);
    }

    /// Adds so many bytes of a word.
    #[inline]
    fn put_word(&mut self, word: u64, len: u32) {
        let before = self.bytes.len();
        self.bytes.extend_from_slice(&word.to_le_bytes());
        self.bytes.truncate(before.wrapping_add(len as usize));
    }

    #[cold]
    fn put_long(&mut self, kind: EventType, dt: u64, args: &[u64]) {
        self.bytes.push(kind.byte());
        push_varint(&mut self.bytes, dt);
        for &arg in args {
            push_varint(&mut self.bytes, arg);
        }
    }

    /// Bytes of data so far.
    pub fn len(&self) -> usize {
        self.bytes.len()
    }

    /// Whether there is no data yet.
    pub fn is_empty(&self) -> bool {
        self.bytes.is_empty()
    }
}

#[cfg(test)]
mod tests;
