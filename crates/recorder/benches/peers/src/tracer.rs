//! What records, if anything does: a runtime that is recorded, and a way to spawn tasks that are.

use std::future::Future;
use std::sync::OnceLock;

use anyhow::{Result, bail};
use tokio::task::JoinHandle;

/// Who records.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Tracer {
    /// Nobody, and nothing in the program could.
    Without,
    /// goroscope-recorder is in the program, but off.
    Off,
    /// It records without stacks.
    Events,
    /// It records.
    Full,
    /// dial9 records, with wakes of the tasks that are spawned through it.
    #[cfg(feature = "dial9")]
    Dial9,
    /// What tokio-console would show is collected.
    #[cfg(feature = "console")]
    Console,
    /// tokio's spans are formatted by tracing-chrome, and thrown away.
    #[cfg(feature = "chrome")]
    Chrome,
}

/// How tasks are spawned from now on.
static CHOSEN: OnceLock<Tracer> = OnceLock::new();

impl Tracer {
    /// By its name on the command line.
    pub fn named(name: &str) -> Result<Self> {
        Ok(match name {
            "without" => Self::Without,
            "off" => Self::Off,
            "events" => Self::Events,
            "full" => Self::Full,
            #[cfg(feature = "dial9")]
            "dial9" => Self::Dial9,
            #[cfg(feature = "console")]
            "console" => Self::Console,
            #[cfg(feature = "chrome")]
            "chrome" => Self::Chrome,
            other => bail!("no tracer `{other}` in this program"),
        })
    }

    /// Runs `work` on a runtime with so many workers, records it, and gives its result.
    pub fn run<F>(self, workers: usize, work: F) -> Result<F::Output>
    where
        F: Future + Send + 'static,
        F::Output: Send + 'static,
    {
        let _ = CHOSEN.set(self);
        let mut builder = tokio::runtime::Builder::new_multi_thread();
        builder.worker_threads(workers).enable_all();
        let folder = std::env::temp_dir().join(format!("goroscope-peers-{}", std::process::id()));
        std::fs::create_dir_all(&folder)?;
        let result = match self {
            Self::Without => builder.build()?.block_on(async { spawn(work).await }),
            Self::Off => goroscope_recorder::attach(&mut builder).build()?.block_on(async { spawn(work).await }),
            Self::Events | Self::Full => {
                let stacks = match self {
                    Self::Events => goroscope_recorder::Stacks::None,
                    _ => goroscope_recorder::Stacks::Recorded,
                };
                let settings = goroscope_recorder::Recorder::builder().memory(1 << 30).stacks(stacks);
                let recording = settings.start(&folder.join("trace.out"))?;
                let result = goroscope_recorder::attach(&mut builder).build()?.block_on(async { spawn(work).await });
                let summary = recording.stop()?;
                let events = summary.polls * 2 + summary.wakes;
                eprintln!(
                    "{} bytes, {events} polls' begins, ends and wakes, {} dropped",
                    summary.bytes, summary.dropped
                );
                result
            }
            #[cfg(feature = "dial9")]
            Self::Dial9 => by_dial9(builder, &folder, work)?,
            #[cfg(feature = "console")]
            Self::Console => {
                console_subscriber::ConsoleLayer::builder().server_addr(([127, 0, 0, 1], 0)).init();
                builder.build()?.block_on(async { spawn(work).await })
            }
            #[cfg(feature = "chrome")]
            Self::Chrome => {
                use tracing_subscriber::layer::SubscriberExt;
                use tracing_subscriber::util::SubscriberInitExt;

                // It knows no limit: a minute of this would fill a disk.
                let layer = tracing_chrome::ChromeLayerBuilder::new().writer(std::io::sink());
                let (layer, _guard) = layer.build();
                tracing_subscriber::registry().with(layer).init();
                builder.build()?.block_on(async { spawn(work).await })
            }
        };
        std::fs::remove_dir_all(&folder)?;
        Ok(result?)
    }
}

/// Spawns a task that is recorded.
pub fn spawn<F>(future: F) -> JoinHandle<F::Output>
where
    F: Future + Send + 'static,
    F::Output: Send + 'static,
{
    match CHOSEN.get() {
        Some(Tracer::Off | Tracer::Events | Tracer::Full) => goroscope_recorder::spawn(future),
        #[cfg(feature = "dial9")]
        Some(Tracer::Dial9) => dial9::spawn(future),
        _ => tokio::spawn(future),
    }
}

/// Runs `work` on a runtime of this kind, and dial9 records it into the folder.
#[cfg(feature = "dial9")]
fn by_dial9<F>(
    builder: tokio::runtime::Builder,
    folder: &std::path::Path,
    work: F,
) -> Result<Result<F::Output, tokio::task::JoinError>>
where
    F: Future + Send + 'static,
    F::Output: Send + 'static,
{
    use dial9::Dial9HandleTokioExt;

    let writer = dial9::DiskBuffer::builder().base_path(folder).max_total_size(1 << 30).max_file_size(100 << 20);
    let recorder = dial9::recorder(writer.build()?).build();
    let options = dial9::TokioAttachOptions::builder().task_tracking_enabled(true).build();
    let runtime = recorder.handle().attach_tokio_runtime(builder, options)?;
    let result = runtime.block_on(async { spawn(work).await });
    drop(runtime);
    recorder.graceful_shutdown(std::time::Duration::from_secs(5));
    Ok(result)
}
