//! Answers over HTTP and WebSocket, and the page that draws them.
//!
//! The only crate that knows HTTP and the JSON of the page; the interface is `docs/http-api.md`.
//! It computes nothing about the trace: every number comes from `goroscope-analysis`.
//! It serves before there is a trace: the page shows how far the reading is, and whoever asks for more has to wait.
//!
//! # Safety
//!
//! A trace tells a program's inner life, and a server on the loopback interface can be reached by every page that the
//! user's browser shows. Therefore:
//!
//! * everything lives under a random token, without which there is only `403`;
//! * `Host` must name this server (a name that an attacker rebinds to 127.0.0.1 does not), `Origin` must be this
//!   server's where the browser sends one, on HTTP and on WebSocket alike;
//! * no request names a file: only those that frames of the trace name are read, by whoever started the server; the page may load nothing from elsewhere, and nothing may embed it;
//! * bodies, parameters and answers are bounded, and a panic ends one request, not the server.
//!
//! # Parts
//!
//! [`Exhibit`] what to show, [`Show`] several of them side by side, [`Listen`] where to listen, [`Token`] the secret,
//! [`bind`] the socket, [`Bound::serve`] the loop.

mod api;
mod assets;
mod connections;
mod exhibit;
mod failure;
mod gallery;
mod guard;
mod listen;
mod params;
mod sources;
mod tiles;
mod token;

pub use exhibit::Exhibit;
pub use listen::{Listen, ListenError};
pub use sources::Sources;
pub use token::Token;

use std::future::Future;
use std::net::SocketAddr;
use tokio::net::TcpListener;

/// What the server needs beside what it shows.
#[derive(Clone, Debug)]
pub struct Options {
    /// Where to listen.
    pub listen: Listen,
    /// The source files that the traces name.
    pub sources: Sources,
}

/// One of the traces that a server shows. Each has a page of its own, which leads to the others.
#[derive(Clone, Debug)]
pub struct Show {
    /// What it is called on the page: usually its file name.
    pub name: String,
    /// The trace.
    pub exhibit: Exhibit,
    /// The secret in the URL.
    pub token: Token,
}

/// Why the server cannot start.
#[derive(Debug, thiserror::Error)]
#[non_exhaustive]
pub enum ServerError {
    /// The address cannot be listened on.
    #[error("cannot listen on {listen}")]
    Bind {
        /// The address as asked.
        listen: Listen,
        /// What the system said.
        source: std::io::Error,
    },
    /// The system gives no random numbers for the token.
    #[error("no random numbers from the system for the URL's token: {0}")]
    Random(String),
}

/// A server that listens and waits to be served.
#[derive(Debug)]
pub struct Bound {
    listener: TcpListener,
    local: SocketAddr,
    router: axum::Router,
    listen: Listen,
    token: Token,
}

/// Whether an address can be listened on now.
pub fn can_listen(listen: &Listen) -> Result<(), ServerError> {
    let fail = |source| ServerError::Bind { listen: listen.clone(), source };
    std::net::TcpListener::bind((listen.host(), listen.port())).map(drop).map_err(fail)
}

/// Listens on the address of `options`. Nothing is answered until [`Bound::serve`].
pub async fn bind(first: Show, others: Vec<Show>, options: Options) -> Result<Bound, ServerError> {
    let fail = |source| ServerError::Bind { listen: options.listen.clone(), source };
    let listener = TcpListener::bind((options.listen.host(), options.listen.port())).await.map_err(fail)?;
    let local = listener.local_addr().map_err(fail)?;
    let token = first.token.clone();
    let shows: Vec<Show> = std::iter::once(first).chain(others).collect();
    let tokens = shows.iter().map(|show| show.token.clone()).collect();
    let guard = guard::Guard::new(&options.listen, local, tokens);
    let router = gallery::router(shows, &options.sources, guard);
    Ok(Bound { listener, local, router, listen: options.listen, token })
}

impl Bound {
    /// The address that is listened on.
    pub fn local_addr(&self) -> SocketAddr {
        self.local
    }

    /// The URL of the first trace's page, with the token. Where all interfaces are listened on it names `localhost`.
    pub fn url(&self) -> String {
        let port = self.local.port();
        let host = if self.local.ip().is_unspecified() {
            format!("localhost:{port}")
        } else if self.listen.is_local_name() {
            self.local.to_string()
        } else {
            self.listen.with_port(port)
        };
        format!("http://{host}/{}/", self.token.as_str())
    }

    /// Answers requests until `shutdown` is ready; then open connections are closed.
    pub async fn serve(self, shutdown: impl Future<Output = ()>) {
        connections::serve(self.listener, self.router, shutdown).await;
    }
}
