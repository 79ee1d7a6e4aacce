//! A wall clock that somebody sets, forwards and back.

#![expect(unsafe_code, reason = "the system's clock is replaced in the whole program")]

use std::sync::atomic::{AtomicI64, Ordering};
use std::time::Duration;

use goroscope_recorder::{FutureExt, spawn};
use tokio::task::yield_now;

use crate::stage::{Dice, Runs, Stage, several};

/// By how many seconds the wall clock is wrong.
static WRONG: AtomicI64 = AtomicI64::new(0);

/// Stands before the function of the C library: the program's clocks go through here.
#[unsafe(no_mangle)]
extern "C" fn clock_gettime(clock: libc::clockid_t, time: *mut libc::timespec) -> libc::c_int {
    // SAFETY: the arguments are those of the system call, which checks them.
    let result = unsafe { libc::syscall(libc::SYS_clock_gettime, clock, time) };
    if result == 0 && clock == libc::CLOCK_REALTIME {
        // SAFETY: the system call has just written there.
        unsafe { (*time).tv_sec += WRONG.load(Ordering::Relaxed) };
    }
    result as libc::c_int
}

pub fn steps(stage: &Stage) {
    let mut dice = Dice::new();
    let builder = stage.builder().generation_period(Duration::from_millis(1));
    let summary = stage.record_with(builder, "steps", Runs::Plain, |count| {
        let main = async {
            for _ in 0..60 * stage.scale {
                // To 1970 and before, and to the year 2200.
                let seconds = dice.below(1 << 33) as i64 - (1 << 32);
                WRONG.store(seconds, Ordering::Relaxed);
                for _ in 0..20 {
                    spawn(count.task(yield_now())).await.unwrap();
                }
                tokio::time::sleep(Duration::from_micros(200)).await;
            }
        };
        several(2).block_on(count.task(main).traced());
        WRONG.store(0, Ordering::Relaxed);
    });
    assert!(summary.generations > 2, "{summary:?}");
}
