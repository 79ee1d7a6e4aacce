//! What the program knows of its waits, without the recorder.
//!
//! ```text
//!  Outer::poll ─┐ began                                 ┌─ began
//!               │  the recorder: runs                   │  the recorder: runs
//!  Inner::poll  │ ─┐                                    │ ─┐ began
//!  hop, wait    │  │ chain and reason                   │  │
//!               │ ─┘ ended                              │
//!               │  the recorder: waits     Ear: woken   │
//!              ─┘ ended                                 │
//! ```
//!
//! So the recorder's times lie between two of the program's own, however long anything takes.

use std::cell::RefCell;
use std::future::Future;
use std::panic::Location;
use std::pin::Pin;
use std::sync::{Arc, Mutex};
use std::task::{Context, Poll, Wake, Waker};

use goroscope_recorder::{FutureExt, Traced};

/// A poll that ended without a result, and the next one.
#[derive(Clone, Debug, Default)]
pub struct Pause {
    /// Lines of the `.await`s, leaf first.
    pub chain: Vec<u32>,
    pub reason: &'static str,
    /// Between these the recorder says that the task pauses.
    pub inner_ended: u64,
    pub outer_ended: u64,
    /// Not later than this that it is runnable.
    pub woken: Option<u64>,
    /// Between these that it runs again.
    pub outer_began: u64,
    pub inner_began: u64,
}

/// What a task knows.
#[derive(Debug, Default)]
pub struct Own {
    pub name: &'static str,
    state: Mutex<State>,
}

#[derive(Debug, Default)]
struct State {
    pauses: Vec<Pause>,
    polls: u64,
    wakes: Vec<u64>,
}

/// All tasks.
#[derive(Clone, Debug, Default)]
pub struct Program(Arc<Mutex<Vec<Arc<Own>>>>);

impl Program {
    /// The future as a task with this name.
    pub fn task<F: Future>(&self, name: &'static str, future: F) -> Outer<F> {
        let own = Arc::new(Own { name, state: Mutex::default() });
        self.0.lock().unwrap().push(Arc::clone(&own));
        let inner = Inner { own: Arc::clone(&own), future: Box::pin(future) };
        Outer { own, future: Box::pin(inner.traced_as(name)), ear: None }
    }

    pub fn tasks(&self) -> Vec<Arc<Own>> {
        self.0.lock().unwrap().clone()
    }
}

impl Own {
    pub fn pauses(&self) -> Vec<Pause> {
        self.state.lock().unwrap().pauses.clone()
    }

    pub fn polls(&self) -> u64 {
        self.state.lock().unwrap().polls
    }

    fn last(&self, change: impl FnOnce(&mut Pause)) {
        if let Some(last) = self.state.lock().unwrap().pauses.last_mut() {
            change(last);
        }
    }
}

/// Around the recorder.
pub struct Outer<F> {
    own: Arc<Own>,
    future: Pin<Box<Traced<Inner<F>>>>,
    ear: Option<(Waker, Waker)>,
}

/// Within the recorder.
pub struct Inner<F> {
    own: Arc<Own>,
    future: Pin<Box<F>>,
}

/// Hears wakes after the recorder.
struct Ear {
    own: Arc<Own>,
    waker: Waker,
}

impl Wake for Ear {
    fn wake(self: Arc<Self>) {
        self.wake_by_ref();
    }

    fn wake_by_ref(self: &Arc<Self>) {
        let at = now();
        self.own.state.lock().unwrap().wakes.push(at);
        self.waker.wake_by_ref();
    }
}

impl<F: Future> Future for Outer<F> {
    type Output = F::Output;

    fn poll(mut self: Pin<&mut Self>, context: &mut Context<'_>) -> Poll<F::Output> {
        let this = &mut *self;
        let is_old = |ear: &(Waker, Waker)| !ear.0.will_wake(context.waker());
        if this.ear.as_ref().is_none_or(is_old) {
            let waker = context.waker().clone();
            let ear = Arc::new(Ear { own: Arc::clone(&this.own), waker: waker.clone() });
            this.ear = Some((waker, Waker::from(ear)));
        }
        let ear = &this.ear.as_ref().unwrap().1;
        let began = now();
        let mut state = this.own.state.lock().unwrap();
        state.polls += 1;
        let State { pauses, wakes, .. } = &mut *state;
        if let Some(last) = pauses.last_mut() {
            last.outer_began = began;
            // A wake while it was still running let it go on, too.
            last.woken = wakes.iter().copied().find(|wake| *wake >= last.inner_ended);
        }
        wakes.clear();
        drop(state);
        let polled = this.future.as_mut().poll(&mut Context::from_waker(ear));
        let ended = now();
        if polled.is_pending() {
            this.own.last(|pause| pause.outer_ended = ended);
        }
        polled
    }
}

/// Something that waits: which, at which chain, why.
type Waits = (usize, Vec<u32>, &'static str);

thread_local! {
    /// The lines of the `.await`s that are being polled, and those at which something waits.
    static POLLED: RefCell<Vec<u32>> = const { RefCell::new(Vec::new()) };
    static WAITS: RefCell<Vec<Waits>> = const { RefCell::new(Vec::new()) };
}

impl<F: Future> Future for Inner<F> {
    type Output = F::Output;

    fn poll(mut self: Pin<&mut Self>, context: &mut Context<'_>) -> Poll<F::Output> {
        let began = now();
        self.own.last(|pause| pause.inner_began = began);
        WAITS.with_borrow_mut(Vec::clear);
        let polled = self.future.as_mut().poll(context);
        if polled.is_pending() {
            let (chain, reason) = WAITS.with_borrow(|waits| together(waits));
            let mut state = self.own.state.lock().unwrap();
            state.pauses.push(Pause { chain, reason, inner_ended: now(), ..Pause::default() });
        }
        polled
    }
}

/// One wait, or what several have in common.
fn together(waits: &[Waits]) -> (Vec<u32>, &'static str) {
    let ((_, first, reason), others) = waits.split_first().expect("a task that waits for something");
    // What waits at one place cannot be told apart.
    if others.iter().all(|(_, other, _)| other == first) {
        return (first.iter().rev().copied().collect(), reason);
    }
    let common = others.iter().fold(first.len(), |common, (_, other, _)| {
        let pairs = first.iter().zip(other);
        common.min(pairs.take_while(|(a, b)| a == b).count())
    });
    (first.iter().take(common).rev().copied().collect(), "select")
}

/// A future that is awaited at the line of the call.
#[track_caller]
pub fn hop<F: Future>(future: F) -> Hop<F> {
    Hop { lines: vec![Location::caller().line()], reason: None, future: Box::pin(future) }
}

/// An async block that awaits something, both at the line of the call.
#[track_caller]
pub fn block<F: Future>(future: F) -> Hop<F> {
    Hop { lines: vec![Location::caller().line(); 2], reason: None, future: Box::pin(future) }
}

/// A future that is awaited at the line of the call, and waits for this reason.
#[track_caller]
pub fn wait<F: Future>(reason: &'static str, future: F) -> Hop<F> {
    Hop { lines: vec![Location::caller().line()], reason: Some(reason), future: Box::pin(future) }
}

/// A future that waits for this reason, and is awaited by what gets it.
pub fn leaf<F: Future>(reason: &'static str, future: F) -> Hop<F> {
    Hop { lines: Vec::new(), reason: Some(reason), future: Box::pin(future) }
}

pub struct Hop<F> {
    lines: Vec<u32>,
    reason: Option<&'static str>,
    future: Pin<Box<F>>,
}

impl<F> Hop<F> {
    /// That of its future, which stays where it is.
    fn place(&self) -> usize {
        std::ptr::from_ref(&*self.future).cast::<()>().addr()
    }
}

impl<F> Drop for Hop<F> {
    /// What was waited for is there, or not wanted any more.
    fn drop(&mut self) {
        let place = self.place();
        WAITS.with_borrow_mut(|waits| waits.retain(|(other, ..)| *other != place || self.reason.is_none()));
    }
}

impl<F: Future> Future for Hop<F> {
    type Output = F::Output;

    fn poll(mut self: Pin<&mut Self>, context: &mut Context<'_>) -> Poll<F::Output> {
        let this = &mut *self;
        POLLED.with_borrow_mut(|polled| polled.extend(&this.lines));
        let result = this.future.as_mut().poll(context);
        if let Some(reason) = this.reason.filter(|_| result.is_pending()) {
            let chain = POLLED.with_borrow(Vec::clone);
            WAITS.with_borrow_mut(|waits| waits.push((this.place(), chain, reason)));
        }
        POLLED.with_borrow_mut(|polled| polled.truncate(polled.len() - this.lines.len()));
        result
    }
}

/// The monotonic clock, ns.
#[expect(unsafe_code, reason = "the standard library does not tell the time of an instant")]
pub fn now() -> u64 {
    let mut time = libc::timespec { tv_sec: 0, tv_nsec: 0 };
    // SAFETY: the call writes into the variable and nothing else.
    assert_eq!(unsafe { libc::clock_gettime(libc::CLOCK_MONOTONIC, &raw mut time) }, 0);
    u64::try_from(time.tv_sec).unwrap() * 1_000_000_000 + u64::try_from(time.tv_nsec).unwrap()
}
