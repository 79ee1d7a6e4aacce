//! How far a reading is: a bar that redraws itself where a person looks, a line every few seconds elsewhere.

use crate::cli::Reading;
use crate::console;
use crate::numbers;
use goroscope_analysis::Phase;
use std::time::{Duration, Instant};

/// Before this nothing is shown: most traces are read by then.
const PATIENCE: Duration = Duration::from_millis(300);
/// Between two pictures of the bar.
const FRAME: Duration = Duration::from_millis(100);
/// Between two lines.
const LINE: Duration = Duration::from_secs(5);
/// Characters of the bar.
const WIDTH: u64 = 30;

/// A progress display.
#[derive(Debug)]
pub struct Progress {
    style: Style,
    next: Instant,
    /// What the bar says is being done, if it was drawn.
    drawn: Option<&'static str>,
}

#[derive(Clone, Copy, Debug)]
enum Style {
    Silent,
    Bar,
    Lines,
}

impl Progress {
    /// One that has shown nothing.
    pub fn new(reading: &Reading) -> Self {
        let style = match (reading.quiet || reading.no_progress, console::is_terminal()) {
            (true, _) => Style::Silent,
            (false, true) => Style::Bar,
            (false, false) => Style::Lines,
        };
        let patience = match style {
            Style::Silent | Style::Bar => PATIENCE,
            Style::Lines => LINE,
        };
        Self { style, next: Instant::now() + patience, drawn: None }
    }

    /// So many bytes are done, of so many if that is known.
    pub fn report(&mut self, phase: Phase, done: u64, total: Option<u64>) {
        let doing = match phase {
            Phase::Receiving => "receiving",
            Phase::Unpacking => "unpacking",
            Phase::Reading => "reading",
            Phase::Indexing => "indexing",
        };
        self.say(doing, done, total);
    }

    /// The same for what is no phase of a reading.
    pub fn say(&mut self, doing: &'static str, done: u64, total: Option<u64>) {
        let now = Instant::now();
        if now < self.next && self.drawn.is_none_or(|drawn| drawn == doing) {
            return;
        }
        let share = total.map_or(String::new(), |total| {
            format!(" of {} ({})", numbers::bytes(total), numbers::percent(done, total))
        });
        let text = format!("{doing} {}{share}", numbers::bytes(done));
        match self.style {
            Style::Silent => {}
            Style::Bar => {
                let full = total.and_then(|total| (done * WIDTH).checked_div(total)).unwrap_or(0).min(WIDTH) as usize;
                let bar = format!("{}{}", "█".repeat(full), "░".repeat(WIDTH as usize - full));
                console::tell(&format!("\r{bar} {text}\x1b[K"));
                self.drawn = Some(doing);
                self.next = now + FRAME;
            }
            Style::Lines => {
                console::tell(&format!("{text}\n"));
                self.next = now + LINE;
            }
        }
    }
}

impl Progress {
    /// Takes the bar away, until there is something to report again.
    pub fn clear(&mut self) {
        if self.drawn.take().is_some() {
            console::tell("\r\x1b[K");
        }
    }
}

impl Drop for Progress {
    fn drop(&mut self) {
        self.clear();
    }
}
