//! Processes that are killed while they record: what was written before can be read.

use std::io::{BufRead, BufReader, Read, Write};
use std::path::Path;
use std::sync::atomic::{AtomicU64, Ordering};
use std::time::Duration;

use goroscope_recorder::{FutureExt, Ring, Rotation, region, spawn};
use tokio::task::yield_now;

use crate::files;
use crate::options::Options;
use crate::say;
use crate::scenarios::{WITH_KERNEL, compat_of, files_of, start};
use crate::stage::{Dice, Stage, several};

/// The name of what is killed.
pub const PLAYED: &str = "killed";

/// The beginning of the names of files that are written a generation at a time.
const GROWING: &str = "growing";

/// So many kills hit some process while it writes a generation, or the test is no test of that.
const ENOUGH: u64 = 200;

/// Bytes that are written at once. So it takes time to write a generation, as on a slow disk.
const PIECE: usize = 1;

/// A file, and beside it how many bytes of it are there for good.
struct Flushed {
    file: std::fs::File,
    marks: std::fs::File,
    bytes: u64,
}

impl Write for Flushed {
    fn write(&mut self, bytes: &[u8]) -> std::io::Result<usize> {
        let written = self.file.write(bytes.get(..PIECE).unwrap_or(bytes))?;
        self.bytes += written as u64;
        Ok(written)
    }

    fn flush(&mut self) -> std::io::Result<()> {
        self.file.flush()?;
        // In one piece: a line that is not whole does not count.
        writeln!(self.marks, "{}", self.bytes)
    }
}

/// Records until it is killed, and says all the time that it is alive.
pub fn play(stage: &Stage) {
    // Small generations, and those that are as large as they become in that time.
    let period = [3, 30][stage.scale as usize / 3 % 2];
    let builder = stage.builder().generation_period(Duration::from_millis(period));
    let path = stage.path(GROWING);
    let snapshots = match stage.scale % 3 {
        0 => {
            let file = std::fs::File::create(&path).unwrap();
            let marks = std::fs::File::create(path.with_extension("flushed")).unwrap();
            let recording = builder.start_writer(Flushed { file, marks, bytes: 0 }).unwrap();
            std::mem::forget(recording);
            None
        }
        1 => {
            let rotation = Rotation::default().at_bytes(60_000).keep_bytes(600_000);
            std::mem::forget(builder.start_rotating(&stage.path("rotating"), rotation).unwrap());
            None
        }
        _ => {
            let recording = builder.start_ring(Ring::default().bytes(1 << 20)).unwrap();
            let snapshots = recording.snapshots().unwrap();
            std::mem::forget(recording);
            Some(snapshots)
        }
    };
    let turns = AtomicU64::new(0);
    let main = async {
        loop {
            let _region = region("turn");
            let tasks: Vec<_> = (0..10).map(|_| spawn(yield_now())).collect();
            for task in tasks {
                task.await.unwrap();
            }
            tokio::time::sleep(Duration::from_micros(20)).await;
            let turn = turns.fetch_add(1, Ordering::Relaxed);
            if let Some(snapshots) = snapshots.as_ref().filter(|_| turn.is_multiple_of(16)) {
                snapshots.take(&stage.path(&format!("snapshot-{turn:06}"))).unwrap();
            }
            say(".");
        }
    };
    several(2).block_on(main.traced_as("main"));
}

/// Kills processes at random moments; how many files were not as they should be.
pub fn try_all(options: &Options) -> usize {
    if !options.includes("kills") {
        return 0;
    }
    let (mut failed, mut cut, mut checked) = (0, 0, 0);
    let mut dice = Dice::new();
    for number in 0..options.kills {
        let folder = tempfile::tempdir().unwrap();
        let compat = compat_of(number / 6);
        let played = format!("{PLAYED}{}", if number % 2 == 1 { WITH_KERNEL } else { "" });
        let mut child = start(&played, folder.path(), compat, number).spawn().unwrap();
        // Kept until the end: who says something to nobody panics.
        let mut alive = BufReader::new(child.stdout.take().unwrap()).lines();
        // A ring has many files by then.
        let most = if number % 3 == 2 { 200 } else { 1000 };
        let turns = 1 + dice.below(most) as usize;
        for line in alive.by_ref().take(turns) {
            line.unwrap();
        }
        // And a little later, so that it is in the middle of anything.
        crate::stage::dawdle(&mut dice);
        child.kill().unwrap();
        let mut said = String::new();
        child.stderr.take().unwrap().read_to_string(&mut said).unwrap();
        child.wait().unwrap();
        drop(alive);
        match judge(folder.path(), options) {
            Ok((files, cuts)) if said.is_empty() => (checked, cut) = (checked + files, cut + cuts),
            other => {
                failed += 1;
                say(&format!("kills {number}: {other:?} {said}, files are in {}", folder.keep().display()));
            }
        }
    }
    let done = options.kills;
    say(&format!("{:<28} {done} kills, {checked} files, {cut} within a generation, {failed} failed", "kills"));
    if cut == 0 && done >= ENOUGH {
        failed += 1;
        say("kills: none hit a process that was writing a generation, so nothing is known of that");
    }
    failed
}

/// How many files there are, and how many of them end within a generation.
fn judge(folder: &Path, options: &Options) -> Result<(usize, usize), String> {
    let paths = files_of(folder);
    let mut cuts = 0;
    for (at, path) in paths.iter().enumerate() {
        let bytes = std::fs::read(path).unwrap();
        let is_last = at + 1 == paths.len();
        let whole = match flushed(path) {
            Some(flushed) => flushed.min(bytes.len()),
            // Of files that follow each other only the last may be cut.
            None if is_last && files::read(&bytes).is_err() => 0,
            None => bytes.len(),
        };
        cuts += usize::from(whole < bytes.len());
        check(path, &bytes, whole, options).map_err(|trouble| format!("{}: {trouble}", path.display()))?;
    }
    Ok((paths.len(), cuts))
}

fn flushed(path: &Path) -> Option<usize> {
    let text = std::fs::read_to_string(path.with_extension("flushed")).ok()?;
    Some(text.split_inclusive('\n').rfind(|line| line.ends_with('\n')).map_or(16, |line| line.trim().parse().unwrap()))
}

/// The part that is there for good is without fault; of what is behind it, as much as there is does no harm.
fn check(path: &Path, bytes: &[u8], whole: usize, options: &Options) -> Result<(), String> {
    let events = files::read_cut(bytes)?;
    if whole <= 16 {
        return Ok(());
    }
    let part = bytes.get(..whole).unwrap();
    let there = files::read(part)?.get("events").copied().unwrap_or_default();
    if events < there {
        return Err("there is less in the whole than in its part".to_owned());
    }
    files::begins(bytes, part)?;
    let copy = path.with_extension("whole");
    std::fs::write(&copy, part).unwrap();
    files::ask(&copy, part, there, &options.tools)?;
    for tool in options.tools.iter().filter(|tool| files::is_read_by(bytes, tool)) {
        let (more, trouble) = tool.events(path)?;
        if more < there || (whole == bytes.len() && !trouble.is_empty()) {
            return Err(format!("Go 1.{}: {more} events and not {there}, {trouble}", tool.minor));
        }
    }
    Ok(())
}
