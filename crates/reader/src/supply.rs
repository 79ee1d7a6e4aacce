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
//! Blocks go round, and from a generation to the next, so that hardly anything is allocated for new: the system would
//! have to clear that memory, which takes longer than to decode into it. Each cursor has a few: one is read, the others
//! are filled or lie ready. What comes out is the same either way, because records depend on the bytes of their thread
//! alone.

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
    spare: Spare,
    /// Bytes of the generation that were used, which nobody counted yet.
    used: u64,
}

/// Blocks that nobody uses, with room for [`ALL_FAR`] records together at most.
#[derive(Debug, Default)]
struct Spare {
    blocks: Vec<Block>,
    /// For how many records they have room.
    room: usize,
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
    let ahead = Ahead { requests, answers, ready: Vec::new(), spare: Spare::default(), used: 0 };
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

    /// The decoders that it has here, of a generation that somebody else goes on with.
    pub fn into_decoders(self) -> Vec<Decoder<'a>> {
        match self {
            Self::Here(decoders) => decoders,
            Self::Ahead(_) => Vec::new(),
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
                let block = self.spare.take();
                self.request(Request::Fill(cursor, block));
            }
        }
    }

    fn fill(&mut self, cursor: u32, block: &mut Block) {
        let used = std::mem::take(block);
        // Before its first records, a cursor has a block without room.
        let used = if used.room() == 0 { self.spare.take() } else { used };
        self.request(Request::Fill(cursor, used));
        loop {
            if let Some(next) = self.ready[cursor as usize].pop_front() {
                self.used += next.bytes();
                if next.is_end() {
                    self.spare.put(next);
                } else {
                    *block = next;
                }
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
            match answer {
                Answer::Filled(_, block) => self.spare.put(block),
                Answer::Read(read) => {
                    tally.add_all(&read);
                    break;
                }
            }
        }
        self.used = 0;
        self.ready.drain(..).flatten().for_each(|block| self.spare.put(block));
    }

    fn request(&self, request: Request<'a>) {
        // It fails if the worker is gone, and then there are no answers either.
        let _ = self.requests.send(request);
    }
}

impl Spare {
    /// A block, with room if there is one.
    fn take(&mut self) -> Block {
        let block = self.blocks.pop().unwrap_or_default();
        self.room -= block.room();
        block
    }

    /// Keeps a block for later if it has room, unless there are enough.
    fn put(&mut self, block: Block) {
        let room = self.room + block.room();
        if room > self.room && room <= ALL_FAR {
            self.room = room;
            self.blocks.push(block);
        }
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

#[cfg(test)]
mod tests {
    use goroscope_wire::{Batch, Batches, EventType, HEADER_LEN, Item, RawEvent, TraceWriter, Version};

    use super::*;
    use crate::clock::Clock;
    use crate::decode::Measure;

    const RECORDS: usize = 20_000;

    fn file() -> Vec<u8> {
        let mut writer = TraceWriter::new(Version::Go126);
        writer.batch(1, 1, 0, |batch| {
            for _ in 0..RECORDS {
                batch.event(RawEvent { kind: EventType::HeapAlloc, dt: 1, args: [1, 0, 0, 0] });
            }
        });
        writer.into_bytes()
    }

    /// Reads one generation after another, each of so many cursors with the same events; gives for how many records the
    /// spare blocks have room after each.
    fn rooms(generations: &[usize]) -> Vec<usize> {
        let file = file();
        let batches = Batches::new(Version::Go126, &file, HEADER_LEN as u64);
        let batches: Vec<Batch<'_>> = batches
            .filter_map(|item| match item {
                Ok(Item::Batch(batch)) => Some(batch),
                Ok(Item::EndOfGeneration { .. }) | Err(_) => None,
            })
            .collect();
        let measure = Measure { version: Version::Go126, clock: Clock::new(1_000_000_000) };
        std::thread::scope(|scope| {
            let (mut supply, worker) = connection();
            scope.spawn(|| worker.run());
            let mut rooms = Vec::new();
            for &cursors in generations {
                let mut tally = Tally::default();
                supply.begin((0..cursors).map(|_| Decoder::new(batches.clone(), measure)).collect());
                for cursor in 0..cursors as u32 {
                    let (mut block, mut records) = (Block::default(), 0);
                    loop {
                        supply.fill(cursor, &mut block, &mut tally);
                        records += block.len();
                        if block.is_end() {
                            break;
                        }
                    }
                    assert_eq!(records, RECORDS);
                }
                supply.end(&mut tally);
                assert_eq!(tally.counts.iter().sum::<u64>(), (cursors * RECORDS) as u64);
                let Supply::Ahead(ahead) = &supply else { return rooms };
                assert_eq!(ahead.spare.room, ahead.spare.blocks.iter().map(Block::room).sum::<usize>());
                rooms.push(ahead.spare.room);
            }
            rooms
        })
    }

    #[test]
    fn blocks_go_from_generation_to_generation() {
        let rooms = rooms(&[3; 8]);
        let most = 3 * (AHEAD + 1) * FAR;
        assert!(rooms.iter().all(|room| (RECORDS..=most).contains(room)), "{rooms:?}");
    }

    #[test]
    fn only_so_many_blocks_are_kept() {
        let rooms = rooms(&[10, 200, 10]);
        assert!(rooms.iter().all(|room| (RECORDS..=ALL_FAR).contains(room)), "{rooms:?}");
    }
}
