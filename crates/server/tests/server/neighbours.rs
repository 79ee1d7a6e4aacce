//! Several traces on one server: each under its own token, each leading to the others.

use crate::site::{Reply, Site, TOKEN, TRACE};
use goroscope_analysis::{Loading, Phase};
use goroscope_model::Trace;
use goroscope_server::Exhibit;

const OTHER: &str = "acacacacacacacacacacacacacacacac";

fn trace() -> Exhibit {
    let file = goroscope_wire::text::parse(TRACE).expect("a trace");
    Exhibit::ready(Trace::read(&file, &mut |_| {}).expect("a trace"))
}

/// Asks about the trace with this token.
fn get(site: &Site, token: &str) -> Reply {
    let request = format!("GET /{token}/api/trace HTTP/1.1\r\nHost: 127.0.0.1:PORT\r\nConnection: close\r\n\r\n");
    site.exchange(site.fill(&request).as_bytes())
}

/// What is said of the other traces by the one with this token.
fn check(site: &Site, token: &str, name: &str, others: &str) {
    let answer = get(site, token);
    let text = String::from_utf8(answer.body).expect("text");
    let begin = format!(r#"{{"name":"{name}","others":{others},"api""#);
    assert!(text.starts_with(&begin), "{text}\nbegins not with\n{begin}");
}

#[test]
fn each_leads_to_the_others() {
    let site = Site::show_all(vec![trace(), trace()]);
    let other = |name: &str, token: &str| format!(r#"[{{"name":"{name}","path":"../{token}/","duration":900}}]"#);
    check(&site, TOKEN, "trace.out", &other("ac.out", OTHER));
    check(&site, OTHER, "ac.out", &other("trace.out", TOKEN));
    assert!(site.url.ends_with(&format!("/{TOKEN}/")));
}

#[test]
fn one_that_is_being_read_has_no_length_yet() {
    let loading = Exhibit::loading(Loading::bytes(Phase::Receiving, 0, None));
    let site = Site::show_all(vec![trace(), loading]);
    let other = format!(r#"[{{"name":"ac.out","path":"../{OTHER}/","duration":null}}]"#);
    check(&site, TOKEN, "trace.out", &other);
    assert_eq!(get(&site, OTHER).status, "HTTP/1.1 503 Service Unavailable");
}

#[test]
fn one_alone_leads_nowhere() {
    let site = Site::start();
    check(&site, TOKEN, "trace.out", "[]");
    assert_eq!(get(&site, OTHER).status, "HTTP/1.1 403 Forbidden");
}
