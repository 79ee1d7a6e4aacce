//! What requests are called: method and path, without what differs from request to request.
//!
//! Names of tasks stay for as long as the process, so there is a limit to them: whatever clients ask for cannot fill the
//! memory.

use std::collections::BTreeMap;
use std::sync::{Mutex, PoisonError};

use hyper::Method;

/// How many different names there are.
const MAX_NAMES: usize = 1000;

/// Bytes of a name; longer ones are cut.
const MAX_NAME: usize = 200;

/// Of those that come too late.
const OTHER: &str = "other requests";

static NAMES: Mutex<BTreeMap<String, &'static str>> = Mutex::new(BTreeMap::new());

/// The name of requests of a method for a path that is a pattern.
pub fn name_of(method: &Method, pattern: &str) -> &'static str {
    let name = crate::text::fitting(&format!("{method} {pattern}"), MAX_NAME);
    let mut names = NAMES.lock().unwrap_or_else(PoisonError::into_inner);
    match names.get(&name) {
        Some(name) => name,
        None if names.len() < MAX_NAMES => {
            let kept: &'static str = Box::leak(name.clone().into_boxed_str());
            names.insert(name, kept);
            kept
        }
        None => OTHER,
    }
}

/// The pattern that a path seems to have: parts with digits in them are numbers or keys, but `v1` is a version.
pub fn guessed(path: &str) -> String {
    let part = |part: &str| {
        let is_version = part.strip_prefix('v').is_some_and(|number| number.len() <= 2);
        let is_key = part.len() > 40 || part.bytes().any(|byte| byte.is_ascii_digit()) && !is_version;
        if is_key { "{}".to_owned() } else { part.to_owned() }
    };
    path.split('/').map(part).collect::<Vec<_>>().join("/")
}

#[cfg(test)]
mod tests {
    use super::*;

    fn check(path: &str, expected: &str) {
        assert_eq!(guessed(path), expected);
    }

    #[test]
    fn what_differs_from_request_to_request() {
        check("/", "/");
        check("/users", "/users");
        check("/v1/users/123/posts/7f3a", "/v1/users/{}/posts/{}");
        check("/users/", "/users/");
        check(&format!("/token/{}", "x".repeat(41)), "/token/{}");
    }
}
