//! Where the entries of a table go on behind one that cannot be read.
//!
//! An entry begins with the number of its kind, a byte that also stands inside of entries. The next one is taken to begin
//! at the first place from which on several in a row make sense, or all up to the end of the batch:
//!
//! * the id of a string is not above the number of strings that there is room for, and its bytes are a text;
//! * the frames of a stack have strings with ids that the table of strings has, and lines that a file can have;
//! * a CPU sample was taken about when the generation was, with a stack of the table.
//!
//! Where only a length is damaged, the entry before the error is the damaged one:
//!
//! 1. It is too long and swallowed others: it makes no sense, and an entry begins inside of it.
//! 2. It is too short: what stands behind it is its rest.
//!
//! Then it is left out: a name that was cut off would look like a right one. Entries are judged only next to an error, so
//! that a table without one is read as it is, whatever it says.
//!
//! A table whose batch lost its header is still one: see [`table_in`].

use goroscope_wire::{
    Batch, BatchKind, CpuSamples, EventType, MAX_STRING_LEN, RawFrame, RawSample, Stacks, Strings, WireError,
};

/// Entries that are looked at from a place on, and how many are enough if then more damage comes.
const PROBED: usize = 8;
const FEW: usize = 2;

/// Entries that follow each other up to the end where bytes that no batch says anything of are a table.
const CERTAIN: usize = 4;

/// No file has more lines.
const MOST_LINE: u64 = 1 << 24;

/// The greatest id of a string where no table of strings is left.
const MOST_STRING: u64 = 1 << 20;

/// The greatest numbers of threads, procs and goroutines that a sample is believed to be of.
const MOST_THREAD: u64 = 1 << 32;
const MOST_PROC: u64 = 1 << 12;
const MOST_GO: u64 = 1 << 40;

/// A part of a table that cannot be read.
#[derive(Clone, Copy, Debug)]
pub struct Gap {
    /// Why.
    pub error: WireError,
    /// Where the entries that are lost begin.
    pub from: u64,
    /// Where the table goes on, if it does.
    pub to: Option<u64>,
    /// Whether the entry before the error is among those that are lost.
    pub takes_last: bool,
}

/// What entries of one kind must be like.
#[derive(Clone, Copy, Debug)]
pub enum Sense {
    /// Strings with ids up to this.
    Strings { most_id: u64 },
    /// Stacks of frames with strings up to this.
    Stacks { most_string: u64 },
    /// Samples of around this time, with stacks up to this.
    Samples { start: u64, reach: u64, most_stack: u64 },
}

impl Sense {
    /// Of stacks, by the greatest id of a string.
    pub fn of_stacks(greatest_string: u64) -> Self {
        Self::Stacks { most_string: if greatest_string == 0 { MOST_STRING } else { greatest_string } }
    }

    /// What is lost by an `error` in the entry at `start`; `last` is where the entry before it in the batch begins.
    pub fn pass(self, batch: &Batch<'_>, error: WireError, start: u64, last: Option<u64>) -> Gap {
        let place = |offset: u64| offset.saturating_sub(batch.data_offset) as usize;
        let offset = |place: usize| batch.data_offset + place as u64;
        let doubtful = last.filter(|&last| self.entry_at(batch.data, place(last)).is_none());
        let to = self.next_place(batch.data, place(doubtful.unwrap_or(start)) + 1).map(offset);
        let is_swallowed = |to: u64| doubtful.is_some() && to < start;
        let is_rest = |to: u64| batch.data.get(place(start)..place(to)).is_some_and(|bytes| self.is_rest(bytes));
        match (last, to) {
            (Some(last), Some(to)) if is_swallowed(to) || is_rest(to) => {
                Gap { error, from: last, to: Some(to), takes_last: true }
            }
            (_, to) => Gap { error, from: error.offset, to, takes_last: false },
        }
    }

    fn next_place(self, data: &[u8], from: usize) -> Option<usize> {
        (from..data.len()).find(|&place| self.begins_at(data, place) && self.leads_on(data, place))
    }

    /// Whether the number of an entry stands there.
    fn begins_at(self, data: &[u8], place: usize) -> bool {
        let number = match self {
            Self::Strings { .. } => EventType::String,
            Self::Stacks { .. } => EventType::Stack,
            Self::Samples { .. } => EventType::CPUSample,
        };
        data.get(place) == Some(&number.byte())
    }

    fn leads_on(self, data: &[u8], place: usize) -> bool {
        let mut at = place;
        for seen in 0..PROBED {
            if at == data.len() {
                return seen > 0;
            }
            match self.entry_at(data, at) {
                Some(end) => at = end,
                None => return seen >= FEW,
            }
        }
        true
    }

    /// Where the entry at `at` ends, if there is one that makes sense.
    fn entry_at(self, data: &[u8], at: usize) -> Option<usize> {
        let rest = data.get(at..)?;
        let end = match self {
            Self::Strings { most_id } => {
                let mut strings = Strings::behind(rest, at as u64);
                let string = strings.next()?.ok()?;
                ((1..=most_id).contains(&string.id) && is_text(string.bytes)).then(|| strings.offset())
            }
            Self::Stacks { most_string } => {
                let (mut stacks, mut frames) = (Stacks::behind(rest, at as u64), Vec::new());
                let id = stacks.next(&mut frames)?.ok()?;
                let can_be = id > 0 && !frames.is_empty() && frames.iter().all(|frame| can_be(frame, most_string));
                can_be.then(|| stacks.offset())
            }
            Self::Samples { start, reach, most_stack } => {
                let mut samples = CpuSamples::behind(rest, at as u64);
                let RawSample { time, thread, proc, go, stack } = samples.next()?.ok()?;
                let is_id = |id: u64, most: u64| id == u64::MAX || id <= most;
                let can_be = time.abs_diff(start) <= reach
                    && is_id(thread, MOST_THREAD)
                    && is_id(proc, MOST_PROC)
                    && go <= MOST_GO
                    && stack <= most_stack;
                can_be.then(|| samples.offset())
            }
        };
        end.map(|end| end as usize)
    }

    /// Whether bytes between two entries can be the rest of the first one.
    fn is_rest(self, bytes: &[u8]) -> bool {
        if bytes.is_empty() {
            return false;
        }
        match self {
            Self::Strings { .. } => bytes.len() <= MAX_STRING_LEN && is_text(bytes),
            Self::Stacks { most_string } => are_frames(bytes, most_string),
            Self::Samples { .. } => false,
        }
    }
}

/// Which table, and from which byte on, if entries follow each other up to the end of `data`.
///
/// The byte is the one before the first entry, as in a batch: it should say which table it is.
pub fn table_in(data: &[u8]) -> Option<(BatchKind, usize)> {
    let strings = (BatchKind::Strings, Sense::Strings { most_id: MOST_STRING });
    let stacks = (BatchKind::Stacks, Sense::of_stacks(0));
    [strings, stacks].into_iter().find_map(|(kind, sense)| {
        let mut place = 1;
        while place < data.len() {
            let (mut at, mut count) = (place, 0);
            while let Some(end) = sense.begins_at(data, at).then(|| sense.entry_at(data, at)).flatten() {
                (at, count) = (end, count + 1);
            }
            if at == data.len() && count >= CERTAIN {
                return Some((kind, place - 1));
            }
            // What follows each other is not looked at again, so that this is linear.
            place = if count >= CERTAIN { at } else { place + 1 };
        }
        None
    })
}

fn can_be(frame: &RawFrame, most_string: u64) -> bool {
    frame.pc > 0 && frame.function <= most_string && frame.file <= most_string && frame.line <= MOST_LINE
}

/// Whether bytes are frames of a stack and nothing else.
fn are_frames(bytes: &[u8], most_string: u64) -> bool {
    let mut numbers = [0; 4];
    let (mut count, mut value, mut shift) = (0, 0_u64, 0);
    for &byte in bytes {
        if shift > 63 {
            return false;
        }
        value |= u64::from(byte & 0x7f) << shift;
        shift += 7;
        if byte < 0x80 {
            numbers[count % 4] = value;
            count += 1;
            (value, shift) = (0, 0);
            let [pc, function, file, line] = numbers;
            if count % 4 == 0 && !can_be(&RawFrame { pc, function, file, line }, most_string) {
                return false;
            }
        }
    }
    count % 4 == 0 && shift == 0
}

/// Whether bytes are a text; the last character may be cut off.
fn is_text(bytes: &[u8]) -> bool {
    let is_utf8 = std::str::from_utf8(bytes).map_or_else(|error| error.error_len().is_none(), |_| true);
    is_utf8 && !bytes.iter().any(|&byte| byte < b' ' && !matches!(byte, b'\t' | b'\n' | b'\r'))
}

#[cfg(test)]
mod tests;
