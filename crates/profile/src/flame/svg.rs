//! A flame graph as a picture that needs nothing else: no script, no font, no server.
//!
//! Boxes have titles, which browsers show under the pointer, and colours by package, lighter or darker with the
//! reader's theme. What ends in `(…)` is a name that does not fit.

use super::{Boxed, Flame, What};
use crate::units::{Shown, percentage};
use crate::view::Seen;
use std::fmt::Write;

const WIDTH: f64 = 1200.0;
const ROW: u32 = 18;
const HEAD: u32 = 52;
const MARGIN: f64 = 10.0;
/// The width of a letter, about, in the font that is asked for.
const LETTER: f64 = 7.2;
/// How many different colours there are.
const HUES: u32 = 12;

/// The picture.
pub fn svg(seen: &Seen, flame: &Flame, title: &str) -> String {
    let height = HEAD + flame.rows.max(1) * ROW + 20;
    let mut out = String::new();
    let title = escaped(title);
    let _ = write!(
        out,
        "<svg xmlns=\"http://www.w3.org/2000/svg\" viewBox=\"0 0 {WIDTH} {height}\" width=\"{WIDTH}\" \
         height=\"{height}\" role=\"img\" aria-label=\"{title}\">\n<style>{}</style>\n\
         <rect class=\"page\" width=\"100%\" height=\"100%\"/>\n<text class=\"title\" x=\"{MARGIN}\" y=\"22\">{title}</text>\n",
        style(),
    );
    let total = seen.label(flame.total.shown(), &Shown::Auto);
    let _ = writeln!(
        out,
        "<text x=\"{MARGIN}\" y=\"40\">{}</text>",
        escaped(&format!("{}: {total} in {} stacks", seen.kind(), seen.weights.len()))
    );
    for one in &flame.boxes {
        write_box(&mut out, seen, flame, one);
    }
    out.push_str("</svg>\n");
    out
}

fn write_box(out: &mut String, seen: &Seen, flame: &Flame, one: &Boxed) {
    let scale = (WIDTH - 2.0 * MARGIN) / flame.total.size.max(1) as f64;
    let (x, width) = (MARGIN + one.start as f64 * scale, one.weight.size as f64 * scale);
    let y = HEAD + one.depth * ROW;
    let (name, class) = match one.what {
        What::Node(node) => (seen.name(node).to_owned(), format!("c{}", hue(seen.name(node)))),
        What::Others(count) => (format!("{count} narrow ones"), "others".to_owned()),
    };
    let value = seen.label(one.weight.shown(), &Shown::Auto);
    let own = seen.label(one.own.shown(), &Shown::Auto);
    let share = percentage(one.weight.shown(), seen.total);
    let _ = write!(
        out,
        "<g><title>{}\n{value} ({}), itself {own}</title><rect class=\"{class}\" x=\"{x:.2}\" y=\"{y}\" \
         width=\"{:.2}\" height=\"{}\" rx=\"2\"/>",
        escaped(&name),
        share.trim(),
        (width - 0.5).max(0.3),
        ROW - 1,
    );
    let room = ((width - 6.0) / LETTER).max(0.0) as usize;
    if room >= 3 {
        let _ = write!(out, "<text x=\"{:.2}\" y=\"{}\">{}</text>", x + 3.0, y + 13, escaped(&fitted(&name, room)));
    }
    out.push_str("</g>\n");
}

/// As much of a name as there is room for, an ellipsis in place of the rest. Of Go's names the import path goes first.
fn fitted(name: &str, room: usize) -> String {
    if name.chars().count() <= room {
        return name.to_owned();
    }
    let brackets = name.find(['[', '(']).unwrap_or(name.len());
    let short = name[..brackets].rfind('/').map_or(name, |slash| &name[slash + 1..]);
    if short.chars().count() <= room {
        return short.to_owned();
    }
    short.chars().take(room - 1).chain(['…']).collect()
}

/// The colour of a name: that of its package, so that neighbours of one package look alike.
fn hue(name: &str) -> u32 {
    let brackets = name.find(['[', '(']).unwrap_or(name.len());
    let path = name[..brackets].rfind('/').map_or(0, |slash| slash + 1);
    let package = name[path..].find('.').map_or(name, |dot| &name[..path + dot]);
    package.bytes().fold(17_u32, |hash, byte| hash.wrapping_mul(31).wrapping_add(u32::from(byte))) % HUES
}

fn style() -> String {
    let mut style = String::from(
        "text{font:12px ui-monospace,monospace;fill:#222}.title{font-size:15px;font-weight:600}.page{fill:#fff}\
         .others{fill:#ccc}g:hover rect{stroke:#000}",
    );
    let mut dark = String::from("text{fill:#eee}.page{fill:#16181d}.others{fill:#555}g:hover rect{stroke:#fff}");
    for number in 0..HUES {
        let degrees = number * 360 / HUES;
        let _ = write!(style, ".c{number}{{fill:hsl({degrees} 65% 78%)}}");
        let _ = write!(dark, ".c{number}{{fill:hsl({degrees} 35% 34%)}}");
    }
    format!("{style}@media(prefers-color-scheme:dark){{{dark}}}")
}

/// Text that means nothing to XML. Characters that XML cannot hold become U+FFFD.
fn escaped(text: &str) -> String {
    let mut out = String::with_capacity(text.len());
    for letter in text.chars() {
        match letter {
            '&' => out.push_str("&amp;"),
            '<' => out.push_str("&lt;"),
            '>' => out.push_str("&gt;"),
            '"' => out.push_str("&quot;"),
            '\n' | '\t' => out.push(letter),
            '\u{0}'..='\u{1f}' | '\u{fffe}' | '\u{ffff}' => out.push('\u{fffd}'),
            _ => out.push(letter),
        }
    }
    out
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn names_that_do_not_fit_are_shortened() {
        for (name, room, expected) in [
            ("main.run", 8, "main.run"),
            ("example.com/a/b.Run", 5, "b.Run"),
            ("example.com/a/b.Run", 4, "b.R…"),
            ("slices.Sort[go.shape.struct { a/b.X }]", 12, "slices.Sort…"),
        ] {
            assert_eq!(fitted(name, room), expected);
        }
    }

    #[test]
    fn text_is_escaped() {
        assert_eq!(escaped("<a & \"b\">\u{1}"), "&lt;a &amp; &quot;b&quot;&gt;\u{fffd}");
    }
}
