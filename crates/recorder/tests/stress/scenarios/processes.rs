//! What happens to the whole process: it is forked, it exits, it breaks down.

#![expect(unsafe_code, reason = "a process is forked by a system call only")]

use std::sync::atomic::{AtomicU64, Ordering};
use std::sync::{Arc, Barrier, RwLock, mpsc};

use goroscope_recorder::{FutureExt, RecordError, Ring, SnapshotFiles, log, region, spawn, task, thread};
use tokio::task::yield_now;

use crate::stage::{Dice, Stage, dawdle, several, single};

/// Has the system end this process if it takes too long: whoever waits for it is to know.
pub fn end_if_stuck() {
    const SECONDS: libc::c_uint = 120;
    // SAFETY: sets a timer of the process.
    unsafe { libc::alarm(SECONDS) };
}

/// Held by whoever forks, and shared by those who begin or end a thread: the standard library has a lock meanwhile, of
/// which no program knows, and which a child would find locked for ever.
static THREADS: RwLock<()> = RwLock::new(());

/// Forks, has `child` say how its process is to end, and waits for that.
fn in_a_child(child: impl FnOnce() -> i32) {
    let alone = THREADS.write().unwrap();
    // SAFETY: the child does nothing with the threads that it does not have.
    let process = unsafe { libc::fork() };
    drop(alone);
    assert!(process >= 0);
    if process == 0 {
        end_if_stuck();
        let code = std::panic::catch_unwind(std::panic::AssertUnwindSafe(child)).unwrap_or(101);
        // SAFETY: ends the process at once, without what belongs to its parent.
        unsafe { libc::_exit(code) };
    }
    let mut status = 0;
    // SAFETY: `status` is a place for the result.
    let waited = unsafe { libc::waitpid(process, &raw mut status, 0) };
    assert_eq!((waited, libc::WIFEXITED(status), libc::WEXITSTATUS(status)), (process, true, 7));
}

/// A thread that begins to record, and ends, at any time; a process may be forked between its begin and its end.
fn use_a_thread() {
    let ((begun, begins), (end, ends)) = (mpsc::channel(), mpsc::channel::<()>());
    let beginning = THREADS.read().unwrap();
    let thread = std::thread::spawn(move || {
        begun.send(()).unwrap();
        thread::block_on(async { log("turn", "of a thread") }.traced());
        let _ = ends.recv();
    });
    begins.recv().unwrap();
    drop(beginning);
    let _ending = THREADS.read().unwrap();
    drop(end);
    thread.join().unwrap();
}

/// Work in the background, so that locks are held and buffers are half full when a process is forked.
fn with_busy_runtime(work: impl FnOnce()) -> u64 {
    let runtime = several(2);
    let stop = Arc::new(std::sync::atomic::AtomicBool::new(false));
    // Its threads have begun once both are here.
    let both = Arc::new(Barrier::new(2));
    let begun = [(); 2].map(|()| {
        let both = Arc::clone(&both);
        runtime.spawn(async move { both.wait() })
    });
    for begun in begun {
        runtime.block_on(begun).unwrap();
    }
    let tasks: Vec<_> = (0..6)
        .map(|_| {
            let stop = Arc::clone(&stop);
            runtime.spawn(
                async move {
                    let mut spawned = 0;
                    while !stop.load(Ordering::Relaxed) {
                        spawn(yield_now()).await.unwrap();
                        log("turn", "over");
                        spawned += 1;
                        if spawned % 16 == 0 {
                            use_a_thread();
                        }
                    }
                }
                .traced_as("busy"),
            )
        })
        .collect();
    work();
    stop.store(true, Ordering::Relaxed);
    let all = tasks.len() as u64;
    for task in tasks {
        runtime.block_on(task).unwrap();
    }
    all
}

/// Everything that a program might do with the recorder.
fn use_everything() {
    // On a thread of its own, for the one that forked may be inside of a runtime.
    std::thread::spawn(use_everything_here).join().unwrap();
}

fn use_everything_here() {
    let part = task("of the child");
    let _region = region("of the child");
    part.log("child", "goes on");
    thread::spawn(|| log("child", "thread")).join().unwrap();
    single().block_on(
        async {
            for _ in 0..2000 {
                spawn(yield_now()).await.unwrap();
            }
        }
        .traced_as("of the child"),
    );
}

/// Forks while everything is busy, from a traced task and from elsewhere.
fn forks(stage: &Stage, name: &str, child: impl Fn() -> i32 + Sync) {
    // On a machine that is busy with other things, what does nothing but record is far ahead of the assembler.
    let recording = stage.builder().memory(1 << 30).start(&stage.path(name)).unwrap();
    // So that the thread that writes it has begun.
    while std::fs::metadata(stage.path(name)).unwrap().len() == 0 {
        std::thread::yield_now();
    }
    let mut dice = Dice::new();
    with_busy_runtime(|| {
        for _ in 0..4 * stage.scale.min(3) {
            dawdle(&mut dice);
            in_a_child(&child);
            single().block_on(async { in_a_child(&child) }.traced_as("forks"));
        }
    });
    let summary = recording.stop().unwrap();
    assert_eq!((summary.dropped, summary.repaired), (0, 0), "{summary:?}");
    let bytes = std::fs::read(stage.path(name)).unwrap();
    assert_eq!(bytes.len() as u64, summary.bytes, "the child wrote into the file of its parent");
    let is_there = bytes.windows(12).any(|window| window == b"of the child");
    assert!(!is_there, "the child is in its parent's file");
    Stage::expect(name, &[("created", summary.tasks), ("left", 0)]);
}

pub fn forks_and_goes_on(stage: &Stage) {
    forks(stage, "continues", || {
        use_everything();
        7
    });
}

pub fn forks_and_executes(stage: &Stage) {
    forks(stage, "executes", || {
        // Only comes back if it cannot be executed.
        let arguments = [c"sh".as_ptr(), c"-c".as_ptr(), c"exit 7".as_ptr(), std::ptr::null()];
        // SAFETY: texts that end with a zero, and a list of them that ends with one, too.
        unsafe { libc::execv(c"/bin/sh".as_ptr(), arguments.as_ptr()) };
        1
    });
}

pub fn forks_and_exits(stage: &Stage) {
    forks(stage, "exits", || std::process::exit(7));
}

/// The child ends the recording that it has from its parent, and makes one of its own.
pub fn forks_and_records(stage: &Stage) {
    let recording = stage.builder().start_ring(Ring::default()).unwrap();
    let snapshots = recording.snapshots().unwrap();
    // So that the thread that takes them has begun.
    snapshots.take_writer(std::io::sink()).unwrap();
    let mut recording = Some(recording);
    with_busy_runtime(|| {
        for number in 0..3 {
            let own = stage.path(&format!("own-{number}"));
            let mut inherited = None;
            // The child's copy of what the parent has; the parent keeps its own.
            std::mem::swap(&mut inherited, &mut recording);
            let inherited = std::cell::Cell::new(inherited);
            in_a_child(|| {
                assert!(matches!(snapshots.take_writer(std::io::sink()), Err(RecordError::Over)));
                let of_the_parent = inherited.take().unwrap();
                let recording = stage.builder().start(&own).unwrap();
                assert!(of_the_parent.stop().is_err());
                use_everything();
                let summary = recording.stop().unwrap();
                i32::from(summary.tasks == 2002 && summary.dropped == 0) * 7
            });
            recording = inherited.take();
            Stage::expect(&format!("own-{number}"), &[("created", 2002), ("finished", 2002)]);
        }
    });
    let recording = recording.unwrap();
    recording.snapshot(&stage.path("of-the-parent")).unwrap();
    let summary = recording.stop().unwrap();
    assert_eq!((summary.dropped, summary.repaired), (0, 0), "{summary:?}");
}

/// The child has copies of all that takes snapshots by itself, and none of that does anything in it.
pub fn forks_with_triggers(stage: &Stage) {
    let taken = Arc::new(AtomicU64::new(0));
    let count = Arc::clone(&taken);
    let files = SnapshotFiles::new(&stage.path("taken")).at_most_every(std::time::Duration::ZERO);
    let files = files.on_taken(move |taken| {
        assert!(taken.result.is_ok(), "{taken:?}");
        count.fetch_add(1, Ordering::SeqCst);
    });
    let mut recording = stage.builder().start_ring(Ring::default()).unwrap();
    recording.snapshot_on_panic(files.clone()).unwrap();
    recording.snapshot_on_slow_poll(std::time::Duration::from_hours(1), files.clone()).unwrap();
    #[cfg(feature = "signal")]
    recording.snapshot_on_signal(libc::SIGUSR1, files).unwrap();
    let recording = std::cell::Cell::new(Some(recording));
    let told = |number| taken.load(Ordering::SeqCst) == number;
    with_busy_runtime(|| {
        for _ in 0..stage.scale.min(3) {
            in_a_child(|| {
                std::panic::catch_unwind(|| panic!("of the child")).unwrap_err();
                #[cfg(feature = "signal")]
                raise_signal();
                // What it ends is the parent's.
                drop(recording.take());
                std::panic::catch_unwind(|| panic!("of the child")).unwrap_err();
                i32::from(told(0)) * 7
            });
        }
    });
    assert!(told(0));
    std::panic::catch_unwind(|| panic!("of the parent")).unwrap_err();
    assert!(told(1));
    #[cfg(feature = "signal")]
    {
        raise_signal();
        while !told(2) {
            std::thread::yield_now();
        }
    }
    recording.take().unwrap().stop().unwrap();
}

#[cfg(feature = "signal")]
fn raise_signal() {
    // SAFETY: sends a signal that is handled to this thread.
    assert_eq!(unsafe { libc::raise(libc::SIGUSR1) }, 0);
}

/// Records into short generations, and does something once some are written.
fn until_some_are_written(stage: &Stage, name: &str, then: impl FnOnce()) {
    Stage::expect_cut(name);
    let builder = stage.builder().generation_period(std::time::Duration::from_millis(2));
    let recording = builder.start(&stage.path(name)).unwrap();
    let turns = AtomicU64::new(0);
    several(2).block_on(
        async {
            while std::fs::metadata(stage.path(name)).unwrap().len() < 20_000 {
                spawn(yield_now()).await.unwrap();
                turns.fetch_add(1, Ordering::Relaxed);
            }
            then();
        }
        .traced(),
    );
    recording.stop().unwrap();
}

pub fn exits(stage: &Stage) {
    until_some_are_written(stage, "exits", || std::process::exit(7));
}

pub fn aborts_the_process(stage: &Stage) {
    until_some_are_written(stage, "aborts", || std::process::abort());
}

/// As with `panic = "abort"`.
pub fn panics_for_good(stage: &Stage) {
    until_some_are_written(stage, "panics", || {
        std::panic::set_hook(Box::new(|_| std::process::abort()));
        panic!("for good");
    });
}
