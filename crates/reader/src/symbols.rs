//! Strings, frames and stacks of the whole trace, each kept once.
//!
//! Ids in the file hold for one generation; rows here hold for the trace.

use crate::{FrameIdx, StackIdx, StringIdx};

/// One call frame.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Hash)]
pub struct Frame {
    /// Program counter as recorded.
    pub pc: u64,
    /// Function name.
    pub function: StringIdx,
    /// Source file.
    pub file: StringIdx,
    /// Line in the file, from 1; 0 is unknown.
    pub line: u32,
}

/// Strings, frames and stacks, interned. Row 0 of strings is empty, row 0 of stacks has no frames.
#[derive(Clone, Debug, Default)]
pub struct Symbols {
    // H2: columns as you see fit (one text buffer with end offsets, one frame list with end offsets),
    // interning maps kept only while reading.
}

impl Symbols {
    /// The text of a string row.
    pub fn string(&self, _string: StringIdx) -> &str {
        ""
    }

    /// Number of strings.
    pub fn string_count(&self) -> usize {
        0
    }

    /// A frame row.
    pub fn frame(&self, _frame: FrameIdx) -> Frame {
        Frame { pc: 0, function: StringIdx(0), file: StringIdx(0), line: 0 }
    }

    /// Number of frames.
    pub fn frame_count(&self) -> usize {
        0
    }

    /// The frames of a stack, leaf first.
    pub fn stack(&self, _stack: StackIdx) -> &[FrameIdx] {
        &[]
    }

    /// Number of stacks, the empty one included.
    pub fn stack_count(&self) -> usize {
        0
    }
}
