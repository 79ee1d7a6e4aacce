//! Traces on request.

use std::convert::Infallible;
use std::future::Future;
use std::pin::Pin;
use std::sync::Arc;
use std::sync::atomic::{AtomicUsize, Ordering};
use std::sync::mpsc::Sender;
use std::task::{Context, Poll, ready};
use std::time::Duration;

use hyper::body::{Body, Bytes, Frame};
use hyper::header::{CONTENT_DISPOSITION, CONTENT_TYPE, HeaderValue, X_CONTENT_TYPE_OPTIONS};
use hyper::{Request, Response, StatusCode};
use tokio::sync::mpsc::UnboundedReceiver;
use tower_service::Service;

use super::session::{self, Wanted};
use crate::recorder::{Builder, RecordError, Recorder};
use crate::snapshot::Part;

/// How long is recorded if there is nothing in memory and nobody says, as in Go.
const USUAL: Duration = Duration::from_secs(1);

/// Answers with traces, as `/debug/pprof/trace` of Go's `net/http/pprof`.
///
/// With `?seconds=5` the next five seconds, whether something is recorded anyway or not, and only for one client at a time.
/// Without it, what a ring keeps, or else the next second. A client that goes away ends it.
///
/// ```
/// use axum::{Router, routing::get_service};
/// use goroscope_recorder::http::trace_service;
///
/// let app: Router = Router::new().route("/debug/pprof/trace", get_service(trace_service()));
/// ```
///
/// ```sh
/// curl -o trace.out 'http://localhost:8080/debug/pprof/trace?seconds=5' && goroscope trace.out
/// ```
///
/// Like Go's, it should not be open to everybody: a trace tells a lot, and costs something.
pub fn trace_service() -> TraceService {
    TraceService { builder: Recorder::builder() }
}

/// The service of [`trace_service`].
///
/// ```
/// use goroscope_recorder::http::{TraceService, trace_service};
/// use hyper::{Request, StatusCode};
/// use tower_service::Service as _;
///
/// # #[tokio::main(flavor = "current_thread")]
/// # async fn main() -> Result<(), Box<dyn std::error::Error>> {
/// let mut service: TraceService = trace_service();
/// let response = service.call(Request::get("/debug/pprof/trace?seconds=soon").body(())?).await?;
/// assert_eq!(response.status(), StatusCode::BAD_REQUEST);
/// # Ok(())
/// # }
/// ```
#[derive(Clone, Debug)]
pub struct TraceService {
    builder: Builder,
}

impl TraceService {
    /// Settings for what is recorded only for a request.
    ///
    /// ```
    /// use goroscope_recorder::{Compat, Recorder, http::trace_service};
    ///
    /// let service = trace_service().recorder(Recorder::builder().compat(Compat::Go122));
    /// ```
    #[must_use]
    pub fn recorder(mut self, builder: Builder) -> Self {
        self.builder = builder;
        self
    }
}

impl<B> Service<Request<B>> for TraceService {
    type Response = Response<TraceBody>;
    type Error = Infallible;
    type Future = Pin<Box<dyn Future<Output = Result<Response<TraceBody>, Infallible>> + Send>>;

    fn poll_ready(&mut self, _: &mut Context<'_>) -> Poll<Result<(), Infallible>> {
        Poll::Ready(Ok(()))
    }

    fn call(&mut self, request: Request<B>) -> Self::Future {
        let wanted = wanted(request.uri().query().unwrap_or_default());
        let builder = self.builder;
        Box::pin(async move {
            let Some(wanted) = wanted else {
                return Ok(refused(StatusCode::BAD_REQUEST, "seconds must be a number greater than 0"));
            };
            Ok(match session::begin(builder, wanted).await {
                Ok(body) => answer(body),
                Err(error) => refused(StatusCode::INTERNAL_SERVER_ERROR, &format!("Could not enable tracing: {error}")),
            })
        })
    }
}

/// What a query asks for; `None` if that cannot be.
fn wanted(query: &str) -> Option<Wanted> {
    let mut values = query.split('&').filter_map(|pair| pair.strip_prefix("seconds="));
    let Some(value) = values.next().filter(|value| !value.is_empty()) else { return Some(Wanted::Kept(USUAL)) };
    let period = Duration::try_from_secs_f64(value.parse().ok()?).ok()?;
    (!period.is_zero()).then_some(Wanted::Next(period))
}

fn answer(body: TraceBody) -> Response<TraceBody> {
    let mut response = Response::new(body);
    let headers = response.headers_mut();
    headers.insert(X_CONTENT_TYPE_OPTIONS, HeaderValue::from_static("nosniff"));
    headers.insert(CONTENT_TYPE, HeaderValue::from_static("application/octet-stream"));
    headers.insert(CONTENT_DISPOSITION, HeaderValue::from_static("attachment; filename=\"trace\""));
    response
}

fn refused(status: StatusCode, text: &str) -> Response<TraceBody> {
    let mut response = Response::new(TraceBody(Content::Text(Some(Bytes::from(format!("{text}\n"))))));
    *response.status_mut() = status;
    let headers = response.headers_mut();
    headers.insert(X_CONTENT_TYPE_OPTIONS, HeaderValue::from_static("nosniff"));
    headers.insert(CONTENT_TYPE, HeaderValue::from_static("text/plain; charset=utf-8"));
    headers.insert("x-go-pprof", HeaderValue::from_static("1"));
    response
}

/// A trace while it is made, or why there is none.
///
/// ```
/// use goroscope_recorder::http::{TraceBody, trace_service};
/// use goroscope_recorder::{Recorder, Ring};
/// use http_body_util::BodyExt as _;
/// use tower_service::Service as _;
///
/// # #[tokio::main(flavor = "current_thread")]
/// # async fn main() -> Result<(), Box<dyn std::error::Error>> {
/// let recording = Recorder::builder().start_ring(Ring::default())?;
/// let response = trace_service().call(hyper::Request::get("/debug/pprof/trace").body(())?).await?;
/// let body: TraceBody = response.into_body();
/// assert!(body.collect().await?.to_bytes().starts_with(b"go 1.25 trace"));
/// # drop(recording);
/// # Ok(())
/// # }
/// ```
#[derive(Debug)]
pub struct TraceBody(Content);

#[derive(Debug)]
enum Content {
    Text(Option<Bytes>),
    Trace(Stream),
}

/// The parts of a trace; whoever makes them learns when nobody wants them any more.
#[derive(Debug)]
pub(super) struct Stream {
    pub received: UnboundedReceiver<Result<Bytes, RecordError>>,
    /// Bytes that were made and not taken.
    pub pending: Arc<AtomicUsize>,
    pub back: Sender<Part>,
}

impl TraceBody {
    pub(super) fn of(stream: Stream) -> Self {
        Self(Content::Trace(stream))
    }
}

impl Drop for Stream {
    fn drop(&mut self) {
        // If everything was sent, nobody waits for that.
        let _ = self.back.send(Part::Gone);
    }
}

impl Body for TraceBody {
    type Data = Bytes;
    type Error = RecordError;

    fn poll_frame(
        mut self: Pin<&mut Self>,
        context: &mut Context<'_>,
    ) -> Poll<Option<Result<Frame<Bytes>, RecordError>>> {
        let part = match &mut self.0 {
            Content::Text(text) => text.take().map(Ok),
            Content::Trace(stream) => {
                let part = ready!(stream.received.poll_recv(context));
                if let Some(Ok(bytes)) = &part {
                    // The header of the file was not counted, so it may be more than there are.
                    let less = |pending: usize| Some(pending.saturating_sub(bytes.len()));
                    let _ = stream.pending.fetch_update(Ordering::Relaxed, Ordering::Relaxed, less);
                }
                part
            }
        };
        Poll::Ready(part.map(|part| part.map(Frame::data)))
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    fn check(query: &str, expected: Option<Wanted>) {
        assert_eq!(wanted(query), expected, "{query}");
    }

    #[test]
    fn queries() {
        check("", Some(Wanted::Kept(USUAL)));
        check("seconds=", Some(Wanted::Kept(USUAL)));
        check("debug=1", Some(Wanted::Kept(USUAL)));
        check("debug=1&seconds=5", Some(Wanted::Next(Duration::from_secs(5))));
        check("seconds=0.25", Some(Wanted::Next(Duration::from_millis(250))));
        for bad in ["0", "-1", "x", "NaN", "inf", "1e300", "5s", "0.0000000001"] {
            check(&format!("seconds={bad}"), None);
        }
    }
}
