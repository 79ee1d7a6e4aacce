//! The program's own knowledge and the trace, wait by wait.

use std::collections::BTreeMap;

use crate::own::{Own, Program};
use crate::told::{Pause, Told};

/// How exactly the recorder's clock follows the program's, ns.
pub const CLOCKS: u64 = 1000;

/// Times that a sum lies between.
#[derive(Clone, Copy, Debug, Default)]
struct Sum {
    waits: u64,
    least: u64,
    told: u64,
    most: u64,
}

/// Checks every pause of every task of the program.
pub fn check(program: &Program, told: &Told) {
    assert_eq!((told.summary.dropped, told.summary.repaired, told.summary.unheard_wakes), (0, 0, 0));
    let mut sums: BTreeMap<&str, Sum> = BTreeMap::new();
    for own in program.tasks() {
        let go = told.named(own.name);
        assert_eq!(told.polls.get(&go), Some(&own.polls()), "polls of {}", own.name);
        check_task(&own, told.pauses.get(&go).map_or(&[], Vec::as_slice), &mut sums);
    }
    for (reason, sum) in &sums {
        let each = CLOCKS * 2 * sum.waits;
        assert!(sum.least <= sum.told + each && sum.told <= sum.most + each, "{reason}: {sum:?}");
    }
}

fn check_task(own: &Own, told: &[Pause], sums: &mut BTreeMap<&'static str, Sum>) {
    let pauses = own.pauses();
    assert_eq!(told.len(), pauses.len(), "pauses of {}", own.name);
    for (at, (own_pause, pause)) in pauses.iter().zip(told).enumerate() {
        let name = format!("pause {at} of {}: {own_pause:?} {pause:#?}", own.name);
        // What was woken while it still ran lets others run.
        let reason = if pause.waits { own_pause.reason } else { "runtime.Gosched" };
        assert_eq!((lines(pause), &*pause.reason), (own_pause.chain.clone(), reason), "{name}");
        let is_in = |from: u64, time: u64, to: u64| from <= time + CLOCKS && time <= to + CLOCKS;
        assert!(is_in(own_pause.inner_ended, pause.began, own_pause.outer_ended), "{name}");
        // The last poll may never have come.
        if own_pause.inner_began != 0 {
            assert!(is_in(own_pause.outer_began, pause.runs, own_pause.inner_began), "{name}");
        }
        if pause.waits {
            let woken = own_pause.woken.unwrap_or_else(|| panic!("{name}"));
            assert!(is_in(own_pause.inner_ended, pause.runnable, woken), "{name}");
            let sum = sums.entry(own_pause.reason).or_default();
            sum.waits += 1;
            sum.told += pause.runs - pause.began;
            sum.least += own_pause.outer_began - own_pause.outer_ended;
            sum.most += own_pause.inner_began - own_pause.inner_ended;
        }
    }
}

/// The lines of the scenarios' own functions: closures are what `join!` and the like make.
fn lines(pause: &Pause) -> Vec<u32> {
    let is_own = |file: &str| file.ends_with("/scenarios.rs");
    let own = pause.frames.iter().filter(|(file, _, function)| is_own(file) && !function.contains("{closure#"));
    own.map(|(_, line, _)| *line).collect()
}
