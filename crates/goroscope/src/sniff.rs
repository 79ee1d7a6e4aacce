//! What a file is that is not a trace, as far as its first bytes tell, and what to do then.

use crate::numbers;
use crate::packing::Packing;
use goroscope_model::{OpenError, Version};
use goroscope_reader::find_header;

/// How to get a trace.
const RECORD: &str = "record a trace with runtime/trace, go test -trace=trace.out or /debug/pprof/trace";

/// Says why a file that begins like `head` is not read; `packing` is what it was unpacked from.
pub fn refusal(error: OpenError, head: &[u8], packing: Option<Packing>) -> String {
    match error {
        OpenError::NotATrace => format!("not an execution trace: {}", describe(head, packing)),
        OpenError::OldVersion(minor) => {
            let writer = if minor == 5 { "Go 1.5 or 1.6".to_owned() } else { format!("Go 1.{minor}") };
            format!(
                "the header says go 1.{minor}: written by {writer}, in a format older than that of Go 1.11, which is \
                 the oldest that goroscope reads; record it with a newer Go, or use the go tool trace of that release"
            )
        }
        OpenError::NewVersion(minor) => new_version(minor),
    }
}

fn new_version(minor: u16) -> String {
    let nearest = Version::nearest(minor).minor();
    if Version::ALL.iter().any(|version| version.minor() > minor) {
        return format!(
            "the header says go 1.{minor}, which no release of Go writes: it may be damaged; try --force to read the file as \
             go 1.{nearest}"
        );
    }
    format!(
        "the header says go 1.{minor}: written by Go 1.{minor} or a later one, in a format that this goroscope does not know; \
         update goroscope, or try --force to read as much as it understands"
    )
}

/// Says what begins like `head`; `packing` is what it was unpacked from.
fn describe(head: &[u8], packing: Option<Packing>) -> String {
    let start = head.trim_ascii_start();
    let lower: Vec<u8> = start.iter().take(16).map(u8::to_ascii_lowercase).collect();
    if head.is_empty() {
        return "the file is empty; a program that ends without trace.Stop may leave such a file".to_owned();
    }
    if head.len() < 16 && (head.starts_with(b"go 1.") || b"go 1.".starts_with(head)) {
        return format!(
            "it ends after {}, within the header; copy or record it again",
            numbers::bytes(head.len() as u64)
        );
    }
    if let Some(at) = find_header(head, 1, head.len()) {
        let file = if packing.is_some() { "the unpacked file" } else { "the file" };
        return format!(
            "a header stands at byte {at}, behind something that is no part of the trace; `tail -c +{}` of {file} is the \
             trace without it",
            at + 1
        );
    }
    let what = match head {
        [0x0a, _, 0x08, ..] if packing.is_some() => "a pprof profile; open it with go tool pprof",
        [0x1f, 0x8b, ..] | [0x28, 0xb5, 0x2f, 0xfd, ..] => "packed twice; unpack it once",
        [b'B', b'Z', b'h', ..] => "packed with bzip2; unpack it first",
        [0xfd, b'7', b'z', b'X', b'Z', ..] => "packed with xz; unpack it first",
        [b'P', b'K', 3 | 5, ..] => "a zip archive; unpack it first",
        [0x7f, b'E', b'L', b'F', ..] | [b'M', b'Z', ..] | [0xcf | 0xce, 0xfa, 0xed, 0xfe, ..] => {
            "a program; name the trace that it recorded"
        }
        _ if lower.starts_with(b"<!doctype html") || lower.starts_with(b"<html") => {
            "an HTML page; download the file itself"
        }
        _ if matches!(start, [b'{' | b'[', ..]) => "JSON; only the binary traces that Go records are read",
        _ => "",
    };
    if !what.is_empty() {
        return format!("it is {what}");
    }
    match text_line(head) {
        Some(line) => format!("it is text that begins with {line:?}; {RECORD}"),
        None => format!("it begins with none of the headers that Go writes; {RECORD}"),
    }
}

/// The first line, if the head is text; shortened.
fn text_line(head: &[u8]) -> Option<String> {
    let head = &head[..head.len().min(512)];
    let text = match std::str::from_utf8(head) {
        Ok(text) => text,
        // A character may be cut at the end.
        Err(error) if error.valid_up_to() + 4 > head.len() => std::str::from_utf8(&head[..error.valid_up_to()]).ok()?,
        Err(_) => return None,
    };
    if text.chars().any(|c| c.is_control() && !c.is_whitespace()) {
        return None;
    }
    let line = text.trim_start().lines().next().unwrap_or_default().trim_end();
    let shown: String = line.chars().take(60).collect();
    Some(if shown.len() < line.len() { shown + "…" } else { shown })
}

#[cfg(test)]
mod tests {
    use super::*;
    use expect_test::expect;

    #[test]
    fn descriptions() {
        let cases: [(&[u8], Option<Packing>); 16] = [
            (b"", None),
            (b"go 1.2", None),
            (b"g", None),
            (b"\x0a\x04\x08\x01\x10\x02 and so on", Some(Packing::Gzip)),
            (b"\x1f\x8b\x08\x00", Some(Packing::Zstd)),
            (b"BZh91AY", None),
            (b"\x7fELF\x02\x01", None),
            (b"\n<!DOCTYPE html>\n", None),
            (b"{\"traceEvents\":[]}", None),
            (b"404 page not found\n", None),
            ("Olá, \u{1f30d} mundo".as_bytes(), None),
            (b"\x00\x01\x02\x03", None),
            (b"go 1.27 race\0\0\0\0", None),
            (b"\xef\xbb\xbfgo 1.26 trace\0\0\0", None),
            (b"\ngo 1.11 trace\0\0\0", Some(Packing::Gzip)),
            (b"HTTP/1.1 200 OK\r\nContent-Type: application/octet-stream\r\n\r\ngo 1.26 trace\0\0\0\x01", None),
        ];
        let found: String = cases.iter().map(|(head, packing)| describe(head, *packing) + "\n").collect();
        expect![[r#"
            the file is empty; a program that ends without trace.Stop may leave such a file
            it ends after 6 bytes, within the header; copy or record it again
            it ends after 1 byte, within the header; copy or record it again
            it is a pprof profile; open it with go tool pprof
            it is packed twice; unpack it once
            it is packed with bzip2; unpack it first
            it is a program; name the trace that it recorded
            it is an HTML page; download the file itself
            it is JSON; only the binary traces that Go records are read
            it is text that begins with "404 page not found"; record a trace with runtime/trace, go test -trace=trace.out or /debug/pprof/trace
            it is text that begins with "Olá, 🌍 mundo"; record a trace with runtime/trace, go test -trace=trace.out or /debug/pprof/trace
            it begins with none of the headers that Go writes; record a trace with runtime/trace, go test -trace=trace.out or /debug/pprof/trace
            it begins with none of the headers that Go writes; record a trace with runtime/trace, go test -trace=trace.out or /debug/pprof/trace
            a header stands at byte 3, behind something that is no part of the trace; `tail -c +4` of the file is the trace without it
            a header stands at byte 1, behind something that is no part of the trace; `tail -c +2` of the unpacked file is the trace without it
            a header stands at byte 59, behind something that is no part of the trace; `tail -c +60` of the file is the trace without it
        "#]].assert_eq(&found);
    }
}
