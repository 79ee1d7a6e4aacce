//! Which function on a stack is the program's own: the first one that is not of what every program waits through.
//!
//! The innermost functions of a wait are the same for all that wait in one way: of Go's runtime and packages around it, or
//! of tokio and what lies between it and the program. Where there is room for one function, this one tells more.
//! Names tell their language: paths of Rust have `::`, which no name of Go has, and those of Go a dot, which no name of C has,
//! such as `__rust_try` or `start_thread`.

/// Packages of Go, with those below them.
static PACKAGES: [&str; 10] = ["runtime", "sync", "internal", "time", "net", "os", "syscall", "io", "bufio", "context"];

/// Crates of Rust.
static CRATES: [&str; 77] = [
    "actix",
    "actix_codec",
    "actix_http",
    "actix_router",
    "actix_rt",
    "actix_server",
    "actix_service",
    "actix_utils",
    "actix_web",
    "alloc",
    "async_broadcast",
    "async_channel",
    "async_executor",
    "async_io",
    "async_lock",
    "async_std",
    "async_stream",
    "async_task",
    "axum",
    "axum_core",
    "bb8",
    "blocking",
    "core",
    "crossbeam_channel",
    "crossbeam_utils",
    "deadpool",
    "event_listener",
    "event_listener_strategy",
    "flume",
    "futures",
    "futures_channel",
    "futures_core",
    "futures_executor",
    "futures_io",
    "futures_lite",
    "futures_sink",
    "futures_timer",
    "futures_util",
    "goroscope_recorder",
    "h2",
    "http_body",
    "http_body_util",
    "hyper",
    "hyper_util",
    "kanal",
    "lock_api",
    "log",
    "mio",
    "moka",
    "parking_lot",
    "parking_lot_core",
    "pin_project_lite",
    "quick_cache",
    "rayon",
    "rayon_core",
    "reqwest",
    "rustls",
    "smol",
    "socket2",
    "std",
    "tokio",
    "tokio_native_tls",
    "tokio_rustls",
    "tokio_stream",
    "tokio_tungstenite",
    "tokio_util",
    "tonic",
    "tower",
    "tower_http",
    "tower_layer",
    "tower_service",
    "tracing",
    "tracing_core",
    "tracing_futures",
    "tracing_log",
    "tracing_subscriber",
    "tungstenite",
];

/// Crates that mark something on behalf of the program, and what they do that with.
static MARKING: [&str; 9] = [
    "alloc",
    "core",
    "goroscope_recorder",
    "log",
    "std",
    "tracing",
    "tracing_core",
    "tracing_log",
    "tracing_subscriber",
];

/// Whether a function is the program's own. One without a name is not; what stands for a stack that is not there, is.
pub fn is_own(function: &str) -> bool {
    if !function.contains("::") {
        let is_of = |package: &str| function.strip_prefix(package).is_some_and(|rest| rest.starts_with(['.', '/']));
        return function.contains(['.', '[']) && !PACKAGES.iter().any(|package| is_of(package));
    }
    owner(function).is_none_or(|name| CRATES.binary_search(&name).is_err())
}

/// A function on a stack, and the file that its line is in.
pub(crate) type Place<'a> = (&'a str, &'a str);

/// Which of the places, leaf first, is the first that is the program's own; the innermost one if none is.
pub(crate) fn first_own<'a>(places: impl IntoIterator<Item = Place<'a>>) -> usize {
    places.into_iter().position(is_own_place).unwrap_or(0)
}

/// The functions of Go that begin regions and log on behalf of the program.
const TRACE_PACKAGE: &str = "runtime/trace.";

/// Which of the places, leaf first, is where the program marked something: the first that does not do so on its behalf.
///
/// Libraries mark something, too, as `tower_http` does. If all do so on behalf of others, it is the outermost.
pub(crate) fn first_marking<'a>(
    places: &(impl DoubleEndedIterator<Item = Place<'a>> + ExactSizeIterator + Clone),
) -> Option<usize> {
    let is_of_rust = |function: &str| function.contains("::");
    let marks = |function: &str| match owner(function).filter(|_| is_of_rust(function)) {
        Some(name) => MARKING.contains(&name),
        None => function.starts_with(TRACE_PACKAGE),
    };
    let is_own =
        |(function, file): Place| if is_of_rust(function) { is_own_place((function, file)) } else { !marks(function) };
    let own = places.clone().position(is_own);
    let not_marking = || places.clone().position(|(function, _)| !marks(function));
    own.or_else(not_marking).or_else(|| places.clone().rposition(|(function, _)| is_of_rust(function)))
}

/// Whether a function is the program's own, and its line is in a file of it: what a macro of a library makes is not.
fn is_own_place((function, file): Place) -> bool {
    is_own(function) && !(function.contains("::") && is_of_library(file))
}

/// Whether the file is one of a crate that is known, in a folder that has the crate's name and version.
fn is_of_library(file: &str) -> bool {
    let folder = file.rsplit_once("/src/").and_then(|(before, _)| before.rsplit('/').next());
    let name = folder
        .and_then(|folder| folder.rsplit_once('-'))
        .filter(|(_, version)| version.starts_with(|c: char| c.is_ascii_digit()));
    name.is_some_and(|(name, _)| CRATES.binary_search(&&*name.replace('-', "_")).is_ok())
}

/// `main.worker:12`: a place in the program. Names that end with the line already, for lack of another, are enough.
pub fn place(function: &str, line: u32) -> String {
    match function.rsplit_once(':') {
        Some((_, known)) if known.parse() == Ok(line) => function.to_owned(),
        Some(_) | None => format!("{function}:{line}"),
    }
}

/// The crate that a Rust function is of: `tokio` of `<tokio::net::TcpStream as AsyncRead>::poll_read`. Where the type is
/// any, as in `<F as axum::handler::Handler<T>>::call`, that of the trait.
fn owner(function: &str) -> Option<&str> {
    let Some(inner) = function.strip_prefix('<') else { return first_segment(function) };
    first_segment(inner).or_else(|| first_segment(trait_of(inner)?))
}

/// What comes behind ` as `, unless that is of a type inside of this one.
fn trait_of(inner: &str) -> Option<&str> {
    let mut depth = 0_usize;
    for (at, c) in inner.char_indices() {
        match c {
            '<' | '(' | '[' => depth += 1,
            // The arrow of a function's type closes nothing.
            '>' if inner[..at].ends_with('-') => {}
            '>' if depth == 0 => return None,
            '>' | ')' | ']' => depth = depth.saturating_sub(1),
            ' ' if depth == 0 => {
                if let Some(found) = inner[at..].strip_prefix(" as ") {
                    return Some(found);
                }
            }
            _ => {}
        }
    }
    None
}

/// The first name of a path, `None` if it is no path but the name of a parameter or of a type of the language.
fn first_segment(path: &str) -> Option<&str> {
    let mut path = path;
    while let Some(rest) =
        ["&", "*const ", "*mut ", "mut ", "dyn ", "[", "(", "<"].iter().find_map(|sign| path.strip_prefix(sign))
    {
        path = rest;
    }
    let end = path.find(|c: char| !(c.is_alphanumeric() || c == '_')).unwrap_or(path.len());
    path[end..].starts_with("::").then_some(&path[..end])
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn whose_functions_are() {
        for (function, expected) in [
            ("main.worker", true),
            ("sync.(*Mutex).Lock", false),
            ("internal/poll.(*FD).Read", false),
            ("net/http.(*conn).serve", false),
            ("network.Dial", true),
            ("example.com/runtime.Do", true),
            ("[stack not in this trace]", true),
            ("", false),
            ("__rust_try", false),
            ("start_thread", false),
            ("tokio::runtime::io::scheduled_io::ScheduledIo::poll_readiness", false),
            ("tokio::sync::oneshot::{closure#0}:457", false),
            ("tokios::run", true),
            ("app::bus::{async_fn#0}:42", true),
            ("<tokio::net::tcp::stream::TcpStream as tokio::io::async_read::AsyncRead>::poll_read", false),
            ("<app::Line as core::future::future::Future>::poll", true),
            ("<core::pin::Pin<P> as core::future::future::Future>::poll", false),
            ("<alloc::boxed::Box<app::Line> as core::future::future::Future>::poll", false),
            ("<F as axum::handler::Handler<(M, T1), S>>::call::{{closure}}", false),
            ("<&mut T as app::Lines>::next", true),
            ("<(A, B) as app::Both>::poll", true),
            ("<[T] as app::All>::poll", true),
            ("<fn() -> app::Line as core::ops::FnOnce<()>>::call_once", false),
            ("<<T as app::Lines>::Item as core::ops::FnOnce<()>>::call_once", false),
            ("<>::", true),
        ] {
            assert_eq!(is_own(function), expected, "{function}");
        }
    }

    #[test]
    fn the_innermost_one_is_named() {
        for (functions, expected) in [
            (&["tokio::a", "core::b", "app::c", "tokio::d", "app::e"][..], 2),
            (&["tokio::a", "std::b"], 0),
            (&["runtime.chanrecv1", "main.main"], 1),
            (&[], 0),
        ] {
            assert_eq!(first_own(functions.iter().map(|function| (*function, ""))), expected, "{functions:?}");
        }
    }

    #[test]
    fn lines_of_macros_are_not_the_programs() {
        let registry = "/home/me/.cargo/registry/src/index.example-6f17d22bba15001f";
        let select = format!("{registry}/tokio-1.54.1/src/macros/select.rs");
        let event = format!("{registry}/tracing-0.1.44/src/macros.rs");
        let places =
            [("app::run::{{closure}}::{{closure}}", &*select), ("core::f", ""), ("app::run::{{closure}}", "src/a.rs")];
        assert_eq!((first_own(places), first_own([places[0]])), (2, 0));
        let places =
            [("tracing_core::a", ""), ("app::f::{{closure}}", &*event), ("app::f", "/home/me/log/src/main.rs")];
        assert_eq!(first_marking(&places.into_iter()), Some(2));
        // A folder may be called like a crate.
        assert!(!is_of_library("/home/me/log/src/main.rs"));
        assert!(!is_of_library("/home/me/app-0.1.0/src/main.rs"));
        assert!(is_of_library(&format!("{registry}/tokio-stream-0.1.17/src/macros.rs")));
    }

    #[test]
    fn where_something_is_marked() {
        for (functions, expected) in [
            (&["tracing_subscriber::a", "tracing::b", "app::c"][..], Some(2)),
            (&["tracing_subscriber::a", "tracing::b", "tower_http::c", "axum::d"], Some(2)),
            (&["tracing_subscriber::a", "tracing::b", "core::c"], Some(2)),
            (&["runtime/trace.Log", "net/http.serve", "main.main"], Some(1)),
            (&["runtime/trace.Log"], None),
            (&[], None),
        ] {
            assert_eq!(first_marking(&functions.iter().map(|function| (*function, ""))), expected, "{functions:?}");
        }
    }

    #[test]
    fn places_have_one_line() {
        for (function, line, expected) in [
            ("main.worker", 12, "main.worker:12"),
            ("app::serve::{closure#0}:12", 12, "app::serve::{closure#0}:12"),
            ("app::serve::{closure#0}:12", 13, "app::serve::{closure#0}:12:13"),
            ("", 0, ":0"),
        ] {
            assert_eq!(place(function, line), expected);
        }
    }

    #[test]
    fn crates_are_sorted() {
        assert!(CRATES.is_sorted());
    }
}
