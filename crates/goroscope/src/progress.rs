//! How far a reading is: a bar that redraws itself where a person looks, a line every few seconds elsewhere.

use crate::cli::Reading;
use crate::console;
use crate::numbers;
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
    drawn: bool,
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
        Self { style, next: Instant::now() + patience, drawn: false }
    }

    /// So many bytes of so many are done; 0 is an unknown total.
    pub fn report(&mut self, doing: &str, done: u64, total: u64) {
        let now = Instant::now();
        if now < self.next {
            return;
        }
        let share = if total == 0 {
            String::new()
        } else {
            format!(" of {} ({})", numbers::bytes(total), numbers::percent(done, total))
        };
        let text = format!("{doing} {}{share}", numbers::bytes(done));
        match self.style {
            Style::Silent => {}
            Style::Bar => {
                let full = (done * WIDTH).checked_div(total).unwrap_or(0).min(WIDTH) as usize;
                let bar = format!("{}{}", "█".repeat(full), "░".repeat(WIDTH as usize - full));
                console::tell(&format!("\r{bar} {text}\x1b[K"));
                self.drawn = true;
                self.next = now + FRAME;
            }
            Style::Lines => {
                console::tell(&format!("{text}\n"));
                self.next = now + LINE;
            }
        }
    }
}

impl Drop for Progress {
    /// Takes the bar away.
    fn drop(&mut self) {
        if self.drawn {
            console::tell("\r\x1b[K");
        }
    }
}
