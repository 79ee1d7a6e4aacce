//! Prints the ordered events of a trace in the format of `go tool trace -d=parsed`, to compare the two readers.
//!
//! `cargo run -p goroscope-reader --example dump -- [--clamp] trace.out`
//!
//! Times are those of the file. With `--clamp` each is at least one more than the one before, as Go's reader has it.
#![expect(clippy::print_stderr, reason = "a program")]

mod go_format;

use std::io::Write as _;

use goroscope_reader::Reader;

fn main() -> std::io::Result<()> {
    let mut arguments: Vec<String> = std::env::args().skip(1).collect();
    let clamp = arguments.iter().position(|argument| argument == "--clamp");
    let clamps = clamp.map(|at| arguments.remove(at)).is_some();
    let file = std::fs::read(arguments.first().map_or("trace.out", String::as_str))?;
    let mut reader = Reader::new(&file).map_err(|error| std::io::Error::other(format!("{error:?}")))?;

    reader.break_ties_as_go();
    let mut out = std::io::BufWriter::new(std::io::stdout().lock());
    let mut failure = None;
    let finished = go_format::listing(reader, clamps, &mut |line| {
        if failure.is_none() {
            failure = writeln!(out, "{line}").err();
        }
    });
    for diagnostic in finished.diagnostics {
        eprintln!("{diagnostic} ({} bytes lost)", diagnostic.lost_bytes);
    }
    failure.map_or_else(|| out.flush(), Err)
}
