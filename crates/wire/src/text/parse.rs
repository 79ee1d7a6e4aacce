//! Text to bytes.
//!
//! 1. Lines become statements: a line that begins with a word, and the lines of frames and data after it.
//! 2. A first walk finds the generation of each statement, the ids and program counters that the text uses itself, and
//!    the earliest time of each generation.
//! 3. A second walk writes the bytes and collects the literals, which go out where their generation ends.

use std::collections::BTreeMap;

use super::TextError;
use super::line::{self, Value};
use super::tables::{ProgramCounters, Tables};
use crate::varint::push_varint;
use crate::{ArgKind, EventSpec, EventType, RawClock, TraceWriter, Version};

/// Ticks per second where the text does not say.
const DEFAULT_FREQUENCY: u64 = 1_000_000_000;

/// The bytes of the trace that a text describes.
pub fn parse(text: &str) -> Result<Vec<u8>, TextError> {
    let mut statements = statements(text)?.into_iter();
    let header = statements.next().ok_or_else(|| at(1)("empty text: `Trace Go1.NN` is due".into()))?;
    let version = version(&header).map_err(at(header.line))?;
    let mut statements: Vec<_> = statements.collect();
    let mut emitter = Emitter {
        version,
        writer: TraceWriter::new(version),
        tables: BTreeMap::new(),
        pcs: ProgramCounters::new(),
        generation: 1,
        has_end: false,
        batch: None,
    };
    for statement in &mut statements {
        survey(statement, &mut emitter).map_err(at(statement.line))?;
    }
    emitter.generation = statements.first().map_or(1, |statement| statement.generation);
    let mut statements = statements.into_iter();
    for statement in statements.by_ref() {
        let line = statement.line;
        if statement.name == "Cut" {
            let bytes = emitter.cut(statement).map_err(at(line))?;
            return match statements.next() {
                Some(after) => Err(at(after.line)("nothing may follow `Cut`".into())),
                None => Ok(bytes),
            };
        }
        emitter.statement(statement).map_err(at(line))?;
    }
    emitter.end_generation();
    Ok(emitter.writer.into_bytes())
}

fn at(line: usize) -> impl FnOnce(String) -> TextError {
    move |message| TextError { line, message }
}

/// A line that begins with a word, and the lines that belong to it.
struct Statement<'t> {
    line: usize,
    name: &'t str,
    words: Vec<&'t str>,
    fields: Fields<'t>,
    frames: Vec<Fields<'t>>,
    generation: u64,
}

/// Keys and values of a line; those that are used are taken away.
#[derive(Default)]
struct Fields<'t>(Vec<(&'t str, Value<'t>)>);

impl<'t> Fields<'t> {
    fn get(&self, key: &str) -> Option<&Value<'t>> {
        self.0.iter().find(|&&(name, _)| name == key).map(|(_, value)| value)
    }

    fn take(&mut self, key: &str) -> Option<Value<'t>> {
        let at = self.0.iter().position(|&(name, _)| name == key)?;
        Some(self.0.remove(at).1)
    }

    fn take_number(&mut self, key: &str) -> Result<Option<u64>, String> {
        match self.take(key) {
            None => Ok(None),
            Some(Value::Number(number)) => Ok(Some(number)),
            Some(Value::Word(_) | Value::Text(_) | Value::Stack(_)) => Err(format!("`{key}` is a number")),
        }
    }

    fn take_data(&mut self) -> Result<Vec<u8>, String> {
        match self.take("data") {
            None => Ok(Vec::new()),
            Some(Value::Text(bytes)) => Ok(bytes),
            Some(Value::Word(_) | Value::Number(_) | Value::Stack(_)) => {
                Err("`data` is a string in double quotes".into())
            }
        }
    }

    fn number(&self, key: &str) -> Option<u64> {
        match self.get(key) {
            Some(&Value::Number(number)) => Some(number),
            Some(Value::Word(_) | Value::Text(_) | Value::Stack(_)) | None => None,
        }
    }

    fn finish(&self, name: &str) -> Result<(), String> {
        match self.0.first() {
            Some((key, _)) => Err(format!("{name} has no `{key}`")),
            None => Ok(()),
        }
    }
}

fn statements(text: &str) -> Result<Vec<Statement<'_>>, TextError> {
    let mut statements: Vec<Statement<'_>> = Vec::new();
    for (line, content) in (1..).zip(text.lines()) {
        let Some(cut) = line::split(content).map_err(at(line))? else {
            continue;
        };
        let fields = Fields(cut.fields);
        if let Some(&name) = cut.words.first() {
            let (words, frames) = (cut.words, Vec::new());
            statements.push(Statement { line, name, words, fields, frames, generation: 1 });
            continue;
        }
        let above = statements.last_mut().ok_or_else(|| at(line)("fields without a name".into()))?;
        match fields.0.first() {
            Some(("data", _)) if above.fields.get("data").is_none() => {
                above.fields.0.extend(fields.0);
            }
            _ if above.name == EventType::Stack.name() => above.frames.push(fields),
            _ => return Err(at(line)(format!("{} has no line like this", above.name))),
        }
    }
    Ok(statements)
}

fn version(header: &Statement<'_>) -> Result<Version, String> {
    header.fields.finish("Trace")?;
    match header.words.as_slice() {
        ["Trace", go] => go
            .strip_prefix("Go1.")
            .and_then(|minor| minor.parse().ok())
            .and_then(Version::from_minor)
            .filter(|version| !version.is_v1())
            .ok_or_else(|| format!("`{go}` is none of Go1.22, Go1.23, Go1.25, Go1.26")),
        _ => Err("the first line is `Trace Go1.NN`".into()),
    }
}

/// The first walk: step 2 above.
fn survey(statement: &mut Statement<'_>, emitter: &mut Emitter) -> Result<(), String> {
    let event = EventType::from_name(statement.name);
    if let ("Generation", Some(number)) = (statement.name, statement.words.get(1)) {
        emitter.generation = line::number(number).ok_or_else(|| format!("`{number}` is not a generation"))?;
    } else if let (Some(EventType::EventBatch | EventType::ExperimentalBatch), Some(number)) =
        (event, statement.fields.number("gen"))
    {
        emitter.generation = number;
    }
    statement.generation = emitter.generation;
    let tables = emitter.tables.entry(statement.generation).or_insert_with(Tables::new);
    if let (Some(EventType::EventBatch | EventType::ExperimentalBatch), time) = (event, statement.fields.number("time"))
    {
        tables.add_time(time.unwrap_or_default());
    }
    if let (Some(EventType::String), Some(id)) = (event, statement.fields.number("id")) {
        tables.string_ids.take(id);
    }
    if let (Some(EventType::Stack), Some(id)) = (event, statement.fields.number("id")) {
        tables.stack_ids.take(id);
    }
    for pc in statement.frames.iter().filter_map(|frame| frame.number("pc")) {
        emitter.pcs.numbers.take(pc);
    }
    for (_, value) in &statement.fields.0 {
        if let Value::Stack(frames) = value {
            frames.iter().filter_map(|frame| frame.pc).for_each(|pc| emitter.pcs.numbers.take(pc));
        }
    }
    Ok(())
}

/// The second walk: step 3 above.
struct Emitter {
    version: Version,
    writer: TraceWriter,
    tables: BTreeMap<u64, Tables>,
    pcs: ProgramCounters,
    /// The generation of the last statement.
    generation: u64,
    /// Whether the generation ends with its own byte, as it began with `Generation`.
    has_end: bool,
    batch: Option<OpenBatch>,
}

/// A batch that further lines may add to.
struct OpenBatch {
    thread: u64,
    time: u64,
    /// The size that the text gives.
    size: Option<u64>,
    data: Vec<u8>,
    /// The time of its last event.
    clock: u64,
}

impl Emitter {
    fn statement(&mut self, mut statement: Statement<'_>) -> Result<(), String> {
        let generation = statement.generation;
        let event = EventType::from_name(statement.name);
        if statement.name == "Generation" {
            return self.begin_generation(statement);
        }
        if let Some(extra) = statement.words.get(1) {
            return Err(format!("`{extra}` has no place here: arguments are `key=value`"));
        }
        if generation != self.generation {
            self.end_generation();
            self.generation = generation;
        }
        let event = match event {
            Some(event) => event,
            None if statement.name == "Bytes" => {
                let data = statement.fields.take_data()?;
                self.push(&data);
                return statement.fields.finish("Bytes");
            }
            None => return Err(format!("no event has the name `{}`", statement.name)),
        };
        if event == EventType::EventBatch {
            self.close_batch();
            let fields = &mut statement.fields;
            fields.take_number("gen")?;
            let thread = fields.take_number("m")?.unwrap_or_default();
            let time = fields.take_number("time")?.unwrap_or_default();
            let size = fields.take_number("size")?;
            self.batch = Some(OpenBatch { thread, time, size, data: Vec::new(), clock: time });
        } else if event == EventType::ExperimentalBatch {
            self.close_batch();
            self.experimental_batch(&mut statement.fields)?;
        } else if event == EventType::EndOfGeneration {
            self.has_end = false;
            self.end_generation();
            self.writer.end_of_generation();
        } else {
            self.event(event.spec(), &mut statement)?;
        }
        statement.fields.finish(statement.name)
    }

    fn begin_generation(&mut self, statement: Statement<'_>) -> Result<(), String> {
        let Statement { words, mut fields, generation, .. } = statement;
        if words.len() != 2 {
            return Err("`Generation` takes one number".into());
        }
        self.end_generation();
        self.generation = generation;
        self.has_end = self.version >= Version::Go126;
        let tables = self.tables.entry(generation).or_insert_with(Tables::new);
        let time = fields.take_number("time")?.or(tables.time).unwrap_or_default();
        tables.add_time(time);
        let frequency = fields.take_number("freq")?.unwrap_or(DEFAULT_FREQUENCY);
        let mono = fields.take_number("mono")?.unwrap_or(time);
        let sec = fields.take_number("sec")?.unwrap_or_default();
        let nsec = fields.take_number("nsec")?.unwrap_or_default();
        self.writer.sync(generation, time, frequency, RawClock { time, mono, sec, nsec });
        fields.finish("Generation")
    }

    fn experimental_batch(&mut self, fields: &mut Fields<'_>) -> Result<(), String> {
        fields.take_number("gen")?;
        let experiment = fields.take_number("exp")?.unwrap_or_default();
        let experiment = u8::try_from(experiment).map_err(|_| "`exp` is at most 255")?;
        let thread = fields.take_number("m")?.unwrap_or_default();
        let time = fields.take_number("time")?.unwrap_or_default();
        let size = fields.take_number("size")?;
        let data = fields.take_data()?;
        let bytes = self.writer.raw();
        bytes.extend_from_slice(&[EventType::ExperimentalBatch.byte(), experiment]);
        push_batch(bytes, [self.generation, thread, time], size, &data);
        Ok(())
    }

    /// Writes an event or a table entry: number, delta, arguments, then frames or data.
    fn event(&mut self, spec: &EventSpec, statement: &mut Statement<'_>) -> Result<(), String> {
        let fields = &mut statement.fields;
        let mut bytes = vec![spec.event.byte()];
        if spec.has_delta() {
            push_varint(&mut bytes, self.delta(fields)?);
        }
        for &(name, kind) in spec.args {
            let value = match fields.take(name) {
                Some(value) => self.value(name, kind, value)?,
                None if name == "nframes" => statement.frames.len() as u64,
                None => 0,
            };
            push_varint(&mut bytes, value);
        }
        for frame in &mut statement.frames {
            for (name, kind) in
                [("pc", ArgKind::Value), ("func", ArgKind::String), ("file", ArgKind::String), ("line", ArgKind::Value)]
            {
                let value = match frame.take(name) {
                    Some(value) => self.value(name, kind, value)?,
                    None => 0,
                };
                push_varint(&mut bytes, value);
            }
            frame.finish("a frame")?;
        }
        if spec.event == EventType::String {
            let data = statement.fields.take_data()?;
            push_varint(&mut bytes, data.len() as u64);
            bytes.extend_from_slice(&data);
        }
        self.push(&bytes);
        Ok(())
    }

    /// The delta that `dt` or `at` gives.
    fn delta(&mut self, fields: &mut Fields<'_>) -> Result<u64, String> {
        let (dt, at) = (fields.take_number("dt")?, fields.take_number("at")?);
        let clock = self.batch.as_mut().map(|batch| &mut batch.clock);
        let dt = match (dt, at, &clock) {
            (None, None, _) => 1,
            (Some(dt), None, _) => dt,
            (None, Some(at), Some(clock)) => at
                .checked_sub(**clock)
                .ok_or_else(|| format!("`at={at}` is before the time {clock} of the batch so far"))?,
            (None, Some(_), None) => return Err("`at` without a batch".into()),
            (Some(_), Some(_), _) => return Err("`dt` and `at` together".into()),
        };
        if let Some(clock) = clock {
            *clock = clock.wrapping_add(dt);
        }
        Ok(dt)
    }

    /// The number that stands for a value in an argument of this kind.
    fn value(&mut self, name: &str, kind: ArgKind, value: Value<'_>) -> Result<u64, String> {
        let tables = self.tables.entry(self.generation).or_insert_with(Tables::new);
        match (value, kind) {
            (Value::Number(number), _) => Ok(number),
            (Value::Text(bytes), ArgKind::String) => Ok(tables.string(&bytes)),
            (Value::Stack(frames), ArgKind::Stack) => Ok(tables.stack(&frames, &mut self.pcs)),
            (Value::Word(word), ArgKind::Status) => status(name, word),
            (Value::Text(_), _) => Err(format!("`{name}` is not a string")),
            (Value::Stack(_), _) => Err(format!("`{name}` is not a stack")),
            (Value::Word(word), _) => Err(format!("`{word}` is not a number")),
        }
    }

    /// Adds bytes to the batch if there is one, else to the file.
    fn push(&mut self, bytes: &[u8]) {
        match &mut self.batch {
            Some(batch) => batch.data.extend_from_slice(bytes),
            None => self.writer.raw().extend_from_slice(bytes),
        }
    }

    fn close_batch(&mut self) {
        if let Some(batch) = self.batch.take() {
            let bytes = self.writer.raw();
            bytes.push(EventType::EventBatch.byte());
            let address = [self.generation, batch.thread, batch.time];
            push_batch(bytes, address, batch.size, &batch.data);
        }
    }

    fn end_generation(&mut self) {
        self.close_batch();
        if let Some(tables) = self.tables.get_mut(&self.generation) {
            tables.write(self.generation, &mut self.writer);
        }
        if std::mem::take(&mut self.has_end) {
            self.writer.end_of_generation();
        }
    }

    fn cut(mut self, mut statement: Statement<'_>) -> Result<Vec<u8>, String> {
        let dropped = statement.fields.take_number("drop")?.unwrap_or_default();
        statement.fields.finish("Cut")?;
        self.close_batch();
        let mut bytes = self.writer.into_bytes();
        let left = usize::try_from(dropped).ok().and_then(|dropped| bytes.len().checked_sub(dropped));
        bytes.truncate(left.ok_or_else(|| format!("there are only {} bytes to drop", bytes.len()))?);
        Ok(bytes)
    }
}

fn push_batch(bytes: &mut Vec<u8>, address: [u64; 3], size: Option<u64>, data: &[u8]) {
    for value in address {
        push_varint(bytes, value);
    }
    push_varint(bytes, size.unwrap_or(data.len() as u64));
    bytes.extend_from_slice(data);
}

/// The number of a status by its name.
fn status(argument: &str, word: &str) -> Result<u64, String> {
    let names: &[&str] = if argument == "pstatus" {
        &["Running", "Idle", "Syscall", "SyscallAbandoned"]
    } else {
        &["Runnable", "Running", "Syscall", "Waiting"]
    };
    let found = (1..).zip(names).find(|&(_, &name)| name == word);
    found.map(|(number, _)| number).ok_or_else(|| format!("`{word}` is none of {}", names.join(", ")))
}
