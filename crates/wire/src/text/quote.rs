//! Go's string literals in double quotes.

use std::io::Write;

/// Appends bytes as Go's `strconv.Quote` writes them, in double quotes.
pub fn push_quoted(text: &mut Vec<u8>, bytes: &[u8]) {
    text.push(b'"');
    if bytes.iter().all(|&byte| matches!(byte, b' '..=b'~') && byte != b'"' && byte != b'\\') {
        text.extend_from_slice(bytes);
    } else {
        for chunk in bytes.utf8_chunks() {
            for char in chunk.valid().chars() {
                push_char(text, char);
            }
            for &byte in chunk.invalid() {
                push_hex(text, b'x', 2, u32::from(byte));
            }
        }
    }
    text.push(b'"');
}

fn push_char(text: &mut Vec<u8>, char: char) {
    match char {
        '"' => text.extend_from_slice(b"\\\""),
        '\\' => text.extend_from_slice(b"\\\\"),
        ' '..='~' => text.push(char as u8),
        '\x07' => text.extend_from_slice(b"\\a"),
        '\x08' => text.extend_from_slice(b"\\b"),
        '\x0c' => text.extend_from_slice(b"\\f"),
        '\n' => text.extend_from_slice(b"\\n"),
        '\r' => text.extend_from_slice(b"\\r"),
        '\t' => text.extend_from_slice(b"\\t"),
        '\x0b' => text.extend_from_slice(b"\\v"),
        '\0'..='\x7f' => push_hex(text, b'x', 2, u32::from(char)),
        _ if is_printable(char) => text.extend_from_slice(char.encode_utf8(&mut [0; 4]).as_bytes()),
        '\u{80}'..='\u{ffff}' => push_hex(text, b'u', 4, u32::from(char)),
        _ => push_hex(text, b'U', 8, u32::from(char)),
    }
}

fn push_hex(text: &mut Vec<u8>, letter: u8, width: usize, value: u32) {
    // Writing to a vector cannot fail.
    let _ = write!(text, "\\{}{value:0width$x}", char::from(letter));
}

/// Whether a character is drawn, by the same Unicode categories as in Go.
///
/// The standard library keeps its table to itself but escapes by it; the letter before keeps combining marks, which are
/// escaped at the start of a string only, as they are.
fn is_printable(char: char) -> bool {
    let mut buffer = [b'a'; 5];
    let [_, rest @ ..] = &mut buffer;
    let len = char.encode_utf8(rest).len();
    let text = buffer.get(..=len).and_then(|bytes| std::str::from_utf8(bytes).ok()).unwrap_or_default();
    text.escape_debug().nth(1) == Some(char)
}

/// Reads a literal that begins after the opening quote; returns its bytes and the text after the closing quote.
pub(super) fn split_quoted(text: &str) -> Result<(Vec<u8>, &str), String> {
    let mut bytes = Vec::new();
    let mut rest = text.chars();
    loop {
        let char = rest.next().ok_or("string without closing quote")?;
        match char {
            '"' => return Ok((bytes, rest.as_str())),
            '\\' => {
                let letter = rest.next().ok_or("string without closing quote")?;
                match letter {
                    'a' => bytes.push(0x07),
                    'b' => bytes.push(0x08),
                    'f' => bytes.push(0x0c),
                    'n' => bytes.push(b'\n'),
                    'r' => bytes.push(b'\r'),
                    't' => bytes.push(b'\t'),
                    'v' => bytes.push(0x0b),
                    '\\' | '"' => bytes.push(letter as u8),
                    'x' => bytes.push(take_number(&mut rest, 2, 16)? as u8),
                    'u' => push_scalar(&mut bytes, take_number(&mut rest, 4, 16)?)?,
                    'U' => push_scalar(&mut bytes, take_number(&mut rest, 8, 16)?)?,
                    '0'..='3' => {
                        let high = letter.to_digit(8).unwrap_or_default().wrapping_mul(64);
                        bytes.push(high.wrapping_add(take_number(&mut rest, 2, 8)?) as u8);
                    }
                    _ => return Err(format!("unknown escape `\\{letter}` in a string")),
                }
            }
            _ => push_scalar(&mut bytes, u32::from(char))?,
        }
    }
}

fn push_scalar(bytes: &mut Vec<u8>, number: u32) -> Result<(), String> {
    let char = char::from_u32(number).ok_or_else(|| format!("no character has number {number:#x}"))?;
    bytes.extend_from_slice(char.encode_utf8(&mut [0; 4]).as_bytes());
    Ok(())
}

fn take_number(rest: &mut std::str::Chars<'_>, digits: usize, radix: u32) -> Result<u32, String> {
    let taken: String = rest.take(digits).collect();
    let whole = taken.len() == digits && !taken.starts_with('+');
    match u32::from_str_radix(&taken, radix) {
        Ok(number) if whole => Ok(number),
        Ok(_) | Err(_) => Err(format!("bad escape `{taken}` in a string: {digits} digits are due")),
    }
}
