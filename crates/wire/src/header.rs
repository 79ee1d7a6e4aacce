//! The sixteen bytes at the start of a trace: who wrote it, in which format.

use std::fmt;

use crate::{EventType, v1};

/// Bytes of the header.
pub const HEADER_LEN: usize = 16;

/// A format version, named after the Go release that brought it.
#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord, Hash)]
pub enum Version {
    /// `go 1.11 trace`, also written by Go 1.12 to 1.18
    Go111,
    /// `go 1.19 trace`, also written by Go 1.20
    Go119,
    /// `go 1.21 trace`
    Go121,
    /// `go 1.22 trace`
    Go122,
    /// `go 1.23 trace`, also written by Go 1.24
    Go123,
    /// `go 1.25 trace`
    Go125,
    /// `go 1.26 trace`, also written by Go 1.27
    Go126,
}

impl Version {
    /// Every version, oldest first.
    pub const ALL: [Self; 7] =
        [Self::Go111, Self::Go119, Self::Go121, Self::Go122, Self::Go123, Self::Go125, Self::Go126];

    /// Every version of the v2 format, oldest first.
    pub const V2: [Self; 4] = [Self::Go122, Self::Go123, Self::Go125, Self::Go126];

    /// Whether this is a version of the v1 format, which only the module `v1` reads.
    pub const fn is_v1(self) -> bool {
        match self {
            Self::Go111 | Self::Go119 | Self::Go121 => true,
            Self::Go122 | Self::Go123 | Self::Go125 | Self::Go126 => false,
        }
    }

    /// The name of the records with this number in a file of this version.
    pub fn record_name(self, number: u8) -> Option<&'static str> {
        if self.is_v1() {
            v1::EventType::from_byte(number).map(v1::EventType::name)
        } else {
            EventType::from_byte(number).map(EventType::name)
        }
    }

    /// The `NN` of `go 1.NN trace`.
    pub const fn minor(self) -> u16 {
        match self {
            Self::Go111 => 11,
            Self::Go119 => 19,
            Self::Go121 => 21,
            Self::Go122 => 22,
            Self::Go123 => 23,
            Self::Go125 => 25,
            Self::Go126 => 26,
        }
    }

    /// The version whose header says `go 1.NN trace`, if there is one.
    pub const fn from_minor(minor: u16) -> Option<Self> {
        match minor {
            11 => Some(Self::Go111),
            19 => Some(Self::Go119),
            21 => Some(Self::Go121),
            22 => Some(Self::Go122),
            23 => Some(Self::Go123),
            25 => Some(Self::Go125),
            26 => Some(Self::Go126),
            _ => None,
        }
    }

    /// The newest version that a trace whose header says `go 1.NN trace` can be read as.
    pub fn nearest(minor: u16) -> Self {
        Self::ALL.into_iter().rev().find(|version| version.minor() <= minor).unwrap_or(Self::Go111)
    }

    /// The sixteen bytes that begin a trace of this version.
    pub const fn header(self) -> [u8; HEADER_LEN] {
        match self {
            Self::Go111 => *b"go 1.11 trace\0\0\0",
            Self::Go119 => *b"go 1.19 trace\0\0\0",
            Self::Go121 => *b"go 1.21 trace\0\0\0",
            Self::Go122 => *b"go 1.22 trace\0\0\0",
            Self::Go123 => *b"go 1.23 trace\0\0\0",
            Self::Go125 => *b"go 1.25 trace\0\0\0",
            Self::Go126 => *b"go 1.26 trace\0\0\0",
        }
    }
}

/// Why the first bytes of a file do not begin a trace that can be read.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum HeaderError {
    /// The file does not begin with `go 1.NN trace`, or is shorter than a header.
    NotATrace,
    /// A trace written by Go 1.5 to 1.10; the field is the `NN` of `go 1.NN trace`.
    Old(u16),
    /// A version that this crate does not know; the field is the `NN` of `go 1.NN trace`.
    New(u16),
}

impl fmt::Display for HeaderError {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        match self {
            Self::NotATrace => write!(f, "not a Go execution trace: no `go 1.NN trace` at byte 0"),
            Self::Old(minor) => {
                write!(f, "trace version go 1.{minor} is not supported: Go 1.11 brought the oldest format that is")
            }
            Self::New(minor) => write!(
                f,
                "trace version go 1.{minor} is not known: the newest known is go 1.{}",
                Version::Go126.minor()
            ),
        }
    }
}

impl std::error::Error for HeaderError {}

/// The version that the first sixteen bytes of a file name.
pub fn parse_header(bytes: &[u8]) -> Result<Version, HeaderError> {
    let minor = header_minor(bytes).ok_or(HeaderError::NotATrace)?;
    match Version::from_minor(minor) {
        Some(version) => Ok(version),
        None if minor < 5 => Err(HeaderError::NotATrace),
        None if minor < Version::Go111.minor() => Err(HeaderError::Old(minor)),
        None => Err(HeaderError::New(minor)),
    }
}

/// Where the next header of any version begins, from byte `from` on and before byte `to`: that of another trace which
/// was appended to this one.
pub fn find_header(file: &[u8], from: usize, to: usize) -> Option<usize> {
    let until = to.saturating_add(HEADER_LEN).min(file.len());
    let mut at = from;
    loop {
        let rest = file.get(at..until)?;
        at = at.saturating_add(rest.iter().position(|&byte| byte == b'g')?);
        if header_minor(file.get(at..)?).is_some() {
            return (at < to).then_some(at);
        }
        at = at.saturating_add(1);
    }
}

/// The `NN` of `go 1.NN trace` with its zero padding.
fn header_minor(bytes: &[u8]) -> Option<u16> {
    let header: &[u8; HEADER_LEN] = bytes.first_chunk()?;
    let text = std::str::from_utf8(header).ok()?.trim_end_matches('\0');
    let digits = text.strip_prefix("go 1.")?.strip_suffix(" trace")?;
    let is_number = digits.bytes().all(|digit| digit.is_ascii_digit()) && !digits.starts_with('0');
    digits.parse().ok().filter(|_| is_number)
}

#[cfg(test)]
mod tests {
    use super::*;

    fn check(bytes: &[u8], expected: Result<Version, HeaderError>) {
        assert_eq!(parse_header(bytes), expected, "{}", String::from_utf8_lossy(bytes));
    }

    #[test]
    fn the_nearest_version() {
        for (minor, expected) in
            [(12, Version::Go111), (20, Version::Go119), (24, Version::Go123), (99, Version::Go126)]
        {
            assert_eq!(Version::nearest(minor), expected, "go 1.{minor}");
        }
    }

    #[test]
    fn the_next_header_is_found() {
        let find = |file: &[u8], from, to| find_header(file, from, to);
        let two = [&Version::Go126.header()[..], b"go go 1.1 ", &Version::Go119.header()].concat();
        assert_eq!(find(&two, 0, two.len()), Some(0));
        assert_eq!(find(&two, 1, two.len()), Some(26));
        assert_eq!(find(&two, 1, 27), Some(26));
        assert_eq!(find(&two, 1, 26), None);
        assert_eq!(find(&two, 27, two.len()), None);
        assert_eq!(find(&two[..41], 1, 41), None, "a part of one is none");
        assert_eq!(find(&two, 99, 100), None);
    }

    #[test]
    fn headers() {
        for version in Version::ALL {
            check(&version.header(), Ok(version));
        }
        check(b"go 1.22 trace\0\0\0 and more", Ok(Version::Go122));
        check(b"go 1.5 trace\0\0\0\0", Err(HeaderError::Old(5)));
        check(b"go 1.10 trace\0\0\0", Err(HeaderError::Old(10)));
        check(b"go 1.20 trace\0\0\0", Err(HeaderError::New(20)));
        check(b"go 1.24 trace\0\0\0", Err(HeaderError::New(24)));
        check(b"go 1.99 trace\0\0\0", Err(HeaderError::New(99)));
        check(b"go 1.100 trace\0\0", Err(HeaderError::New(100)));
        check(b"", Err(HeaderError::NotATrace));
        check(b"go 1.26 trace\0\0", Err(HeaderError::NotATrace));
        check(b"go 1.26 track\0\0\0", Err(HeaderError::NotATrace));
        check(b"go 1.+6 trace\0\0\0", Err(HeaderError::NotATrace));
        check(b"go 1.026 trace\0\0", Err(HeaderError::NotATrace));
        check(b"go 1. trace\0\0\0\0\0", Err(HeaderError::NotATrace));
        check(b"go 1.1 trace\0\0\0\0", Err(HeaderError::NotATrace));
    }
}
