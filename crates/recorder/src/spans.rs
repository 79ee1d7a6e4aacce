//! What a program tells by way of `tracing`: spans and events.
//!
//! | in the program | in the file |
//! | --- | --- |
//! | a span is entered and left | a region of the task that runs |
//! | it is not over when the poll ends in which it was first entered | a user task, from there to its end; what encloses it is its parent |
//! | it is entered again in another poll | a region of that user task |
//! | it has fields, or gets some later | a message called after the span |
//! | an event | a message with level and target, and all fields; of the innermost user task around it |
//!
//! Regions of one goroutine must lie inside each other and end while it runs, which spans need not. So a region ends with
//! the poll at the latest; and where a span is left while inner ones are entered, those end with it and begin anew.
//! A span that is over within one poll makes no user task: there are too many of them.

use std::fmt::{self, Write as _};
use std::sync::Arc;
use std::sync::atomic::{AtomicU8, Ordering};

use tracing_core::field::{Field, Visit};
use tracing_core::span::{Attributes, Id, Record};
use tracing_core::{Event, Subscriber};
use tracing_subscriber::layer::{Context, Layer};
use tracing_subscriber::registry::{LookupSpan, SpanRef};

use crate::annotate;
use crate::local::{self, Local};
use crate::record::{Head, Kind, MAX_TEXT};
use crate::state::Session;
use crate::switch;

/// Records spans and events of `tracing` that happen in traced tasks and threads.
///
/// Filters are the subscriber's: `with_filter` takes some for this layer alone.
///
/// ```
/// use goroscope_recorder::TraceLayer;
/// use tracing_subscriber::Layer as _;
/// use tracing_subscriber::filter::LevelFilter;
/// use tracing_subscriber::layer::SubscriberExt as _;
///
/// let subscriber = tracing_subscriber::registry().with(TraceLayer::new().with_filter(LevelFilter::INFO));
/// tracing::subscriber::with_default(subscriber, || {
///     let _span = tracing::info_span!("load", path = "config.toml").entered();
///     tracing::info!(keys = 12, "loaded");
/// });
/// ```
#[derive(Clone, Copy, Debug, Default)]
pub struct TraceLayer;

impl TraceLayer {
    /// A layer for any subscriber with a registry of spans.
    ///
    /// ```
    /// use goroscope_recorder::{Recorder, Ring, TraceLayer, thread};
    /// use tracing_subscriber::layer::SubscriberExt as _;
    ///
    /// let recording = Recorder::builder().start_ring(Ring::default())?;
    /// let subscriber = tracing_subscriber::registry().with(TraceLayer::new());
    /// let loading = thread::spawn(|| {
    ///     tracing::subscriber::with_default(subscriber, || tracing::info!(keys = 12, "configuration loaded"));
    /// });
    /// loading.join().expect("no panic");
    /// let mut trace = Vec::new();
    /// recording.snapshot_writer(&mut trace)?;
    /// assert!(String::from_utf8_lossy(&trace).contains("configuration loaded"));
    /// # Ok::<(), Box<dyn std::error::Error>>(())
    /// ```
    pub fn new() -> Self {
        Self
    }
}

/// A span as far as it is recorded.
#[derive(Debug)]
struct Span {
    session: Session,
    /// The number that it has as a user task.
    task: u64,
    name: &'static str,
    parent: Option<Known>,
    phase: AtomicU8,
}

/// A span, from wherever it is needed.
#[derive(Clone, Debug)]
pub struct Known(Arc<Span>);

/// Not entered yet.
const NEW: u8 = 0;
/// Only entered in one poll.
const WITHIN: u8 = 1;
/// A user task.
const TASK: u8 = 2;
const CLOSED: u8 = 3;

/// A region that is open on a thread.
#[derive(Debug)]
pub struct Entered {
    span: Known,
    /// The task that runs.
    go: u64,
    /// The user task that the region is of.
    task: u64,
}

/// What a thread knows of spans.
#[derive(Debug, Default)]
pub struct Spans {
    /// Regions that are open, innermost last.
    entered: Vec<Entered>,
    /// Spans that were first entered in a poll that goes on, with its task.
    first: Vec<(Known, u64)>,
}

impl Known {
    fn new(session: Session, name: &'static str, parent: Option<Self>) -> Self {
        let phase = AtomicU8::new(NEW);
        Self(Arc::new(Span { session, task: annotate::next_id(), name, parent, phase }))
    }

    fn is_phase(&self, phase: u8) -> bool {
        self.0.phase.load(Ordering::Acquire) == phase
    }

    /// Whether the span was in the one phase, and is in the other now.
    fn advance(&self, from: u8, to: u8) -> bool {
        self.0.phase.compare_exchange(from, to, Ordering::AcqRel, Ordering::Acquire).is_ok()
    }

    /// The user task that the span is, or that it is a part of; 0 if there is none.
    fn task(&self) -> u64 {
        let mut span = Some(self);
        while let Some(Self(inner)) = span {
            if self.0.session == inner.session && inner.phase.load(Ordering::Acquire) == TASK {
                return inner.task;
            }
            span = inner.parent.as_ref();
        }
        0
    }

    fn is(&self, other: &Self) -> bool {
        Arc::ptr_eq(&self.0, &other.0)
    }
}

impl Spans {
    /// The span is entered for the first time, in a run of this task.
    fn enter_first(&mut self, span: Known, go: u64) {
        if self.first.len() == self.first.capacity() {
            // Those that were closed on other threads, before there are too many: the run of a thread may never end.
            self.first.retain(|(first, _)| !first.is_phase(CLOSED));
            self.first.reserve(self.first.len() + 1);
        }
        self.first.push((span, go));
    }
}

impl Local {
    /// The span is entered; whether for the first time.
    fn enter_span(&mut self, span: &Known) -> bool {
        let Some(go) = self.running.last().map(|current| current.task) else { return false };
        let is_first = span.advance(NEW, WITHIN);
        if is_first {
            self.spans.enter_first(span.clone(), go);
        } else if span.is_phase(WITHIN) && !self.spans.first.iter().any(|(first, of)| first.is(span) && *of == go) {
            self.begin_task_of(span);
        }
        self.begin_region(Entered { span: span.clone(), go, task: span.task() });
        is_first
    }

    fn exit_span(&mut self, span: &Known) {
        let Some(go) = self.running.last().map(|current| current.task) else { return };
        let is_it = |entered: &Entered| entered.span.is(span) && entered.go == go;
        let Some(at) = self.spans.entered.iter().rposition(is_it) else { return };
        let mut inner = self.spans.entered.split_off(at);
        for entered in inner.iter().rev() {
            self.end_region(entered);
        }
        // Those inside of it go on without it.
        for entered in inner.drain(1..) {
            self.begin_region(entered);
        }
    }

    fn close_span(&mut self, span: &Known) {
        self.spans.first.retain(|(first, _)| !first.is(span));
        if span.0.phase.swap(CLOSED, Ordering::AcqRel) == TASK {
            let stack = self.stack();
            self.record(Head { a: span.0.task, b: stack, ..Head::new(Kind::TaskEnd, self.now()) });
        }
    }

    /// The poll of a task ends without a result.
    pub fn pause_spans(&mut self, go: u64) {
        self.end_regions(go);
        let mut first = std::mem::take(&mut self.spans.first);
        for (span, _) in first.extract_if(.., |(_, of)| *of == go) {
            self.begin_task_of(&span);
        }
        self.spans.first = first;
    }

    /// A task is over.
    pub fn finish_spans(&mut self, go: u64) {
        self.end_regions(go);
        self.spans.first.retain(|(_, of)| *of != go);
    }

    /// Whether there is nothing to do for what ends.
    pub fn has_no_spans(&self) -> bool {
        self.spans.entered.is_empty() && self.spans.first.is_empty()
    }

    fn end_regions(&mut self, go: u64) {
        while let Some(entered) = self.spans.entered.pop_if(|entered| entered.go == go) {
            self.end_region(&entered);
        }
    }

    /// The span becomes a user task, if it is not over.
    fn begin_task_of(&mut self, span: &Known) {
        let parent = span.0.parent.as_ref().map_or(0, Known::task);
        if span.advance(WITHIN, TASK) {
            let (stack, name) = (self.stack(), self.text(span.0.name));
            let head = Head { a: span.0.task, b: name, ..Head::new(Kind::TaskBegin, self.now()) };
            self.record_with([parent, stack], head);
        }
    }

    fn begin_region(&mut self, entered: Entered) {
        let (stack, name) = (self.stack(), self.text(entered.span.0.name));
        let head = Head { a: entered.task, b: name, ..Head::new(Kind::RegionBegin, self.now()) };
        self.record_with([stack, 0], head);
        self.spans.entered.push(entered);
    }

    fn end_region(&mut self, entered: &Entered) {
        let name = self.text(entered.span.0.name);
        self.record(Head { a: entered.task, b: name, ..Head::new(Kind::RegionEnd, self.now()) });
    }
}

impl<S: Subscriber + for<'s> LookupSpan<'s>> Layer<S> for TraceLayer {
    fn on_new_span(&self, attributes: &Attributes<'_>, id: &Id, context: Context<'_, S>) {
        if let (Some(session), Some(span)) = (switch::session(), context.span(id)) {
            let mut fields = Text::new();
            attributes.record(&mut fields);
            // Its parent is known best while it is there.
            known(session, &span);
            if !fields.is_empty() {
                span.extensions_mut().replace(fields);
            }
        }
    }

    fn on_record(&self, id: &Id, values: &Record<'_>, context: Context<'_, S>) {
        if let (Some(session), Some(span)) = (switch::session(), context.span(id)) {
            let mut fields = Text::new();
            values.record(&mut fields);
            say(session, known(session, &span).task(), span.name(), &fields);
        }
    }

    fn on_event(&self, event: &Event<'_>, context: Context<'_, S>) {
        let Some(session) = switch::session() else { return };
        let span = context.event_span(event);
        let task = span.map_or(0, |span| known(session, &span).task());
        let (mut category, mut fields) = (Text::new(), Text::new());
        // What does not fit is left out.
        let _ = write!(category, "{} {}", event.metadata().level(), event.metadata().target());
        event.record(&mut fields);
        say(session, task, category.as_str(), &fields);
    }

    fn on_enter(&self, id: &Id, context: Context<'_, S>) {
        if let (Some(session), Some(span)) = (switch::session(), context.span(id)) {
            let known = known(session, &span);
            let is_first = local::with(session, |local| local.enter_span(&known));
            if is_first == Some(true) {
                let fields: Option<Text> = span.extensions_mut().remove();
                if let Some(fields) = fields {
                    say(session, known.task(), span.name(), &fields);
                }
            }
        }
    }

    fn on_exit(&self, id: &Id, context: Context<'_, S>) {
        if let (Some(session), Some(span)) = (switch::session(), context.span(id)) {
            let known = known(session, &span);
            local::with(session, |local| local.exit_span(&known));
        }
    }

    fn on_close(&self, id: Id, context: Context<'_, S>) {
        if let (Some(session), Some(span)) = (switch::session(), context.span(&id)) {
            let known = known(session, &span);
            local::with(session, |local| local.close_span(&known));
        }
    }
}

/// What is known of a span in this recording; one that is older becomes known now.
fn known<'s, S: LookupSpan<'s>>(session: Session, span: &SpanRef<'s, S>) -> Known {
    if let Some(known) = span.extensions().get::<Known>().filter(|known| known.0.session == session) {
        return known.clone();
    }
    let parent = span.parent().map(|parent| known(session, &parent));
    let known = Known::new(session, span.name(), parent);
    span.extensions_mut().replace(known.clone());
    known
}

/// A message of what runs on the thread; where nothing does, nobody says it.
fn say(session: Session, task: u64, category: &str, message: &Text) {
    if local::with(session, |local| !local.running.is_empty()) == Some(true) {
        annotate::record_log(task, category, message.as_str());
    }
}

/// A text that is written without allocating, as far as there is room.
#[derive(Debug)]
struct Text {
    bytes: [u8; MAX_TEXT],
    len: usize,
}

impl Text {
    fn new() -> Self {
        Self { bytes: [0; MAX_TEXT], len: 0 }
    }

    fn is_empty(&self) -> bool {
        self.len == 0
    }

    fn as_str(&self) -> &str {
        // Only whole characters were written.
        std::str::from_utf8(self.bytes.get(..self.len).unwrap_or_default()).unwrap_or_default()
    }
}

impl fmt::Write for Text {
    fn write_str(&mut self, text: &str) -> fmt::Result {
        let room = self.bytes.get_mut(self.len..).unwrap_or_default();
        let part = crate::text::shortened(text, room.len());
        for (to, from) in room.iter_mut().zip(part.bytes()) {
            *to = from;
        }
        self.len += part.len();
        if part.len() == text.len() { Ok(()) } else { Err(fmt::Error) }
    }
}

impl Visit for Text {
    fn record_str(&mut self, field: &Field, value: &str) {
        self.record_debug(field, &format_args!("{value}"));
    }

    fn record_debug(&mut self, field: &Field, value: &dyn fmt::Debug) {
        let between = if self.is_empty() { "" } else { " " };
        // What does not fit is left out.
        let _ = match field.name() {
            "message" => write!(self, "{between}{value:?}"),
            name => write!(self, "{between}{name}={value:?}"),
        };
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn spans_that_others_closed_are_forgotten() {
        let mut spans = Spans::default();
        let open = Known::new(Session(1), "open", None);
        open.advance(NEW, WITHIN);
        spans.enter_first(open.clone(), 7);
        for _ in 0..10_000 {
            let closed = Known::new(Session(1), "closed", None);
            closed.advance(NEW, CLOSED);
            spans.enter_first(closed, 7);
        }
        assert!(spans.first.capacity() < 100, "{}", spans.first.capacity());
        assert!(spans.first.iter().any(|(first, _)| first.is(&open)));
    }
}
