//! How long the tiles of one viewport take: 64 lanes, 1,920 pixels, at every level.
//!
//! `cargo bench -p goroscope-analysis --bench viewport_query -- trace.out` prints the median and the 95th percentile
//! over random places. The promise is a 95th percentile of at most 8 ms.

#![expect(clippy::print_stdout, reason = "a bench reports by printing")]

use goroscope_analysis::{CELLS, GoIdx, GroupIdx, Lane, ProcIdx, ThreadIdx, Tile, Trace, tile};
use std::hint::black_box;
use std::time::{Duration, Instant};

/// Lanes of a viewport.
const LANES: usize = 64;
/// Pixels of a viewport; there are one to two cells to each.
const PIXELS: i64 = 1920;
/// Viewports per level.
const PLACES: usize = 40;

fn main() {
    // Cargo passes `--bench`.
    let path = std::env::args().skip(1).find(|argument| !argument.starts_with("--")).expect("a trace file");
    let file = std::fs::read(&path).expect("the trace file is readable");
    let started = Instant::now();
    let trace = Trace::read(&file, &mut |_| {}).expect("a trace of the v2 format");
    println!(
        "viewport_query {path}: {} events read in {:.0} ms, {} goroutine spans",
        trace.ordered_events(),
        started.elapsed().as_secs_f64() * 1e3,
        trace.go_spans().len()
    );
    let sets = [
        ("first lanes of the page", first_lanes(&trace)),
        ("goroutines with most spans", longest_lanes(&trace)),
        ("procs and threads", procs_and_threads(&trace)),
        ("groups", some(trace.groups().len(), |i| Lane::Group(GroupIdx(i)))),
    ];
    for (name, lanes) in sets {
        println!("{name}: {} lanes", lanes.len());
        println!("  level  cells    p50 ms    p95 ms  tiles  empty  exact  strip");
        levels(&trace, &lanes);
    }
}

fn levels(trace: &Trace, lanes: &[Lane]) {
    let length = trace.end() - trace.start();
    let mut random = Random(1);
    for level in (0..62).take_while(|&level| PIXELS << level < length * 4) {
        let viewport = PIXELS << level;
        let mut forms = [0; 3];
        let mut times: Vec<Duration> = (0..PLACES)
            .map(|_| {
                let from = trace.start() + random.below((length - viewport).max(1) as u64) as i64;
                one_viewport(trace, lanes, level, from, &mut forms)
            })
            .collect();
        times.sort_unstable();
        let [p50, p95] = [50, 95].map(|percent| times[(PLACES - 1) * percent / 100].as_secs_f64() * 1e3);
        let [empty, exact, strip] = forms.map(|count| count / PLACES);
        let all = empty + exact + strip;
        println!("  {level:>5}  2^{level:<3} {p50:>9.3} {p95:>9.3} {all:>6} {empty:>6} {exact:>6} {strip:>6}");
    }
}

fn one_viewport(trace: &Trace, lanes: &[Lane], level: u8, from: i64, forms: &mut [usize; 3]) -> Duration {
    let tile_length = (CELLS as i64) << level;
    let tiles = from.div_euclid(tile_length)..=(from + (PIXELS << level)).div_euclid(tile_length);
    let started = Instant::now();
    for &lane in lanes {
        for x in tiles.clone() {
            let form = match black_box(tile(trace, lane, level, x)) {
                Tile::Empty => 0,
                Tile::Exact(_) | Tile::Steps(_) => 1,
                Tile::Strip(_) | Tile::Band(_) => 2,
            };
            forms[form] += 1;
        }
    }
    started.elapsed()
}

/// The lanes from the top of the page, some of each section.
fn first_lanes(trace: &Trace) -> Vec<Lane> {
    let mut lanes = vec![Lane::Gc, Lane::Stw];
    lanes.extend(procs_and_threads(trace));
    lanes.extend(some(trace.groups().len(), |i| Lane::Group(GroupIdx(i))));
    lanes.extend((0..trace.goroutines().len() as u32).map(|i| Lane::Go(GoIdx(i))));
    lanes.truncate(LANES);
    lanes
}

fn procs_and_threads(trace: &Trace) -> Vec<Lane> {
    let mut lanes = some(trace.procs().len(), |i| Lane::Proc(ProcIdx(i)));
    lanes.extend(some(trace.threads().len(), |i| Lane::Thread(ThreadIdx(i))));
    lanes
}

/// A quarter of a viewport of these, if there are so many.
fn some(count: usize, lane: impl Fn(u32) -> Lane) -> Vec<Lane> {
    (0..count.min(LANES / 4) as u32).map(lane).collect()
}

/// The goroutines with most spans.
fn longest_lanes(trace: &Trace) -> Vec<Lane> {
    let mut lanes: Vec<GoIdx> = (0..trace.goroutines().len() as u32).map(GoIdx).collect();
    lanes.sort_by_key(|&go| std::cmp::Reverse(trace.go_lane(go).len()));
    lanes.into_iter().take(LANES).map(Lane::Go).collect()
}

struct Random(u64);

impl Random {
    fn below(&mut self, limit: u64) -> u64 {
        self.0 = self.0.wrapping_mul(6_364_136_223_846_793_005).wrapping_add(1_442_695_040_888_963_407);
        (self.0 >> 20) % limit
    }
}
