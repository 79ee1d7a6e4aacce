//! Locks and channels of tokio: threads that wait for them, how long they are held, how long queues are, and that they are
//! what the originals are.

use std::sync::Arc;

use goroscope_recorder::sync::tokio::{Mutex, RwLock, Semaphore, broadcast, mpsc, oneshot};
use goroscope_recorder::{FutureExt, Holds, attach, spawn};
use tokio::runtime::Builder;

use crate::harness::{Told, record_with, usual};
use crate::locks::check;

#[test]
fn threads_that_wait_for_locks() {
    let lock = Mutex::new(());
    let guard = lock.try_lock().unwrap();
    check("tokio", "sync", || drop(lock.blocking_lock()), || drop(guard));

    let lock = Arc::new(Mutex::new(()));
    let guard = Arc::clone(&lock).try_lock_owned().unwrap();
    check("tokio", "sync", || drop(lock.blocking_lock_owned()), || drop(guard));

    let lock = RwLock::new(());
    let guard = lock.try_write().unwrap();
    check("tokio", "sync", || drop(lock.blocking_read()), || drop(guard));
    let guard = lock.try_read().unwrap();
    check("tokio", "sync", || drop(lock.blocking_write()), || drop(guard));

    let permits = Semaphore::new(2);
    let permit = permits.try_acquire().unwrap();
    check("tokio", "sync", || drop(permits.blocking_acquire_many(2)), || drop(permit));
    let permits = Arc::new(Semaphore::new(0));
    let more = Arc::clone(&permits);
    check("tokio", "sync", || drop(permits.blocking_acquire_owned()), || more.add_permits(1));
}

#[test]
fn threads_that_wait_for_channels() {
    let (sender, mut receiver) = mpsc::channel(1);
    let receive = || assert_eq!(receiver.blocking_recv(), Some(1));
    check("tokio", "chan receive", receive, move || sender.try_send(1).unwrap());

    let (sender, mut receiver) = mpsc::channel(1);
    sender.try_send(1).unwrap();
    let receive = || assert_eq!(receiver.try_recv(), Ok(1));
    check("tokio", "chan send", || sender.blocking_send(2).unwrap(), receive);

    let (sender, mut receiver) = mpsc::unbounded_channel();
    let receive = || assert_eq!(receiver.blocking_recv_many(&mut Vec::new(), 4), 1);
    check("tokio", "chan receive", receive, move || sender.send(1).unwrap());

    let (sender, receiver) = oneshot::channel();
    check("tokio", "chan receive", || assert_eq!(receiver.blocking_recv(), Ok(1)), || sender.send(1).unwrap());

    let (sender, mut receiver) = broadcast::channel(1);
    let receive = || assert_eq!(receiver.blocking_recv(), Ok(1));
    check("tokio", "chan receive", receive, || assert_eq!(sender.send(1).unwrap(), 1));
}

fn with_holds(main: impl Future<Output = ()>) -> Told {
    record_with(usual().lock_holds(Holds::Recorded), || {
        let runtime = attach(&mut Builder::new_current_thread()).enable_all().build().unwrap();
        runtime.block_on(main.traced_as("main"));
    })
}

#[test]
fn how_long_locks_are_held() {
    let told = with_holds(async {
        let (lock, shared) = (Arc::new(Mutex::named("one", 0)), Arc::new(RwLock::named("many", 0)));
        let permits = Arc::new(Semaphore::named("permits", 2));
        let tasks = (0..3).map(|n| {
            let (lock, shared, permits) = (Arc::clone(&lock), Arc::clone(&shared), Arc::clone(&permits));
            spawn(async move {
                *lock.lock().await += n;
                tokio::task::yield_now().await;
                *Arc::clone(&shared).write_owned().await += n;
                assert!(*shared.read().await <= 3);
                drop(permits.acquire().await.unwrap());
                // It goes from one guard to another.
                let guard = Arc::clone(&shared).write_owned().await;
                drop(guard.downgrade());
            })
        });
        for task in tasks.collect::<Vec<_>>() {
            task.await.unwrap();
        }
        assert_eq!((*lock.lock().await, *shared.read().await), (3, 3));
    });
    let held = |name: &str| told.tasks.iter().filter(|task| *task == name).count();
    assert_eq!((held("one held"), held("many held"), held("permits held")), (4, 10, 3));
    assert_eq!((held("/one held"), held("/many held"), held("/permits held")), (4, 10, 3));
}

#[test]
fn how_long_queues_are() {
    let told = with_holds(async {
        let (sender, mut receiver) = mpsc::named_channel("jobs", 2);
        let sending = spawn(async move {
            for n in 0..4 {
                sender.send(n).await.unwrap();
            }
        });
        while receiver.recv().await.is_some() {}
        sending.await.unwrap();
        let (sender, receiver) = mpsc::named_unbounded_channel("all");
        sender.send(1).unwrap();
        sender.send(2).unwrap();
        drop(receiver);
        assert!(sender.send(3).is_err());
    });
    let values = |name| told.counter(name).into_iter().map(|(_, value)| value).collect::<Vec<i64>>();
    let jobs = values("jobs");
    assert_eq!((jobs.len(), jobs.last(), jobs.iter().max()), (8, Some(&0), Some(&2)), "{jobs:?}");
    assert_eq!(values("all"), [1, 2, 1, 0, 1, 0]);
}

/// The same program with the originals and with what is here.
macro_rules! same {
    ($name:ident, $sync:path) => {
        #[test]
        fn $name() {
            use sync::{MutexGuard, Notify, OwnedMutexGuard, RwLockWriteGuard, broadcast, mpsc, oneshot, watch};
            use $sync as sync;

            static ONE: sync::Mutex<i32> = sync::Mutex::const_new(1);
            static PERMITS: sync::Semaphore = sync::Semaphore::const_new(3);
            let runtime = Builder::new_current_thread().enable_all().build().unwrap();
            let main = async {
                *ONE.lock().await += 1;
                let dynamic: Arc<sync::Mutex<[i32]>> = Arc::new(sync::Mutex::new([1, 2, 3]));
                assert_eq!(dynamic.lock().await.len(), 3);
                let guard = Arc::clone(&dynamic).lock_owned().await;
                let mut first = OwnedMutexGuard::map(guard, |numbers| &mut numbers[0]);
                *first += 1;
                drop(first);
                let mut second = MutexGuard::map(dynamic.try_lock().unwrap(), |numbers| &mut numbers[1]);
                *second += 1;
                assert!(dynamic.try_lock().is_err());
                drop(second);
                let task = tokio::spawn(async move { dynamic.lock().await.iter().sum::<i32>() });
                assert_eq!(task.await.unwrap(), 8);
                let lock = Arc::new(sync::RwLock::with_max_readers(vec![1], 4));
                lock.write().await.push(2);
                let guard = RwLockWriteGuard::try_map(lock.write().await, |numbers| numbers.get_mut(7));
                let guard = guard.unwrap_err().downgrade();
                assert_eq!((guard.len(), lock.read().await.len()), (2, 2));
                drop(guard);
                let owned = Arc::clone(&lock).read_owned().await;
                assert!(lock.try_write().is_err() && format!("{owned:?}") == "[1, 2]");
                let mut permit = PERMITS.acquire_many(2).await.unwrap();
                permit.merge(PERMITS.try_acquire().unwrap());
                permit.split(1).unwrap().forget();
                drop(permit);
                assert_eq!(PERMITS.available_permits(), 2);
                PERMITS.close();
                assert!(PERMITS.acquire().await.is_err() && PERMITS.is_closed());
                let told = Notify::new();
                told.notify_one();
                told.notified().await;
                let (sender, mut receiver) = mpsc::channel(2);
                sender.send(1).await.unwrap();
                let permit = sender.clone().reserve_owned().await.unwrap();
                assert!(sender.try_send(3).is_err());
                drop(permit.send(2));
                let mut all = Vec::new();
                assert_eq!(receiver.recv_many(&mut all, 5).await, 2);
                let weak = sender.downgrade();
                drop(sender);
                assert!(weak.upgrade().is_none() && receiver.recv().await.is_none());
                let (send, mut later) = oneshot::channel();
                assert!(later.try_recv().is_err());
                send.send(5).unwrap();
                assert_eq!(later.await, Ok(5));
                let (tell, mut heard) = broadcast::channel(1);
                let mut other = tell.subscribe();
                tell.send(1).unwrap();
                tell.send(2).unwrap();
                assert_eq!(heard.recv().await, Err(broadcast::error::RecvError::Lagged(1)));
                assert_eq!((heard.recv().await, other.resubscribe().try_recv().is_err()), (Ok(2), true));
                assert!(other.recv().await.is_err());
                let (set, mut seen) = watch::channel(0);
                set.send(1).unwrap();
                seen.changed().await.unwrap();
                assert_eq!(*seen.borrow_and_update(), 1);
                // Who would block a worker is told so.
                let blocks = async { drop(ONE.blocking_lock()) };
                assert!(tokio::spawn(blocks).await.unwrap_err().is_panic());
            };
            runtime.block_on(main);
            assert_eq!(*ONE.blocking_lock(), 2);
        }
    };
}

same!(the_originals, tokio::sync);
same!(what_is_like_them, goroscope_recorder::sync::tokio);
