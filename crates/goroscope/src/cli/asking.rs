//! The arguments that every command which answers a question takes: what part of the trace, and in which form.

use crate::failure::Failure;
use clap::Args;
use goroscope_analysis::Filter;
use std::path::PathBuf;

/// What part of a trace a question is about. The names are the keys of `goroscope_analysis::Filter`.
#[derive(Clone, Debug, Default, Args)]
#[command(next_help_heading = "Filter")]
pub struct Filtering {
    /// From this time since the start of the trace on: 620ms, 1.5s
    #[arg(long, value_name = "TIME", allow_hyphen_values = true)]
    from: Option<String>,
    /// Until this time
    #[arg(long, value_name = "TIME", allow_hyphen_values = true)]
    to: Option<String>,
    /// Only these goroutines: 17, or 17,18
    #[arg(long, value_name = "IDS")]
    goroutine: Option<String>,
    /// Only goroutines whose start function matches this regular expression
    #[arg(long, value_name = "REGEX")]
    func: Option<String>,
    /// Only spans in these states: running, runnable, waiting, syscall, or finer ones such as network or sleep
    #[arg(long, value_name = "STATES")]
    state: Option<String>,
    /// Only spans that began for a reason which matches
    #[arg(long, value_name = "REGEX")]
    reason: Option<String>,
    /// Only what was done for tasks whose type matches, or for the one with this id: request, #3
    #[arg(long, value_name = "REGEX")]
    task: Option<String>,
    /// Only what was done inside regions whose type matches
    #[arg(long, value_name = "REGEX")]
    region: Option<String>,
    /// Only what lasts at least so long: of what is listed, or of the regions or tasks that are named
    #[arg(long, value_name = "TIME", allow_hyphen_values = true)]
    min: Option<String>,
    /// Only what lasts at most so long
    #[arg(long, value_name = "TIME", allow_hyphen_values = true)]
    max: Option<String>,
    /// All of these as one text, as the page's filter box has it: "func=main state=waiting"
    #[arg(long, value_name = "FILTER", conflicts_with_all = ["from", "to", "goroutine", "func", "state", "reason", "task", "region", "min", "max"])]
    filter: Option<String>,
}

impl Filtering {
    /// The filter that the arguments say.
    pub fn filter(&self) -> Result<Filter, Failure> {
        let wrong = |error: goroscope_analysis::FilterError| Failure::usage(&error.to_string());
        if let Some(text) = &self.filter {
            return Filter::parse(text).map_err(wrong);
        }
        let terms = [
            ("from", &self.from),
            ("to", &self.to),
            ("goroutine", &self.goroutine),
            ("func", &self.func),
            ("state", &self.state),
            ("reason", &self.reason),
            ("task", &self.task),
            ("region", &self.region),
            ("min", &self.min),
            ("max", &self.max),
        ];
        let mut filter = Filter::default();
        for (key, value) in terms {
            if let Some(value) = value {
                filter.set(key, value).map_err(wrong)?;
            }
        }
        Ok(filter)
    }
}

/// In which form the answer comes.
#[derive(Clone, Copy, Debug, Default, Args)]
#[command(next_help_heading = "Output")]
pub struct Format {
    /// As JSON, in the shape that docs/answers.md describes
    #[arg(long, conflicts_with = "csv")]
    pub json: bool,
    /// As comma-separated values, times in nanoseconds
    #[arg(long)]
    pub csv: bool,
}

impl Format {
    /// Whether a table is printed that people read.
    pub fn is_for_people(self) -> bool {
        !self.json && !self.csv
    }

    /// How many rows are printed: as many as asked for, or else the usual number; as CSV all there are, for nothing there
    /// could say that some are missing.
    pub fn rows(self, asked: Option<usize>, usual: usize) -> usize {
        asked.unwrap_or(if self.csv { u32::MAX as usize } else { usual })
    }
}

/// A question about one trace.
#[derive(Clone, Debug, Args)]
pub struct Asked {
    /// The trace: a file, or - for standard input
    pub trace: PathBuf,
    /// What part of it.
    #[command(flatten)]
    pub filtering: Filtering,
    /// How the answer is written.
    #[command(flatten)]
    pub format: Format,
}
