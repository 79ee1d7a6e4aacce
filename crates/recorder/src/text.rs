//! Texts that are not longer than a trace may hold.

/// As much of a text as fits, between characters.
///
/// The end of a text that is cut says which one it was: two long names that begin alike stay two.
pub fn fitting(text: &str, most: usize) -> String {
    if text.len() <= most {
        return text.to_owned();
    }
    let mark = format!("…{:016x}", rustc_hash_of(text));
    format!("{}{mark}", shortened(text, most.saturating_sub(mark.len())))
}

/// The beginning of a text, at most so many bytes and whole characters.
pub fn shortened(text: &str, most: usize) -> &str {
    text.get(..text.floor_char_boundary(most)).unwrap_or(text)
}

fn rustc_hash_of(text: &str) -> u64 {
    use std::hash::{BuildHasher, BuildHasherDefault};
    BuildHasherDefault::<rustc_hash::FxHasher>::default().hash_one(text)
}

#[cfg(test)]
mod tests {
    use super::*;

    fn check(text: &str, most: usize, expected: &str) {
        let cut = fitting(text, most);
        assert!(cut.starts_with(expected) && cut.len() <= most.max(text.len().min(most)), "{cut}");
        assert_eq!(cut == text, text.len() <= most);
    }

    #[test]
    fn texts_are_cut_between_characters() {
        check("short", 20, "short");
        check(&"ä".repeat(30), 40, &"ä".repeat(10));
        let (one, two) = ("x".repeat(2000) + "1", "x".repeat(2000) + "2");
        assert_ne!(fitting(&one, 1024), fitting(&two, 1024));
    }
}
