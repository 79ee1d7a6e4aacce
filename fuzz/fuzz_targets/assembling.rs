//! See the check of the same name in `goroscope_checks::TARGETS`.
#![no_main]

#[global_allocator]
static METER: goroscope_checks::meter::Meter = goroscope_checks::meter::Meter;

libfuzzer_sys::fuzz_target!(|bytes: &[u8]| goroscope_checks::run("assembling", bytes));
