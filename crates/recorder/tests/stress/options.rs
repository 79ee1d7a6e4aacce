//! What is tried, how often, and with which of Go's tools.

use std::path::PathBuf;

/// What the arguments say.
#[derive(Debug)]
pub struct Options {
    /// How often each scenario is played.
    pub runs: u64,
    /// How many processes are killed.
    pub kills: u64,
    /// How large the scenarios are: 1 for the tests.
    pub scale: u64,
    /// Names of scenarios contain one of these; everything is tried if there are none.
    filters: Vec<String>,
    pub tools: Vec<Tool>,
    /// Where the programs of `examples/` are, if they are to be run.
    pub examples: Option<PathBuf>,
}

/// A tool of Go that reads traces.
#[derive(Debug)]
pub struct Tool {
    /// The minor version: 22 of Go 1.22.
    pub minor: u64,
    pub path: PathBuf,
    pub says: Says,
}

/// What a tool prints of a trace.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Says {
    /// Every event, as `go tool trace -d` does.
    Events,
    /// Only how many there are.
    Number,
}

impl Options {
    /// Reads `[NAME …] [--runs N] [--kills N] [--scale N] [--go 1.N=PATH …] [--go-count 1.N=PATH …]
    /// [--examples FOLDER]`; what test harnesses understand is ignored.
    pub fn of(args: &[&str]) -> Self {
        let mut options = Self { runs: 1, kills: 3, scale: 1, filters: Vec::new(), tools: Vec::new(), examples: None };
        let mut rest = args.iter();
        while let Some(&arg) = rest.next() {
            let mut number = || rest.next().unwrap().parse().unwrap();
            match arg {
                "--runs" => options.runs = number(),
                "--kills" => options.kills = number(),
                "--scale" => options.scale = number(),
                "--go" | "--go-count" => {
                    let (version, path) = rest.next().unwrap().split_once('=').unwrap();
                    let minor = version.strip_prefix("1.").unwrap().parse().unwrap();
                    let says = if arg == "--go" { Says::Events } else { Says::Number };
                    options.tools.push(Tool { minor, path: path.into(), says });
                }
                "--examples" => options.examples = rest.next().map(PathBuf::from),
                filter if !filter.starts_with('-') => options.filters.push(filter.to_owned()),
                _ => {}
            }
        }
        options
    }

    /// Whether this is to be tried.
    pub fn includes(&self, name: &str) -> bool {
        self.filters.is_empty() || self.filters.iter().any(|filter| name.contains(filter))
    }
}
