//! Long names, nothing at all, snapshots and files that follow each other, and files that cannot be written.

use std::sync::atomic::{AtomicBool, Ordering};
use std::time::Duration;

use goroscope_recorder::{FutureExt, RecordError, Recorder, Ring, Rotation, log, region, spawn, task, thread};
use tokio::task::yield_now;

use crate::counting::Count;
use crate::stage::{Dice, Memory, Runs, Stage, keep_checked, several, single};

/// A future with a type whose name is very long.
struct Wrapped<T>(T);

impl<T: Future + Unpin> Future for Wrapped<T> {
    type Output = T::Output;

    fn poll(mut self: std::pin::Pin<&mut Self>, context: &mut std::task::Context<'_>) -> std::task::Poll<Self::Output> {
        std::pin::Pin::new(&mut self.0).poll(context)
    }
}

/// Sixteen times what it is of.
type Often<T> = Wrapped<Wrapped<Wrapped<Wrapped<Wrapped<Wrapped<Wrapped<Wrapped<T>>>>>>>>;

fn often<T>(future: T) -> Often<T> {
    Wrapped(Wrapped(Wrapped(Wrapped(Wrapped(Wrapped(Wrapped(Wrapped(future))))))))
}

pub fn long_names(stage: &Stage) {
    stage.record("names", Runs::Plain, |count| {
        let mut dice = Dice::new();
        let main = async {
            let mut tasks = Vec::new();
            for _ in 0..50 {
                // Around the length at which texts are cut, of characters of one to four bytes.
                let letter = ["a", "ä", "語", "🦀", "\u{0}", "\n", "="][dice.below(7) as usize];
                let text: String = letter.repeat(1 + (1000 + dice.below(80) as usize) / letter.len());
                let name: &'static str = Box::leak(text.into_boxed_str());
                tasks.push(tokio::spawn(
                    count
                        .task(async move {
                            let part = task(name);
                            let _region = part.region(name);
                            let _other = region(name);
                            log(name, &name.repeat(3));
                            part.log("", "");
                            yield_now().await;
                        })
                        .traced_as(name),
                ));
                let deep = often(often(often(often(often(Box::pin(yield_now()))))));
                tasks.push(spawn(count.task(deep)));
                if !name.contains('\0') {
                    let thread = thread::Builder::new().name(name.repeat(3));
                    thread.spawn(count.job(|| log("a", "b"))).unwrap().join().unwrap();
                }
            }
            for task in tasks {
                task.await.unwrap();
            }
            drop(region(""));
            spawn(count.task(async {}.traced_inside(count))).await.unwrap();
        };
        several(2).block_on(count.task(main).traced());
    });
}

trait TracedInside: Future + Sized {
    /// The future itself: its name is as short as can be.
    fn traced_inside(self, _: &Count) -> Self {
        self
    }
}

impl<F: Future> TracedInside for F {}

pub fn nothing(stage: &Stage) {
    for number in 0..5 {
        stage.record(&format!("nothing-{number}"), Runs::Plain, |_| {});
    }
    drop(stage.builder().start(&stage.path("dropped")).unwrap());
    let builder = stage.builder().generation_period(Duration::ZERO);
    stage.record_with(builder, "periodless", Runs::Plain, |_| {});
}

/// Works until it is told to stop.
async fn busy(stop: &AtomicBool) {
    while !stop.load(Ordering::Relaxed) {
        let _region = region("turn");
        spawn(yield_now()).await.unwrap();
        tokio::time::sleep(Duration::from_micros(50)).await;
    }
}

pub fn snapshots(stage: &Stage) {
    let ring = Ring::default().bytes(1 << 20).last(Duration::from_millis(200));
    let recording = stage.builder().start_ring(ring).unwrap();
    let stop = AtomicBool::new(false);
    std::thread::scope(|scope| {
        scope.spawn(|| several(2).block_on(async { tokio::join!(busy(&stop), busy(&stop)) }.traced()));
        for number in 0..20 * stage.scale.min(3) {
            let memory = Memory::default();
            recording.snapshot_writer(memory.clone()).unwrap();
            keep_checked(&stage.path(&format!("snapshot-{number:03}")), &memory.take());
        }
        stop.store(true, Ordering::Relaxed);
    });
    let summary = recording.stop().unwrap();
    assert_eq!((summary.dropped, summary.repaired), (0, 0), "{summary:?}");
}

pub fn rotation(stage: &Stage) {
    let rotation = Rotation::default().at_bytes(20_000).keep_bytes(300_000);
    let builder = stage.builder().generation_period(Duration::from_millis(2));
    let recording = builder.start_rotating(&stage.path("rotating"), rotation).unwrap();
    let count = Count::default();
    let main = async {
        for _ in 0..100 * stage.scale {
            for _ in 0..20 {
                spawn(count.task(yield_now())).await.unwrap();
            }
            tokio::time::sleep(Duration::from_micros(100)).await;
        }
    };
    single().block_on(count.task(main).traced());
    let summary = recording.stop().unwrap();
    assert_eq!((summary.tasks, summary.polls), (count.tasks(), count.runs()));
    assert_eq!((summary.dropped, summary.repaired), (0, 0), "{summary:?}");
}

pub fn cannot_be_written(stage: &Stage) {
    let full = std::path::Path::new("/dev/full");
    if full.exists() {
        let recording = Recorder::builder().start(full).unwrap();
        several(1).block_on(yield_now().traced());
        let error = recording.stop().unwrap_err();
        let Some(RecordError::Output(cause)) = Some(&error) else { panic!("{error:?}") };
        assert_eq!(cause.kind(), std::io::ErrorKind::StorageFull);
        assert!(error.to_string().contains("cannot be written"), "{error}");
    }
    let missing = stage.folder.join("missing").join("trace.out");
    for error in [
        Recorder::builder().start(&missing).unwrap_err(),
        Recorder::builder().start(&stage.folder).unwrap_err(),
        Recorder::builder().start_rotating(&missing, Rotation::default()).unwrap_err(),
    ] {
        assert!(matches!(&error, RecordError::Output(_)), "{error:?}");
    }
    // None of that keeps the next one from beginning.
    stage.record("afterwards", Runs::Plain, |count| single().block_on(count.task(yield_now()).traced()));
}
