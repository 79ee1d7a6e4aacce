//! Which content an index is of.

use std::fs::Metadata;
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
    /// Changes with every change of the file.
    pub stamp: Stamp,
}

/// A number that changes whenever a file is written to or replaced; 0 if the system does not say.
///
/// It is made of the times of the last write and of the last change of anything about the file, and of which file it is.
/// The former can be set to anything, and programs that copy files do; the latter cannot.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq)]
pub struct Stamp(pub u64);

impl Stamp {
    /// That of a file.
    pub fn of(about: &Metadata) -> Self {
        let Ok(modified) = about.modified() else { return Self::default() };
        let mut hasher = XxHash3_64::with_seed(0);
        let since = |time: SystemTime| time.duration_since(UNIX_EPOCH).map_or(0, |since| since.as_nanos());
        hasher.write_u128(since(modified));
        #[cfg(unix)]
        {
            use std::os::unix::fs::MetadataExt;
            for number in [about.ctime(), about.ctime_nsec(), about.dev().cast_signed(), about.ino().cast_signed()] {
                hasher.write_i64(number);
            }
        }
        #[cfg(not(unix))]
        if let Ok(created) = about.created() {
            hasher.write_u128(since(created));
        }
        Self(hasher.finish())
    }

    /// Whether both are known, and of the same file as it was.
    pub fn is_same(self, other: Self) -> bool {
        self == other && self != Self::default()
    }
}

impl Fingerprint {
    /// That of a file with this content.
    pub fn new(content: &[u8], stamp: Stamp) -> Self {
        Self { len: content.len() as u64, samples: samples(content), stamp }
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
