//! How many bytes the records of each kind take.

use std::cmp::Reverse;
use std::io::Write as _;

use goroscope_wire::{RecordSize, v1};

use crate::{Version, go_sort};

/// The table that `go tool trace -d=footprint` prints.
#[derive(Clone, Debug)]
pub struct Footprint {
    version: Version,
    file_bytes: u64,
    rows: Vec<Row>,
}

#[derive(Clone, Copy, Debug)]
struct Row {
    number: u8,
    count: u64,
    bytes: u64,
}

/// What the columns are at least, and the space between them.
const LEAST_WIDTH: usize = 3;
const SPACE: usize = 2;

impl Footprint {
    /// Of a file of this version and size, of which no record was counted yet.
    pub fn new(version: Version, file_bytes: u64) -> Self {
        let rows = (0..=u8::MAX).map(|number| Row { number, count: 0, bytes: 0 }).collect();
        Self { version, file_bytes, rows }
    }

    /// Counts a record.
    pub fn add(&mut self, record: RecordSize) {
        let row = &mut self.rows[usize::from(record.number)];
        row.count += 1;
        row.bytes += record.bytes;
    }

    /// Appends the table, the largest kinds first.
    pub fn push_table(&self, text: &mut Vec<u8>) {
        let mut rows = self.rows.clone();
        go_sort::sort_by_key(&mut rows, |row| Reverse(row.bytes));
        let count = rows.iter().map(|row| row.count).sum::<u64>() as f64;
        let bytes = self.file_bytes as f64;
        let heads = [["Event", "Bytes", "%", "Count", "%"], ["-"; 5]].map(|head| head.map(str::to_owned));
        let lines = rows.iter().filter(|row| self.is_shown(row)).map(|row| {
            let share = |part: u64, whole| format!("{:.2}%", part as f64 / whole * 100.0);
            let numbers = [row.bytes, row.count].map(|number| number.to_string());
            let [row_bytes, row_count] = numbers;
            [self.name(row), row_bytes, share(row.bytes, bytes), row_count, share(row.count, count)]
        });
        push_columns(text, &heads.into_iter().chain(lines).collect::<Vec<_>>());
    }

    /// Go lists every number there can be; of the format that it does not list, those that mean something.
    fn is_shown(&self, row: &Row) -> bool {
        !self.version.is_v1() || v1::EventType::from_byte(row.number).is_some()
    }

    fn name(&self, row: &Row) -> String {
        let known = self.version.record_name(row.number).unwrap_or_default();
        // Go's table of an older version ends where that of the next one goes on. Records of an experiment are beyond it
        // and make Go's tool give up.
        let is_beyond = row.number >= table_len(self.version) && row.count == 0;
        let is_unknown = known.is_empty() && row.count > 0;
        if is_beyond || is_unknown { format!("<unknown ({})>", row.number) } else { known.to_owned() }
    }
}

/// How many numbers Go's table of a version has.
fn table_len(version: Version) -> u8 {
    match version {
        Version::Go111 | Version::Go119 | Version::Go121 => u8::MAX,
        Version::Go122 => 45,
        Version::Go123 => 50,
        Version::Go125 => 52,
        Version::Go126 => 137,
    }
}

/// Columns to the left, each as wide as its widest cell; nothing behind the last one.
fn push_columns<const N: usize>(text: &mut Vec<u8>, lines: &[[String; N]]) {
    let widths: [usize; N] = std::array::from_fn(|column| {
        let widest = lines.iter().map(|line| line[column].len()).max().unwrap_or_default();
        (widest + SPACE).max(LEAST_WIDTH)
    });
    for line in lines {
        for (at, (cell, width)) in line.iter().zip(widths).enumerate() {
            // Writing to a vector cannot fail.
            let _ = if at + 1 < N { write!(text, "{cell:<width$}") } else { writeln!(text, "{cell}") };
        }
    }
}
