//! Who is let in: tokens, `Host`, `Origin`, sizes, and bytes that are no HTTP.

use crate::site::{Reply, Site};
use expect_test::{Expect, expect};
use std::fmt::Write as _;
use std::io::{ErrorKind, Write};

/// Sends requests as they stand here and shows status and text.
fn check(requests: &[&str], expected: &Expect) {
    let site = Site::start();
    let mut found = String::new();
    for request in requests {
        let bytes = site.fill(request).replace('\n', "\r\n") + "\r\n\r\n";
        let reply = site.exchange(bytes.as_bytes());
        let shown = reply.show().replace(&site.address.port().to_string(), "PORT");
        let request = request.replace(|c: char| c.is_control() && c != '\n', "␀");
        writeln!(found, "{request}\n→ {shown}").expect("memory");
        // Whatever it was, the next request is answered.
        assert_eq!(site.get("api/lanes").status, "HTTP/1.1 200 OK");
    }
    expected.assert_eq(&found);
}

#[test]
fn tokens() {
    check(
        &[
            "GET / HTTP/1.1\nHost: 127.0.0.1:PORT\nConnection: close",
            "GET /api/trace HTTP/1.1\nHost: 127.0.0.1:PORT\nConnection: close",
            "GET /abababababababababababababababac/api/trace HTTP/1.1\nHost: 127.0.0.1:PORT\nConnection: close",
            "GET /favicon.ico HTTP/1.1\nHost: 127.0.0.1:PORT\nConnection: close",
        ],
        &expect![[r#"
            GET / HTTP/1.1
            Host: 127.0.0.1:PORT
            Connection: close
            → 403 Forbidden
            403: the token in the URL is missing or wrong.
            Every start of goroscope has its own: open the URL that it printed.

            GET /api/trace HTTP/1.1
            Host: 127.0.0.1:PORT
            Connection: close
            → 403 Forbidden
            403: the token in the URL is missing or wrong.
            Every start of goroscope has its own: open the URL that it printed.

            GET /abababababababababababababababac/api/trace HTTP/1.1
            Host: 127.0.0.1:PORT
            Connection: close
            → 403 Forbidden
            403: the token in the URL is missing or wrong.
            Every start of goroscope has its own: open the URL that it printed.

            GET /favicon.ico HTTP/1.1
            Host: 127.0.0.1:PORT
            Connection: close
            → 403 Forbidden
            403: the token in the URL is missing or wrong.
            Every start of goroscope has its own: open the URL that it printed.

        "#]],
    );
}

#[test]
fn hosts() {
    check(
        &[
            "GET /TOKEN/api/trace HTTP/1.1\nHost: evil.example:PORT\nConnection: close",
            "GET /TOKEN/api/trace HTTP/1.1\nHost: 127.0.0.1\nConnection: close",
            "GET /TOKEN/api/trace HTTP/1.1\nConnection: close",
            "GET http://evil.example/TOKEN/api/trace HTTP/1.1\nHost: 127.0.0.1:PORT\nConnection: close",
            "GET /TOKEN/api/ws HTTP/1.1\nHost: evil.example:PORT\nConnection: Upgrade\nUpgrade: websocket\n\
             Sec-WebSocket-Version: 13\nSec-WebSocket-Key: dGhlIHNhbXBsZSBub25jZQ==",
        ],
        &expect![[r#"
            GET /TOKEN/api/trace HTTP/1.1
            Host: evil.example:PORT
            Connection: close
            → 403 Forbidden
            403: the Host header does not name this server.
            Open the URL that goroscope printed; it answers to localhost:PORT. To reach it by another name or address, start it with --listen NAME:PORT; a forwarded port must keep its number.

            GET /TOKEN/api/trace HTTP/1.1
            Host: 127.0.0.1
            Connection: close
            → 403 Forbidden
            403: the Host header does not name this server.
            Open the URL that goroscope printed; it answers to localhost:PORT. To reach it by another name or address, start it with --listen NAME:PORT; a forwarded port must keep its number.

            GET /TOKEN/api/trace HTTP/1.1
            Connection: close
            → 403 Forbidden
            403: the Host header does not name this server.
            Open the URL that goroscope printed; it answers to localhost:PORT. To reach it by another name or address, start it with --listen NAME:PORT; a forwarded port must keep its number.

            GET http://evil.example/TOKEN/api/trace HTTP/1.1
            Host: 127.0.0.1:PORT
            Connection: close
            → 403 Forbidden
            403: the Host header does not name this server.
            Open the URL that goroscope printed; it answers to localhost:PORT. To reach it by another name or address, start it with --listen NAME:PORT; a forwarded port must keep its number.

            GET /TOKEN/api/ws HTTP/1.1
            Host: evil.example:PORT
            Connection: Upgrade
            Upgrade: websocket
            Sec-WebSocket-Version: 13
            Sec-WebSocket-Key: dGhlIHNhbXBsZSBub25jZQ==
            → 403 Forbidden
            403: the Host header does not name this server.
            Open the URL that goroscope printed; it answers to localhost:PORT. To reach it by another name or address, start it with --listen NAME:PORT; a forwarded port must keep its number.

        "#]],
    );
}

#[test]
fn origins() {
    check(
        &[
            "GET /TOKEN/api/trace HTTP/1.1\nHost: 127.0.0.1:PORT\nOrigin: http://evil.example\nConnection: close",
            "POST /TOKEN/api/select HTTP/1.1\nHost: 127.0.0.1:PORT\nOrigin: null\nContent-Length: 0\nConnection: close",
            "OPTIONS /TOKEN/api/select HTTP/1.1\nHost: 127.0.0.1:PORT\nOrigin: http://evil.example\n\
             Access-Control-Request-Method: POST\nConnection: close",
            "GET /TOKEN/api/ws HTTP/1.1\nHost: 127.0.0.1:PORT\nOrigin: http://evil.example\nConnection: Upgrade\n\
             Upgrade: websocket\nSec-WebSocket-Version: 13\nSec-WebSocket-Key: dGhlIHNhbXBsZSBub25jZQ==",
        ],
        &expect![[r#"
            GET /TOKEN/api/trace HTTP/1.1
            Host: 127.0.0.1:PORT
            Origin: http://evil.example
            Connection: close
            → 403 Forbidden
            403: the Origin header is of another site.
            Only goroscope's own page may ask.

            POST /TOKEN/api/select HTTP/1.1
            Host: 127.0.0.1:PORT
            Origin: null
            Content-Length: 0
            Connection: close
            → 403 Forbidden
            403: the Origin header is of another site.
            Only goroscope's own page may ask.

            OPTIONS /TOKEN/api/select HTTP/1.1
            Host: 127.0.0.1:PORT
            Origin: http://evil.example
            Access-Control-Request-Method: POST
            Connection: close
            → 403 Forbidden
            403: the Origin header is of another site.
            Only goroscope's own page may ask.

            GET /TOKEN/api/ws HTTP/1.1
            Host: 127.0.0.1:PORT
            Origin: http://evil.example
            Connection: Upgrade
            Upgrade: websocket
            Sec-WebSocket-Version: 13
            Sec-WebSocket-Key: dGhlIHNhbXBsZSBub25jZQ==
            → 403 Forbidden
            403: the Origin header is of another site.
            Only goroscope's own page may ask.

        "#]],
    );
}

#[test]
fn a_refusal_has_the_headers_of_every_answer_and_ends_the_connection() {
    let site = Site::start();
    let refused = site.exchange(b"GET / HTTP/1.1\r\nHost: evil.example\r\n\r\n");
    expect![[r#"
        HTTP/1.1 403 Forbidden
        content-type: text/plain; charset=utf-8
        connection: close
        content-security-policy: default-src 'none'; script-src 'self'; style-src 'self'; img-src 'self' data: blob:; font-src 'self'; worker-src 'self'; connect-src 'self'; base-uri 'none'; form-action 'none'; frame-ancestors 'none'
        x-content-type-options: nosniff
        x-frame-options: DENY
        referrer-policy: no-referrer
        cross-origin-opener-policy: same-origin
        cross-origin-embedder-policy: require-corp
        cross-origin-resource-policy: same-origin
        content-length: 229
    "#]].assert_eq(&refused.show_headers(&site));
}

#[test]
fn what_is_not_http() {
    check(
        &[
            "GET",
            "GET /TOKEN/ HTTP/9.9",
            "GET /TOKEN/\u{0} HTTP/1.1\nHost: 127.0.0.1:PORT",
            "\u{16}\u{3}\u{1}\u{2}\u{0}\u{1}\u{0}\u{1}\u{fc}\u{3}\u{3}",
            "GET /TOKEN/ HTTP/1.1\nHost 127.0.0.1:PORT",
            "POST /TOKEN/api/select HTTP/1.1\nHost: 127.0.0.1:PORT\nContent-Length: -1",
            "POST /TOKEN/api/select HTTP/1.1\nHost: 127.0.0.1:PORT\nContent-Length: 1\nContent-Length: 2",
            "POST /TOKEN/api/select HTTP/1.1\nHost: 127.0.0.1:PORT\nTransfer-Encoding: chunked\nConnection: close\n\nzz",
        ],
        &expect![[r#"
            GET
            → 400 Bad Request


            GET /TOKEN/ HTTP/9.9
            → 400 Bad Request


            GET /TOKEN/␀ HTTP/1.1
            Host: 127.0.0.1:PORT
            → 400 Bad Request


            ␀␀␀␀␀␀␀␀ü␀␀
            → 400 Bad Request


            GET /TOKEN/ HTTP/1.1
            Host 127.0.0.1:PORT
            → 400 Bad Request


            POST /TOKEN/api/select HTTP/1.1
            Host: 127.0.0.1:PORT
            Content-Length: -1
            → 400 Bad Request


            POST /TOKEN/api/select HTTP/1.1
            Host: 127.0.0.1:PORT
            Content-Length: 1
            Content-Length: 2
            → 400 Bad Request


            POST /TOKEN/api/select HTTP/1.1
            Host: 127.0.0.1:PORT
            Transfer-Encoding: chunked
            Connection: close

            zz
            → 400 Bad Request
            error: "the body ended early: Failed to buffer the request body: error reading a body from connection"

        "#]],
    );
}

#[test]
fn headers_are_bounded() {
    let site = Site::start();
    let long = format!("GET /TOKEN/ HTTP/1.1\r\nHost: 127.0.0.1:PORT\r\nX: {}\r\n\r\n", "x".repeat(1 << 20));
    let many = format!("GET /TOKEN/ HTTP/1.1\r\nHost: 127.0.0.1:PORT\r\n{}\r\n", "X: y\r\n".repeat(1000));
    for request in [long, many] {
        let mut stream = site.connect();
        // The server may close before all is written.
        let _ = stream.write_all(site.fill(&request).as_bytes());
        let mut byte = [0; 12];
        if std::io::Read::read_exact(&mut stream, &mut byte).is_ok() {
            assert_eq!(&byte, b"HTTP/1.1 431");
        }
        assert_eq!(site.get("api/lanes").status, "HTTP/1.1 200 OK");
    }
}

/// Says that 100 MB will come, and sees how much of it is taken after the answer.
fn check_large(head: &str, status: &str) {
    const LENGTH: usize = 100_000_000;
    let site = Site::start();
    let mut stream = site.connect();
    let head = format!("{head} HTTP/1.1\r\nHost: 127.0.0.1:PORT\r\nContent-Length: {LENGTH}\r\n\r\n");
    stream.write_all(site.fill(&head).as_bytes()).expect("the server reads");
    let reply = Reply::read(&mut stream);
    assert_eq!(reply.status, status);
    let piece = vec![b' '; 1 << 20];
    let mut taken = 0;
    while taken < LENGTH {
        match stream.write(&piece) {
            Ok(bytes) => taken += bytes,
            Err(error) => {
                assert!(matches!(error.kind(), ErrorKind::BrokenPipe | ErrorKind::ConnectionReset), "{error}");
                break;
            }
        }
    }
    assert!(taken < LENGTH / 4, "{taken} bytes were taken");
}

#[test]
fn a_large_body_is_refused_unread() {
    check_large("POST /TOKEN/api/select", "HTTP/1.1 413 Payload Too Large");
    check_large("POST /wrong/api/select", "HTTP/1.1 403 Forbidden");
    check_large("POST /TOKEN/nothing", "HTTP/1.1 404 Not Found");
}

#[test]
fn a_body_without_length_is_read_up_to_the_limit() {
    let site = Site::start();
    let length = (4 << 20) + 1;
    let mut stream = site.connect();
    let head = format!(
        "POST /TOKEN/api/select HTTP/1.1\r\nHost: 127.0.0.1:PORT\r\nTransfer-Encoding: chunked\r\n\r\n{length:x}\r\n"
    );
    stream.write_all(site.fill(&head).as_bytes()).expect("the server reads");
    stream.write_all(&vec![b' '; length]).expect("the server reads");
    assert_eq!(Reply::read(&mut stream).status, "HTTP/1.1 413 Payload Too Large");
}
