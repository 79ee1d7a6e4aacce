//! Problems of the file: what could not be read, where, and what was lost by it.

use std::fmt;

use crate::Ts;

/// One problem of the file.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Diagnostic {
    /// How bad it is.
    pub severity: Severity,
    /// Byte offset in the (decompressed) file.
    pub offset: u64,
    /// Generation, if known.
    pub generation: Option<u64>,
    /// Thread, if it concerns one.
    pub thread: Option<u64>,
    /// Bytes that could not be used because of it.
    pub lost_bytes: u64,
    /// The time in which something is not known because of it.
    pub lost_time: LostTime,
    /// What happened: a lower-case fragment without position.
    pub message: String,
}

impl Diagnostic {
    /// Something unusual at a place of the file.
    pub fn note(offset: u64, message: impl Into<String>) -> Self {
        Self {
            severity: Severity::Note,
            offset,
            generation: None,
            thread: None,
            lost_bytes: 0,
            lost_time: LostTime::None,
            message: message.into(),
        }
    }

    /// Something that was lost there. How much, and of whom, is for the caller to say.
    pub fn loss(offset: u64, message: impl Into<String>) -> Self {
        Self { severity: Severity::Loss, ..Self::note(offset, message) }
    }
}

/// How bad a diagnostic is.
#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord)]
pub enum Severity {
    /// Unusual, nothing lost.
    Note,
    /// Something was lost.
    Loss,
}

/// The time in which something that happened is not known.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq)]
pub enum LostTime {
    /// None is lost: the bytes stood for something without a time, such as names.
    #[default]
    None,
    /// Something is lost, and nothing tells from when.
    Unknown,
    /// What happened between these two moments is not known completely: of one thread, or of all.
    Between(Ts, Ts),
}

/// The most diagnostics that are kept one by one.
const MOST: usize = 1000;

/// A diagnostic in the log, to say more of it later.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(crate) struct Place(usize);

/// Collects diagnostics; past [`MOST`] it only counts, and of lost times keeps all.
#[derive(Debug, Default)]
pub(crate) struct Log {
    kept: Vec<Diagnostic>,
    more: u64,
    more_bytes: u64,
    more_unknown: bool,
    /// The lost times of all.
    lost: Vec<(Ts, Ts)>,
    /// Those whose end is not known yet, and where they begin.
    open: Vec<(Place, Ts)>,
}

impl Log {
    /// Whether there are none.
    pub fn is_empty(&self) -> bool {
        self.kept.is_empty()
    }

    /// Adds one.
    pub fn push(&mut self, diagnostic: Diagnostic) -> Place {
        let place = Place(self.kept.len());
        if let LostTime::Between(from, to) = diagnostic.lost_time {
            self.lost.push((from, to));
        }
        if self.kept.len() < MOST {
            self.kept.push(diagnostic);
            return place;
        }
        self.more += 1;
        self.more_bytes += diagnostic.lost_bytes;
        self.more_unknown |= diagnostic.lost_time == LostTime::Unknown;
        Place(usize::MAX)
    }

    /// Adds one whose lost time ends with the generation.
    pub fn push_open(&mut self, diagnostic: Diagnostic, from: Ts) {
        let place = self.push(diagnostic);
        self.open.push((place, from));
    }

    /// The generation ends, or what is known of it, at `to`.
    pub fn close(&mut self, to: Ts) {
        for (place, from) in std::mem::take(&mut self.open) {
            self.set_lost_time(place, LostTime::Between(from, to.max(from)));
        }
    }

    /// Says which time was lost with a diagnostic that is there already.
    pub fn set_lost_time(&mut self, place: Place, lost_time: LostTime) {
        if let LostTime::Between(from, to) = lost_time {
            self.lost.push((from, to));
        }
        if let Some(diagnostic) = self.kept.get_mut(place.0) {
            diagnostic.lost_time = lost_time;
        }
    }

    /// All of them in the order of the file, the last one telling how many are not here.
    pub fn finish(mut self, end_of_file: u64) -> Vec<Diagnostic> {
        self.kept.sort_by_key(|diagnostic| diagnostic.offset);
        if self.more > 0 {
            self.kept.push(Diagnostic {
                lost_bytes: self.more_bytes,
                // Stretches that are known are among the lost ones, one by one.
                lost_time: if self.more_unknown { LostTime::Unknown } else { LostTime::None },
                ..Diagnostic::loss(end_of_file, format!("{} more problems", self.more))
            });
        }
        self.kept
    }

    /// The lost times of all diagnostics: in order, none touching the next.
    pub fn take_lost(&mut self) -> Vec<(Ts, Ts)> {
        union(std::mem::take(&mut self.lost))
    }
}

/// Stretches of time in order, those that overlap or touch as one; empty ones are left out.
fn union(mut stretches: Vec<(Ts, Ts)>) -> Vec<(Ts, Ts)> {
    stretches.retain(|(from, to)| from < to);
    stretches.sort_unstable();
    stretches.dedup_by(|next, before| {
        let touches = next.0 <= before.1;
        if touches {
            before.1 = before.1.max(next.1);
        }
        touches
    });
    stretches
}

impl fmt::Display for Diagnostic {
    /// `generation 3, thread 7, byte 81234: message`
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        if let Some(generation) = self.generation {
            write!(f, "generation {generation}, ")?;
        }
        if let Some(thread) = self.thread {
            write!(f, "thread {thread}, ")?;
        }
        write!(f, "byte {}: {}", self.offset, self.message)
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    fn check(stretches: &[(i64, i64)], expected: &[(i64, i64)]) {
        let ts = |list: &[(i64, i64)]| list.iter().map(|&(from, to)| (Ts(from), Ts(to))).collect::<Vec<_>>();
        assert_eq!(union(ts(stretches)), ts(expected), "{stretches:?}");
    }

    #[test]
    fn time_is_lost_once() {
        check(&[], &[]);
        check(&[(5, 5), (7, 6)], &[]);
        check(&[(5, 9), (1, 3)], &[(1, 3), (5, 9)]);
        check(&[(1, 9), (2, 3), (9, 10), (11, 12)], &[(1, 10), (11, 12)]);
    }
}
