//! Every interleaving of the hand-over of chunks and of the states of tasks, within the bounds that can be tried.
//!
//! The two modules are compiled here once more, against loom's types.

#![expect(clippy::unwrap_used, reason = "a model that does not do what it should has failed its test")]

#[path = "../src/chunk.rs"]
#[expect(dead_code, reason = "not all of it is tried")]
mod chunk;
#[path = "../src/state.rs"]
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
    }
}

use chunk::{Chunk, Writer};
use loom::sync::{Arc, Mutex};
use loom::thread;
use state::{Pause, Seq, Session, TaskState, Woken};

/// A writer writes records of these lengths, while a reader drains twice and once more at the end; chunks are used again.
fn check_chunks(lengths: &'static [u64], slots: usize) {
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
            reader.drain(|slot| read.push(slot), |chunk| left.push(chunk));
            left.retain_mut(|chunk| {
                let is_free = Chunk::reset(chunk);
                if is_free {
                    free.lock().unwrap().push(Arc::clone(chunk));
                }
                !is_free
            });
        }
        let dropped = writing.join().unwrap();
        reader.drain(|slot| read.push(slot), |_| {});
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
    check_chunks(&[1, 1, 1], 2);
    check_chunks(&[1, 2, 2], 3);
    check_chunks(&[2, 2, 2, 2], 2);
}

#[test]
fn no_wake_is_lost_and_none_counts_twice() {
    loom::model(|| {
        const SESSION: Session = Session(1);
        let state = Arc::new(TaskState::new());
        let mut numbers = vec![state.announce(SESSION).unwrap(), state.begin(SESSION).unwrap()];
        let wakers: Vec<_> = (0..2)
            .map(|_| {
                let state = Arc::clone(&state);
                thread::spawn(move || state.wake(SESSION))
            })
            .collect();
        let (pause, number) = state.pause(SESSION).unwrap();
        numbers.push(number);
        let woken = wakers.into_iter().map(|waker| waker.join().unwrap());
        let number = |woken| if let Woken::Runs(number) = woken { Some(number) } else { None };
        let woken: Vec<_> = woken.filter_map(number).collect();
        // Exactly one of the wakes made it runnable, or came before the end of the poll.
        assert_eq!(woken.len(), usize::from(pause == Pause::Waits));
        numbers.extend(woken);
        numbers.push(state.begin(SESSION).unwrap());
        numbers.push(state.finish(SESSION).unwrap());
        assert_eq!(state.wake(SESSION), Woken::Never);
        assert!(numbers.is_sorted_by(|a, b| a.0 + 1 == b.0), "{numbers:?}");
    });
}

#[test]
fn waits_on_the_thread_and_wakes_do_not_mix() {
    loom::model(|| {
        const SESSION: Session = Session(1);
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
