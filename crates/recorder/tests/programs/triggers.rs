//! Snapshots that nobody asks for by a call.

use std::path::{Path, PathBuf};
use std::sync::Arc;
use std::sync::atomic::{AtomicU64, Ordering};
use std::sync::mpsc::{self, Receiver};
use std::time::{Duration, Instant};

use goroscope_recorder::{FutureExt, Recording, Ring, SnapshotFiles, attach, block_in_place, spawn, thread};
use tokio::runtime::Builder;

use crate::harness::{Told, in_turn, keep, read, usual};

/// Paths and causes.
type All = Receiver<(PathBuf, String)>;

/// Files in a folder, without a pause, and what is taken.
fn files(folder: &Path) -> (SnapshotFiles, All) {
    let (sender, all) = mpsc::channel();
    let files = SnapshotFiles::new(&folder.join("odd.out")).at_most_every(Duration::ZERO).on_taken(move |taken| {
        assert!(taken.result.is_ok(), "{taken:?}");
        // A test that is over looks no more.
        let _ = sender.send((taken.path.clone(), taken.cause.clone()));
    });
    (files, all)
}

fn begin() -> Recording {
    usual().start_ring(Ring::default()).unwrap()
}

/// The file of a snapshot, which says what it was taken for.
fn told((path, cause): &(PathBuf, String)) -> Told {
    let told = read(std::fs::read(path).unwrap());
    keep(&told.bytes, &format!(".{}", path.file_stem().unwrap().display()));
    assert!(told.notes.contains(&format!("snapshot={cause}")), "{cause}: {:?}", told.notes);
    told
}

#[test]
fn a_panic_and_the_hook_that_was_there() {
    in_turn(|| {
        let before = Arc::new(AtomicU64::new(0));
        let count = Arc::clone(&before);
        let usual_hook = std::panic::take_hook();
        std::panic::set_hook(Box::new(move |_| {
            count.fetch_add(1, Ordering::Relaxed);
        }));
        let folder = tempfile::tempdir().unwrap();
        let (files, all) = files(folder.path());
        let mut recording = begin();
        recording.snapshot_on_panic(files).unwrap();
        let panics = || {
            let runtime = attach(Builder::new_multi_thread().worker_threads(1)).build().unwrap();
            runtime.block_on(async { spawn(async { panic!("of\nall things") }).await }.traced()).unwrap_err();
        };
        panics();
        let first = all.recv().unwrap();
        recording.stop().unwrap();
        // The hook is still there, and takes nothing any more.
        panics();
        std::panic::set_hook(usual_hook);
        assert_eq!(before.load(Ordering::Relaxed), 2);
        assert!(all.try_recv().is_err());
        assert!(first.0.ends_with("odd-000001.out"));
        assert!(first.1.contains("triggers.rs:") && first.1.ends_with(": of\nall things"), "{}", first.1);
        // In one line in the file.
        let told = told(&(first.0, first.1.replace('\n', " ")));
        assert!(told.left.values().any(|state| state == "Running"), "{:?}", told.left);
    });
}

#[test]
fn a_poll_that_goes_on_and_one_that_was_too_long() {
    in_turn(|| {
        let folder = tempfile::tempdir().unwrap();
        let (files, all) = files(folder.path());
        let mut recording = begin();
        recording.snapshot_on_slow_poll(Duration::from_millis(30), files).unwrap();
        let runtime = attach(Builder::new_multi_thread().worker_threads(2)).build().unwrap();
        let main = async {
            let endless = async move {
                // Until the recorder finds out.
                let first = all.recv().unwrap();
                (first, all)
            };
            let (first, all) = tokio::spawn(endless.traced_as("endless")).await.unwrap();
            // What says that it blocks is none of its business.
            let blocks = async { block_in_place(|| busy(Duration::from_millis(60))) };
            tokio::spawn(blocks.traced_as("blocks")).await.unwrap();
            thread::spawn(|| busy(Duration::from_millis(60))).join().unwrap();
            (first, all)
        };
        let (first, all) = runtime.block_on(main);
        // On the only thread there is, nobody looks before it is over.
        let current = attach(&mut Builder::new_current_thread()).build().unwrap();
        current.block_on(async { busy(Duration::from_millis(31)) }.traced_as("long"));
        let second = all.recv().unwrap();
        drop((runtime, current));
        recording.stop().unwrap();
        let told = [told(&first), told(&second)];
        let [one, two] = &told;
        assert!(one.logs.len() == 1 && one.logs[0].starts_with("slow poll: task "), "{:?}", one.logs);
        assert!(one.logs[0].contains("endless@triggers.rs:"), "{:?}", one.logs);
        assert!(one.left.values().any(|state| state == "Running"), "{:?}", one.left);
        assert!(two.logs.last().unwrap().contains("long@triggers.rs:"), "{:?}", two.logs);
        assert!(two.logs.iter().all(|log| !log.contains("blocks@")), "{:?}", two.logs);
    });
}

fn busy(period: Duration) {
    let begin = Instant::now();
    while begin.elapsed() < period {
        std::hint::spin_loop();
    }
}

#[cfg(all(unix, feature = "signal"))]
#[test]
fn signals_with_a_limit_of_files() {
    in_turn(|| {
        let folder = tempfile::tempdir().unwrap();
        let (files, all) = files(folder.path());
        let mut recording = begin();
        recording.snapshot_on_signal(libc::SIGUSR2, files.keep(2)).unwrap();
        for number in 1..=4 {
            send_signal();
            let taken = all.recv().unwrap();
            assert!(taken.0.ends_with(format!("odd-{number:06}.out")), "{taken:?}");
            assert_eq!(taken.1, format!("signal {}", libc::SIGUSR2));
            told(&taken);
        }
        assert!(recording.snapshot_on_signal(libc::SIGKILL, self::files(folder.path()).0).is_err());
        recording.stop().unwrap();
        send_signal();
        let mut left: Vec<_> = folder.path().read_dir().unwrap().map(|file| file.unwrap().file_name()).collect();
        left.sort_unstable();
        assert_eq!(left, ["odd-000003.out", "odd-000004.out"]);
    });
}

#[cfg(all(unix, feature = "signal"))]
fn send_signal() {
    let status = std::process::Command::new("kill").args(["-USR2", &std::process::id().to_string()]).status();
    assert!(status.unwrap().success());
}

#[cfg(all(target_os = "linux", feature = "signal"))]
#[test]
fn other_signals_do_not_end_it() {
    in_turn(|| {
        let folder = tempfile::tempdir().unwrap();
        let (files, all) = files(folder.path());
        let mut recording = begin();
        recording.snapshot_on_signal(libc::SIGUSR2, files).unwrap();
        for _ in 0..20 {
            interrupt_triggers();
            send_signal();
            told(&all.recv().unwrap());
        }
        recording.stop().unwrap();
    });
}

/// Interrupts the system calls of the threads that wait for signals, by one that has a handler, too.
#[cfg(all(target_os = "linux", feature = "signal"))]
#[expect(unsafe_code, reason = "signals to threads have no other interface")]
fn interrupt_triggers() {
    extern "C" fn nothing(_: libc::c_int) {}
    // SAFETY: a handler that does nothing, and without `SA_RESTART`; the rest of the action may be zero.
    unsafe {
        let mut action: libc::sigaction = std::mem::zeroed();
        action.sa_sigaction = nothing as *const () as usize;
        assert_eq!(libc::sigaction(libc::SIGWINCH, &raw const action, std::ptr::null_mut()), 0);
    }
    let process = std::process::id();
    for thread in std::fs::read_dir("/proc/self/task").unwrap().flatten() {
        // A thread that is over meanwhile has no name.
        let name = std::fs::read_to_string(thread.path().join("comm")).unwrap_or_default();
        if name.starts_with("goroscope-trig") {
            let thread: u64 = thread.file_name().to_str().unwrap().parse().unwrap();
            // SAFETY: sends a signal that is handled to a thread of this process.
            unsafe { libc::syscall(libc::SYS_tgkill, u64::from(process), thread, u64::from(libc::SIGWINCH as u32)) };
        }
    }
}

#[test]
fn not_too_often() {
    in_turn(|| {
        let folder = tempfile::tempdir().unwrap();
        let (files, all) = files(folder.path());
        let mut recording = begin();
        recording.snapshot_on_slow_poll(Duration::ZERO, files.at_most_every(Duration::MAX)).unwrap();
        let runtime = attach(&mut Builder::new_current_thread()).build().unwrap();
        for _ in 0..20 {
            runtime.block_on(async {}.traced());
        }
        told(&all.recv().unwrap());
        for _ in 0..20 {
            runtime.block_on(async {}.traced());
        }
        drop(recording);
        assert_eq!(all.iter().count(), 0);
    });
}

#[test]
fn only_a_ring_has_snapshots() {
    in_turn(|| {
        let folder = tempfile::tempdir().unwrap();
        let mut recording = usual().start_writer(std::io::sink()).unwrap();
        assert!(recording.snapshot_on_panic(files(folder.path()).0).is_err());
        assert!(recording.snapshot_on_slow_poll(Duration::ZERO, files(folder.path()).0).is_err());
    });
}
