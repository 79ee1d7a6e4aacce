//! Listings of damaged files: they end, they are whole lines, and what could not be read is said.

mod packed;
mod random;

use goroscope_reader::Reader;
use goroscope_reader::listing::{Footprint, Parsed, RecordSizes, Wire};
use random::Random;

/// Bytes of the header.
const HEADER: usize = 16;

/// Lists the ordered events; the number of problems.
fn parsed(file: &[u8]) -> usize {
    let mut listing = Parsed::new(Reader::new(file).expect("a header"), |_| 3600);
    let (mut text, mut last) = (Vec::new(), 0);
    while listing.next(&mut text) {
        assert!(text.starts_with(b"M=") && text.ends_with(b"\n"));
        let record = String::from_utf8_lossy(&text);
        let time =
            record.split_once(" Time=").and_then(|(_, after)| after.split([' ', '\n']).next()?.parse::<i64>().ok());
        let time = time.unwrap_or_else(|| panic!("{record:?} has no time"));
        assert!(time > last || last == 0, "{time} is not after {last}");
        last = time;
        text.clear();
    }
    listing.finish().diagnostics.len()
}

/// Lists the records as they stand; their number and that of the problems.
fn wire(file: &[u8]) -> (u64, usize) {
    let mut printer = Wire::new(file).expect("a header");
    let (mut text, mut records, mut problems) = (Vec::new(), 0, 0);
    let mut at = printer.offset();
    while let Some(record) = printer.next(&mut text) {
        assert!(printer.offset() > at, "it goes on behind byte {at}");
        at = printer.offset();
        match record {
            Ok(()) => {
                records += 1;
                assert!(text.ends_with(b"\n"));
            }
            Err(error) => {
                problems += 1;
                assert!(text.is_empty() && error.offset <= file.len() as u64);
            }
        }
        text.clear();
    }
    assert_eq!(at, file.len() as u64);
    (records, problems)
}

/// Adds up the records; their number and that of the problems.
fn footprint(file: &[u8]) -> (u64, usize) {
    let sizes = RecordSizes::new(file).expect("a header");
    let mut footprint = Footprint::new(sizes.version(), file.len() as u64);
    let (mut records, mut problems) = (0, 0);
    for size in sizes {
        match size {
            Ok(size) => {
                records += 1;
                footprint.add(size);
            }
            Err(_) => problems += 1,
        }
    }
    let mut table = Vec::new();
    footprint.push_table(&mut table);
    assert!(table.is_ascii() && table.ends_with(b"%\n"));
    (records, problems)
}

fn check(name: &str) {
    let whole = packed::recorded(name);
    let (records, problems) = wire(&whole);
    assert_eq!((parsed(&whole), problems), (0, 0), "{name}");
    assert_eq!(footprint(&whole), (records, 0), "{name}");
    let mut random = Random(whole.len() as u64);
    for _ in 0..60 {
        let mut file = whole.clone();
        let at = HEADER + random.next() as usize % (file.len() - HEADER);
        match random.next() % 4 {
            0 => file.truncate(at),
            1 => drop(file.drain(at..(at + 50).min(whole.len()))),
            2 => file[at..(at + 50).min(whole.len())].fill_with(|| random.next() as u8),
            _ => file[at] ^= 1 << (random.next() % 8),
        }
        parsed(&file);
        assert_eq!(footprint(&file), wire(&file), "{name}");
    }
}

#[test]
fn damaged_somewhere() {
    for name in ["names-1.21", "mix-1.19", "names-1.22", "allocfree-1.23", "flight-1.25", "names-1.27", "mix-1.27"] {
        check(name);
    }
}

#[test]
fn two_files_in_one() {
    let [first, second] = ["late-1.22", "late-1.27"].map(packed::recorded);
    let both = [first.as_slice(), &second].concat();
    let (records, problems) = wire(&both);
    // The second header is no record, and the marks that came with later versions are not of the first.
    assert!(problems > 0);
    assert!(records > wire(&first).0, "what follows the second header is printed");
}

/// Threads in the order of the file, each with a proc of its own number from time 100 on, and what they write then.
const CROWD: [(u64, &[&str]); 14] = [
    (14, &["HeapAlloc dt=31 heapalloc_value=1"]),
    (10, &["HeapAlloc dt=45 heapalloc_value=1"]),
    (1, &["HeapAlloc dt=47 heapalloc_value=1"]),
    (3, &["HeapAlloc dt=39 heapalloc_value=1"]),
    (8, &["HeapAlloc dt=44 heapalloc_value=1"]),
    (
        9,
        &[
            "HeapAlloc dt=1 heapalloc_value=1",
            "ProcStop dt=11",
            "ProcStart dt=10 p=12 p_seq=1",
            "HeapAlloc dt=1 heapalloc_value=1",
        ],
    ),
    (2, &["HeapAlloc dt=51 heapalloc_value=1"]),
    (4, &["ProcStop dt=10", "ProcStart dt=10 p=6 p_seq=1"]),
    (12, &["HeapAlloc dt=1 heapalloc_value=1", "ProcStop dt=21"]),
    (11, &["HeapAlloc dt=57 heapalloc_value=1"]),
    (6, &["ProcStop dt=20"]),
    (7, &["HeapAlloc dt=33 heapalloc_value=1"]),
    (13, &["HeapAlloc dt=46 heapalloc_value=1"]),
    (5, &["HeapAlloc dt=50 heapalloc_value=1"]),
];

/// Of two threads at the same time one waits for the other. With more than a dozen, Go's sort may put the one that waits
/// behind; Go then passes over the other one once, and no more than one event comes before it.
#[test]
fn a_thread_at_the_same_time_is_passed_over_once() {
    let mut text = String::from("Trace Go1.26\nGeneration 1\n");
    for (thread, records) in CROWD {
        for part in ["EventBatch m=", &thread.to_string(), " time=100\nProcStatus dt=0 p=", &thread.to_string()] {
            text.push_str(part);
        }
        text.push_str(" pstatus=Running\n");
        text.push_str(&records.join("\n"));
        text.push('\n');
    }
    let file = goroscope_wire::text::parse(&text).expect("a trace");
    let mut listing = Parsed::new(Reader::new(&file).expect("a header"), |_| 0);
    let (mut record, mut threads) = (Vec::new(), Vec::new());
    while listing.next(&mut record) {
        let line = String::from_utf8_lossy(&record);
        threads.push(line[2..].split(' ').next().and_then(|word| word.parse::<i64>().ok()).expect("a thread"));
        record.clear();
    }
    // 12 and 6 give up procs that 9 and 4 wait for; at 120 it would be the turn of 6.
    assert_eq!(threads[15..25], [12, 9, 4, 9, 12, 9, 6, 4, 9, 14]);
}
