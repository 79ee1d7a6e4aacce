//! HTTP servers: traces on request, and requests as tasks.
//!
//! * [`trace_service`] answers `/debug/pprof/trace?seconds=5` as Go's `net/http/pprof` does.
//! * [`RequestLayer`] shows the handling of each request as a task, called after its method and path.
//! * [`Executor`] is for hyper, which then spawns traced tasks.

mod executor;
mod layer;
mod names;
mod service;
mod session;

pub use self::executor::Executor;
pub use self::layer::{RequestLayer, Requests};
pub use self::service::{TraceBody, TraceService, trace_service};
