//! Systems without perf events: everything is refused.

use super::{Callers, Wanted};

/// What there is none of.
#[derive(Debug)]
pub enum Ring {}

/// What nothing can be asked with.
#[derive(Debug)]
pub enum Attributes {}

/// Nothing needs room.
#[derive(Debug, Default)]
pub struct Room;

impl Room {
    /// None.
    pub fn of_process(_: Wanted, _: Callers) -> Self {
        Self
    }
}

impl Attributes {
    /// What is sampled.
    pub fn sampled(&self) -> &'static str {
        match *self {}
    }
}

impl Ring {
    /// Nothing comes.
    pub fn drain(&mut self, _: &mut Vec<u8>) {
        match *self {}
    }
}

/// Nothing is.
pub fn allowed(_: Wanted, _: Callers) -> Result<Attributes, String> {
    Err("only Linux has it".to_owned())
}

/// Nobody gets here.
pub fn open(attributes: &Attributes, _: &Room) -> Result<Ring, String> {
    match *attributes {}
}
