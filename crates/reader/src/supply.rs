//! Where the cursors of a generation get their records from: decoded when they are needed, or ahead on another thread.
//!
//! ```text
//!  this thread                          the other one
//!  cursor at the end of its block
//!    │ Fill(cursor, used block) ───────► decodes into it the next records of that cursor
//!    ◄──────────────── (cursor, block) ┘
//!  goes on in the next block, which has come long before
//! ```
//!
//! Blocks go round, so that nothing is allocated for new. Each cursor has a few: one is read, the others are filled or
//! lie ready. What comes out is the same either way, because records depend on the bytes of their thread alone.

use std::collections::VecDeque;
use std::sync::mpsc::{Receiver, Sender, channel};

use crate::decode::{Block, Decoder};
use crate::tally::Tally;

/// Records of a block if they are decoded when needed: few enough that those of several threads stay near the processor.
const NEAR: usize = 64;

/// Records of a block if they are decoded ahead: enough that handing it over costs little.
const FAR: usize = 16_384;

/// Records in all blocks together if they are decoded ahead; with very many threads there are more.
const ALL_FAR: usize = 1 << 19;

/// Blocks of each cursor that are filled or lie ready.
const AHEAD: usize = 2;

/// Decodes for the cursors of one generation at a time.
#[derive(Debug)]
pub enum Supply<'a> {
    /// On this thread.
    Here(Vec<Decoder<'a>>),
    /// On another thread.
    Ahead(Ahead<'a>),
}

/// This thread's end of the connection to the one that decodes.
#[derive(Debug)]
pub struct Ahead<'a> {
    requests: Sender<Request<'a>>,
    answers: Receiver<Answer>,
    /// By cursor, what has come and is not used yet.
    ready: Vec<VecDeque<Block>>,
    /// Bytes of the generation that were used, which nobody counted yet.
    used: u64,
}

/// The other end.
#[derive(Debug)]
pub struct Worker<'a> {
    requests: Receiver<Request<'a>>,
    answers: Sender<Answer>,
}

#[derive(Debug)]
enum Request<'a> {
    /// A generation begins.
    Begin(Vec<Decoder<'a>>),
    /// The next records of a cursor, to be put into this block.
    Fill(u32, Block),
    /// The generation ends.
    End,
}

#[derive(Debug)]
enum Answer {
    Filled(u32, Block),
    /// What was read of the generation.
    Read(Box<Tally>),
}

/// Two ends of a connection.
pub fn connection<'a>() -> (Supply<'a>, Worker<'a>) {
    let (requests, for_worker) = channel();
    let (from_worker, answers) = channel();
    let ahead = Ahead { requests, answers, ready: Vec::new(), used: 0 };
    (Supply::Ahead(ahead), Worker { requests: for_worker, answers: from_worker })
}

impl<'a> Supply<'a> {
    /// A generation begins, with a decoder for each cursor.
    pub fn begin(&mut self, decoders: Vec<Decoder<'a>>) {
        match self {
            Self::Here(held) => *held = decoders,
            Self::Ahead(ahead) => ahead.begin(decoders),
        }
    }

    /// Puts the next records of a cursor into its block; neither records nor damage at the end.
    pub fn fill(&mut self, cursor: u32, block: &mut Block, tally: &mut Tally) {
        match self {
            Self::Here(decoders) => decoders[cursor as usize].fill(block, NEAR, tally),
            Self::Ahead(ahead) => ahead.fill(cursor, block),
        }
    }

    /// The generation ends.
    pub fn end(&mut self, tally: &mut Tally) {
        match self {
            Self::Here(decoders) => decoders.clear(),
            Self::Ahead(ahead) => ahead.end(tally),
        }
    }

    /// Bytes that were used and are not in the tally yet.
    pub fn uncounted(&self) -> u64 {
        match self {
            Self::Here(_) => 0,
            Self::Ahead(ahead) => ahead.used,
        }
    }
}

impl<'a> Ahead<'a> {
    fn begin(&mut self, decoders: Vec<Decoder<'a>>) {
        let cursors = decoders.len();
        self.ready.clear();
        self.ready.resize_with(cursors, VecDeque::new);
        self.request(Request::Begin(decoders));
        for _ in 0..AHEAD {
            for cursor in 0..cursors as u32 {
                self.request(Request::Fill(cursor, Block::default()));
            }
        }
    }

    fn fill(&mut self, cursor: u32, block: &mut Block) {
        let used = std::mem::take(block);
        self.request(Request::Fill(cursor, used));
        loop {
            if let Some(next) = self.ready[cursor as usize].pop_front() {
                self.used += next.bytes();
                *block = next;
                return;
            }
            match self.answers.recv() {
                Ok(Answer::Filled(cursor, block)) => self.ready[cursor as usize].push_back(block),
                // Nothing more comes: the worker has panicked, which whoever started it will hear of.
                Ok(Answer::Read(_)) | Err(_) => return,
            }
        }
    }

    fn end(&mut self, tally: &mut Tally) {
        self.request(Request::End);
        while let Ok(answer) = self.answers.recv() {
            if let Answer::Read(read) = answer {
                tally.add_all(&read);
                break;
            }
        }
        self.used = 0;
        self.ready.clear();
    }

    fn request(&self, request: Request<'a>) {
        // It fails if the worker is gone, and then there are no answers either.
        let _ = self.requests.send(request);
    }
}

impl Worker<'_> {
    /// Decodes what is asked for, until nobody is there to ask.
    pub fn run(self) {
        let mut decoders = Vec::new();
        let mut tally = Tally::default();
        let mut most = FAR;
        for request in self.requests {
            let answer = match request {
                Request::Begin(begun) => {
                    most = (ALL_FAR / (begun.len() * (AHEAD + 1)).max(1)).clamp(NEAR, FAR);
                    decoders = begun;
                    continue;
                }
                Request::Fill(cursor, mut block) => {
                    if let Some(decoder) = decoders.get_mut(cursor as usize) {
                        decoder.fill(&mut block, most, &mut tally);
                    }
                    Answer::Filled(cursor, block)
                }
                Request::End => Answer::Read(Box::new(std::mem::take(&mut tally))),
            };
            if self.answers.send(answer).is_err() {
                return;
            }
        }
    }
}
