//! Records of a program that is being recorded to a file: whatever threads wrote, and whatever of it was lost.

use goroscope_reader::{Reader, Validator};

use crate::meter::{self, Bound};

/// What a file may take for a record, each generation repeating the states of all tasks and procs.
const BOUND: Bound = Bound { per_byte: 4096, fixed: 64 << 20 };

/// Plays a program that is recorded. Its file is without fault, and neither it nor the way to it takes much memory.
pub fn any(bytes: &[u8]) {
    let (played, _) = meter::within(BOUND, bytes.len(), || goroscope_recorder::played(bytes));
    let mut reader = Reader::new(&played).expect("a file");
    let mut validator = Validator::default();
    while let Some(event) = reader.next() {
        validator.push(&event);
    }
    let finished = reader.finish();
    assert!(finished.diagnostics.is_empty(), "{:#?}", finished.diagnostics);
    let verdict = validator.finish(&finished);
    assert!(verdict.is_valid(), "{:#?}", verdict.violations);
    assert_eq!(verdict.misused_regions, 0);
}
