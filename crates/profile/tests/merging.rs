//! What becomes of profiles that differ in types, units, places in memory and what is said about them.

#![expect(clippy::unwrap_used, reason = "a test that cannot go on fails")]

use expect_test::{Expect, expect};
use goroscope_profile::merge::merge;
use goroscope_profile::{Builder, Function, Line, Location, Mapping, Profile};
use std::fmt::Write;

/// Types, where the program is in memory, and the value of each type at an address in it: `column` is that of an
/// inlined call.
struct Case<'a> {
    types: &'a [(&'a str, &'a str)],
    start: u64,
    column: i64,
    time: i64,
    values: &'a [i64],
}

fn profile(case: &Case<'_>) -> Profile {
    let mut made = Builder::new(case.types);
    let (name, file, build_id) = (made.string("main.run"), made.string("/bin/program"), made.string("b1"));
    let start = case.start;
    let mapping = made.mapping(Mapping { start, limit: start + 0x1800, file, build_id, ..Mapping::default() });
    let function = made.function(Function { name, system_name: name, ..Function::default() });
    let lines = [Line { function, line: 3, column: case.column }, Line { function, line: 9, column: 1 }];
    let location = Location { mapping: Some(mapping), address: start + 0x10, folded: false };
    let location = made.location(location, &lines);
    let (stack, labels) = (made.stack(&[location]), made.labels(&[]));
    made.add(stack, labels, case.values).unwrap();
    made.header_mut().time_nanos = case.time;
    made.header_mut().duration_nanos = 5;
    made.finish()
}

fn check(cases: &[Case<'_>], expected: &Expect) {
    let profiles: Vec<Profile> = cases.iter().map(profile).collect();
    let mut told = String::new();
    match merge(&profiles.iter().collect::<Vec<_>>()) {
        Err(error) => told = error.to_string(),
        Ok(merged) => {
            for one in merged.sample_types() {
                let _ = write!(told, "{}/{} ", merged.text(one.kind), merged.text(one.unit));
            }
            let header = merged.header();
            let _ = writeln!(told, "at {} for {}", header.time_nanos, header.duration_nanos);
            for sample in merged.samples() {
                let location = merged.stack(sample.stack)[0];
                let address = merged.locations()[location.row()].address;
                let _ = writeln!(told, "{:?} at {address:#x}", sample.values);
            }
        }
    }
    expected.assert_eq(&told);
}

const USUAL: Case<'_> =
    Case { types: &[("count", "count"), ("delay", "ns")], start: 0x1000, column: 2, time: 7, values: &[1, 10] };

#[test]
fn a_program_that_was_loaded_elsewhere_is_itself() {
    check(
        &[USUAL, Case { start: 0x8000, time: 0, ..USUAL }],
        &expect![[r"
            count/count delay/ns at 7 for 10
            [2, 20] at 0x1010
        "]],
    );
}

#[test]
fn columns_of_inlined_calls_count() {
    check(
        &[USUAL, Case { column: 5, time: 3, ..USUAL }],
        &expect![[r"
            count/count delay/ns at 3 for 10
            [1, 10] at 0x1010
            [1, 10] at 0x1010
        "]],
    );
}

#[test]
fn types_that_all_have_in_the_finest_unit() {
    check(
        &[USUAL, Case { types: &[("delay", "milliseconds"), ("other", "bytes")], values: &[2, 3], ..USUAL }],
        &expect![[r"
            delay/ns at 7 for 10
            [2000010] at 0x1010
        "]],
    );
    check(
        &[Case { types: &[("delay", "ms")], values: &[2], ..USUAL }, USUAL],
        &expect![[r"
            delay/ns at 7 for 10
            [2000010] at 0x1010
        "]],
    );
}

#[test]
fn what_does_not_go_together() {
    let other = |types| Case { types, values: &[1], ..USUAL };
    check(&[USUAL, other(&[("space", "bytes")])], &expect!["no sample type is in all profiles"]);
    check(&[USUAL, other(&[("delay", "bytes")])], &expect!["delay in ns and in bytes"]);
    check(&[], &expect!["no profiles to merge"]);
}

#[test]
fn what_cancels_out_is_left_out() {
    check(
        &[USUAL, Case { values: &[-1, -10], ..USUAL }],
        &expect![[r"
            count/count delay/ns at 7 for 10
        "]],
    );
}
