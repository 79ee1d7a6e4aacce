//! Which clock a trace has, if its first generation and those that follow do not agree.

use goroscope_wire::{Batch, BatchKind, Item, sync};

use super::{Framing, Pieces};
use crate::clock::USUAL_FREQUENCY;

/// Different frequencies among which it is looked for one that is there twice.
const MOST_FREQUENCIES: usize = 4;

impl Framing<'_> {
    /// The frequency that two generations of the trace have, if the first one, which was just read, has another.
    ///
    /// It is only looked at what comes next until two agree, which those of undamaged traces do at once.
    pub fn frequency_of_most(&self, first: &Pieces<'_>) -> Option<u64> {
        let frequency_of = |batch: &Batch<'_>| sync(self.version, batch).ok()?.frequency.filter(|&it| it > 0);
        let own = first.syncs.iter().find_map(frequency_of)?;
        let mut seen = vec![(first.number, own)];
        for item in self.spilled.iter().map(|batch| Ok(Item::Batch(*batch))).chain(self.batches.clone()) {
            let batch = match item {
                Ok(Item::Batch(batch)) if batch.kind == BatchKind::Sync => batch,
                Ok(Item::Batch(_) | Item::EndOfGeneration { .. }) => continue,
                Err(_) => return None,
            };
            let Some(frequency) = frequency_of(&batch) else { continue };
            if seen.iter().any(|&(number, _)| number == batch.generation) {
                continue;
            }
            if seen.iter().any(|&(_, other)| other == frequency) {
                return (frequency != own).then_some(frequency);
            }
            if seen.len() == MOST_FREQUENCIES {
                return None;
            }
            seen.push((batch.generation, frequency));
        }
        // Two that differ, and nobody to decide: the clock of most systems is known.
        seen.iter().any(|&(_, it)| it == USUAL_FREQUENCY && it != own).then_some(USUAL_FREQUENCY)
    }
}
