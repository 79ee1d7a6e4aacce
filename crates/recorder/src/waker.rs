//! The waker that a traced future sees: the executor's, with an ear at it.
//!
//! A future that returns `Pending` must clone its waker while the whole chain of `.await`s stands on the stack: that is
//! when the trace learns where the task waits. A future that is polled again keeps the clone it has if the new waker
//! would wake the same task, and the trace would learn nothing. So the waker of a poll and its clones have different
//! tables of functions, which do the same: no clone looks like the waker of the next poll.
//!
//! Clones have one table for each place among those of their task, which is how one that is dropped is known.

#![expect(unsafe_code, reason = "a waker with a function for its cloning needs a table of raw functions")]

use std::mem::ManuallyDrop;
use std::sync::Arc;
use std::task::{RawWaker, RawWakerVTable, Waker};

use crate::registered::{CLONES, Clones};
use crate::task::Task;

/// An executor's waker and the task that it is of.
#[derive(Debug)]
struct Heard {
    task: Arc<Task>,
    waker: Waker,
    clones: Clones,
}

/// The wakers of a traced future.
#[derive(Debug, Default)]
pub struct Wakers {
    /// For the executor's last waker; executors hardly ever change it.
    heard: Option<Arc<Heard>>,
}

/// A waker for one poll, which the future may clone.
#[derive(Debug)]
pub struct Borrowed<'w> {
    waker: ManuallyDrop<Waker>,
    _of: &'w Arc<Heard>,
}

impl Borrowed<'_> {
    /// The waker.
    pub fn waker(&self) -> &Waker {
        &self.waker
    }
}

impl Wakers {
    /// The waker for a poll with the executor's waker.
    #[inline]
    pub fn for_poll(&mut self, task: &Arc<Task>, waker: &Waker) -> Borrowed<'_> {
        if self.heard.as_ref().is_some_and(|heard| !heard.waker.will_wake(waker)) {
            self.heard = None;
        }
        let hear = || Arc::new(Heard { task: Arc::clone(task), waker: waker.clone(), clones: Clones::default() });
        let heard = self.heard.get_or_insert_with(hear);
        let raw = RawWaker::new(Arc::as_ptr(heard).cast(), &BORROWED);
        // SAFETY: the table's functions keep the contract of `RawWaker`: the pointer is that of an `Arc`, of which every
        // waker owns a count. This one does not, so it is never dropped, and it borrows `heard`, which does.
        let waker = ManuallyDrop::new(unsafe { Waker::from_raw(raw) });
        Borrowed { waker, _of: heard }
    }
}

/// Of the waker that a poll gets: nobody drops it.
static BORROWED: RawWakerVTable = RawWakerVTable::new(clone, wake_by_ref, wake_by_ref, keep);

/// Of its clones, by their places; the last one is of those that have none.
static TABLES: [RawWakerVTable; CLONES + 1] = [
    table::<0>(),
    table::<1>(),
    table::<2>(),
    table::<3>(),
    table::<4>(),
    table::<5>(),
    table::<6>(),
    table::<7>(),
    table::<CLONES>(),
];

const fn table<const PLACE: usize>() -> RawWakerVTable {
    RawWakerVTable::new(clone, wake::<PLACE>, wake_by_ref, release::<PLACE>)
}

#[inline]
fn clone(heard: *const ()) -> RawWaker {
    // SAFETY: the pointer is that of an `Arc` which the waker that is being cloned keeps alive.
    let place = unsafe {
        Arc::increment_strong_count(heard.cast::<Heard>());
        let heard = &*heard.cast::<Heard>();
        heard.task.wait(&heard.clones)
    };
    let [.., without] = &TABLES;
    RawWaker::new(heard, place.and_then(|place| TABLES.get(place)).unwrap_or(without))
}

fn wake<const PLACE: usize>(heard: *const ()) {
    // SAFETY: the pointer is that of an `Arc`, and the count that this waker owned is now ours.
    let heard = unsafe { Arc::from_raw(heard.cast::<Heard>()) };
    heard.clones.remove(PLACE);
    hear(&heard);
}

fn wake_by_ref(heard: *const ()) {
    // SAFETY: the pointer is that of an `Arc` which the waker keeps alive during the call.
    hear(unsafe { &*heard.cast::<Heard>() });
}

/// The trace hears of it first: as soon as the executor does, the task may run elsewhere.
fn hear(heard: &Heard) {
    heard.task.wake();
    heard.waker.wake_by_ref();
}

fn release<const PLACE: usize>(heard: *const ()) {
    // SAFETY: the pointer is that of an `Arc`, and the count that this waker owned is now ours to give up.
    let heard = unsafe { Arc::from_raw(heard.cast::<Heard>()) };
    let poll = heard.clones.remove(PLACE);
    if poll != 0 {
        heard.task.unwait(poll, PLACE);
    }
}

/// The waker owns nothing.
fn keep(_: *const ()) {}
