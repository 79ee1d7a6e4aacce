//! A trace that is still being read: what there is to ask, and what follows.

use crate::site::{Site, TOKEN, TRACE};
use expect_test::{Expect, expect};
use goroscope_analysis::{Loading, Phase};
use goroscope_model::Trace;
use goroscope_server::Exhibit;
use std::fmt::Write as _;
use tungstenite::{Error, HandshakeError};

/// What each path answers, with the time that went by hidden.
fn check(site: &Site, paths: &[&str], expected: &Expect) {
    let mut found = String::new();
    for path in paths {
        let reply = site.get(path);
        let again = reply.header("retry-after").map_or(String::new(), |time| format!("retry-after: {time}\n"));
        let hide = |line: &str| if line.starts_with("elapsed_ms: ") { "elapsed_ms: …" } else { line }.to_owned();
        let shown: Vec<String> = reply.show().lines().map(hide).collect();
        writeln!(found, "{path} → {}\n{again}", shown.join("\n")).expect("memory");
    }
    expected.assert_eq(&found);
}

#[test]
fn the_stages() {
    let exhibit = Exhibit::loading(Loading::bytes(Phase::Receiving, 0, None));
    let site = Site::show(exhibit.clone());
    // The page is there at once.
    assert_eq!(site.get("").status, "HTTP/1.1 200 OK");
    check(
        &site,
        &["api/loading", "api/trace", "api/overview?cells=9", "api/loading?x=1"],
        &expect![[r#"
            api/loading → 200 OK
            elapsed_ms: …
            error: null
            name: "trace.out"
            number: 0
            progress: {"bytes":0,"events":0,"generations":0,"overview":null,"phase":"receiving","total":null}
            stage: "loading"

            api/trace → 503 Service Unavailable
            error: "loading"
            retry-after: 1

            api/overview?cells=9 → 503 Service Unavailable
            error: "loading"
            retry-after: 1

            api/loading?x=1 → 400 Bad Request
            error: "unknown parameter \"x\"; allowed: after"

        "#]],
    );
    assert_eq!(site.post("api/select", "{}").status, "HTTP/1.1 503 Service Unavailable");
    let url = format!("ws://{}/{TOKEN}/api/ws", site.address);
    match tungstenite::client(url, site.connect()) {
        Err(HandshakeError::Failure(Error::Http(reply))) => assert_eq!(reply.status(), 503),
        Err(_) | Ok(_) => panic!("the handshake is refused"),
    }

    // Whoever asks for news waits for it.
    let news = std::thread::scope(|threads| {
        let asking = threads.spawn(|| site.get("api/loading?after=0"));
        exhibit.report(Loading::bytes(Phase::Unpacking, 700, Some(9000)));
        asking.join().expect("an answer").show()
    });
    assert!(news.contains("number: 1\n") && news.contains("unpacking"), "{news}");
    check(
        &site,
        &["api/loading"],
        &expect![[r#"
            api/loading → 200 OK
            elapsed_ms: …
            error: null
            name: "trace.out"
            number: 1
            progress: {"bytes":700,"events":0,"generations":0,"overview":null,"phase":"unpacking","total":9000}
            stage: "loading"

        "#]],
    );

    let file = goroscope_wire::text::parse(TRACE).expect("a trace");
    let total = file.len() as u64;
    let trace = Trace::read(&file, &mut |progress| exhibit.report(Loading::events(&progress, total))).expect("a trace");
    check(
        &site,
        &["api/loading"],
        &expect![[r#"
            api/loading → 200 OK
            elapsed_ms: …
            error: null
            name: "trace.out"
            number: 5
            progress: {"bytes":433,"events":22,"generations":1,"overview":{"cells":1,"from":0,"gc":[],"goal":[null],"gomaxprocs":[null],"heap":[null],"heap_max":0,"runnable":[0.5],"running":[0.7777777777777778],"stw":[],"syscall":[0.0],"waiting":[0.16666666666666666],"waiting_max":0.16666666666666666,"width":1024},"phase":"indexing","total":433}
            stage: "loading"

        "#]],
    );

    exhibit.show(trace);
    check(
        &site,
        &["api/loading"],
        &expect![[r#"
            api/loading → 200 OK
            elapsed_ms: …
            error: null
            name: "trace.out"
            number: 6
            progress: null
            stage: "ready"

        "#]],
    );
    assert_eq!(site.get("api/trace").status, "HTTP/1.1 200 OK");
}

#[test]
fn a_trace_that_cannot_be_read() {
    let exhibit = Exhibit::loading(Loading::bytes(Phase::Receiving, 0, None));
    let site = Site::show(exhibit.clone());
    exhibit.fail("the disk gave up");
    assert_eq!(site.get("").status, "HTTP/1.1 200 OK");
    check(
        &site,
        &["api/loading", "api/trace"],
        &expect![[r#"
            api/loading → 200 OK
            elapsed_ms: …
            error: "the disk gave up"
            name: "trace.out"
            number: 1
            progress: null
            stage: "failed"

            api/trace → 500 Internal Server Error
            error: "the trace cannot be read: the disk gave up"

        "#]],
    );
}
