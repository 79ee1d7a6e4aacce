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

#[cfg(test)]
mod tests {
    use super::*;
    use crate::tiles::fixtures;
    use goroscope_analysis::GoIdx;
    use std::cell::Cell;

    fn job(lanes: Vec<(Lane, i64, i64)>) -> Job {
        Job::new(Request { viewport: 3, level: 8, lanes })
    }

    /// Tiles and texts of each frame of a job; how many frames there are is a matter of time.
    fn frames(mut job: Job, texts: &mut Texts) -> Vec<(u32, u32)> {
        let trace = fixtures::preempted();
        let mut frames = Vec::new();
        loop {
            let (frame, last) = match job.frame(&trace, texts, &|| true) {
                Step::More(frame) => (frame, false),
                Step::Last(frame) => (frame, true),
                Step::Superseded => panic!("it is wanted"),
            };
            frames.push((u32::from(frame[12]), u32::from(frame[16])));
            if last {
                return frames;
            }
        }
    }

    fn sum(frames: &[(u32, u32)]) -> (u32, u32) {
        frames.iter().fold((0, 0), |sum, frame| (sum.0 + frame.0, sum.1 + frame.1))
    }

    #[test]
    fn a_superseded_frame_takes_its_texts_back() {
        let (mut texts, asked) = (Texts::default(), Cell::new(0));
        let lanes = vec![(Lane::Go(GoIdx(0)), 0, 7)];
        let three_times = || asked.replace(asked.get() + 1) < 3;
        let mut superseded = job(lanes.clone());
        while !matches!(superseded.frame(&fixtures::preempted(), &mut texts, &three_times), Step::Superseded) {
            texts = Texts::default();
        }
        assert_eq!(asked.get(), 4);
        // The next frame has the texts that nobody was sent, the one after it has none.
        assert_eq!(sum(&frames(job(lanes.clone()), &mut texts)), (8, 2));
        assert_eq!(sum(&frames(job(lanes), &mut texts)), (8, 0));
    }

    #[test]
    fn all_tiles_come_in_frames_of_sixteen_lanes() {
        let frames = frames(job(vec![(Lane::Gc, -1, 1); 40]), &mut Texts::default());
        assert_eq!(sum(&frames), (120, 0));
        assert!(frames.iter().all(|frame| frame.0 <= 48 + 2) && frames.len() >= 3, "{frames:?}");
    }
}
