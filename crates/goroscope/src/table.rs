//! Tables of an answer: aligned for people, as CSV for programs.
//!
//! A cell is a value with its unit, so that a person reads `12.3 ms` and a program `12300000`.

use crate::numbers;
use std::fmt::Write as _;

/// A column: its title for people, its name for programs.
#[derive(Clone, Copy, Debug)]
pub struct Column {
    /// What people read.
    pub title: &'static str,
    /// What stands in the first line of the CSV; ends in `_ns` or `_bytes` where that is the unit.
    pub name: &'static str,
}

/// A value.
#[derive(Clone, Debug, PartialEq)]
pub enum Cell {
    /// A name or a text.
    Text(String),
    /// Several texts, of which people see as many as there is room for.
    List(Vec<String>),
    /// How many.
    Count(u64),
    /// How long, ns.
    Duration(u64),
    /// When, ns since the start of the trace.
    Time(i64),
    /// How large.
    Bytes(u64),
    /// A part of a whole, from 0 to 1.
    Share(f64),
    /// A part of a whole, from 0 to 1, as a bar; a number for programs.
    Bar(f64),
    /// How something went: for people only, from 0 to 1 each.
    Spark(Vec<f64>),
    /// Nothing known, or nothing that applies.
    Nothing,
}

/// Rows under columns.
#[derive(Clone, Debug)]
pub struct Table {
    columns: Vec<Column>,
    rows: Vec<Vec<Cell>>,
    /// Names of the columns that people are not shown.
    hidden: Vec<&'static str>,
}

/// How wide a bar is, in characters.
const BAR: usize = 10;
/// What a text of a person's table is cut to, and how short it may become to make room for the other columns.
const TEXT: usize = 72;
const SHORTEST_TEXT: usize = 16;
/// Blanks between columns.
const GAP: usize = 2;

impl Table {
    /// One without rows.
    pub fn new(columns: &[Column]) -> Self {
        Self { columns: columns.to_vec(), rows: Vec::new(), hidden: Vec::new() }
    }

    /// People are not shown the columns of these names.
    pub fn hide(&mut self, names: &[&'static str]) {
        self.hidden.extend(names);
    }

    /// Adds a row, which has a cell for each column.
    pub fn push(&mut self, row: Vec<Cell>) {
        debug_assert_eq!(row.len(), self.columns.len(), "a cell for each column");
        self.rows.push(row);
    }

    /// For people: texts to the left, numbers to the right, titles bold if `look` says so, no wider than it says as far as
    /// shorter texts can do that. Columns of which every cell is nothing are left out.
    pub fn aligned(&self, look: Look) -> String {
        let says = |&i: &usize| self.rows.iter().any(|row| row[i] != Cell::Nothing);
        let is_shown = |i: &usize| !self.hidden.contains(&self.columns[*i].name);
        let mut shown: Vec<usize> = (0..self.columns.len()).filter(is_shown).filter(says).collect();
        let mut cells: Vec<Vec<String>> =
            self.rows.iter().map(|row| shown.iter().map(|&i| row[i].for_people()).collect()).collect();
        let width = |place: usize| {
            let title = self.columns[shown[place]].title.chars().count();
            cells.iter().map(|row| row[place].chars().count()).fold(title, usize::max)
        };
        let mut widths: Vec<usize> = (0..shown.len()).map(width).collect();
        let is_spark = |i: usize| self.rows.iter().any(|row| matches!(row[i], Cell::Spark(_)));
        if least(&widths, |place| self.shortest(shown[place])) > look.width {
            // A picture of how something went is what can be done without.
            let keep: Vec<bool> = shown.iter().map(|&i| !is_spark(i)).collect();
            shown = kept(&shown, &keep);
            widths = kept(&widths, &keep);
            cells = cells.iter().map(|row| kept(row, &keep)).collect();
        }
        fit(&mut widths, look.width, |place| self.shortest(shown[place]));
        for row in &mut cells {
            for (cell, &width) in row.iter_mut().zip(&widths) {
                if cell.chars().count() > width {
                    *cell = cut_to(&cell.chars().collect::<Vec<_>>(), width);
                }
            }
        }
        let is_text = |i: usize| self.rows.iter().any(|row| row[i].is_text());
        let mut text = String::new();
        let mut line = |ink: Ink, words: &mut dyn Iterator<Item = &str>| {
            let mut one = String::new();
            for (place, word) in words.enumerate() {
                let pad = " ".repeat(widths[place] - word.chars().count());
                let gap = if place == 0 { "" } else { "  " };
                let _ = if is_text(shown[place]) {
                    write!(one, "{gap}{word}{pad}")
                } else {
                    write!(one, "{gap}{pad}{word}")
                };
            }
            let one = one.trim_end();
            let _ = match ink {
                Ink::Plain => writeln!(text, "{one}"),
                Ink::Coloured => writeln!(text, "\x1b[1m{one}\x1b[0m"),
            };
        };
        line(look.ink, &mut shown.iter().map(|&i| self.columns[i].title));
        for row in &cells {
            line(Ink::Plain, &mut row.iter().map(String::as_str));
        }
        text
    }

    /// Whether there is no row.
    pub fn is_empty(&self) -> bool {
        self.rows.is_empty()
    }

    /// What a column of texts may be cut to; none for others.
    fn shortest(&self, column: usize) -> Option<usize> {
        let is_cut = self.rows.iter().any(|row| matches!(row[column], Cell::Text(_) | Cell::List(_)));
        is_cut.then(|| self.columns[column].title.chars().count().max(SHORTEST_TEXT))
    }

    /// For programs: RFC 4180, numbers in their smallest unit, a first line of names.
    pub fn csv(&self) -> String {
        let shown = self.for_programs();
        let names: Vec<&str> = shown.iter().map(|&i| self.columns[i].name).collect();
        format!("{}\n{}", names.join(","), self.csv_rows())
    }

    /// The same without the first line, for a table that comes in pieces.
    pub fn csv_rows(&self) -> String {
        let shown = self.for_programs();
        let mut text = String::new();
        for row in &self.rows {
            let values: Vec<String> = shown.iter().map(|&i| row[i].for_programs()).collect();
            let _ = writeln!(text, "{}", values.join(","));
        }
        text
    }

    /// Columns that programs get.
    fn for_programs(&self) -> Vec<usize> {
        let is_spark = |i: usize| self.rows.iter().any(|row| matches!(row[i], Cell::Spark(_)));
        (0..self.columns.len()).filter(|&i| !is_spark(i)).collect()
    }
}

/// How a table is to look.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct Look {
    /// How titles are set off.
    pub ink: Ink,
    /// Characters of a line.
    pub width: usize,
}

impl Look {
    /// For a file or a pipe.
    pub const PLAIN: Self = Self { ink: Ink::Plain, width: usize::MAX };
}

/// Whether a terminal shows the text.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Ink {
    /// A file or a pipe takes it, or `NO_COLOR` is set.
    Plain,
    /// A terminal takes it.
    Coloured,
}

/// How wide a line is.
fn line_width(widths: &[usize]) -> usize {
    widths.iter().sum::<usize>() + GAP * widths.len().saturating_sub(1)
}

/// How wide a line is whose texts are as short as they may be.
fn least(widths: &[usize], shortest: impl Fn(usize) -> Option<usize>) -> usize {
    let cut = |(place, &width): (usize, &usize)| shortest(place).map_or(width, |shortest| width.min(shortest));
    line_width(&widths.iter().enumerate().map(cut).collect::<Vec<_>>())
}

/// Takes from the widest texts until the line is as wide as it may be, or they are as short as they may be.
fn fit(widths: &mut [usize], limit: usize, shortest: impl Fn(usize) -> Option<usize>) {
    for _ in limit..line_width(widths) {
        let can_give = |place: &usize| shortest(*place).is_some_and(|shortest| widths[*place] > shortest);
        let Some(widest) = (0..widths.len()).filter(can_give).max_by_key(|&place| widths[place]) else { return };
        widths[widest] -= 1;
    }
}

fn kept<T: Clone>(all: &[T], keep: &[bool]) -> Vec<T> {
    all.iter().zip(keep).filter(|(_, keep)| **keep).map(|(one, _)| one.clone()).collect()
}

impl Cell {
    /// Several texts, or nothing if there is none.
    pub fn list(texts: Vec<String>) -> Self {
        if texts.is_empty() { Self::Nothing } else { Self::List(texts) }
    }

    fn is_text(&self) -> bool {
        match self {
            Self::Text(_) | Self::List(_) | Self::Bar(_) | Self::Spark(_) => true,
            Self::Count(_) | Self::Duration(_) | Self::Time(_) | Self::Bytes(_) | Self::Share(_) | Self::Nothing => {
                false
            }
        }
    }

    fn for_people(&self) -> String {
        match self {
            Self::Text(text) => shortened(text),
            Self::List(texts) => first_of(texts),
            Self::Count(count) => numbers::count(*count),
            Self::Duration(0) => "–".to_owned(),
            Self::Duration(ns) => numbers::duration(*ns as i64),
            Self::Time(ns) => numbers::duration(*ns),
            Self::Bytes(bytes) => numbers::bytes(*bytes),
            Self::Share(share) => format!("{:.1} %", share * 100.0),
            Self::Bar(share) => bar(*share),
            Self::Spark(values) => values.iter().map(|value| spark(*value)).collect(),
            Self::Nothing => String::new(),
        }
    }

    fn for_programs(&self) -> String {
        match self {
            Self::Text(text) => quoted(text),
            Self::List(texts) => quoted(&texts.join(", ")),
            Self::Count(number) | Self::Duration(number) | Self::Bytes(number) => number.to_string(),
            Self::Time(ns) => ns.to_string(),
            Self::Share(share) | Self::Bar(share) => format!("{share}"),
            Self::Spark(_) | Self::Nothing => String::new(),
        }
    }
}

/// A text without what would move the cursor, and no longer than a column may be; its end tells more than its middle.
fn shortened(text: &str) -> String {
    let clean: Vec<char> = text.chars().map(numbers::still).collect();
    if clean.len() <= TEXT {
        return clean.into_iter().collect();
    }
    cut_to(&clean, TEXT)
}

/// Begin and end of a text that is longer than this.
fn cut_to(text: &[char], width: usize) -> String {
    let tail = width / 2;
    let head = width.saturating_sub(tail + 1);
    text[..head].iter().chain(&['…']).chain(&text[text.len() - tail..]).collect()
}

/// The first texts as far as they fit, whole, and how many there are besides.
fn first_of(texts: &[String]) -> String {
    let mut all = String::new();
    for (number, text) in texts.iter().enumerate() {
        if number > 0 && all.chars().count() + text.chars().count() > TEXT {
            return format!("{all}, {} more", texts.len() - number);
        }
        let comma = if number > 0 { ", " } else { "" };
        all.extend([comma, &shortened(text)]);
    }
    all
}

fn quoted(text: &str) -> String {
    if text.contains(['"', ',', '\n', '\r']) { format!("\"{}\"", text.replace('"', "\"\"")) } else { text.to_owned() }
}

/// Full blocks, and one of eight parts of a block.
fn bar(share: f64) -> String {
    let eighths = (share.clamp(0.0, 1.0) * (BAR * 8) as f64).round() as usize;
    let mut bar = "█".repeat(eighths / 8);
    if let Some(part) = (eighths % 8).checked_sub(1) {
        bar.extend("▏▎▍▌▋▊▉".chars().nth(part));
    }
    bar
}

fn spark(value: f64) -> char {
    let height = (value.clamp(0.0, 1.0) * 8.0).ceil() as usize;
    " ▁▂▃▄▅▆▇█".chars().nth(height).unwrap_or(' ')
}

#[cfg(test)]
mod tests {
    use super::*;
    use expect_test::expect;

    const COLUMNS: [Column; 6] = [
        Column { title: "Function", name: "function" },
        Column { title: "Count", name: "count" },
        Column { title: "Time", name: "time_ns" },
        Column { title: "Share", name: "share" },
        Column { title: "Over time", name: "over_time" },
        Column { title: "Task", name: "task" },
    ];

    fn table() -> Table {
        let mut table = Table::new(&COLUMNS);
        let row = |name: &str, count, ns, share, spark: &[f64]| {
            vec![
                Cell::Text(name.to_owned()),
                Cell::Count(count),
                Cell::Duration(ns),
                Cell::Bar(share),
                Cell::Spark(spark.to_vec()),
                Cell::Nothing,
            ]
        };
        table.push(row("main.worker", 1200, 12_300_000, 0.93, &[0.0, 0.1, 0.5, 1.0]));
        table.push(row("a \"b\", c\n", 1, 0, 0.01, &[1.0, 0.0, 0.0, 0.0]));
        table
    }

    #[test]
    fn for_people() {
        expect![[r#"
            Function     Count      Time  Share       Over time
            main.worker  1,200  12.30 ms  █████████▎   ▁▄█
            a "b", c·        1         –  ▏           █
        "#]]
        .assert_eq(&table().aligned(Look::PLAIN));
        assert!(table().aligned(Look { ink: Ink::Coloured, ..Look::PLAIN }).starts_with("\x1b[1mFunction"));
    }

    #[test]
    fn as_wide_as_the_terminal() {
        let mut table = table();
        let mut long = table.rows[0].clone();
        long[0] = Cell::Text("example.com/a/long/path.(*Server).handle".to_owned());
        table.push(long);
        let narrow = |width| table.aligned(Look { width, ..Look::PLAIN });
        let widest = |text: &str| text.lines().map(|line| line.chars().count()).max();
        for width in [56, 60, 70] {
            assert!(widest(&narrow(width)) <= Some(width), "{}", narrow(width));
            assert!(narrow(width).contains("Over time") && narrow(width).contains('…'));
        }
        expect![[r#"
            Function               Count      Time  Share
            main.worker            1,200  12.30 ms  █████████▎
            a "b", c·                  1         –  ▏
            example.co…er).handle  1,200  12.30 ms  █████████▎
        "#]]
        .assert_eq(&narrow(50));
        assert_eq!(narrow(1), narrow(45));
    }

    #[test]
    fn for_programs() {
        expect![[r#"
            function,count,time_ns,share,task
            main.worker,1200,12300000,0.93,
            "a ""b"", c
            ",1,0,0.01,
        "#]]
        .assert_eq(&table().csv());
    }

    #[test]
    fn long_texts_keep_both_ends() {
        let text = shortened(&"x".repeat(50).replace('x', "abcd"));
        assert_eq!(text.chars().count(), TEXT);
        assert!(text.starts_with("abcd") && text.ends_with("abcd") && text.contains('…'));
    }
}
