//! Who is told how far a reading is: the terminal, and the page if there is one.

use crate::cli::Reading;
use crate::console;
use crate::progress::Progress;
use goroscope_analysis::{Loading, Phase};
use goroscope_server::Exhibit;
use std::time::{Duration, Instant};

/// Between two pictures for the page.
const INTERVAL: Duration = Duration::from_millis(100);
/// A picture for the page may take this part of the time: the more goroutines, the more it costs.
const SHARE: u32 = 100;

/// A reading, watched.
#[derive(Debug)]
pub struct Watch {
    is_quiet: bool,
    terminal: Progress,
    page: Option<OrderedPage>,
}

#[derive(Debug)]
struct OrderedPage {
    exhibit: Exhibit,
    phase: Phase,
    next: Instant,
}

impl Watch {
    /// Watched from the terminal.
    pub fn terminal(reading: &Reading) -> Self {
        Self { is_quiet: reading.quiet, terminal: Progress::new(reading), page: None }
    }

    /// Watched from the page as well.
    pub fn and_page(self, exhibit: Exhibit) -> Self {
        Self { page: Some(OrderedPage { exhibit, phase: Phase::Receiving, next: Instant::now() }), ..self }
    }

    /// Something that the user may want to know.
    pub fn note(&mut self, text: &str) {
        self.terminal.clear();
        if !self.is_quiet {
            console::tell(&format!("note: {text}\n"));
        }
    }

    /// So many bytes of so many were received or unpacked.
    pub fn bytes(&mut self, phase: Phase, done: u64, total: Option<u64>) {
        self.terminal.report(phase, done, total);
        if let Some(page) = &mut self.page {
            // Costs nothing, and nobody knows when the next bytes come.
            page.exhibit.report(Loading::bytes(phase, done, total));
        }
    }

    /// Events of a file of `total` bytes were read.
    pub fn events(&mut self, progress: &goroscope_model::Progress<'_>, total: u64) {
        let phase = if progress.bytes < total { Phase::Reading } else { Phase::Indexing };
        self.terminal.report(phase, progress.bytes, Some(total));
        if let Some(page) = &mut self.page {
            page.picture(phase, || Loading::events(progress, total));
        }
    }
}

impl OrderedPage {
    fn picture(&mut self, phase: Phase, news: impl FnOnce() -> Loading) {
        let now = Instant::now();
        if now < self.next && phase == self.phase {
            return;
        }
        self.exhibit.report(news());
        self.phase = phase;
        self.next = now + INTERVAL.max(now.elapsed() * SHARE);
    }
}
