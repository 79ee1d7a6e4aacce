//! What must hold for any file, on played programs: whole, damaged, and with batches in any order.

use goroscope_checks::nearly_valid;
use goroscope_checks::program::{Choices, play};

/// Numbers without a pattern, the same on every run; the constants are Knuth's for MMIX.
struct Random(u64);

impl Random {
    fn byte(&mut self) -> u8 {
        self.0 = self.0.wrapping_mul(6_364_136_223_846_793_005).wrapping_add(1_442_695_040_888_963_407);
        (self.0 >> 56) as u8
    }

    fn bytes(&mut self, len: usize) -> Vec<u8> {
        (0..len).map(|_| self.byte()).collect()
    }
}

#[test]
fn whole_programs_are_read_whole_in_any_order_of_batches() {
    let mut random = Random(1);
    let mut events = 0;
    for round in 0..400 {
        let bytes = random.bytes(40 + round * 4);
        let recording = play(&mut Choices::new(&bytes));
        nearly_valid::whole(&recording, random.byte());
        events += recording.event_count();
    }
    assert!(events > 50_000, "{events} events: programs do something");
}

#[test]
fn damaged_programs_keep_what_holds_for_any_file() {
    let mut random = Random(2);
    for round in 0..400 {
        let mut bytes = random.bytes(60 + round * 2);
        bytes[0] |= 1; // Some damage.
        nearly_valid::any(&bytes);
    }
}
