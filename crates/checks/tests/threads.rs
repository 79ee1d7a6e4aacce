//! Same bytes, same index, whatever the number of threads.
//!
//! One test only, because the number holds for the whole process.

mod packed;

use std::num::NonZero;
use std::ops::Range;
use std::sync::{Arc, Mutex, MutexGuard};

use goroscope_checks::nearly_valid;
use goroscope_model::{ReadOptions, SharedBytes, Storage, Trace, use_threads};

/// Everything that was written of a trace, which is all that it says.
#[derive(Clone, Default)]
struct Kept(Arc<Mutex<Vec<u8>>>);

impl Kept {
    fn bytes(&self) -> MutexGuard<'_, Vec<u8>> {
        self.0.lock().expect("nobody panics")
    }
}

impl Storage for Kept {
    fn append(&mut self, bytes: &[u8]) {
        self.bytes().extend_from_slice(bytes);
    }

    fn read_back(&mut self, range: Range<u64>) -> Vec<u8> {
        self.bytes()[range.start as usize..range.end as usize].to_vec()
    }

    fn blocks(&mut self) -> SharedBytes {
        Arc::new(self.bytes().clone())
    }

    fn finish(&mut self, tables: Vec<u8>) -> SharedBytes {
        self.bytes().extend_from_slice(&tables);
        Arc::new(tables)
    }
}

fn index(file: &[u8], threads: usize) -> Vec<u8> {
    use_threads(NonZero::new(threads));
    let kept = Kept::default();
    Trace::read_into(file, ReadOptions::default(), Box::new(kept.clone()), &mut |_| {}).expect("a trace");
    std::mem::take(&mut kept.bytes())
}

fn check(file: &[u8], what: &str) {
    let alone = index(file, 1);
    assert!(alone.len() > 100, "{what}");
    for threads in [2, 3, 8] {
        let index = index(file, threads);
        let different = alone.iter().zip(&index).position(|(one, other)| one != other);
        assert_eq!((different, alone.len()), (None, index.len()), "{what} with {threads} threads");
    }
}

fn check_damaged(mut file: Vec<u8>, what: &str) {
    check(&file, what);
    check(&file[..file.len() / 2], &format!("the first half of {what}"));
    let middle = file.len() / 2;
    file[middle..middle + 50].fill(0xff);
    check(&file, &format!("{what} with a hole"));
}

#[test]
fn the_number_of_threads_changes_nothing() {
    let recorded = packed::recorded();
    for (name, file) in recorded.iter().filter(|(_, file)| file.len() < 2_000_000) {
        check_damaged(file.clone(), name);
    }
    // Each with the one behind it in the list: now and then one of an older format.
    let small: Vec<_> = recorded.iter().filter(|(_, file)| file.len() < 300_000).collect();
    for pair in small.windows(2) {
        let [(one, first), (other, second)] = pair else { continue };
        check_damaged([&**first, &**second].concat(), &format!("{one} and {other}"));
    }
    for seed in 0..60_u32 {
        // The first byte is the number of damages.
        let bytes: Vec<u8> =
            (0..700_u32).map(|i| (i.wrapping_mul(2_654_435_761).wrapping_add(seed * 40_503) >> 11) as u8).collect();
        check(&nearly_valid::file(&bytes), &format!("program {seed}"));
    }
    use_threads(None);
}
