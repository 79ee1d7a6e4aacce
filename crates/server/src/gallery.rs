//! Several traces on one address: the token says which one is asked for.

use crate::Show;
use crate::api::{self, Site};
use crate::exhibit::Exhibit;
use crate::failure::Failure;
use crate::guard::{self, Guard};
use crate::sources::Sources;
use axum::Router;
use axum::extract::Request;
use axum::middleware;
use axum::response::IntoResponse;
use hyper::service::Service;
use hyper_util::service::TowerToHyperService;
use serde::Serialize;
use std::sync::Arc;

/// All paths of all traces, behind the guard.
pub fn router(shows: Vec<Show>, sources: &Sources, guard: Guard) -> Router {
    let shows: Arc<[Show]> = shows.into();
    let sites: Vec<_> = (0..shows.len())
        .map(|number| {
            let place = Place { shows: Arc::clone(&shows), number };
            TowerToHyperService::new(api::router(Site::new(place, sources.clone())))
        })
        .collect();
    let dispatch = move |request: Request| {
        let token = request.uri().path().split('/').nth(1).unwrap_or_default();
        let answer = shows.iter().zip(&sites).find(|(show, _)| show.token.matches(token)).map(|(_, site)| site.clone());
        async move {
            match answer {
                Some(site) => site.call(request).await.into_response(),
                // The guard lets nobody in without a token.
                None => Failure::NotFound("no trace has this token".to_owned()).into_response(),
            }
        }
    };
    Router::new().fallback(dispatch).layer(middleware::from_fn_with_state(guard, guard::watch))
}

/// One of the traces, among the others.
#[derive(Clone, Debug)]
pub struct Place {
    shows: Arc<[Show]>,
    number: usize,
}

/// A trace that the page leads to, as JSON.
#[derive(Debug, Serialize)]
pub struct Neighbour {
    name: String,
    /// Relative to the page.
    path: String,
    /// In nanoseconds, if the trace was read.
    duration: Option<i64>,
}

impl Place {
    /// The only trace of a server.
    #[cfg(test)]
    pub fn only(name: &str, exhibit: Exhibit) -> Self {
        let show = Show { name: name.to_owned(), exhibit, token: crate::Token::from_bits([0; 16]) };
        Self { shows: Arc::new([show]), number: 0 }
    }

    /// What the trace is called.
    pub fn name(&self) -> &str {
        &self.shows[self.number].name
    }

    /// The trace.
    pub fn exhibit(&self) -> &Exhibit {
        &self.shows[self.number].exhibit
    }

    /// The other traces, in order.
    pub fn others(&self) -> Vec<Neighbour> {
        let others = self.shows.iter().enumerate().filter(|(number, _)| *number != self.number);
        let neighbour = |(_, show): (usize, &Show)| Neighbour {
            name: show.name.clone(),
            path: format!("../{}/", show.token.as_str()),
            duration: show.exhibit.trace().ok().map(|trace| trace.end() - trace.start()),
        };
        others.map(neighbour).collect()
    }
}
