//! One generation of the output after another: batches by thread, tables of what is used, the clock.

use std::borrow::Cow;

use goroscope_reader::{EventType, FrameIdx, StackIdx, StringIdx, Symbols, Version};
use goroscope_wire::{
    BatchWriter, MAX_BATCH_LEN, MAX_FRAMES, MAX_STRING_LEN, NO_THREAD, RawClock, RawEvent, RawFrame, RawSample,
    StringEntry, TraceWriter,
};
use rustc_hash::{FxHashMap, FxHashSet};

use super::Trust;
use crate::recording::{Part, Recording};

/// How long a generation may be, in nanoseconds. It takes a second when Go makes it; goroscope takes a time for damaged
/// that is a minute away from all others.
pub const LONGEST: i64 = 50_000_000_000;

/// Room that an event may need: its number, the time and four arguments, ten bytes each.
const LONGEST_EVENT: usize = 51;

/// Why a goroutine waits of which it was lost what it does.
const LOST: &str = "lost in the damaged trace";

/// The function and file of a frame whose names were lost.
const NAMELESS: &str = "(name lost in the damaged trace)";

/// What a string is used for.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Hash, PartialOrd, Ord)]
pub enum Role {
    /// A function's name.
    Function,
    /// A source file's path.
    File,
    /// Why a goroutine stops or blocks.
    Reason,
    /// Why the world is stopped.
    Stop,
    /// A label of the runtime.
    Label,
    /// The type of a task or region, the category of a log.
    Annotation,
    /// The text of a log.
    Message,
}

/// What texts become.
pub trait Naming {
    /// The text to write instead of `text`.
    fn text<'t>(&mut self, role: Role, text: &'t str) -> Cow<'t, str>;

    /// The same for the file that `function` is in.
    fn file_of<'t>(&mut self, function: &str, text: &'t str) -> Cow<'t, str>;

    /// The same for what is said of the recording.
    fn recording(&mut self, recording: Recording) -> Recording;
}

/// Leaves texts as they are.
#[derive(Debug)]
pub struct AsRecorded;

impl Naming for AsRecorded {
    fn text<'t>(&mut self, _: Role, text: &'t str) -> Cow<'t, str> {
        Cow::Borrowed(text)
    }

    fn file_of<'t>(&mut self, _: &str, text: &'t str) -> Cow<'t, str> {
        Cow::Borrowed(text)
    }

    fn recording(&mut self, recording: Recording) -> Recording {
        recording
    }
}

/// Trace, monotonic and wall clock at one moment; the first in nanoseconds on the file's own clock.
#[derive(Clone, Copy, Debug)]
pub struct Clocks {
    pub time: i64,
    pub mono: u64,
    pub wall: u128,
}

impl Clocks {
    /// Whether all three have gone on since `before`.
    fn follows(self, before: Self, tick: i64) -> bool {
        self.time >= before.time.saturating_add(tick) && self.mono > before.mono && self.wall > before.wall
    }

    /// The same clocks at another moment.
    fn at(self, time: i64) -> Self {
        let later = i128::from(time) - i128::from(self.time);
        Self {
            time,
            mono: (i128::from(self.mono) + later).max(0) as u64,
            wall: (self.wall as i128 + later).max(0) as u128,
        }
    }
}

/// A thread's events that are not in a batch yet.
#[derive(Debug)]
struct Stream {
    thread: u64,
    batch: BatchWriter,
    /// Time of the batch, in ticks.
    start: u64,
    /// Time of the last event, in ticks.
    last: u64,
    /// The same, as it was to be.
    last_asked: u64,
    begun: bool,
}

/// The file being written.
pub struct Sink {
    writer: TraceWriter,
    version: Version,
    naming: Box<dyn Naming>,
    /// What is said of the recording and is not written yet.
    recording: Option<Recording>,
    /// Number of the current generation, from 1; 0 before the first one.
    pub generation: u64,
    /// Nanoseconds of a tick, the same in all generations: 64, as most systems have it, or 1.
    tick: i64,
    /// Where the generation starts, nanoseconds on the file's own clock.
    pub start: i64,
    /// The latest time written in the generation.
    pub latest: i64,
    streams: Vec<Stream>,
    stream_of: FxHashMap<u64, usize>,
    tables: Tables,
    samples: Vec<RawSample>,
    clocks: Option<Clocks>,
    /// Strings of the generations before whose texts were shortened.
    shortened: FxHashSet<StringIdx>,
    /// Frames of a damaged trace that nothing says the place of.
    left_out: FxHashSet<FrameIdx>,
    /// Which ticks something was written at; only if times are to be kept apart.
    ///
    /// If of two events at one time one waits for the other, Go's reader may forget to look at that other one. In a trace
    /// as recorded there is always something else that can go on; where times contradict the order there may be nothing.
    taken: Option<Taken>,
}

/// Ticks that are taken, each with one behind which there may be a free one: the forest of a union-find.
#[derive(Debug, Default)]
struct Taken(FxHashMap<u64, u64>);

impl Taken {
    /// Takes the first free tick from this one on.
    fn take(&mut self, from: u64) -> u64 {
        let mut free = from;
        while let Some(&next) = self.0.get(&free) {
            free = next;
        }
        let mut at = from;
        while at != free {
            at = self.0.insert(at, free).unwrap_or(free);
        }
        self.0.insert(free, free.saturating_add(1));
        free
    }
}

/// The strings and stacks that the generation uses.
#[derive(Debug, Default)]
struct Tables {
    string_ids: FxHashMap<(StringIdx, Role), u64>,
    strings: Vec<Vec<u8>>,
    files: FxHashMap<Vec<u8>, u64>,
    stack_ids: FxHashMap<StackIdx, u64>,
    stacks: Vec<Vec<RawFrame>>,
    /// Readers know one place for each PC of a generation.
    pcs: FxHashMap<u64, FrameIdx>,
    moved: FxHashMap<FrameIdx, u64>,
    /// The highest PC that was made up.
    made_up: u64,
    /// Those whose texts are longer than readers take.
    shortened: FxHashSet<StringIdx>,
}

impl Sink {
    /// A file without a generation; `clocks` are those of any of them, `tick` the nanoseconds of a tick.
    ///
    /// Other clocks than the usual one are to be written in nanoseconds, because readers round the steps of the clock one
    /// by one: only so do the times stay what they were.
    pub fn new(version: Version, naming: Box<dyn Naming>, (tick, clocks): (i64, Option<Clocks>), trust: Trust) -> Self {
        Self {
            writer: TraceWriter::new(version),
            version,
            naming,
            recording: None,
            generation: 0,
            // Where times are to be kept apart there must be enough of them.
            tick: if trust == Trust::None { 1 } else { tick },
            start: 0,
            latest: 0,
            streams: Vec::new(),
            stream_of: FxHashMap::default(),
            tables: Tables::default(),
            samples: Vec::new(),
            clocks,
            shortened: FxHashSet::default(),
            left_out: FxHashSet::default(),
            taken: (trust == Trust::None).then(Taken::default),
        }
    }

    /// Takes what is to be said of the recording.
    pub fn record(&mut self, recording: Option<Recording>) {
        self.recording = recording.map(|recording| self.naming.recording(recording));
    }

    /// The version of the file.
    pub fn version(&self) -> Version {
        self.version
    }

    /// Begins a generation at `start`.
    pub fn begin(&mut self, start: i64, clocks: Option<Clocks>) {
        self.generation += 1;
        self.start = start;
        self.latest = start;
        // A generation that lost its clocks has those of another one: they go on evenly. So do those that damage or a
        // wrong order of generations made go back.
        let tick = self.tick;
        let written = self.clocks.filter(|_| self.generation > 1);
        self.clocks = match (clocks.map(|own| own.at(own.time.max(start))), written) {
            (Some(own), Some(written)) if self.taken.is_some() && !own.follows(written, tick) => {
                Some(written.at(own.time.max(written.time.saturating_add(tick))))
            }
            (Some(own), _) => Some(own),
            (None, Some(written)) if self.taken.is_some() => {
                Some(written.at(start.max(written.time.saturating_add(tick))))
            }
            (None, _) => self.clocks.map(|other| other.at(start)),
        };
    }

    /// Whether anything was written for the thread in this generation.
    pub fn has_written(&self, thread: u64) -> bool {
        self.stream_of.get(&thread).is_some_and(|&at| self.streams[at].begun)
    }

    /// Writes an event of a thread.
    pub fn put(&mut self, thread: u64, time: i64, kind: EventType, args: [u64; 4]) {
        let time = if self.taken.is_some() { time.clamp(self.start, self.start.saturating_add(LONGEST)) } else { time };
        let mut ticks = self.ticks(time);
        self.latest = self.latest.max(time);
        let streams = &mut self.streams;
        let at = *self.stream_of.entry(thread).or_insert_with(|| {
            streams.push(Stream {
                thread,
                batch: BatchWriter::default(),
                start: 0,
                last: 0,
                last_asked: 0,
                begun: false,
            });
            streams.len() - 1
        });
        let stream = &mut self.streams[at];
        let asked = ticks;
        if let Some(taken) = &mut self.taken {
            let mut free = if stream.begun && ticks >= stream.last_asked { ticks.max(stream.last) } else { ticks };
            free = taken.take(free);
            ticks = free;
        }
        // Within a batch the clock only goes on. Between batches of a thread it may run backwards, as some traces have it.
        let is_full = stream.batch.len() + LONGEST_EVENT > MAX_BATCH_LEN;
        if is_full || (!stream.batch.is_empty() && ticks < stream.last) {
            self.writer.take_batch(self.generation, thread, stream.start, &mut stream.batch);
        }
        if stream.batch.is_empty() {
            stream.start = ticks;
            stream.last = ticks;
            stream.begun = true;
        }
        stream.batch.event(RawEvent { kind, dt: ticks - stream.last, args });
        stream.last = ticks;
        stream.last_asked = asked;
    }

    /// Adds a CPU sample; its time, thread, proc and goroutine, `NO_THREAD` for none.
    pub fn sample(&mut self, time: i64, (thread, proc, go): (u64, u64, u64), stack: u64) {
        let go = if go == NO_THREAD { 0 } else { go };
        self.samples.push(RawSample { time: self.ticks(time), thread, proc, go, stack });
    }

    /// The id of a string.
    pub fn string(&mut self, string: StringIdx, role: Role, symbols: &Symbols) -> u64 {
        if string == StringIdx(0) {
            return 0;
        }
        let (tables, naming) = (&mut self.tables, &mut self.naming);
        tables.string(string, role, || as_bytes(naming.text(role, symbols.string(string)), string, symbols))
    }

    /// The id of a text that belongs to a string: the reason within the name of a stop of the world.
    pub fn part(&mut self, whole: StringIdx, text: &str) -> u64 {
        let naming = &mut self.naming;
        self.tables.string(whole, Role::Stop, || naming.text(Role::Stop, text).into_owned().into_bytes())
    }

    /// The id of the reason of states that were lost.
    pub fn lost_reason(&mut self) -> u64 {
        // No row of the symbols is that high.
        self.tables.string(StringIdx(u32::MAX), Role::Reason, || LOST.as_bytes().to_vec())
    }

    /// The id of a stack.
    pub fn stack(&mut self, stack: StackIdx, symbols: &Symbols) -> u64 {
        if stack == StackIdx(0) {
            return 0;
        }
        if let Some(&id) = self.tables.stack_ids.get(&stack) {
            return id;
        }
        let frames = self.written_frames(stack, symbols);
        let frames: Vec<RawFrame> = frames.into_iter().map(|frame| self.frame(frame, symbols)).collect();
        let id = if self.taken.is_some() && frames.iter().all(|frame| frame.pc == 0) {
            // The reader puts a frame where a stack was lost, to say so. There is none to be written.
            0
        } else {
            self.tables.stacks.push(frames);
            self.tables.stacks.len() as u64
        };
        self.tables.stack_ids.insert(stack, id);
        id
    }

    /// The frames of a stack; of a damaged trace without those that nothing says the place of. Names alone can be told
    /// to be missing.
    fn written_frames(&mut self, stack: StackIdx, symbols: &Symbols) -> Vec<FrameIdx> {
        let frames = symbols.stack(stack).iter().copied().take(MAX_FRAMES);
        if self.taken.is_none() {
            return frames.collect();
        }
        let mut written = Vec::new();
        for (depth, index) in frames.enumerate() {
            let frame = symbols.frame(index);
            let has_names = frame.function != StringIdx(0) || frame.file != StringIdx(0);
            let is_empty_leaf = depth == 0 && (frame.pc, frame.line, has_names) == (0, 0, false);
            if is_empty_leaf || (frame.pc != 0 && frame.line != 0) {
                written.push(index);
            } else if (frame.pc, frame.file, frame.line) != (0, StringIdx(0), 0) {
                self.left_out.insert(index);
            }
        }
        written
    }

    fn frame(&mut self, index: FrameIdx, symbols: &Symbols) -> RawFrame {
        let frame = symbols.frame(index);
        let mut function = self.string(frame.function, Role::Function, symbols);
        let mut file = self.file(frame.file, symbols.string(frame.function), symbols);
        if frame.pc != 0 && self.taken.is_some() {
            // Names come at the end of a generation, which a file that was cut short lacks.
            for name in [&mut function, &mut file] {
                if *name == 0 {
                    *name = self.tables.string(StringIdx(u32::MAX), Role::Function, || NAMELESS.as_bytes().to_vec());
                }
            }
        }
        RawFrame { pc: self.tables.pc(index, frame.pc), function, file, line: u64::from(frame.line) }
    }

    fn file(&mut self, file: StringIdx, function: &str, symbols: &Symbols) -> u64 {
        if file == StringIdx(0) {
            return 0;
        }
        let text = as_bytes(self.naming.file_of(function, symbols.string(file)), file, symbols);
        // One file may be written in two ways: for functions of Go and for others.
        if let Some(&id) = self.tables.files.get(&text) {
            return id;
        }
        let id = self.tables.push(file, text.clone());
        self.tables.files.insert(text, id);
        id
    }

    /// Adds a batch of an experiment.
    pub fn experimental(&mut self, experiment: u8, thread: u64, bytes: &[u8]) {
        if self.version >= Version::Go123 {
            let time = self.ticks(self.start);
            self.writer.experimental(experiment, self.generation, thread, time, bytes);
        }
    }

    /// Ends the generation; what is said of the recording is that before `next`, on the file's own clock.
    pub fn end(&mut self, next: i64) {
        let generation = self.generation;
        if let Some(recording) = &mut self.recording {
            let part = if generation > 1 { Part::Later } else { Part::First };
            let texts = recording.texts(part, next.max(0) as u64);
            self.tables.strings.extend(texts.into_iter().map(String::into_bytes));
        }
        for stream in &mut self.streams {
            if !stream.batch.is_empty() {
                self.writer.take_batch(generation, stream.thread, stream.start, &mut stream.batch);
            }
        }
        self.streams.clear();
        self.stream_of.clear();
        if let Some(taken) = &mut self.taken {
            taken.0.clear();
        }
        let time = self.ticks(self.start);
        let tables = std::mem::take(&mut self.tables);
        self.shortened.extend(&tables.shortened);
        let entries = (1..).zip(&tables.strings).map(|(id, text)| StringEntry { id, bytes: text });
        self.writer.strings(generation, time, entries);
        self.writer.stacks(generation, time, (1..).zip(tables.stacks.iter().map(Vec::as_slice)));
        self.writer.cpu_samples(generation, time, self.samples.drain(..));
        let frequency = 1_000_000_000 / self.tick as u64;
        let clocks = self.clocks.map_or(RawClock { time, mono: 0, sec: 0, nsec: 0 }, |clocks| RawClock {
            time: self.ticks(clocks.time),
            mono: clocks.mono,
            sec: (clocks.wall / 1_000_000_000) as u64,
            nsec: (clocks.wall % 1_000_000_000) as u64,
        });
        self.writer.sync(generation, time, frequency, clocks);
        if self.version >= Version::Go126 {
            self.writer.end_of_generation();
        }
    }

    /// How many texts of the generations that ended were longer than readers take.
    pub fn shortened(&self) -> u64 {
        self.shortened.len() as u64
    }

    /// How many frames were left out.
    pub fn frames_left_out(&self) -> u64 {
        self.left_out.len() as u64
    }

    /// The file.
    pub fn into_bytes(self) -> Vec<u8> {
        self.writer.into_bytes()
    }

    fn ticks(&self, time: i64) -> u64 {
        time.max(0) as u64 / self.tick as u64
    }
}

impl Tables {
    fn string(&mut self, string: StringIdx, role: Role, text: impl FnOnce() -> Vec<u8>) -> u64 {
        if let Some(&id) = self.string_ids.get(&(string, role)) {
            return id;
        }
        let id = self.push(string, text());
        self.string_ids.insert((string, role), id);
        id
    }

    /// Adds the text for a string, as much of it as readers take.
    fn push(&mut self, string: StringIdx, text: Vec<u8>) -> u64 {
        if text.len() > MAX_STRING_LEN {
            self.shortened.insert(string);
        }
        self.strings.push(shortened(text));
        self.strings.len() as u64
    }

    /// The PC of a frame, or another one if it stands for another place already.
    fn pc(&mut self, frame: FrameIdx, pc: u64) -> u64 {
        if *self.pcs.entry(pc).or_insert(frame) == frame {
            return pc;
        }
        if let Some(&moved) = self.moved.get(&frame) {
            return moved;
        }
        let mut free = self.made_up + 1;
        while self.pcs.contains_key(&free) {
            free += 1;
        }
        self.made_up = free;
        self.pcs.insert(free, frame);
        self.moved.insert(frame, free);
        free
    }
}

/// The bytes of a text to be written for a string: of one that stays as it is those recorded, UTF-8 or not.
fn as_bytes(text: Cow<'_, str>, string: StringIdx, symbols: &Symbols) -> Vec<u8> {
    match text {
        Cow::Borrowed(text) if text == symbols.string(string) => symbols.bytes(string).to_vec(),
        Cow::Borrowed(_) | Cow::Owned(_) => text.into_owned().into_bytes(),
    }
}

/// Cut at the longest that readers take, between characters. Go's reader refuses a trace with a longer text; its runtime
/// cuts texts itself, but only since Go 1.22.
fn shortened(mut text: Vec<u8>) -> Vec<u8> {
    if text.len() > MAX_STRING_LEN {
        let is_inside = |end: usize| text.get(end).is_some_and(|byte| byte & 0xc0 == 0x80);
        let end = (0..=MAX_STRING_LEN).rev().find(|&end| !is_inside(end)).unwrap_or(MAX_STRING_LEN);
        text.truncate(end);
    }
    text
}
