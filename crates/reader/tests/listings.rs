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

/// Threads in the order of the file, all from time 100 on with a proc of their own number, and what they do then: the time
/// since the event before, and a stop (0), the start of another one's proc, or nothing of importance (`None`).
const CROWD: [(u64, &[(u64, Option<u64>)]); 14] = [
    (14, &[(31, None)]),
    (10, &[(45, None)]),
    (1, &[(47, None)]),
    (3, &[(39, None)]),
    (8, &[(44, None)]),
    (9, &[(1, None), (11, Some(0)), (10, Some(12)), (1, None)]),
    (2, &[(51, None)]),
    (4, &[(10, Some(0)), (10, Some(6))]),
    (12, &[(1, None), (21, Some(0))]),
    (11, &[(57, None)]),
    (6, &[(20, Some(0))]),
    (7, &[(33, None)]),
    (13, &[(46, None)]),
    (5, &[(50, None)]),
];

/// Of two threads at the same time one waits for the other. With more than a dozen, Go's sort may put the one that waits
/// behind; Go then passes over the other one once, and no more than one event comes before it.
#[test]
fn a_thread_at_the_same_time_is_passed_over_once() {
    let mut text = String::from("Trace Go1.26\nGeneration 1\n");
    for (thread, events) in CROWD {
        text += &format!("EventBatch m={thread} time=100\nProcStatus dt=0 p={thread} pstatus=Running\n");
        for (dt, what) in events {
            text += &match what {
                None => format!("HeapAlloc dt={dt} heapalloc_value=1\n"),
                Some(0) => format!("ProcStop dt={dt}\n"),
                Some(proc) => format!("ProcStart dt={dt} p={proc} p_seq=1\n"),
            };
        }
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
