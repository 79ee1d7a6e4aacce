//! Serving: the line that editors look for, the browser, the end.

use crate::program::{Folder, gzip, packed, recorded};
use std::io::{BufRead, BufReader, Read, Write};
use std::net::TcpStream;
use std::process::{Child, ChildStderr, Command, Stdio};
use std::time::Duration;

/// A program that serves.
struct Serving {
    child: Child,
    stderr: BufReader<ChildStderr>,
    /// What it said before it served, without the URL's line.
    said: String,
    /// That line.
    line: String,
}

impl Serving {
    fn start(folder: &Folder, arguments: &[&str], browser: &str) -> Self {
        Self::spawn(folder.command(arguments), browser)
    }

    fn spawn(command: Command, browser: &str) -> Self {
        Self::spawn_with(command, browser, |_| {})
    }

    /// `feed` gives the program what it needs before it serves.
    fn spawn_with(mut command: Command, browser: &str, feed: impl FnOnce(&mut Child)) -> Self {
        for variable in ["DISPLAY", "WAYLAND_DISPLAY", "WSL_DISTRO_NAME"] {
            command.env_remove(variable);
        }
        let mut child = command.env("BROWSER", browser).spawn().expect("the program starts");
        feed(&mut child);
        let mut stderr = BufReader::new(child.stderr.take().expect("a pipe"));
        let (mut said, mut line) = (String::new(), String::new());
        while !line.contains("listening on http") {
            said += &line;
            line.clear();
            assert!(stderr.read_line(&mut line).expect("text") > 0, "it ended: {said}");
        }
        Self { child, stderr, said, line: line.trim_end().to_owned() }
    }

    fn url(&self) -> &str {
        self.line.rsplit_once("listening on ").expect("a URL").1
    }

    /// Asks for a path below the URL.
    fn get(&self, path: &str) -> String {
        let base = self.url().splitn(4, '/').nth(3).expect("a path");
        self.get_at(&format!("{base}{path}"))
    }

    /// Asks for a path of the server.
    fn get_at(&self, path: &str) -> String {
        let (host, _) = self.url().strip_prefix("http://").expect("http").split_once('/').expect("a path");
        let mut stream = TcpStream::connect(host).expect("it listens");
        stream.set_read_timeout(Some(Duration::from_secs(30))).expect("a timeout");
        let request = format!("GET /{path} HTTP/1.1\r\nHost: {host}\r\nConnection: close\r\n\r\n");
        stream.write_all(request.as_bytes()).expect("it reads");
        let mut reply = String::new();
        stream.read_to_string(&mut reply).expect("text");
        reply
    }

    /// Asks how far the reading is, until it is over.
    fn read_all(&self) -> String {
        loop {
            let report = self.get("api/loading");
            if !report.contains(r#""stage":"loading""#) {
                return report;
            }
        }
    }

    /// Ends it with a signal; gives its exit code and what it said last.
    #[cfg(unix)]
    fn end(mut self, signal: &str) -> (Option<i32>, String) {
        let kill = Command::new("kill").args([signal, &self.child.id().to_string()]).status();
        assert!(kill.expect("kill").success());
        let mut rest = String::new();
        self.stderr.read_to_string(&mut rest).expect("text");
        (self.child.wait().expect("it ends").code(), rest)
    }
}

impl Drop for Serving {
    fn drop(&mut self) {
        // It may have ended.
        let _ = self.child.kill();
        let _ = self.child.wait();
    }
}

fn folder(test: &str) -> Folder {
    let folder = Folder::new(test);
    folder.write("trace.out", &recorded("late-1.27.trace.zst"));
    folder
}

/// The URL, with the port and the token hidden.
fn hidden(line: &str) -> String {
    let (before, url) = line.rsplit_once("://").expect("a URL");
    let parts: Vec<&str> = url.split('/').collect();
    let [host, token, ""] = parts[..] else { panic!("{url}") };
    assert!(token.len() == 32 && token.bytes().all(|byte| byte.is_ascii_hexdigit()), "{token}");
    let (host, port) = host.rsplit_once(':').expect("a port");
    assert!(port.parse::<u16>().expect("a number") > 0);
    format!("{before}://{host}:PORT/TOKEN/")
}

fn check(test: &str, arguments: &[&str], expected: &str) {
    let serving = Serving::start(&folder(test), arguments, "");
    let port = serving.url().rsplit_once(':').expect("a port").1.split('/').next().expect("a number").to_owned();
    let found = serving.said.replace(&port, "PORT") + &hidden(&serving.line);
    assert_eq!(found, expected);
    assert!(serving.get("").starts_with("HTTP/1.1 200 OK\r\n"));
    serving.read_all();
    let trace = serving.get("api/trace");
    assert!(trace.contains(r#"{"name":"#), "{trace}");
}

#[test]
fn the_line_that_editors_look_for() {
    check("the_line", &["trace.out"], "Opening browser. Trace viewer is listening on http://127.0.0.1:PORT/TOKEN/");
}

#[test]
fn without_a_browser() {
    let expected = "Trace viewer is listening on http://127.0.0.1:PORT/TOKEN/";
    check("without_a_browser", &["--no-browser", "trace.out"], expected);
}

#[test]
fn a_binary_before_the_trace_is_ignored() {
    check(
        "a_binary_before",
        &["--no-browser", "prog.test", "trace.out"],
        "note: prog.test is not needed and ignored: traces name their functions\n\
         Trace viewer is listening on http://127.0.0.1:PORT/TOKEN/",
    );
}

#[test]
fn addresses_as_for_go_tool_trace() {
    let local = "Trace viewer is listening on http://127.0.0.1:PORT/TOKEN/";
    check("http_1", &["-http=:0", "--no-browser", "trace.out"], local);
    check("http_2", &["-http", "localhost:0", "--no-browser", "trace.out"], local);
    check("http_3", &["--http", "127.0.0.1:0", "--no-browser", "trace.out"], local);
    check("http_4", &["trace.out", "--no-browser", "--listen=127.0.0.1:0"], local);
    check(
        "http_5",
        &["-http=0.0.0.0:0", "--no-browser", "trace.out"],
        "Full server listen address: 0.0.0.0:PORT\n\
         note: whoever can reach this address and has the URL can see the trace\n\
         Trace viewer is listening on http://localhost:PORT/TOKEN/",
    );
}

#[test]
fn a_damaged_trace_is_served_with_a_word_on_it() {
    let folder = Folder::new("a_damaged_trace");
    let trace = recorded("late-1.27.trace.zst");
    folder.write("short.out", &trace[..trace.len() / 2]);
    let serving = Serving::start(&folder, &["--no-browser", "--quiet", "short.out"], "");
    serving.read_all();
    assert!(serving.get("api/trace").contains(r#""severity":"loss""#));
    #[cfg(unix)]
    {
        let (code, said) = serving.end("-INT");
        assert_eq!(code, Some(0));
        assert!(said.starts_with("short.out: the trace is damaged: "), "{said}");
        assert!(said.lines().count() > 1 && said.lines().skip(1).all(|line| line.contains("byte ")), "{said}");
    }
}

#[test]
fn a_demo() {
    check_demo("demo_1", &["demo", "--no-browser"], ["serial", "concurrent"], &["serial: ", "concurrent: ", "took "]);
    check_demo("demo_2", &["--no-browser", "-q", "demo", "concurrent"], ["concurrent", "serial"], &[]);
}

#[test]
fn a_demo_that_nobody_could_see_is_not_recorded() {
    let taken = std::net::TcpListener::bind("127.0.0.1:0").expect("an address");
    let address = taken.local_addr().expect("an address").to_string();
    let shown = Folder::new("demo_taken").show(&["demo", "--no-browser", "--listen", &address], b"");
    assert!(shown.contains(&format!("cannot listen on {address}")), "{shown}");
    assert!(!shown.contains("Recording"), "{shown}");
    assert!(shown.contains("→ 1"), "{shown}");
}

/// What the demo says holds `said`, and nothing else if that is empty; both traces are shown, in this order, whole.
fn check_demo(test: &str, arguments: &[&str], order: [&str; 2], said: &[&str]) {
    let serving = Serving::start(&Folder::new(test), arguments, "");
    assert!(said.iter().all(|part| serving.said.contains(part)), "{}", serving.said);
    assert_eq!(said.is_empty(), serving.said.is_empty(), "{}", serving.said);
    serving.read_all();
    let [first, other] = order.map(|mode| format!("pub-sub, {mode}"));
    let trace = serving.get("api/trace");
    let begin = format!(r#"{{"name":"{first}","others":[{{"name":"{other}","path":"../"#);
    let (_, rest) = trace.split_once(&begin).unwrap_or_else(|| panic!("{begin} is not in {trace}"));
    assert!(rest.contains(r#""diagnostics":[]"#), "{trace}");
    let (token, rest) = rest.split_once('/').expect("a path");
    assert!(!rest.contains(r#""duration":null"#), "{trace}");
    let other = serving.get_at(&format!("{token}/api/trace"));
    assert!(other.contains(&format!(r#"{{"name":"pub-sub, {}","#, order[1])), "{other}");
    assert!(other.contains(r#""diagnostics":[]"#), "{other}");
}

#[cfg(unix)]
#[test]
fn the_browser_gets_the_whole_url() {
    use std::os::unix::fs::PermissionsExt;
    let folder = folder("the_browser");
    // A pipe that the browser writes to: opening it for reading waits for the browser.
    let pipe = folder.path().join("pipe");
    assert!(Command::new("mkfifo").arg(&pipe).status().expect("mkfifo").success());
    let browser = folder.path().join("browser");
    folder.write("browser", b"#!/bin/sh\necho \"$#:$1\" > pipe\n");
    std::fs::set_permissions(&browser, std::fs::Permissions::from_mode(0o755)).expect("permissions");
    let serving = Serving::start(&folder, &["trace.out"], browser.to_str().expect("UTF-8"));
    let (opened, waited) = std::sync::mpsc::channel();
    std::thread::spawn(move || opened.send(std::fs::read_to_string(pipe).expect("text")));
    let url = waited.recv_timeout(Duration::from_secs(30)).expect("the browser is started");
    assert_eq!(url, format!("1:{}\n", serving.url()));
}

#[cfg(unix)]
#[test]
fn signals_end_it_well() {
    for signal in ["-INT", "-TERM"] {
        let serving = Serving::start(&folder("signals"), &["--no-browser", "trace.out"], "");
        assert_eq!(serving.end(signal), (Some(0), String::new()), "{signal}");
    }
}

/// Starts the program on a pipe, and gives it the first half of a trace.
fn half_fed(test: &str, file: &[u8]) -> (Serving, std::process::ChildStdin) {
    let mut command = Folder::new(test).command(&["--no-browser", "-"]);
    command.stdin(Stdio::piped());
    let mut child_in = None;
    let serving = Serving::spawn_with(command, "", |child| {
        let mut pipe = child.stdin.take().expect("a pipe");
        pipe.write_all(&file[..file.len() / 2]).expect("it reads");
        child_in = Some(pipe);
    });
    (serving, child_in.expect("a pipe"))
}

#[test]
fn the_page_is_there_before_the_trace() {
    let plain = recorded("late-1.27.trace.zst");
    for (test, file) in
        [("half_plain", plain.clone()), ("half_gzip", gzip(&plain)), ("half_zstd", packed("crowd-1.27.trace.zst"))]
    {
        let (serving, mut pipe) = half_fed(test, &file);
        assert!(serving.get("").starts_with("HTTP/1.1 200 OK\r\n"));
        let report = serving.get("api/loading");
        assert!(report.contains(r#""stage":"loading""#) && report.contains(r#""phase":"receiving""#), "{report}");
        assert!(serving.get("api/trace").starts_with("HTTP/1.1 503 Service Unavailable\r\n"));
        pipe.write_all(&file[file.len() / 2..]).expect("it reads");
        drop(pipe);
        let report = serving.read_all();
        assert!(report.contains(r#""stage":"ready""#), "{test}: {report}");
        let trace = serving.get("api/trace");
        assert!(trace.starts_with("HTTP/1.1 200 OK\r\n") && trace.contains(r#""diagnostics":[]"#), "{test}: {trace}");
    }
}

#[cfg(unix)]
#[test]
fn a_signal_while_reading_is_a_wish_once_there_is_a_page() {
    let (serving, pipe) = half_fed("a_signal_while_reading", &recorded("late-1.27.trace.zst"));
    assert_eq!(serving.end("-INT"), (Some(0), String::new()));
    drop(pipe);
}

#[cfg(unix)]
#[test]
fn a_signal_before_there_is_a_page_is_an_accident() {
    use std::os::unix::process::ExitStatusExt;
    let folder = Folder::new("a_signal_before");
    let mut child = folder.command(&["-"]).stdin(Stdio::piped()).spawn().expect("the program starts");
    // More will come, as far as the program knows.
    let mut pipe = child.stdin.take().expect("a pipe");
    pipe.write_all(b"go 1.2").expect("it reads");
    // Not SIGINT, which shells let programs in the background ignore, these tests among them.
    let kill = Command::new("kill").args(["-TERM", &child.id().to_string()]).status();
    assert!(kill.expect("kill").success());
    assert_eq!(child.wait().expect("it ends").signal(), Some(15));
}
