//! One line of text, cut into words and fields.

use super::quote::split_quoted;

/// What stands behind a key.
#[derive(Clone, Debug, PartialEq, Eq)]
pub(super) enum Value<'t> {
    Number(u64),
    Word(&'t str),
    Text(Vec<u8>),
    Stack(Vec<FrameText<'t>>),
}

/// A frame of a stack literal.
#[derive(Clone, Debug, PartialEq, Eq)]
pub(super) struct FrameText<'t> {
    pub(super) function: &'t str,
    pub(super) file: &'t str,
    pub(super) line: u64,
    pub(super) pc: Option<u64>,
}

/// A line that is not blank: its words, then its fields in order.
#[derive(Clone, Debug, Default)]
pub(super) struct Line<'t> {
    pub(super) words: Vec<&'t str>,
    pub(super) fields: Vec<(&'t str, Value<'t>)>,
}

/// Cuts a line; `None` if it is blank or only a comment.
pub(super) fn split(line: &str) -> Result<Option<Line<'_>>, String> {
    let mut cut = Line::default();
    let mut rest = line.trim_start();
    while !rest.is_empty() && !rest.starts_with('#') {
        let (token, after) = split_at_first(rest, |char| is_end(char) || char == '=');
        match after.strip_prefix('=') {
            Some(_) if token.is_empty() => return Err("`=` without a key".into()),
            Some(after) => {
                let (value, after) = split_value(after)?;
                if cut.fields.iter().any(|&(key, _)| key == token) {
                    return Err(format!("`{token}=` is there twice"));
                }
                cut.fields.push((token, value));
                rest = after;
            }
            None => {
                cut.words.push(token);
                rest = after;
            }
        }
        rest = rest.trim_start();
    }
    Ok((!cut.words.is_empty() || !cut.fields.is_empty()).then_some(cut))
}

fn is_end(char: char) -> bool {
    char.is_whitespace() || char == '#'
}

fn split_at_first(text: &str, is_stop: impl Fn(char) -> bool) -> (&str, &str) {
    text.split_at_checked(text.find(is_stop).unwrap_or(text.len())).unwrap_or((text, ""))
}

fn split_value(text: &str) -> Result<(Value<'_>, &str), String> {
    let (value, rest) = if let Some(inside) = text.strip_prefix('"') {
        let (bytes, rest) = split_quoted(inside)?;
        (Value::Text(bytes), rest)
    } else if let Some(inside) = text.strip_prefix('[') {
        let (frames, rest) = split_stack(inside)?;
        (Value::Stack(frames), rest)
    } else {
        let (token, rest) = split_at_first(text, is_end);
        let value = match number(token) {
            Some(number) => Value::Number(number),
            None if token.starts_with(char::is_alphabetic) => Value::Word(token),
            None => return Err(format!("`{token}` is not a number")),
        };
        (value, rest)
    };
    if rest.starts_with(|char| !is_end(char)) {
        return Err(format!("expected a space before `{rest}`"));
    }
    Ok((value, rest))
}

/// A number as the text form writes it.
pub(super) fn number(token: &str) -> Option<u64> {
    if token == "-" || token == "-1" {
        return Some(u64::MAX);
    }
    let (digits, radix) = token.strip_prefix("0x").map_or((token, 10), |digits| (digits, 16));
    let legal = |digit: char| digit.is_digit(radix) || digit == '_';
    if !digits.starts_with(|digit: char| digit.is_digit(radix)) || !digits.chars().all(legal) {
        return None;
    }
    u64::from_str_radix(&digits.replace('_', ""), radix).ok()
}

/// Reads the frames of a stack literal up to its closing bracket; brackets in function names come in pairs.
fn split_stack(text: &str) -> Result<(Vec<FrameText<'_>>, &str), String> {
    let mut frames = Vec::new();
    let mut depth = 0_usize;
    let mut start = 0_usize;
    for (at, char) in text.char_indices() {
        let ends_frame = depth == 0 && matches!(char, ';' | ']');
        if ends_frame {
            let frame = text.get(start..at).unwrap_or_default().trim();
            if !frame.is_empty() {
                frames.push(split_frame(frame)?);
            }
            start = at.saturating_add(1);
        }
        match char {
            ']' if depth == 0 => return Ok((frames, text.get(start..).unwrap_or_default())),
            '[' | '{' => depth = depth.saturating_add(1),
            ']' | '}' => depth = depth.saturating_sub(1),
            _ => {}
        }
    }
    Err("stack without closing bracket".into())
}

fn split_frame(text: &str) -> Result<FrameText<'_>, String> {
    let (text, pc) = match text.rsplit_once('@') {
        Some((before, pc)) => (before.trim_end(), Some(number(pc).ok_or_else(|| format!("`{pc}` is not a pc"))?)),
        None => (text, None),
    };
    let place = text.rsplit_once(char::is_whitespace).and_then(|(function, place)| {
        let (file, line) = place.rsplit_once(':')?;
        Some((function.trim_end(), file, number(line)?))
    });
    let (function, file, line) = place.unwrap_or((text, "", 0));
    Ok(FrameText { function, file, line, pc })
}
