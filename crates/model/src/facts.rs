//! What is known of the file as a whole, and how it is kept with the tables.

use goroscope_reader::{
    ClockSnapshot, Diagnostic, ExperimentalBatch, Frame, FrameIdx, Generation, LostTime, Severity, StringIdx, Symbols,
    ThreadId, Ts, Version,
};

use crate::sections::{Notes, NotesReader};

/// The file as a whole.
#[derive(Clone, Debug)]
pub(crate) struct Facts {
    pub version: Version,
    /// The `NN` of `go 1.NN trace` in the header.
    pub header_minor: u16,
    pub file_bytes: u64,
    pub start: i64,
    pub end: i64,
    pub events: u64,
    pub clock_zero: i64,
    pub counts: Box<[u64; 256]>,
    pub bytes: Box<[u64; 256]>,
    pub generations: Vec<Generation>,
    pub batches: Vec<ExperimentalBatch>,
    pub lost: Vec<(i64, i64)>,
    pub diagnostics: Vec<Diagnostic>,
}

impl Facts {
    /// As bytes.
    pub fn to_bytes(&self) -> Vec<u8> {
        let mut notes = Notes::default();
        let minors = [self.version.minor(), self.header_minor].map(u64::from);
        for number in minors.into_iter().chain([self.file_bytes, self.events]) {
            notes.number(number);
        }
        for number in [self.start, self.end, self.clock_zero] {
            notes.signed(number);
        }
        for number in self.counts.iter().chain(self.bytes.iter()) {
            notes.number(*number);
        }
        notes.number(self.generations.len() as u64);
        for generation in &self.generations {
            push_generation(&mut notes, generation);
        }
        notes.number(self.batches.len() as u64);
        for batch in &self.batches {
            for number in
                [u64::from(batch.experiment), batch.generation, batch.thread.0, batch.offset, u64::from(batch.bytes)]
            {
                notes.number(number);
            }
        }
        notes.number(self.lost.len() as u64);
        for &(from, to) in &self.lost {
            notes.signed(from);
            notes.signed(to);
        }
        notes.number(self.diagnostics.len() as u64);
        for diagnostic in &self.diagnostics {
            push_diagnostic(&mut notes, diagnostic);
        }
        notes.0
    }

    /// What these bytes say.
    pub fn of_bytes(bytes: &[u8]) -> Option<Self> {
        let mut notes = NotesReader(bytes);
        let version = Version::from_minor(u16::try_from(notes.number()?).ok()?)?;
        let header_minor = notes.number()? as u16;
        let (file_bytes, events) = (notes.number()?, notes.number()?);
        let (start, end, clock_zero) = (notes.signed()?, notes.signed()?, notes.signed()?);
        let mut tally = || -> Option<Box<[u64; 256]>> {
            let mut numbers = Box::new([0; 256]);
            for number in numbers.iter_mut() {
                *number = notes.number()?;
            }
            Some(numbers)
        };
        let (counts, bytes) = (tally()?, tally()?);
        let generations = (0..notes.count()?).map(|_| generation(&mut notes)).collect::<Option<_>>()?;
        let mut batches = Vec::new();
        for _ in 0..notes.count()? {
            batches.push(ExperimentalBatch {
                experiment: notes.number()? as u8,
                generation: notes.number()?,
                thread: ThreadId(notes.number()?),
                offset: notes.number()?,
                bytes: notes.number()? as u32,
            });
        }
        let mut lost = Vec::new();
        for _ in 0..notes.count()? {
            lost.push((notes.signed()?, notes.signed()?));
        }
        let diagnostics = (0..notes.count()?).map(|_| diagnostic(&mut notes)).collect::<Option<_>>()?;
        Some(Self {
            version,
            header_minor,
            file_bytes,
            start,
            end,
            events,
            clock_zero,
            counts,
            bytes,
            generations,
            batches,
            lost,
            diagnostics,
        })
    }
}

fn push_generation(notes: &mut Notes, generation: &Generation) {
    let Generation { number, offset, bytes, events, start, frequency, clock, complete } = *generation;
    for number in [number, offset, bytes, events, frequency, u64::from(complete), u64::from(clock.is_some())] {
        notes.number(number);
    }
    notes.signed(start.0);
    if let Some(clock) = clock {
        notes.signed(clock.ts.0);
        for number in [clock.mono, clock.wall_sec, u64::from(clock.wall_nsec)] {
            notes.number(number);
        }
    }
}

fn generation(notes: &mut NotesReader<'_>) -> Option<Generation> {
    let (number, offset, bytes, events) = (notes.number()?, notes.number()?, notes.number()?, notes.number()?);
    let frequency = notes.number()?;
    let (complete, has_clock) = (notes.number()? != 0, notes.number()? != 0);
    let start = Ts(notes.signed()?);
    let mut clock = None;
    if has_clock {
        clock = Some(ClockSnapshot {
            ts: Ts(notes.signed()?),
            mono: notes.number()?,
            wall_sec: notes.number()?,
            wall_nsec: notes.number()? as u32,
        });
    }
    Some(Generation { number, offset, bytes, events, start, frequency, clock, complete })
}

fn push_diagnostic(notes: &mut Notes, diagnostic: &Diagnostic) {
    let Diagnostic { severity, offset, generation, thread, lost_bytes, lost_time, ref message } = *diagnostic;
    notes.number(match severity {
        Severity::Note => 0,
        Severity::Loss => 1,
    });
    notes.number(offset);
    notes.maybe(generation);
    notes.maybe(thread);
    notes.number(lost_bytes);
    match lost_time {
        LostTime::None => notes.number(0),
        LostTime::Unknown => notes.number(1),
        LostTime::Between(from, to) => {
            notes.number(2);
            notes.signed(from.0);
            notes.signed(to.0);
        }
    }
    notes.text(message);
}

fn diagnostic(notes: &mut NotesReader<'_>) -> Option<Diagnostic> {
    Some(Diagnostic {
        severity: if notes.number()? == 0 { Severity::Note } else { Severity::Loss },
        offset: notes.number()?,
        generation: notes.maybe(),
        thread: notes.maybe(),
        lost_bytes: notes.number()?,
        lost_time: match notes.number()? {
            0 => LostTime::None,
            1 => LostTime::Unknown,
            _ => LostTime::Between(Ts(notes.signed()?), Ts(notes.signed()?)),
        },
        message: notes.text()?.to_owned(),
    })
}

/// Strings, frames and stacks as bytes.
pub(crate) fn symbols_to_bytes(symbols: &Symbols) -> Vec<u8> {
    let mut notes = Notes::default();
    let rows = |count: usize| 0..count as u32;
    notes.number(symbols.string_count() as u64 - 1);
    for row in rows(symbols.string_count()).skip(1) {
        notes.text(symbols.string(StringIdx(row)));
    }
    notes.number(symbols.frame_count() as u64);
    for row in rows(symbols.frame_count()) {
        let Frame { pc, function, file, line } = symbols.frame(FrameIdx(row));
        for number in [pc, function.0.into(), file.0.into(), line.into()] {
            notes.number(number);
        }
    }
    notes.number(symbols.stack_count() as u64 - 1);
    for row in rows(symbols.stack_count()).skip(1) {
        let frames = symbols.stack(goroscope_reader::StackIdx(row));
        notes.number(frames.len() as u64);
        for frame in frames {
            notes.number(frame.0.into());
        }
    }
    notes.0
}

/// The symbols that these bytes are. Rows that name others name some that are there.
pub(crate) fn symbols_of_bytes(bytes: &[u8]) -> Option<Symbols> {
    let mut notes = NotesReader(bytes);
    let mut symbols = Symbols::default();
    for _ in 0..notes.count()? {
        symbols.push_string(notes.text()?);
    }
    let strings = symbols.string_count() as u64;
    for _ in 0..notes.count()? {
        let pc = notes.number()?;
        let (function, file, line) = (notes.number()?, notes.number()?, notes.number()?);
        if function >= strings || file >= strings {
            return None;
        }
        let (function, file) = (StringIdx(function as u32), StringIdx(file as u32));
        symbols.push_frame(Frame { pc, function, file, line: line as u32 });
    }
    let frames = symbols.frame_count() as u64;
    let mut stack = Vec::new();
    for _ in 0..notes.count()? {
        stack.clear();
        for _ in 0..notes.count()? {
            let frame = notes.number()?;
            if frame >= frames {
                return None;
            }
            stack.push(FrameIdx(frame as u32));
        }
        symbols.push_stack(&stack);
    }
    Some(symbols)
}
