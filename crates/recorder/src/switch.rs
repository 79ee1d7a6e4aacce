//! Whether the process is being recorded, and by what.

use std::sync::atomic::{AtomicU32, Ordering};
use std::sync::{Arc, Mutex, MutexGuard, PoisonError};

use crate::hold::Holds;
use crate::local::Shared;
#[cfg(feature = "http")]
use crate::snapshot::Access;
use crate::state::Session;

/// In `ON`: how long locks are held is recorded, too.
const HOLDS: u32 = 1 << 16;

/// The session that is on, or 0: all that code pays which is not being recorded.
static ON: AtomicU32 = AtomicU32::new(0);

/// The recording of the process, for threads that record for the first time.
static CURRENT: Mutex<Current> = Mutex::new(Current {
    last: 0,
    shared: None,
    #[cfg(feature = "http")]
    access: None,
});

struct Current {
    /// The last session there was.
    last: u16,
    shared: Option<Arc<Shared>>,
    /// What those ask who did not begin it.
    #[cfg(feature = "http")]
    access: Option<Access>,
}

/// The session that is on.
#[inline]
pub fn session() -> Option<Session> {
    match ON.load(Ordering::Relaxed) {
        0 => None,
        session => Some(Session(session as u16)),
    }
}

/// The session that is on, if it wants to know how long locks are held.
#[inline]
pub fn session_of_holds() -> Option<Session> {
    let on = ON.load(Ordering::Relaxed);
    (on & HOLDS != 0).then_some(Session(on as u16))
}

/// Begins a session with what `make` makes; `None` if one is on.
pub fn turn_on(make: impl FnOnce(Session) -> Shared) -> Option<Arc<Shared>> {
    #[cfg(unix)]
    crate::fork::prepare();
    let mut current = lock();
    if current.shared.is_some() {
        return None;
    }
    current.last = current.last.checked_add(1).unwrap_or(1);
    let shared = Arc::new(make(Session(current.last)));
    current.shared = Some(Arc::clone(&shared));
    let holds = match shared.holds {
        Holds::Recorded => HOLDS,
        Holds::Ignored => 0,
    };
    ON.store(u32::from(current.last) | holds, Ordering::Release);
    Some(shared)
}

/// Records no more; the session stays the only one until it is let go.
pub fn turn_off() {
    ON.store(0, Ordering::Release);
}

/// Lets another session begin.
pub fn let_go() {
    turn_off();
    let mut current = lock();
    current.shared = None;
    #[cfg(feature = "http")]
    {
        current.access = None;
    }
}

/// The recording can be asked by others than the one who began it.
#[cfg(feature = "http")]
pub fn open_to_all(access: Access) {
    lock().access = Some(access);
}

/// What to ask the recording that is on.
#[cfg(feature = "http")]
pub fn access() -> Option<Access> {
    lock().access.clone()
}

/// What the session shares among its threads.
pub fn shared(session: Session) -> Option<Arc<Shared>> {
    lock().shared.clone().filter(|shared| shared.session == session)
}

/// The lock, which nobody else has until this is dropped.
#[cfg(unix)]
pub struct Held(MutexGuard<'static, Current>);

/// Waits for the lock.
#[cfg(unix)]
pub fn hold() -> Held {
    Held(lock())
}

#[cfg(unix)]
impl Held {
    /// Forgets the recording, of which the process has nothing but the memory.
    ///
    /// That is not given back: others may have been changing it at the moment of the fork.
    pub fn abandon(mut self) {
        turn_off();
        std::mem::forget(self.0.shared.take());
        #[cfg(feature = "http")]
        std::mem::forget(self.0.access.take());
    }
}

fn lock() -> MutexGuard<'static, Current> {
    CURRENT.lock().unwrap_or_else(PoisonError::into_inner)
}
