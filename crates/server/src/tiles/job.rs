//! The tiles of one request, a frame at a time.

use super::frame::Frame;
use super::request::Request;
use super::texts::Texts;
use goroscope_analysis::{Lane, Trace, tile};
use std::collections::VecDeque;
use std::time::{Duration, Instant};

/// The most lanes of a frame.
const LANES: usize = 16;
/// A frame is sent when it has so many bytes,
const BYTES: usize = 256 * 1024;
/// or when so much time went into it: the first lanes are drawn while the last are computed.
const TIME: Duration = Duration::from_millis(8);

/// What is left to do of a request.
#[derive(Debug)]
pub struct Job {
    viewport: u32,
    level: u8,
    /// Lanes with their next and last tile.
    lanes: VecDeque<(Lane, i64, i64)>,
}

/// How far [`Job::frame`] came.
#[derive(Debug)]
pub enum Step {
    /// A frame to send; more will come.
    More(Vec<u8>),
    /// The last frame of the request.
    Last(Vec<u8>),
    /// Nobody wants it any more.
    Superseded,
}

impl Job {
    /// All of a request.
    pub fn new(request: Request) -> Self {
        Self { viewport: request.viewport, level: request.level, lanes: request.lanes.into() }
    }

    /// The viewport of the request.
    pub fn viewport(&self) -> u32 {
        self.viewport
    }

    /// Computes the next frame, as long as it is `wanted`.
    pub fn frame(&mut self, trace: &Trace, texts: &mut Texts, wanted: &dyn Fn() -> bool) -> Step {
        let begin = Instant::now();
        let mut frame = Frame::new();
        let mut lanes = 0;
        while let Some((lane, next, last)) = self.lanes.front_mut() {
            if !wanted() {
                texts.forget();
                return Step::Superseded;
            }
            frame.push(trace, texts, (*lane, self.level, *next), &tile(trace, *lane, self.level, *next));
            if next == last {
                self.lanes.pop_front();
                lanes += 1;
            } else {
                *next += 1;
            }
            if lanes == LANES || frame.len() >= BYTES || begin.elapsed() >= TIME {
                break;
            }
        }
        texts.keep();
        if self.lanes.is_empty() {
            Step::Last(frame.finish(self.viewport, true))
        } else {
            Step::More(frame.finish(self.viewport, false))
        }
    }
}
