//! Where tasks, threads and jobs are made, and what they are called.

use std::panic::Location;

/// A place in the source, and the name of what is made there.
#[derive(Clone, Copy, Debug)]
pub struct Site {
    pub location: &'static Location<'static>,
    pub name: &'static str,
}

impl Site {
    /// The place of the caller, and the type of what it makes.
    #[track_caller]
    pub fn of<T: ?Sized>() -> Self {
        Self { location: Location::caller(), name: std::any::type_name::<T>() }
    }

    /// The place of the caller, and a name.
    #[track_caller]
    pub fn named(name: &'static str) -> Self {
        Self { location: Location::caller(), name }
    }

    /// A number that no other site has: both parts stay where they are for as long as the process lives.
    pub fn id(self) -> u64 {
        let location = std::ptr::from_ref(self.location) as u64;
        let name = self.name.as_ptr() as u64;
        location.rotate_left(32) ^ name ^ (self.name.len() as u64) << 48
    }
}

/// What is shown for a site: the function that a type belongs to, and the place.
///
/// `app::serve::{{closure}}` spawned in `src/main.rs:12` is `app::serve@main.rs:12`, and so it is in a box or in a span.
pub fn shown(name: &str, file: &str, line: u64) -> String {
    let function = unwrapped(name).trim_end_matches("::{{closure}}");
    let file = file.rsplit(['/', '\\']).next().unwrap_or(file);
    format!("{function}@{file}:{line}")
}

/// Types of futures that are around another one, which says more.
static WRAPPERS: &[&str] = &[
    "alloc::boxed::Box<",
    "core::pin::Pin<",
    "futures_util::abortable::Abortable<",
    "goroscope_recorder::traced::Traced<",
    "tokio::time::timeout::Timeout<",
    "tracing::instrument::Instrumented<",
    "tracing::instrument::WithDispatch<",
];

/// The type inside of those that only wrap it.
fn unwrapped(name: &str) -> &str {
    let mut name = name;
    while let Some(inner) = WRAPPERS.iter().find_map(|wrapper| name.strip_prefix(wrapper)?.strip_suffix('>')) {
        name = inner;
    }
    // Whatever it promises beside that is long and says nothing.
    if name.starts_with("dyn core::future::future::Future<") { "dyn Future" } else { name }
}

#[cfg(test)]
mod tests {
    use super::*;

    fn check(name: &str, file: &str, expected: &str) {
        assert_eq!(shown(name, file, 12), expected);
    }

    #[test]
    fn sites_say_what_and_where() {
        check("app::serve::{{closure}}", "src/main.rs", "app::serve@main.rs:12");
        check("app::serve::{{closure}}::{{closure}}", "src\\main.rs", "app::serve@main.rs:12");
        check("ticker", "main.rs", "ticker@main.rs:12");
    }

    #[test]
    fn what_is_wrapped_says_more() {
        check("tracing::instrument::Instrumented<app::serve::{{closure}}>", "main.rs", "app::serve@main.rs:12");
        check(
            "core::pin::Pin<alloc::boxed::Box<tracing::instrument::Instrumented<app::serve<u8>::{{closure}}>>>",
            "main.rs",
            "app::serve<u8>@main.rs:12",
        );
        check(
            "core::pin::Pin<alloc::boxed::Box<dyn core::future::future::Future<Output = ()> + core::marker::Send>>",
            "main.rs",
            "dyn Future@main.rs:12",
        );
        check("app::Wrapper<app::serve::{{closure}}>", "main.rs", "app::Wrapper<app::serve::{{closure}}>@main.rs:12");
    }
}
