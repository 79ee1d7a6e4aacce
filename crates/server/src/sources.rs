//! Where the text of source files is from, for listings: whoever starts the server knows files, the server does not.

use std::fmt;
use std::sync::Arc;

/// Gives the text of a source file that a frame of the trace names, if there is such a file. The default has none.
#[derive(Clone, Default)]
pub struct Sources(Option<Arc<Read>>);

type Read = dyn Fn(&str) -> Option<String> + Send + Sync;

impl Sources {
    /// Those that a function reads.
    pub fn new(read: impl Fn(&str) -> Option<String> + Send + Sync + 'static) -> Self {
        Self(Some(Arc::new(read)))
    }

    pub(crate) fn read(&self, file: &str) -> Option<String> {
        self.0.as_ref().and_then(|read| read(file))
    }
}

impl fmt::Debug for Sources {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str(if self.0.is_some() { "Sources(some)" } else { "Sources(none)" })
    }
}
