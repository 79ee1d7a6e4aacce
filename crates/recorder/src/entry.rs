//! What `#[goroscope_recorder::main]` makes of a main function calls this; it is not for others.

use std::future::Future;
use std::io::Write;
use std::path::PathBuf;
use std::time::Duration;

pub use tokio::runtime::Builder;

use crate::hooks::attach;
use crate::recorder::{Compat, RecordError, Recorder, Recording};
use crate::site::Site;
use crate::snapshot::Ring;
use crate::traced::Traced;

/// Where the trace goes, if not where the attribute says; or that there is none.
const VARIABLE: &str = "GOROSCOPE_TRACE";

/// What is recorded of the main function, and where to.
#[derive(Debug)]
pub struct Entry {
    path: PathBuf,
    compat: Compat,
    ring: Option<Ring>,
}

impl Default for Entry {
    fn default() -> Self {
        Self { path: "trace.out".into(), compat: Compat::Go125, ring: None }
    }
}

impl Entry {
    /// The file.
    #[must_use]
    pub fn path(self, path: &str) -> Self {
        Self { path: path.into(), ..self }
    }

    /// The oldest tools that should read it.
    #[must_use]
    pub fn compat(self, compat: Compat) -> Self {
        Self { compat, ..self }
    }

    /// Only the last part is kept, and written at the end.
    #[must_use]
    pub fn ring(self, period: Option<Duration>) -> Self {
        let ring = Ring::default();
        Self { ring: Some(period.map_or(ring, |period| ring.last(period))), ..self }
    }

    /// Runs the main function as a traced task on a runtime that tells of its workers. The file is complete then.
    ///
    /// # Panics
    ///
    /// If there can be no runtime, as with tokio's attribute, and if the function panics; the file is complete then, too.
    #[track_caller]
    pub fn run<F: Future>(self, builder: &mut Builder, main: F) -> F::Output {
        // Dropped after the runtime, so that how its tasks end is in the trace.
        let on = self.begin();
        let runtime = match attach(builder).build() {
            Ok(runtime) => runtime,
            Err(error) => panic!("there is no runtime: {error}"),
        };
        let output = runtime.block_on(Traced::at(Site::of::<F>(), main));
        drop(runtime);
        drop(on);
        output
    }

    /// Whatever goes wrong with the recording, the program runs, and somebody is told.
    fn begin(mut self) -> Option<On> {
        match std::env::var_os(VARIABLE) {
            Some(value) if value == "off" => return None,
            Some(value) if !value.is_empty() => self.path = value.into(),
            Some(_) | None => {}
        }
        let builder = Recorder::builder().compat(self.compat);
        let recording = match self.ring {
            None => builder.start(&self.path),
            Some(ring) => builder.start_ring(ring),
        };
        match recording {
            Ok(recording) => Some(On { recording: Some(recording), entry: self }),
            Err(error) => {
                tell(&error);
                None
            }
        }
    }
}

fn tell(error: &RecordError) {
    // If even that cannot be told, there is nobody to tell.
    let _ = writeln!(std::io::stderr(), "goroscope-recorder: no trace: {error}");
}

/// The recording of the main function, until this is dropped.
struct On {
    recording: Option<Recording>,
    entry: Entry,
}

impl Drop for On {
    fn drop(&mut self) {
        let Some(recording) = self.recording.take() else { return };
        let ended = match self.entry.ring {
            None => Ok(()),
            Some(_) => recording.snapshot(&self.entry.path).map(|_| ()),
        };
        if let Err(error) = ended.and_then(|()| recording.stop().map(|_| ())) {
            tell(&error);
        }
    }
}
