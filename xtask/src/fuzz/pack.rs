//! Inputs of a fuzz target in one file: hundreds of small files would hide the rest of the tree.
//!
//! Packed with zstd: for each input its length as four bytes, least first, and its bytes; shortest first.

use anyhow::{Context, Result};
use ruzstd::encoding::{CompressionLevel, compress_to_vec};
use std::fs;
use std::io::Read;
use std::path::Path;

/// The longest input that is kept; longer ones are seeds anyway.
pub const LONGEST: usize = 4096;

/// The most bytes of inputs that are kept for a target, before packing.
const MOST: usize = 256 << 10;

/// Packs the files of a folder; returns how many there are and the bytes of the pack.
pub fn pack(folder: &Path, to: &Path) -> Result<(usize, usize)> {
    let mut inputs = Vec::new();
    for entry in fs::read_dir(folder)? {
        inputs.push(fs::read(entry?.path())?);
    }
    inputs.sort_by(|a, b| (a.len(), a).cmp(&(b.len(), b)));
    let (mut plain, mut count) = (Vec::new(), 0);
    for input in inputs.iter().take_while(|input| input.len() <= LONGEST) {
        if plain.len() + input.len() > MOST {
            break;
        }
        plain.extend((input.len() as u32).to_le_bytes());
        plain.extend(input);
        count += 1;
    }
    let packed = compress_to_vec(plain.as_slice(), CompressionLevel::Fastest);
    if let Some(parent) = to.parent() {
        fs::create_dir_all(parent)?;
    }
    fs::write(to, &packed)?;
    Ok((count, packed.len()))
}

/// Writes each input of a pack, if there is one, into a file of its own in a folder.
pub fn unpack(pack: &Path, folder: &Path) -> Result<()> {
    let Ok(packed) = fs::read(pack) else { return Ok(()) };
    let mut plain = Vec::new();
    let mut decoder = ruzstd::decoding::StreamingDecoder::new(packed.as_slice())
        .map_err(|error| anyhow::anyhow!("{}: {error}", pack.display()))?;
    decoder.read_to_end(&mut plain)?;
    let mut rest = plain.as_slice();
    let mut number = 0;
    while let Some((len, after)) = rest.split_first_chunk::<4>() {
        let len = u32::from_le_bytes(*len) as usize;
        let (input, after) = after.split_at_checked(len).with_context(|| format!("{} is cut", pack.display()))?;
        fs::write(folder.join(format!("kept-{number:04}")), input)?;
        rest = after;
        number += 1;
    }
    Ok(())
}
