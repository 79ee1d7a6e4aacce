//! Answers about what the program marked itself: tasks, regions, messages.

use super::answers::{filter, refused};
use super::{Site, parse_lane};
use crate::failure::Failure;
use crate::params::Params;
use axum::Router;
use axum::extract::State;
use axum::http::Uri;
use axum::response::Response;
use axum::routing::get;
use goroscope_analysis::{
    self as analysis, Completeness, Lane, LogQuery, Order, PAGE, Paging, RegionQuery, SortKey, TaskIdx, TaskQuery,
    Trace, UnknownWord, parse_sort,
};

/// The paths.
pub(super) fn routes() -> Router<Site> {
    Router::new()
        .route("/{token}/api/task_types", get(task_types))
        .route("/{token}/api/tasks", get(tasks))
        .route("/{token}/api/task", get(task))
        .route("/{token}/api/region_types", get(region_types))
        .route("/{token}/api/regions", get(regions))
        .route("/{token}/api/logs", get(logs))
}

async fn task_types(State(site): State<Site>, uri: Uri) -> Result<Response, Failure> {
    let params = Params::read(&uri, &["filter", "sort", "order", "offset", "limit"])?;
    let (filter, paging) = (filter(&params)?, paging(&params)?);
    site.answer(move |trace| analysis::task_types(trace, &filter, &paging).map_err(|error| refused(&error))).await
}

async fn tasks(State(site): State<Site>, uri: Uri) -> Result<Response, Failure> {
    let params = Params::read(&uri, &["filter", "complete", "text", "sort", "order", "offset", "limit"])?;
    let filter = filter(&params)?;
    let query = TaskQuery { complete: complete(&params)?, text: text(&params, "text"), paging: paging(&params)? };
    site.answer(move |trace| analysis::tasks(trace, &filter, &query).map_err(|error| refused(&error))).await
}

async fn task(State(site): State<Site>, uri: Uri) -> Result<Response, Failure> {
    let params = Params::read(&uri, &["key", "id", "offset", "limit"])?;
    let key = params.text("key").map(parse_lane).transpose()?;
    let id = params.text("id").map(str::parse::<u64>).transpose();
    let id = id.map_err(|_| Failure::BadRequest("parameter id is not the id of a task".to_owned()))?;
    let (offset, limit) = page(&params)?;
    site.answer(move |trace| {
        let task = chosen_task(trace, key, id)?;
        let not_there = || Failure::NotFound("no such task in this trace".to_owned());
        analysis::task_story(trace, task, offset, limit).ok_or_else(not_there)
    })
    .await
}

/// The task of a lane's key, or the first of an id.
fn chosen_task(trace: &Trace, key: Option<Lane>, id: Option<u64>) -> Result<TaskIdx, Failure> {
    match (key, id) {
        (Some(Lane::Task(task)), None) => Ok(task),
        (Some(lane), None) => Err(Failure::BadRequest(format!("{lane} is not the lane of a task: task:3"))),
        (None, Some(id)) => analysis::find_task(trace, id)
            .ok_or_else(|| Failure::NotFound(format!("no task with id {id} in this trace"))),
        (None, None) => Err(Failure::BadRequest("parameter key is missing".to_owned())),
        (Some(_), Some(_)) => Err(Failure::BadRequest("either key or id, not both".to_owned())),
    }
}

async fn region_types(State(site): State<Site>, uri: Uri) -> Result<Response, Failure> {
    let params = Params::read(&uri, &["filter", "sort", "order", "offset", "limit"])?;
    let (filter, paging) = (filter(&params)?, paging(&params)?);
    site.answer(move |trace| analysis::region_types(trace, &filter, &paging).map_err(|error| refused(&error))).await
}

async fn regions(State(site): State<Site>, uri: Uri) -> Result<Response, Failure> {
    let params = Params::read(&uri, &["filter", "complete", "at", "sort", "order", "offset", "limit"])?;
    let filter = filter(&params)?;
    let query = RegionQuery { complete: complete(&params)?, at: text(&params, "at"), paging: paging(&params)? };
    site.answer(move |trace| analysis::regions(trace, &filter, &query).map_err(|error| refused(&error))).await
}

async fn logs(State(site): State<Site>, uri: Uri) -> Result<Response, Failure> {
    let params = Params::read(&uri, &["filter", "category", "text", "sort", "order", "offset", "limit"])?;
    let filter = filter(&params)?;
    let query = LogQuery { category: text(&params, "category"), text: text(&params, "text"), paging: paging(&params)? };
    site.answer(move |trace| analysis::logs(trace, &filter, &query).map_err(|error| refused(&error))).await
}

/// Which page of a list, and in which order.
fn paging<S: SortKey>(params: &Params) -> Result<Paging<S>, Failure> {
    let wrong = |name: &str, error: &UnknownWord| Failure::BadRequest(format!("parameter {name}: {error}"));
    let sort = params.text("sort").map(parse_sort::<S>).transpose().map_err(|error| wrong("sort", &error))?;
    let order = params.text("order").map(str::parse::<Order>).transpose().map_err(|error| wrong("order", &error))?;
    let (offset, limit) = page(params)?;
    Ok(Paging { sort: sort.unwrap_or_default(), order, offset, limit })
}

fn page(params: &Params) -> Result<(usize, usize), Failure> {
    Ok((params.count("offset", 0, 0..=i64::from(u32::MAX))?, params.count("limit", PAGE, 0..=1000)?))
}

fn complete(params: &Params) -> Result<Completeness, Failure> {
    let complete = params.text("complete").map(str::parse).transpose();
    let complete =
        complete.map_err(|error: UnknownWord| Failure::BadRequest(format!("parameter complete: {error}")))?;
    Ok(complete.unwrap_or_default())
}

fn text(params: &Params, name: &str) -> Option<String> {
    params.text(name).map(str::to_owned)
}
