//! Several profiles as one, and one against another.
//!
//! Rows are the same if what they say is: functions by all fields; locations by their place in the mapping, lines and
//! folding; mappings by size (rounded up to pages), offset and build, so that a program that was loaded elsewhere is
//! still itself. Samples of equal stacks and labels are added up, and those that come to nothing are left out.
//!
//! pprof forgets the columns of inlined calls when it compares locations; here they count.

use crate::builder::Builder;
use crate::profile::{
    Header, Label, LabelValue, LabelsIdx, Line, Location, LocationIdx, Mapping, MappingIdx, Profile, StackIdx,
    ValueType,
};
use crate::strings::{StringId, Strings};
use crate::units::{self, Ratio};
use rustc_hash::{FxHashMap, FxHashSet};
use std::borrow::Cow;
use std::fmt;

/// Why profiles do not go together.
#[derive(Clone, Debug, PartialEq, Eq)]
pub enum MergeError {
    /// There is none.
    Nothing,
    /// Their periods are of different kinds: of the first, and of another.
    PeriodTypes(String, String),
    /// No sample type is in all of them.
    NoCommonType,
    /// A sample type of that name has units that do not convert: of the first, and of another.
    Units(String, String, String),
}

impl fmt::Display for MergeError {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        match self {
            MergeError::Nothing => write!(f, "no profiles to merge"),
            MergeError::PeriodTypes(first, other) => write!(f, "periods of different kinds: {first} and {other}"),
            MergeError::NoCommonType => write!(f, "no sample type is in all profiles"),
            MergeError::Units(kind, first, other) => write!(f, "{kind} in {first} and in {other}"),
        }
    }
}

impl std::error::Error for MergeError {}

/// One profile of several. They may have different sample types: those that all have are kept, in the order and under
/// the names of the first, in the finest unit of any.
///
/// The time is the earliest, the duration the sum, the period the longest; of the remarks each is kept once; what is
/// said about frames is what the first says.
pub fn merge(profiles: &[&Profile]) -> Result<Profile, MergeError> {
    let first = profiles.first().ok_or(MergeError::Nothing)?;
    let fitted = fit(profiles)?;
    let mut merger = Merger { out: Builder::default(), mappings: FxHashMap::default(), found: FxHashMap::default() };
    merger.header(first, &fitted);
    for profile in &fitted {
        merger.add(profile);
    }
    let mut all = merger.out.finish();
    drop_zero_samples(&mut all);
    Ok(all)
}

/// A profile as pprof has it once it is open: if there are no mappings, all is in one of which nothing is known.
pub fn as_opened(profile: &Profile) -> Profile {
    let mut opened = profile.clone();
    if opened.mappings.is_empty() {
        opened.mappings.push(Mapping::default());
        for location in &mut opened.locations {
            location.mapping = Some(MappingIdx(0));
        }
    }
    opened
}

/// The profile with that part of each value that is shown of it. What is nothing then stays.
pub fn divided(profile: &Profile, ratio: Ratio) -> Profile {
    let mut divided = profile.clone();
    for value in &mut divided.samples.values {
        *value = ratio.of(*value);
    }
    divided
}

/// How a profile is compared with its base.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Against {
    /// What is left without the base; shares are of what is left.
    Base,
    /// The same; shares are of the base.
    DiffBase,
}

/// Whether a profile is brought to the size of its base first, so that only proportions are compared.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Normalize {
    /// As recorded.
    No,
    /// Every type sums to what it sums to in the base.
    ToBase,
}

/// The key and value of the label by which samples of the base are known.
pub(crate) const BASE_LABEL: (&str, &str) = ("pprof::base", "true");

/// A profile without its base: values are what is more, or less if they are negative.
pub fn diff(profile: &Profile, base: &Profile, against: Against, normalize: Normalize) -> Result<Profile, MergeError> {
    let fitted = fit(&[profile, base])?;
    let [source, base] = fitted.as_slice() else {
        return Err(MergeError::Nothing);
    };
    let source = match normalize {
        Normalize::No => source.clone(),
        Normalize::ToBase => {
            let ratios: Vec<f64> = sums(source).iter().zip(sums(base)).map(|(own, base)| share(base, *own)).collect();
            Cow::Owned(scale(source, &ratios))
        }
    };
    let mut base = base.clone().into_owned();
    for value in &mut base.samples.values {
        *value = value.wrapping_neg();
    }
    if against == Against::DiffBase {
        mark_base(&mut base);
    }
    merge(&[&source, &base])
}

fn share(base: i64, own: i64) -> f64 {
    if own == 0 { 0.0 } else { base as f64 / own as f64 }
}

fn sums(profile: &Profile) -> Vec<i64> {
    let mut sums = vec![0_i64; profile.sample_types.len()];
    for sample in profile.samples() {
        for (sum, value) in sums.iter_mut().zip(sample.values) {
            *sum = sum.wrapping_add(*value);
        }
    }
    sums
}

/// Puts the base's label on every sample, in place of one of that key.
fn mark_base(profile: &mut Profile) {
    let key = profile.strings.intern(BASE_LABEL.0);
    let value = LabelValue::Text(profile.strings.intern(BASE_LABEL.1));
    let mut marked = crate::rows::Rows::default();
    for set in profile.label_sets.iter() {
        let mut labels: Vec<Label> = set.iter().copied().filter(|label| label.key != key).collect();
        labels.push(Label { key, value });
        marked.push(&labels);
    }
    profile.label_sets = marked;
}

/// The profile with the values of each type multiplied by a ratio and rounded; 1 is assumed for types without one.
/// Samples of which nothing is left are dropped.
pub fn scale(profile: &Profile, ratios: &[f64]) -> Profile {
    let mut scaled = profile.clone();
    let width = scaled.sample_types.len();
    for (at, value) in scaled.samples.values.iter_mut().enumerate() {
        *value = scaled_value(*value, ratios.get(at % width).copied().unwrap_or(1.0));
    }
    drop_zero_samples(&mut scaled);
    scaled
}

fn drop_zero_samples(profile: &mut Profile) {
    let width = profile.sample_types.len();
    let zero: Vec<bool> = profile.samples().map(|sample| sample.values.iter().all(|value| *value == 0)).collect();
    if width > 0 && zero.contains(&true) {
        profile.retain_samples(|row, _, _| !zero[row]);
    }
}

/// The profiles with the same sample types in the same units, and the same period.
fn fit<'a>(profiles: &[&'a Profile]) -> Result<Vec<Cow<'a, Profile>>, MergeError> {
    let Some(first) = profiles.first() else {
        return Ok(Vec::new());
    };
    let kind_of =
        |profile: &Profile, kind: &str| profile.sample_types.iter().position(|one| profile.text(one.kind) == kind);
    let mut kinds: Vec<(String, String)> = Vec::new();
    for one in &first.sample_types {
        let kind = first.text(one.kind);
        let Some(rows) = profiles.iter().map(|profile| kind_of(profile, kind)).collect::<Option<Vec<_>>>() else {
            continue;
        };
        let units = profiles.iter().zip(rows).map(|(profile, row)| profile.text(profile.sample_types[row].unit));
        kinds.push((kind.to_owned(), finest(kind, units)?));
    }
    if kinds.is_empty() && !first.sample_types.is_empty() {
        return Err(MergeError::NoCommonType);
    }
    let period = |profile: &Profile| profile.text(profile.header.period_type.kind).to_owned();
    let period_unit = finest("period", profiles.iter().map(|profile| profile.text(profile.header.period_type.unit)))?;
    if let Some(other) = profiles.iter().map(|profile| period(profile)).find(|kind| *kind != period(first)) {
        return Err(MergeError::PeriodTypes(period(first), other));
    }
    Ok(profiles.iter().map(|profile| fit_one(profile, &kinds, &period_unit)).collect())
}

/// The smallest of these units.
fn finest<'a>(kind: &str, units: impl Iterator<Item = &'a str>) -> Result<String, MergeError> {
    let mut finest: Option<&str> = None;
    for unit in units {
        let Some(known) = finest else {
            finest = Some(unit);
            continue;
        };
        if known == unit {
            continue;
        }
        match units::ratio(unit, known) {
            None => return Err(MergeError::Units(kind.to_owned(), known.to_owned(), unit.to_owned())),
            Some(ratio) if ratio < 1.0 => finest = Some(unit),
            Some(_) => {}
        }
    }
    Ok(finest.unwrap_or_default().to_owned())
}

fn fit_one<'a>(profile: &'a Profile, kinds: &[(String, String)], period_unit: &str) -> Cow<'a, Profile> {
    let same = profile.sample_types.len() == kinds.len()
        && profile
            .sample_types
            .iter()
            .zip(kinds)
            .all(|(one, (kind, unit))| profile.text(one.kind) == kind && profile.text(one.unit) == unit);
    if same && profile.text(profile.header.period_type.unit) == period_unit {
        return Cow::Borrowed(profile);
    }
    let mut fitted = profile.clone();
    let old = std::mem::take(&mut fitted.sample_types);
    let mut rows = Vec::new();
    for (kind, unit) in kinds {
        let found = old.iter().position(|one| profile.text(one.kind) == kind);
        let Some(row) = found else {
            continue;
        };
        rows.push((row, units::ratio(profile.text(old[row].unit), unit).unwrap_or(1.0)));
        let one = ValueType { kind: old[row].kind, unit: fitted.strings.intern(unit) };
        fitted.sample_types.push(one);
    }
    fitted.samples.values = profile
        .samples()
        .flat_map(|sample| rows.iter().map(move |(row, ratio)| scaled_value(sample.values[*row], *ratio)))
        .collect();
    if let Some(ratio) = units::ratio(profile.text(profile.header.period_type.unit), period_unit) {
        fitted.header.period = scaled_value(fitted.header.period, ratio);
        fitted.header.period_type.unit = fitted.strings.intern(period_unit);
    }
    let default = fitted.header.default_sample_type;
    if old.len() != kinds.len() && !fitted.sample_types.iter().any(|one| one.kind == default) {
        fitted.header.default_sample_type = fitted.sample_types.first().map_or(StringId::EMPTY, |one| one.kind);
    }
    Cow::Owned(fitted)
}

fn scaled_value(value: i64, ratio: f64) -> i64 {
    if ratio.to_bits() == 1.0_f64.to_bits() { value } else { (value as f64 * ratio).round() as i64 }
}

/// What tells mappings apart.
type MappingKey = (u64, u64, StringId);
/// What tells locations apart: place in the mapping, mapping, folding; the lines come with it.
type LocationKey = (u64, Option<MappingIdx>, bool, Vec<Line>);

struct Merger {
    out: Builder,
    mappings: FxHashMap<MappingKey, MappingIdx>,
    found: FxHashMap<LocationKey, LocationIdx>,
}

/// Rows of one profile that are in the merged one already.
struct Moved {
    texts: Vec<Option<StringId>>,
    mappings: Vec<Option<(MappingIdx, u64)>>,
    locations: Vec<Option<LocationIdx>>,
}

impl Moved {
    fn text(&mut self, from: &Strings, out: &mut Builder, id: StringId) -> StringId {
        match self.texts.get_mut(id.0 as usize) {
            Some(slot) => *slot.get_or_insert_with(|| out.string(from.get(id))),
            None => StringId::EMPTY,
        }
    }
}

impl Merger {
    fn header(&mut self, first: &Profile, profiles: &[Cow<'_, Profile>]) {
        let shape = profiles.first().map_or(first, |fitted| fitted.as_ref());
        let out = &mut self.out;
        for one in &shape.sample_types {
            let one = out.value_type(shape.text(one.kind), shape.text(one.unit));
            out.profile.sample_types.push(one);
        }
        let period_type = &shape.header.period_type;
        let mut header = Header {
            drop_frames: out.string(shape.text(shape.header.drop_frames)),
            keep_frames: out.string(shape.text(shape.header.keep_frames)),
            period_type: out.value_type(shape.text(period_type.kind), shape.text(period_type.unit)),
            ..Header::default()
        };
        let mut said = FxHashSet::default();
        for profile in profiles {
            let one = &profile.header;
            if header.time_nanos == 0 || (one.time_nanos != 0 && one.time_nanos < header.time_nanos) {
                header.time_nanos = one.time_nanos;
            }
            header.duration_nanos = header.duration_nanos.wrapping_add(one.duration_nanos);
            header.period = header.period.max(one.period);
            for comment in &one.comments {
                let comment = out.string(profile.text(*comment));
                if said.insert(comment) {
                    header.comments.push(comment);
                }
            }
            for (slot, value) in
                [(&mut header.default_sample_type, one.default_sample_type), (&mut header.doc_url, one.doc_url)]
            {
                if slot.is_empty() {
                    *slot = out.string(profile.text(value));
                }
            }
        }
        *out.header_mut() = header;
    }

    fn add(&mut self, profile: &Profile) {
        let mut moved = Moved {
            texts: vec![None; profile.strings.len()],
            mappings: vec![None; profile.mappings.len()],
            locations: vec![None; profile.locations.len()],
        };
        // The first mapping is the main program; it comes first here as well.
        if self.mappings.is_empty() && !profile.mappings.is_empty() {
            self.mapping(profile, &mut moved, MappingIdx(0));
        }
        let mut stacks: Vec<Option<StackIdx>> = vec![None; profile.stacks.len()];
        let mut label_sets: Vec<Option<LabelsIdx>> = vec![None; profile.label_sets.len()];
        for sample in profile.samples() {
            if sample.values.iter().all(|value| *value == 0) {
                continue;
            }
            let stack =
                *stacks[sample.stack.row()].get_or_insert_with(|| self.stack(profile, &mut moved, sample.stack));
            let labels =
                *label_sets[sample.labels.row()].get_or_insert_with(|| self.labels(profile, &mut moved, sample.labels));
            // The profiles were made to fit, so the number of values is right.
            let _ = self.out.add(stack, labels, sample.values);
        }
    }

    fn stack(&mut self, profile: &Profile, moved: &mut Moved, stack: StackIdx) -> StackIdx {
        let locations = profile.stack(stack).iter();
        let moved: Vec<LocationIdx> = locations.map(|location| self.location(profile, moved, *location)).collect();
        self.out.stack(&moved)
    }

    fn labels(&mut self, profile: &Profile, moved: &mut Moved, labels: LabelsIdx) -> LabelsIdx {
        let labels = profile.labels(labels).iter();
        let mut moved: Vec<Label> = labels.map(|label| self.label(profile, moved, label)).collect();
        // Keys in order, so that the same said in another order is the same; values of one key keep theirs.
        moved.sort_by(|a: &Label, b: &Label| order_of(&self.out, a).cmp(&order_of(&self.out, b)));
        self.out.labels(&moved)
    }

    fn label(&mut self, profile: &Profile, moved: &mut Moved, label: &Label) -> Label {
        let mut text = |id| moved.text(&profile.strings, &mut self.out, id);
        let key = text(label.key);
        let value = match label.value {
            LabelValue::Text(value) => LabelValue::Text(text(value)),
            LabelValue::Number(value, unit) => LabelValue::Number(value, text(unit)),
        };
        Label { key, value }
    }

    fn location(&mut self, profile: &Profile, moved: &mut Moved, row: LocationIdx) -> LocationIdx {
        if let Some(known) = moved.locations[row.row()] {
            return known;
        }
        let one = profile.locations[row.row()];
        let mapping = one.mapping.map(|mapping| self.mapping(profile, moved, mapping));
        let address = one.address.wrapping_add(mapping.map_or(0, |(_, shift)| shift));
        let mapping = mapping.map(|(mapping, _)| mapping);
        let lines: Vec<Line> = profile.lines(row).iter().map(|line| self.line(profile, moved, line)).collect();
        let start = mapping.map_or(0, |mapping| self.out.profile.mappings[mapping.row()].start);
        let key = (address.wrapping_sub(start), mapping, one.folded, lines);
        let out = &mut self.out;
        let place = *self.found.entry(key).or_insert_with_key(|(_, _, folded, lines)| {
            out.location(Location { mapping, address, folded: *folded }, lines)
        });
        moved.locations[row.row()] = Some(place);
        place
    }

    fn line(&mut self, profile: &Profile, moved: &mut Moved, line: &Line) -> Line {
        let mut function = profile.functions[line.function.row()];
        for text in [&mut function.name, &mut function.system_name, &mut function.file] {
            *text = moved.text(&profile.strings, &mut self.out, *text);
        }
        Line { function: self.out.function(function), ..*line }
    }

    /// The mapping in the merged profile, and what is to be added to addresses in it.
    fn mapping(&mut self, profile: &Profile, moved: &mut Moved, row: MappingIdx) -> (MappingIdx, u64) {
        if let Some(known) = moved.mappings[row.row()] {
            return known;
        }
        let mut one: Mapping = profile.mappings[row.row()];
        one.file = moved.text(&profile.strings, &mut self.out, one.file);
        one.build_id = moved.text(&profile.strings, &mut self.out, one.build_id);
        let pages = one.limit.wrapping_sub(one.start).wrapping_add(0xfff) & !0xfff;
        let name = if one.build_id.is_empty() { one.file } else { one.build_id };
        let out = &mut self.out;
        let place = *self.mappings.entry((pages, one.offset, name)).or_insert_with(|| out.mapping(one));
        let shift = self.out.profile.mappings[place.row()].start.wrapping_sub(one.start);
        moved.mappings[row.row()] = Some((place, shift));
        (place, shift)
    }
}

/// Texts before numbers, each by key.
fn order_of<'a>(out: &'a Builder, label: &Label) -> (bool, &'a str) {
    (matches!(label.value, LabelValue::Number(..)), out.profile.text(label.key))
}
