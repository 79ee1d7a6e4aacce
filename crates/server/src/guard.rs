//! The door: who may ask, and which headers every answer carries.
//!
//! 1. `Host` (and the authority of an absolute request target) must name this server: a page of another site that
//!    points its own name at 127.0.0.1 sends its own name.
//! 2. `Origin`, where present, must be this server's: browsers send it with every WebSocket and every `POST`.
//! 3. The first part of the path must be the token of a trace that is served.

use crate::{Listen, Token};
use axum::extract::{Request, State};
use axum::http::header::{self, HeaderMap, HeaderName, HeaderValue};
use axum::http::uri::Authority;
use axum::http::{StatusCode, Uri};
use axum::middleware::Next;
use axum::response::{IntoResponse, Response};
use std::net::{IpAddr, SocketAddr};
use std::sync::Arc;

/// What the door knows.
#[derive(Clone, Debug)]
pub struct Guard {
    inner: Arc<Inner>,
}

#[derive(Debug)]
struct Inner {
    /// The host as the user named it.
    name: String,
    /// The address and port that are listened on.
    local: SocketAddr,
    /// One of these must be given: that of the trace that is asked for.
    tokens: Vec<Token>,
}

/// Why a request is refused.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
enum Refusal {
    Host,
    Origin,
    Token,
}

impl Guard {
    /// The door of a server that was asked to listen on `listen` and does so on `local`.
    pub fn new(listen: &Listen, local: SocketAddr, tokens: Vec<Token>) -> Self {
        Self { inner: Arc::new(Inner { name: listen.host().to_owned(), local, tokens }) }
    }

    fn check(&self, uri: &Uri, headers: &HeaderMap) -> Result<(), Refusal> {
        let mut hosts = headers.get_all(header::HOST).iter();
        let host = hosts.next().and_then(|value| value.to_str().ok()).ok_or(Refusal::Host)?;
        if hosts.next().is_some() || !self.names_us(host) {
            return Err(Refusal::Host);
        }
        if uri.authority().is_some_and(|authority| !self.names_us(authority.as_str())) {
            return Err(Refusal::Host);
        }
        for origin in headers.get_all(header::ORIGIN) {
            let site = origin.to_str().ok().and_then(|origin| origin.strip_prefix("http://"));
            if !site.is_some_and(|site| site.eq_ignore_ascii_case(host)) {
                return Err(Refusal::Origin);
            }
        }
        let first = uri.path().split('/').nth(1).unwrap_or_default();
        // All are compared, so that the time does not tell which.
        let is_known = self.inner.tokens.iter().fold(false, |known, token| known | token.matches(first));
        if is_known { Ok(()) } else { Err(Refusal::Token) }
    }

    /// Whether `host[:port]` is this server.
    fn names_us(&self, host: &str) -> bool {
        let Ok(authority) = host.parse::<Authority>() else {
            return false;
        };
        if host.contains('@') || authority.port_u16().unwrap_or(80) != self.inner.local.port() {
            return false;
        }
        let name = authority.host();
        let bare = name.strip_prefix('[').and_then(|rest| rest.strip_suffix(']')).unwrap_or(name);
        match bare.parse::<IpAddr>() {
            // An address cannot be rebound: with all interfaces open, every address is ours to be called by.
            Ok(ip) => ip.is_loopback() || ip == self.inner.local.ip() || self.inner.local.ip().is_unspecified(),
            Err(_) => bare.eq_ignore_ascii_case("localhost") || bare.eq_ignore_ascii_case(&self.inner.name),
        }
    }

    fn refuse(&self, refusal: Refusal) -> Response {
        let port = self.inner.local.port();
        let text = match refusal {
            Refusal::Host => format!(
                "403: the Host header does not name this server.\n\
                 Open the URL that goroscope printed; it answers to localhost:{port}. \
                 To reach it by another name or address, start it with --listen NAME:PORT; \
                 a forwarded port must keep its number.\n"
            ),
            Refusal::Origin => "403: the Origin header is of another site.\n\
                 Only goroscope's own page may ask.\n"
                .to_owned(),
            Refusal::Token => "403: the token in the URL is missing or wrong.\n\
                 Every start of goroscope has its own: open the URL that it printed.\n"
                .to_owned(),
        };
        (StatusCode::FORBIDDEN, [(header::CONTENT_TYPE, "text/plain; charset=utf-8")], text).into_response()
    }
}

/// Lets a request through or refuses it, and puts the safety headers on the answer.
pub async fn watch(State(guard): State<Guard>, request: Request, next: Next) -> Response {
    let host = request.headers().get(header::HOST).cloned();
    let mut response = match guard.check(request.uri(), request.headers()) {
        Ok(()) => next.run(request).await,
        Err(refusal) => {
            let mut response = guard.refuse(refusal);
            // What follows on this connection, a body perhaps, is not worth reading.
            response.headers_mut().insert(header::CONNECTION, HeaderValue::from_static("close"));
            return sealed(response, None);
        }
    };
    response.headers_mut().entry(header::CACHE_CONTROL).or_insert(HeaderValue::from_static("no-store"));
    sealed(response, host.as_ref())
}

/// The headers that every answer carries. `host` is a checked `Host`: `'self'` does not mean `ws:` in every browser.
fn sealed(mut response: Response, host: Option<&HeaderValue>) -> Response {
    let socket = host.and_then(|host| host.to_str().ok()).map_or(String::new(), |host| format!(" ws://{host}"));
    let policy = format!(
        "default-src 'none'; script-src 'self'; style-src 'self'; img-src 'self' data: blob:; font-src 'self'; \
         worker-src 'self'; connect-src 'self'{socket}; base-uri 'none'; form-action 'none'; frame-ancestors 'none'"
    );
    let headers = response.headers_mut();
    if let Ok(policy) = HeaderValue::from_str(&policy) {
        // The scripts of workers have one of their own.
        headers.entry(header::CONTENT_SECURITY_POLICY).or_insert(policy);
    }
    for (name, value) in SEALS {
        headers.insert(name, HeaderValue::from_static(value));
    }
    response
}

const SEALS: [(HeaderName, &str); 6] = [
    (header::X_CONTENT_TYPE_OPTIONS, "nosniff"),
    (header::X_FRAME_OPTIONS, "DENY"),
    (header::REFERRER_POLICY, "no-referrer"),
    (HeaderName::from_static("cross-origin-opener-policy"), "same-origin"),
    (HeaderName::from_static("cross-origin-embedder-policy"), "require-corp"),
    (HeaderName::from_static("cross-origin-resource-policy"), "same-origin"),
];

#[cfg(test)]
mod tests;
