//! Every endpoint: what it answers, and what it says to wrong parameters.

mod annotations;
mod filtered;
mod goroutines;
mod lanes;
mod profiles;
mod runtime;
mod selections;
mod spans;

use crate::site::Site;
use expect_test::{Expect, expect};
use std::fmt::Write as _;

fn check(paths: &[&str], expected: &Expect) {
    let site = Site::start();
    let mut found = String::new();
    for path in paths {
        writeln!(found, "GET {path}\n{}", site.get(path).show()).expect("memory");
    }
    expected.assert_eq(&found);
}

fn check_post(path: &str, bodies: &[&str], expected: &Expect) {
    let site = Site::start();
    let mut found = String::new();
    for body in bodies {
        writeln!(found, "POST {body}\n{}", site.post(path, body).show()).expect("memory");
    }
    expected.assert_eq(&found);
}

#[test]
fn methods_and_paths() {
    let site = Site::start();
    let mut found = String::new();
    for line in [
        "POST /TOKEN/api/trace",
        "GET /TOKEN/api/select",
        "DELETE /TOKEN/",
        "HEAD /TOKEN/api/lanes",
        "GET /TOKEN/api/nothing",
        "GET /TOKEN/nothing",
        "GET /TOKEN/../Cargo.toml",
        "GET /TOKEN/%2e%2e/Cargo.toml",
        "GET /TOKEN",
    ] {
        let request =
            format!("{line} HTTP/1.1\r\nHost: 127.0.0.1:PORT\r\nConnection: close\r\nContent-Length: 0\r\n\r\n");
        writeln!(found, "{line}\n{}", site.exchange(site.fill(&request).as_bytes()).show()).expect("memory");
    }
    expect![[r#"
        POST /TOKEN/api/trace
        405 Method Not Allowed
        error: "only GET is allowed here"

        GET /TOKEN/api/select
        405 Method Not Allowed
        error: "only POST is allowed here"

        DELETE /TOKEN/
        405 Method Not Allowed
        error: "only GET is allowed here"

        HEAD /TOKEN/api/lanes
        200 OK


        GET /TOKEN/api/nothing
        404 Not Found
        error: "no such path; the interface is described in docs/http-api.md"

        GET /TOKEN/nothing
        404 Not Found
        error: "no such path; the interface is described in docs/http-api.md"

        GET /TOKEN/../Cargo.toml
        404 Not Found
        error: "no such path; the interface is described in docs/http-api.md"

        GET /TOKEN/%2e%2e/Cargo.toml
        404 Not Found
        error: "no such path; the interface is described in docs/http-api.md"

        GET /TOKEN
        308 Permanent Redirect


    "#]]
    .assert_eq(&found);
}
