//! What a profile sums up, one by one: the way from a figure to its place on the timeline.

use super::Site;
use super::answers::refused;
use super::profile::{FRAMES, MAKING, Making, lens};
use crate::failure::Failure;
use crate::params::Params;
use axum::Router;
use axum::extract::State;
use axum::http::Uri;
use axum::response::Response;
use axum::routing::get;
use goroscope_analysis::profile::{self, PlaceOrder, Wanted};

/// The path.
pub(super) fn routes() -> Router<Site> {
    Router::new().route("/{token}/api/places", get(places))
}

async fn places(State(site): State<Site>, uri: Uri) -> Result<Response, Failure> {
    let own = ["stack", "having", "sort", "order", "offset", "limit"];
    let params = Params::read(&uri, &[&MAKING[..], &FRAMES, &own].concat())?;
    let (making, lens) = (Making::of(&params)?, lens(&params)?);
    let lines = |name: &str| params.text(name).unwrap_or_default().lines().filter(|line| !line.is_empty());
    let wanted = Wanted {
        functions: lines("stack").map(frame).collect(),
        labels: lines("having").filter_map(|line| line.split_once('=')).map(owned).collect(),
    };
    let (sort, order) = (params.text("sort").unwrap_or("duration"), params.text("order"));
    let order = PlaceOrder::parse(sort, order.unwrap_or(if sort == "start" { "asc" } else { "desc" }))
        .map_err(|error| Failure::BadRequest(format!("parameters sort and order: {error}")))?;
    let offset = params.count("offset", 0, 0..=i64::from(u32::MAX))?;
    let limit = params.count("limit", 100, 1..=1000)?;
    site.answer(move |trace| {
        let filter = making.narrowed(trace)?;
        let found = profile::places(trace, &filter, &making.options, &lens, &wanted, (order, offset, limit));
        found.map_err(|error| refused(&error))?.ok_or_else(|| {
            let kind = making.options.kind.name();
            Failure::BadRequest(format!("parameter kind: {kind} counts no states, which could be listed"))
        })
    })
    .await
}

/// `function` or `function:line`.
fn frame(line: &str) -> (String, Option<i64>) {
    match line.rsplit_once(':').map(|(name, number)| (name, number.parse())) {
        Some((name, Ok(number))) => (name.to_owned(), Some(number)),
        Some((_, Err(_))) | None => (line.to_owned(), None),
    }
}

fn owned((key, text): (&str, &str)) -> (String, String) {
    (key.to_owned(), text.to_owned())
}
