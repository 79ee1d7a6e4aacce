//! Requests as tasks.

use std::fmt;
use std::panic::Location;
use std::sync::Arc;
use std::task::{Context, Poll};

use hyper::Request;
use hyper::http::Extensions;
use tower_layer::Layer;
use tower_service::Service;

use super::names::{guessed, name_of};
use crate::site::Site;
use crate::switch;
use crate::traced::Traced;

/// Of requests while nothing is recorded.
const REQUEST: &str = "request";

/// Shows the handling of each request as a task of its own, called after its method and path: `GET /users/{}`.
///
/// Parts of a path that have digits are left out of the name. A router that knows the pattern of the path tells it:
///
/// ```
/// use axum::{Router, extract::MatchedPath, routing::get};
/// use goroscope_recorder::http::RequestLayer;
///
/// let pattern = |extensions: &hyper::http::Extensions| Some(extensions.get::<MatchedPath>()?.as_str().to_owned());
/// let app: Router = Router::new()
///     .route("/users/{id}", get(|| async { "somebody" }))
///     .layer(RequestLayer::new().named_by(pattern));
/// ```
#[derive(Clone)]
pub struct RequestLayer {
    location: &'static Location<'static>,
    pattern: Option<Pattern>,
}

type Pattern = Arc<dyn Fn(&Extensions) -> Option<String> + Send + Sync>;

impl fmt::Debug for RequestLayer {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.debug_struct("RequestLayer").field("location", &self.location).finish_non_exhaustive()
    }
}

impl RequestLayer {
    /// Tasks are named after the request and the place of this call.
    ///
    /// ```
    /// use axum::{Router, body::Body, routing::get};
    /// use goroscope_recorder::http::RequestLayer;
    /// use goroscope_recorder::{Recorder, Ring};
    /// use tower_service::Service as _;
    ///
    /// # #[tokio::main(flavor = "current_thread")]
    /// # async fn main() -> Result<(), Box<dyn std::error::Error>> {
    /// let recording = Recorder::builder().start_ring(Ring::default())?;
    /// let mut app = Router::new().route("/users/{id}", get(|| async { "somebody" })).layer(RequestLayer::new());
    /// app.call(hyper::Request::get("/users/7").body(Body::empty())?).await?;
    /// let mut trace = Vec::new();
    /// recording.snapshot_writer(&mut trace)?;
    /// assert!(String::from_utf8_lossy(&trace).contains("GET /users/{}"));
    /// # Ok(())
    /// # }
    /// ```
    #[expect(clippy::new_without_default, reason = "the place of the call counts")]
    #[track_caller]
    pub fn new() -> Self {
        Self { location: Location::caller(), pattern: None }
    }

    /// Takes the pattern of a path from what was found out about the request.
    ///
    /// ```
    /// use axum::{Router, body::Body, extract::MatchedPath, routing::get};
    /// use goroscope_recorder::http::RequestLayer;
    /// use goroscope_recorder::{Recorder, Ring};
    /// use tower_service::Service as _;
    ///
    /// # #[tokio::main(flavor = "current_thread")]
    /// # async fn main() -> Result<(), Box<dyn std::error::Error>> {
    /// let recording = Recorder::builder().start_ring(Ring::default())?;
    /// let layer = RequestLayer::new().named_by(|known| Some(known.get::<MatchedPath>()?.as_str().to_owned()));
    /// let mut app = Router::new().route("/users/{id}", get(|| async { "somebody" })).layer(layer);
    /// app.call(hyper::Request::get("/users/7").body(Body::empty())?).await?;
    /// let mut trace = Vec::new();
    /// recording.snapshot_writer(&mut trace)?;
    /// assert!(String::from_utf8_lossy(&trace).contains("GET /users/{id}"));
    /// # Ok(())
    /// # }
    /// ```
    #[must_use]
    pub fn named_by(mut self, pattern: impl Fn(&Extensions) -> Option<String> + Send + Sync + 'static) -> Self {
        self.pattern = Some(Arc::new(pattern));
        self
    }

    fn site<B>(&self, request: &Request<B>) -> Site {
        let name = if switch::session().is_some() {
            let pattern = self.pattern.as_ref().and_then(|pattern| pattern(request.extensions()));
            name_of(request.method(), &pattern.unwrap_or_else(|| guessed(request.uri().path())))
        } else {
            REQUEST
        };
        Site { location: self.location, name }
    }
}

impl<S> Layer<S> for RequestLayer {
    type Service = Requests<S>;

    fn layer(&self, inner: S) -> Requests<S> {
        Requests { inner, layer: self.clone() }
    }
}

/// A service whose requests are tasks; made by [`RequestLayer`].
///
/// ```
/// use axum::{Router, body::Body, routing::get};
/// use goroscope_recorder::http::{RequestLayer, Requests};
/// use tower_layer::Layer as _;
/// use tower_service::Service as _;
///
/// # #[tokio::main(flavor = "current_thread")]
/// # async fn main() -> Result<(), Box<dyn std::error::Error>> {
/// // Around a service that is called by hand.
/// let app = Router::new().route("/", get(|| async { "hello" }));
/// let mut service: Requests<Router> = RequestLayer::new().layer(app);
/// let response = service.call(hyper::Request::get("/").body(Body::empty())?).await?;
/// assert!(response.status().is_success());
/// # Ok(())
/// # }
/// ```
#[derive(Clone, Debug)]
pub struct Requests<S> {
    inner: S,
    layer: RequestLayer,
}

impl<S, B> Service<Request<B>> for Requests<S>
where
    S: Service<Request<B>>,
{
    type Response = S::Response;
    type Error = S::Error;
    type Future = Traced<S::Future>;

    fn poll_ready(&mut self, context: &mut Context<'_>) -> Poll<Result<(), S::Error>> {
        self.inner.poll_ready(context)
    }

    fn call(&mut self, request: Request<B>) -> Self::Future {
        let site = self.layer.site(&request);
        Traced::at(site, self.inner.call(request))
    }
}
