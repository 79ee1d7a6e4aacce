//! Go's string literals in double quotes.

use std::fmt::Write;

/// Appends bytes as Go's `strconv.Quote` writes them.
pub(super) fn push_quoted(text: &mut String, bytes: &[u8]) {
    text.push('"');
    for chunk in bytes.utf8_chunks() {
        for char in chunk.valid().chars() {
            push_char(text, char);
        }
        for byte in chunk.invalid() {
            push_hex(text, 'x', 2, u32::from(*byte));
        }
    }
    text.push('"');
}

fn push_char(text: &mut String, char: char) {
    match char {
        '"' => text.push_str("\\\""),
        '\\' => text.push_str("\\\\"),
        ' '..='~' => text.push(char),
        '\x07' => text.push_str("\\a"),
        '\x08' => text.push_str("\\b"),
        '\x0c' => text.push_str("\\f"),
        '\n' => text.push_str("\\n"),
        '\r' => text.push_str("\\r"),
        '\t' => text.push_str("\\t"),
        '\x0b' => text.push_str("\\v"),
        '\0'..='\x7f' => push_hex(text, 'x', 2, u32::from(char)),
        _ if is_printable(char) => text.push(char),
        '\u{80}'..='\u{ffff}' => push_hex(text, 'u', 4, u32::from(char)),
        _ => push_hex(text, 'U', 8, u32::from(char)),
    }
}

fn push_hex(text: &mut String, letter: char, width: usize, value: u32) {
    // Writing to a `String` cannot fail.
    let _ = write!(text, "\\{letter}{value:0width$x}");
}

/// Whether a character is drawn, by the same Unicode categories as in Go.
///
/// The standard library keeps its table to itself but escapes by it; the letter before keeps combining marks, which are
/// escaped at the start of a string only, as they are.
fn is_printable(char: char) -> bool {
    let mut buffer = ['a', char].iter().collect::<String>();
    let len = buffer.len();
    buffer = buffer.escape_debug().collect();
    buffer.len() == len
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
