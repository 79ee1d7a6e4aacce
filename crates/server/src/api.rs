//! The paths: parameters in, answers of `goroscope-analysis` out as JSON.
//!
//! Answers are computed and written on blocking threads, a bounded number at once. A panic there is `500`.

mod annotations;
mod answers;
mod events;
mod places;
mod profile;

use crate::assets;
use crate::exhibit::Report;
use crate::failure::Failure;
use crate::gallery::{Neighbour, Place};
use crate::params::Params;
use crate::sources::Sources;
use crate::tiles;
use axum::Router;
use axum::body::{Body, Bytes};
use axum::extract::ws::WebSocketUpgrade;
use axum::extract::ws::rejection::WebSocketUpgradeRejection;
use axum::extract::{DefaultBodyLimit, FromRequest, Request, State};
use axum::http::{HeaderMap, HeaderValue, Method, StatusCode, Uri, header};
use axum::response::{IntoResponse, Response};
use axum::routing::{any, get, post};
use goroscope_analysis::{self as analysis, GoIdx, HitKind, Lane, Page, SearchQuery, Sort, TraceMeta};
use goroscope_model::Trace;
use serde::{Deserialize, Serialize};
use std::sync::Arc;
use std::time::Duration;
use tokio::sync::Semaphore;

/// Answers that are computed at once.
const COMPUTING: usize = 8;
/// Open pages at once: each has a WebSocket.
const SOCKETS: usize = 64;
/// Bytes of a request body.
const BODY: usize = 4 << 20;
/// How long a body may take.
const BODY_TIME: Duration = Duration::from_secs(30);
/// Bytes of a WebSocket message from the browser.
const MESSAGE: usize = 1 << 20;
/// Lanes of a selection.
const SELECTED: usize = 100_000;

/// What all requests share.
#[derive(Clone, Debug)]
pub struct Site {
    place: Place,
    sources: Sources,
    profiles: profile::Kept,
    computing: Arc<Semaphore>,
    sockets: Arc<Semaphore>,
}

impl Site {
    /// A site that shows the trace in this place.
    pub fn new(place: Place, sources: Sources) -> Self {
        Self {
            place,
            sources,
            profiles: profile::Kept::default(),
            computing: Arc::new(Semaphore::new(COMPUTING)),
            sockets: Arc::new(Semaphore::new(SOCKETS)),
        }
    }

    /// Computes an answer about the trace and writes it as JSON.
    async fn answer<T: Serialize>(
        &self,
        compute: impl FnOnce(&Trace) -> Result<T, Failure> + Send + 'static,
    ) -> Result<Response, Failure> {
        let trace = self.place.exhibit().trace()?;
        self.write(move || compute(&trace)).await
    }

    /// Computes bytes about the trace.
    async fn compute(
        &self,
        compute: impl FnOnce(&Trace) -> Result<Vec<u8>, Failure> + Send + 'static,
    ) -> Result<Vec<u8>, Failure> {
        let trace = self.place.exhibit().trace()?;
        self.work(move || compute(&trace)).await
    }

    /// Computes an answer and writes it as JSON.
    async fn write<T: Serialize>(
        &self,
        compute: impl FnOnce() -> Result<T, Failure> + Send + 'static,
    ) -> Result<Response, Failure> {
        let json = move || serde_json::to_vec(&compute()?).map_err(|_| Failure::Internal);
        let json = self.work(json).await?;
        Ok(([(header::CONTENT_TYPE, "application/json")], Body::from(json)).into_response())
    }
}

impl Site {
    /// Does work on a thread of its own, when it is its turn.
    async fn work(&self, work: impl FnOnce() -> Result<Vec<u8>, Failure> + Send + 'static) -> Result<Vec<u8>, Failure> {
        let permit = Arc::clone(&self.computing).acquire_owned().await;
        let work = move || {
            let done = work();
            drop(permit);
            done
        };
        tokio::task::spawn_blocking(work).await.unwrap_or(Err(Failure::Internal))
    }
}

/// All paths of one trace.
pub fn router(site: Site) -> Router {
    Router::new()
        .route("/{token}/api/loading", get(loading))
        .route("/{token}/api/trace", get(trace))
        .route("/{token}/api/lanes", get(lanes))
        .route("/{token}/api/members", get(members))
        .route("/{token}/api/locate", get(locate))
        .route("/{token}/api/overview", get(overview))
        .route("/{token}/api/span", get(span))
        .route("/{token}/api/goroutine", get(goroutine))
        .route("/{token}/api/select", post(select))
        .route("/{token}/api/search", get(search))
        .merge(annotations::routes())
        .merge(answers::routes())
        .merge(events::routes())
        .merge(places::routes())
        .merge(profile::routes())
        .route("/{token}/api/ws", any(socket))
        .fallback(asset)
        .method_not_allowed_fallback(wrong_method)
        .layer(DefaultBodyLimit::max(BODY))
        .with_state(site)
}

async fn asset(method: Method, uri: Uri, headers: HeaderMap) -> Result<Response, Failure> {
    let path = uri.path().trim_start_matches('/');
    let Some((_, path)) = path.split_once('/') else {
        // The token without a slash: the page's own paths are relative to the slash.
        let target = HeaderValue::from_str(&format!("/{path}/")).map_err(|_| Failure::Internal)?;
        return Ok((StatusCode::PERMANENT_REDIRECT, [(header::LOCATION, target)]).into_response());
    };
    let found = assets::answer(path, &headers)
        .ok_or_else(|| Failure::NotFound("no such path; the interface is described in docs/http-api.md".to_owned()))?;
    if method == Method::GET || method == Method::HEAD { Ok(found) } else { Err(Failure::Method("GET")) }
}

async fn wrong_method(uri: Uri) -> Failure {
    Failure::Method(if uri.path().ends_with("/api/select") { "POST" } else { "GET" })
}

#[derive(Serialize)]
struct NamedReport {
    name: String,
    #[serde(flatten)]
    report: Report,
}

async fn loading(State(site): State<Site>, uri: Uri) -> Result<Response, Failure> {
    let params = Params::read(&uri, &["after"])?;
    let after = params.integer("after", 0..=i64::MAX)?.map(|after| after as u64);
    let name = site.place.name().to_owned();
    let report = site.place.exhibit().progress(after).await;
    site.write(move || Ok(NamedReport { name, report })).await
}

#[derive(Serialize)]
struct NamedTrace {
    name: String,
    /// The other traces of this server.
    others: Vec<Neighbour>,
    #[serde(flatten)]
    meta: TraceMeta,
}

async fn trace(State(site): State<Site>, uri: Uri) -> Result<Response, Failure> {
    Params::read(&uri, &[])?;
    let name = site.place.name().to_owned();
    let others = site.place.others();
    site.answer(|trace| Ok(NamedTrace { name, others, meta: analysis::overview_meta(trace) })).await
}

async fn lanes(State(site): State<Site>, uri: Uri) -> Result<Response, Failure> {
    Params::read(&uri, &[])?;
    site.answer(|trace| Ok(analysis::lane_tree(trace))).await
}

async fn members(State(site): State<Site>, uri: Uri) -> Result<Response, Failure> {
    let params = Params::read(&uri, &["key", "offset", "limit", "sort"])?;
    let key = lane(&params, "key")?;
    let offset = params.count("offset", 0, 0..=i64::from(u32::MAX))?;
    let limit = params.count("limit", 200, 0..=1000)?;
    let sort = sort(&params)?;
    site.answer(move |trace| {
        analysis::members(trace, key, offset, limit, sort)
            .ok_or_else(|| Failure::NotFound(format!("no group or task type {key} in this trace")))
    })
    .await
}

async fn locate(State(site): State<Site>, uri: Uri) -> Result<Response, Failure> {
    let params = Params::read(&uri, &["lane", "sort"])?;
    let lane = lane(&params, "lane")?;
    let sort = sort(&params)?;
    site.answer(move |trace| {
        analysis::locate(trace, lane, sort)
            .ok_or_else(|| Failure::NotFound(format!("no lane {lane} that stands in a group of this trace")))
    })
    .await
}

async fn overview(State(site): State<Site>, uri: Uri) -> Result<Response, Failure> {
    let params = Params::read(&uri, &["cells"])?;
    let cells = params.count("cells", 1200, 1..=analysis::MAX_CELLS as i64)?;
    site.answer(move |trace| Ok(analysis::overview(trace, cells))).await
}

async fn span(State(site): State<Site>, uri: Uri) -> Result<Response, Failure> {
    let params = Params::read(&uri, &["lane", "ts", "row"])?;
    let lane = lane(&params, "lane")?;
    let ts = params.integer("ts", i64::MIN..=i64::MAX)?;
    let row = params.row("row")?;
    site.answer(move |trace| {
        let found = match (ts, row) {
            (_, Some(row)) => analysis::span_row(trace, lane, row)
                .ok_or_else(|| format!("no span with row {row} on lane {lane} of this trace")),
            (Some(ts), None) => analysis::span_at(trace, lane, ts)
                .ok_or_else(|| format!("no span on lane {lane} of this trace at {ts} ns")),
            (None, None) => return Err(Failure::BadRequest("parameter ts or row is missing".to_owned())),
        };
        found.map_err(Failure::NotFound)
    })
    .await
}

async fn goroutine(State(site): State<Site>, uri: Uri) -> Result<Response, Failure> {
    let params = Params::read(&uri, &["go", "offset", "limit"])?;
    let page = page(&params)?;
    let missing = || Failure::BadRequest("parameter go is missing".to_owned());
    let row = params.row("go")?.ok_or_else(missing)?;
    site.answer(move |trace| {
        analysis::goroutine(trace, GoIdx(row), page)
            .ok_or_else(|| Failure::NotFound(format!("no goroutine with row {row} in this trace")))
    })
    .await
}

#[derive(Deserialize)]
#[serde(deny_unknown_fields)]
struct Stretch {
    from: i64,
    to: i64,
    lanes: Vec<String>,
}

async fn select(State(site): State<Site>, request: Request) -> Result<Response, Failure> {
    Params::read(request.uri(), &[])?;
    let announced = request.headers().get(header::CONTENT_LENGTH).and_then(|length| length.to_str().ok()?.parse().ok());
    if announced.is_some_and(|length: u64| length > BODY as u64) {
        return Err(Failure::TooLarge(BODY));
    }
    let body = match tokio::time::timeout(BODY_TIME, Bytes::from_request(request, &site)).await {
        Ok(Ok(body)) => body,
        Ok(Err(rejection)) if rejection.status() == StatusCode::PAYLOAD_TOO_LARGE => {
            return Err(Failure::TooLarge(BODY));
        }
        Ok(Err(rejection)) => return Err(Failure::BadRequest(format!("the body ended early: {rejection}"))),
        Err(_) => return Err(Failure::TooSlow),
    };
    site.answer(move |trace| {
        let stretch: Stretch = serde_json::from_slice(&body)
            .map_err(|error| Failure::BadRequest(format!("the body is malformed: {error}")))?;
        if stretch.to < stretch.from {
            return Err(Failure::BadRequest("to must not be before from".to_owned()));
        }
        if stretch.lanes.len() > SELECTED {
            return Err(Failure::BadRequest(format!("{} lanes, at most {SELECTED} are allowed", stretch.lanes.len())));
        }
        let lanes: Vec<Lane> = stretch.lanes.iter().map(|key| parse_lane(key)).collect::<Result<_, _>>()?;
        if let Some(lane) = lanes.iter().find(|lane| !lane.exists(trace)) {
            return Err(Failure::NotFound(format!("no lane {lane} in this trace")));
        }
        Ok(analysis::select(trace, stretch.from, stretch.to, &lanes))
    })
    .await
}

async fn search(State(site): State<Site>, uri: Uri) -> Result<Response, Failure> {
    let params = Params::read(&uri, &["q", "limit", "offset", "kinds"])?;
    let kinds = match params.text("kinds") {
        None | Some("") => Vec::new(),
        Some(kinds) => {
            let kind = |kind: &str| kind.parse::<HitKind>();
            let kinds: Result<_, _> = kinds.split(',').map(kind).collect();
            kinds.map_err(|error| Failure::BadRequest(format!("parameter kinds: {error}")))?
        }
    };
    let query = SearchQuery {
        text: params.need_text("q")?.to_owned(),
        kinds,
        offset: params.count("offset", 0, 0..=i64::from(u32::MAX))?,
        limit: params.count("limit", 100, 0..=1000)?,
    };
    site.answer(move |trace| Ok(analysis::search(trace, &query))).await
}

async fn socket(
    State(site): State<Site>,
    upgrade: Result<WebSocketUpgrade, WebSocketUpgradeRejection>,
) -> Result<Response, Failure> {
    let upgrade = upgrade.map_err(|rejection| Failure::BadRequest(format!("not a WebSocket: {rejection}")))?;
    let trace = site.place.exhibit().trace()?;
    let permit = site.sockets.try_acquire_owned().map_err(|_| Failure::Busy("too many pages are open"))?;
    Ok(upgrade.max_message_size(MESSAGE).max_frame_size(MESSAGE).on_upgrade(async move |socket| {
        tiles::run(socket, trace).await;
        drop(permit);
    }))
}

fn lane(params: &Params, name: &str) -> Result<Lane, Failure> {
    parse_lane(params.need_text(name)?)
}

fn parse_lane(key: &str) -> Result<Lane, Failure> {
    Lane::parse(key).ok_or_else(|| {
        let shown: String = key.chars().take(40).collect();
        Failure::BadRequest(format!("{shown:?} is not a lane; lanes are gc, stw, all, proc:0, go:17, regions:17:0, …"))
    })
}

/// Which rows of a list are asked for.
fn page(params: &Params) -> Result<Page, Failure> {
    let usual = Page::default();
    let offset = params.count("offset", usual.offset, 0..=i64::from(u32::MAX))?;
    Ok(Page { offset, limit: params.count("limit", usual.limit, 0..=1000)? })
}

fn sort(params: &Params) -> Result<Sort, Failure> {
    let text = params.text("sort").unwrap_or("id");
    text.parse().map_err(|error| Failure::BadRequest(format!("parameter sort: {error}")))
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::exhibit::Exhibit;

    #[tokio::test]
    async fn a_panic_ends_one_answer_and_gives_its_place_back() {
        let file = goroscope_wire::text::parse("Trace Go1.26\n").expect("a trace");
        let trace = Trace::read(&file, &mut |_| {}).expect("a trace");
        let site = Site::new(Place::only("trace.out", Exhibit::ready(trace)), Sources::default());
        for _ in 0..=COMPUTING {
            let answer = site.answer(|_| -> Result<(), Failure> { panic!("on purpose") }).await;
            assert_eq!(answer.expect_err("a failure"), Failure::Internal);
        }
        assert!(site.answer(|trace| Ok(trace.end())).await.is_ok());
    }
}
