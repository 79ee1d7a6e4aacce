//! A pool of two workers goes through texts that are the longer the later they come, in two chunks with equally many.
//!
//! So the second chunk is nearly all of the work, and the worker that has the first one is soon done. Put right, every
//! text is a job of its own.

use std::sync::atomic::{AtomicUsize, Ordering};

use goroscope_recorder::rayon;

use crate::Variant;

const WORKERS: usize = 2;
const TEXTS: usize = 32;
/// Bytes of the longest text.
const LONGEST: usize = 1 << 20;
/// Times that each text is gone through.
const ROUNDS: usize = 4;

pub fn run(variant: Variant) -> anyhow::Result<()> {
    let pool = rayon::attach(::rayon::ThreadPoolBuilder::new()).num_threads(WORKERS).build()?;
    let texts: Vec<String> = (1..=TEXTS).map(text).collect();
    let at_a_time = match variant {
        Variant::Before => TEXTS / WORKERS,
        Variant::After => 1,
    };
    let words = rayon::install(&pool, || count_all(&texts, at_a_time));
    anyhow::ensure!(words > 0, "there are words");
    Ok(())
}

/// Words, the more of them the higher the number is: it counts three times.
fn text(number: usize) -> String {
    "word ".repeat(LONGEST / 5 * number.pow(3) / TEXTS.pow(3))
}

fn count_all(texts: &[String], at_a_time: usize) -> usize {
    let words = AtomicUsize::new(0);
    rayon::scope(|scope| {
        for chunk in texts.chunks(at_a_time) {
            let words = &words;
            scope.spawn(move |_| _ = words.fetch_add(count(chunk), Ordering::Relaxed));
        }
    });
    words.into_inner()
}

fn count(texts: &[String]) -> usize {
    (0..ROUNDS).map(|_| texts.iter().map(|text| std::hint::black_box(text).split(' ').count()).sum::<usize>()).sum()
}
