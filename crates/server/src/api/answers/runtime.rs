//! Answers about the collector, the procs and the threads.

use super::{Site, filter, refused};
use crate::failure::Failure;
use crate::params::Params;
use axum::Router;
use axum::extract::State;
use axum::http::Uri;
use axum::response::Response;
use axum::routing::get;
use goroscope_analysis::{
    self as analysis, GcTable, LatencyOptions, MmuOptions, Order, OrderedPage, ProcsOptions, ThreadsOptions,
    UnknownChoice,
};
use std::str::FromStr;

/// The paths.
pub(super) fn routes() -> Router<Site> {
    Router::new()
        .route("/{token}/api/gc", get(gc))
        .route("/{token}/api/heap", get(heap))
        .route("/{token}/api/latency", get(latency))
        .route("/{token}/api/mmu", get(mmu))
        .route("/{token}/api/procs", get(procs))
        .route("/{token}/api/counters", get(counters))
        .route("/{token}/api/threads", get(threads))
}

async fn gc(State(site): State<Site>, uri: Uri) -> Result<Response, Failure> {
    let params = Params::read(&uri, &["filter", "table", "sort", "order", "offset", "limit"])?;
    let filter = filter(&params)?;
    let table = GcTable::parse(params.text("table"), params.text("sort"))
        .map_err(|error| Failure::BadRequest(format!("parameter table or sort: {error}")))?;
    let page = page(&params, 100)?;
    site.answer(move |trace| analysis::gc(trace, &filter, table, &page).map_err(|error| refused(&error))).await
}

async fn heap(State(site): State<Site>, uri: Uri) -> Result<Response, Failure> {
    let params = Params::read(&uri, &["filter", "cells"])?;
    let filter = filter(&params)?;
    let cells = params.count("cells", 1200, 1..=analysis::MAX_CELLS as i64)?;
    site.answer(move |trace| analysis::heap(trace, &filter, cells).map_err(|error| refused(&error))).await
}

async fn latency(State(site): State<Site>, uri: Uri) -> Result<Response, Failure> {
    let params = Params::read(&uri, &["filter", "sort", "order", "offset", "limit", "worst"])?;
    let filter = filter(&params)?;
    let options = LatencyOptions {
        sort: choice(&params, "sort")?,
        page: page(&params, 100)?,
        worst: params.count("worst", 10, 0..=analysis::MAX_WORST_WAITS as i64)?,
    };
    site.answer(move |trace| analysis::latency(trace, &filter, &options).map_err(|error| refused(&error))).await
}

async fn mmu(State(site): State<Site>, uri: Uri) -> Result<Response, Failure> {
    let what = ["filter", "view", "stw", "background", "assist", "sweep"];
    let which = ["percentiles", "points", "shortest", "longest", "window", "worst"];
    let params = Params::read(&uri, &[what, which].concat())?;
    let filter = filter(&params)?;
    let usual = MmuOptions::default();
    let options = MmuOptions {
        view: choice(&params, "view")?,
        stw: choice(&params, "stw")?,
        background: switch(&params, "background", usual.background)?,
        assist: switch(&params, "assist", usual.assist)?,
        sweep: switch(&params, "sweep", usual.sweep)?,
        percentiles: switch(&params, "percentiles", usual.percentiles)?,
        points: params.count("points", usual.points, 1..=analysis::MAX_POINTS as i64)?,
        shortest: length(&params, "shortest")?,
        longest: length(&params, "longest")?,
        window: length(&params, "window")?,
        worst: params.count("worst", usual.worst, 1..=analysis::MAX_WORST_WINDOWS as i64)?,
    };
    if let (Some(shortest), Some(longest)) = (options.shortest, options.longest)
        && shortest > longest
    {
        return Err(Failure::BadRequest("parameter shortest is above longest".to_owned()));
    }
    site.answer(move |trace| analysis::mmu(trace, &filter, &options).map_err(|error| refused(&error))).await
}

async fn procs(State(site): State<Site>, uri: Uri) -> Result<Response, Failure> {
    let params = Params::read(&uri, &["filter", "order", "offset", "limit", "cells", "worst"])?;
    let filter = filter(&params)?;
    let usual = ProcsOptions::default();
    let options = ProcsOptions {
        cells: params.count("cells", usual.cells, 1..=analysis::MAX_PROC_CELLS as i64)?,
        page: page(&params, 100)?,
        worst: params.count("worst", usual.worst, 0..=analysis::MAX_SHORT_MOMENTS as i64)?,
    };
    site.answer(move |trace| analysis::procs(trace, &filter, &options).map_err(|error| refused(&error))).await
}

async fn threads(State(site): State<Site>, uri: Uri) -> Result<Response, Failure> {
    let params = Params::read(&uri, &["filter", "sort", "order", "offset", "limit", "calls"])?;
    let filter = filter(&params)?;
    let options = ThreadsOptions {
        sort: choice(&params, "sort")?,
        page: page(&params, 1000)?,
        calls: params.count("calls", ThreadsOptions::default().calls, 0..=analysis::MAX_CALLS as i64)?,
    };
    site.answer(move |trace| analysis::threads(trace, &filter, &options).map_err(|error| refused(&error))).await
}

async fn counters(State(site): State<Site>, uri: Uri) -> Result<Response, Failure> {
    let params = Params::read(&uri, &["filter", "cells"])?;
    let filter = filter(&params)?;
    let cells = params.count("cells", 512, 1..=analysis::MAX_CELLS as i64)?;
    site.answer(move |trace| analysis::counters(trace, &filter, cells).map_err(|error| refused(&error))).await
}

fn page(params: &Params, usual: usize) -> Result<OrderedPage, Failure> {
    let order = params.text("order").map(|text| chosen::<Order>("order", text)).transpose()?;
    let offset = params.count("offset", 0, 0..=i64::from(u32::MAX))?;
    Ok(OrderedPage { offset, limit: params.count("limit", usual, 0..=1000)?, order })
}

fn choice<T: FromStr<Err = UnknownChoice> + Default>(params: &Params, name: &str) -> Result<T, Failure> {
    params.text(name).map_or_else(|| Ok(T::default()), |text| chosen(name, text))
}

fn chosen<T: FromStr<Err: std::fmt::Display>>(name: &str, text: &str) -> Result<T, Failure> {
    text.parse().map_err(|error| Failure::BadRequest(format!("parameter {name}: {error}")))
}

fn switch(params: &Params, name: &str, usual: bool) -> Result<bool, Failure> {
    match params.text(name) {
        None => Ok(usual),
        Some("on") => Ok(true),
        Some("off") => Ok(false),
        Some(_) => Err(Failure::BadRequest(format!("parameter {name}: use on or off"))),
    }
}

/// A duration above 0: `10ms`, or ns without a unit.
fn length(params: &Params, name: &str) -> Result<Option<i64>, Failure> {
    let Some(text) = params.text(name) else { return Ok(None) };
    let parsed = text.parse().map_or_else(|_| analysis::parse_duration(text), Ok);
    match parsed {
        Ok(ns) if ns > 0 => Ok(Some(ns)),
        Ok(_) => Err(Failure::BadRequest(format!("parameter {name} must be above 0"))),
        Err(why) => Err(Failure::BadRequest(format!("parameter {name}: {why}"))),
    }
}
