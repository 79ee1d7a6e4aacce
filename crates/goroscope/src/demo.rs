//! The embedded traces: recorded with `examples/pubsub-go`, packed with zstd.

/// Which example.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq, clap::ValueEnum)]
pub enum Demo {
    /// One goroutine writes to one subscriber after the other.
    #[default]
    Serial,
    /// Every subscriber has a goroutine of its own.
    Concurrent,
}

impl Demo {
    /// What the trace is called on the page.
    pub fn name(self) -> &'static str {
        match self {
            Self::Serial => "demo: pub-sub, serial",
            Self::Concurrent => "demo: pub-sub, concurrent",
        }
    }

    /// The packed trace.
    pub fn bytes(self) -> &'static [u8] {
        match self {
            Self::Serial => include_bytes!("../demo/pubsub-serial.trace.zst"),
            Self::Concurrent => include_bytes!("../demo/pubsub-concurrent.trace.zst"),
        }
    }
}
