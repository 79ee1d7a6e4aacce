//! Tasks that nobody traces, as far as tokio's unstable hooks tell of them: that they are spawned, polled and over.
//!
//! 1. A task is told of when it is spawned. If a traced future was made on the thread just before and went nowhere yet, it
//!    is that future's; all else is foreign, and gets a goroutine of its own.
//! 2. A task that was taken for a traced one, or is older than the recording, is found to be foreign when a poll of it
//!    ends in which no traced future was polled. So it is shown from the next poll on.
//! 3. Nothing of the waker of a foreign task is ours: where it waits and who wakes it stays unknown.

use std::cell::{Cell, RefCell};
use std::hash::{Hash, Hasher};
use std::sync::{Arc, Mutex, MutexGuard, PoisonError};

use rustc_hash::FxHashMap;
use tokio::runtime::TaskMeta;

use crate::record::{FOREIGN, Kind};
use crate::site::Site;
use crate::state::Session;
use crate::switch;
use crate::task::{End, Task};

/// What foreign tasks are called, with the place where they are spawned.
const NAME: &str = "task";

/// How many locks there are for the tasks that are known.
const SHARDS: usize = 16;

type Shard = Mutex<Option<FxHashMap<u64, Arc<Task>>>>;

/// The foreign tasks that are alive, by tokio's number.
static TASKS: [Shard; SHARDS] = [const { Mutex::new(None) }; SHARDS];

/// A poll that goes on.
struct Polled {
    number: u64,
    /// `None` if it is not known to be foreign.
    of: Option<(Arc<Task>, Session)>,
    /// Whether a traced future was polled in it.
    is_traced: bool,
}

thread_local! {
    /// Traced futures that were made on this thread and are not known to have gone anywhere.
    static UNUSED: Cell<u32> = const { Cell::new(0) };
    /// Polls of tokio's tasks, innermost last.
    static POLLED: RefCell<Vec<Polled>> = const { RefCell::new(Vec::new()) };
}

/// A traced future was made.
pub fn made() {
    UNUSED.set(UNUSED.get().saturating_add(1));
}

/// A traced future turned out to be no task.
pub fn used() {
    UNUSED.set(UNUSED.get().saturating_sub(1));
}

/// A traced future is polled.
pub fn polled() {
    // Where the thread is over, no task is polled.
    let _ = POLLED.try_with(|polled| {
        if let Ok(mut polled) = polled.try_borrow_mut()
            && let Some(last) = polled.last_mut()
        {
            last.is_traced = true;
        }
    });
}

/// A task is spawned.
pub fn spawned(meta: &TaskMeta<'_>) {
    if switch::session().is_none() {
        return;
    }
    if UNUSED.get() > 0 {
        used();
    } else {
        add(number(meta), meta);
    }
}

/// A task begins to be polled.
pub fn begin(meta: &TaskMeta<'_>) {
    let Some(session) = switch::session() else { return };
    let number = number(meta);
    let task = shard(number).as_ref().and_then(|tasks| tasks.get(&number).cloned());
    let of = task.and_then(|task| {
        // What lies above this frame is tokio's, and there is no address for where it begins.
        task.begin(Kind::Start, session, 0)?;
        Some((task, session))
    });
    with_polled(|polled| polled.push(Polled { number, of, is_traced: false }));
}

/// The poll ends.
pub fn end(meta: &TaskMeta<'_>) {
    let number = number(meta);
    let ended = with_polled(|polled| polled.pop_if(|polled| polled.number == number)).flatten();
    match ended {
        Some(Polled { of: Some((task, session)), .. }) => task.leave(session, End::Pending),
        Some(Polled { of: None, is_traced: false, .. }) if switch::session().is_some() => add(number, meta),
        Some(_) | None => {}
    }
}

/// A task is over: in a poll, or because it is dropped.
pub fn over(meta: &TaskMeta<'_>) {
    let number = number(meta);
    let task = shard(number).as_mut().and_then(|tasks| tasks.remove(&number));
    let is_polled = with_polled(|polled| {
        let last = polled.last_mut().filter(|polled| polled.number == number)?;
        // That the poll ended in this way is not to be seen afterwards.
        last.is_traced = true;
        Some(())
    });
    let (Some(task), Some(session)) = (task, switch::session()) else { return };
    if is_polled.flatten().is_some() {
        task.finish(session);
    } else if task.begin(Kind::Drop, session, 0).is_some() {
        task.leave(session, End::Over);
    }
}

fn add(number: u64, meta: &TaskMeta<'_>) {
    let task = Arc::new(Task::new(Site { location: meta.spawned_at(), name: NAME }, FOREIGN));
    shard(number).get_or_insert_default().insert(number, task);
}

fn shard(number: u64) -> MutexGuard<'static, Option<FxHashMap<u64, Arc<Task>>>> {
    let [first, ..] = &TASKS;
    let shard = TASKS.get(number as usize % SHARDS).unwrap_or(first);
    shard.lock().unwrap_or_else(PoisonError::into_inner)
}

fn with_polled<R>(work: impl FnOnce(&mut Vec<Polled>) -> R) -> Option<R> {
    POLLED.try_with(|polled| polled.try_borrow_mut().ok().map(|mut polled| work(&mut polled))).ok().flatten()
}

/// The number inside of a task's id.
fn number(meta: &TaskMeta<'_>) -> u64 {
    let mut only = crate::runtime::Only::default();
    meta.id().hash(&mut only);
    only.finish()
}
