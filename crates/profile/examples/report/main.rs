//! Prints what `go tool pprof` would: `report -top [-OPTION=VALUE …] FILE …`.
//!
//! Reports: `-top`, `-tree`, `-peek=RE`, `-traces`, `-list=RE`, `-tags`, `-raw`, and `-graph`, `-folded`, `-svg`, `-proto`. Options have the
//! names that pprof gives them.

#![expect(clippy::print_stdout, reason = "this is what it is for")]

mod asked;

use asked::Asked;
use goroscope_profile::encode;
use std::error::Error;
use std::io::Write;
use std::path::Path;

fn main() -> Result<(), Box<dyn Error>> {
    let asked = Asked::new(std::env::args().skip(1))?;
    let profile = asked.profile(Path::new(""))?;
    if asked.report() == "proto" {
        std::io::stdout().write_all(&encode(&profile))?;
    } else {
        print!("{}", asked.text(&profile)?);
    }
    Ok(())
}
