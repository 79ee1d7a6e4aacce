//! Which content an index is of.

use std::hash::Hasher;
use std::time::{SystemTime, UNIX_EPOCH};
use twox_hash::XxHash3_64;

/// Samples of a content that its name is made from, beside its beginning and its end.
const SAMPLES: usize = 64;
/// Bytes of each, and of beginning and end.
const SAMPLE: usize = 4096;

/// What is known of a trace's file without reading all of it.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct Fingerprint {
    /// Bytes of the content.
    pub len: u64,
    /// Hash of samples.
    pub samples: u64,
    /// When the file was last written, ns since 1970; 0 if the system does not say.
    pub modified: u64,
}

impl Fingerprint {
    /// That of a file with this content, last written then.
    pub fn new(content: &[u8], modified: Option<SystemTime>) -> Self {
        let since = modified.and_then(|time| time.duration_since(UNIX_EPOCH).ok());
        let modified = since.and_then(|since| u64::try_from(since.as_nanos()).ok()).unwrap_or(0);
        Self { len: content.len() as u64, samples: samples(content), modified }
    }

    /// The name of its index.
    pub fn name(&self) -> String {
        format!("{:016x}-{:x}.goroscope-index", self.samples, self.len)
    }
}

/// A hash of the beginning, the end and parts between.
fn samples(content: &[u8]) -> u64 {
    let mut hasher = XxHash3_64::with_seed(0);
    hasher.write_u64(content.len() as u64);
    let last = content.len().saturating_sub(SAMPLE);
    for i in 0..=SAMPLES {
        let at = (last as u128 * i as u128 / SAMPLES as u128) as usize;
        hasher.write(&content[at..content.len().min(at + SAMPLE)]);
    }
    hasher.finish()
}

/// A hash of all of it.
pub fn hash(content: &[u8]) -> u64 {
    XxHash3_64::oneshot(content)
}
