//! Answers that take a filter: each is a function of `goroscope-analysis` under its own name.

mod runtime;

use super::{Site, page};
use crate::failure::Failure;
use crate::params::Params;
use axum::Router;
use axum::extract::State;
use axum::http::Uri;
use axum::response::Response;
use axum::routing::get;
use goroscope_analysis::{
    self as analysis, Filter, FilterError, GroupColumn, GroupQuery, Grouping, ListColumn, ListQuery, Membership,
};
use std::fmt;
use std::str::FromStr;

/// The paths.
pub(super) fn routes() -> Router<Site> {
    Router::new()
        .route("/{token}/api/goroutines", get(goroutines))
        .route("/{token}/api/groups", get(groups))
        .merge(runtime::routes())
}

async fn goroutines(State(site): State<Site>, uri: Uri) -> Result<Response, Failure> {
    let params = Params::read(&uri, &["filter", "group", "of", "sort", "order", "offset", "limit"])?;
    let filter = filter(&params)?;
    let membership = match (parsed(&params, "group")?, params.text("of")) {
        (Some(grouping), Some(name)) => Some(Membership { grouping, name: name.to_owned() }),
        (None, None) => None,
        (Some(_), None) => return Err(Failure::BadRequest("parameter of is missing: the group's name".to_owned())),
        (None, Some(_)) => return Err(Failure::BadRequest("parameter group is missing".to_owned())),
    };
    let sort: ListColumn = parsed(&params, "sort")?.unwrap_or_default();
    let order = parsed(&params, "order")?.unwrap_or_else(|| sort.usual_order());
    let query = ListQuery { membership, sort, order, page: page(&params)? };
    site.answer(move |trace| analysis::goroutines(trace, &filter, &query).map_err(|error| refused(&error))).await
}

async fn groups(State(site): State<Site>, uri: Uri) -> Result<Response, Failure> {
    let params = Params::read(&uri, &["filter", "group", "sort", "order", "offset", "limit"])?;
    let filter = filter(&params)?;
    let grouping = parsed(&params, "group")?.unwrap_or(Grouping::Function);
    let sort: GroupColumn = parsed(&params, "sort")?.unwrap_or_default();
    let order = parsed(&params, "order")?.unwrap_or_else(|| sort.usual_order());
    let query = GroupQuery { grouping, sort, order, page: page(&params)? };
    site.answer(move |trace| analysis::groups(trace, &filter, &query).map_err(|error| refused(&error))).await
}

/// A parameter that has few values, if it is there.
fn parsed<T: FromStr<Err: fmt::Display>>(params: &Params, name: &str) -> Result<Option<T>, Failure> {
    let value = params.text(name).map(str::parse);
    value.transpose().map_err(|error| Failure::BadRequest(format!("parameter {name}: {error}")))
}

/// The filter of a request: none is one that lets all pass.
pub(super) fn filter(params: &Params) -> Result<Filter, Failure> {
    Filter::parse(params.text("filter").unwrap_or_default()).map_err(|error| refused(&error))
}

/// A filter that the answer cannot follow.
pub(super) fn refused(error: &FilterError) -> Failure {
    Failure::BadRequest(format!("parameter filter: {error}"))
}
