//! Which strings and stacks of the trace contain the text.

use goroscope_model::{StackIdx, StringIdx, Trace};

/// The strings and stacks that match, and the goroutine id that the text may be.
pub(super) struct Matches {
    needle: Needle,
    strings: Vec<bool>,
    stacks: Vec<bool>,
    /// The text as a goroutine id.
    pub(super) go_id: Option<u64>,
}

impl Matches {
    /// Compares all strings once.
    pub(super) fn of(trace: &Trace, text: &str) -> Self {
        let symbols = trace.symbols();
        let needle = Needle::new(text);
        let strings: Vec<bool> =
            (0..symbols.string_count() as u32).map(|row| needle.is_in(symbols.string(StringIdx(row)))).collect();
        let frames: Vec<bool> = (0..symbols.frame_count() as u32)
            .map(|row| strings[symbols.frame(goroscope_model::FrameIdx(row)).function.index()])
            .collect();
        let stacks = (0..symbols.stack_count() as u32)
            .map(|row| symbols.stack(StackIdx(row)).iter().any(|frame| frames[frame.index()]))
            .collect();
        Self { needle, strings, stacks, go_id: go_id(text) }
    }

    /// Whether a string contains the text.
    pub(super) fn string(&self, row: StringIdx) -> bool {
        self.strings.get(row.index()).copied().unwrap_or(false)
    }

    /// Whether a text that is no string of the trace contains it.
    pub(super) fn text(&self, text: &str) -> bool {
        self.needle.is_in(text)
    }

    /// Whether a function of the stack contains the text.
    pub(super) fn stack(&self, row: StackIdx) -> bool {
        self.stacks.get(row.index()).copied().unwrap_or(false)
    }
}

/// `17`, `G17` or `g17`
fn go_id(text: &str) -> Option<u64> {
    let digits = text.strip_prefix(['G', 'g', 'T', 't']).unwrap_or(text);
    if digits.bytes().all(|byte| byte.is_ascii_digit()) { digits.parse().ok() } else { None }
}

/// A text to be found in any case.
pub(crate) struct Needle {
    lower: String,
}

impl Needle {
    /// What is looked for.
    pub(crate) fn new(text: &str) -> Self {
        Self { lower: text.to_lowercase() }
    }

    /// Whether a text contains it.
    pub(crate) fn is_in(&self, text: &str) -> bool {
        if !self.lower.is_ascii() {
            return text.to_lowercase().contains(&self.lower);
        }
        let needle = self.lower.as_bytes();
        let Some((&first, rest)) = needle.split_first() else { return true };
        let text = text.as_bytes();
        let last = text.len().saturating_sub(rest.len());
        (0..last)
            .any(|at| text[at].to_ascii_lowercase() == first && text[at + 1..][..rest.len()].eq_ignore_ascii_case(rest))
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn any_case_any_place() {
        for (needle, text, wanted) in [
            ("worker", "main.Worker.func1", true),
            ("WORKER", "worker", true),
            ("worker", "worke", false),
            ("r", "worker", true),
            ("main.w", "main.", false),
            ("x", "", false),
            ("straße", "main.STRASSE", false),
            ("ärger", "main.ÄRGER", true),
            ("g", "日本語g", true),
        ] {
            assert_eq!(Needle::new(needle).is_in(text), wanted, "{needle} in {text}");
        }
    }

    #[test]
    fn ids_of_goroutines() {
        for (text, wanted) in [
            ("17", Some(17)),
            ("G17", Some(17)),
            ("g17", Some(17)),
            ("gg17", None),
            ("G", None),
            ("17x", None),
            ("+17", None),
            ("99999999999999999999", None),
        ] {
            assert_eq!(go_id(text), wanted, "{text}");
        }
    }
}
