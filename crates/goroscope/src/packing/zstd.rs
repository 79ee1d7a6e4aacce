//! Zstandard: all frames of a file, and of a damaged frame what stands before the damage.
//!
//! The decoder keeps the last window of a frame (up to megabytes) to itself until the frame ends, so an error would cost
//! more than the block it is in. A damaged frame is therefore decoded again with an end put where the damage begins.

use super::Output;
use ruzstd::decoding::errors::{FrameDecoderError, ReadFrameHeaderError};
use ruzstd::decoding::{BlockDecodingStrategy, FrameDecoder};
use std::io::Read;

/// A last block without content, and room for a checksum that is not looked at.
const END: [u8; 7] = [1, 0, 0, 0, 0, 0, 0];

/// Unpacks all frames. An error says what is wrong after what came out.
pub fn unpack(packed: &[u8], output: &mut Output<'_>, report: &mut dyn FnMut(u64)) -> Result<(), String> {
    let mut done = 0;
    while done < packed.len() && output.wants_more() {
        let begin = output.length;
        match frame(&packed[done..], output, &mut |length| report(done as u64 + length)) {
            Ok(length) => done += length,
            Err(Damage { again, error }) => {
                if let Some(good) = again {
                    output.again = output.length - begin;
                    decode_up_to(&packed[done..done + good], output);
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
fn frame(packed: &[u8], output: &mut Output<'_>, report: &mut dyn FnMut(u64)) -> Result<usize, Damage> {
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
    while !decoder.is_finished() && output.wants_more() {
        let good = packed.len() - rest.len();
        decoder
            .decode_blocks(&mut rest, BlockDecodingStrategy::UptoBlocks(1))
            .map_err(|error| Damage { again: Some(good), error: error.to_string() })?;
        collect(&mut decoder, output);
        report((packed.len() - rest.len()) as u64);
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

/// Decodes the good blocks of a frame that were decoded once, this time to the last byte.
fn decode_up_to(good: &[u8], output: &mut Output<'_>) {
    let mut ended = good.chain(END.as_slice());
    let mut decoder = FrameDecoder::new();
    if decoder.reset(&mut ended).is_err() {
        return;
    }
    while !decoder.is_finished() && output.wants_more() {
        if decoder.decode_blocks(&mut ended, BlockDecodingStrategy::UptoBlocks(1)).is_err() {
            return;
        }
        collect(&mut decoder, output);
    }
}

fn collect(decoder: &mut FrameDecoder, output: &mut Output<'_>) {
    // An output takes everything and remembers a failure itself.
    let _ = decoder.collect_to_writer(output);
}
