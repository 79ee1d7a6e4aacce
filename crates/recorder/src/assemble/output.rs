//! Where generations go: to whatever takes bytes, into files that follow each other, or into memory, where the oldest make
//! room for new ones.
//!
//! Generations are kept one by one, behind a reference count: a snapshot takes a reference to each, which costs no copy
//! and no time, and whoever asked for it writes them while the recording goes on.

use std::collections::VecDeque;
use std::io::{self, Write};
use std::sync::Arc;
use std::time::Duration;

use goroscope_wire::Version;

use super::files::Files;

/// What takes the generations of a recording.
pub enum Output {
    /// Everything, from the header on.
    Writer(Box<dyn Write + Send>),
    /// A file after the other.
    Files(Files),
    /// The last ones.
    Ring(Window),
}

impl Output {
    /// Begins a file of this version and says how many bytes that took.
    pub fn begin(&mut self, version: Version) -> io::Result<u64> {
        let header = version.header();
        match self {
            Self::Writer(writer) => writer.write_all(&header).map(|()| header.len() as u64),
            // Files and snapshots have a header each.
            Self::Files(_) | Self::Ring(_) => Ok(0),
        }
    }

    /// Takes a generation from `start` to `end`, ns, and says how many bytes that took.
    pub fn push(&mut self, generation: Vec<u8>, start: u64, end: u64) -> io::Result<u64> {
        let size = generation.len() as u64;
        match self {
            Self::Writer(writer) => {
                writer.write_all(&generation)?;
                writer.flush()?;
                Ok(size)
            }
            Self::Files(files) => files.push(&generation, start, end),
            Self::Ring(window) => {
                // As large as it is, and not as what it grew in.
                window.push(generation.into(), end);
                Ok(size)
            }
        }
    }

    /// Generations that are there no more.
    pub fn forgotten(&self) -> u64 {
        match self {
            Self::Writer(_) => 0,
            Self::Files(files) => files.forgotten,
            Self::Ring(window) => window.forgotten,
        }
    }

    /// The generations that are kept, oldest first, at a time.
    pub fn kept(&mut self, now: u64) -> Vec<Arc<[u8]>> {
        match self {
            Self::Writer(_) | Self::Files(_) => Vec::new(),
            Self::Ring(window) => {
                window.forget(now);
                window.kept.iter().map(|(_, bytes)| Arc::clone(bytes)).collect()
            }
        }
    }
}

/// The last generations.
#[derive(Debug)]
pub struct Window {
    /// How long ago a generation may have ended, ns.
    period: u64,
    /// Bytes that they may take together.
    most: usize,
    /// When they ended, and what they are; oldest first.
    kept: VecDeque<(u64, Arc<[u8]>)>,
    /// Bytes that they take.
    bytes: usize,
    forgotten: u64,
}

impl Window {
    /// Nothing yet, of that which is not older and takes no more than this.
    pub fn new(period: Duration, most: usize) -> Self {
        let period = u64::try_from(period.as_nanos()).unwrap_or(u64::MAX);
        Self { period, most, kept: VecDeque::new(), bytes: 0, forgotten: 0 }
    }

    fn push(&mut self, bytes: Arc<[u8]>, end: u64) {
        self.bytes += bytes.len();
        self.kept.push_back((end, bytes));
        self.forget(end);
    }

    /// Lets go of what is too old or too much, but never of the last one: without it there is no trace.
    fn forget(&mut self, now: u64) {
        while self.kept.len() > 1
            && let Some((end, bytes)) = self.kept.front()
            && (self.bytes > self.most || now.saturating_sub(*end) > self.period)
        {
            self.bytes -= bytes.len();
            self.kept.pop_front();
            self.forgotten += 1;
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    /// Generations as the time of their ends and their sizes, and the ends of those that are kept then.
    fn check(period: u64, most: usize, pushed: &[(u64, usize)], now: u64, expected: &[u64]) {
        let mut window = Window::new(Duration::from_nanos(period), most);
        for &(end, size) in pushed {
            window.push(vec![0; size].into(), end);
        }
        window.forget(now);
        let kept: Vec<u64> = window.kept.iter().map(|(end, _)| *end).collect();
        assert_eq!(kept, expected);
        assert_eq!(window.forgotten as usize, pushed.len() - kept.len());
        assert_eq!(window.bytes, window.kept.iter().map(|(_, bytes)| bytes.len()).sum::<usize>());
    }

    #[test]
    fn the_oldest_make_room() {
        let pushed = [(10, 5), (20, 5), (30, 5), (40, 5)];
        check(100, 100, &pushed, 40, &[10, 20, 30, 40]);
        check(100, 15, &pushed, 40, &[20, 30, 40]);
        check(100, 14, &pushed, 40, &[30, 40]);
        check(20, 100, &pushed, 40, &[20, 30, 40]);
        check(20, 100, &pushed, 51, &[40]);
        check(20, 100, &pushed, 1000, &[40]);
        check(0, 0, &pushed, 40, &[40]);
        check(100, 10, &[(10, 5), (20, 50)], 20, &[20]);
        check(100, 10, &[], 20, &[]);
    }
}
