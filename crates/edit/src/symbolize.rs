//! A trace whose stacks are addresses, with the functions at them.
//!
//! goroscope-recorder can leave names to later. A frame of which it knows only the address has that for a function and no
//! file. Here such frames become those that somebody who reads the binaries finds, more than one where functions were
//! inlined into each other; each has a PC of its own, for readers know one place for each. Reasons to wait follow from
//! the functions, so those that were left open are told, too. All else stays as it stands in the file:
//!
//! ```text
//!  batches of a generation ──► tables taken apart ──► stacks ──► the other batches, then both tables
//!                                                     strings    events that wait with their reasons
//! ```

use std::fmt;
use std::ops::Range;

use goroscope_reader::{EventType, Version};
use goroscope_wire::{
    Batch, BatchKind, BatchWriter, Batches, HEADER_LEN, HeaderError, Item, MAX_BATCH_LEN, MAX_FRAMES, MAX_STRING_LEN,
    NOTE_PREFIX, RawEvent, RawFrame, Stacks, StringEntry, TimedEvents, TraceWriter, parse_header, strings,
};
use rustc_hash::{FxHashMap, FxHashSet};

/// PCs from here on belong to no code: those below are an address and a depth.
const MADE_UP: u64 = 1 << 61;

/// Functions at one address that get their PCs from it.
const DEPTHS: u64 = 16;

/// Bytes that an event may take: its number, a time and four arguments.
const LONGEST_EVENT: usize = 51;

/// The reason that says nothing.
const OPEN_REASON: &[u8] = b"unspecified";

/// A function's place.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Place {
    /// The return address that it was found at.
    pub address: u64,
    /// How many functions at this address are inlined into it, one into another.
    pub depth: u64,
    /// Its name.
    pub function: String,
    /// Its file.
    pub file: String,
    /// The line, from 1.
    pub line: u64,
}

/// What was found out of a stack.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Found {
    /// Its places, leaf first: those that nobody knows with their address for a name, as the recorder wrote them.
    pub places: Vec<Place>,
    /// Why a task waits there.
    pub reason: &'static str,
}

/// A trace with names.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Symbolized {
    /// The trace.
    pub bytes: Vec<u8>,
    /// Stacks that have names now.
    pub stacks: u64,
}

/// Why a trace gets no names.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum SymbolizeError {
    /// It cannot be read as a trace.
    Open(HeaderError),
    /// Nothing in it is an address to be looked up.
    NoAddresses,
    /// It is damaged at this byte.
    Damaged(u64),
}

impl fmt::Display for SymbolizeError {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        match self {
            Self::Open(error) => error.fmt(f),
            Self::NoAddresses => f.write_str("no stack of it has only addresses: nothing is to be looked up"),
            Self::Damaged(offset) => {
                write!(f, "byte {offset}: the trace is damaged; let goroscope repair write what is left of it first")
            }
        }
    }
}

impl std::error::Error for SymbolizeError {}

/// The addresses of all stacks that have only these, each once.
pub fn addresses(file: &[u8], address_only: &str) -> Result<Vec<u64>, SymbolizeError> {
    let mut all = FxHashSet::default();
    for generation in generations(file)? {
        let tables = Tables::of(&generation)?;
        for (_, frames) in &tables.stacks {
            all.extend(tables.addresses(frames, address_only));
        }
    }
    let mut all: Vec<u64> = all.into_iter().collect();
    all.sort_unstable();
    if all.is_empty() { Err(SymbolizeError::NoAddresses) } else { Ok(all) }
}

/// Gives stacks the names that `look_up` finds for their addresses, leaf first; `address_only` is the file of a frame
/// that has no name. `is_done` says whether all are found, so that the trace need not be looked up again.
pub fn symbolize(
    file: &[u8],
    address_only: &str,
    is_done: Completeness,
    look_up: &mut dyn FnMut(&[u64]) -> Found,
) -> Result<Symbolized, SymbolizeError> {
    let version = parse_header(file).map_err(SymbolizeError::Open)?;
    let mut bytes = file.get(..HEADER_LEN).unwrap_or_default().to_vec();
    let mut stacks = 0;
    let mut known: FxHashMap<Vec<u64>, Found> = FxHashMap::default();
    for generation in generations(file)? {
        let mut tables = Tables::of(&generation)?;
        let mut reasons = FxHashMap::default();
        for row in 0..tables.stacks.len() {
            let (id, frames) = &tables.stacks[row];
            let addresses = tables.addresses(frames, address_only);
            if addresses.is_empty() {
                continue;
            }
            let (id, rest) = (*id, frames.get(addresses.len()..).unwrap_or_default().to_vec());
            let found = known.entry(addresses).or_insert_with_key(|addresses| look_up(addresses));
            reasons.insert(id, tables.text(found.reason));
            let mut named: Vec<RawFrame> = found.places.iter().map(|place| tables.frame(place)).collect();
            named.extend(rest);
            named.truncate(MAX_FRAMES);
            tables.stacks[row].1 = named;
            stacks += 1;
        }
        tables.say(is_done);
        let mut rewriting = Rewriting { version, tables: &tables, reasons, writer: TraceWriter::new(version) };
        rewriting.writer.take();
        for batch in &generation.batches {
            rewriting.batch(file, batch, &mut bytes)?;
        }
        rewriting.tables(&generation, &mut bytes);
    }
    Ok(Symbolized { bytes, stacks })
}

/// Whether everything was found.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Completeness {
    /// Nothing is left to be looked up.
    All,
    /// Some addresses have no names: what is needed to find them stays in the file.
    Some,
}

/// The batches of a generation, and where it ends if the file says so.
struct Generation<'a> {
    number: u64,
    batches: Vec<Batch<'a>>,
    has_end: bool,
}

fn generations(file: &[u8]) -> Result<Vec<Generation<'_>>, SymbolizeError> {
    let version = parse_header(file).map_err(SymbolizeError::Open)?;
    if version < Version::Go122 {
        return Err(SymbolizeError::NoAddresses);
    }
    let mut all: Vec<Generation<'_>> = Vec::new();
    for item in Batches::new(version, file, HEADER_LEN as u64) {
        match item.map_err(|error| SymbolizeError::Damaged(error.offset))? {
            Item::Batch(batch) => match all.last_mut() {
                Some(last) if last.number == batch.generation => last.batches.push(batch),
                Some(_) | None => {
                    all.push(Generation { number: batch.generation, batches: vec![batch], has_end: false });
                }
            },
            Item::EndOfGeneration { .. } => {
                if let Some(last) = all.last_mut() {
                    last.has_end = true;
                }
            }
        }
    }
    Ok(all)
}

/// The texts and stacks of a generation.
struct Tables {
    texts: Vec<(u64, Vec<u8>)>,
    /// Rows of `texts` by id.
    rows: FxHashMap<u64, usize>,
    /// Ids of texts that were made here.
    made: FxHashMap<String, u64>,
    next_id: u64,
    stacks: Vec<(u64, Vec<RawFrame>)>,
    /// PCs of functions that are inlined deeper than an address has room for.
    deep: FxHashMap<(u64, u64), u64>,
}

impl Tables {
    fn of(generation: &Generation<'_>) -> Result<Self, SymbolizeError> {
        let mut tables = Self {
            texts: Vec::new(),
            rows: FxHashMap::default(),
            made: FxHashMap::default(),
            next_id: 1,
            stacks: Vec::new(),
            deep: FxHashMap::default(),
        };
        for batch in &generation.batches {
            match batch.kind {
                BatchKind::Strings => {
                    for entry in strings(batch) {
                        let entry = entry.map_err(|error| SymbolizeError::Damaged(error.offset))?;
                        tables.rows.entry(entry.id).or_insert(tables.texts.len());
                        tables.texts.push((entry.id, entry.bytes.to_vec()));
                        tables.next_id = tables.next_id.max(entry.id.saturating_add(1));
                    }
                }
                BatchKind::Stacks => {
                    let (mut entries, mut frames) = (Stacks::new(batch), Vec::new());
                    while let Some(id) = entries.next(&mut frames) {
                        let id = id.map_err(|error| SymbolizeError::Damaged(error.offset))?;
                        tables.stacks.push((id, frames.clone()));
                    }
                }
                BatchKind::Events | BatchKind::CpuSamples | BatchKind::Sync | BatchKind::Experimental(_) => {}
            }
        }
        Ok(tables)
    }

    fn bytes(&self, id: u64) -> &[u8] {
        self.rows.get(&id).and_then(|&row| self.texts.get(row)).map_or(&[], |(_, bytes)| bytes)
    }

    /// The addresses that the stack begins with.
    fn addresses(&self, frames: &[RawFrame], address_only: &str) -> Vec<u64> {
        let address = |frame: &RawFrame| {
            let digits = self.bytes(frame.function).strip_prefix(b"0x")?;
            let is_bare = self.bytes(frame.file) == address_only.as_bytes();
            let digits = std::str::from_utf8(digits).ok().filter(|_| is_bare)?;
            u64::from_str_radix(digits, 16).ok()
        };
        frames.iter().map_while(address).collect()
    }

    /// The id of a text.
    fn text(&mut self, text: &str) -> u64 {
        if let Some(&id) = self.made.get(text) {
            return id;
        }
        let id = self.next_id;
        self.next_id = id.saturating_add(1);
        let end = text.floor_char_boundary(MAX_STRING_LEN);
        self.rows.insert(id, self.texts.len());
        self.texts.push((id, text.as_bytes()[..end].to_vec()));
        self.made.insert(text.to_owned(), id);
        id
    }

    fn frame(&mut self, place: &Place) -> RawFrame {
        let count = self.deep.len() as u64;
        let pc = if place.depth < DEPTHS {
            place.address.wrapping_mul(DEPTHS).wrapping_add(place.depth)
        } else {
            MADE_UP + *self.deep.entry((place.address, place.depth)).or_insert(count)
        };
        RawFrame { pc, function: self.text(&place.function), file: self.text(&place.file), line: place.line.max(1) }
    }

    /// Takes away what was there for looking up, if nothing is left of that.
    fn say(&mut self, is_done: Completeness) {
        if is_done == Completeness::Some {
            return;
        }
        for (_, bytes) in &mut self.texts {
            let Some(line) = bytes.strip_prefix(NOTE_PREFIX.as_bytes()) else { continue };
            if line == b"symbols=addresses" {
                *bytes = format!("{NOTE_PREFIX}symbols=resolved").into_bytes();
            } else if line.starts_with(b"map.") {
                bytes.clear();
            }
        }
        // Their ids are free: nothing refers to them.
        self.texts.retain(|(_, bytes)| !bytes.is_empty());
    }
}

/// The batches of a generation on their way to the output.
struct Rewriting<'t> {
    version: Version,
    tables: &'t Tables,
    /// By stack the text of the reason that follows from it.
    reasons: FxHashMap<u64, u64>,
    writer: TraceWriter,
}

impl Rewriting<'_> {
    fn batch(&mut self, file: &[u8], batch: &Batch<'_>, out: &mut Vec<u8>) -> Result<(), SymbolizeError> {
        match batch.kind {
            // They come at the end.
            BatchKind::Strings | BatchKind::Stacks => Ok(()),
            BatchKind::Events => self.events(batch, out),
            BatchKind::CpuSamples | BatchKind::Sync | BatchKind::Experimental(_) => {
                out.extend_from_slice(file.get(place(batch)).unwrap_or_default());
                Ok(())
            }
        }
    }

    /// A batch may become two, as what it says of reasons may take more bytes.
    fn events(&mut self, batch: &Batch<'_>, out: &mut Vec<u8>) -> Result<(), SymbolizeError> {
        let mut written = BatchWriter::default();
        let (mut start, mut now) = (batch.time, batch.time);
        for event in TimedEvents::new(self.version, batch.data, batch.data_offset) {
            let event = event.map_err(|error| SymbolizeError::Damaged(error.offset))?;
            if written.len() + LONGEST_EVENT > MAX_BATCH_LEN {
                self.writer.take_batch(batch.generation, batch.thread, start, &mut written);
                start = now;
            }
            now = now.wrapping_add(event.dt);
            written.event(RawEvent { args: self.args(event), ..event });
        }
        self.writer.take_batch(batch.generation, batch.thread, start, &mut written);
        out.append(&mut self.writer.take());
        Ok(())
    }

    fn args(&self, event: RawEvent) -> [u64; 4] {
        let [reason, stack, ..] = event.args;
        let is_open = event.kind == EventType::GoBlock && self.tables.bytes(reason) == OPEN_REASON;
        match self.reasons.get(&stack).filter(|_| is_open) {
            Some(&reason) => [reason, stack, event.args[2], event.args[3]],
            None => event.args,
        }
    }

    fn tables(&mut self, generation: &Generation<'_>, out: &mut Vec<u8>) {
        let time = generation.batches.first().map_or(0, |batch| batch.time);
        let texts = self.tables.texts.iter().map(|(id, bytes)| StringEntry { id: *id, bytes });
        self.writer.strings(generation.number, time, texts);
        let stacks = self.tables.stacks.iter().map(|(id, frames)| (*id, frames.as_slice()));
        self.writer.stacks(generation.number, time, stacks);
        if generation.has_end {
            self.writer.end_of_generation();
        }
        out.append(&mut self.writer.take());
    }
}

/// Where a batch stands in the file, with its head.
fn place(batch: &Batch<'_>) -> Range<usize> {
    batch.offset as usize..batch.data_offset as usize + batch.data.len()
}
