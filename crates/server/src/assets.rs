//! The page's files, compiled in: a bundle that is built from `web/` and committed, so that building needs no Node.

use axum::body::Body;
use axum::http::header::{self, HeaderMap};
use axum::http::{HeaderValue, StatusCode};
use axum::response::{IntoResponse, Response};

/// One embedded file.
struct Asset {
    /// Path below the token, with `/`.
    path: &'static str,
    /// `ETag`: a quoted hash of the content.
    tag: &'static str,
    bytes: &'static [u8],
}

/// Written by the build script.
static ASSETS: &[Asset] = &include!(concat!(env!("OUT_DIR"), "/assets.rs"));

/// The policy of a worker's script. A worker has that of its own script, not of the page: this one may compile
/// WebAssembly, which the page may not, and can reach nothing at all.
const WORKER_POLICY: HeaderValue = HeaderValue::from_static("default-src 'none'; script-src 'self' 'wasm-unsafe-eval'");

/// The file at `path` (`""` is the page), or `None`.
pub fn answer(path: &str, headers: &HeaderMap) -> Option<Response> {
    let path = if path.is_empty() { "index.html" } else { path };
    let asset = ASSETS.iter().find(|asset| asset.path == path)?;
    let cache = if path.starts_with("assets/") {
        // The bundler puts a hash of the content into these names.
        "private, max-age=31536000, immutable"
    } else {
        "no-cache"
    };
    let known = headers.get(header::IF_NONE_MATCH).and_then(|tags| tags.to_str().ok());
    let mut response = if known.is_some_and(|tags| tags.split(',').any(|tag| tag.trim() == asset.tag)) {
        StatusCode::NOT_MODIFIED.into_response()
    } else {
        ([(header::CONTENT_TYPE, content_type(path))], Body::from(asset.bytes)).into_response()
    };
    response.headers_mut().insert(header::CACHE_CONTROL, HeaderValue::from_static(cache));
    response.headers_mut().insert(header::ETAG, HeaderValue::from_static(asset.tag));
    if path.starts_with("assets/worker-") {
        response.headers_mut().insert(header::CONTENT_SECURITY_POLICY, WORKER_POLICY);
    }
    Some(response)
}

fn content_type(path: &str) -> &'static str {
    match path.rsplit_once('.').map_or("", |(_, extension)| extension) {
        "html" => "text/html; charset=utf-8",
        "js" | "mjs" => "text/javascript; charset=utf-8",
        "css" => "text/css; charset=utf-8",
        "json" | "map" => "application/json",
        "svg" => "image/svg+xml",
        "png" => "image/png",
        "ico" => "image/x-icon",
        "webmanifest" => "application/manifest+json",
        "woff2" => "font/woff2",
        "wasm" => "application/wasm",
        "txt" => "text/plain; charset=utf-8",
        _ => "application/octet-stream",
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn only_workers_have_a_policy_of_their_own() {
        let policies: Vec<_> = (ASSETS.iter())
            .map(|asset| {
                let answer = answer(asset.path, &HeaderMap::new()).expect("an asset");
                let policy = answer.headers().get(header::CONTENT_SECURITY_POLICY).cloned();
                (asset.path.starts_with("assets/worker-"), policy)
            })
            .collect();
        assert!(policies.iter().any(|(is_worker, _)| *is_worker));
        assert!(policies.iter().all(|(is_worker, policy)| *is_worker == (policy.as_ref() == Some(&WORKER_POLICY))));
    }
}
