//! Reads a file with other threads that are ahead of the one that takes the events.

use std::num::NonZero;
use std::thread::{Builder, available_parallelism, scope};

use crate::side_by_side;
use crate::supply::{self, Supply};
use crate::{OpenError, ReadOptions, Reader};

/// Bytes of events that are ordered ahead.
const BYTES: usize = 256 << 20;

/// How many threads read a file, and how far they are ahead.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct ReadAhead {
    /// How many threads there are. The first one takes the events and orders those of the generation at hand, the second
    /// one decodes for it, and each more one decodes and orders a generation behind it.
    pub threads: NonZero<usize>,
    /// The most bytes of events that are ordered ahead, in all generations together.
    pub bytes: usize,
}

impl ReadAhead {
    /// The most threads that pay: telling what others have ordered takes a good part of the time that ordering takes.
    pub const MOST_THREADS: NonZero<usize> = NonZero::new(5).expect("five is not zero");

    /// With so many threads.
    pub fn on(threads: NonZero<usize>) -> Self {
        Self { threads, bytes: BYTES }
    }
}

impl Default for ReadAhead {
    /// With as many threads as there are cores, up to five.
    fn default() -> Self {
        Self::on(available_parallelism().unwrap_or(NonZero::<usize>::MIN).min(Self::MOST_THREADS))
    }
}

/// Reads a trace with other threads, which decode and order what `read` is about to take: events come faster, and are the
/// same.
///
/// Generations are ordered side by side only in traces of Go 1.22 and later, which have more than one, and only as far as
/// nothing of them is damaged. Where no thread can be had, the reader does without.
pub fn read_ahead<'a, T>(
    bytes: &'a [u8],
    options: ReadOptions,
    ahead: ReadAhead,
    read: impl FnOnce(Reader<'a>) -> T,
) -> Result<T, OpenError> {
    let ReadAhead { threads, bytes: most_bytes } = ahead;
    scope(|scope| {
        let mut supply = Supply::Here(Vec::new());
        if threads.get() > 1 {
            let (far, decoder) = supply::connection();
            let thread = Builder::new().name("decoder".into()).spawn_scoped(scope, || decoder.run());
            supply = if thread.is_ok() { far } else { supply };
        }
        let orderers = threads.get().saturating_sub(2);
        let (side, worker) = side_by_side::connection(orderers, most_bytes);
        let mut are_there = false;
        for _ in 0..orderers {
            let worker = worker.clone();
            let thread = Builder::new().name("orderer".into()).spawn_scoped(scope, || worker.run());
            are_there |= thread.is_ok();
        }
        drop(worker);
        Ok(read(Reader::with_threads(bytes, options, supply, are_there.then_some(side))?))
    })
}
