//! hyper's way to spawn tasks.

use std::future::Future;
use std::panic::Location;

use crate::site::Site;
use crate::traced::Traced;

/// Spawns what hyper spawns, traced.
///
/// ```
/// use goroscope_recorder::http::Executor;
/// use hyper::rt::Executor as _;
///
/// # #[tokio::main(flavor = "current_thread")]
/// # async fn main() {
/// // As the executor of a connection: hyper_util::server::conn::auto::Builder::new(Executor::new("connection"))
/// Executor::new("connection").execute(async {});
/// # }
/// ```
#[derive(Clone, Copy, Debug)]
pub struct Executor {
    site: Site,
}

impl Executor {
    /// Tasks are called after the name and the place of this call.
    ///
    /// ```
    /// use goroscope_recorder::Recorder;
    /// use goroscope_recorder::http::Executor;
    /// use hyper::rt::Executor as _;
    ///
    /// # #[tokio::main(flavor = "current_thread")]
    /// # async fn main() -> Result<(), Box<dyn std::error::Error>> {
    /// let recording = Recorder::builder().start_writer(std::io::sink())?;
    /// let (sender, receiver) = tokio::sync::oneshot::channel();
    /// Executor::new("connection").execute(async { sender.send(42).unwrap() });
    /// assert_eq!(receiver.await?, 42);
    /// assert_eq!(recording.stop()?.tasks, 1);
    /// # Ok(())
    /// # }
    /// ```
    #[track_caller]
    pub fn new(name: &'static str) -> Self {
        Self { site: Site { location: Location::caller(), name } }
    }
}

impl<F> hyper::rt::Executor<F> for Executor
where
    F: Future + Send + 'static,
    F::Output: Send + 'static,
{
    fn execute(&self, future: F) {
        tokio::spawn(Traced::at(self.site, future));
    }
}
