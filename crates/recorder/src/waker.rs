//! The waker that a traced future sees: the executor's, with an ear at it.
//!
//! A future that returns `Pending` must clone its waker while the whole chain of `.await`s stands on the stack: that is
//! when the trace learns where the task waits. A future that is polled again keeps the clone it has if the new waker
//! would wake the same task, and the trace would learn nothing. So there are two tables of functions, which do the same,
//! and polls take turns with them: no waker looks like the one of the poll before.

#![expect(unsafe_code, reason = "a waker with a function for its cloning needs a table of raw functions")]

use std::mem::ManuallyDrop;
use std::sync::Arc;
use std::task::{RawWaker, RawWakerVTable, Waker};

use crate::task::Task;

/// An executor's waker and the task that it is of.
#[derive(Debug)]
struct Heard {
    task: Arc<Task>,
    waker: Waker,
}

/// The wakers of a traced future.
#[derive(Debug, Default)]
pub struct Wakers {
    /// For the executor's last waker; executors hardly ever change it.
    heard: Option<Arc<Heard>>,
    turn: Turn,
}

#[derive(Clone, Copy, Debug, Default)]
enum Turn {
    #[default]
    One,
    Other,
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
        self.turn = match self.turn {
            Turn::One => Turn::Other,
            Turn::Other => Turn::One,
        };
        if self.heard.as_ref().is_some_and(|heard| !heard.waker.will_wake(waker)) {
            self.heard = None;
        }
        let hear = || Arc::new(Heard { task: Arc::clone(task), waker: waker.clone() });
        let heard = self.heard.get_or_insert_with(hear);
        let raw = RawWaker::new(Arc::as_ptr(heard).cast(), table(self.turn));
        // SAFETY: the table's functions keep the contract of `RawWaker`: the pointer is that of an `Arc`, of which every
        // waker owns a count. This one does not, so it is never dropped, and it borrows `heard`, which does.
        let waker = ManuallyDrop::new(unsafe { Waker::from_raw(raw) });
        Borrowed { waker, _of: heard }
    }
}

/// Two places in memory, which is what tells the tables apart.
static TABLES: [RawWakerVTable; 2] = [
    RawWakerVTable::new(clone_one, wake, wake_by_ref, release),
    RawWakerVTable::new(clone_other, wake, wake_by_ref, release),
];

fn table(turn: Turn) -> &'static RawWakerVTable {
    let [one, other] = &TABLES;
    match turn {
        Turn::One => one,
        Turn::Other => other,
    }
}

fn clone_one(heard: *const ()) -> RawWaker {
    clone_as(heard, Turn::One)
}

fn clone_other(heard: *const ()) -> RawWaker {
    clone_as(heard, Turn::Other)
}

#[inline]
fn clone_as(heard: *const (), turn: Turn) -> RawWaker {
    // SAFETY: the pointer is that of an `Arc` which the waker that is being cloned keeps alive.
    unsafe {
        Arc::increment_strong_count(heard.cast::<Heard>());
        (*heard.cast::<Heard>()).task.wait();
    }
    RawWaker::new(heard, table(turn))
}

fn wake(heard: *const ()) {
    // SAFETY: the pointer is that of an `Arc`, and the count that this waker owned is now ours.
    let heard = unsafe { Arc::from_raw(heard.cast::<Heard>()) };
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

fn release(heard: *const ()) {
    // SAFETY: the pointer is that of an `Arc`, and the count that this waker owned is now ours to give up.
    drop(unsafe { Arc::from_raw(heard.cast::<Heard>()) });
}
