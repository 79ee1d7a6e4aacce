//! Bytes to a profile.
//!
//! The fields of the format come in any order, and Go's runtime writes the text table last. So the file is walked
//! several times, and each time only what the next step needs is read; to walk past a field costs its first bytes.
//!
//! 1. The texts.
//! 2. What is said about the whole, mappings and functions, which refer to texts.
//! 3. Locations, which refer to mappings and functions.
//! 4. Samples, which refer to all of them.

use super::fault::{DecodeError, Fault, Table};
use super::fields::{Field, Message};
use super::messages::{self, Ids, Texts};
use super::{gzip, number};
use crate::profile::{Label, LabelsIdx, LocationIdx, Profile, StackIdx};
use crate::rows::RowIndex;
use std::sync::Arc;

/// How many frames all different stacks may have: so many for each byte, and some more for small files. A stack names
/// its locations by at least a byte each, and calls are not inlined this deep.
const FRAMES_PER_BYTE: u64 = 64;
const FRAMES_ALWAYS: u64 = 1 << 16;

/// Reads a profile file, compressed or not.
///
/// Memory is at most 128 times the size of the uncompressed profile, and 64 KiB. What unpacks to more than 64 MiB and 200
/// times its size is refused, and so are stacks of more than 64 frames for each byte.
pub fn decode(file: &[u8]) -> Result<Profile, DecodeError> {
    decode_uncompressed(&gzip::unpack(file)?)
}

/// Reads a profile that is not compressed.
pub fn decode_uncompressed(bytes: &[u8]) -> Result<Profile, DecodeError> {
    if bytes.is_empty() {
        return Err(DecodeError { at: 0, fault: Fault::Empty });
    }
    if bytes.len() as u64 > u64::from(u32::MAX) {
        return Err(DecodeError { at: u64::from(u32::MAX), fault: Fault::TooLarge(u64::from(u32::MAX)) });
    }
    let whole = Message::new(bytes);
    let mut profile = Profile::default();
    let texts = Texts::read(whole, &mut profile.strings)?;
    let mut mappings = Ids::new(Table::Mappings);
    let mut functions = Ids::new(Table::Functions);
    let mut locations = Ids::new(Table::Locations);
    whole.each(|field| first_tables(&field, &texts, &mut profile, &mut mappings, &mut functions))?;
    let mut lines = Vec::new();
    whole.each(|field| {
        if field.number == number::profile::LOCATION {
            let (id, one) = messages::location(field.message()?, &mappings, &functions, &mut lines)?;
            locations.add(field.at, id, profile.locations.len() as u32)?;
            profile.locations.push(one);
            profile.lines.push(&lines);
        }
        Ok(())
    })?;
    let most_frames = FRAMES_ALWAYS + FRAMES_PER_BYTE * bytes.len() as u64;
    let mut reader = SampleReader { texts, locations, most_frames, ..SampleReader::new() };
    whole.each(|field| match field.number {
        number::profile::SAMPLE => reader.read(&field, &mut profile),
        _ => Ok(()),
    })?;
    Ok(profile)
}

/// Step 2 for one field.
fn first_tables(
    field: &Field<'_>,
    texts: &Texts,
    profile: &mut Profile,
    mappings: &mut Ids,
    functions: &mut Ids,
) -> Result<(), DecodeError> {
    use number::profile as it;
    let header = &mut profile.header;
    match field.number {
        it::SAMPLE_TYPE => profile.sample_types.push(messages::value_type(field.message()?, texts)?),
        it::MAPPING => {
            let (id, one) = messages::mapping(field.message()?, texts)?;
            mappings.add(field.at, id, profile.mappings.len() as u32)?;
            profile.mappings.push(one);
        }
        it::FUNCTION => {
            let (id, one) = messages::function(field.message()?, texts)?;
            functions.add(field.at, id, profile.functions.len() as u32)?;
            profile.functions.push(one);
        }
        it::DROP_FRAMES => header.drop_frames = texts.get(field)?,
        it::KEEP_FRAMES => header.keep_frames = texts.get(field)?,
        it::TIME_NANOS if header.time_nanos != 0 => {
            return Err(DecodeError { at: field.at, fault: Fault::Concatenated });
        }
        it::TIME_NANOS => header.time_nanos = field.number()? as i64,
        it::DURATION_NANOS => header.duration_nanos = field.number()? as i64,
        it::PERIOD_TYPE => header.period_type = messages::value_type(field.message()?, texts)?,
        it::PERIOD => header.period = field.number()? as i64,
        it::COMMENT => field.numbers(&mut |index| {
            header.comments.push(texts.at(field.at, index)?);
            Ok(())
        })?,
        it::DEFAULT_SAMPLE_TYPE => header.default_sample_type = texts.get(field)?,
        it::DOC_URL => header.doc_url = texts.get(field)?,
        // The text table was read before; locations and samples come later; what is not known is skipped.
        _ => {}
    }
    Ok(())
}

/// Step 4, with the lists that are filled anew for each sample.
struct SampleReader {
    texts: Texts,
    locations: Ids,
    stacks: RowIndex,
    label_sets: RowIndex,
    stack: Vec<LocationIdx>,
    labels: Vec<Label>,
    frames: u64,
    most_frames: u64,
}

impl SampleReader {
    fn new() -> SampleReader {
        SampleReader {
            texts: Texts { ids: Vec::new() },
            locations: Ids::new(Table::Locations),
            stacks: RowIndex::default(),
            label_sets: RowIndex::default(),
            stack: Vec::new(),
            labels: Vec::new(),
            frames: 0,
            most_frames: 0,
        }
    }

    fn read(&mut self, field: &Field<'_>, profile: &mut Profile) -> Result<(), DecodeError> {
        let SampleReader { texts, locations, stack, labels, .. } = self;
        let values = &mut profile.samples.values;
        let before = values.len();
        stack.clear();
        labels.clear();
        field.message()?.each(|field| {
            match field.number {
                number::sample::LOCATION_ID => field.numbers(&mut |id| {
                    stack.push(LocationIdx(locations.get(field.at, id)?));
                    Ok(())
                })?,
                number::sample::VALUE => field.numbers(&mut |value| {
                    values.push(value as i64);
                    Ok(())
                })?,
                number::sample::LABEL => labels.push(messages::label(field.message()?, texts)?),
                _ => {}
            }
            Ok(())
        })?;
        let (count, types) = (values.len() - before, profile.sample_types.len());
        if types == 0 {
            return Err(DecodeError { at: field.at, fault: Fault::NoTypes });
        }
        if count != types {
            return Err(DecodeError { at: field.at, fault: Fault::ValueCount(count as u32, types as u32) });
        }
        let known = profile.stacks.len();
        profile.samples.stacks.push(StackIdx(self.stacks.intern(Arc::make_mut(&mut profile.stacks), &self.stack)));
        if profile.stacks.len() > known {
            let lines = self.stack.iter().map(|location| profile.lines(*location).len().max(1) as u64);
            self.frames += lines.sum::<u64>();
            if self.frames > self.most_frames {
                return Err(DecodeError { at: field.at, fault: Fault::TooManyFrames(self.most_frames) });
            }
        }
        profile.samples.labels.push(LabelsIdx(self.label_sets.intern(&mut profile.label_sets, &self.labels)));
        Ok(())
    }
}
