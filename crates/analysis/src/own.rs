//! Which function on a stack is the program's own: the first one that is not of what every program waits through.
//!
//! The innermost functions of a wait are the same for all that wait in one way: of Go's runtime and packages around it, or
//! of tokio and what lies between it and the program. Where there is room for one function, this one tells more.
//! Names tell their language: paths of Rust have `::`, which no name of Go has, and those of Go a dot, which no name of C has,
//! such as `__rust_try` or `start_thread`.

/// Packages of Go, with those below them.
static PACKAGES: [&str; 10] = ["runtime", "sync", "internal", "time", "net", "os", "syscall", "io", "bufio", "context"];

/// Crates of Rust.
static CRATES: [&str; 41] = [
    "alloc",
    "async_channel",
    "axum",
    "axum_core",
    "core",
    "crossbeam_channel",
    "crossbeam_utils",
    "futures",
    "futures_channel",
    "futures_core",
    "futures_executor",
    "futures_io",
    "futures_lite",
    "futures_sink",
    "futures_util",
    "goroscope_recorder",
    "h2",
    "http_body",
    "http_body_util",
    "hyper",
    "hyper_util",
    "lock_api",
    "log",
    "mio",
    "parking_lot",
    "parking_lot_core",
    "pin_project_lite",
    "rayon",
    "rayon_core",
    "socket2",
    "std",
    "tokio",
    "tokio_stream",
    "tokio_util",
    "tower",
    "tower_http",
    "tower_service",
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

/// Which of the functions, leaf first, is the first that is the program's own; the innermost one if none is.
pub(crate) fn first_own<'a>(functions: impl IntoIterator<Item = &'a str>) -> usize {
    functions.into_iter().position(is_own).unwrap_or(0)
}

/// The functions of Go that begin regions and log on behalf of the program.
const TRACE_PACKAGE: &str = "runtime/trace.";

/// Which of the functions, leaf first, is where the program marked something: the first that does not do so on its behalf.
pub(crate) fn first_marking<'a>(mut functions: impl Iterator<Item = &'a str> + Clone) -> Option<usize> {
    let marks = |function: &str| function.starts_with(TRACE_PACKAGE);
    let is_own = |function: &str| if function.contains("::") { is_own(function) } else { !marks(function) };
    functions.clone().position(is_own).or_else(|| functions.position(|function| !marks(function)))
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
            assert_eq!(first_own(functions.iter().copied()), expected, "{functions:?}");
        }
    }

    #[test]
    fn where_something_is_marked() {
        for (functions, expected) in [
            (&["tracing_subscriber::a", "tracing::b", "app::c"][..], Some(2)),
            (&["tracing::a", "core::b"], Some(0)),
            (&["runtime/trace.Log", "net/http.serve", "main.main"], Some(1)),
            (&["runtime/trace.Log"], None),
            (&[], None),
        ] {
            assert_eq!(first_marking(functions.iter().copied()), expected, "{functions:?}");
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
