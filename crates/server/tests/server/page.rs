//! The embedded page: types, caching, and the headers that keep it to itself.

use crate::site::{Site, TOKEN};
use expect_test::expect;

#[test]
fn the_url_opens_the_page() {
    let site = Site::start();
    assert_eq!(site.url, format!("http://{}/{TOKEN}/", site.address));
    let page = site.get("");
    assert!(page.body.starts_with(b"<!doctype html>"));
    expect![[r#"
        HTTP/1.1 200 OK
        content-type: text/html; charset=utf-8
        cache-control: no-cache
        etag: …
        content-length: …
        content-security-policy: default-src 'none'; script-src 'self'; style-src 'self'; img-src 'self' data: blob:; font-src 'self'; worker-src 'self'; connect-src 'self' ws://127.0.0.1:PORT; base-uri 'none'; form-action 'none'; frame-ancestors 'none'
        x-content-type-options: nosniff
        x-frame-options: DENY
        referrer-policy: no-referrer
        cross-origin-opener-policy: same-origin
        cross-origin-embedder-policy: require-corp
        cross-origin-resource-policy: same-origin
        connection: close
    "#]].assert_eq(&hidden(&page.show_headers(&site)));
}

#[test]
fn a_known_page_is_not_sent_again() {
    let site = Site::start();
    let tag = site.get("").header("etag").expect("an ETag").to_owned();
    let request = format!(
        "GET /TOKEN/ HTTP/1.1\r\nHost: localhost:PORT\r\nIf-None-Match: \"x\", {tag}\r\nConnection: close\r\n\r\n"
    );
    let again = site.exchange(site.fill(&request).as_bytes());
    assert_eq!((again.status.as_str(), again.body.len()), ("HTTP/1.1 304 Not Modified", 0));
}

#[test]
fn every_file_that_the_page_names_is_there() {
    let site = Site::start();
    let page = String::from_utf8(site.get("").body).expect("text");
    for attribute in ["src=\"./", "href=\"./"] {
        for part in page.split(attribute).skip(1) {
            let path = part.split('"').next().expect("a quote");
            let file = site.get(path);
            let expected = match path.rsplit_once('.').expect("an extension").1 {
                "js" => "text/javascript; charset=utf-8",
                "css" => "text/css; charset=utf-8",
                "svg" => "image/svg+xml",
                other => panic!("{other} in {path}"),
            };
            assert_eq!(
                (file.status.as_str(), file.header("content-type")),
                ("HTTP/1.1 200 OK", Some(expected)),
                "{path}"
            );
        }
    }
    for forbidden in ["<script>", "onload=", "http://", "https://"] {
        assert!(!page.contains(forbidden), "{forbidden} in the page: the policy forbids it");
    }
}

/// The parts of a page's headers that change with every build of it.
fn hidden(headers: &str) -> String {
    let hide = |line: &str| match line.split_once(": ") {
        Some((name @ ("etag" | "content-length"), _)) => format!("{name}: …\n"),
        Some(_) | None => format!("{line}\n"),
    };
    headers.lines().map(hide).collect()
}
