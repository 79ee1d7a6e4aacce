//! Zstandard: all frames of a file, and of a damaged frame what stands before the damage.
//!
//! The decoder keeps the last window of a frame (up to megabytes) to itself until the frame ends, so an error would cost
//! more than the block it is in. A damaged frame is therefore decoded again with an end put where the damage begins.

use ruzstd::decoding::errors::{FrameDecoderError, ReadFrameHeaderError};
use ruzstd::decoding::{BlockDecodingStrategy, FrameDecoder};

/// A last block without content, and room for a checksum that is not looked at.
const END: [u8; 7] = [1, 0, 0, 0, 0, 0, 0];

/// Unpacks into `bytes`, at most about `limit` of them. An error says what is wrong after what came out.
pub fn unpack(mut packed: &[u8], limit: u64, bytes: &mut Vec<u8>) -> Result<(), String> {
    while !packed.is_empty() && bytes.len() as u64 <= limit {
        let begin = bytes.len();
        match frame(packed, limit, bytes) {
            Ok(length) => packed = &packed[length..],
            Err(Damage { again, error }) => {
                if let Some(good) = again {
                    bytes.truncate(begin);
                    // What was decoded once is decoded again.
                    let _ = frame(&[&packed[..good], &END].concat(), limit, bytes);
                }
                return Err(error);
            }
        }
    }
    Ok(())
}

/// What is wrong with a frame.
struct Damage {
    /// Where its first bad block begins, if decoding it again up to there gives more than came out.
    again: Option<usize>,
    error: String,
}

/// Unpacks one frame and says how long it is.
fn frame(packed: &[u8], limit: u64, bytes: &mut Vec<u8>) -> Result<usize, Damage> {
    let hopeless = |error: &str| Damage { again: None, error: error.to_owned() };
    let mut decoder = FrameDecoder::new();
    let mut rest = packed;
    match decoder.reset(&mut rest) {
        Ok(()) => {}
        Err(FrameDecoderError::ReadFrameHeaderError(ReadFrameHeaderError::SkipFrame { length, .. })) => {
            let end = packed.len() - rest.len() + length as usize;
            return if end <= packed.len() { Ok(end) } else { Err(hopeless("a skippable frame is cut short")) };
        }
        Err(FrameDecoderError::WindowSizeTooBig { .. }) => {
            return Err(hopeless("it needs a long window; unpack it with zstd -d --long=31"));
        }
        Err(error) => return Err(hopeless(&error.to_string())),
    }
    while !decoder.is_finished() && bytes.len() as u64 <= limit {
        let good = packed.len() - rest.len();
        decoder
            .decode_blocks(&mut rest, BlockDecodingStrategy::UptoBlocks(1))
            .map_err(|error| Damage { again: Some(good), error: error.to_string() })?;
        // Writing to memory cannot fail.
        let _ = decoder.collect_to_writer(&mut *bytes);
    }
    if decoder.is_finished()
        && let (Some(written), Some(found)) = (decoder.get_checksum_from_data(), decoder.get_calculated_checksum())
        && written != found
    {
        // Nobody knows in which block: all are kept.
        return Err(hopeless("the checksum does not match"));
    }
    Ok(packed.len() - rest.len())
}
