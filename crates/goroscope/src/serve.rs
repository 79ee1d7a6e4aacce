//! Serving traces until Ctrl-C: from the moment that they are known to be some, while they are still being read.

use crate::browser;
use crate::cli::{Reading, Serving};
use crate::console;
use crate::failure::Failure;
use crate::index::Cache;
use crate::input::Input;
use crate::opening;
use crate::sources;
use crate::watch::Watch;
use anyhow::Context;
use goroscope_analysis::{Loading, Phase};
use goroscope_model::ReadOptions;
use goroscope_server::{Exhibit, Options, Show, Sources, Token};
use std::panic::{AssertUnwindSafe, catch_unwind};
use std::path::Path;
use std::thread;

/// What to do about it.
const CANNOT_SERVE: &str = "cannot serve the trace (choose another address with --listen, or none for a free port)";

/// Serves the trace, and others side by side with it, prints its URL, opens the browser, and returns after Ctrl-C.
pub fn run(reading: &Reading, serving: &Serving, input: Input, others: Vec<Input>) -> Result<(), Failure> {
    let runtime = tokio::runtime::Builder::new_multi_thread().enable_all().build().context("cannot start threads")?;
    let result = runtime.block_on(serve(reading, serving, input, others));
    // An answer that is still being computed is not worth waiting for.
    runtime.shutdown_background();
    result
}

async fn serve(reading: &Reading, serving: &Serving, input: Input, others: Vec<Input>) -> Result<(), Failure> {
    let cache = Cache::of(reading)?;
    let listen = serving.listen.clone().unwrap_or_default();
    let first = shown(&input)?;
    let beside = others.iter().map(shown).collect::<Result<Vec<_>, _>>()?;
    let exhibits: Vec<_> = std::iter::once(&first).chain(&beside).map(|show| show.exhibit.clone()).collect();
    let inputs: Vec<_> = std::iter::once(input).chain(others).zip(exhibits.clone()).collect();
    let bound = goroscope_server::bind(first, beside, Options { listen, sources: Sources::new(sources::read) })
        .await
        .map_err(anyhow::Error::from)
        .context(CANNOT_SERVE)?;
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
    let reading = reading.clone();
    // The last first: when the first one's page is there, it can say how long the others are.
    let read = move || {
        for (input, exhibit) in inputs.into_iter().rev() {
            let watch = Watch::terminal(&reading).and_page(exhibit.clone());
            show(input, reading.options(), cache.as_ref(), watch, &exhibit);
        }
    };
    thread::Builder::new().name("reading".to_owned()).spawn(read).context("cannot start a thread to read the trace")?;
    bound.serve(ended).await;
    // Whoever ends the program while it reads wants no more of it.
    if exhibits.iter().any(Exhibit::has_failed) { Err(Failure::Told) } else { Ok(()) }
}

/// Says that the address cannot be listened on, before anything is done for a page that would stand there.
pub fn check(serving: &Serving) -> Result<(), Failure> {
    let listen = serving.listen.clone().unwrap_or_default();
    Ok(goroscope_server::can_listen(&listen).map_err(anyhow::Error::from).context(CANNOT_SERVE)?)
}

/// A place on the server for a trace that will be read.
fn shown(input: &Input) -> Result<Show, Failure> {
    let name =
        Path::new(&input.name).file_name().map_or(input.name.clone(), |name| name.to_string_lossy().into_owned());
    let exhibit = Exhibit::loading(Loading::bytes(Phase::Receiving, 0, None));
    Ok(Show { name, exhibit, token: Token::random().map_err(anyhow::Error::from)? })
}

/// Reads the trace and puts it on the page, or the reason why there is none; tells the terminal what is wrong.
fn show(input: Input, options: ReadOptions, cache: Option<&Cache>, watch: Watch, exhibit: &Exhibit) {
    // The panic itself is printed where it happens.
    let read = catch_unwind(AssertUnwindSafe(|| opening::read(input, options, cache, watch)))
        .unwrap_or_else(|_| Err(anyhow::anyhow!("a bug in goroscope: reading the trace panicked")));
    match read {
        Ok(opened) => {
            if let Some(text) = opening::damage(&opened) {
                console::tell(&text);
            }
            console::tell(&opening::cautions(&opened));
            exhibit.show(opened.trace);
        }
        Err(error) => {
            let text = format!("{error:#}");
            exhibit.fail(&text);
            console::tell(&format!("error: {text}\n"));
        }
    }
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

#[cfg(test)]
mod tests {
    use super::*;
    fn check(input: Input, expected: &str) {
        let reading = Reading { quiet: true, force: false, no_progress: true, index_dir: None, no_index: true };
        let exhibit = Exhibit::loading(Loading::bytes(Phase::Receiving, 0, None));
        show(input, reading.options(), None, Watch::terminal(&reading).and_page(exhibit.clone()), &exhibit);
        assert_eq!(if exhibit.has_failed() { "failed" } else { "shown" }, expected);
    }

    #[test]
    fn traces_are_shown_or_not() {
        check(Input::unseen("empty", b"go 1.26 trace\0\0\0"), "shown");
        check(Input::unseen("noise", b"what is no trace after all"), "failed");
    }
}
