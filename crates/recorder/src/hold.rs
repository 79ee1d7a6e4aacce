//! How long locks are held.
//!
//! A lock may be taken by one task and released by another, and locks are not released in the opposite order of that in
//! which they were taken. So this cannot be a region: those lie inside each other, in one task. It is a user task, of
//! which any number may be open and which may end anywhere; Go's tools and Goroscope list those by name and duration.

use std::num::NonZeroU64;
use std::panic::Location;

use crate::annotate;
use crate::local;
use crate::record::{Head, Kind};
use crate::state::Session;
use crate::switch;
use crate::wait::{Many, Waiters};

/// Whether it is recorded how long locks are held.
///
/// ```
/// use goroscope_recorder::sync::Mutex;
/// use goroscope_recorder::{Holds, Recorder, thread};
///
/// let folder = tempfile::tempdir()?;
/// let builder = Recorder::builder().lock_holds(Holds::Recorded);
/// let recording = builder.start(&folder.path().join("trace.out"))?;
/// let counter = Mutex::named("counter", 41);
/// // A user task `counter held` while the thread counts.
/// thread::scope(|scope| scope.spawn(|| *counter.lock().unwrap() += 1).join().expect("no panic"));
/// recording.stop()?;
/// assert_eq!(counter.into_inner().unwrap(), 42);
/// # Ok::<(), Box<dyn std::error::Error>>(())
/// ```
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Holds {
    /// No.
    Ignored,
    /// Each as a user task, named after the lock, with the stack where it was taken.
    Recorded,
}

/// Which lock: where it was made, and its name if it has one.
#[derive(Clone, Copy, Debug)]
pub struct Place {
    location: &'static Location<'static>,
    name: &'static str,
}

impl Place {
    /// The place of the caller, and a name, which may be empty.
    #[track_caller]
    pub const fn named(name: &'static str) -> Self {
        Self { location: Location::caller(), name }
    }

    fn shown(self) -> String {
        if !self.name.is_empty() {
            return format!("{} held", self.name);
        }
        let file = self.location.file();
        let file = file.rsplit(['/', '\\']).next().unwrap_or(file);
        format!("lock of {file}:{} held", self.location.line())
    }
}

/// A lock that is held, until this is dropped.
#[derive(Debug)]
pub struct Hold(Option<NonZeroU64>);

impl Hold {
    /// The caller has just got the lock.
    #[inline]
    pub fn begin(place: &Place) -> Self {
        Self(switch::session_of_holds().and_then(|session| begin(session, *place)))
    }
}

#[cold]
fn begin(session: Session, place: Place) -> Option<NonZeroU64> {
    let begun = local::with(session, |local| {
        // Outside of everything traced there is nobody who could say so.
        local.running.last()?;
        let addresses = [std::ptr::from_ref(place.location).addr() as u64, place.name.as_ptr().addr() as u64];
        let (stack, name) = (local.stack(), local.text_of(&addresses, || place.shown()));
        let id = annotate::next_id();
        let head = Head { a: id, b: name, ..Head::new(Kind::TaskBegin, local.now()) };
        local.record_with([0, stack], head);
        NonZeroU64::new(id)
    });
    begun.flatten()
}

impl Drop for Hold {
    #[inline]
    fn drop(&mut self) {
        if let Some(id) = self.0 {
            end(id);
        }
    }
}

#[cold]
fn end(id: NonZeroU64) {
    if let Some(session) = switch::session() {
        local::with(session, |local| {
            let stack = local.stack();
            local.record(Head { a: id.get(), b: stack, ..Head::new(Kind::TaskEnd, local.now()) });
        });
    }
}

/// The half of a guard that tells of the release. It is dropped before the other half, which releases.
#[derive(Debug)]
pub struct Held<'l> {
    _hold: Hold,
    waiters: &'l Waiters,
}

impl<'l> Held<'l> {
    /// The caller has the lock.
    #[inline]
    pub fn new(place: &Place, waiters: &'l Waiters) -> Self {
        Self { _hold: Hold::begin(place), waiters }
    }
}

impl Drop for Held<'_> {
    #[inline]
    fn drop(&mut self) {
        self.waiters.unlock(Many::One);
    }
}
