//! The texts that a connection knows: each is sent once, then named by number.

use goroscope_analysis::{TileLabel, Trace};
use std::collections::HashMap;

/// The longest text in bytes; the whole of a long log message is in `api/span`.
const LONGEST: usize = 1024;

/// Numbers of the labels that this connection was sent, from 1; 0 is no label.
#[derive(Debug, Default)]
pub struct Texts {
    numbers: HashMap<TileLabel, u32>,
    /// Labels whose frame is not finished.
    open: Vec<TileLabel>,
}

impl Texts {
    /// The number of a label, and its text if the browser does not know it yet.
    pub fn number(&mut self, trace: &Trace, label: TileLabel) -> (u32, Option<String>) {
        if label == TileLabel::None {
            return (0, None);
        }
        if let Some(number) = self.numbers.get(&label) {
            return (*number, None);
        }
        let text = label.text(trace);
        if text.is_empty() {
            self.numbers.insert(label, 0);
            return (0, None);
        }
        let number = self.numbers.len() as u32 + 1;
        self.numbers.insert(label, number);
        self.open.push(label);
        (number, Some(shortened(text)))
    }

    /// The frame with all texts so far will be sent.
    pub fn keep(&mut self) {
        self.open.clear();
    }

    /// The frame since the last [`Self::keep`] will not be sent: its texts are unknown again.
    pub fn forget(&mut self) {
        for label in self.open.drain(..) {
            self.numbers.remove(&label);
        }
    }
}

fn shortened(mut text: String) -> String {
    if text.len() > LONGEST {
        text.truncate(text.floor_char_boundary(LONGEST - '…'.len_utf8()));
        text.push('…');
    }
    text
}
