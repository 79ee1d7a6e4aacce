//! What of a trace's texts Go brought, and not the program.

use std::borrow::Cow;

/// The packages of the standard library, of all releases that write traces: `go list std` of each, sorted.
const PACKAGES: &str = include_str!("packages.txt");

/// Why goroutines wait or stop, why the world stops, and what workers of the garbage collector are called.
const OF_RUNTIME: [&str; 42] = [
    "",
    "unspecified",
    "forever",
    "network",
    "select",
    "sync.(*Cond).Wait",
    "sync",
    "chan send",
    "chan receive",
    "GC mark assist wait for work",
    "GC background sweeper wait",
    "GC weak to strong wait",
    "system goroutine wait",
    "preempted",
    "wait for debug call",
    "wait until GC ends",
    "sleep",
    "synctest",
    "runtime.Gosched",
    "unknown",
    "GC mark termination",
    "GC sweep termination",
    "write heap dump",
    "goroutine profile",
    "goroutine profile cleanup",
    "all goroutines stack trace",
    "all goroutine stack trace",
    "read mem stats",
    "AllThreadsSyscall",
    "GOMAXPROCS",
    "start trace",
    "stop trace",
    "CountPagesInUse (test)",
    "ReadMetricsSlow (test)",
    "ReadMemStatsSlow (test)",
    "PageCachePagesLeaked (test)",
    "ResetDebugLog (test)",
    "stop-the-world (unknown)",
    "Not worker",
    "GC (dedicated)",
    "GC (fractional)",
    "GC (idle)",
];

/// Whether the runtime says so.
pub fn is_of_runtime(text: &str) -> bool {
    OF_RUNTIME.contains(&text)
}

/// The package of a function and the rest of its name.
pub fn split(function: &str) -> (&str, &str) {
    // Type arguments may contain slashes and dots, but they stand behind the package.
    let plain = function.find('[').map_or(function, |at| &function[..at]);
    let last = plain.rfind('/').map_or(0, |at| at + 1);
    match plain[last..].find('.') {
        Some(dot) => (&function[..last + dot], &function[last + dot + 1..]),
        None => ("", function),
    }
}

fn is_package(name: &str) -> bool {
    PACKAGES.lines().any(|package| package == name)
}

/// The name of a function of the standard library, without type arguments, which may be those of the program.
pub fn function(text: &str) -> Option<Cow<'_, str>> {
    let (package, _) = split(text);
    if !is_package(package) {
        return None;
    }
    match text.find('[') {
        Some(at) if &text[at..] != "[...]" => {
            let behind = text.rfind(']').map_or("", |end| &text[end + 1..]);
            Some(format!("{}[...]{behind}", &text[..at]).into())
        }
        Some(_) | None => Some(text.into()),
    }
}

/// The file of a function of the standard library, as it is where programs are built without paths.
pub fn file<'t>(function: &str, text: &'t str) -> Option<Cow<'t, str>> {
    let (package, _) = split(function);
    if !is_package(package) {
        return None;
    }
    let separated = text.replace('\\', "/");
    let name = separated.rsplit('/').next()?;
    let short = format!("{package}/{name}");
    (separated == short || separated.ends_with(&format!("/src/{short}"))).then(|| short.into())
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn packages_are_sorted() {
        assert!(PACKAGES.lines().is_sorted());
        assert!(PACKAGES.lines().count() > 300);
    }

    #[test]
    fn functions() {
        for (text, expected) in [
            ("runtime.main", Some("runtime.main")),
            ("net/http.(*conn).serve", Some("net/http.(*conn).serve")),
            ("slices.SortFunc[go.shape.[]main.Secret,go.shape.struct {}]", Some("slices.SortFunc[...]")),
            ("iter.Pull[go.shape.int].func1", Some("iter.Pull[...].func1")),
            ("vendor/golang.org/x/net/http2/hpack.NewDecoder", Some("vendor/golang.org/x/net/http2/hpack.NewDecoder")),
            ("main.main", None),
            ("net/shop.Buy", None),
            ("example.com/runtime.main", None),
            ("golang.org/x/net/http2/hpack.NewDecoder", None),
            ("", None),
            ("_cgoexp_1234_callback", None),
        ] {
            assert_eq!(function(text).as_deref(), expected, "{text}");
        }
    }

    #[test]
    fn files() {
        for (function, text, expected) in [
            ("runtime.main", "runtime/proc.go", Some("runtime/proc.go")),
            ("runtime.main", "/home/alice/sdk/go1.25/src/runtime/proc.go", Some("runtime/proc.go")),
            ("runtime.main", r"C:\Go\src\runtime\proc.go", Some("runtime/proc.go")),
            ("runtime.main", "/home/alice/proc.go", None),
            ("main.main", "runtime/proc.go", None),
        ] {
            assert_eq!(file(function, text).as_deref(), expected, "{text}");
        }
    }
}
