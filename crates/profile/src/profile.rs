//! A profile as columns: everything that a `profile.proto` file can say, with handles in place of its ids.
//!
//! What is not kept of a file: the numbers its tables were given, the order and duplicates of its string table, texts
//! that nothing refers to, and bytes that are no UTF-8 in a text (they become U+FFFD).
//!
//! A handle belongs to the profile it came from; functions of this crate that make a new profile say whether handles of
//! the old one are still good.

use crate::rows::Rows;
use crate::strings::{StringId, Strings};
use std::sync::Arc;

macro_rules! handle {
    ($name:ident, $what:literal) => {
        #[doc = $what]
        #[derive(Clone, Copy, Debug, PartialEq, Eq, Hash, PartialOrd, Ord)]
        pub struct $name(pub(crate) u32);

        impl $name {
            /// The row in its table, from 0.
            pub fn row(self) -> usize {
                self.0 as usize
            }
        }
    };
}

handle!(MappingIdx, "A row of the mappings.");
handle!(FunctionIdx, "A row of the functions.");
handle!(LocationIdx, "A row of the locations.");
handle!(StackIdx, "A row of the stacks.");
handle!(LabelsIdx, "A row of the label sets.");
handle!(SampleIdx, "A row of the samples.");
handle!(TypeIdx, "One of the sample types.");

/// What a value counts and in what, for example `delay` in `nanoseconds`.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq, Hash)]
pub struct ValueType {
    /// What is counted: `cpu`, `inuse_space`, `contentions`.
    pub kind: StringId,
    /// In what: `nanoseconds`, `bytes`, `count`.
    pub unit: StringId,
}

/// What is known of the code in a mapping, as flags.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq, Hash)]
pub struct Known(pub u8);

impl Known {
    /// Its locations have function names.
    pub const FUNCTIONS: Known = Known(1);
    /// They have file names.
    pub const FILENAMES: Known = Known(2);
    /// They have line numbers.
    pub const LINE_NUMBERS: Known = Known(4);
    /// They have the frames that were inlined.
    pub const INLINE_FRAMES: Known = Known(8);

    /// Whether all of these are known.
    pub fn has(self, flags: Known) -> bool {
        self.0 & flags.0 == flags.0
    }

    /// These and those.
    #[must_use]
    pub fn and(self, flags: Known) -> Known {
        Known(self.0 | flags.0)
    }
}

/// A stretch of a program's memory that holds code. The first row is the main program.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq, Hash)]
pub struct Mapping {
    /// Its first address.
    pub start: u64,
    /// The address behind its last.
    pub limit: u64,
    /// Where in the file its first byte is.
    pub offset: u64,
    /// The file it was loaded from.
    pub file: StringId,
    /// What identifies that file's build.
    pub build_id: StringId,
    /// What is known of its code.
    pub known: Known,
}

/// A function of the program.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq, Hash)]
pub struct Function {
    /// Its name as people read it.
    pub name: StringId,
    /// Its name as the linker knows it.
    pub system_name: StringId,
    /// The source file.
    pub file: StringId,
    /// The line it begins at; 0 if that is not known.
    pub start_line: i64,
}

/// A place in the source: one of the calls that an address stands for.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Hash)]
pub struct Line {
    /// The function.
    pub function: FunctionIdx,
    /// The line in its file; 0 if that is not known.
    pub line: i64,
    /// The column; 0 if that is not known.
    pub column: i64,
}

/// An address of the program. Its lines are in [`Profile::lines`].
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq, Hash)]
pub struct Location {
    /// The mapping it lies in.
    pub mapping: Option<MappingIdx>,
    /// The address; 0 if that is not known.
    pub address: u64,
    /// Whether the linker folded identical functions here, so that another name would be as right.
    pub folded: bool,
}

/// What is said about a sample beside its stack.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Hash, PartialOrd, Ord)]
pub struct Label {
    /// The key.
    pub key: StringId,
    /// What is said.
    pub value: LabelValue,
}

/// The value of a label.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Hash, PartialOrd, Ord)]
pub enum LabelValue {
    /// A text.
    Text(StringId),
    /// A number and its unit, which may be empty.
    Number(i64, StringId),
}

/// What is said about the whole profile.
#[derive(Clone, Debug, Default, PartialEq, Eq)]
pub struct Header {
    /// Frames to cut off, as an expression that matches the whole name; empty for none.
    pub drop_frames: StringId,
    /// Those of them that stay.
    pub keep_frames: StringId,
    /// When it was begun, in nanoseconds since 1970; 0 if that is not known.
    pub time_nanos: i64,
    /// For how long it was recorded, in nanoseconds; 0 if that is not known.
    pub duration_nanos: i64,
    /// What happens once a period.
    pub period_type: ValueType,
    /// How much of it makes one sample.
    pub period: i64,
    /// Remarks. Those that begin with `#` are not shown in reports.
    pub comments: Vec<StringId>,
    /// The kind of the type to show first; empty for the last one.
    pub default_sample_type: StringId,
    /// Where its documentation is.
    pub doc_url: StringId,
}

/// Weighted stacks.
#[derive(Clone, Debug, Default)]
pub struct Profile {
    pub(crate) strings: Strings,
    pub(crate) header: Header,
    pub(crate) sample_types: Vec<ValueType>,
    pub(crate) mappings: Vec<Mapping>,
    pub(crate) functions: Vec<Function>,
    pub(crate) locations: Vec<Location>,
    /// A row for each location, innermost call first.
    pub(crate) lines: Rows<Line>,
    /// Leaf first. Copies of a profile share them, as they are most of it and hardly ever change.
    pub(crate) stacks: Arc<Rows<LocationIdx>>,
    pub(crate) label_sets: Rows<Label>,
    pub(crate) samples: Samples,
}

/// The columns of the samples. `values` has as many for each as there are types.
#[derive(Clone, Debug, Default)]
pub(crate) struct Samples {
    pub(crate) stacks: Vec<StackIdx>,
    pub(crate) labels: Vec<LabelsIdx>,
    pub(crate) values: Vec<i64>,
}

impl Profile {
    /// The text of a handle.
    pub fn text(&self, id: StringId) -> &str {
        self.strings.get(id)
    }

    /// All texts.
    pub fn strings(&self) -> &Strings {
        &self.strings
    }

    /// What is said about the whole.
    pub fn header(&self) -> &Header {
        &self.header
    }

    /// What the values of each sample are.
    pub fn sample_types(&self) -> &[ValueType] {
        &self.sample_types
    }

    /// The handles of the sample types.
    pub fn types(&self) -> impl Iterator<Item = TypeIdx> + use<> {
        (0..self.sample_types.len() as u32).map(TypeIdx)
    }

    /// The mappings; the first is the main program.
    pub fn mappings(&self) -> &[Mapping] {
        &self.mappings
    }

    /// The functions.
    pub fn functions(&self) -> &[Function] {
        &self.functions
    }

    /// The locations.
    pub fn locations(&self) -> &[Location] {
        &self.locations
    }

    /// The handles of the locations.
    pub fn location_handles(&self) -> impl Iterator<Item = LocationIdx> + use<> {
        (0..self.locations.len() as u32).map(LocationIdx)
    }

    /// The calls that a location stands for, the innermost first; the last is the function whose code is there.
    pub fn lines(&self, location: LocationIdx) -> &[Line] {
        self.lines.get(location.row())
    }

    /// How many different stacks there are.
    pub fn stack_count(&self) -> usize {
        self.stacks.len()
    }

    /// The locations of a stack, the leaf first.
    pub fn stack(&self, stack: StackIdx) -> &[LocationIdx] {
        self.stacks.get(stack.row())
    }

    /// The labels of a set, in the order they were recorded.
    pub fn labels(&self, labels: LabelsIdx) -> &[Label] {
        self.label_sets.get(labels.row())
    }

    /// How many samples there are.
    pub fn sample_count(&self) -> usize {
        self.samples.stacks.len()
    }

    /// The samples in the order they were recorded.
    pub fn samples(&self) -> impl Iterator<Item = Sample<'_>> {
        let width = self.sample_types.len();
        let columns = self.samples.stacks.iter().zip(&self.samples.labels).enumerate();
        columns.map(move |(row, (stack, labels))| {
            let values = self.samples.values.get(row * width..(row + 1) * width).unwrap_or_default();
            Sample { row: SampleIdx(row as u32), stack: *stack, labels: *labels, values }
        })
    }

    /// The type that is shown if nobody chose one: that of the header, else the last. `None` if there are no types.
    pub fn default_type(&self) -> Option<TypeIdx> {
        let named = self.sample_types.iter().position(|one| one.kind == self.header.default_sample_type);
        named.or(self.sample_types.len().checked_sub(1)).map(|row| TypeIdx(row as u32))
    }

    /// The type of that name, of that name without `inuse_`, or with that number.
    pub fn find_type(&self, name: &str) -> Option<TypeIdx> {
        let of_kind = |kind: &str| self.sample_types.iter().position(|one| self.text(one.kind) == kind);
        let number = name.parse::<usize>().ok().filter(|row| *row < self.sample_types.len());
        let row = number.or_else(|| of_kind(name)).or_else(|| of_kind(name.strip_prefix("inuse_")?))?;
        Some(TypeIdx(row as u32))
    }

    /// Keeps the samples for which `keep` holds, which is given row, stack and labels.
    pub(crate) fn retain_samples(&mut self, mut keep: impl FnMut(usize, StackIdx, LabelsIdx) -> bool) {
        let width = self.sample_types.len();
        let mut kept = 0;
        for row in 0..self.samples.stacks.len() {
            let (stack, labels) = (self.samples.stacks[row], self.samples.labels[row]);
            if keep(row, stack, labels) {
                self.samples.stacks[kept] = stack;
                self.samples.labels[kept] = labels;
                self.samples.values.copy_within(row * width..(row + 1) * width, kept * width);
                kept += 1;
            }
        }
        self.samples.stacks.truncate(kept);
        self.samples.labels.truncate(kept);
        self.samples.values.truncate(kept * width);
    }
}

/// One sample.
#[derive(Clone, Copy, Debug)]
pub struct Sample<'a> {
    /// Its row.
    pub row: SampleIdx,
    /// Its stack.
    pub stack: StackIdx,
    /// Its labels.
    pub labels: LabelsIdx,
    /// Its values, one for each type of the profile.
    pub values: &'a [i64],
}
