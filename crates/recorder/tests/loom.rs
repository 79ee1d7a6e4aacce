//! Every interleaving of the hand-over of chunks and of the states of tasks, within the bounds that can be tried.
//!
//! The two modules are compiled here once more, against loom's types.

#![expect(clippy::unwrap_used, reason = "a model that does not do what it should has failed its test")]

#[path = "../src/chunk.rs"]
#[expect(dead_code, reason = "not all of it is tried")]
mod chunk;
#[path = "../src/state.rs"]
#[expect(dead_code, reason = "not all of it is tried")]
mod state;

mod atomics {
    //! What `src/atomics.rs` is for the crate.

    use loom::sync::Mutex;

    pub use loom::sync::Arc;
    pub use loom::sync::atomic::{AtomicU64, AtomicUsize, Ordering};

    /// Loom has no `OnceLock`.
    #[derive(Debug)]
    pub struct Once<T>(Mutex<Option<T>>);

    impl<T: Clone> Once<T> {
        pub fn new() -> Self {
            Self(Mutex::new(None))
        }

        pub fn set(&self, value: T) {
            *self.0.lock().unwrap() = Some(value);
        }

        pub fn get(&self) -> Option<T> {
            self.0.lock().unwrap().clone()
        }

        pub fn take(&mut self) -> Option<T> {
            self.0.lock().unwrap().take()
        }
    }
}

use chunk::{Chunk, Writer};
use loom::sync::{Arc, Mutex};
use loom::thread;
use state::{Pause, Seq, Session, TaskState, Woken};

/// A writer writes records of these lengths, while a reader drains twice, so many chunks at once, and the rest at the end;
/// chunks are used again.
fn check_chunks(lengths: &'static [u64], slots: usize, most: usize) {
    loom::model(move || {
        let free = Arc::new(Mutex::new(vec![Arc::new(Chunk::new(slots)), Arc::new(Chunk::new(slots))]));
        let first = free.lock().unwrap().pop().unwrap();
        let (mut writer, mut reader) = Writer::new(first);
        let writing = thread::spawn({
            let free = Arc::clone(&free);
            move || {
                let mut dropped = 0;
                for (number, len) in (0_u64..).zip(lengths) {
                    let record: Vec<_> = (0..*len).map(|part| [number, part, *len, !number]).collect();
                    let is_written = writer.push(&record, || free.lock().unwrap().pop());
                    dropped += usize::from(!is_written);
                }
                dropped
            }
        });
        let mut read = Vec::new();
        let mut left = Vec::new();
        for _ in 0..2 {
            reader.drain(most, &mut read, |chunk| left.push(chunk));
            left.retain_mut(|chunk| {
                let is_free = Chunk::reset(chunk);
                if is_free {
                    free.lock().unwrap().push(Arc::clone(chunk));
                }
                !is_free
            });
        }
        let dropped = writing.join().unwrap();
        while reader.drain(most, &mut read, |_| {}) {}
        // Whole records in their order, and as many as were not dropped.
        let mut expected = read.iter().copied();
        let mut whole = 0;
        let mut last = None;
        while let Some([number, part, len, not]) = expected.next() {
            assert_eq!((part, not), (0, !number));
            assert!(last < Some(number));
            for next in 1..len {
                assert_eq!(expected.next(), Some([number, next, len, not]));
            }
            (whole, last) = (whole + 1, Some(number));
        }
        assert_eq!(whole + dropped, lengths.len());
    });
}

#[test]
fn records_arrive_whole_and_in_order() {
    check_chunks(&[1, 1, 1], 2, usize::MAX);
    check_chunks(&[1, 2, 2], 3, usize::MAX);
    check_chunks(&[2, 2, 2, 2], 2, usize::MAX);
    check_chunks(&[2, 2, 2, 2], 2, 1);
}

const SESSION: Session = Session(1);

/// How a poll ends.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
enum End {
    /// Without a result, and there is another poll.
    Pause,
    /// Without a result; then the task is dropped, which is one more run.
    Cancel,
    /// With a result.
    Complete,
}

/// How somebody wakes a task.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
enum Wake {
    Heard,
    /// By a thread that cannot record it.
    Unheard,
}

/// A task is polled once while others wake it, and that poll and the task end in this way.
fn check_task(end: End, wakes: &'static [Wake]) {
    let mut model = loom::model::Builder::new();
    // Three preemptions are enough for one in each thread; without a bound, the loops would take minutes.
    model.preemption_bound = Some(3);
    model.check(move || {
        let state = Arc::new(TaskState::new());
        let mut numbers = vec![state.announce(SESSION).unwrap(), state.begin(SESSION).unwrap()];
        let others: Vec<_> = wakes
            .iter()
            .map(|&wake| {
                let state = Arc::clone(&state);
                thread::spawn(move || match wake {
                    Wake::Heard if state.minds_wakes(SESSION) => match state.wake(SESSION) {
                        Woken::Runs(number) => Some(number),
                        Woken::Again | Woken::Already | Woken::Never => None,
                    },
                    Wake::Heard => None,
                    Wake::Unheard => {
                        state.wake_unheard(SESSION);
                        None
                    }
                })
            })
            .collect();
        let mut pause = None;
        if end != End::Complete {
            let (how, number) = state.pause(SESSION).unwrap();
            numbers.push(number);
            pause = Some(how);
        }
        if end == End::Cancel {
            // Whoever drops it does not wait for its wakers.
            numbers.push(state.begin(SESSION).unwrap());
        }
        if end != End::Pause {
            numbers.push(state.finish(SESSION).unwrap());
        }
        let woken: Vec<_> = others.into_iter().filter_map(|other| other.join().unwrap()).collect();
        if end == End::Pause {
            // Exactly one of the wakes that are heard made it runnable, unless one came before the end of the poll.
            let is_heard = wakes.contains(&Wake::Heard);
            assert_eq!(woken.len(), usize::from(is_heard && pause == Some(Pause::Waits)));
            numbers.extend(&woken);
            numbers.push(state.begin(SESSION).unwrap());
            numbers.push(state.finish(SESSION).unwrap());
        } else {
            numbers.extend(&woken);
        }
        assert_eq!((state.wake(SESSION), state.begin(SESSION), state.finish(SESSION)), (Woken::Never, None, None));
        assert!(!state.minds_wakes(SESSION));
        // Every number was given to exactly one change.
        numbers.sort_unstable();
        assert!(numbers.is_sorted_by(|a, b| a.0 + 1 == b.0), "{numbers:?}");
    });
}

#[test]
fn waits_on_the_thread_and_wakes_do_not_mix() {
    loom::model(|| {
        let state = Arc::new(TaskState::new());
        state.announce(SESSION).unwrap();
        let Seq(begun) = state.begin(SESSION).unwrap();
        let waking = thread::spawn({
            let state = Arc::clone(&state);
            move || state.wake(SESSION)
        });
        // Three numbers went to a wait for a lock, the release, and that it went on.
        state.skip(SESSION, 3);
        let (pause, Seq(paused)) = state.pause(SESSION).unwrap();
        let woken = waking.join().unwrap();
        assert_eq!(paused, begun + 4);
        let expected = if pause == Pause::Waits { Woken::Runs(Seq(begun + 5)) } else { Woken::Again };
        assert_eq!(woken, expected);
    });
}

#[test]
fn no_wake_is_lost_and_none_counts_twice() {
    for end in [End::Pause, End::Cancel, End::Complete] {
        check_task(end, &[Wake::Heard, Wake::Heard]);
        check_task(end, &[Wake::Heard, Wake::Unheard]);
        check_task(end, &[Wake::Unheard, Wake::Unheard]);
    }
}

/// A poller and a waker write what they do into chunks of their own, while somebody takes what there is.
#[test]
fn what_is_taken_meanwhile_is_a_beginning_of_each_thread() {
    loom::model(|| {
        let state = Arc::new(TaskState::new());
        let first = state.announce(SESSION).unwrap();
        let (mut runs, mut of_runs) = Writer::new(Arc::new(Chunk::new(4)));
        let (mut wakes, mut of_wakes) = Writer::new(Arc::new(Chunk::new(4)));
        let running = thread::spawn({
            let state = Arc::clone(&state);
            move || {
                for number in [state.begin(SESSION), state.pause(SESSION).map(|(_, number)| number)] {
                    assert!(runs.push(&[[number.unwrap().0, 0, 0, 0]], || None));
                }
            }
        });
        let waking = thread::spawn(move || {
            if let Woken::Runs(number) = state.wake(SESSION) {
                assert!(wakes.push(&[[number.0, 0, 0, 0]], || None));
            }
        });
        let mut taken: Vec<u64> = vec![first.0];
        let take = |reader: &mut chunk::Reader| {
            let mut own = Vec::new();
            reader.drain(usize::MAX, &mut own, |_| {});
            own.into_iter().map(|[number, ..]| number).collect::<Vec<_>>()
        };
        // In the middle of it, each is a beginning of what the thread does, in its order.
        let (mut told_runs, mut told_wakes) = (take(&mut of_runs), take(&mut of_wakes));
        running.join().unwrap();
        waking.join().unwrap();
        told_runs.extend(take(&mut of_runs));
        told_wakes.extend(take(&mut of_wakes));
        assert!(told_runs.is_sorted() && told_wakes.len() < 2);
        // And in the end nothing is missing and nothing is there twice.
        taken.extend(told_runs.into_iter().chain(told_wakes));
        taken.sort_unstable();
        assert!(taken.is_sorted_by(|a, b| a + 1 == *b), "{taken:?}");
    });
}
