//! Too little memory: what is missing is counted, and the rest is right.

use goroscope_recorder::{FutureExt, log, spawn, thread};
use tokio::task::yield_now;

use crate::counting::Count;
use crate::stage::{Stage, several};

/// Records that do not fit are counted.
pub fn tiny(stage: &Stage) {
    for (number, memory) in [0, 1, 32 << 10, 64 << 10, 256 << 10].into_iter().enumerate() {
        let count = Count::default();
        let name = format!("tiny-{number}");
        let recording = stage.builder().memory(memory).start(&stage.path(&name)).unwrap();
        let main = async {
            for _ in 0..20 * stage.scale {
                let tasks: Vec<_> = (0..100)
                    .map(|_| {
                        spawn(count.task(async {
                            for _ in 0..20 {
                                log("turn", "over");
                                yield_now().await;
                            }
                        }))
                    })
                    .collect();
                for task in tasks {
                    task.await.unwrap();
                }
            }
        };
        several(2).block_on(count.task(main).traced());
        let summary = recording.stop().unwrap();
        let is_whole = summary.tasks == count.tasks() && summary.polls == count.runs();
        assert!(is_whole || summary.dropped > 0, "{count:?} {summary:?}");
        assert!(summary.repaired == 0 || summary.dropped > 0, "{summary:?}");
        Stage::expect(&name, &[("created", summary.tasks)]);
    }
}

/// Threads that get no memory at all: that is loss, too, and what they did to others' tasks must not be waited for.
pub fn none_for_threads(stage: &Stage) {
    let recording = stage.builder().memory(0).start(&stage.path("none")).unwrap();
    let meeting = std::sync::Barrier::new(8);
    thread::scope(|scope| {
        for _ in 0..8 {
            scope.spawn(|| {
                meeting.wait();
                log("thread", "there");
                meeting.wait();
            });
        }
    });
    let summary = recording.stop().unwrap();
    assert!(summary.tasks == 8 || summary.dropped > 0, "{summary:?}");
    assert!(summary.threads >= 8 || summary.dropped > 0, "{summary:?}");
}
