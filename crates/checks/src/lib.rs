//! What must hold for any bytes, as functions that fuzzing and the tests share.
//!
//! Each function takes bytes and panics where something does not hold. `TARGETS` lists them: `fuzz/` makes a fuzz target
//! of each, and the tests of this crate run each on the cases that fuzzing found and on its seeds.
//!
//! * [`decoders`]: no decoder panics, goes past its bytes or stands still; what is written again reads the same.
//! * [`reading`]: files to ordered events. Every one ends, is about rows that exist, and continues what was before it.
//! * [`columns`]: files to a model. Spans tile the life of their lane; sums are those of a plain loop.
//! * [`profiles`]: bytes to profiles. What is read is written again the same; every report ends.
//! * [`assembling`]: records of threads to files. Whatever the records are, the file is valid.
//! * [`nearly_valid`]: traces of a program that is played by the choices in the bytes, then damaged: bytes without a plan
//!   never get past the framing. Undamaged, such a trace must be read without a complaint.
//!
//! Memory is checked as well: [`meter`] counts what is allocated while a file is read.

#![expect(clippy::missing_panics_doc, reason = "a panic is how a check says no")]

pub mod assembling;
pub mod columns;
pub mod decoders;
pub mod meter;
pub mod nearly_valid;
pub mod old_program;
pub mod profiles;
pub mod program;
pub mod reading;

/// A check that a fuzzer can run.
#[derive(Clone, Copy, Debug)]
pub struct Target {
    /// Its name, which is that of the fuzz target and of the folder with its cases.
    pub name: &'static str,
    /// Panics where something does not hold.
    pub check: fn(&[u8]),
}

/// Every check.
pub static TARGETS: &[Target] = &[
    Target { name: "header", check: decoders::header },
    Target { name: "batches", check: decoders::batches },
    Target { name: "timed_events", check: decoders::timed_events },
    Target { name: "tables", check: decoders::tables },
    Target { name: "v1_records", check: decoders::v1_records },
    Target { name: "text", check: decoders::text },
    Target { name: "reader", check: reading::any },
    Target { name: "reader_v1", check: reading::v1 },
    Target { name: "model", check: columns::any },
    Target { name: "profile", check: profiles::any },
    Target { name: "structured", check: nearly_valid::any },
    Target { name: "assembling", check: assembling::any },
    Target { name: "structured_v1", check: nearly_valid::v1 },
];

/// Runs the check with this name, which must be there.
pub fn run(name: &str, bytes: &[u8]) {
    let target = TARGETS.iter().find(|target| target.name == name);
    (target.unwrap_or_else(|| panic!("no check `{name}`")).check)(bytes);
}
