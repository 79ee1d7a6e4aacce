//! Writes a large profile that no program recorded: `synthetic OUT [STACKS]`, with 300,000 stacks if nobody says.
//!
//! It is harder than most: nearly all stacks are different, 20 to 60 frames deep, of 40,000 functions in 120,000 places,
//! a fifth of which hold an inlined call. Who calls whom is skewed as in programs: most calls of a function go to few.

use goroscope_profile::{Builder, Function, Known, Line, Location, LocationIdx, Mapping, encode};
use std::error::Error;

const FUNCTIONS: u64 = 40_000;
/// Places of each function.
const PLACES: u64 = 3;
/// Functions that one of them calls.
const CALLEES: u64 = 64;
const LABELS: u64 = 200;

fn main() -> Result<(), Box<dyn Error>> {
    let mut arguments = std::env::args().skip(1);
    let path = arguments.next().ok_or("where to?")?;
    let count = arguments.next().map_or(Ok(300_000), |count| count.parse())?;
    std::fs::write(path, encode(&profile(count)?))?;
    Ok(())
}

fn profile(count: u64) -> Result<goroscope_profile::Profile, Box<dyn Error>> {
    let mut random = Random(1);
    let mut builder = Builder::new(&[("samples", "count"), ("cpu", "nanoseconds")]);
    let period_type = builder.value_type("cpu", "nanoseconds");
    let header = builder.header_mut();
    (header.period_type, header.period, header.duration_nanos) = (period_type, 10_000_000, 30_000_000_000);
    let file = builder.string("/usr/bin/synthetic");
    let known = Known::FUNCTIONS.and(Known::FILENAMES).and(Known::LINE_NUMBERS).and(Known::INLINE_FRAMES);
    let mapping = Mapping { start: 0x40_0000, limit: 0x400_0000, file, known, ..Mapping::default() };
    let mapping = builder.mapping(mapping);
    let functions: Vec<_> = (0..FUNCTIONS)
        .map(|number| {
            let package = number / 200;
            let name =
                builder.string(&format!("example.com/service/package{package}.(*Worker{}).Step{number}", number % 9));
            let file = builder.string(&format!("/src/service/package{package}/file{}.go", number % 7));
            builder.function(Function { name, system_name: name, file, start_line: (number % 500) as i64 })
        })
        .collect();
    let places: Vec<LocationIdx> = (0..FUNCTIONS * PLACES)
        .map(|place| {
            let line = |number: u64| Line {
                function: functions[(number % FUNCTIONS) as usize],
                line: (place % 900) as i64 + 1,
                column: 0,
            };
            let outer = line(place / PLACES);
            let location = Location { mapping: Some(mapping), address: 0x40_0000 + place * 16, folded: false };
            match place % 5 {
                0 => builder.location(location, &[line(place * 31), outer]),
                _ => builder.location(location, &[outer]),
            }
        })
        .collect();
    for _ in 0..count {
        let depth = 20 + random.below(41);
        let mut function = random.below(4);
        let mut stack: Vec<LocationIdx> = (0..depth)
            .map(|_| {
                let place = places[(function * PLACES + random.below(PLACES)) as usize];
                // The third power of a random part prefers the first callees.
                let part = random.below(1000);
                let callee = part * part * part * CALLEES / 1_000_000_000;
                function = (function * 2_654_435_761 + callee * 40_503 + 12_345) % FUNCTIONS;
                place
            })
            .collect();
        stack.reverse();
        let label = format!("/endpoint/{}", random.below(LABELS));
        let labels = [builder.text_label("endpoint", &label)];
        let (stack, labels) = (builder.stack(&stack), builder.labels(&labels));
        let most = 1 << random.below(8);
        let samples = 1 + random.below(most) as i64;
        builder.add(stack, labels, &[samples, samples * 10_000_000])?;
    }
    Ok(builder.finish())
}

/// Numbers without order, always the same: splitmix64.
struct Random(u64);

impl Random {
    fn below(&mut self, limit: u64) -> u64 {
        self.0 = self.0.wrapping_add(0x9e37_79b9_7f4a_7c15);
        let mut mixed = self.0;
        mixed = (mixed ^ (mixed >> 30)).wrapping_mul(0xbf58_476d_1ce4_e5b9);
        mixed = (mixed ^ (mixed >> 27)).wrapping_mul(0x94d0_49bb_1331_11eb);
        (mixed ^ (mixed >> 31)) % limit
    }
}
