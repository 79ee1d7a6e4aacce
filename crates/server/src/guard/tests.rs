//! Which requests pass the door.

use super::*;

const TOKEN: &str = "00000000000000000000000000000000";

/// Listens on `listen` at `local`; a request is `host | origin | path`, `-` for an absent header.
fn check(listen: &str, local: &str, cases: &[(&str, &str)]) {
    let listen: Listen = listen.parse().expect("an address");
    let guard = Guard::new(
        &listen,
        local.parse().expect("a socket address"),
        vec![Token::from_bits([9; 16]), Token::from_bits([0; 16])],
    );
    for (request, expected) in cases {
        let parts: Vec<&str> = request.split(" | ").collect();
        let [host, origin, path] = parts[..] else { panic!("three parts: {request}") };
        let mut headers = HeaderMap::new();
        for host in host.split('+').filter(|host| *host != "-") {
            headers.append(header::HOST, host.parse().expect("a header"));
        }
        if origin != "-" {
            headers.insert(header::ORIGIN, origin.parse().expect("a header"));
        }
        let uri: Uri = path.replace("TOKEN", TOKEN).parse().expect("a path");
        let found = match guard.check(&uri, &headers) {
            Ok(()) => "ok".to_owned(),
            Err(refusal) => format!("{refusal:?}"),
        };
        assert_eq!(&found, expected, "{request}");
    }
}

#[test]
fn on_loopback() {
    check(
        "localhost:0",
        "127.0.0.1:6060",
        &[
            ("127.0.0.1:6060 | - | /TOKEN/", "ok"),
            ("localhost:6060 | - | /TOKEN/api/trace", "ok"),
            ("LocalHost:6060 | - | /TOKEN/", "ok"),
            ("[::1]:6060 | - | /TOKEN/", "ok"),
            ("127.0.0.1:6060 | http://127.0.0.1:6060 | /TOKEN/", "ok"),
            ("- | - | /TOKEN/", "Host"),
            ("127.0.0.1:6060+127.0.0.1:6060 | - | /TOKEN/", "Host"),
            ("127.0.0.1 | - | /TOKEN/", "Host"),
            ("127.0.0.1:6061 | - | /TOKEN/", "Host"),
            ("evil.example:6060 | - | /TOKEN/", "Host"),
            ("localhost.evil.example:6060 | - | /TOKEN/", "Host"),
            ("127.0.0.1.evil.example:6060 | - | /TOKEN/", "Host"),
            ("x@127.0.0.1:6060 | - | /TOKEN/", "Host"),
            ("192.168.1.5:6060 | - | /TOKEN/", "Host"),
            ("127.0.0.1:6060 | - | http://evil.example:6060/TOKEN/", "Host"),
            ("127.0.0.1:6060 | http://evil.example | /TOKEN/", "Origin"),
            ("127.0.0.1:6060 | https://127.0.0.1:6060 | /TOKEN/", "Origin"),
            ("127.0.0.1:6060 | http://127.0.0.1:6061 | /TOKEN/", "Origin"),
            ("127.0.0.1:6060 | http://localhost:6060 | /TOKEN/", "Origin"),
            ("127.0.0.1:6060 | null | /TOKEN/", "Origin"),
            ("127.0.0.1:6060 | - | /", "Token"),
            ("127.0.0.1:6060 | - | /favicon.ico", "Token"),
            ("127.0.0.1:6060 | - | //TOKEN/", "Token"),
            ("127.0.0.1:6060 | - | /00000000000000000000000000000001/", "Token"),
        ],
    );
}

#[test]
fn on_port_80_no_port_is_needed() {
    check("localhost:80", "127.0.0.1:80", &[("localhost | http://localhost | /TOKEN/", "ok")]);
}

#[test]
fn on_all_interfaces() {
    check(
        "0.0.0.0:6060",
        "0.0.0.0:6060",
        &[
            ("192.168.1.5:6060 | - | /TOKEN/", "ok"),
            ("localhost:6060 | - | /TOKEN/", "ok"),
            ("evil.example:6060 | - | /TOKEN/", "Host"),
        ],
    );
}

#[test]
fn on_a_name() {
    check(
        "build.example:6060",
        "10.0.0.7:6060",
        &[
            ("build.example:6060 | http://build.example:6060 | /TOKEN/", "ok"),
            ("10.0.0.7:6060 | - | /TOKEN/", "ok"),
            ("10.0.0.8:6060 | - | /TOKEN/", "Host"),
            ("evil.example:6060 | - | /TOKEN/", "Host"),
        ],
    );
}
