//! What went wrong with a request, as a status and `{"error": "…"}`.

use axum::Json;
use axum::http::{HeaderValue, StatusCode, header};
use axum::response::{IntoResponse, Response};
use serde_json::json;

/// Why there is no answer.
#[derive(Clone, Debug, PartialEq, Eq)]
pub enum Failure {
    /// A parameter is missing or wrong; says which and what is allowed.
    BadRequest(String),
    /// No such path, lane, row or span.
    NotFound(String),
    /// The path is there, for another method.
    Method(&'static str),
    /// The body is longer than so many bytes.
    TooLarge(usize),
    /// The body did not come within the time.
    TooSlow,
    /// The trace is still being read.
    Loading,
    /// There is no trace, for this reason.
    Unreadable(String),
    /// Too many connections of this kind.
    Busy(&'static str),
    /// A bug of ours: the answer panicked.
    Internal,
}

impl IntoResponse for Failure {
    fn into_response(self) -> Response {
        let mut close = false;
        let again = self == Self::Loading;
        let (status, error) = match self {
            Self::BadRequest(error) => (StatusCode::BAD_REQUEST, error),
            Self::NotFound(error) => (StatusCode::NOT_FOUND, error),
            Self::Method(allowed) => (StatusCode::METHOD_NOT_ALLOWED, format!("only {allowed} is allowed here")),
            Self::TooLarge(limit) => {
                close = true;
                (StatusCode::PAYLOAD_TOO_LARGE, format!("the body is longer than {limit} bytes"))
            }
            Self::TooSlow => {
                close = true;
                (StatusCode::REQUEST_TIMEOUT, "the body did not come in time".to_owned())
            }
            Self::Loading => (StatusCode::SERVICE_UNAVAILABLE, "loading".to_owned()),
            Self::Unreadable(reason) => {
                (StatusCode::INTERNAL_SERVER_ERROR, format!("the trace cannot be read: {reason}"))
            }
            Self::Busy(error) => (StatusCode::SERVICE_UNAVAILABLE, error.to_owned()),
            Self::Internal => {
                (StatusCode::INTERNAL_SERVER_ERROR, "a bug in goroscope: computing this answer panicked".to_owned())
            }
        };
        let mut response = (status, Json(json!({ "error": error }))).into_response();
        if again {
            response.headers_mut().insert(header::RETRY_AFTER, HeaderValue::from_static("1"));
        }
        if close {
            // The rest of the body is not worth reading.
            response.headers_mut().insert(header::CONNECTION, HeaderValue::from_static("close"));
        }
        response
    }
}
