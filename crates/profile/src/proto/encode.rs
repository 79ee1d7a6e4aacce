//! A profile to bytes.
//!
//! Numbers of rows are their places, counted from 1. Texts are numbered as they are met, in the order in which pprof
//! meets them; repeated numbers are packed if there are more than two, as pprof does: what pprof wrote, with its rows
//! numbered in order, comes out byte for byte.

use super::{gzip, number};
use crate::profile::{Function, Header, Label, LabelValue, Mapping, Profile, Sample, ValueType};
use crate::strings::{StringId, Strings};

/// The gzip file of a profile.
pub fn encode(profile: &Profile) -> Vec<u8> {
    gzip::pack(&encode_uncompressed(profile))
}

/// The bytes of a profile that is not compressed.
pub fn encode_uncompressed(profile: &Profile) -> Vec<u8> {
    let mut numbers = TextNumbers::new(&profile.strings);
    let header = number_texts(profile, &mut numbers);
    let mut out = Out::default();
    for one in &profile.sample_types {
        out.message(number::profile::SAMPLE_TYPE, |out| value_type(out, *one, &numbers));
    }
    for one in profile.samples() {
        out.message(number::profile::SAMPLE, |out| sample(out, profile, &one, &numbers));
    }
    for (row, one) in profile.mappings.iter().enumerate() {
        out.message(number::profile::MAPPING, |out| mapping(out, row, one, &numbers));
    }
    for row in profile.location_handles() {
        out.message(number::profile::LOCATION, |out| {
            let one = &profile.locations[row.row()];
            out.number(number::location::ID, row.row() as u64 + 1);
            out.number(number::location::MAPPING_ID, one.mapping.map_or(0, |mapping| mapping.row() as u64 + 1));
            out.number(number::location::ADDRESS, one.address);
            for line in profile.lines(row) {
                out.message(number::location::LINE, |out| {
                    out.number(number::line::FUNCTION_ID, line.function.row() as u64 + 1);
                    out.number(number::line::LINE, line.line as u64);
                    out.number(number::line::COLUMN, line.column as u64);
                });
            }
            out.number(number::location::IS_FOLDED, u64::from(one.folded));
        });
    }
    for (row, one) in profile.functions.iter().enumerate() {
        out.message(number::profile::FUNCTION, |out| function(out, row, one, &numbers));
    }
    for id in &numbers.order {
        out.bytes(number::profile::STRING_TABLE, profile.text(*id).as_bytes());
    }
    write_header(&mut out, header, &numbers);
    out.bytes
}

/// Gives every text a number in the order in which pprof meets them.
fn number_texts<'a>(profile: &'a Profile, numbers: &mut TextNumbers) -> &'a Header {
    for one in &profile.sample_types {
        numbers.meet(&[one.kind, one.unit]);
    }
    for one in profile.samples() {
        for label in profile.labels(one.labels) {
            match label.value {
                LabelValue::Text(text) => numbers.meet(&[label.key, text]),
                LabelValue::Number(_, unit) => numbers.meet(&[label.key, unit]),
            }
        }
    }
    for one in &profile.mappings {
        numbers.meet(&[one.file, one.build_id]);
    }
    for one in &profile.functions {
        numbers.meet(&[one.name, one.system_name, one.file]);
    }
    let header = &profile.header;
    numbers.meet(&[header.drop_frames, header.keep_frames, header.period_type.kind, header.period_type.unit]);
    numbers.meet(&header.comments);
    numbers.meet(&[header.default_sample_type, header.doc_url]);
    header
}

fn write_header(out: &mut Out, header: &Header, numbers: &TextNumbers) {
    use number::profile as it;
    out.number(it::DROP_FRAMES, numbers.get(header.drop_frames));
    out.number(it::KEEP_FRAMES, numbers.get(header.keep_frames));
    out.number(it::TIME_NANOS, header.time_nanos as u64);
    out.number(it::DURATION_NANOS, header.duration_nanos as u64);
    if header.period_type != ValueType::default() {
        out.message(it::PERIOD_TYPE, |out| value_type(out, header.period_type, numbers));
    }
    out.number(it::PERIOD, header.period as u64);
    out.numbers(it::COMMENT, header.comments.iter().map(|text| numbers.get(*text)));
    out.number_or_zero(it::DEFAULT_SAMPLE_TYPE, numbers.get(header.default_sample_type));
    out.number(it::DOC_URL, numbers.get(header.doc_url));
}

fn value_type(out: &mut Out, one: ValueType, numbers: &TextNumbers) {
    out.number(number::value_type::KIND, numbers.get(one.kind));
    out.number(number::value_type::UNIT, numbers.get(one.unit));
}

fn sample(out: &mut Out, profile: &Profile, one: &Sample<'_>, numbers: &TextNumbers) {
    let locations = profile.stack(one.stack).iter();
    out.numbers(number::sample::LOCATION_ID, locations.map(|location| location.row() as u64 + 1));
    out.numbers(number::sample::VALUE, one.values.iter().map(|value| *value as u64));
    for one in profile.labels(one.labels) {
        out.message(number::sample::LABEL, |out| label(out, one, numbers));
    }
}

fn label(out: &mut Out, one: &Label, numbers: &TextNumbers) {
    out.number(number::label::KEY, numbers.get(one.key));
    match one.value {
        LabelValue::Text(text) => out.number(number::label::TEXT, numbers.get(text)),
        LabelValue::Number(value, unit) => {
            out.number(number::label::NUMBER, value as u64);
            out.number(number::label::UNIT, numbers.get(unit));
        }
    }
}

fn mapping(out: &mut Out, row: usize, one: &Mapping, numbers: &TextNumbers) {
    out.number(number::mapping::ID, row as u64 + 1);
    out.number(number::mapping::START, one.start);
    out.number(number::mapping::LIMIT, one.limit);
    out.number(number::mapping::OFFSET, one.offset);
    out.number(number::mapping::FILE, numbers.get(one.file));
    out.number(number::mapping::BUILD_ID, numbers.get(one.build_id));
    for bit in 0..4 {
        out.number(number::mapping::HAS_FUNCTIONS + bit, u64::from(one.known.0 >> bit & 1));
    }
}

fn function(out: &mut Out, row: usize, one: &Function, numbers: &TextNumbers) {
    out.number(number::function::ID, row as u64 + 1);
    out.number(number::function::NAME, numbers.get(one.name));
    out.number(number::function::SYSTEM_NAME, numbers.get(one.system_name));
    out.number(number::function::FILE, numbers.get(one.file));
    out.number(number::function::START_LINE, one.start_line as u64);
}

/// The numbers of texts in the file that is written.
struct TextNumbers {
    of: Vec<Option<u32>>,
    order: Vec<StringId>,
}

impl TextNumbers {
    fn new(strings: &Strings) -> TextNumbers {
        let mut numbers = TextNumbers { of: vec![None; strings.len()], order: Vec::new() };
        numbers.meet(&[StringId::EMPTY]);
        numbers
    }

    fn meet(&mut self, ids: &[StringId]) {
        for id in ids {
            if let Some(slot @ None) = self.of.get_mut(id.0 as usize) {
                *slot = Some(self.order.len() as u32);
                self.order.push(*id);
            }
        }
    }

    /// The empty text for a handle of another profile.
    fn get(&self, id: StringId) -> u64 {
        self.of.get(id.0 as usize).copied().flatten().map_or(0, u64::from)
    }
}

/// The bytes that are written. Numbers that are 0 are left out, as protobuf does.
#[derive(Default)]
struct Out {
    bytes: Vec<u8>,
}

impl Out {
    fn varint(&mut self, mut number: u64) {
        while number >= 0x80 {
            self.bytes.push(number as u8 | 0x80);
            number >>= 7;
        }
        self.bytes.push(number as u8);
    }

    fn number(&mut self, field: u32, number: u64) {
        if number != 0 {
            self.number_or_zero(field, number);
        }
    }

    fn number_or_zero(&mut self, field: u32, number: u64) {
        self.varint(u64::from(field) << 3);
        self.varint(number);
    }

    fn bytes(&mut self, field: u32, bytes: &[u8]) {
        self.varint(u64::from(field) << 3 | 2);
        self.varint(bytes.len() as u64);
        self.bytes.extend_from_slice(bytes);
    }

    fn numbers(&mut self, field: u32, numbers: impl ExactSizeIterator<Item = u64>) {
        if numbers.len() <= 2 {
            for number in numbers {
                self.number_or_zero(field, number);
            }
            return;
        }
        self.message(field, |out| numbers.for_each(|number| out.varint(number)));
    }

    /// Writes what `fill` writes with its length before it. That is known behind it only: a byte is left for it, and what
    /// is longer than that makes room for the rest.
    fn message(&mut self, field: u32, fill: impl FnOnce(&mut Out)) {
        self.varint(u64::from(field) << 3 | 2);
        let at = self.bytes.len();
        self.bytes.push(0);
        fill(self);
        let length = self.bytes.len() - at - 1;
        if let Ok(short @ 0..0x80) = u8::try_from(length) {
            self.bytes[at] = short;
            return;
        }
        let mut written = Out::default();
        written.varint(length as u64);
        self.bytes.splice(at..=at, written.bytes);
    }
}
