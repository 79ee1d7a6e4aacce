//! Bytes to text, event by event; batch sizes are printed, not followed, as in Go's tool.

use std::fmt::Write;

use super::quote::push_quoted;
use crate::varint::Cursor;
use crate::{EventType, HEADER_LEN, WireError, WireErrorKind, parse_header};

/// The text of a trace file, up to the first error if there is one.
///
/// A file without a header of the v2 format gives no text and `WireErrorKind::BadHeader`.
pub fn print(file: &[u8]) -> (String, Option<WireError>) {
    let mut text = String::new();
    let version = parse_header(file).ok().filter(|version| !version.is_v1());
    let (Some(version), Some(data)) = (version, file.get(HEADER_LEN..)) else {
        let error = WireError { kind: WireErrorKind::BadHeader, offset: 0, value: 0 };
        return (text, Some(error));
    };
    // Writing to a `String` cannot fail.
    let _ = writeln!(text, "Trace Go1.{}", version.minor());
    let mut cursor = Cursor::new(data, HEADER_LEN as u64);
    while !cursor.is_empty() {
        let whole = text.len();
        let start = cursor;
        let newer = |event: &EventType| event.spec().since > version;
        let event = cursor.rest().first().copied().and_then(EventType::from_byte);
        let printed = match event.filter(newer) {
            Some(event) => Err(start.error(WireErrorKind::EventNotInVersion, u64::from(event.byte()))),
            None => print_event(&mut text, &mut cursor),
        };
        if let Err(error) = printed {
            text.truncate(whole);
            return (text, Some(error));
        }
    }
    (text, None)
}

fn print_event(text: &mut String, cursor: &mut Cursor<'_>) -> Result<(), WireError> {
    let start = *cursor;
    let byte = cursor.byte()?;
    let event = EventType::from_byte(byte).ok_or_else(|| start.error(WireErrorKind::UnknownEvent, u64::from(byte)))?;
    let spec = event.spec();
    text.push_str(spec.name);
    if spec.has_delta() {
        push_field(text, " dt", cursor.varint()?);
    }
    let mut last = 0;
    for &(name, _) in spec.args {
        let is_experiment = event == EventType::ExperimentalBatch;
        if is_experiment && name == "size" {
            break; // The data tells it.
        }
        last = if is_experiment && name == "exp" { u64::from(cursor.byte()?) } else { cursor.varint()? };
        text.push(' ');
        push_field(text, name, last);
    }
    if event == EventType::Stack {
        print_frames(text, cursor, last)?;
    }
    if matches!(event, EventType::String | EventType::ExperimentalBatch) {
        print_data(text, cursor)?;
    }
    text.push('\n');
    Ok(())
}

fn print_frames(text: &mut String, cursor: &mut Cursor<'_>, count: u64) -> Result<(), WireError> {
    for _ in 0..count {
        for name in ["\n\tpc", " func", " file", " line"] {
            push_field(text, name, cursor.varint()?);
        }
    }
    Ok(())
}

/// Prints bytes with their length before them; where there are none, nothing.
fn print_data(text: &mut String, cursor: &mut Cursor<'_>) -> Result<(), WireError> {
    let len = usize::try_from(cursor.varint()?).unwrap_or(usize::MAX);
    let data = cursor.bytes(len)?;
    if !data.is_empty() {
        text.push_str("\n\tdata=");
        push_quoted(text, data);
    }
    Ok(())
}

fn push_field(text: &mut String, name: &str, value: u64) {
    // Writing to a `String` cannot fail.
    let _ = write!(text, "{name}={value}");
}
