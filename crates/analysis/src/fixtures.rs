//! Traces that tests ask: one written by hand, random ones, and recorded ones.

mod random;

use crate::Lane;
use goroscope_model::{GoId, GoIdx, GroupIdx, ProcIdx, TaskIdx, TaskTypeIdx, ThreadIdx, Trace};

pub(crate) use random::{Random, random};

/// The trace that this text is.
pub(crate) fn read(text: &str) -> Trace {
    let file = goroscope_wire::text::parse(text).unwrap_or_else(|error| panic!("{error}\n{text}"));
    Trace::read(&file, &mut |_| {}).unwrap()
}

/// A recorded trace of `testdata`.
pub(crate) fn recorded(name: &str) -> Trace {
    Trace::read(&unpacked(name), &mut |_| {}).unwrap()
}

/// A recorded trace with some of its bytes wrong, or cut short: one of endless many.
pub(crate) fn damaged(name: &str, seed: u64) -> Trace {
    let mut random = Random::new(seed);
    let mut file = unpacked(name);
    if random.below(4) == 0 {
        file.truncate(1000 + random.below(file.len() - 1000));
    }
    for _ in 0..=random.below(3) {
        let at = 16 + random.below(file.len() - 16);
        file[at] = random.below(256) as u8;
    }
    Trace::read(&file, &mut |_| {}).unwrap()
}

/// What Go's tools say of a recorded trace.
pub(crate) fn golden(name: &str) -> Vec<u8> {
    let path = std::path::Path::new(env!("CARGO_MANIFEST_DIR")).join("../../testdata/golden").join(name);
    std::fs::read(&path).unwrap()
}

/// What a packed file of `testdata` holds.
pub(crate) fn unpacked(name: &str) -> Vec<u8> {
    let path = std::path::Path::new(env!("CARGO_MANIFEST_DIR")).join("../../testdata").join(name);
    let file = std::fs::read(&path).unwrap();
    let mut decoder = ruzstd::decoding::StreamingDecoder::new(file.as_slice()).unwrap();
    let mut bytes = Vec::new();
    std::io::Read::read_to_end(&mut decoder, &mut bytes).unwrap();
    bytes
}

/// The only goroutine with this id.
pub(crate) fn go(trace: &Trace, id: u64) -> GoIdx {
    match trace.find_goroutine(GoId(id)).as_slice() {
        [only] => *only,
        several => panic!("{} goroutines have id {id}", several.len()),
    }
}

/// Every lane of a trace.
pub(crate) fn lanes(trace: &Trace) -> Vec<Lane> {
    let mut lanes = vec![Lane::Gc, Lane::Stw, Lane::All];
    let of_proc = |proc: ProcIdx| [Lane::Proc(proc), Lane::ProcRanges(proc), Lane::ProcOff(proc)];
    lanes.extend((0..trace.procs().len() as u32).map(ProcIdx).flat_map(of_proc));
    let of_thread = |thread: ThreadIdx| [Lane::Thread(thread), Lane::ThreadOff(thread)];
    lanes.extend((0..trace.threads().len() as u32).map(ThreadIdx).flat_map(of_thread));
    lanes.extend(crate::curves::all(trace).map(|(curve, _)| Lane::Counter(curve)));
    lanes.extend((0..trace.groups().len() as u32).map(|i| Lane::Group(GroupIdx(i))));
    lanes.extend((0..trace.task_types().len() as u32).map(|i| Lane::TaskType(TaskTypeIdx(i))));
    lanes.extend((0..trace.tasks().len() as u32).map(|i| Lane::Task(TaskIdx(i))));
    for i in 0..trace.goroutines().len() as u32 {
        let go = GoIdx(i);
        let depth = trace.goroutines()[go.index()].region_depth;
        lanes.extend([Lane::Go(go), Lane::GoRanges(go)]);
        lanes.extend((0..depth).map(|depth| Lane::Regions(go, depth)));
    }
    lanes
}

/// A worker that handles a request for main, on two procs; in the second half a collection and a system call.
///
/// Times are ns from the first batch, which is at 1000.
pub(crate) fn request() -> Trace {
    read(REQUEST)
}

const REQUEST: &str = r#"
Trace Go1.26
Generation 1 sec=1700000000 nsec=5
EventBatch m=101 time=1000
ProcStatus at=1000 p=0 pstatus=Running
GoStatus at=1000 g=1 m=101 gstatus=Running
ProcsChange at=1001 procs_value=2
HeapGoal at=1002 heapgoal_value=4000
HeapAlloc at=1003 heapalloc_value=1000
GoCreate at=1100 new_g=2 new_stack=[main.worker main.go:20] stack=[main.main main.go:10]
GoBlock at=1200 reason_string="chan receive" stack=[runtime.chanrecv1 chan.go:5; main.main main.go:11]
GoStart at=1250 g=2 g_seq=1
UserTaskBegin at=1260 task=1 name_string="request" stack=[main.worker main.go:21]
UserRegionBegin at=1270 task=1 name_string="write" stack=[main.worker main.go:22]
UserRegionBegin at=1280 task=1 name_string="encode" stack=[main.encode main.go:30]
UserLog at=1300 task=1 key_string="step" value_string="half" stack=[main.encode main.go:31]
UserRegionEnd at=1320 task=1 name_string="encode" stack=[main.encode main.go:32]
GoUnblock at=1350 g=1 g_seq=1 stack=[main.worker main.go:23]
UserRegionEnd at=1400 task=1 name_string="write" stack=[main.worker main.go:24]
UserTaskEnd at=1450 task=1 stack=[main.worker main.go:25]
GoDestroy at=1500
GoStart at=1600 g=1 g_seq=2
HeapAlloc at=1610 heapalloc_value=3000
GoSyscallBegin at=1700 p_seq=1 stack=[syscall.Write syscall.go:9; main.main main.go:12]
GoSyscallEnd at=1800
STWBegin at=1810 kind_string="GC sweep termination" stack=[runtime.gcStart mgc.go:7]
GCBegin at=1820 gc_seq=1 stack=[runtime.gcStart mgc.go:8]
STWEnd at=1830
GCMarkAssistBegin at=1840 stack=[runtime.mallocgc malloc.go:3; main.main main.go:13]
GCMarkAssistEnd at=1860
GCEnd at=1900 gc_seq=2
GCSweepBegin at=1910 stack=[runtime.mallocgc malloc.go:4]
GCSweepEnd at=1920 swept_value=8192 reclaimed_value=4096
EventBatch m=102 time=1005
ProcStatus at=1005 p=1 pstatus=Running
GoStatusStack at=1010 g=3 m=-1 gstatus=Waiting stack=[internal/poll.runtime_pollWait netpoll.go:1; main.serve main.go:40]
GoUnblock at=1500 g=3 g_seq=1
GoStart at=1550 g=3 g_seq=2
GoBlock at=1650 reason_string="network" stack=[internal/poll.runtime_pollWait netpoll.go:1; main.serve main.go:41]
GoUnblock at=1750 g=3 g_seq=3
GoStart at=1760 g=3 g_seq=4
GoBlock at=1770 reason_string="sleep" stack=[time.Sleep sleep.go:2; main.serve main.go:42]
ProcStop at=1900
EventBatch m=-1 time=1000
CPUSamples
CPUSample time=1290 m=101 p=0 g=2 stack=[main.encode main.go:30; main.worker main.go:22]
"#;
