//! `cargo xtask bench files TRACE …`: what every way to read a trace costs, file by file, as one table.
//!
//! Processes are watched through `/proc`, so it needs Linux. With `GO_READER` set to a built
//! `crates/reader/benches/go-reader` and `GO_TRACE_VIEWER` to a built `cmd/trace`, these are measured, too; a process that
//! takes more than `MOST_GIB` (16) is stopped, and the table says so.

use crate::{root, run, say};
use anyhow::{Context, Result, bail};
use std::fs;
use std::io::{BufRead, BufReader, Read, Write};
use std::net::TcpStream;
use std::path::{Path, PathBuf};
use std::process::{Child, Command, Stdio};
use std::sync::mpsc::{Receiver, channel};
use std::thread::sleep;
use std::time::{Duration, Instant};

/// How often a process is looked at.
const LOOK: Duration = Duration::from_millis(2);

/// How often a server is asked whether it is ready, s: seldom, because answers take its time.
const ASK: f64 = 0.02;

/// What a process cost.
#[derive(Clone, Copy, Debug)]
pub(super) struct Cost {
    wall: f64,
    /// Of all cores together, s.
    processor: f64,
    peak_mib: u64,
    /// Whether it was stopped because it took too much memory.
    stopped: bool,
}

/// Measures the files, and prints the table.
pub fn run(traces: &[&str]) -> Result<()> {
    if traces.is_empty() {
        bail!("`bench files` needs trace files");
    }
    run::run("cargo", &["build", "--release", "--locked", "--bin", "goroscope"])?;
    let goroscope = root().join("target/release/goroscope");
    let index = root().join("target/bench-index");
    let mut rows = Vec::new();
    for trace in traces {
        let trace = fs::canonicalize(trace).with_context(|| format!("{trace} cannot be read"))?;
        let row = row(&trace, &goroscope, &index)?;
        // Told at once as well: files may take long, and what is known then is not lost.
        say(&row);
        rows.push(row);
    }
    say(&format!("\n{HEAD}\n{}", rows.join("\n")));
    Ok(())
}

const HEAD: &str = "\
| trace | events | numbers alone, M/s | reader, one thread, M/s | reader, two, M/s | Go's reader | `info` | to a served page | \
index | again | `go tool trace` |
| --- | --- | --- | --- | --- | --- | --- | --- | --- | --- | --- |";

fn row(trace: &Path, goroscope: &Path, index: &Path) -> Result<String> {
    let bytes = fs::metadata(trace)?.len();
    let path = trace.to_string_lossy();
    let rounds = if bytes > 1 << 30 { 1 } else { 3 };
    // From now on the file is in memory as far as it fits.
    std::io::copy(&mut fs::File::open(trace)?, &mut std::io::sink())?;
    let floor = rates("goroscope-wire", "varint_floor", &path)?;
    let reader = rates("goroscope-reader", "read_events_per_second", &path)?;
    let events = events(goroscope, &path)?;
    let go_reader = optional("GO_READER", rounds, |program| to_the_end(program, &[&path]))?;
    let info = best(rounds, || to_the_end(goroscope, &["info", "--no-index", "--no-progress", &path]))?;
    let folder = index.to_string_lossy().into_owned();
    let page = best(rounds, || {
        let _ = fs::remove_dir_all(index);
        to_a_page(goroscope, &["--no-browser", "--no-progress", "--index-dir", &folder, &path])
    })?;
    let kept: u64 = fs::read_dir(index)?.flatten().filter_map(|file| file.metadata().ok()).map(|it| it.len()).sum();
    let again =
        best(rounds, || to_a_page(goroscope, &["--no-browser", "--no-progress", "--index-dir", &folder, &path]))?;
    fs::remove_dir_all(index)?;
    let viewer = optional("GO_TRACE_VIEWER", 1, |program| to_listening(program, &["-http=127.0.0.1:0", &path]))?;
    let rate = |rates: &[f64], which: usize| rates.get(which).map_or_else(|| "?".into(), |rate| format!("{rate:.0}"));
    let all = |cost: Cost| format!("{} ({:.1} M/s)", told(cost), events as f64 / cost.wall / 1e6);
    let name = trace.file_stem().unwrap_or_default().to_string_lossy();
    Ok(format!(
        "| {name}, {:.0} MB | {:.1} M | {} | {} | {} | {} | {} | {} | {:.0} MB | {} | {} |",
        bytes as f64 / 1e6,
        events as f64 / 1e6,
        rate(&floor, 0),
        rate(&reader, 0),
        rate(&reader, 1),
        go_reader.map_or_else(|| "?".into(), all),
        all(info),
        told(page),
        kept as f64 / 1e6,
        told(again),
        viewer.map_or_else(|| "?".into(), told),
    ))
}

pub(super) fn told(Cost { wall, processor, peak_mib, stopped }: Cost) -> String {
    let verb = if stopped { "stopped after " } else { "" };
    format!("{verb}{wall:.2} s, {processor:.2} s of processor, {peak_mib} MiB")
}

/// The cost in the round that took least time.
pub(super) fn best(rounds: usize, mut measure: impl FnMut() -> Result<Cost>) -> Result<Cost> {
    let mut costs = (0..rounds).map(|_| measure()).collect::<Result<Vec<Cost>>>()?;
    costs.sort_by(|a, b| a.wall.total_cmp(&b.wall));
    costs.first().copied().context("no round")
}

pub(super) fn optional(variable: &str, rounds: usize, measure: impl Fn(&Path) -> Result<Cost>) -> Result<Option<Cost>> {
    match std::env::var_os(variable) {
        Some(program) => best(rounds, || measure(&PathBuf::from(&program))).map(Some),
        None => Ok(None),
    }
}

/// The rates in million events per second that a bench prints.
fn rates(package: &str, bench: &str, trace: &str) -> Result<Vec<f64>> {
    let text = run::output("cargo", &["bench", "--quiet", "--locked", "-p", package, "--bench", bench, "--", trace])?;
    let before = |line: &str| line.split(" M events/s").next()?.split_whitespace().last()?.parse().ok();
    Ok(text.lines().filter(|line| line.contains(" M events/s")).filter_map(before).collect())
}

fn events(goroscope: &Path, trace: &str) -> Result<u64> {
    let text = run::output(&goroscope.to_string_lossy(), &["info", "--json", "--no-index", "--no-progress", trace])?;
    let info: serde_json::Value = serde_json::from_str(&text)?;
    info["counts"]["events"].as_u64().context("`info --json` has no number of events")
}

pub(super) fn to_the_end(program: &Path, args: &[&str]) -> Result<Cost> {
    let (mut watched, _) = Watched::start(program, args)?;
    watched.until(|_, ended| ended)
}

fn to_listening(program: &Path, args: &[&str]) -> Result<Cost> {
    let (mut watched, urls) = Watched::start(program, args)?;
    watched.until(|_, ended| ended || urls.try_recv().is_ok())
}

/// Until all is read, and what a page asks for first was answered.
fn to_a_page(program: &Path, args: &[&str]) -> Result<Cost> {
    let (mut watched, urls) = Watched::start(program, args)?;
    let mut url: Option<String> = None;
    let mut asked = 0.0;
    let cost = watched.until(|now, ended| {
        url = url.take().or_else(|| urls.try_recv().ok());
        let Some(url) = url.as_ref().filter(|_| !ended && now - asked > ASK) else { return ended };
        asked = now;
        let is_ready = get(url, "api/loading").is_ok_and(|answer| answer.contains("\"stage\":\"ready\""));
        is_ready && get(url, FIRST).is_ok()
    })?;
    match url {
        Some(_) => Ok(cost),
        None => bail!("{} {} ended before it listened", program.display(), args.join(" ")),
    }
}

/// What the page shows first.
const FIRST: &str = "api/overview?cells=1200";

/// A process whose cost is watched.
struct Watched {
    process: Child,
    begin: Instant,
}

impl Watched {
    /// Starts a process, and sends the URL that it says it listens on.
    fn start(program: &Path, args: &[&str]) -> Result<(Self, Receiver<String>)> {
        say(&format!("$ {} {}", program.display(), args.join(" ")));
        let begin = Instant::now();
        let mut process = Command::new(program)
            .args(args)
            .env("BROWSER", "true")
            .stdin(Stdio::null())
            .stdout(Stdio::null())
            .stderr(Stdio::piped())
            .spawn()
            .with_context(|| format!("{} cannot be started", program.display()))?;
        let (sender, urls) = channel();
        let lines = BufReader::new(process.stderr.take().context("standard error is piped")?).lines();
        std::thread::spawn(move || {
            for line in lines.map_while(Result::ok) {
                if let Some((_, url)) = line.split_once("listening on ") {
                    let _ = sender.send(url.trim().to_owned());
                }
            }
        });
        Ok((Self { process, begin }, urls))
    }

    /// Watches until `is_done`, which is told how long it took and whether the process has ended; then ends it.
    fn until(&mut self, mut is_done: impl FnMut(f64, bool) -> bool) -> Result<Cost> {
        let most_mib = 1024 * std::env::var("MOST_GIB").map_or(Ok(16), |most| most.parse::<u64>())?;
        let mut cost = Cost { wall: 0.0, processor: 0.0, peak_mib: 0, stopped: false };
        loop {
            let status = self.process.try_wait()?;
            cost.wall = self.begin.elapsed().as_secs_f64();
            self.look(&mut cost);
            cost.stopped = cost.peak_mib > most_mib;
            if is_done(cost.wall, status.is_some()) || cost.stopped {
                cost.wall = self.begin.elapsed().as_secs_f64();
                self.look(&mut cost);
                if let Some(status) = status.filter(|status| !status.success()) {
                    bail!("it ended with {status}");
                }
                return Ok(cost);
            }
            sleep(LOOK);
        }
    }

    /// Peak memory and processor time so far, unless the process is gone.
    fn look(&self, cost: &mut Cost) {
        let file = |name: &str| fs::read_to_string(format!("/proc/{}/{name}", self.process.id())).unwrap_or_default();
        let status = file("status");
        let peak = status.lines().find_map(|line| line.strip_prefix("VmHWM:"));
        let kib = peak.and_then(|line| line.split_whitespace().next()?.parse::<u64>().ok()).unwrap_or(0);
        cost.peak_mib = cost.peak_mib.max(kib / 1024);
        let stat = file("stat");
        // Hundredths of a second in user and in system mode are fields 14 and 15; the name before may have spaces.
        let fields: Vec<&str> = stat.rsplit(") ").next().unwrap_or_default().split(' ').collect();
        let ticks: u64 = fields.iter().skip(11).take(2).filter_map(|field| field.parse::<u64>().ok()).sum();
        cost.processor = cost.processor.max(ticks as f64 / 100.0);
    }
}

impl Drop for Watched {
    fn drop(&mut self) {
        let _ = self.process.kill();
        let _ = self.process.wait();
    }
}

/// The body of the answer at `path` below a URL of plain HTTP.
fn get(url: &str, path: &str) -> Result<String> {
    let rest = url.strip_prefix("http://").context("a URL of plain HTTP")?;
    let (host, base) = rest.split_once('/').unwrap_or((rest, ""));
    let mut stream = TcpStream::connect(host)?;
    let base = base.trim_end_matches('/');
    write!(stream, "GET /{base}/{path} HTTP/1.1\r\nHost: {host}\r\nConnection: close\r\n\r\n")?;
    let mut answer = Vec::new();
    stream.read_to_end(&mut answer)?;
    let answer = String::from_utf8_lossy(&answer);
    let (head, body) = answer.split_once("\r\n\r\n").context("an answer with a head")?;
    if !head.starts_with("HTTP/1.1 200") {
        bail!("{}", head.lines().next().unwrap_or_default());
    }
    Ok(body.to_owned())
}
