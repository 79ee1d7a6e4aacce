//! What the kernel tells of threads: where they run, and when they have no processor.
//!
//! Where the kernel refuses that, only the refusal is checked, and the test says so.

use std::hint::black_box;
use std::sync::mpsc;
use std::time::Duration;

use goroscope_recorder::{Recorder, Ring, Summary, Switches, attach, spawn, thread};
use tokio::task::yield_now;

use crate::harness::{Told, in_turn, read, record_with, usual};

/// Works for so much of its own processor time, and calls `between` now and then.
#[inline(never)]
fn spin_first(time: Duration) -> u64 {
    let mut state = 1_u64;
    until(time, || (0..1000).for_each(|step| state = black_box(state ^ step)));
    state
}

/// As `spin_first`, but it is another function.
#[inline(never)]
fn spin_second(time: Duration) -> u64 {
    let mut state = 2_u64;
    until(time, || (0..1000).for_each(|step| state = black_box(state | step)));
    state
}

#[inline]
fn until(time: Duration, mut work: impl FnMut()) {
    let end = processor() + time;
    while processor() < end {
        work();
    }
}

/// Processor time of this thread so far.
fn processor() -> Duration {
    clock(libc::CLOCK_THREAD_CPUTIME_ID)
}

/// The clock that the file's times are on, ns.
fn monotonic() -> u64 {
    clock(libc::CLOCK_MONOTONIC).as_nanos() as u64
}

#[expect(unsafe_code, reason = "a system call")]
fn clock(clock: libc::clockid_t) -> Duration {
    let mut time = libc::timespec { tv_sec: 0, tv_nsec: 0 };
    // SAFETY: `time` is a place for the result, and the call has no other effect.
    unsafe { libc::clock_gettime(clock, &raw mut time) };
    Duration::new(time.tv_sec as u64, time.tv_nsec as u32)
}

/// Whether the kernel was willing; it may say how often it was not.
fn was_heard(told: &Told) -> bool {
    let perf = told.note("perf").unwrap();
    let is_on = perf.starts_with("on");
    if !is_on {
        assert!(perf.starts_with("refused: "), "{perf}");
        assert_eq!(told.samples.len() + told.off().len(), 0);
        skipped(perf);
    }
    is_on
}

#[expect(clippy::print_stderr, reason = "a test that checks less than it could says so")]
fn skipped(why: &str) {
    eprintln!("not checked: {why}");
}

#[test]
fn samples_are_in_the_tasks_that_ran() {
    let told = record_with(usual().cpu_samples(1000), || {
        let runtime = attach(tokio::runtime::Builder::new_multi_thread().worker_threads(1)).build().unwrap();
        let task = |spin: fn(Duration) -> u64| async move {
            for _ in 0..20 {
                black_box(spin(Duration::from_millis(5)));
                yield_now().await;
            }
        };
        let main = async move {
            let (first, second) = (spawn(task(spin_first)), spawn(task(spin_second)));
            first.await.unwrap();
            second.await.unwrap();
        };
        runtime.block_on(goroscope_recorder::FutureExt::traced(main));
    });
    if !was_heard(&told) {
        return;
    }
    let [first, second] = ["spin_first", "spin_second"].map(|function| {
        let of_function =
            |sample: &&crate::harness::Sampled| sample.functions.iter().any(|name| name.ends_with(function));
        let samples: Vec<_> = told.samples.iter().filter(of_function).collect();
        assert!(!samples.is_empty(), "{function}: {:?}", told.samples);
        let mut gos: Vec<i64> = samples.iter().map(|sample| sample.go).collect();
        gos.sort_unstable();
        gos.dedup();
        let [go] = gos.as_slice() else { panic!("{function} ran in {gos:?}") };
        assert!(told.names.contains_key(go), "{go}: {:?}", told.names);
        *go
    });
    assert_ne!(first, second);
    // Nothing of the executor is around what the program did.
    let frames = told.samples.iter().filter(|sample| sample.go != 0).flat_map(|sample| &sample.functions);
    assert!(frames.clone().count() > 0);
    assert_eq!(told.summary.cpu_samples, told.samples.len() as u64);
}

#[inline(never)]
fn outer_call(work: fn()) {
    middle_call(work);
    black_box(());
}

#[inline(never)]
fn middle_call(work: fn()) {
    inner_call(work);
    black_box(());
}

#[inline(never)]
fn inner_call(work: fn()) {
    until(Duration::from_millis(60), work);
    black_box(());
}

async fn outer_await(work: fn()) {
    middle_await(work).await;
    black_box(());
}

async fn middle_await(work: fn()) {
    yield_now().await;
    outer_call(work);
    yield_now().await;
}

/// Whether each of these is in a function on the stack, in this order.
fn has(stack: &[String], chain: &[&str]) -> bool {
    let mut rest = stack.iter();
    chain.iter().all(|name| rest.any(|function| function.contains(name)))
}

#[test]
fn samples_have_their_callers() {
    // Short functions with a frame and without, those of the system's library, and what the kernel brings along.
    let works: [fn(); 3] = [
        || {
            (0..1000).for_each(|step| {
                black_box(step);
            });
        },
        || {
            black_box([1_u8; 400]);
        },
        || {
            black_box(std::time::Instant::now());
        },
    ];
    let chain = ["inner_call", "middle_call", "outer_call"];
    for work in works {
        let told = record_with(usual().cpu_samples(1000), || {
            let runtime = attach(&mut tokio::runtime::Builder::new_current_thread()).build().unwrap();
            runtime.block_on(goroscope_recorder::FutureExt::traced_as(outer_await(work), "awaits"));
            thread::spawn(move || outer_call(work)).join().unwrap();
        });
        if !was_heard(&told) {
            return;
        }
        let task = told.named("awaits")[0];
        let of_work = told.samples.iter().filter(|sample| has(&sample.functions, &chain[..1]));
        let (in_task, on_thread): (Vec<_>, Vec<_>) = of_work.partition(|sample| sample.go == task);
        assert!(!in_task.is_empty() && !on_thread.is_empty(), "{:?}", told.samples);
        for sample in in_task.iter().chain(&on_thread) {
            assert!(has(&sample.functions, &chain), "{sample:?}");
            assert!(!sample.functions.iter().any(|name| name.starts_with("tokio::runtime::")), "{sample:?}");
        }
        // Debug information of lines only has no names for async functions, but there is one frame for each.
        for sample in in_task {
            let rest = sample.functions.iter().skip_while(|name| !name.contains("outer_call"));
            assert_eq!(rest.filter(|name| name.contains("kernel")).count(), 3, "{sample:?}");
        }
        // What ran but for a moment may have been anywhere.
        let whole = told.samples.iter().filter(|sample| has(&sample.functions, &chain)).count();
        assert!(whole * 10 > told.samples.len() * 8, "{whole} of {:?}", told.samples);
    }
}

/// Calls itself with a kilobyte each time.
#[inline(never)]
fn deep_call(depth: u32) -> u8 {
    let room = black_box([depth as u8; 1024]);
    match depth {
        0 => until(Duration::from_millis(30), || {
            black_box(depth);
        }),
        _ => {
            black_box(deep_call(depth - 1));
        }
    }
    room[1023]
}

#[test]
fn of_a_deep_stack_there_is_the_top() {
    let told = record_with(usual().cpu_samples(1000), || {
        thread::spawn(|| black_box(deep_call(100))).join().unwrap();
    });
    if !was_heard(&told) {
        return;
    }
    let depth = |functions: &[String]| functions.iter().filter(|name| name.contains("deep_call")).count();
    let deepest = told.samples.iter().map(|sample| depth(&sample.functions)).max().unwrap_or(0);
    if told.note("frame_pointers") == Some("absent") {
        // How much is copied depends on how much memory there is for rings.
        assert!((1..=17).contains(&deepest), "{deepest}: {:?}", told.samples);
    } else {
        assert!(deepest > 90, "{deepest}: {:?}", told.samples);
    }
}

#[test]
fn time_on_and_off_the_processor_is_all_there_is() {
    const SLEEPS: usize = 30;
    let (send, bounds) = mpsc::channel();
    let told = record_with(usual().kernel_switches(Switches::Recorded).generation_bytes(200), || {
        let sleeper = move || {
            let begin = (monotonic(), processor());
            for _ in 0..SLEEPS {
                std::thread::park_timeout(Duration::from_micros(200));
                black_box(spin_first(Duration::from_micros(200)));
                goroscope_recorder::log("turn", "over");
            }
            send.send((begin.0, monotonic(), processor().saturating_sub(begin.1))).unwrap();
        };
        thread::spawn(sleeper).join().unwrap();
    });
    if !was_heard(&told) {
        return;
    }
    let (begin, end, busy) = bounds.recv().unwrap();
    // The other thread is the one that waits for it.
    let off = told.off();
    let (_, slices) = off.last().unwrap();
    assert!(slices.iter().all(|slice| slice.kind <= 1));
    assert!(slices.windows(2).all(|pair| pair[0].time + pair[0].dur <= pair[1].time), "{slices:?}");
    // A sleep may be over before the thread has lost the processor, but hardly all of them.
    let within = slices.iter().filter(|slice| slice.time >= begin && slice.time < end);
    assert!(within.filter(|slice| slice.kind == 0).count() > 0, "{slices:?}");
    // It either has a processor or not: what the kernel counted itself is the rest, but for the way in between.
    let off = |slice: &goroscope_wire::Slice| (slice.time + slice.dur).min(end).saturating_sub(slice.time.max(begin));
    let sum = Duration::from_nanos(slices.iter().map(off).sum()) + busy;
    let elapsed = Duration::from_nanos(end - begin);
    assert!(sum <= elapsed + elapsed / 5, "{sum:?} of {elapsed:?}");
}

#[test]
fn slices_are_in_each_part_of_a_ring() {
    in_turn(|| {
        let builder = usual().cpu_samples(100).kernel_switches(Switches::Recorded);
        let recording = builder.start_ring(Ring::default()).unwrap();
        let (begun, begins) = mpsc::channel();
        let (end, ends) = mpsc::channel::<()>();
        let waits = thread::spawn(move || {
            begun.send(()).unwrap();
            ends.recv().unwrap_err();
        });
        begins.recv().unwrap();
        // It waits all the time, and that is told in each snapshot.
        let mut starts = Vec::new();
        while starts.len() < 3 {
            let mut bytes = Vec::new();
            recording.snapshot_writer(&mut bytes).unwrap();
            let told = read(bytes);
            if !was_heard(&told) {
                break;
            }
            if let Some(last) = told.off().first().and_then(|(_, slices)| slices.last()) {
                starts.push(last.time + last.dur);
            }
        }
        assert!(starts.is_sorted(), "{starts:?}");
        drop(end);
        waits.join().unwrap();
        recording.stop().unwrap();
    });
}

#[test]
fn nothing_is_asked_unless_somebody_wants_it() {
    let told = record_with(usual(), || thread::spawn(|| ()).join().unwrap());
    assert_eq!(told.note("perf"), Some("off"));
    assert_eq!((told.summary.cpu_samples, told.summary.kernel_lost), (0, 0));
}

#[test]
fn a_refusal_is_told() {
    for (code, advice) in [(libc::EPERM, "--cap-add PERFMON"), (libc::ENOSYS, "gVisor"), (libc::EACCES, "")] {
        let (told, summary) = in_turn(|| std::thread::spawn(move || recorded_behind_a_filter(code)).join().unwrap());
        let perf = told.note("perf").unwrap();
        assert!(perf.starts_with("refused: "), "{perf}");
        // Where the setting forbids it, too, that is what is told.
        assert!(perf.contains(advice) || perf.contains("perf_event_paranoid"), "{perf}");
        assert_eq!((summary.tasks, summary.cpu_samples, told.off().len()), (1, 0, 0));
    }
}

/// Records on a thread on which the kernel answers `perf_event_open` with an error.
fn recorded_behind_a_filter(code: i32) -> (Told, Summary) {
    forbid(code);
    let memory = crate::harness::Memory::default();
    let builder = Recorder::builder().cpu_samples(100).kernel_switches(Switches::Recorded);
    let recording = builder.start_writer(memory.clone()).unwrap();
    thread::spawn(|| black_box(spin_second(Duration::from_millis(1)))).join().unwrap();
    let summary = recording.stop().unwrap();
    (read(memory.take()), summary)
}

/// Has the kernel answer so from now on, to this thread and those that it begins.
#[expect(unsafe_code, reason = "system calls")]
fn forbid(code: i32) {
    const NUMBER: u32 = 0;
    let step = |code: u32, jt, jf, k| libc::sock_filter { code: code as u16, jt, jf, k };
    let load = step(libc::BPF_LD | libc::BPF_W | libc::BPF_ABS, 0, 0, NUMBER);
    let is_it = step(libc::BPF_JMP | libc::BPF_JEQ | libc::BPF_K, 0, 1, libc::SYS_perf_event_open as u32);
    let answer = |value| step(libc::BPF_RET | libc::BPF_K, 0, 0, value);
    let (error, allow) = (answer(libc::SECCOMP_RET_ERRNO | code as u32), answer(libc::SECCOMP_RET_ALLOW));
    let mut steps = [load, is_it, error, allow];
    let program = libc::sock_fprog { len: steps.len() as u16, filter: steps.as_mut_ptr() };
    // SAFETY: the program is valid, and concerns this thread only, which is over soon.
    unsafe {
        assert_eq!(libc::prctl(libc::PR_SET_NO_NEW_PRIVS, 1, 0, 0, 0), 0);
        assert_eq!(libc::prctl(libc::PR_SET_SECCOMP, libc::SECCOMP_MODE_FILTER, &raw const program), 0);
    }
}
