//! What the pages in `docs/recorder/` claim of the programs' traces, and `examples/pubsub/README.md` of its own.

mod told;

use pubsub::{Config, Mode};
use told::{Doings, Told, told};
use waits::{Example, Variant, record};

fn of(example: Example, variant: Variant) -> Told {
    told(&format!("{example:?}-{variant:?}"), |memory| {
        let (_, summary) = record(example, variant, memory).expect("a recording");
        assert_eq!((summary.dropped, summary.repaired), (0, 0), "{summary:?}");
    })
}

/// Both variants of a program, and what its page says of them.
fn check(example: Example, claim: impl FnOnce(&Told, &Told)) {
    claim(&of(example, Variant::Before), &of(example, Variant::After));
}

#[test]
fn tasks_queue_up_for_a_lock() {
    check(Example::LockConvoy, |before, after| {
        let (before, after) = (before.of("lock_convoy::ask"), after.of("lock_convoy::ask"));
        assert_eq!(before.longest(), "sync");
        assert_eq!(after.longest(), "chan receive");
        // Eight of them: one waits for the store, seven for the lock.
        assert!(before.time("sync") > 4 * before.time("chan receive"), "{before:?}");
        assert!(after.time("sync") < before.time("sync") / 4, "{after:?}");
    });
}

#[test]
fn the_lock_is_on_the_stack() {
    let told = of(Example::LockConvoy, Variant::Before);
    let has = |name: &str| told.stacks["sync"].iter().any(|function| function.contains(name));
    assert!(has("lock_convoy::holding") && has("lock_convoy::ask"), "{:?}", told.stacks["sync"]);
}

#[test]
fn calls_that_block_keep_the_workers() {
    check(Example::BlockingCall, |before, after| {
        // The jobs are closures of the same function, and so called after it, too.
        let (ours, pool) = (before.of("blocking_call::answer"), after.of("blocking_call::answer"));
        assert_eq!(ours.longest(), "runnable");
        assert_eq!((ours.polls, ours.count("sync")), (20, 0), "{ours:?}");
        // Each waits for its job, and runs again when that is done.
        assert_eq!((pool.polls, pool.count("sync")), (60, 20), "{pool:?}");
        // A call keeps what it is made on for 10 ms: a worker, or a thread of the pool. The clock may be a little off.
        let long = |doings: &Doings| doings.each.iter().filter(|ran| **ran > 9_900_000).count();
        assert_eq!((ours.each.len(), long(&ours)), (20, 20), "{ours:?}");
        assert!(pool.each.len() == 40 && long(&pool) >= 20, "{pool:?}");
    });
}

#[test]
fn a_task_without_an_await_starves_others() {
    check(Example::StarvingTask, |before, after| {
        let (starved, starving) = (before.of("starving_task::answer"), before.of("starving_task::compress"));
        assert_eq!(starved.longest(), "runnable");
        assert_eq!((starving.polls, starving.count("runtime.Gosched")), (1, 0), "{starving:?}");
        let (fed, polite) = (after.of("starving_task::answer"), after.of("starving_task::compress"));
        assert_eq!((polite.polls, polite.count("runtime.Gosched")), (201, 200), "{polite:?}");
        assert!(fed.time("runnable") < starved.time("runnable"), "{fed:?}");
    });
}

#[test]
fn a_timer_made_anew_never_fires() {
    check(Example::SelectLoop, |before, after| {
        let (late, regular) =
            (before.of("select_loop::timer_in_the_loop"), after.of("select_loop::timer_before_the_loop"));
        assert_eq!((late.longest(), regular.longest()), ("select", "select"));
        let flushes = |told: &Told| told.regions.get("flush").copied().unwrap_or(0);
        assert!(flushes(before) < flushes(after), "{} and {}", flushes(before), flushes(after));
    });
}

#[test]
fn a_wake_for_each_line() {
    check(Example::ThreadsAndTasks, |before, after| {
        let (each, batched) = (before.of("threads_and_tasks::count_lines"), after.of("threads_and_tasks::count_lines"));
        let waits = (each.count("chan receive"), batched.count("chan receive"));
        assert!(waits.0 > 4 * waits.1, "{waits:?}");
        assert!(each.polls > 4 * batched.polls, "{} and {}", each.polls, batched.polls);
        assert!(before.functions.contains_key("threads_and_tasks::run"), "the thread: {:?}", before.functions.keys());
    });
}

#[test]
fn who_holds_the_lock() {
    check(Example::HeldLock, |before, after| {
        let (slow, fast) = (before.of("held_lock::run"), after.of("held_lock::run"));
        // Two that count, and the one that reports.
        assert_eq!((slow.each.len(), fast.each.len()), (3, 3));
        assert!(before.stacks["sync"].iter().any(|function| function.contains("held_lock::count")));
        assert!(slow.wakers.get("held_lock::run").copied().unwrap_or(0) >= 10, "{slow:?}");
        // Ten reports, of 5 ms each.
        assert!(before.tasks["statistics held"] > 50_000_000, "{:?}", before.tasks);
        assert!(after.tasks["statistics held"] < before.tasks["statistics held"] / 2, "{:?}", after.tasks);
        assert!(fast.time("sync") < slow.time("sync") / 2, "{fast:?}");
    });
}

#[test]
fn one_worker_has_nearly_all_the_work() {
    check(Example::UnevenChunks, |before, after| {
        let (chunks, texts) = (before.of("uneven_chunks::count_all"), after.of("uneven_chunks::count_all"));
        let share =
            |jobs: &Doings| jobs.each.iter().max().copied().unwrap_or(0) as f64 / jobs.each.iter().sum::<i64>() as f64;
        assert_eq!((chunks.each.len(), texts.each.len()), (2, 32));
        assert!(share(&chunks) > 0.6, "{:?}", chunks.each);
        assert!(share(&texts) < 0.4, "{:?}", texts.each);
    });
}

fn bus(mode: Mode) -> Told {
    told(&format!("pubsub-{mode}"), |memory| {
        let config = Config::new(mode);
        let summary = pubsub::record(config, memory).expect("a recording");
        let sent = config.messages * config.subscribers as u64;
        assert_eq!((summary.delivered + summary.dropped, summary.received), (sent, summary.delivered));
        assert_eq!((summary.recorded.dropped, summary.recorded.repaired), (0, 0));
    })
}

#[test]
fn one_task_walks_the_subscribers() {
    let told = bus(Mode::Serial);
    let walker = told.of("bus::fan_out");
    assert_eq!(walker.longest(), "network");
    assert_eq!(told.of("server::publish").longest(), "chan send");
    assert_eq!(told.regions["write"], 250 * 12);
    assert_eq!((told.regions["fan-out"], told.regions["publish"]), (250, 250));
    assert!(!told.functions.contains_key("bus::write_all"));
}

#[test]
fn every_subscriber_has_a_task() {
    let told = bus(Mode::Concurrent);
    let walker = told.of("bus::fan_out");
    assert_eq!(walker.time("network"), 0, "{walker:?}");
    assert!(told.of("bus::write_all").count("chan receive") > 0);
    assert!(told.polls() > 0);
}
