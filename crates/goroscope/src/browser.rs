//! Opening the user's browser, without waiting for it and without minding if there is none.

use std::env;
use std::process::{Command, Stdio};
use std::thread;

/// Opens `url` in the browser, on a thread of its own: a browser that is not running yet stays in the foreground.
pub fn open(url: &str) {
    let url = url.to_owned();
    thread::spawn(move || candidates().into_iter().any(|(program, arguments)| succeeds(&program, &arguments, &url)));
}

/// Programs to try in order: the user's choice, the system's, well-known ones.
fn candidates() -> Vec<(String, Vec<String>)> {
    let mut found = Vec::new();
    let mut add = |program: &str, arguments: &[&str]| {
        found.push((program.to_owned(), arguments.iter().map(ToString::to_string).collect()));
    };
    if let Some(chosen) = env::var("BROWSER").ok().filter(|chosen| !chosen.is_empty()) {
        add(&chosen, &[]);
    }
    if cfg!(target_os = "macos") {
        add("/usr/bin/open", &[]);
    } else if cfg!(windows) {
        // `start` of the shell would read the & of a URL as the end of the command.
        add("rundll32", &["url.dll,FileProtocolHandler"]);
    } else if env::var_os("WSL_DISTRO_NAME").is_some() {
        add("wslview", &[]);
        add("explorer.exe", &[]);
    }
    if cfg!(unix) && (env::var_os("DISPLAY").is_some() || env::var_os("WAYLAND_DISPLAY").is_some()) {
        add("xdg-open", &[]);
        for browser in ["firefox", "google-chrome", "chromium", "chrome"] {
            add(browser, &[]);
        }
    }
    found
}

fn succeeds(program: &str, arguments: &[String], url: &str) -> bool {
    let mut command = Command::new(program);
    command.args(arguments).arg(url).stdin(Stdio::null()).stdout(Stdio::null()).stderr(Stdio::null());
    command.status().is_ok_and(|status| status.success())
}
