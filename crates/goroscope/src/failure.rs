//! Why the program ends without having done what it was asked; `main` turns each into text and an exit code.

/// Why there is nothing more to do.
#[derive(Debug)]
pub enum Failure {
    /// Help or the version was asked for: this is it.
    Asked(String),
    /// The answer was given: the trace can be read, but it is damaged or breaks rules.
    Unsound,
    /// The file, the trace or the address is at fault.
    Trouble(anyhow::Error),
    /// The trace turned out to be at fault while it was served, which was told then.
    Told,
    /// The arguments are; the text says so as the argument parser does.
    Usage(String),
}

impl Failure {
    /// A mistake in the arguments that the argument parser cannot see.
    pub fn usage(text: &str) -> Self {
        Self::Usage(format!("error: {text}\n\nFor more information, try 'goroscope --help'.\n"))
    }
}

impl From<anyhow::Error> for Failure {
    fn from(error: anyhow::Error) -> Self {
        Self::Trouble(error)
    }
}
