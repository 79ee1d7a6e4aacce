//! Runs one check on one file, as a fuzz target would, after showing the trace that the bytes stand for.
//!
//! `cargo run -p goroscope-checks --example replay -- structured fuzz/artifacts/structured/crash-…`
#![expect(clippy::print_stdout, reason = "a program")]

use goroscope_reader::Reader;

fn main() -> std::io::Result<()> {
    let arguments: Vec<String> = std::env::args().skip(1).collect();
    let [target, path] = arguments.as_slice() else {
        return Err(std::io::Error::other("two arguments: the name of a check and a file"));
    };
    let bytes = std::fs::read(path)?;
    let file = match target.as_str() {
        "structured" => goroscope_checks::nearly_valid::file(&bytes),
        "structured_v1" => goroscope_checks::nearly_valid::v1_file(&bytes),
        _ => bytes.clone(),
    };
    println!("{}", goroscope_wire::text::print(&file).0);
    if let Ok(mut reader) = Reader::new(&file) {
        while let Some(event) = reader.next() {
            println!("{event:?}");
        }
        reader.finish().diagnostics.iter().for_each(|diagnostic| println!("{diagnostic}"));
    }
    goroscope_checks::run(target, &bytes);
    println!("`{target}` has nothing against it");
    Ok(())
}
