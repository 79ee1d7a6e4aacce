//! Serving a trace until Ctrl-C.

use crate::browser;
use crate::cli::{Reading, Serving};
use crate::console;
use crate::failure::Failure;
use crate::opening::Opened;
use anyhow::Context;
use goroscope_server::{Exhibit, Options, Token};
use std::path::Path;

/// Serves the trace, prints the URL, opens the browser, and returns after Ctrl-C.
pub fn run(reading: &Reading, serving: &Serving, opened: Opened) -> Result<(), Failure> {
    let runtime = tokio::runtime::Builder::new_multi_thread().enable_all().build().context("cannot start threads")?;
    let result = runtime.block_on(serve(reading, serving, opened));
    // An answer that is still being computed is not worth waiting for.
    runtime.shutdown_background();
    result
}

async fn serve(reading: &Reading, serving: &Serving, opened: Opened) -> Result<(), Failure> {
    let name =
        Path::new(&opened.name).file_name().map_or(opened.name.clone(), |name| name.to_string_lossy().into_owned());
    let listen = serving.listen.clone().unwrap_or_default();
    let token = Token::random().map_err(anyhow::Error::from)?;
    let bound = goroscope_server::bind(Exhibit::ready(opened.trace), Options { name, listen, token })
        .await
        .map_err(anyhow::Error::from)
        .context("cannot serve the trace (choose another address with --listen, or none for a free port)")?;
    let (local, url) = (bound.local_addr(), bound.url());
    if local.ip().is_unspecified() {
        console::tell(&format!("Full server listen address: {local}\n"));
    }
    if !local.ip().is_loopback() {
        console::note(reading, "whoever can reach this address and has the URL can see the trace");
    }
    // From here on Ctrl-C is a wish, not an accident: whoever sees the line may end the program.
    let ended = ended();
    // gopls and other editors look for this line.
    if serving.no_browser {
        console::tell(&format!("Trace viewer is listening on {url}\n"));
    } else {
        console::tell(&format!("Opening browser. Trace viewer is listening on {url}\n"));
        browser::open(&url);
    }
    bound.serve(ended).await;
    Ok(())
}

/// Listens for Ctrl-C and SIGTERM from now on; ready when one of them comes. A system without signals ends the process
/// from outside.
fn ended() -> impl Future<Output = ()> {
    #[cfg(unix)]
    let ended = {
        use tokio::signal::unix::{Signal, SignalKind, signal};
        async fn one(signal: std::io::Result<Signal>) {
            match signal {
                Ok(mut signal) => drop(signal.recv().await),
                Err(_) => std::future::pending().await,
            }
        }
        let (interrupt, terminate) = (signal(SignalKind::interrupt()), signal(SignalKind::terminate()));
        async {
            tokio::select! {
                () = one(interrupt) => {}
                () = one(terminate) => {}
            }
        }
    };
    #[cfg(not(unix))]
    let ended = async {
        if tokio::signal::ctrl_c().await.is_err() {
            std::future::pending::<()>().await;
        }
    };
    ended
}
