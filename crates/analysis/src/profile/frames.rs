//! From sums to a profile: rows of the trace get their names.
//!
//! Stacks of a trace are logical frames, those that were inlined included, so each frame is a location of its own.

use super::kind::Kind;
use super::weights::{Frames, Key, Reason, Subject, Weight, Weights};
use super::{Options, Rate};
use crate::{Filter, class_name, meta, names};
use goroscope_model::{FrameIdx, StackIdx, StringIdx, Trace};
use goroscope_profile::{Builder, Function, Known, Label, Line, Location, LocationIdx, Mapping, MappingIdx, Profile};
use rustc_hash::FxHashMap;

/// What stands for frames that are not in the trace.
const UNKNOWN: &str = "[stack not in this trace]";
/// What CPU samples of the runtime's own stacks are under.
const NO_GOROUTINE: &str = "[no goroutine]";

/// The profile that these sums are.
pub(super) fn build(trace: &Trace, filter: &Filter, options: &Options, weights: Weights) -> Profile {
    let mut builder = Builder::new(options.kind.types());
    let known = Known::FUNCTIONS.and(Known::FILENAMES).and(Known::LINE_NUMBERS);
    let mapping = builder.mapping(Mapping { known, ..Mapping::default() });
    set_header(&mut builder, trace, filter, options);
    let mut naming = Naming { trace, builder, mapping, locations: FxHashMap::default() };
    for (key, weight) in weights.into_rows() {
        naming.add(&key, weight, options.kind);
    }
    naming.builder.finish()
}

/// The profile of a single sample, which says nothing but how it is called.
pub(super) fn sample(trace: &Trace, kind: Kind, key: &Key) -> Profile {
    let mut builder = Builder::new(kind.types());
    let mapping = builder.mapping(Mapping::default());
    let mut naming = Naming { trace, builder, mapping, locations: FxHashMap::default() };
    naming.add(key, Weight { count: 1, ns: 1 }, kind);
    naming.builder.finish()
}

fn set_header(builder: &mut Builder, trace: &Trace, filter: &Filter, options: &Options) {
    let (from, to) = filter.window(trace);
    // So that it can be compared with the block and mutex profiles that Go's runtime writes.
    let (period_type, period) = match options.kind {
        Kind::Cpu => (builder.value_type("cpu", "nanoseconds"), options.rate(trace).period() as i64),
        Kind::Create => (builder.value_type("goroutines", "count"), 1),
        Kind::Net
        | Kind::Sync
        | Kind::Syscall
        | Kind::SyscallBlock
        | Kind::Sched
        | Kind::Blocking
        | Kind::Sleep
        | Kind::GcAssist
        | Kind::OffCpu
        | Kind::Wall => (builder.value_type("contentions", "count"), 1),
    };
    let default_sample_type = options.kind.types().last().map(|(kind, _)| builder.string(kind)).unwrap_or_default();
    let comments: Vec<_> = comments(trace, filter, options).iter().map(|comment| builder.string(comment)).collect();
    let time_nanos = meta::wall(trace).map_or(0, |wall| {
        let at = i128::from(wall.sec) * 1_000_000_000 + i128::from(wall.nsec) + i128::from(from) - i128::from(wall.ts);
        i64::try_from(at).unwrap_or_default()
    });
    let header = builder.header_mut();
    header.time_nanos = time_nanos;
    header.duration_nanos = to - from;
    header.period_type = period_type;
    header.period = period;
    header.default_sample_type = default_sample_type;
    header.comments = comments;
}

/// What is to be known of the profile.
fn comments(trace: &Trace, filter: &Filter, options: &Options) -> Vec<String> {
    let kind = options.kind;
    let mut comments = vec![
        format!("{} profile of an execution trace: {}", kind.name(), kind.counts()),
        format!("format go 1.{}", trace.version().minor()),
    ];
    if !filter.is_everything() {
        comments.push(format!("filter: {filter}"));
    }
    if kind == Kind::Cpu {
        comments.push(rate_comment(trace, options));
    }
    let loss = meta::loss(trace);
    if loss != (meta::Loss { bytes: 0, time: 0, unknown_times: 0 }) {
        let share = loss.time as f64 / (trace.end() - trace.start()).max(1) as f64 * 100.0;
        comments.push(format!("the trace is damaged: {} bytes and {share:.2} % of its time are lost", loss.bytes));
    }
    comments
}

fn rate_comment(trace: &Trace, options: &Options) -> String {
    let rate = options.rate(trace).per_second();
    match (options.rate, Rate::told(trace)) {
        (Some(_), Some(told)) if told.per_second() != rate => {
            format!("{rate} samples per second are assumed, although the trace says {}", told.per_second())
        }
        (_, Some(_)) => format!("the CPU was sampled {rate} times per second of running, as the trace says"),
        (_, None) => {
            format!("the trace does not say how often the CPU was sampled: {rate} samples per second are assumed")
        }
    }
}

/// A profile in the making.
struct Naming<'t> {
    trace: &'t Trace,
    builder: Builder,
    mapping: MappingIdx,
    locations: FxHashMap<FrameIdx, LocationIdx>,
}

impl Naming<'_> {
    fn add(&mut self, key: &Key, weight: Weight, kind: Kind) {
        let mut stack = self.stack(key.frames);
        if let Some(class) = key.state {
            stack.push(self.named(&format!("[{}]", class_name(class).key)));
        }
        if key.has_no_goroutine {
            stack.push(self.named(NO_GOROUTINE));
        }
        let labels = self.labels(key);
        let (stack, labels) = (self.builder.stack(&stack), self.builder.labels(&labels));
        let values = [weight.count as i64, weight.ns as i64];
        // There are as many values as the kind has types.
        let _ = self.builder.add(stack, labels, &values[..kind.types().len()]);
    }

    /// The locations of a sample, leaf first.
    fn stack(&mut self, frames: Frames) -> Vec<LocationIdx> {
        let found = match frames {
            Frames::Stack(stack, inner) => self.recorded(stack, inner.into()),
            Frames::New { start, creation } => {
                let mut stack = self.recorded(start, 0);
                stack.extend(self.recorded(creation, 0));
                stack
            }
            Frames::Common(begin, end) => self.common(begin, end),
            Frames::Function(function) if function != StringIdx(0) => vec![self.of_name(function)],
            Frames::Function(_) => Vec::new(),
            Frames::Unknown(function) => {
                let mut stack = vec![self.named(UNKNOWN)];
                if function != StringIdx(0) {
                    stack.push(self.of_name(function));
                }
                stack
            }
        };
        if found.is_empty() { vec![self.named(UNKNOWN)] } else { found }
    }

    fn recorded(&mut self, stack: StackIdx, inner: usize) -> Vec<LocationIdx> {
        let trace = self.trace;
        trace.symbols().stack(stack).iter().skip(inner).map(|&frame| self.frame(frame)).collect()
    }

    /// What two stacks share from the root on; of a function that both are in at different lines, no line.
    fn common(&mut self, begin: StackIdx, end: StackIdx) -> Vec<LocationIdx> {
        let symbols = self.trace.symbols();
        let pairs = symbols.stack(begin).iter().rev().zip(symbols.stack(end).iter().rev());
        let mut shared = Vec::new();
        for (&one, &other) in pairs {
            if one == other {
                shared.push(self.frame(one));
                continue;
            }
            let (one, other) = (symbols.frame(one), symbols.frame(other));
            if one.function == other.function && one.file == other.file {
                let line = if one.line == other.line { i64::from(one.line) } else { 0 };
                shared.push(self.location(0, one.function, one.file, line));
            }
            break;
        }
        shared.reverse();
        shared
    }

    fn frame(&mut self, row: FrameIdx) -> LocationIdx {
        if let Some(location) = self.locations.get(&row) {
            return *location;
        }
        let frame = self.trace.symbols().frame(row);
        let location = self.location(frame.pc, frame.function, frame.file, i64::from(frame.line));
        self.locations.insert(row, location);
        location
    }

    fn of_name(&mut self, function: StringIdx) -> LocationIdx {
        self.location(0, function, StringIdx(0), 0)
    }

    fn location(&mut self, address: u64, function: StringIdx, file: StringIdx, line: i64) -> LocationIdx {
        let symbols = self.trace.symbols();
        let (name, file) = (self.builder.string(symbols.string(function)), self.builder.string(symbols.string(file)));
        self.line(address, Function { name, system_name: name, file, start_line: 0 }, line)
    }

    /// A frame that is no function of the program.
    fn named(&mut self, name: &str) -> LocationIdx {
        let name = self.builder.string(name);
        self.line(0, Function { name, system_name: name, ..Function::default() }, 0)
    }

    fn line(&mut self, address: u64, function: Function, line: i64) -> LocationIdx {
        let function = self.builder.function(function);
        let location = Location { mapping: Some(self.mapping), address, folded: false };
        self.builder.location(location, &[Line { function, line, column: 0 }])
    }

    fn labels(&mut self, key: &Key) -> Vec<Label> {
        let trace = self.trace;
        let builder = &mut self.builder;
        let mut labels = Vec::new();
        match key.reason {
            Reason::None => {}
            Reason::Recorded(reason) => labels.push(builder.text_label("reason", trace.symbols().string(reason))),
            Reason::Ours(reason) => labels.push(builder.text_label("reason", reason)),
        }
        if let Some(cause) = key.cause {
            labels.push(builder.text_label("cause", cause.name()));
        }
        if let Some(open) = key.open.name() {
            labels.push(builder.text_label("open", open));
        }
        if let Some(inferred) = key.inferred.name() {
            labels.push(builder.text_label("inferred", inferred));
        }
        let Subject { go, function, task, region } = key.subject;
        if let Some(go) = go.get().and_then(|go| trace.goroutines().get(go.index())) {
            labels.push(builder.number_label("goroutine", go.id.0 as i64, ""));
        }
        if function != StringIdx(0) {
            labels.push(builder.text_label("function", trace.symbols().string(function)));
        }
        if task.get().is_some() {
            labels.push(builder.text_label("task", &names::task(trace, task)));
        }
        if region != StringIdx(0) {
            labels.push(builder.text_label("region", trace.symbols().string(region)));
        }
        labels
    }
}
