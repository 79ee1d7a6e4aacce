//! What numbers in records stand for: texts, sites and stacks, and stacks in words.

use std::rc::Rc;

use rustc_hash::FxHashMap;

use super::reasons::{self, Reason};
use super::sequence;
use super::symbols::{Frame, Symbols};
use crate::site;

/// The site of what is not traced. Those of the program are made of addresses.
pub const UNTRACED: u64 = u64::MAX;

/// Definitions by their numbers, and what was made of them.
#[derive(Debug, Default)]
pub struct Names {
    texts: FxHashMap<u64, Rc<str>>,
    sites: FxHashMap<u64, Rc<Stack>>,
    stacks: FxHashMap<u64, Vec<u64>>,
    resolved: FxHashMap<[u64; 4], Rc<Stack>>,
    standing: FxHashMap<(u64, [u64; 4]), Rc<Stack>>,
    symbols: Symbols,
}

/// A stack in words.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Stack {
    /// Leaf first.
    pub frames: Vec<Frame>,
    /// Why a task waits there.
    pub reason: Reason,
}

impl Names {
    /// Nothing defined.
    pub fn new(symbols: crate::Symbols) -> Self {
        Self { symbols: Symbols::new(symbols), ..Self::default() }
    }

    /// Text `id`.
    pub fn define_text(&mut self, id: u64, text: String) {
        self.texts.insert(id, text.into());
    }

    /// Site `id` is this line of a file; `text` is the file and the name, with a zero between them.
    pub fn define_site(&mut self, id: u64, line: u64, text: &str) {
        let (file, name) = text.split_once('\0').unwrap_or((text, ""));
        let function = site::shown(name, file, line);
        let symbols = &mut self.symbols;
        self.sites.entry(id).or_insert_with(|| {
            let frame = symbols.made_up(&function, file, line);
            Rc::new(Stack { frames: vec![frame], reason: Reason::Unspecified })
        });
    }

    /// There is something that is not traced and has to be called something.
    pub fn define_untraced(&mut self) {
        let symbols = &mut self.symbols;
        self.sites.entry(UNTRACED).or_insert_with(|| {
            let frame = symbols.made_up("(not traced)", "", 0);
            Rc::new(Stack { frames: vec![frame], reason: Reason::Unspecified })
        });
    }

    /// Stack `id`: return addresses, leaf first.
    pub fn define_stack(&mut self, id: u64, addresses: Vec<u64>) {
        self.stacks.entry(id).or_insert(addresses);
    }

    /// Whether a function was looked up since the last time that this was asked, which takes long.
    #[cfg(all(feature = "tokio", not(tokio_unstable)))]
    pub fn has_looked_up(&mut self) -> bool {
        self.symbols.has_looked_up()
    }

    /// The text, if it is known.
    pub fn text(&self, id: u64) -> Option<Rc<str>> {
        self.texts.get(&id).cloned()
    }

    /// The one frame that stands for what begins at a site, if it is known.
    pub fn site(&self, id: u64) -> Option<Rc<Stack>> {
        self.sites.get(&id).cloned()
    }

    /// Where a task stands that was made at a site and waits at these stacks, if it does: its name is the root.
    pub fn standing(&mut self, site: u64, waits: [u64; 4]) -> Option<Rc<Stack>> {
        let Some(waits_at) = self.stack(waits).cloned() else { return self.site(site) };
        if let Some(standing) = self.standing.get(&(site, waits)) {
            return Some(Rc::clone(standing));
        }
        let root = self.sites.get(&site)?;
        let frames = waits_at.frames.iter().chain(&root.frames).cloned().collect();
        let standing = Rc::new(Stack { frames, reason: waits_at.reason });
        self.standing.insert((site, waits), Rc::clone(&standing));
        Some(standing)
    }

    /// Where a task waits that registered a waker at each of these stacks, of which zeros are none.
    ///
    /// If there are several, that is what they have in common, seen from the root, unless they are all but one timeouts.
    pub fn stack(&mut self, ids: [u64; 4]) -> Option<&Rc<Stack>> {
        if ids == [0; 4] {
            return None;
        }
        if !self.resolved.contains_key(&ids) {
            let resolved = self.resolve(ids)?;
            self.resolved.insert(ids, Rc::new(resolved));
        }
        self.resolved.get(&ids)
    }

    fn resolve(&mut self, ids: [u64; 4]) -> Option<Stack> {
        let known = ids.iter().filter(|id| **id != 0).filter_map(|id| self.stacks.get(id).cloned());
        let stacks: Vec<Vec<Frame>> = known.collect::<Vec<_>>().iter().map(|stack| self.frames(stack)).collect();
        joined(&stacks)
    }

    /// Where a thread runs; addresses as those of a stack.
    #[cfg(feature = "perf")]
    pub fn sampled(&mut self, addresses: &[u64]) -> Rc<Stack> {
        let all: Vec<Frame> = addresses.iter().flat_map(|&address| self.symbols.of(address).to_vec()).collect();
        Rc::new(Stack { frames: sampled(&all), reason: Reason::Unspecified })
    }

    fn frames(&mut self, addresses: &[u64]) -> Vec<Frame> {
        let all: Vec<Frame> = addresses.iter().flat_map(|&address| self.symbols.of(address).to_vec()).collect();
        of_program(&all)
    }
}

/// The frames of the program: not those of the recorder and what is around it.
pub fn of_program(all: &[Frame]) -> Vec<Frame> {
    // The walk began inside of the recorder. Some frames between its own belong to the standard library.
    let is_inner = |frame: &Frame| is_own(frame) || is_own_closure(frame);
    let near = all.iter().take_while(|frame| is_inner(frame) || is_standard(frame)).count();
    let begin = all.iter().take(near).rposition(is_inner).map_or(0, |last| last + 1);
    // Nor does it matter how a waker is kept.
    let kept = all.iter().skip(begin).take_while(|frame| is_waker(frame) || is_standard(frame));
    let begin = begin + kept.collect::<Vec<_>>().iter().rposition(|frame| is_waker(frame)).map_or(0, |last| last + 1);
    let behind = all.iter().skip(begin);
    behind.take_while(|frame| !is_own(frame)).cloned().collect()
}

/// The frames of a sample: what the recorder itself does is told, but not what is around the program.
#[cfg(feature = "perf")]
fn sampled(all: &[Frame]) -> Vec<Frame> {
    let near = all.iter().take_while(|frame| is_own(frame) || is_own_closure(frame) || is_standard(frame)).count();
    let (inner, behind) = all.split_at_checked(near).unwrap_or((all, &[]));
    let outer = behind.iter().take_while(|frame| !is_own(frame));
    inner.iter().chain(outer).cloned().collect()
}

fn joined(stacks: &[Vec<Frame>]) -> Option<Stack> {
    let mut stacks = sequence::latest(stacks).into_iter();
    let last = stacks.next()?;
    let single = |frames: &[Frame]| Stack { frames: frames.to_vec(), reason: reasons::of(frames) };
    let others: Vec<_> = stacks.collect();
    let Some(first) = others.last() else { return Some(single(last)) };
    let common = others.iter().fold(last.len(), |common, other| common.min(sequence::common(last, other)));
    // What polls them all is one function, at several of its lines.
    let before = |stack: &[Frame]| stack.len().checked_sub(common + 1).and_then(|at| stack.get(at).cloned());
    let polls = before(last).filter(|frame| others.iter().all(|other| before(other).is_some_and(|o| o.is_same(frame))));
    let frames = last.get(last.len() - common - usize::from(polls.is_some())..).unwrap_or(&[]);
    match frames.first() {
        // The first one, as a timeout polls what it limits and then its timer. That may be several.
        Some(leaf) if reasons::is_limit(leaf) => joined(&others.iter().map(|other| other.to_vec()).collect::<Vec<_>>()),
        Some(leaf) if reasons::is_single(leaf) => Some(Stack { frames: frames.to_vec(), reason: reasons::of(first) }),
        Some(_) => Some(Stack { frames: frames.to_vec(), reason: Reason::Select }),
        None => Some(Stack { frames: last.to_vec(), reason: Reason::Select }),
    }
}

/// Whether the function is one of the recorder, other than those that the program calls in place of the originals.
fn is_own(frame: &Frame) -> bool {
    let function = frame.function.trim_start_matches('<').strip_prefix("goroscope_recorder::");
    function.is_some_and(|function| !function.starts_with("sync::"))
}

/// Whether the function is a closure of the recorder that has lost its path and is known by its types only.
fn is_own_closure(frame: &Frame) -> bool {
    frame.function.starts_with("{closure") && frame.function.contains("goroscope_recorder::")
}

fn is_standard(frame: &Frame) -> bool {
    let function = frame.function.trim_start_matches('<');
    // What catches a panic has no path.
    &*frame.function == "__rust_try"
        || function.starts_with("std::")
        || function.starts_with("core::")
        || function.starts_with("alloc::")
}

/// Where wakers are kept until somebody wakes with them.
static WAKERS: &[&str] = &[
    "core::task::wake::",
    "tokio::sync::task::atomic_waker::",
    "futures_core::task::__internal::atomic_waker::",
    "futures_timer::native::atomic_waker::",
    "atomic_waker::",
];

fn is_waker(frame: &Frame) -> bool {
    let function = frame.function.trim_start_matches(['<', '&']);
    WAKERS.iter().any(|begin| function.starts_with(begin))
}

#[cfg(test)]
mod tests {
    use super::*;

    fn frames(functions: &[&str]) -> Vec<Frame> {
        functions.iter().map(|function| Frame::of(1, function, "a.rs", 1)).collect()
    }

    /// Functions from the leaf on, of one stack or of several.
    fn check(stacks: &[&[&str]], expected: &[&str], reason: Reason) {
        let stacks: Vec<_> = stacks.iter().map(|stack| frames(stack)).collect();
        let joined = joined(&stacks).unwrap();
        let functions: Vec<&str> = joined.frames.iter().map(|frame| &*frame.function).collect();
        assert_eq!((functions.as_slice(), joined.reason), (expected, reason));
    }

    #[test]
    fn how_a_waker_is_kept_is_left_out() {
        let check = |kept: &[&str], waits: &[&str]| {
            let all = [&["goroscope_recorder::waker::clone", "<core::task::wake::Waker as Clone>::clone"], kept, waits]
                .concat();
            assert_eq!(
                of_program(&frames(&all)).first().map(|frame| frame.function.to_string()),
                waits.first().map(ToString::to_string)
            );
        };
        let poll = ["<tokio::time::sleep::Sleep as core::future::future::Future>::poll", "app::ask"];
        // Without optimisation.
        check(
            &[
                "<&core::task::wake::Waker as tokio::sync::task::atomic_waker::WakerRef>::into_waker",
                "tokio::sync::task::atomic_waker::AtomicWaker::do_register::{{closure}}",
                "std::panicking::catch_unwind::do_call",
                "__rust_try",
                "std::panic::catch_unwind",
                "tokio::sync::task::atomic_waker::AtomicWaker::register_by_ref",
            ],
            &poll,
        );
        check(&["futures_core::task::__internal::atomic_waker::AtomicWaker::register"], &poll);
        check(&[], &poll);
    }

    #[test]
    fn closures_of_the_recorder_are_its_own() {
        let check = |function, expected| assert_eq!(is_own_closure(&Frame::of(1, function, "", 1)), expected);
        check("{closure#0}<(), goroscope_recorder::task::{impl#0}::wait::{closure_env#0}>", true);
        check("{closure#0}<(), app::wait>", false);
        check("app::serve<goroscope_recorder::traced::Traced<app::work>>", false);
    }

    #[test]
    #[cfg(feature = "perf")]
    fn a_sample_ends_where_the_program_does() {
        let poll = "<goroscope_recorder::traced::Traced<F> as core::future::future::Future>::poll";
        let check = |all: &[&str], expected: usize| assert_eq!(sampled(&frames(all)), frames(all)[..expected]);
        check(&["core::hash::mix", "app::inner", "app::outer", poll, "tokio::runtime::task::raw::poll"], 3);
        // The recorder's own time is told, with whom it served.
        check(&["goroscope_recorder::local::record", "core::ops::call", "app::outer", poll, "tokio::poll"], 3);
        check(&["std::sys::futex", "core::mem::swap"], 2);
        check(&["tokio::runtime::park"], 1);
        check(&[], 0);
    }

    #[test]
    fn several_waits_are_one() {
        let sleep = "<tokio::time::sleep::Sleep as core::future::future::Future>::poll";
        let timeout = "<tokio::time::timeout::Timeout<T> as core::future::future::Future>::poll";
        let receive = "tokio::sync::mpsc::bounded::Receiver<T>::recv::{{closure}}";
        check(&[&[sleep, "app::a"]], &[sleep, "app::a"], Reason::Sleep);
        check(&[&[sleep, "app::a"], &[receive, "app::a"]], &["app::a"], Reason::Select);
        check(
            &[&[sleep, timeout, "app::a"], &[receive, timeout, "app::a"]],
            &[receive, timeout, "app::a"],
            Reason::ChanReceive,
        );
        let elsewhere = "tokio::sync::notify::Notified<'a>::poll_notified";
        // What is limited may be several, or limited itself.
        check(
            &[
                &[sleep, timeout, "app::a"],
                &[receive, "app::b", timeout, "app::a"],
                &[elsewhere, "app::b", timeout, "app::a"],
            ],
            &["app::b", timeout, "app::a"],
            Reason::Select,
        );
        check(
            &[
                &[sleep, timeout, "app::a"],
                &[sleep, timeout, timeout, "app::a"],
                &[receive, timeout, timeout, "app::a"],
            ],
            &[receive, timeout, timeout, "app::a"],
            Reason::ChanReceive,
        );
        for limit in [
            "tokio_stream::stream_ext::timeout::Timeout",
            "<futures_util::abortable::Abortable<F> as F>::poll",
            "<async_std::future::timeout::TimeoutFuture<F> as F>::poll",
        ] {
            check(&[&[limit, "app::a"], &[receive, limit, "app::a"]], &[receive, limit, "app::a"], Reason::ChanReceive);
        }
        let queue = "tokio_util::time::delay_queue::DelayQueue<T>::poll_expired";
        check(&[&[queue, "app::a"], &[sleep, queue, "app::a"]], &[queue, "app::a"], Reason::Sleep);
        // That of `async-io` registers with the reactor, and keeps a waker itself.
        let timer = "<async_io::Timer as futures_core::stream::Stream>::poll_next";
        check(
            &[&["async_io::reactor::Reactor::insert_timer", timer, "app::a"], &[timer, "app::a"]],
            &[timer, "app::a"],
            Reason::Sleep,
        );
        // A websocket keeps one waker for whoever reads, and another one for whoever writes.
        let keeps = "tokio_tungstenite::compat::AllowStd<S>::set_waker";
        check(&[&[keeps, "app::a"], &[keeps, "app::a"]], &[keeps, "app::a"], Reason::Network);
        // What polls them is not at one place.
        let mut stacks =
            vec![frames(&[sleep, "app::{{closure}}", "app::a"]), frames(&[receive, "app::{{closure}}", "app::a"])];
        stacks[1][1].pc = 2;
        assert_eq!(joined(&stacks).unwrap().frames.len(), 2);
        assert_eq!(joined(&[]), None);
        assert_eq!(joined(&[vec![]]), None);
    }
}
