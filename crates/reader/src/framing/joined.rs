//! Another trace behind the first one: files that were appended to each other.
//!
//! Numbers of generations go on from one trace of a process to the next, and begin again in another process. So the
//! generations behind the header follow, after a gap, if their numbers and times go on and one of their threads was there
//! before. Those that begin with a batch that was read already are of a time that is shown: they are left out, and where
//! to cut the file is said. All others are of another program, as far as anybody can tell, as are those of the old format,
//! which has no generations: there the trace ends, and the reader begins the next one.

use goroscope_wire::{Batch, Batches, HEADER_LEN, Item, NO_THREAD, Version, find_header, parse_header};

use super::{Framing, Pieces, loss};
use crate::diagnostic::Log;
use crate::{Diagnostic, LostTime};

/// The most ticks between two traces on one timeline: a day of the fastest clock there is.
const LONGEST_GAP: u64 = 24 * 60 * 60 * 1_000_000_000;

/// Why a trace is left out whose version is not known.
pub const UNKNOWN: &str = "of a version that is not known";

/// Batches of the other trace whose threads are looked for.
const BATCHES_ASKED: usize = 64;

impl<'a> Framing<'a> {
    /// Goes on behind the header at `header`: in its trace, or in the next one that can follow.
    ///
    /// `cut` is a batch of the trace before that the header cuts off; that of `pieces` that was added last may have
    /// swallowed it.
    pub(super) fn pass_header(
        &mut self,
        header: u64,
        cut: Option<Batch<'a>>,
        pieces: Option<&mut Pieces<'a>>,
        log: &mut Log,
    ) {
        let at = self.batches.position();
        let mut number = self.last;
        let mut latest = self.latest;
        let mut lost_bytes = header.saturating_sub(at);
        if let Some(pieces) = pieces {
            if let Some(batch) = cut.filter(|batch| batch.generation == pieces.number && batch.data_offset < header) {
                pieces.add(batch);
                lost_bytes = 0;
            }
            pieces.cut_last_batch(header);
            number = Some(pieces.number);
            latest = latest.max(pieces.latest);
        }
        if lost_bytes > 0 {
            let message = "bytes before the header of another trace are no batches";
            log.push(Diagnostic { lost_bytes, lost_time: LostTime::Unknown, ..said(at, number, message) });
        }
        let end = self.file.len() as u64;
        let mut header = header;
        loop {
            let data = header + HEADER_LEN as u64;
            let version = self.file.get(header as usize..).and_then(|rest| parse_header(rest).ok());
            if let Some(version) = version.filter(|version| self.goes_on(*version, data, number, latest)) {
                let message = format!(
                    "another trace of the same program begins here ({}): it is shown behind a gap; {}",
                    name(self.file, header),
                    how_to_cut(header)
                );
                self.gap = Some(log.push(said(header, number, &message)));
                self.version = version;
                self.batches = Batches::surveyed(version, self.file, data);
                self.begins_anew = true;
                return;
            }
            let is_read = version.is_some_and(|version| self.is_read(version, data));
            if version.is_some() && !is_read {
                self.next_trace = Some(header);
                self.batches = Batches::new(self.version, self.file, end);
                return;
            }
            let next = find_header(self.file, data as usize, self.file.len()).map(|next| next as u64);
            let lost_bytes = next.unwrap_or(end).saturating_sub(header);
            let why = if is_read { "of a time that was read already" } else { UNKNOWN };
            log.push(Diagnostic { lost_bytes, ..said(header, None, &left_out(self.file, header, why)) });
            let Some(next) = next else {
                self.batches = Batches::new(self.version, self.file, end);
                return;
            };
            header = next;
        }
    }

    /// Whether what stands at `data` was read already.
    fn is_read(&self, version: Version, data: u64) -> bool {
        let first = Batches::new(version, self.file, data).next().filter(|_| !version.is_v1());
        matches!(first, Some(Ok(Item::Batch(batch))) if self.repeats.is_repeated(&batch))
    }

    /// Whether what stands at `data` can be later generations of the same process.
    fn goes_on(&self, version: Version, data: u64, number: Option<u64>, latest: u64) -> bool {
        let mut batches = Batches::new(version, self.file, data).map_while(|item| match item {
            Ok(Item::Batch(batch)) => Some(batch),
            Ok(Item::EndOfGeneration { .. }) | Err(_) => None,
        });
        let Some(first) = batches.next().filter(|_| !version.is_v1()) else {
            return false;
        };
        let Some(number) = number else {
            return true;
        };
        let is_later = first.generation > number && first.time >= latest && first.time - latest <= LONGEST_GAP;
        let mut of_generation =
            std::iter::once(first).chain(batches).take_while(|it| it.generation == first.generation);
        is_later
            && of_generation
                .by_ref()
                .take(BATCHES_ASKED)
                .any(|batch| batch.thread != NO_THREAD && self.repeats.knows_thread(batch.thread))
    }
}

/// Why the trace at `header` is not shown, and how to see it.
pub fn left_out(file: &[u8], header: u64, why: &str) -> String {
    format!("another trace begins here ({}), {why}: it is not shown; {}", name(file, header), how_to_cut(header))
}

/// `go 1.26`
pub fn name(file: &[u8], header: u64) -> String {
    let text = file.get(header as usize..).and_then(|rest| rest.get(..HEADER_LEN)).unwrap_or_default();
    String::from_utf8_lossy(text).trim_end_matches('\0').trim_end_matches(" trace").to_owned()
}

/// The commands that make two files of one.
pub fn how_to_cut(header: u64) -> String {
    format!("`tail -c +{}` of the file is that trace, `head -c {header}` what is before it", header + 1)
}

fn said(offset: u64, generation: Option<u64>, message: &str) -> Diagnostic {
    Diagnostic { generation, ..loss(offset, 0, message) }
}
