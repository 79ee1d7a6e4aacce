//! A running server on a free port, and a client that is a bare socket: tests decide every byte.

use goroscope_model::Trace;
use goroscope_server::{Exhibit, Options, Show, Sources, Token};
use std::fmt::Write as _;
use std::io::{Read, Write};
use std::net::{SocketAddr, TcpStream};
use std::sync::mpsc;
use std::thread::JoinHandle;
use std::time::Duration;
use tokio::sync::oneshot;

/// The token of every test.
pub const TOKEN: &str = "abababababababababababababababab";

/// A worker that handles a request for main, with a collection, a system call, a task with regions and a log.
pub const TRACE: &str = include_str!("request.trace.txt");

/// A server that ends with the test.
pub struct Site {
    pub address: SocketAddr,
    pub url: String,
    stop: Option<oneshot::Sender<()>>,
    thread: Option<JoinHandle<()>>,
}

impl Site {
    /// Serves the small trace of all tests on a free port of the loopback interface.
    pub fn start() -> Self {
        let file = goroscope_wire::text::parse(TRACE).expect("a trace");
        Self::show(Exhibit::ready(Trace::read(&file, &mut |_| {}).expect("a trace")))
    }

    /// Serves a recorded trace of `testdata`.
    pub fn recorded(name: &str) -> Self {
        let path = std::path::Path::new(env!("CARGO_MANIFEST_DIR")).join("../../testdata").join(name);
        let packed = std::fs::read(path).expect("a recorded trace");
        let mut file = Vec::new();
        ruzstd::decoding::StreamingDecoder::new(packed.as_slice()).expect("zstd").read_to_end(&mut file).expect("zstd");
        Self::show(Exhibit::ready(Trace::read(&file, &mut |_| {}).expect("a trace")))
    }

    /// Serves whatever there is to show.
    pub fn show(exhibit: Exhibit) -> Self {
        Self::show_all(vec![exhibit])
    }

    /// Serves several: the first with the token of every test, the others with those that follow it.
    pub fn show_all(exhibits: Vec<Exhibit>) -> Self {
        let (bound, started) = mpsc::channel();
        let (stop, stopped) = oneshot::channel();
        let serve = async move {
            let options = Options {
                sources: Sources::new(|file| (file == "main.go").then(|| "line\n".repeat(60))),
                listen: "127.0.0.1:0".parse().expect("an address"),
            };
            let mut shows = exhibits.into_iter().zip(0xab..).map(|(exhibit, byte)| Show {
                name: if byte == 0xab { "trace.out".to_owned() } else { format!("{byte:x}.out") },
                exhibit,
                token: Token::from_bits([byte; 16]),
            });
            let first = shows.next().expect("something to show");
            let server = goroscope_server::bind(first, shows.collect(), options).await.expect("a free port");
            bound.send((server.local_addr(), server.url())).expect("the test waits");
            server.serve(async { drop(stopped.await) }).await;
        };
        let thread = std::thread::spawn(move || {
            tokio::runtime::Builder::new_multi_thread()
                .worker_threads(2)
                .enable_all()
                .build()
                .expect("threads")
                .block_on(serve);
        });
        let (address, url) = started.recv().expect("the server starts");
        Self { address, url, stop: Some(stop), thread: Some(thread) }
    }

    pub fn connect(&self) -> TcpStream {
        let stream = TcpStream::connect(self.address).expect("the server listens");
        stream.set_read_timeout(Some(Duration::from_secs(30))).expect("a timeout");
        stream
    }

    /// `PORT` and `TOKEN` in a text stand for this server's.
    pub fn fill(&self, text: &str) -> String {
        text.replace("PORT", &self.address.port().to_string()).replace("TOKEN", TOKEN)
    }

    /// Sends bytes on a new connection and gives everything that comes back before the server closes it.
    pub fn exchange(&self, request: &[u8]) -> Reply {
        let mut stream = self.connect();
        stream.write_all(request).expect("the server reads");
        Reply::read(&mut stream)
    }

    /// Asks for a path below the token.
    pub fn get(&self, path: &str) -> Reply {
        let request = format!("GET /TOKEN/{path} HTTP/1.1\r\nHost: 127.0.0.1:PORT\r\nConnection: close\r\n\r\n");
        self.exchange(self.fill(&request).as_bytes())
    }

    /// Posts a body to a path below the token.
    pub fn post(&self, path: &str, body: &str) -> Reply {
        let length = body.len();
        let head = format!(
            "POST /TOKEN/{path} HTTP/1.1\r\nHost: 127.0.0.1:PORT\r\nConnection: close\r\nContent-Length: {length}\r\n\r\n"
        );
        self.exchange((self.fill(&head) + body).as_bytes())
    }
}

impl Drop for Site {
    fn drop(&mut self) {
        drop(self.stop.take());
        if let Some(thread) = self.thread.take() {
            // Its panic was printed, and a second one here would hide the test's own.
            let _ = thread.join();
        }
    }
}

/// An answer, taken apart.
pub struct Reply {
    pub status: String,
    pub headers: Vec<(String, String)>,
    pub body: Vec<u8>,
}

impl Reply {
    /// Reads until the end of the connection.
    pub fn read(stream: &mut TcpStream) -> Self {
        let mut bytes = Vec::new();
        stream.read_to_end(&mut bytes).expect("an answer");
        let end = bytes.windows(4).position(|four| four == b"\r\n\r\n").expect("an end of the headers");
        let head = String::from_utf8(bytes[..end].to_vec()).expect("headers are text");
        let mut lines = head.split("\r\n");
        let status = lines.next().expect("a status").to_owned();
        let header = |line: &str| {
            let (name, value) = line.split_once(": ").expect("a header");
            (name.to_owned(), value.to_owned())
        };
        Self { status, headers: lines.map(header).collect(), body: bytes[end + 4..].to_vec() }
    }

    pub fn header(&self, name: &str) -> Option<&str> {
        self.headers.iter().find(|header| header.0 == name).map(|header| header.1.as_str())
    }

    /// Status and body; JSON is broken into lines.
    pub fn show(&self) -> String {
        let status = self.status.trim_start_matches("HTTP/1.1 ");
        match serde_json::from_slice::<serde_json::Value>(&self.body) {
            Ok(json) => format!("{status}\n{}\n", lines(&json)),
            Err(_) => format!("{status}\n{}\n", String::from_utf8_lossy(&self.body).trim_end()),
        }
    }

    /// The same with all headers but the date.
    pub fn show_headers(&self, site: &Site) -> String {
        let mut text = format!("{}\n", self.status);
        for (name, value) in self.headers.iter().filter(|header| header.0 != "date") {
            writeln!(text, "{name}: {value}").expect("memory");
        }
        text.replace(&site.address.port().to_string(), "PORT").replace(TOKEN, "TOKEN")
    }
}

/// JSON with a line for each member of the outer object and each element of an array in it.
fn lines(json: &serde_json::Value) -> String {
    let serde_json::Value::Object(members) = json else {
        return json.to_string();
    };
    let mut text = String::new();
    for (name, value) in members {
        match value {
            serde_json::Value::Array(elements) if elements.iter().any(serde_json::Value::is_object) => {
                writeln!(text, "{name}:").expect("memory");
                for element in elements {
                    writeln!(text, "  {element}").expect("memory");
                }
            }
            _ => writeln!(text, "{name}: {value}").expect("memory"),
        }
    }
    text.trim_end().to_owned()
}
