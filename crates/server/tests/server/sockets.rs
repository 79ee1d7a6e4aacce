//! Tiles over a WebSocket: asked for, superseded, and asked for wrongly.

use crate::site::{Site, TOKEN};
use expect_test::{Expect, expect};
use std::fmt::Write as _;
use std::net::TcpStream;
use tungstenite::client::IntoClientRequest;
use tungstenite::{Message, WebSocket};

/// The page's side of a connection.
struct Page(WebSocket<TcpStream>);

impl Page {
    fn open(site: &Site) -> Self {
        let mut request = format!("ws://{}/{TOKEN}/api/ws", site.address).into_client_request().expect("a request");
        let origin = format!("http://{}", site.address).parse().expect("a header");
        request.headers_mut().insert("origin", origin);
        Self(tungstenite::client(request, site.connect()).expect("a WebSocket").0)
    }

    fn send(&mut self, text: &str) {
        self.0.send(Message::text(text)).expect("the server reads");
    }

    fn receive(&mut self) -> Message {
        self.0.read().expect("a message")
    }

    /// Reads frames up to the last of a viewport.
    fn frames(&mut self, viewport: u32) -> Vec<Vec<u8>> {
        let mut frames = Vec::new();
        loop {
            let Message::Binary(frame) = self.receive() else { panic!("a frame") };
            let last = frame[6] & 1 == 1 && number(&frame, 8) == viewport;
            frames.push(frame.to_vec());
            if last {
                return frames;
            }
        }
    }
}

fn number(frame: &[u8], at: usize) -> u32 {
    u32::from_le_bytes(frame[at..at + 4].try_into().expect("four bytes"))
}

/// The tiles and then the texts of frames, one a line. Where one frame ends and the next begins is a matter of time.
fn show(frames: &[Vec<u8>]) -> String {
    let (mut tiles, mut texts) = (String::new(), String::new());
    for frame in frames {
        assert_eq!(&frame[..6], b"GTIL\x01\x00");
        let mut at = 32;
        for _ in 0..number(frame, 12) {
            let x = i64::from_le_bytes(frame[at + 8..at + 16].try_into().expect("eight bytes"));
            let [kind, depth, level, form] = frame[at..at + 4] else { panic!("four bytes") };
            let (row, payload, count) = (number(frame, at + 4), number(frame, at + 16), number(frame, at + 20));
            let place = format!("kind {kind} depth {depth} row {row} level {level} x {x}");
            writeln!(tiles, "{place}: form {form}, {count:#x}, {payload} bytes").expect("memory");
            at += 24 + payload as usize;
            assert_eq!(at % 8, 0);
        }
        assert_eq!(at, number(frame, 20) as usize);
        for _ in 0..number(frame, 16) {
            let (id, length) = (number(frame, at), number(frame, at + 4) as usize);
            let value = std::str::from_utf8(&frame[at + 8..at + 8 + length]).expect("UTF-8");
            writeln!(texts, "text {id}: {value}").expect("memory");
            at += 8 + length.next_multiple_of(4);
        }
        assert_eq!(at, frame.len());
    }
    tiles + &texts
}

/// Asks on one connection, one request after the other.
fn check(requests: &[&str], expected: &Expect) {
    let site = Site::start();
    let mut page = Page::open(&site);
    let mut found = String::new();
    for request in requests {
        page.send(request);
        let json: serde_json::Value = serde_json::from_str(request).expect("JSON");
        let viewport = json["viewport"].as_u64().expect("a viewport") as u32;
        writeln!(found, "{request}\n{}", show(&page.frames(viewport))).expect("memory");
    }
    expected.assert_eq(&found);
}

#[test]
fn tiles() {
    check(
        &[
            r#"{"viewport":1,"level":1,"lanes":[["go:0",0,0],["proc:0",-1,1]]}"#,
            r#"{"viewport":2,"level":1,"lanes":[["go:0",0,0],["gc",0,0],["stw",0,0],["all",0,0]]}"#,
            r#"{"viewport":3,"level":0,"lanes":[["task:0",0,0],["regions:1:0",0,0],["go:77",0,0]]}"#,
            r#"{"viewport":4,"level":0,"lanes":[]}"#,
        ],
        &expect![[r#"
            {"viewport":1,"level":1,"lanes":[["go:0",0,0],["proc:0",-1,1]]}
            kind 4 depth 0 row 0 level 1 x 0: form 1, 0x6, 160 bytes
            kind 2 depth 0 row 0 level 1 x -1: form 0, 0x0, 0 bytes
            kind 2 depth 0 row 0 level 1 x 0: form 1, 0x7, 184 bytes
            kind 2 depth 0 row 0 level 1 x 1: form 0, 0x0, 0 bytes
            text 1: running
            text 2: chan receive
            text 3: runnable
            text 4: G1 main.main
            text 5: G2 main.worker

            {"viewport":2,"level":1,"lanes":[["go:0",0,0],["gc",0,0],["stw",0,0],["all",0,0]]}
            kind 4 depth 0 row 0 level 1 x 0: form 1, 0x6, 160 bytes
            kind 0 depth 0 row 0 level 1 x 0: form 1, 0x1, 40 bytes
            kind 1 depth 0 row 0 level 1 x 0: form 0, 0x0, 0 bytes
            kind 9 depth 0 row 0 level 1 x 0: form 2, 0x16, 3072 bytes
            text 6: GC concurrent mark phase

            {"viewport":3,"level":0,"lanes":[["task:0",0,0],["regions:1:0",0,0],["go:77",0,0]]}
            kind 7 depth 0 row 0 level 0 x 0: form 1, 0x1, 56 bytes
            kind 6 depth 0 row 1 level 0 x 0: form 1, 0x1, 40 bytes
            kind 4 depth 0 row 77 level 0 x 0: form 0, 0x0, 0 bytes
            text 7: request #1
            text 8: step: half
            text 9: write

            {"viewport":4,"level":0,"lanes":[]}

        "#]],
    );
}

#[test]
fn mistakes_are_answered_and_forgiven() {
    let site = Site::start();
    let mut page = Page::open(&site);
    let mut found = String::new();
    for wrong in [
        "",
        "null",
        r#"{"viewport":1,"level":1}"#,
        r#"{"viewport":1,"level":99,"lanes":[]}"#,
        r#"{"viewport":1,"level":1,"lanes":[["nothing",0,0]]}"#,
        r#"{"viewport":1,"level":1,"lanes":[["gc",0,9007199254740991]]}"#,
    ] {
        page.send(wrong);
        writeln!(found, "{wrong}\n→ {}", page.receive()).expect("memory");
    }
    page.0.send(Message::binary(vec![0_u8; 9])).expect("the server reads");
    writeln!(found, "nine bytes\n→ {}", page.receive()).expect("memory");
    page.send(r#"{"viewport":2,"level":1,"lanes":[["gc",0,0]]}"#);
    found += &show(&page.frames(2));
    expect![[r#"

        → {"error":"malformed request: EOF while parsing a value at line 1 column 0"}
        null
        → {"error":"malformed request: invalid type: null, expected struct Message at line 1 column 4"}
        {"viewport":1,"level":1}
        → {"error":"malformed request: missing field `lanes` at line 1 column 24"}
        {"viewport":1,"level":99,"lanes":[]}
        → {"error":"level 99 is above 62"}
        {"viewport":1,"level":1,"lanes":[["nothing",0,0]]}
        → {"error":"no such kind of lane: \"nothing\""}
        {"viewport":1,"level":1,"lanes":[["gc",0,9007199254740991]]}
        → {"error":"more than 4096 tiles"}
        nine bytes
        → {"error":"a request is text, not binary"}
        kind 0 depth 0 row 0 level 1 x 0: form 1, 0x1, 40 bytes
        text 1: GC concurrent mark phase
    "#]]
    .assert_eq(&found);
}

#[test]
fn a_frame_has_at_most_sixteen_lanes() {
    let site = Site::recorded("pubsub-serial.trace.zst");
    let mut page = Page::open(&site);
    let lanes: Vec<String> = (0..100).map(|go| format!(r#"["go:{go}",0,1]"#)).collect();
    page.send(&format!(r#"{{"viewport":1,"level":20,"lanes":[{}]}}"#, lanes.join(",")));
    let frames = page.frames(1);
    let tiles: Vec<u32> = frames.iter().map(|frame| number(frame, 12)).collect();
    assert_eq!(tiles.iter().sum::<u32>(), 200);
    assert!(tiles.iter().all(|tiles| *tiles <= 33), "{tiles:?}");
    assert!(frames.iter().rev().skip(1).all(|frame| frame[6] == 0));
    assert!(show(&frames).lines().count() > 200);
}

#[test]
fn a_newer_viewport_supersedes_the_older() {
    let site = Site::recorded("pubsub-serial.trace.zst");
    let mut page = Page::open(&site);
    // Both are on their way before the server sees the first, which would be 16 frames.
    let lanes: Vec<String> = (0..256).map(|go| format!(r#"["go:{go}",0,3]"#)).collect();
    let old = format!(r#"{{"viewport":7,"level":16,"lanes":[{}]}}"#, lanes.join(","));
    page.0.write(Message::text(old)).expect("memory");
    page.0.write(Message::text(r#"{"viewport":8,"level":16,"lanes":[["gc",0,0],["proc:0",0,0]]}"#)).expect("memory");
    page.0.flush().expect("the server reads");
    let frames = page.frames(8);
    let viewports: Vec<u32> = frames.iter().map(|frame| number(frame, 8)).collect();
    let old = viewports.iter().filter(|viewport| **viewport == 7).count();
    assert!(old < 8 && viewports.is_sorted(), "{viewports:?}");
    // An older one that comes late is not answered: the next frame is of the next request.
    page.send(r#"{"viewport":7,"level":16,"lanes":[["gc",0,0]]}"#);
    page.send(r#"{"viewport":9,"level":16,"lanes":[["gc",0,0]]}"#);
    assert!(page.frames(9).iter().all(|frame| number(frame, 8) == 9));
}

#[test]
fn requests_of_one_viewport_add_up() {
    let site = Site::start();
    let mut page = Page::open(&site);
    page.send(r#"{"viewport":1,"level":1,"lanes":[["gc",0,0]]}"#);
    page.send(r#"{"viewport":1,"level":2,"lanes":[["stw",0,0]]}"#);
    let shown = show(&page.frames(1)) + &show(&page.frames(1));
    expect![[r#"
        kind 0 depth 0 row 0 level 1 x 0: form 1, 0x1, 40 bytes
        text 1: GC concurrent mark phase
        kind 1 depth 0 row 0 level 2 x 0: form 0, 0x0, 0 bytes
    "#]]
    .assert_eq(&shown);
}

#[test]
fn a_message_is_bounded() {
    let site = Site::start();
    let mut page = Page::open(&site);
    // The server may close before all of it is written.
    let _ = page.0.send(Message::text(" ".repeat((1 << 20) + 1)));
    match page.0.read() {
        Ok(Message::Close(Some(close))) => assert_eq!(u16::from(close.code), 1008),
        Ok(other) => panic!("{other:?}"),
        Err(_) => {}
    }
    assert_eq!(site.get("api/lanes").status, "HTTP/1.1 200 OK");
}

#[test]
fn without_an_upgrade_there_is_no_socket() {
    let site = Site::start();
    expect![[r#"
        400 Bad Request
        error: "not a WebSocket: Connection header did not include 'upgrade'"
    "#]]
    .assert_eq(&site.get("api/ws").show());
}
