//! HTTP servers: traces on request, and requests as tasks.
//!
//! * [`trace_service`] answers `/debug/pprof/trace?seconds=5` as Go's `net/http/pprof` does.
//! * [`RequestLayer`] shows the handling of each request as a task, called after its method and path.
//! * [`Executor`] is for hyper, which then spawns traced tasks.
//!
//! ```
//! use axum::Router;
//! use axum::body::Body;
//! use axum::routing::{get, get_service};
//! use goroscope_recorder::Recorder;
//! use goroscope_recorder::http::{RequestLayer, trace_service};
//! use hyper::Request;
//! use tower_service::Service as _;
//!
//! # #[tokio::main(flavor = "current_thread")]
//! # async fn main() -> Result<(), Box<dyn std::error::Error>> {
//! let mut app = Router::new()
//!     .route("/", get(|| async { "hello" }))
//!     .layer(RequestLayer::new())
//!     .route("/debug/pprof/trace", get_service(trace_service()));
//! let recording = Recorder::builder().start_writer(std::io::sink())?;
//! assert!(app.call(Request::get("/").body(Body::empty())?).await?.status().is_success());
//! assert_eq!(recording.stop()?.tasks, 1);
//! # Ok(())
//! # }
//! ```

mod executor;
mod layer;
mod names;
mod service;
mod session;

pub use self::executor::Executor;
pub use self::layer::{RequestLayer, Requests};
pub use self::service::{TraceBody, TraceService, trace_service};
