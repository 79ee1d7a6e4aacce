//! Makes a profile of frames, labels and values that come one after another.
//!
//! Equal functions, locations, stacks and label sets get one row, and samples with the same stack and labels are added
//! up, so a profile that is built has no two samples that differ in their values only.

use crate::profile::{
    Function, FunctionIdx, Header, Label, LabelValue, LabelsIdx, Line, Location, LocationIdx, Mapping, MappingIdx,
    Profile, SampleIdx, StackIdx, ValueType,
};
use crate::rows::RowIndex;
use crate::strings::StringId;
use rustc_hash::FxHashMap;
use std::fmt;
use std::sync::Arc;

/// A profile in the making.
#[derive(Clone, Debug, Default)]
pub struct Builder {
    pub(crate) profile: Profile,
    functions: FxHashMap<Function, FunctionIdx>,
    locations: FxHashMap<(Location, u32), LocationIdx>,
    line_rows: crate::rows::Rows<Line>,
    line_index: RowIndex,
    stack_index: RowIndex,
    label_index: RowIndex,
    samples: FxHashMap<(StackIdx, LabelsIdx), SampleIdx>,
}

/// A sample came with another number of values than there are types.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct ValueCount {
    /// How many types there are.
    pub types: usize,
    /// How many values came.
    pub values: usize,
}

impl fmt::Display for ValueCount {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        write!(f, "{} values for {} sample types", self.values, self.types)
    }
}

impl std::error::Error for ValueCount {}

impl Builder {
    /// A profile without samples, whose values are of these kinds and units.
    pub fn new(types: &[(&str, &str)]) -> Builder {
        let mut builder = Builder::default();
        for (kind, unit) in types {
            let one = builder.value_type(kind, unit);
            builder.profile.sample_types.push(one);
        }
        builder
    }

    /// The handle of a text.
    pub fn string(&mut self, text: &str) -> StringId {
        self.profile.strings.intern(text)
    }

    /// A kind of value in a unit.
    pub fn value_type(&mut self, kind: &str, unit: &str) -> ValueType {
        ValueType { kind: self.string(kind), unit: self.string(unit) }
    }

    /// A label with a text.
    pub fn text_label(&mut self, key: &str, value: &str) -> Label {
        Label { key: self.string(key), value: LabelValue::Text(self.string(value)) }
    }

    /// A label with a number; `unit` may be empty.
    pub fn number_label(&mut self, key: &str, value: i64, unit: &str) -> Label {
        Label { key: self.string(key), value: LabelValue::Number(value, self.string(unit)) }
    }

    /// What is said about the whole, to be filled in.
    pub fn header_mut(&mut self) -> &mut Header {
        &mut self.profile.header
    }

    /// Adds a mapping. The first one is the main program.
    pub fn mapping(&mut self, mapping: Mapping) -> MappingIdx {
        self.profile.mappings.push(mapping);
        MappingIdx((self.profile.mappings.len() - 1) as u32)
    }

    /// The row of a function.
    pub fn function(&mut self, function: Function) -> FunctionIdx {
        let next = FunctionIdx(self.profile.functions.len() as u32);
        let row = *self.functions.entry(function).or_insert(next);
        if row == next {
            self.profile.functions.push(function);
        }
        row
    }

    /// The row of a location with these lines, the innermost call first.
    pub fn location(&mut self, location: Location, lines: &[Line]) -> LocationIdx {
        let lines_row = self.line_index.intern(&mut self.line_rows, lines);
        let next = LocationIdx(self.profile.locations.len() as u32);
        let row = *self.locations.entry((location, lines_row)).or_insert(next);
        if row == next {
            self.profile.locations.push(location);
            self.profile.lines.push(lines);
        }
        row
    }

    /// A location for one frame of which name, file and line are known.
    pub fn frame(&mut self, name: &str, file: &str, line: i64) -> LocationIdx {
        let (name, file) = (self.string(name), self.string(file));
        let function = self.function(Function { name, system_name: name, file, start_line: 0 });
        self.location(Location::default(), &[Line { function, line, column: 0 }])
    }

    /// The row of a stack, the leaf first.
    pub fn stack(&mut self, locations: &[LocationIdx]) -> StackIdx {
        StackIdx(self.stack_index.intern(Arc::make_mut(&mut self.profile.stacks), locations))
    }

    /// The row of a set of labels.
    pub fn labels(&mut self, labels: &[Label]) -> LabelsIdx {
        LabelsIdx(self.label_index.intern(&mut self.profile.label_sets, labels))
    }

    /// Adds a sample, to the one with the same stack and labels if there is one.
    pub fn add(&mut self, stack: StackIdx, labels: LabelsIdx, values: &[i64]) -> Result<SampleIdx, ValueCount> {
        let types = self.profile.sample_types.len();
        if values.len() != types {
            return Err(ValueCount { types, values: values.len() });
        }
        let samples = &mut self.profile.samples;
        let next = SampleIdx(samples.stacks.len() as u32);
        let row = *self.samples.entry((stack, labels)).or_insert(next);
        if row == next {
            samples.stacks.push(stack);
            samples.labels.push(labels);
            samples.values.extend_from_slice(values);
        } else {
            for (sum, value) in samples.values[row.row() * types..].iter_mut().zip(values) {
                *sum = sum.wrapping_add(*value);
            }
        }
        Ok(row)
    }

    /// The profile as it is now.
    pub fn finish(self) -> Profile {
        self.profile
    }
}
