//! Full names of functions.
//!
//! With `debug = "line-tables-only"`, which many release builds use, a program knows of its functions only their last
//! names, such as `recv<T>` or `{async_fn#0}`, and the files that they are in. The path of a file says the rest.

/// This file, as the compiler calls it.
const OWN_FILE: &str = file!();

/// Where this file is within the sources of this crate.
const OWN_PLACE: &str = "assemble/qualified.rs";

/// The full name of a function: itself, or with what the path of its file says in front.
///
/// `recv<T>` in `…/tokio-1.54.1/src/sync/mpsc/bounded.rs` is `tokio::sync::mpsc::bounded::recv`. Closures and async functions
/// have no names then, only numbers that are used again and again; the line tells them apart.
pub fn qualified(function: &str, file: &str, line: u32) -> String {
    let (name, has_path) = last_name(function);
    if has_path || file.is_empty() {
        return function.to_owned();
    }
    let module = module(&file.replace('\\', "/"));
    // Only its types say what waits there: of these functions they are kept.
    let name = if module == "event_listener_strategy" { function } else { name };
    let line = if name.starts_with('{') { format!(":{line}") } else { String::new() };
    if module.is_empty() { format!("{name}{line}") } else { format!("{module}::{name}{line}") }
}

/// The name of a function without the line in it.
pub fn without_line(function: &str) -> &str {
    match function.rsplit_once(':') {
        Some((name, line)) if name.ends_with('}') && line.bytes().all(|byte| byte.is_ascii_digit()) => name,
        Some(_) | None => function,
    }
}

/// The name without its type arguments, and whether there is a path before it.
fn last_name(function: &str) -> (&str, bool) {
    if function.starts_with('<') || function.starts_with("0x") {
        return (function, true);
    }
    let name = function.split('<').next().unwrap_or(function);
    (name, name.contains("::"))
}

/// The module of a file: the folder before the sources is that of the crate.
fn module(file: &str) -> String {
    let own = OWN_FILE.strip_suffix(OWN_PLACE).filter(|own| !own.is_empty());
    if let Some((_, place)) = own.and_then(|own| file.split_once(own)) {
        return joined("goroscope_recorder", place);
    }
    if let Some((before, place)) = file.rsplit_once("/src/") {
        let folder = before.rsplit('/').next().unwrap_or(before);
        return joined(&without_version(folder).replace('-', "_"), place);
    }
    let mut parts = file.rsplitn(3, '/');
    let (place, folder) = (parts.next().unwrap_or(file), parts.next().unwrap_or(""));
    joined(folder, place)
}

fn joined(krate: &str, place: &str) -> String {
    let place = place.strip_suffix(".rs").unwrap_or(place);
    let parts = std::iter::once(krate).chain(place.split('/'));
    let said = parts.filter(|part| !part.is_empty() && !matches!(*part, "lib" | "main" | "mod"));
    said.collect::<Vec<_>>().join("::")
}

/// `tokio` of `tokio-1.54.1`.
fn without_version(folder: &str) -> &str {
    match folder.rsplit_once('-') {
        Some((name, version)) if version.starts_with(|first: char| first.is_ascii_digit()) => name,
        Some(_) | None => folder,
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    fn check(function: &str, file: &str, expected: &str) {
        assert_eq!(qualified(function, file, 7), expected);
    }

    #[test]
    fn names_get_their_paths() {
        check("app::serve::{{closure}}", "/home/me/app/src/main.rs", "app::serve::{{closure}}");
        check(
            "<app::A as core::clone::Clone>::clone",
            "/home/me/app/src/main.rs",
            "<app::A as core::clone::Clone>::clone",
        );
        check("{closure#0}<app::A>", "/home/me/app/src/main.rs", "app::{closure#0}:7");
        check(
            "recv<u32>",
            "/home/me/.cargo/registry/src/index.example-6f17d22bba15001f/tokio-1.54.1/src/sync/mpsc/chan.rs",
            "tokio::sync::mpsc::chan::recv",
        );
        check("clone", "/rustc/59807616e1fa/library/core/src/task/wake.rs", "core::task::wake::clone");
        check("poll", "/home/me/my-lib/src/a/mod.rs", "my_lib::a::poll");
        check("main", "/home/me/app/tests/it.rs", "tests::it::main");
        check(
            "poll<async_channel::SendInner<u8>>",
            "/home/me/.cargo/registry/src/index.example-1949cf8c6b5b557f/event-listener-strategy-0.5.4/src/lib.rs",
            "event_listener_strategy::poll<async_channel::SendInner<u8>>",
        );
        check("serve", "", "serve");
        check("0x55d0", "/x.rs", "0x55d0");
    }

    #[test]
    fn lines_in_names_can_be_left_out() {
        for (name, expected) in
            [("app::{closure#0}:7", "app::{closure#0}"), ("app::serve", "app::serve"), ("a:7", "a:7")]
        {
            assert_eq!(without_line(name), expected);
        }
    }

    #[test]
    fn this_crate_is_known() {
        let file = format!("/somewhere/{OWN_FILE}");
        check("qualified", &file, "goroscope_recorder::assemble::qualified::qualified");
    }
}
