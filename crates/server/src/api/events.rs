//! What happened, in order, page by page.

use super::Site;
use super::answers::filter;
use crate::failure::Failure;
use crate::params::Params;
use axum::Router;
use axum::extract::State;
use axum::http::Uri;
use axum::response::Response;
use axum::routing::get;
use goroscope_analysis::{self as analysis, Cursor, EventTopic, UnknownTopic};

/// The path.
pub(super) fn routes() -> Router<Site> {
    Router::new().route("/{token}/api/events", get(events))
}

async fn events(State(site): State<Site>, uri: Uri) -> Result<Response, Failure> {
    let params = Params::read(&uri, &["filter", "kinds", "ts", "skip", "limit"])?;
    let filter = filter(&params)?;
    let topics: Vec<EventTopic> = match params.text("kinds").unwrap_or_default() {
        "" => Vec::new(),
        kinds => {
            let parsed: Result<_, _> = kinds.split(',').map(str::parse).collect();
            parsed.map_err(|error: UnknownTopic| Failure::BadRequest(format!("parameter kinds: {error}")))?
        }
    };
    let limit = params.count("limit", 200, 0..=1000)?;
    // Behind more than a slice of equal times nobody pages.
    let skip = params.count("skip", 0, 0..=10_000_000)?;
    let from = params.integer("ts", i64::MIN..=i64::MAX)?.map(|ts| Cursor { ts, skip });
    site.answer(move |trace| Ok(analysis::events(trace, &filter, &topics, from, limit))).await
}
