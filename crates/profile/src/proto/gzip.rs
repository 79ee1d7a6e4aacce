//! Profiles are gzip files by rule and plain ones by tolerance.

use super::fault::{DecodeError, Fault};
use flate2::Compression;
use flate2::bufread::MultiGzDecoder;
use flate2::write::GzEncoder;
use std::borrow::Cow;
use std::io::{Read, Write};

/// What any profile may unpack to, however small its file is.
const ALWAYS: u64 = 64 << 20;
/// And how many times its file. Profiles shrink to a tenth or so; a thousandth is a file made to fill memory.
const RATIO: u64 = 200;

/// The bytes of the profile itself.
pub(super) fn unpack(file: &[u8]) -> Result<Cow<'_, [u8]>, DecodeError> {
    if !file.starts_with(&[0x1f, 0x8b]) {
        return Ok(Cow::Borrowed(file));
    }
    let most = ALWAYS.max(RATIO.saturating_mul(file.len() as u64)).min(u64::from(u32::MAX));
    let mut unpacked = Vec::new();
    let mut decoder = MultiGzDecoder::new(file);
    let read = (&mut decoder).take(most + 1).read_to_end(&mut unpacked);
    let at = (file.len() - decoder.get_ref().len()) as u64;
    if unpacked.len() as u64 > most {
        return Err(DecodeError { at, fault: Fault::TooLarge(most) });
    }
    match read {
        Ok(_) => Ok(Cow::Owned(unpacked)),
        Err(_) => Err(DecodeError { at, fault: Fault::Gzip }),
    }
}

/// A gzip file of these bytes, always the same for the same bytes.
pub(super) fn pack(bytes: &[u8]) -> Vec<u8> {
    let mut encoder = GzEncoder::new(Vec::new(), Compression::default());
    // Writing to memory has no way to fail.
    let written = encoder.write_all(bytes).and_then(|()| encoder.finish());
    written.unwrap_or_default()
}
