//! The same work, not traced, recorded by goroscope-recorder, and recorded by the peers that this program is built with.
//!
//! `peers operations TRACER` prints what an operation costs, a line each: its name, nanoseconds of processor time of
//! the thread that does the work, and of the whole process.
//! `peers server TRACER RATE` serves requests with axum and prints how many of them were answered in a second, their
//! median and 99th percentile in microseconds, and the processor time of the server for one, in nanoseconds.
//! `cargo xtask bench peers` builds it for every tracer and makes a table.

mod clocks;
mod operations;
mod server;
mod tracer;

use anyhow::{Context, Result, bail};

use tracer::Tracer;

fn main() -> Result<()> {
    let arguments: Vec<String> = std::env::args().skip(1).collect();
    let words: Vec<&str> = arguments.iter().map(String::as_str).collect();
    match *words.as_slice() {
        ["operations", tracer] => operations::run(Tracer::named(tracer)?),
        ["server", tracer, rate] => server::run(Tracer::named(tracer)?, rate.parse().context("a rate is a number")?),
        _ => bail!("peers operations TRACER | peers server TRACER RATE"),
    }
}
