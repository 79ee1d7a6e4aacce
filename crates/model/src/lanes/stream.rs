//! Rows of a table on their way from whoever makes them, in the order of events, to the lanes that they belong to.
//!
//! Rows are only written one behind the other here; which lane they go to, and when a block of a lane is full, is the
//! business of a thread of the table's own. So the thread that makes rows of all tables does not wait for the memory of
//! a thousand lanes.

use std::panic::resume_unwind;
use std::sync::mpsc::{Receiver, Sender, SyncSender, channel, sync_channel};
use std::thread::JoinHandle;

use super::packing::{Kind, Packing, Raw, Step};
use crate::parallel;
use crate::storage::{Arena, Turn};

/// Hand-overs that may wait.
const WAITING: usize = 8;
/// Steps that are handed over at a time.
const AT_A_TIME: usize = 8192;

/// The rows of a table.
#[derive(Debug)]
pub(super) struct Stream<const E: usize, const X: usize> {
    /// What was not handed over yet.
    steps: Vec<Step<E, X>>,
    arena: Arena,
    packer: Packer<E, X>,
}

/// Who packs.
#[derive(Debug)]
enum Packer<const E: usize, const X: usize> {
    /// Whoever makes the rows: only one thread is wanted, or there was too little to pack so far.
    Here(Box<Packing<E, X>>),
    Thread {
        jobs: SyncSender<Job<E, X>>,
        spare: Receiver<Vec<Step<E, X>>>,
        packing: JoinHandle<Box<Packing<E, X>>>,
    },
}

/// Steps, and where the blocks go that become full with them.
#[derive(Debug)]
struct Job<const E: usize, const X: usize> {
    turn: Turn,
    steps: Vec<Step<E, X>>,
    /// Whether these are the last ones.
    then: Then,
}

#[derive(Clone, Copy, Debug, PartialEq, Eq)]
enum Then {
    More,
    End,
}

/// Packs the last rows of a table.
#[derive(Debug)]
pub(crate) enum Ending<const E: usize, const X: usize> {
    Done(Box<Packing<E, X>>),
    Running(JoinHandle<Box<Packing<E, X>>>),
}

impl<const E: usize, const X: usize> Stream<E, X> {
    /// Of rows whose blocks go to the arena.
    pub fn new(kind: Kind, arena: &Arena) -> Self {
        let packer = Packer::Here(Box::new(Packing::new(kind, arena.clone())));
        Self { steps: Vec::new(), arena: arena.clone(), packer }
    }

    /// The next row of a lane.
    #[inline]
    pub fn push(&mut self, lane: u32, raw: &Raw<E, X>) {
        self.steps.push(Step { lane, raw: *raw });
        if self.steps.len() == AT_A_TIME {
            self.hand_over();
        }
    }

    /// No row of the lane follows.
    pub fn end(&mut self, lane: u32) {
        self.push(lane, &Raw::END);
    }

    #[cold]
    fn hand_over(&mut self) {
        if let Packer::Here(packing) = &mut self.packer
            && parallel::threads() > 1
        {
            let another = packing.another();
            self.packer = on_its_own(std::mem::replace(packing, Box::new(another)));
        }
        let turn = self.arena.take_turn();
        match &mut self.packer {
            Packer::Here(packing) => {
                packing.take(&self.steps, &turn);
                packing.write(&turn);
                self.steps.clear();
            }
            Packer::Thread { jobs, spare, .. } => {
                let fresh = spare.try_recv().unwrap_or_else(|_| Vec::with_capacity(AT_A_TIME));
                let steps = std::mem::replace(&mut self.steps, fresh);
                // It only fails if the thread panicked, which is told when it is joined.
                let _ = jobs.send(Job { turn, steps, then: Then::More });
            }
        }
    }

    /// Begins to pack what is left of all lanes.
    pub fn end_all(self) -> Ending<E, X> {
        let Self { steps, arena, packer } = self;
        let turn = arena.take_turn();
        match packer {
            Packer::Here(mut packing) => {
                packing.take(&steps, &turn);
                packing.end_all(&turn);
                packing.write(&turn);
                Ending::Done(packing)
            }
            Packer::Thread { jobs, packing, .. } => {
                let _ = jobs.send(Job { turn, steps, then: Then::End });
                Ending::Running(packing)
            }
        }
    }
}

impl<const E: usize, const X: usize> Ending<E, X> {
    /// Waits until all is packed.
    pub fn wait(self) -> Box<Packing<E, X>> {
        match self {
            Self::Done(packing) => packing,
            Self::Running(thread) => thread.join().unwrap_or_else(|panic| resume_unwind(panic)),
        }
    }
}

/// Packs on a thread of its own from now on.
fn on_its_own<const E: usize, const X: usize>(packing: Box<Packing<E, X>>) -> Packer<E, X> {
    let (jobs, taker) = sync_channel(WAITING);
    let (giver, spare) = channel();
    let packing = std::thread::spawn(move || pack_all(packing, &taker, &giver));
    Packer::Thread { jobs, spare, packing }
}

/// Packs rows until there are no more, and gives back their memory.
fn pack_all<const E: usize, const X: usize>(
    mut packing: Box<Packing<E, X>>,
    jobs: &Receiver<Job<E, X>>,
    giver: &Sender<Vec<Step<E, X>>>,
) -> Box<Packing<E, X>> {
    for Job { turn, mut steps, then } in jobs {
        packing.take(&steps, &turn);
        if then == Then::End {
            packing.end_all(&turn);
        }
        packing.write(&turn);
        steps.clear();
        // Nobody wants it any longer at the end.
        let _ = giver.send(steps);
    }
    packing
}
