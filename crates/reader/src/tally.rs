//! Counts the raw records of a file.

use goroscope_wire::{Batch, BatchKind};

use crate::EventType;

/// Records and their bytes by event number.
#[derive(Clone, Debug)]
pub struct Tally {
    pub counts: Box<[u64; 256]>,
    pub bytes: Box<[u64; 256]>,
}

impl Default for Tally {
    fn default() -> Self {
        Self { counts: Box::new([0; 256]), bytes: Box::new([0; 256]) }
    }
}

impl Tally {
    /// Counts a record.
    #[inline]
    pub fn add(&mut self, event: EventType, bytes: u64) {
        let number = usize::from(event.byte());
        self.counts[number] += 1;
        self.bytes[number] += bytes;
    }

    /// Adds what another one has counted.
    pub fn add_all(&mut self, other: &Self) {
        let sums = self.counts.iter_mut().zip(other.counts.iter());
        for (sum, &more) in sums.chain(self.bytes.iter_mut().zip(other.bytes.iter())) {
            *sum += more;
        }
    }

    /// Counts a record whose number is not known.
    pub fn add_number(&mut self, number: u8, bytes: u64) {
        self.counts[usize::from(number)] += 1;
        self.bytes[usize::from(number)] += bytes;
    }

    /// Counts a batch's header, and the byte that begins a table.
    pub fn add_batch(&mut self, batch: &Batch<'_>) {
        let header = batch.data_offset - batch.offset;
        let first = batch.data.len().min(1) as u64;
        let (framing, table) = match batch.kind {
            BatchKind::Events => (EventType::EventBatch, None),
            BatchKind::Strings => (EventType::EventBatch, Some(EventType::Strings)),
            BatchKind::Stacks => (EventType::EventBatch, Some(EventType::Stacks)),
            BatchKind::CpuSamples => (EventType::EventBatch, Some(EventType::CPUSamples)),
            BatchKind::Sync => (EventType::EventBatch, Some(EventType::Sync)),
            BatchKind::Experimental(_) => (EventType::ExperimentalBatch, None),
        };
        self.add(framing, header);
        if let Some(table) = table.filter(|table| batch.data.first() == Some(&table.byte())) {
            self.add(table, first);
        }
    }

    /// Counts the entries of a table batch, whose bytes are all of it but the first.
    pub fn add_entries(&mut self, event: EventType, entries: u64, batch: &Batch<'_>) {
        let number = usize::from(event.byte());
        self.counts[number] += entries;
        self.bytes[number] += (batch.data.len() as u64).saturating_sub(1);
    }
}
